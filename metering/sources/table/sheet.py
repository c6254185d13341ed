"""A CSV or Parquet file as columns of texts with the place of every row."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from metering.errors import SourceError
from metering.sources.reading import files
from metering.sources.reading.batch import Quarantined, shown

CELL_MAX = 100_000  # characters
PARQUET_ROWS = 500_000  # of a portion


@dataclass(frozen=True, slots=True)
class TableSheet:
    """Rows of a file: columns of the same length, and each row's line (a Parquet's row number)."""

    origin: str
    columns: dict[str, pa.Array]
    lines: Sequence[int]
    quarantined: tuple[Quarantined, ...]  # rows that could not even be split into cells
    rows_read: int  # those among them

    def text(self, row: int) -> str:
        """A row as it is kept when it is refused."""
        cells = (f"{name}={column[row].as_py()}" for name, column in self.columns.items())
        return shown(" ".join(cells))


def sheets(name: str, path: Path, wanted: Sequence[str]) -> Iterator[TableSheet]:
    """The wanted columns of a file, in portions; SourceError where it lacks one of them."""
    if path.suffix == ".parquet":
        yield from _parquet(name, path, wanted)
    else:
        yield _csv(name, files.content(name, path), wanted)


def _csv(origin: str, raw: bytes, wanted: Sequence[str]) -> TableSheet:
    text = raw.decode("utf-8-sig", "surrogateescape")
    reader = csv.reader(io.StringIO(text, newline=""))
    rows: list[list[str]] = []
    lines: list[int] = []
    quarantined: list[Quarantined] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        _has_columns(origin, header, wanted)
        for row in reader:
            if not row:
                continue
            if len(row) == len(header) and not any(map(_broken, row)):
                rows.append(row)
                lines.append(reader.line_num)
                continue
            fields = len(row) != len(header)
            reason = f"has {len(row)} cells instead of {len(header)}" if fields else "is no UTF-8"
            place = f"{origin}:{reader.line_num}"
            quarantined.append(Quarantined(place, reason, shown(",".join(row))))
    except csv.Error as error:
        raise SourceError(f"{origin}:{reader.line_num}: cannot be read: {error}") from error
    cells = list(zip(*rows, strict=True)) or [()] * len(header)
    columns = {name: pa.array(cells[header.index(name)], pa.string()) for name in wanted}
    return TableSheet(origin, columns, lines, tuple(quarantined), len(rows) + len(quarantined))


def _broken(cell: str) -> bool:
    """Whether a cell holds bytes that are no UTF-8, or far too much."""
    if len(cell) > CELL_MAX:
        return True
    return not cell.isascii() and any("\udc80" <= character <= "\udcff" for character in cell)


def _has_columns(origin: str, header: Sequence[str], wanted: Sequence[str]) -> None:
    if missing := [name for name in wanted if name not in header]:
        raise SourceError(f"{origin}: has no column {', '.join(missing)}")
    if twice := [name for name in wanted if header.count(name) > 1]:
        raise SourceError(f"{origin}: has two columns {', '.join(twice)}")


def _parquet(origin: str, path: Path, wanted: Sequence[str]) -> Iterator[TableSheet]:
    try:
        with pq.ParquetFile(path) as file:
            _has_columns(origin, file.schema_arrow.names, wanted)
            done = 0
            for batch in file.iter_batches(PARQUET_ROWS, columns=list(wanted)):
                columns = {name: _plain(origin, name, batch.column(name)) for name in wanted}
                lines = range(done + 1, done + 1 + batch.num_rows)
                yield TableSheet(origin, columns, lines, (), batch.num_rows)
                done += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{origin}: cannot be read: {error}") from error


def _plain(origin: str, name: str, column: pa.Array) -> pa.Array:
    """Integers as they are; instants as text in UTC; all else as the text that writes it."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if pa.types.is_integer(kind) and kind != pa.uint64():
        return column.cast(pa.int64())
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return pc.strftime(column.cast(pa.timestamp("ms", "UTC"), safe=False), "%Y-%m-%dT%H:%M:%SZ")
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        raise SourceError(f"{origin}: column {name} is {kind}, which holds no plain values")
    return column.cast(pa.string())
