"""Some batches of a source that land together, and what is to be said of them."""

from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from metering.calendar import Calendar, Period
from metering.collect.inputs import known_rows
from metering.finding import Finding
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.booking.file_facts import BOOKING_FACT
from metering.sources.reading.batch import Batch, Note, Quarantined, Whole
from metering.sources.reading.schemas import ALLOCATION_FACT, READING

STAGE = "collect"
FINISHED = ("allocation", "node_state", "control_total")  # what lies ahead cannot be known


@dataclass(slots=True)
class Portion:
    """Some batches of a source that land together."""

    tables: list[pa.Table] = field(default_factory=list)
    quarantined: dict[str, list[Quarantined]] = field(default_factory=dict)
    notes: dict[Note, None] = field(default_factory=dict)  # in their order, each once
    contents: set[str] = field(default_factory=set)  # digests of the inputs
    rows: int = 0
    complete_to_ms: int | None = None
    whole: Whole | None = None

    def add(self, batch: Batch, as_of_ms: int, calendar: Calendar) -> int:
        """Take in a batch that is complete up to `as_of_ms`; gives how many of its rows were
        refused, of which one may have made several."""
        rows = batch.table
        ahead: list[Quarantined] = []
        if batch.record in FINISHED or (batch.digest and rows.schema.equals(READING)):
            rows, ahead = known_rows(batch, as_of_ms, calendar)
            rows = rows.append_column("as_of_ms", pa.repeat(as_of_ms, rows.num_rows))
        elif rows.schema.equals(BOOKING_FACT):  # of which landing judges what lies ahead
            rows = rows.append_column("as_of_ms", pa.repeat(as_of_ms, rows.num_rows))
        refused = [*batch.quarantined, *ahead]
        rows = _with_corrections(batch, rows, as_of_ms)
        self.tables.append(_facts(batch, rows) if batch.record == "allocation" else rows)
        self.quarantined.setdefault(batch.origin, []).extend(refused)
        self.notes |= dict.fromkeys(batch.notes)
        self.contents |= {batch.digest} - {""}
        self.rows += batch.table.num_rows
        self.whole = batch.whole or self.whole
        if batch.complete_to_ms is not None:
            self.complete_to_ms = batch.complete_to_ms
        return len(batch.quarantined) + len({row.place for row in ahead})

    def known_to_ms(self, complete_to_ms: int, window: Period) -> int:
        """Up to when the source is complete: less than was asked for where it fell silent before
        the end of the window."""
        reached_ms = self.complete_to_ms
        if reached_ms is None or reached_ms >= window.end_ms:
            return complete_to_ms
        return min(complete_to_ms, reached_ms)

    def findings(self, section: str, source: SourceConfig) -> list[Finding]:
        """What the reader noted, as findings of the section; and that rows were not taken, of which
        samples are told by device and reason, and all others may be somebody's usage."""
        findings = [
            Finding(note.severity, note.kind, STAGE, section, note.day, note.subject, note.detail)
            for note in self.notes
        ]
        refused = [row for rows in self.quarantined.values() for row in rows]
        if refused and source.record != "sample":
            first = f"{refused[0].place}: {refused[0].reason}"
            detail = f"행 {len(refused):,}건을 격리했습니다. 처음은 {first}"
            findings.append(
                Finding("warn", "quarantined_rows", STAGE, section, None, source.name, detail)
            )
        return findings


def _with_corrections(batch: Batch, rows: pa.Table, as_of_ms: int) -> pa.Table:
    """The rows, and those that only correct; of which what lies ahead is not known either."""
    if batch.corrections is None or not batch.corrections.num_rows:
        return rows
    others = batch.corrections
    instants = (pc.fill_null(others.column(name), as_of_ms) for name in ("started_ms", "ended_ms"))
    others = others.filter(pc.and_(*(pc.less_equal(instant, as_of_ms) for instant in instants)))
    others = others.append_column("as_of_ms", pa.repeat(as_of_ms, others.num_rows))
    return pa.concat_tables([rows, others.select(rows.column_names)])


def _facts(batch: Batch, rows: pa.Table) -> pa.Table:
    """What a batch of runs says as facts (ALLOCATION_FACT)."""
    count = rows.num_rows
    rows = rows.append_column("input", pa.repeat(batch.origin, count))
    rows = rows.append_column("digest", pa.repeat(batch.digest, count))
    rows = rows.append_column("one_start", pa.repeat(batch.one_start, count))
    return rows.select(ALLOCATION_FACT.names)
