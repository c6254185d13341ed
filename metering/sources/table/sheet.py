"""A CSV or Parquet file as columns of texts with the place of every row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from metering.csv_text import NO_LETTERS, UnreadableCsvError, is_broken, read_csv
from metering.errors import SourceError
from metering.plain_text import tidy
from metering.settings.source_options.limits import Limits
from metering.sources.reading import files
from metering.sources.reading.batch import Quarantined, shown

CELL_MAX = 100_000  # characters
CELLS_SHOWN = 100  # of a row that is refused
PARQUET_ROWS = 500_000  # of a portion
SWALLOWED_MAX = 10_000  # lines of one cell that are kept one by one


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


def sheets(
    name: str, path: Path, wanted: Sequence[str], limits: Limits | None = None
) -> Iterator[TableSheet]:
    """The wanted columns of a file, in portions; SourceError where it lacks one of them, or is more
    than the limits say."""
    limits = limits or Limits()
    if path.suffix == ".parquet":
        yield from _parquet(name, path, wanted, limits)
    else:
        yield _csv(name, files.content(name, path, limits), wanted, limits)


def _csv(origin: str, raw: bytes, wanted: Sequence[str], limits: Limits) -> TableSheet:
    try:
        text = read_csv(raw, wanted)
    except UnreadableCsvError as error:
        place = f"{origin}:{error.line}" if error.line else origin
        raise SourceError(f"{place}: {error}") from error
    lines_of_text = text.rows()
    header = [tidy(name) for name in next(lines_of_text, (1, []))[1]]
    _has_columns(origin, header, wanted, limits)
    places = [header.index(tidy(name)) for name in wanted]
    rows: list[list[str]] = []
    lines: list[int] = []
    quarantined: list[tuple[int, str, str]] = []
    for number, row in lines_of_text:
        if len(row) == len(header) and not any(map(_unfit, row)):
            rows.append([row[place] for place in places])
            lines.append(number)
            continue
        joined = shown(text.delimiter.join(row[:CELLS_SHOWN]))
        quarantined.append((number, _flaw(row, len(header)), joined))
    for run in text.refused:
        if run.last - run.first > SWALLOWED_MAX:
            raise SourceError(f"{origin}:{run.first}: {run.reason}")
    refused = sorted([*quarantined, *text.refused_lines()])
    cells = list(zip(*rows, strict=True)) or [()] * len(wanted)
    columns = {name: pa.array(own, pa.string()) for name, own in zip(wanted, cells, strict=True)}
    return TableSheet(
        origin,
        columns,
        lines,
        tuple(Quarantined(f"{origin}:{line}", why, shown(row)) for line, why, row in refused),
        len(rows) + len(refused),
    )


def _flaw(row: Sequence[str], cells: int) -> str:
    """Why a line makes no row."""
    if len(row) != cells:
        return f"has {len(row)} cells instead of {cells}"
    return NO_LETTERS if any(map(is_broken, row)) else f"has a cell of more than {CELL_MAX:,}"


def _unfit(cell: str) -> bool:
    """Whether a cell holds bytes that are no letters, or far too much."""
    return len(cell) > CELL_MAX or is_broken(cell)


def _has_columns(origin: str, header: Sequence[str], wanted: Sequence[str], limits: Limits) -> None:
    if len(header) > limits.columns:
        raise SourceError(
            f"{origin}: has {len(header):,} columns, more than `columns` {limits.columns:,} of the"
            " `limits` in site.toml"
        )
    if missing := [name for name in wanted if tidy(name) not in header]:
        raise SourceError(f"{origin}: has no column {', '.join(missing)}")
    if twice := [name for name in wanted if header.count(tidy(name)) > 1]:
        raise SourceError(f"{origin}: has two columns {', '.join(twice)}")


def _parquet(
    origin: str, path: Path, wanted: Sequence[str], limits: Limits
) -> Iterator[TableSheet]:
    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            _has_columns(origin, [tidy(name) for name in names], wanted, limits)
            own = {tidy(name): name for name in names}
            done = 0
            for batch in file.iter_batches(
                PARQUET_ROWS, columns=[own[tidy(name)] for name in wanted]
            ):
                columns = {
                    name: _plain(origin, name, batch.column(own[tidy(name)])) for name in wanted
                }
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
