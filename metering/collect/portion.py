"""Some batches of a source that land together, and what is to be said of them."""

from dataclasses import dataclass, field

import pyarrow as pa

from metering.calendar import Period
from metering.finding import Finding
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.reading.batch import Batch, Note, Quarantined

STAGE = "collect"


@dataclass(slots=True)
class Portion:
    """Some batches of a source that land together."""

    tables: list[pa.Table] = field(default_factory=list)
    quarantined: dict[str, list[Quarantined]] = field(default_factory=dict)
    notes: dict[Note, None] = field(default_factory=dict)  # in their order, each once
    rows: int = 0
    complete_to_ms: int | None = None

    def add(self, batch: Batch) -> None:
        """Take a batch in."""
        self.tables.append(batch.table)
        self.quarantined.setdefault(batch.origin, []).extend(batch.quarantined)
        self.notes |= dict.fromkeys(batch.notes)
        self.rows += batch.table.num_rows
        if batch.complete_to_ms is not None:
            self.complete_to_ms = batch.complete_to_ms

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
