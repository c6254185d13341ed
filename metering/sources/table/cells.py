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
JOINT = "\x1f"  # between cells that are multiplied; str.strip() would take it for a blank
BLANKS = " \t\r\n"
TRUTH = {"1": 1, "true": 1, "t": 1, "0": 0, "false": 0, "f": 0}


class CellError(Exception):
    """A cell that cannot be taken; the message is the reason."""


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

    def count(
        self, name: str, high: int = exact_numbers.INT64_MAX, rounded: bool = False
    ) -> Int64s:
        """A field as integers from 0 to `high`, NULL where empty; scaled and multiplied exactly.

        What is left below one is refused, or with `rounded` let fall.
        """
        factor = self.mapped.scale.get(name, 1)

        def read(cell: str) -> int:
            product = Decimal(1)
            for part in cell.split(JOINT):
                value = exact_numbers.number(part)
                if value is None:
                    raise CellError(f"{name} {part!r} is no number")
                product = exact_numbers.product(product, value)
            count = (
                exact_numbers.floored(product, factor)
                if rounded
                else exact_numbers.whole(product, factor)
            )
            if count is None:
                raise CellError(f"{name} {cell.replace(JOINT, ' x ')} is no whole number")
            if not 0 <= count <= high:
                raise CellError(f"{name} {cell.replace(JOINT, ' x ')} is out of range")
            return count

        return self._each(name, read)

    def truth(self, name: str) -> Int64s:
        """A field as 1 or 0, NULL where empty."""

        def read(cell: str) -> int:
            if cell.lower() not in TRUTH:
                raise CellError(f"{name} {cell!r} is neither true nor false")
            return TRUTH[cell.lower()]

        return self._each(name, read)

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
