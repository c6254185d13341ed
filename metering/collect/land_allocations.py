"""Allocations: a scheduler's runs, merged with those in force and kept by accounting day."""

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from metering.calendar import Calendar, Period
from metering.collect.allocation_findings import (
    VANISHED,
    differing_quantities,
    last_of_each,
    past_watermark,
    put_late,
    untyped,
)
from metering.collect.listings import (
    RUN,
    Judged,
    Listing,
    corrected_jobs,
    judge,
    put_listings,
    read_listings,
    started_day,
    unsaid,
)
from metering.collect.spans import by_day, cut, found_in, integers, keys, replace_days
from metering.finding import Finding
from metering.lake.change import Change
from metering.lake.contract import contract
from metering.lake.lake import Lake
from metering.settings.sections import Cluster
from metering.settings.site_toml import Site

TABLE = "allocation"
JOB = RUN[:-1]  # a submission
DEVICES = (*RUN, "resource", "model")


@dataclass(frozen=True, slots=True)
class SourceWindow:
    """What runs were asked of which source, and up to when the last of its inputs is complete, and
    was before these came (0: none had come)."""

    collector: str  # the source's name in site.toml
    window: Period
    latest_ms: int
    before_ms: int = 0
    contents: frozenset[str] = frozenset()  # digests of the inputs that were read

    @property
    def missed_from_ms(self) -> int:
        """From when runs that go on may be ones that these inputs, and none before, do not list."""
        moved = 0 < self.before_ms < self.latest_ms
        return min(self.window.start_ms, self.before_ms) if moved else self.window.start_ms


def land_allocations(
    lake: Lake, change: Change, cluster: Cluster, site: Site, facts: pa.Table, asked: SourceWindow
) -> list[Finding]:
    """Merge facts of runs (ALLOCATION_FACT, in order of reading) into the days in force.

    Of facts of one run the later input's stands, whatever it says (METERING 32). A run that goes on
    counts to the instant up to which the last input that listed it is complete (METERING 31); it
    is marked as vanished where a later input of the source did not list it. Only days whose rows
    differ are written. Findings are of the window's days.
    """
    calendar, window = site.calendar, asked.window
    facts = facts.sort_by([("as_of_ms", "ascending"), ("input", "ascending")])
    near = _near(lake, cluster, calendar, asked)
    inside = _in_scope(facts, near, window)
    listed = _listed(lake, cluster, calendar, facts, window)
    heard = _orders(facts)
    jobs = keys(facts, JOB)
    corrected = pa.array(sorted(corrected_jobs(facts, listed)), pa.string())
    scope = pc.or_(inside, pc.is_in(jobs, value_set=corrected))
    said, outside, facts = facts, facts.filter(pc.invert(scope)), facts.filter(scope)
    known = {**listed, **_beside(lake, cluster, calendar, near)}
    in_reach = set(keys(near, RUN).to_pylist()) | {
        run for run, listing in listed.items() if listing.said
    }
    void = unsaid(said, known, asked.collector, asked.contents) & in_reach
    judged = judge(facts, sorted(in_reach), known, asked.collector, void)
    runs, differing = _one_a_key(_standing(facts, judged))
    runs = _clipped(runs)
    since = _since(judged, known, runs, calendar, _held(near), calendar.days_of(window))
    in_force, last = _in_force(lake, cluster, calendar, runs, since, asked)
    rows = cut_by_day(runs, cluster.name, calendar)
    rows = rows.filter(_settled(rows, since))
    replaced = _settled(in_force, since)
    days = set(by_day(rows)) | set(by_day(in_force.filter(replaced)))
    merged = pa.concat_tables([in_force.filter(pc.invert(replaced)), rows])
    open_end_ms = calendar.day(last).end_ms
    listings = {**known, **judged.new}
    merged, marked = _vanished(merged, listings, asked, open_end_ms)
    own = _of_source(merged, listings, asked.collector, cluster)
    replace_days(change, TABLE, cluster.name, merged, days | marked)
    put_listings(lake, change, cluster.name, calendar, judged.new)
    late = _one_a_key(_late(_last_said(outside, heard), site, listed, window))[0]
    put_late(lake, change, cluster, calendar, late, heard, window)
    return [
        *untyped(merged, cluster, calendar, window),
        *past_watermark(own, cluster, calendar, window),
        *differing_quantities(differing, cluster, calendar, window),
    ]


def cut_by_day(runs: pa.Table, cluster: str, calendar: Calendar) -> pa.Table:
    """Runs with an end and `runs_on` as rows of table allocation, one an accounting day.

    Suspended time is deducted from the run's end backwards (METERING 16).
    """
    start, end = integers(runs, "started_ms"), integers(runs, "ended_ms")
    pieces = cut(start, end, calendar)
    own_end = end[pieces.row]
    suspended = np.minimum(integers(runs, "suspended_ms"), end - start)[pieces.row]
    suspended = np.maximum(pieces.end_ms - np.maximum(pieces.start_ms, own_end - suspended), 0)
    runs_on = np.asarray(runs.column("runs_on").to_numpy(zero_copy_only=False), np.bool_)
    columns = {
        "cluster": pa.array([cluster] * len(pieces.row), pa.string()),
        "date": pieces.dates(),
        "ended_ms": pa.array(pieces.end_ms),
        "continues": pa.array((pieces.end_ms < own_end) | runs_on[pieces.row]),
        "suspended_ms": pa.array(suspended),
    }
    taken = runs.take(pa.array(pieces.row))
    schema = contract(TABLE).schema
    return pa.table(
        [columns[name] if name in columns else taken.column(name) for name in schema.names],
        schema=schema,
    )


def _near(lake: Lake, cluster: Cluster, calendar: Calendar, asked: SourceWindow) -> pa.Table:
    """The rows in force of the window's days and of those beside them, and since the last input of
    before: a run that goes on may be known to that, or to the very midnight."""
    first, last = (calendar.day_of(at) for at in (asked.missed_from_ms - 1, asked.window.end_ms))
    return lake.read(TABLE, cluster=cluster.name, date_from=first, date_to=last)


def _in_scope(facts: pa.Table, near: pa.Table, window: Period) -> pa.ChunkedArray:
    """Which facts are of runs that touch the window, or of the submissions that these or rows in
    force there are of: what corrects them may say that there was no such time."""
    before = pc.fill_null(pc.less_equal(facts.column("ended_ms"), window.start_ms), False)
    ahead = pc.greater_equal(facts.column("started_ms"), window.end_ms)
    holds = pc.greater(facts.column("quantity_milli"), 0)
    touches = pc.fill_null(pc.and_(holds, pc.invert(pc.or_(before, ahead))), False)
    jobs = keys(facts, JOB)
    chunks = [*jobs.filter(touches).chunks, *keys(near, JOB).chunks]
    concerned = pa.chunked_array(chunks, pa.string())
    return pc.or_(touches, pc.is_in(jobs, value_set=pc.unique(concerned)))


def _listed(
    lake: Lake, cluster: Cluster, calendar: Calendar, facts: pa.Table, window: Period
) -> Mapping[str, Listing]:
    """The listings of the runs of facts; and where one is of no run that was listed, those of every
    run of its submission, which it may take away."""
    jobs = keys(facts, JOB)
    starts = pc.unique(pc.drop_null(facts.column("started_ms"))).to_pylist()
    days = {calendar.day_of(start) for start in starts}
    listed = read_listings(lake, cluster.name, days, jobs)
    runs = keys(facts, RUN)
    new = pc.invert(pc.is_in(runs, value_set=pa.array([*listed], pa.string())))
    reach = _since_submission(facts.filter(new), calendar, window)
    return {**listed, **read_listings(lake, cluster.name, {*reach} - days, jobs.filter(new))}


def _since_submission(facts: pa.Table, calendar: Calendar, window: Period) -> list[date]:
    """The days from the first on which a run of facts was submitted to the last on which one can
    have started."""
    instants = [
        instant
        for name in ("submitted_ms", "started_ms")
        for instant in pc.min_max(facts.column(name)).as_py().values()
        if instant is not None
    ]
    if not instants:
        return []
    return calendar.days_of(Period(min(instants), max(*instants, window.end_ms - 1) + 1))


def _orders(facts: pa.Table) -> dict[str, tuple[int, str]]:
    """The order of the last input that each run of facts, in the order of inputs, stands in."""
    orders = zip(*(facts.column(name).to_pylist() for name in ("as_of_ms", "input")), strict=True)
    return dict(zip(keys(facts, RUN).to_pylist(), orders, strict=True))


def _last_said(facts: pa.Table, heard: Mapping[str, tuple[int, str]]) -> pa.Table:
    """Of each run, the facts of the input that is last in order."""
    orders = zip(*(facts.column(name).to_pylist() for name in ("as_of_ms", "input")), strict=True)
    runs = keys(facts, RUN).to_pylist()
    mine = [heard[run] == order for run, order in zip(runs, orders, strict=True)]
    return facts.filter(pa.array(mine, pa.bool_()))


def _late(facts: pa.Table, site: Site, listed: Mapping[str, Listing], window: Period) -> pa.Table:
    """The facts of runs that ended before the window, since the site's first month, and that no
    input listed when their time was collected."""
    first_ms = site.calendar.month(site.first_month).start_ms
    ended = facts.column("ended_ms")
    before = pc.and_(pc.less_equal(ended, window.start_ms), pc.greater(ended, first_ms))
    lasting = pc.greater(ended, facts.column("started_ms"))
    holds = pc.and_(lasting, pc.greater(facts.column("quantity_milli"), 0))
    late = facts.filter(pc.fill_null(pc.and_(before, holds), False))
    return late.filter(
        pa.array([run not in listed for run in keys(late, RUN).to_pylist()], pa.bool_())
    )


def _beside(
    lake: Lake, cluster: Cluster, calendar: Calendar, near: pa.Table
) -> Mapping[str, Listing]:
    """The listings of the runs in force near by."""
    runs = pc.unique(keys(near, RUN)).to_pylist()
    days = {started_day(run, calendar) for run in runs}
    return read_listings(lake, cluster.name, days, keys(near, JOB))


def _held(rows: pa.Table) -> set[tuple[str, date]]:
    """The runs of rows, with the days that they are of."""
    return set(zip(keys(rows, RUN).to_pylist(), rows.column("date").to_pylist(), strict=True))


def _since(
    judged: Judged,
    known: Mapping[str, Listing],
    runs: pa.Table,
    calendar: Calendar,
    held: Collection[tuple[str, date]],
    days: Sequence[date],
) -> Mapping[str, date]:
    """Of each run that is settled, the first day whose rows are put anew: that in which it starts,
    or where what is said of it is what was said before, the last day that this was known of, or the
    first of `days` before it whose row was lost."""
    since = {run: started_day(run, calendar) for run in judged.new}
    columns = (runs.column(name).to_pylist() for name in ("runs_on", "ended_ms"))
    for run, runs_on, ended_ms in zip(keys(runs, RUN).to_pylist(), *columns, strict=True):
        before = known.get(run)
        if before is not None and before.said == judged.listed[run].said:
            stood_to_ms = before.as_of_ms if runs_on else ended_ms
            began = started_day(run, calendar)
            last = max(began, calendar.day_of(stood_to_ms - 1))
            own = days[bisect_left(days, began) : bisect_left(days, last)]
            since[run] = next((day for day in own if (run, day) not in held), last)
    return since


def _settled(rows: pa.Table, since: Mapping[str, date]) -> pa.Array:
    """Which rows are of a run that is settled, of the days that are put anew."""
    runs, dates = keys(rows, RUN).to_pylist(), rows.column("date").to_pylist()
    settled = [
        (first := since.get(run)) is not None and day >= first
        for run, day in zip(runs, dates, strict=True)
    ]
    return pa.array(settled, pa.bool_())


def _standing(facts: pa.Table, judged: Judged) -> pa.Table:
    """The facts of the inputs that listed each run last. Of one input that says of a run both that
    it goes on and that it ended, the end is taken, and of two ends the later said."""
    runs = keys(facts, RUN).to_pylist()
    orders = zip(*(facts.column(name).to_pylist() for name in ("as_of_ms", "input")), strict=True)
    ends = facts.column("ended_ms").to_pylist()
    own = [
        run in judged.listed and judged.listed[run].order == order
        for run, order in zip(runs, orders, strict=True)
    ]
    last: dict[str, int | None] = {}
    for run, end, mine in zip(runs, ends, own, strict=True):
        if mine and (end is not None or run not in last):
            last[run] = end
    kept = [mine and last[run] == end for run, end, mine in zip(runs, ends, own, strict=True)]
    return facts.filter(pa.array(kept, pa.bool_()))


def _one_a_key(runs: pa.Table) -> tuple[pa.Table, pa.Table]:
    """One row a run and model, the last said; and those whose quantities differ from it."""
    last = {key: row for row, key in enumerate(keys(runs, DEVICES).to_pylist())}
    kept = runs.take(pa.array(sorted(last.values()), pa.int64()))
    said = runs.column("quantity_milli").to_pylist()
    differing = [
        said[row] != said[last[key]] for row, key in enumerate(keys(runs, DEVICES).to_pylist())
    ]
    return kept, runs.filter(pa.array(differing, pa.bool_()))


def _clipped(runs: pa.Table) -> pa.Table:
    """Runs that hold a device for any time; those that go on are marked, and end for now where
    their input is complete."""
    runs_on = pc.is_null(runs.column("ended_ms"))
    ended = pc.if_else(runs_on, runs.column("as_of_ms"), runs.column("ended_ms"))
    runs = runs.set_column(runs.column_names.index("ended_ms"), "ended_ms", ended)
    runs = runs.append_column("runs_on", runs_on)
    lasting = pc.greater(runs.column("ended_ms"), runs.column("started_ms"))
    return runs.filter(pc.and_(lasting, pc.greater(runs.column("quantity_milli"), 0)))


def _in_force(
    lake: Lake,
    cluster: Cluster,
    calendar: Calendar,
    runs: pa.Table,
    since: Mapping[str, date],
    asked: SourceWindow,
) -> tuple[pa.Table, date]:
    """The rows in force of the window's days and of those beside them, of the days of the runs that
    are put anew, and of days into which one of these goes on; and the last day looked at."""
    end = integers(runs, "ended_ms")
    first = min([calendar.day_of(asked.missed_from_ms - 1), *since.values()])
    ends = [asked.window.end_ms, *([int(end.max()) - 1] if len(end) else [])]
    last = max([calendar.day_of(max(ends)), *since.values()])
    rows = lake.read(TABLE, cluster=cluster.name, date_from=first, date_to=last)
    wanted = pa.chunked_array([pa.array([*since], pa.string())])
    for partition in lake.partitions(TABLE, cluster=cluster.name, date_from=last):
        day = date.fromisoformat(partition["date"])
        if day == last:
            continue
        latest = rows.filter(pc.equal(rows.column("date"), pa.scalar(last, pa.date32())))
        own = found_in(keys(latest, RUN), wanted)
        if not pc.any(pc.and_(latest.column("continues"), pa.array(own))).as_py():
            break
        more = lake.read(TABLE, cluster=cluster.name, date_from=day, date_to=day)
        rows, last = pa.concat_tables([rows, more]), day
    return rows, last


def _vanished(
    rows: pa.Table, listings: Mapping[str, Listing], asked: SourceWindow, seen_to_ms: int
) -> tuple[pa.Table, set[date]]:
    """The rows with the last of each run that a later input of the source should have listed and
    did not marked as vanished, and the days on which one was marked."""
    texts, ends = keys(rows, RUN).to_pylist(), rows.column("ended_ms").to_pylist()
    states, dates = (rows.column(name).to_pylist() for name in ("state", "date"))
    marked = set()
    going_on = pc.and_(rows.column("continues"), last_of_each(rows))
    for row in np.flatnonzero(going_on.to_numpy(zero_copy_only=False)).tolist():
        listing = listings.get(texts[row])
        if listing is None or listing.collector != asked.collector:
            continue
        if ends[row] < min(asked.latest_ms, seen_to_ms) and states[row] != VANISHED:
            states[row] = VANISHED
            marked.add(dates[row])
    place = rows.column_names.index("state")
    field = rows.schema.field(place)
    return rows.set_column(place, field, pa.array(states, pa.string())), marked


def _of_source(
    rows: pa.Table, listings: Mapping[str, Listing], collector: str, cluster: Cluster
) -> pa.Table:
    """The last rows of the runs that a source listed last, or a source that there is no more."""
    others = {source.name for source in cluster.sources} - {collector}
    own = [
        (listing := listings.get(run)) is None or listing.collector not in others
        for run in keys(rows, RUN).to_pylist()
    ]
    return rows.filter(pc.and_(last_of_each(rows), pa.array(own, pa.bool_())))
