"""Spans of time as rows: cut at accounting days, told apart by key, put in place by day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from metering.calendar import Calendar, Period
from metering.lake.change import Change

Int64s = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Pieces:
    """Spans cut at accounting days; `row` is the span that each piece is of."""

    row: Int64s
    day: Int64s  # place in `days`
    start_ms: Int64s
    end_ms: Int64s
    days: Sequence[date]

    def dates(self) -> pa.Array:
        """The accounting day of every piece."""
        return pa.array(self.days, pa.date32()).take(pa.array(self.day))


def cut(start_ms: Int64s, end_ms: Int64s, calendar: Calendar) -> Pieces:
    """Non-empty spans cut at the site's midnights, in the order of the spans and of time."""
    if not len(start_ms):
        none = np.zeros(0, np.int64)
        return Pieces(none, none, none, none, ())
    days = calendar.days_of(Period(int(start_ms.min()), int(end_ms.max())))
    edges = np.array([calendar.day(day).start_ms for day in days], np.int64)
    edges = np.append(edges, calendar.day(days[-1]).end_ms)
    first = np.searchsorted(edges, start_ms, "right") - 1
    last = np.searchsorted(edges, end_ms, "left") - 1
    pieces = last - first + 1
    row = np.repeat(np.arange(len(start_ms)), pieces)
    before = np.cumsum(pieces) - pieces
    day = first[row] + np.arange(len(row)) - before[row]
    starts = np.maximum(start_ms[row], edges[day])
    ends = np.minimum(end_ms[row], edges[day + 1])
    return Pieces(row, day, starts, ends, days)


def keys(table: pa.Table, columns: Sequence[str]) -> pa.ChunkedArray:
    """One text a row that tells rows apart by those columns."""
    parts = [pc.cast(table.column(name), pa.string()) for name in columns]
    return pc.binary_join_element_wise(*parts, SEPARATOR)


def integers(table: pa.Table, column: str) -> Int64s:
    """A column without nulls as integers."""
    return np.asarray(table.column(column).to_numpy(), np.int64)


def found_in(own: pa.ChunkedArray, others: pa.ChunkedArray) -> Mask:
    """Which of the texts are among the others."""
    mask = pc.is_in(own, value_set=others.combine_chunks())
    return np.asarray(mask.to_numpy(zero_copy_only=False), np.bool_)


def by_day(rows: pa.Table) -> dict[date, pa.Table]:
    """The rows of each date that a table has, in order of date."""
    if not rows.num_rows:
        return {}
    rows = rows.sort_by("date")
    dates = rows.column("date").combine_chunks()
    ordinals = dates.cast(pa.int32()).to_numpy()
    starts = np.flatnonzero(np.diff(ordinals, prepend=ordinals[0] - 1))
    ends = np.append(starts[1:], len(ordinals))
    return {
        dates[int(start)].as_py(): rows.slice(int(start), int(end - start))
        for start, end in zip(starts, ends, strict=True)
    }


def replace_days(
    change: Change, table: str, cluster: str, rows: pa.Table, days: Iterable[date]
) -> None:
    """Put a cluster's rows of those days in place of what is there; no row, no partition."""
    fresh = by_day(rows)
    for day in sorted(days):
        partition = {"cluster": cluster, "date": day.isoformat()}
        if day in fresh:
            change.replace(table, partition, fresh[day])
        else:
            change.remove(table, partition)
