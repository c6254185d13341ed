"""Sources to the lake: what each source has is landed whole, and what was wrong is kept."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import sqlalchemy as sa

from metering.allocation import land_allocations
from metering.change import Change
from metering.contract import contract
from metering.errors import JeongsanError, SourceError
from metering.finding import Finding
from metering.findings import findings, replace_findings
from metering.landing import land_samples
from metering.opened import OpenSite, Progress, silent
from metering.period import Period
from metering.reading import land_node_states, land_readings
from metering.site import Cluster, SourceConfig
from metering.sources import Batch, Quarantined, read
from metering.sources.incoming import files
from metering.watermark import set_watermark, watermark

SAMPLES_AT_ONCE = 4_000_000
STAGE = "collect"


@dataclass(slots=True)
class Collected:
    """What one section gave: rows read by kind of record, rows quarantined, findings."""

    section: str
    rows: dict[str, int] = field(default_factory=dict)
    quarantined: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether a source gave nothing, or a finding stops the stage."""
        return any(finding.severity == "fail" for finding in self.findings)


def collect(
    opened: OpenSite,
    window: Period,
    sections: Iterable[str] | None = None,
    complete_to_ms: int | None = None,
    progress: Progress = silent,
) -> list[Collected]:
    """What every section's sources have of `window`; a source that fails leaves the others alone.

    complete_to_ms is up to when dumps are complete (METERING 15): it may be left out once known.
    Where it moves a source's watermark, all since the watermark (at first: since the site's first
    month) is read with the window, so that an hour that failed is filled and none is skipped.
    """
    names = None if sections is None else set(sections)
    every = (*opened.site.clusters, *opened.site.stores)
    return [
        _collect_section(opened, section, window, complete_to_ms, progress)
        for section in every
        if names is None or section.name in names
    ]


def _collect_section(
    opened: OpenSite,
    section: Cluster,
    window: Period,
    complete_to_ms: int | None,
    progress: Progress,
) -> Collected:
    collected = Collected(section.name)
    for source in section.sources:
        job = _Job(opened, section, source, window, collected, progress)
        try:
            job.run(complete_to_ms)
        except (SourceError, OSError) as error:
            detail = f"{section.title} {source.name}: 읽지 못함. {error}"
            collected.findings.append(
                Finding(
                    "fail", "source_unavailable", STAGE, section.name, None, source.name, detail
                )
            )
    _keep_findings(opened, section, window, collected.findings)
    return collected


def _keep_findings(
    opened: OpenSite, section: Cluster, window: Period, found: Sequence[Finding]
) -> None:
    """Replaces the findings of the days that the window covers whole; adds to those it touches."""
    calendar = opened.site.calendar
    touched = {*calendar.days_of(window)} | {one.day for one in found if one.day is not None}
    whole = {
        day
        for day in touched
        if window.start_ms <= calendar.day(day).start_ms
        and calendar.day(day).end_ms <= window.end_ms
    }
    with opened.database.begin() as connection:
        before = findings(connection, stage=STAGE, cluster=section.name)
        kept = [one for one in before if one.day in touched - whole]
        replace_findings(connection, STAGE, section.name, {*touched, None}, [*kept, *found])


@dataclass(frozen=True, slots=True)
class _Job:
    """The collecting of one source."""

    opened: OpenSite
    section: Cluster
    source: SourceConfig
    window: Period
    collected: Collected
    progress: Progress

    def run(self, complete_to_ms: int | None) -> None:
        """Reads the whole source before anything of it lands; its watermark moves with the last."""
        complete_to, window = self._reach(complete_to_ms)
        label = f"{self.section.name} {self.source.name}"
        inputs = 1 if self.source.url else len(list(files(self.source, self.opened.site)))
        batches: list[Batch] = []
        for batch in read(self.source, self.section, self.opened.site, window):
            batches.append(batch)
            self.progress(label, min(len(batches), inputs), inputs + 1)
        quarantined: dict[str, list[Quarantined]] = {}
        for batch in batches:
            quarantined.setdefault(batch.origin, []).extend(batch.quarantined)
        rows_read = sum(batch.rows_read for batch in batches)
        self._refuse_if_bad(quarantined, rows_read)
        for rows, last in self._portions(batches):
            with self.opened.lake.change() as change:
                refused = self._land(change, rows, complete_to, window)
                if refused:
                    quarantined.setdefault(f"landing of {self._window()}", []).extend(refused)
                if last:
                    self._keep(change, quarantined)
                    change.record(self._move_watermark(complete_to, window))
        count = sum(len(rows) for rows in quarantined.values())
        record = self.source.record
        known = self.collected
        known.rows[record] = known.rows.get(record, 0) + rows_read
        known.quarantined[record] = known.quarantined.get(record, 0) + count
        self.progress(label, inputs + 1, inputs + 1)

    def _reach(self, given: int | None) -> tuple[int, Period]:
        """Up to when the source is complete, as given, else as known, else the window for a URL;
        and what to read: where that moves the watermark, all since it, so that it leaves no hole.
        """
        with self.opened.database.read() as connection:
            known = watermark(connection, self.section.name, self.source.name)
        complete_to = given if given is not None else known
        if self.source.url is not None and given is None:
            complete_to = max(known or 0, self.window.end_ms)
        if complete_to is None:
            raise SourceError(
                "nobody said up to when these files are complete:"
                " give `--complete-to`, e.g. 2025-11-01T00:10+09:00"
            )
        if known is None:
            known = self.opened.site.calendar.month(self.opened.site.first_month).start_ms
        start_ms = min(self.window.start_ms, known) if complete_to > known else self.window.start_ms
        return complete_to, Period(start_ms, self.window.end_ms)

    def _refuse_if_bad(self, quarantined: Mapping[str, Sequence[Quarantined]], read: int) -> None:
        rows = [row for some in quarantined.values() for row in some]
        if len(rows) > self.section.quarantine_share_max * read:
            raise SourceError(
                f"{len(rows)} of {read} rows are bad, more than quarantine_share_max"
                f" {self.section.quarantine_share_max} allows;"
                f" the first is {rows[0].place}: {rows[0].reason}"
            )

    def _portions(self, batches: Sequence[Batch]) -> Iterator[tuple[list[pa.Table], bool]]:
        """The batches' tables in portions of bounded size, and whether it is the last."""
        portion: list[pa.Table] = []
        rows = 0
        for number, batch in enumerate(batches):
            portion.append(batch.table)
            rows += batch.table.num_rows
            if number == len(batches) - 1 or (
                self.source.record == "sample" and rows >= SAMPLES_AT_ONCE
            ):
                yield portion, number == len(batches) - 1
                portion, rows = [], 0
        if not batches:
            yield [], True

    def _land(
        self, change: Change, tables: Sequence[pa.Table], complete_to_ms: int, window: Period
    ) -> tuple[Quarantined, ...]:
        """Lands a portion; gives what could only be seen to be wrong here."""
        if not tables:
            return ()
        lake, site = self.opened.lake, self.opened.site
        rows = pa.concat_tables(tables, promote_options="permissive").unify_dictionaries()
        refused: tuple[Quarantined, ...] = ()
        found: Sequence[Finding]
        match self.source.record:
            case "sample":
                # what is read ends at the window and hold: nothing later was asked for
                asked_to = max(complete_to_ms, window.end_ms + self.section.hold_ms)
                landed = land_samples(
                    lake, change, self.section, site, self.opened.registry, rows, asked_to, window
                )  # fmt: skip
                found, refused = landed.findings, landed.quarantined
            case "allocation":
                found = land_allocations(
                    lake, change, self.section, site, rows, window, complete_to_ms
                )
            case "node_state":
                found = land_node_states(
                    lake, change, self.section, site, rows, window, complete_to_ms
                )
            case "reading":
                found = land_readings(
                    lake, change, self.section, site, rows, window, complete_to_ms
                )
            case other:
                raise JeongsanError(f"{other}: not a kind of record")
        self.collected.findings.extend(found)
        return refused

    def _keep(self, change: Change, quarantined: Mapping[str, Sequence[Quarantined]]) -> None:
        """Replaces the quarantine of each input; an input that is clean now leaves none."""
        for origin, rows in quarantined.items():
            name = f"{self.section.name}/{self.source.name}/{origin}"
            partition = {
                "cluster": self.section.name,
                "input": hashlib.sha256(name.encode()).hexdigest()[:16],
            }
            if rows:
                change.replace("quarantine", partition, _quarantine_table(partition, rows))
            else:
                change.remove("quarantine", partition)

    def _move_watermark(
        self, complete_to_ms: int, window: Period
    ) -> Callable[[sa.Connection], None]:
        """Not beyond what was read: a source complete past the window has more to come."""
        hold_ms = self.section.hold_ms if self.source.record == "sample" else 0
        read_to_ms = min(complete_to_ms, window.end_ms + hold_ms)
        return lambda connection: set_watermark(
            connection, self.section.name, self.source.name, read_to_ms
        )

    def _window(self) -> str:
        calendar = self.opened.site.calendar
        return f"{calendar.iso(self.window.start_ms)}..{calendar.iso(self.window.end_ms)}"


def _quarantine_table(partition: Mapping[str, str], rows: Sequence[Quarantined]) -> pa.Table:
    """The rows as table quarantine keeps them, several at one place numbered."""
    seen: dict[str, int] = {}
    numbered = []
    for row in rows:
        seen[row.place] = seen.get(row.place, -1) + 1
        numbered.append(
            dict(partition)
            | {"place": row.place, "seq": seen[row.place], "reason": row.reason}
            | {"text": row.text[:2000]}
        )
    return pa.Table.from_pylist(numbered, schema=contract("quarantine").schema)
