"""Inputs: up to when each is complete, and what it tells as a fact of then (METERING 31).

A file keeps the completeness that it was first read with, whatever it is called later. One whose
name bears a date is complete to the end of that day at most, unless it tells of a later instant.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from metering.calendar import Calendar
from metering.database.tables import source_input as table
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.reading.batch import Batch, Quarantined, shown
from metering.sources.reading.file_names import file_parts

DATE = re.compile(r"(?<!\d)(\d{4})[-_.]?(\d{2})[-_.]?(\d{2})(?!\d)", re.ASCII)
INSTANTS = ("submitted_ms", "started_ms", "ended_ms")


@dataclass(slots=True)
class SourceInputs:
    """The inputs of one source, and those of them that were read for the first time."""

    cluster: str
    source: SourceConfig
    known: dict[str, int] = field(default_factory=dict)  # digest of the content -> complete to
    new: dict[str, str] = field(default_factory=dict)  # and the name that it was first read by
    latest_ms: int = 0  # of all that was ever read
    before_ms: int = 0  # of all that was read before
    elsewhere: dict[str, int] = field(default_factory=dict)  # as any source of the cluster read it
    told: dict[str, int] = field(default_factory=dict)  # digest -> the latest instant that it tells

    @classmethod
    def of(cls, connection: sa.Connection, cluster: str, source: SourceConfig) -> "SourceInputs":
        """The inputs of a source that were read before."""
        names = table.c.source, table.c.digest, table.c.complete_to_ms
        rows = connection.execute(sa.select(*names).where(table.c.cluster == cluster)).all()
        known = {row.digest: row.complete_to_ms for row in rows if row.source == source.name}
        elsewhere: dict[str, int] = {}
        for row in rows:
            before = elsewhere.get(row.digest, row.complete_to_ms)
            elsewhere[row.digest] = min(before, row.complete_to_ms)
        latest_ms = max(known.values(), default=0)
        return cls(cluster, source, known, {}, latest_ms, latest_ms, elsewhere)

    def hear(self, batches: Iterable[Batch]) -> None:
        """Take note of all that inputs of several batches tell, before the first is judged."""
        for batch in batches:
            latest_ms = _latest_told_ms(_told(batch))
            self.told[batch.digest] = max(self.told.get(batch.digest, 0), latest_ms)

    def complete_to_ms(self, batch: Batch, given_ms: int, calendar: Calendar) -> int:
        """Up to when an input is complete: as it is known, else as was said of all that is read."""
        if not batch.digest:
            reached_ms = batch.complete_to_ms
            complete_ms = given_ms if reached_ms is None else min(given_ms, reached_ms)
        elif batch.digest in self.known:
            complete_ms = self.known[batch.digest]
        else:
            complete_ms = min(given_ms, self._named_ms(batch, calendar, given_ms))
            complete_ms = self.elsewhere.get(batch.digest, complete_ms)  # a source renamed
            if self._latest_ms(batch) <= complete_ms:  # else it was said wrongly
                self.known[batch.digest] = complete_ms
                self.new[batch.digest] = batch.origin
        self.latest_ms = max(self.latest_ms, complete_ms)
        return complete_ms

    def _named_ms(self, batch: Batch, calendar: Calendar, given_ms: int) -> int:
        """Up to when a file can be complete by its name: as the source's `file_name` reads it, else
        to the end of the last day that it bears, unless the file tells of a later instant."""
        template = self.source.file_name
        if "{as_of}" in template:
            parts = file_parts(batch.origin, template, calendar)
            return given_ms if parts.as_of_ms is None else parts.as_of_ms
        days = [*_days_in(PurePosixPath(batch.origin).name)]
        if not days:
            return given_ms
        end_ms = calendar.day(max(days)).end_ms
        return given_ms if self._latest_ms(batch) > end_ms else end_ms

    def _latest_ms(self, batch: Batch) -> int:
        return max(_latest_told_ms(_told(batch)), self.told.get(batch.digest, 0))

    def record(self) -> Callable[[sa.Connection], None]:
        """What keeps the inputs that were read for the first time, in the change that lands
        them."""
        rows = [
            {"cluster": self.cluster, "source": self.source.name, "digest": digest, "name": name}
            | {"complete_to_ms": self.known[digest]}
            for digest, name in self.new.items()
        ]
        self.new = {}

        def write(connection: sa.Connection) -> None:
            place = sa.and_(table.c.cluster == self.cluster, table.c.source == self.source.name)
            stored = set(connection.scalars(sa.select(table.c.digest).where(place)))
            missing = [row for row in rows if row["digest"] not in stored]
            if missing:
                connection.execute(sa.insert(table), missing)

        return write


def _days_in(name: str) -> Iterator[date]:
    for year, month, day in DATE.findall(name):
        try:
            yield date(int(year), int(month), int(day))
        except ValueError:
            continue


def _told(batch: Batch) -> Sequence[pa.Table]:
    """All that an input tells, of what was asked for and beside it."""
    return [batch.table] if batch.corrections is None else [batch.table, batch.corrections]


def _latest_told_ms(tables: Sequence[pa.Table]) -> int:
    latest = [
        pc.max(rows.column(name)).as_py()
        for rows in tables
        for name in INSTANTS
        if name in rows.column_names
    ]
    return max((instant for instant in latest if instant is not None), default=0)


def known_rows(
    batch: Batch, complete_ms: int, calendar: Calendar
) -> tuple[pa.Table, list[Quarantined]]:
    """The rows of an input that can be known, and refused those that are finished, or begin, after
    the instant up to which it is complete (METERING 33)."""
    rows = batch.table
    late = pc.greater(rows.column("started_ms"), complete_ms)
    ended = pc.fill_null(pc.greater(rows.column("ended_ms"), complete_ms), False)
    ahead = np.asarray(pc.or_(late, ended).to_numpy(zero_copy_only=False), np.bool_)
    if not ahead.any():
        return rows, []
    refused = []
    for row in np.flatnonzero(ahead).tolist():
        place = batch.places[row] if row < len(batch.places) else f"{batch.origin} row {row + 1}"
        values = {name: column[0] for name, column in rows.slice(row, 1).to_pydict().items()}
        known_to = calendar.iso(complete_ms)
        if ended[row].as_py():
            end = calendar.iso(values["ended_ms"])
            reason = f"ends {end}, after {known_to}, up to which its input is complete"
        else:
            begin = calendar.iso(values["started_ms"])
            reason = f"begins {begin}, after {known_to}, up to which its input is complete"
        text = " ".join(f"{name}={value}" for name, value in values.items())
        refused.append(Quarantined(place, reason, shown(text)))
    return rows.filter(pa.array(~ahead)), refused
