"""Cells of a sheet to fields of a record, by the map of site.toml; what is bad is kept by row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from metering.calendar import Calendar
from metering.errors import TimeError
from metering.plain_text import flaw, tidy
from metering.settings.source_options.table import ColumnMap
from metering.sources.reading import exact_numbers
from metering.sources.table.sheet import TableSheet

Int64s = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
NULL = -(2**63)  # an empty cell
BAD = NULL + 1  # a cell that was refused; its row is in `bad`
NOT_FINITE = NULL + 2  # a cell that says NaN or an infinity
LENGTHS_MS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000}
JOINT = "\x1f"  # between cells that are multiplied; str.strip() would take it for a blank
BLANKS = " \t\r\n"
TRUTH = {"1": 1, "true": 1, "t": 1, "0": 0, "false": 0, "f": 0}


class CellError(Exception):
    """A cell that cannot be taken; the message is the reason."""


def _shown(cell: str) -> str:
    """A cell, or cells that are multiplied, as a reason shows them."""
    return cell.replace(JOINT, " x ")


def columns_of(mapped: ColumnMap) -> tuple[str, ...]:
    """Every column that a map names, once."""
    multiplied = (column for columns in mapped.multiply.values() for column in columns)
    return tuple(dict.fromkeys([*mapped.columns.values(), *multiplied]))


@dataclass(slots=True)
class Cells:
    """A sheet read field by field. `bad` holds the first reason of each row that is wrong."""

    mapped: ColumnMap
    sheet: TableSheet
    calendar: Calendar
    bad: dict[int, str] = field(default_factory=dict)
    remainders: dict[int, Decimal] = field(default_factory=dict)  # what `count` let fall, by row
    not_finite: int = 0  # values that said NaN or an infinity and were left out

    def __len__(self) -> int:
        return len(self.sheet.lines)

    def has(self, name: str) -> bool:
        """Whether the map says where a field comes from."""
        mapped = self.mapped
        return name in mapped.columns or name in mapped.constants or name in mapped.multiply

    def text(self, name: str, default: str = "", needed: bool = False) -> pa.Array:
        """A field as tidy text, '' or the default where the cell is empty."""
        column = self._cells(name)
        if column is None:
            return pa.array([default] * len(self), pa.string())

        def read(cell: str) -> str:
            text = tidy(cell)
            if wrong := flaw(text):
                raise CellError(f"{name} {text[:80]!r}: {wrong}")
            if needed and not text:
                raise CellError(f"{name} is empty")
            return text or default

        encoded = pc.fill_null(column.cast(pa.string()), "").dictionary_encode()
        texts: list[str] = []
        reasons: dict[int, str] = {}
        for code, cell in enumerate(encoded.dictionary.to_pylist()):
            try:
                texts.append(read(cell))
            except CellError as reason:
                texts.append("")
                reasons[code] = str(reason)
        self._refuse_codes(encoded.indices.to_numpy(), reasons)
        return pa.array(texts, pa.string()).take(encoded.indices)

    def count(self, name: str, high: int = exact_numbers.INT64_MAX) -> Int64s:
        """A field as integers from 0 to `high`, NULL where empty; scaled and multiplied exactly.
        What is left below one is refused."""
        factor = self.mapped.scale.get(name, 1)

        def read(cell: str) -> int:
            count = exact_numbers.whole(self._product(name, cell), factor)
            if count is None:
                raise CellError(f"{name} {_shown(cell)} is no whole number")
            if not 0 <= count <= high:
                raise CellError(f"{name} {_shown(cell)} is out of range")
            return count

        return self._each(name, read)

    def floor(self, name: str, high: int = exact_numbers.INT64_MAX) -> Int64s:
        """As `count`, but what is left below one is let fall; `remainders` has it by row."""
        factor = self.mapped.scale.get(name, 1)
        fell: dict[str, Decimal] = {}

        def read(cell: str) -> int:
            exact = exact_numbers.product(self._product(name, cell), Decimal(factor))
            count = exact_numbers.floored(exact)
            if not 0 <= count <= high:
                raise CellError(f"{name} {_shown(cell)} is out of range")
            if exact != count:
                fell[cell] = exact_numbers.remainder(exact)
            return count

        counts = self._each(name, read)
        column = self._cells(name) if fell else None
        if column is not None:
            cells = pc.fill_null(column.cast(pa.string()), "").to_pylist()
            of_row = ((row, fell.get(cell.strip(BLANKS))) for row, cell in enumerate(cells))
            self.remainders |= {row: fallen for row, fallen in of_row if fallen is not None}
        return counts

    def measure(self, name: str, high: int) -> Int64s:
        """As `floor`, of what a device says of itself: nobody is billed by what falls. NaN and
        infinities are NULL, as an empty cell is, and counted (METERING 37)."""
        factor = self.mapped.scale.get(name, 1)

        def read(cell: str) -> int:
            if any(exact_numbers.not_finite(part) for part in cell.split(JOINT)):
                return NOT_FINITE
            count = exact_numbers.floored(self._product(name, cell), factor)
            if not 0 <= count <= high:
                raise CellError(f"{name} {_shown(cell)} is out of range")
            return count

        return self._finite(self._each(name, read))

    def _finite(self, values: Int64s) -> Int64s:
        """The values with NULL for those that are not finite, which are counted."""
        odd = values == NOT_FINITE
        self.not_finite += int(np.count_nonzero(odd))
        return np.where(odd, NULL, values)

    def duration(self, name: str) -> Int64s:
        """A field as a length of time in whole ms, NULL where empty: [D-]HH:MM:SS, or a number of
        the map's duration_unit."""
        factor = LENGTHS_MS.get(self.mapped.duration_unit)

        def read(cell: str) -> int:
            value = exact_numbers.number(cell)
            if value is None:
                length_ms = exact_numbers.clock_ms(cell) if cell.count(":") == 2 else None
            else:
                length_ms = None if factor is None else exact_numbers.whole(value, factor)
            if length_ms is None or not 0 <= length_ms <= exact_numbers.LAST_MS:
                unit = (
                    "[D-]HH:MM:SS" if factor is None else f"number of {self.mapped.duration_unit}"
                )
                raise CellError(f"{name} {cell!r} is no {unit}")
            return length_ms

        return self._each(name, read)

    def truth(self, name: str) -> Int64s:
        """A field as 1 or 0, NULL where empty; NaN and infinities as `measure` takes them."""

        def read(cell: str) -> int:
            if exact_numbers.not_finite(cell):
                return NOT_FINITE
            if cell.lower() not in TRUTH:
                raise CellError(f"{name} {cell!r} is neither true nor false")
            return TRUTH[cell.lower()]

        return self._finite(self._each(name, read))

    def instant(self, name: str, needed: bool = False) -> Int64s:
        """A field as instants in ms, NULL where empty, by the map's time_unit and epoch."""
        unit, epoch_ms = self.mapped.time_unit, self.mapped.epoch_ms or 0

        def read(cell: str) -> int:
            if unit == "iso":
                try:
                    instant_ms = self.calendar.instant(cell, naive=self.mapped.naive)
                except TimeError as error:
                    raise CellError(f"{name}: {error}") from error
            else:
                value = exact_numbers.number(cell)
                if value is None:
                    raise CellError(f"{name} {cell!r} is no number of {unit}")
                instant_ms = epoch_ms + exact_numbers.floored(value, 1000 if unit == "s" else 1)
            if not exact_numbers.FIRST_MS <= instant_ms < exact_numbers.LAST_MS:
                raise CellError(f"{name} {cell!r} is an impossible instant")
            return instant_ms

        instants = self._each(name, read)
        if needed:
            self._refuse(np.flatnonzero(instants == NULL), f"{name} is empty")
        return instants

    def length(self, name: str) -> Int64s:
        """A field as a length of time in ms: [D-]HH:MM:SS, or a number in the time unit; else 0."""
        factor = 1000 if self.mapped.time_unit == "s" else 1

        def read(cell: str) -> int:
            value = exact_numbers.number(cell)
            length_ms = (
                exact_numbers.clock_ms(cell)
                if value is None
                else exact_numbers.floored(value, factor)
            )
            if length_ms is None or not 0 <= length_ms <= exact_numbers.LAST_MS:
                raise CellError(f"{name} {cell!r} is no length of time")
            return length_ms

        lengths = self._each(name, read)
        return np.where(lengths == NULL, 0, lengths)

    def refuse_where(self, mask: Mask, reason: str) -> None:
        """Refuse the rows of a mask."""
        self._refuse(np.flatnonzero(mask), reason)

    def _refuse(self, rows: npt.NDArray[np.intp], reason: str) -> None:
        for row in rows.tolist():
            self.bad.setdefault(row, reason)

    def _product(self, name: str, cell: str) -> Decimal:
        """The number that a cell writes, or cells that are multiplied."""
        product = Decimal(1)
        for part in cell.split(JOINT):
            value = exact_numbers.number(part)
            if value is None:
                raise CellError(f"{name} {part!r} is no number")
            product = exact_numbers.product(product, value)
        return product

    def _refuse_codes(self, codes: npt.NDArray[np.int32], reasons: Mapping[int, str]) -> None:
        """Refuse the rows whose cell, by its code, has a reason."""
        if reasons:
            for row in np.flatnonzero(np.isin(codes, list(reasons))).tolist():
                self.bad.setdefault(row, reasons[int(codes[row])])

    def _each(self, name: str, read: Callable[[str], int]) -> Int64s:
        """Each cell read, equal ones once; NULL where it is empty, BAD where it was refused."""
        column = self._cells(name)
        if column is None:
            return np.full(len(self), NULL)
        encoded = pc.fill_null(column.cast(pa.string()), "").dictionary_encode()
        values = np.full(len(encoded.dictionary), NULL)
        reasons: dict[int, str] = {}
        for code, cell in enumerate(encoded.dictionary.to_pylist()):
            cell = cell.strip(BLANKS)
            if not cell.strip(JOINT + BLANKS):
                continue
            try:
                values[code] = read(cell)
            except CellError as reason:
                reasons[code] = str(reason)
                values[code] = BAD
        indices = encoded.indices.to_numpy()
        self._refuse_codes(indices, reasons)
        read_values: Int64s = values[indices]
        return read_values

    def _cells(self, name: str) -> pa.Array | None:
        """The cells of a field, those that are multiplied joined; None if the map has none."""
        mapped = self.mapped
        columns: Mapping[str, pa.Array] = self.sheet.columns
        if name in mapped.constants:
            return pa.array([mapped.constants[name]] * len(self), pa.string())
        if name in mapped.columns:
            return columns[mapped.columns[name]]
        if name in mapped.multiply:
            parts: Sequence[pa.Array] = [
                pc.fill_null(columns[part].cast(pa.string()), "") for part in mapped.multiply[name]
            ]
            return pc.binary_join_element_wise(*parts, JOINT)
        return None
