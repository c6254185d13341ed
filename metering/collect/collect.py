"""Sources to the lake: what each source has is landed whole, and what was wrong is kept."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa
import sqlalchemy as sa

from metering.calendar import Period
from metering.collect.allocation_findings import ANEW, LATE, PAST, late_runs, past_anew
from metering.collect.inputs import SourceInputs
from metering.collect.land_allocations import SourceWindow, land_allocations
from metering.collect.land_bookings import land_bookings
from metering.collect.land_cloud_meters import land_cloud_meters
from metering.collect.land_control_totals import land_control_totals
from metering.collect.land_readings import land_node_states, land_readings
from metering.collect.portion import STAGE, Portion
from metering.collect.quarantine import Refused, put_quarantine
from metering.collect.watermark import set_watermark, watermark
from metering.database.findings import findings, replace_findings
from metering.errors import JeongsanError, SourceError, UnfitRowsError
from metering.finding import Finding
from metering.lake.change import Change
from metering.landing.anomalies import DAY_TOTALS
from metering.landing.land import Landed, land_samples
from metering.settings.sections import Cluster, Section, as_cluster
from metering.settings.source_options.booking import BookingOptions
from metering.settings.source_options.cloud import CloudOptions
from metering.settings.source_options.source_config import SourceConfig
from metering.settings.source_options.storage import StorageOptions
from metering.site.open_site import OpenSite, Progress, silent
from metering.sources.exposition.source import targets
from metering.sources.read import count_inputs, read, unforeseen

SAMPLES_AT_ONCE = 4_000_000
STORES = (JeongsanError, OSError, sa.exc.SQLAlchemyError)  # what they raise


Which = Literal["all", "targets", "others"]


@dataclass(slots=True)
class Collected:
    """What one section gave, by kind of record: rows read, and of these left out by reason, refused
    to quarantine, and landed; findings."""

    section: str
    rows: dict[str, int] = field(default_factory=dict)
    quarantined: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, Counter[str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    clusters: set[str] = field(default_factory=set)  # whose rows its sources have, where none says

    def landed(self, record: str) -> int:
        """How many of the rows that were read are in the lake now."""
        left_out = self.left_out.get(record, Counter()).total()
        return self.rows[record] - left_out - self.quarantined[record]

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
    which: Which = "all",
) -> list[Collected]:
    """What every section's sources have of `window`; a source that fails leaves the others alone.

    complete_to_ms is up to when dumps are complete (METERING 15): it may be left out once known.
    Where it moves a source's watermark, all since the watermark (at first: since the site's first
    month) is read with the window, so that an hour that failed is filled and none is skipped.
    `which` leaves out the exporters that are asked directly, who know of this instant only, or all
    others.
    """
    names = None if sections is None else set(sections)
    return [
        _collect_section(opened, section, asked, window, complete_to_ms, progress)
        for section in opened.site.sections
        if names is None or section.name in names
        if (asked := chosen(section, which)) or which == "all"
    ]


def chosen(section: Section, which: Which) -> tuple[SourceConfig, ...]:
    """The sources of a section that are exporters asked directly, those that are not, or all."""
    if which == "all":
        return section.sources
    return tuple(
        source for source in section.sources if bool(targets(source)) == (which == "targets")
    )


def _collect_section(
    opened: OpenSite,
    section: Section,
    sources: Sequence[SourceConfig],
    window: Period,
    complete_to_ms: int | None,
    progress: Progress,
) -> Collected:
    collected = Collected(section.name)
    for source in sources:
        job = _Job(opened, section, source, window, collected, progress)
        try:
            job.run(complete_to_ms)
        except (SourceError, UnfitRowsError) as error:
            collected.findings.append(_unavailable(section, source, str(error)))
        except STORES:
            raise  # of the lake or the database, whichever source is being landed
        except Exception as error:
            collected.findings.append(_unavailable(section, source, unforeseen(error)))
        collected.findings += job.landing.findings()
    if len(collected.clusters) > 1:
        collected.findings.append(_several_clusters(section, collected.clusters))
    if isinstance(section, Cluster):
        collected.findings += late_runs(opened.lake, section)
    _keep_findings(opened, section, sources, window, collected.findings)
    return collected


def _unavailable(section: Section, source: SourceConfig, reason: str) -> Finding:
    detail = f"{section.title} {source.name}: 읽지 못함. {reason}"
    return Finding("fail", "source_unavailable", STAGE, section.name, None, source.name, detail)


def _several_clusters(section: Section, names: Collection[str]) -> Finding:
    """Each source has rows of one cluster, and not all of the same."""
    detail = (
        f"{section.title}: 원천마다 다른 클러스터({', '.join(sorted(names))})의 자료입니다."
        " 어느 것이 이 클러스터인지 site.toml의 원천에 slurm_cluster로 적고 다시 수집하세요."
    )
    return Finding("fail", "several_clusters", STAGE, section.name, None, section.name, detail)


def _keep_findings(
    opened: OpenSite,
    section: Section,
    sources: Sequence[SourceConfig],
    window: Period,
    new: Sequence[Finding],
) -> None:
    """Replaces the findings of the days that the window covers whole, and those of no day that are
    about the sources that were read; adds to those of days that it touches, save to whole counts.
    What can be judged anew of a day before is (ANEW)."""
    others = {
        subject for source in section.sources if source not in sources for subject in _named(source)
    }
    calendar = opened.site.calendar
    with opened.database.read() as connection:
        before = findings(connection, stage=STAGE, cluster=section.name)
    standing = {(finding.kind, finding.day) for finding in before if finding.kind in ANEW}
    first = calendar.day_of(window.start_ms)
    past = {day for kind, day in standing if kind == PAST and day is not None and day < first}
    judged = {(PAST, day) for day in past} | {own for own in standing if own[0] == LATE}
    anew = past_anew(opened.lake, as_cluster(section), calendar, past) if past else []
    new = [*new, *anew]
    touched = {*calendar.days_of(window)} | {day for _, day in judged if day is not None}
    touched |= {finding.day for finding in new if finding.day is not None}
    whole = {
        day
        for day in touched
        if window.start_ms <= calendar.day(day).start_ms
        and calendar.day(day).end_ms <= window.end_ms
    }
    counted = {finding.key for finding in new if finding.kind in DAY_TOTALS}
    kept = [
        finding
        for finding in before
        if finding.day in touched - whole
        and finding.key not in counted
        and (finding.kind, finding.day) not in judged
    ]
    kept += [finding for finding in before if finding.day is None and finding.subject in others]
    with opened.database.begin() as connection:
        replace_findings(connection, STAGE, section.name, {*touched, None}, [*kept, *new])


def _named(source: SourceConfig) -> tuple[str, ...]:
    """What a finding of no day is about: a source, or one of the exporters that it asks."""
    return (source.name, *(endpoint.url for endpoint in targets(source)))


@dataclass(frozen=True, slots=True)
class _Job:
    """The collecting of one source."""

    opened: OpenSite
    section: Section
    source: SourceConfig
    window: Period
    collected: Collected
    progress: Progress
    landing: Refused = field(default_factory=Refused)

    def run(self, complete_to_ms: int | None) -> None:
        """Lands the source in portions of bounded size. A portion is whole or not there at all; the
        watermark moves as far as its rows are known to be complete, at the end to what was read."""
        complete_to, window = self._reach(complete_to_ms)
        label = f"{self.section.name} {self.source.name}"
        expected = count_inputs(self.source, self.opened.site, window)
        calendar = self.opened.site.calendar
        with self.opened.database.read() as connection:
            inputs = SourceInputs.of(connection, self.section.name, self.source)
        read_rows = refused = unaccounted = 0
        left_out: Counter[str] = Counter()
        portion = Portion()
        batches = read(self.source, self.section, self.opened.site, window)
        if self.source.record != "sample":  # one input may come as several batches
            batches = iter(held := list(batches))
            inputs.hear(held)
        for done, batch in enumerate(batches, start=1):
            as_of_ms = inputs.complete_to_ms(batch, complete_to, calendar)
            read_rows += batch.rows_read
            unaccounted += batch.unaccounted
            if unaccounted:
                raise SourceError(
                    f"{batch.origin}: of {read_rows} rows {unaccounted} were neither taken, left"
                    " out nor refused; please report it"
                )
            self.collected.clusters |= batch.clusters
            left_out.update(batch.skipped)
            refused += portion.add(batch, as_of_ms, calendar)
            self.progress(label, min(done, expected), expected + 1)
            if portion.rows >= SAMPLES_AT_ONCE and self.source.record == "sample":
                self._refuse_if_bad(refused, read_rows, portion)
                self._put(portion, window, complete_to, portion.complete_to_ms, inputs)
                portion = Portion()
        self._refuse_if_bad(refused, read_rows, portion)
        complete_to = portion.known_to_ms(complete_to, window)
        self._put(portion, window, complete_to, complete_to, inputs)
        self._count(read_rows, refused + self.landing.count, left_out)
        self.progress(label, expected + 1, expected + 1)

    def _put(
        self,
        portion: Portion,
        window: Period,
        complete_to: int,
        reached_ms: int | None,
        inputs: SourceInputs,
    ) -> None:
        """One change: a portion's rows, its quarantine, the watermark as far as it is known, and
        up to when its inputs are complete."""
        with self.opened.lake.change() as change:
            change.record(inputs.record())
            self.landing.add(self._land(change, portion, complete_to, window, inputs))
            put_quarantine(
                change,
                self.section.name,
                self.source.name,
                {**portion.quarantined, f"landing of {self._window()}": self.landing.rows},
            )
            if reached_ms is not None:
                change.record(self._move_watermark(min(reached_ms, complete_to), window))
        self.collected.findings += portion.findings(self.section.name, self.source)

    def _count(self, read_rows: int, refused: int, left_out: Counter[str]) -> None:
        record, known = self.source.record, self.collected
        known.rows[record] = known.rows.get(record, 0) + read_rows
        known.quarantined[record] = known.quarantined.get(record, 0) + refused
        known.left_out.setdefault(record, Counter()).update(left_out)

    def _reach(self, given: int | None) -> tuple[int, Period]:
        """Up to when the source is complete, as given, else as known, else the window for a URL;
        and what to read: where that moves the watermark, all since it, so that it leaves no hole.
        """
        with self.opened.database.read() as connection:
            known = watermark(connection, self.section.name, self.source.name)
        complete_to = given if given is not None else known
        if self.source.live and given is None:
            complete_to = max(known or 0, self.window.end_ms)
        if complete_to is None:
            raise SourceError(
                "nobody said up to when these files are complete:"
                " give `--complete-to`, e.g. 2025-11-01T00:10+09:00"
            )
        if known is None:
            known = self.opened.site.calendar.month(self.opened.site.first_month).start_ms
        start_ms = min(self.window.start_ms, known) if complete_to > known else self.window.start_ms
        end_ms = self.window.end_ms
        if isinstance(
            self.source.options, StorageOptions
        ):  # what nobody can know yet is neither carried nor a gap
            end_ms = max(start_ms, min(end_ms, complete_to))
        return complete_to, Period(start_ms, end_ms)

    def _refuse_if_bad(self, refused: int, read_rows: int, portion: Portion) -> None:
        if refused > self.section.quarantine_share_max * read_rows:
            first = next((row for some in portion.quarantined.values() for row in some), None)
            where = f"; the first is {first.place}: {first.reason}" if first else ""
            raise SourceError(
                f"{refused} of {read_rows} rows are bad, more than quarantine_share_max"
                f" {self.section.quarantine_share_max} allows{where}"
            )

    def _land(
        self,
        change: Change,
        portion: Portion,
        complete_to_ms: int,
        window: Period,
        inputs: SourceInputs,
    ) -> Landed | None:
        """Lands a portion; of samples, gives what could only be seen to be wrong here."""
        tables, whole = portion.tables, portion.whole
        if not tables:
            return None
        lake, site = self.opened.lake, self.opened.site
        rows = pa.concat_tables(tables, promote_options="permissive").unify_dictionaries()
        landed: Landed | None = None
        new: Sequence[Finding] = ()
        match self.source.record:
            case "sample":
                # what is read ends at the window and hold: nothing later was asked for
                cluster = as_cluster(self.section)
                asked_to = max(complete_to_ms, window.end_ms + cluster.hold_ms)
                landed = land_samples(
                    lake, change, cluster, site, self.opened.registry, rows, asked_to, window
                )  # fmt: skip
            case "allocation":
                cluster = as_cluster(self.section)
                latest_ms, contents = self._latest_ms(inputs), frozenset(portion.contents)
                asked = SourceWindow(
                    self.source.name, window, latest_ms, inputs.before_ms, contents
                )
                new = land_allocations(lake, change, cluster, site, rows, asked)
            case "node_state":
                new = land_node_states(
                    lake, change, self.section, site, rows, window, complete_to_ms
                )
            case "reading" if isinstance(self.source.options, CloudOptions):
                new = land_cloud_meters(lake, change, self.section, site, self.source, rows, window)
            case "reading" if isinstance(self.source.options, BookingOptions):
                reach = window, complete_to_ms
                new = land_bookings(lake, change, self.section, site, self.source, rows, reach)
            case "reading":
                known_to = complete_to_ms
                new = land_readings(lake, change, self.section, site, rows, window, known_to, whole)
            case "control_total":
                land_control_totals(lake, change, self.section, site, rows)
                new = ()
            case other:
                raise JeongsanError(f"{other}: not a kind of record")
        self.collected.findings.extend(new)
        return landed

    def _latest_ms(self, inputs: SourceInputs) -> int:
        """Up to when the last of all inputs of the source is complete; of answers, the last is not
        kept and the watermark tells it."""
        if not self.source.live:
            return inputs.latest_ms
        with self.opened.database.read() as connection:
            known = watermark(connection, self.section.name, self.source.name)
        return max(inputs.latest_ms, known or 0)

    def _move_watermark(
        self, complete_to_ms: int, window: Period
    ) -> Callable[[sa.Connection], None]:
        """Not beyond what was read: a source complete past the window has more to come."""
        hold_ms = self.section.hold_ms_of(self.source)
        read_to_ms = min(complete_to_ms, window.end_ms + hold_ms - self.source.late_ms)
        return lambda connection: set_watermark(
            connection, self.section.name, self.source.name, read_to_ms
        )

    def _window(self) -> str:
        calendar = self.opened.site.calendar
        return f"{calendar.iso(self.window.start_ms)}..{calendar.iso(self.window.end_ms)}"
