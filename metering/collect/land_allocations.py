"""Allocations: a scheduler's runs, merged with those in force and kept by accounting day."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from metering.calendar import Calendar, Period
from metering.collect.spans import by_day, cut, found_in, integers, keys, replace_days
from metering.finding import Finding
from metering.lake.change import Change
from metering.lake.contract import contract
from metering.lake.lake import Lake
from metering.settings.sections import Cluster
from metering.settings.site_toml import Site

TABLE = "allocation"
STAGE = "collect"
RUN = ("source", "allocation_id", "submitted_ms", "started_ms", "resource")  # a run's identity
SHOWN = 5


def land_allocations(
    lake: Lake,
    change: Change,
    cluster: Cluster,
    site: Site,
    runs: pa.Table,
    window: Period,
    complete_to_ms: int,
) -> list[Finding]:
    """Merge runs (ALLOCATION_RUN) into the days in force; a run that vanished upstream stays.

    A run that goes on counts to `complete_to_ms` (METERING 15) and never takes back what is in
    force of it. Only days whose rows differ are written. Findings are of the window's days.
    """
    calendar = site.calendar
    runs, differing = _one_a_key(_newest(runs))
    runs = _clipped(runs, complete_to_ms)
    in_force = _in_force(lake, cluster, calendar, runs, window)
    runs = _not_taken_back(runs, in_force)
    rows = cut_by_day(runs, cluster.name, calendar)
    gone = found_in(keys(in_force, RUN), keys(runs, RUN))
    days = set(by_day(rows)) | set(by_day(in_force.filter(pa.array(gone))))
    merged = pa.concat_tables([in_force.filter(pa.array(~gone)), rows])
    replace_days(change, TABLE, cluster.name, merged, days)
    return [
        *_untyped(merged, cluster, calendar, window),
        *_past_watermark(merged, cluster, calendar, window),
        *_differing(differing, cluster, calendar, window),
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


def _newest(runs: pa.Table) -> pa.Table:
    """Of several dumps of one run: an end before none, then the later end."""
    known = pc.fill_null(runs.column("ended_ms"), -1)
    key = keys(runs, RUN)
    last = pa.table({"key": key, "end": known}).group_by("key").aggregate([("end", "max")])
    newest = last.column("end_max").take(
        pc.index_in(key, value_set=last.column("key").combine_chunks())
    )
    return runs.filter(pc.equal(known, newest))


def _one_a_key(runs: pa.Table) -> tuple[pa.Table, pa.Table]:
    """One row a run and model: the larger quantity; and those whose copies' quantities differ."""
    order = [(name, "ascending") for name in (*RUN, "model")]
    order += [
        ("quantity_milli", "descending"),
        ("suspended_ms", "descending"),
        ("state", "ascending"),
    ]
    order += [(name, "ascending") for name in ("account", "user", "partition", "workload", "node")]
    runs = runs.sort_by(order)
    key = keys(runs, (*RUN, "model")).combine_chunks().dictionary_encode()
    first = np.diff(key.indices.to_numpy(), prepend=-1) != 0
    lead = np.maximum.accumulate(np.where(first, np.arange(len(first)), 0))
    quantity = integers(runs, "quantity_milli")
    differing = quantity != quantity[lead]
    return runs.filter(pa.array(first)), runs.filter(pa.array(differing))


def _clipped(runs: pa.Table, complete_to_ms: int) -> pa.Table:
    """Runs that go on, marked and ended at the watermark; those that begin after it left out."""
    runs_on = pc.is_null(runs.column("ended_ms"))
    ended = pc.if_else(runs_on, complete_to_ms, runs.column("ended_ms"))
    runs = runs.set_column(runs.column_names.index("ended_ms"), "ended_ms", ended)
    runs = runs.append_column("runs_on", runs_on)
    return runs.filter(pc.greater(runs.column("ended_ms"), runs.column("started_ms")))


def _in_force(
    lake: Lake, cluster: Cluster, calendar: Calendar, runs: pa.Table, window: Period
) -> pa.Table:
    """The rows in force of the runs' and the window's days, and of days into which one goes on."""
    start, end = integers(runs, "started_ms"), integers(runs, "ended_ms")
    first = calendar.day_of(min([window.start_ms, *([start.min()] if len(start) else [])]))
    last = calendar.day_of(max([window.end_ms, *([end.max()] if len(end) else [])]) - 1)
    rows = lake.read(TABLE, cluster=cluster.name, date_from=first, date_to=last)
    wanted = keys(runs, RUN)
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
    return rows


def _not_taken_back(runs: pa.Table, in_force: pa.Table) -> pa.Table:
    """Runs but those that go on in this dump while a later one has their end, or saw them later."""
    ends = (
        pa.table(
            {
                "key": keys(in_force, RUN),
                "end": in_force.column("ended_ms"),
                "final": pc.cast(pc.invert(in_force.column("continues")), pa.int8()),
            }
        )
        .group_by("key")
        .aggregate([("end", "max"), ("final", "max")])
    )
    place = pc.index_in(keys(runs, RUN), value_set=ends.column("key").combine_chunks())
    seen_to = pc.fill_null(ends.column("end_max").take(place), -1)
    final = pc.fill_null(pc.equal(ends.column("final_max").take(place), 1), False)
    newer = pc.or_(final, pc.greater(seen_to, runs.column("ended_ms")))
    return runs.filter(pc.invert(pc.and_(runs.column("runs_on"), newer)))


def _untyped(rows: pa.Table, cluster: Cluster, calendar: Calendar, window: Period) -> list[Finding]:
    """A finding for each day and partition of the window whose devices have no model."""
    rows = rows.filter(pc.equal(rows.column("model"), ""))
    untyped = []
    for day, own in _days_of(rows, calendar, window):
        for queue in sorted(pc.unique(own.column("partition")).to_pylist()):
            some = own.filter(pc.equal(own.column("partition"), queue))
            detail = (
                f"{cluster.title}: 파티션 {queue or '(없음)'}의 작업 {some.num_rows}건에"
                f" 장치 모델이 없습니다. site.toml의 partition_models나 node_models에 적고"
                f" 다시 수집하세요. 예: {_examples(some)}"
            )
            untyped.append(
                Finding("fail", "untyped_model", STAGE, cluster.name, day, queue, detail)
            )
    return untyped


def _past_watermark(
    rows: pa.Table, cluster: Cluster, calendar: Calendar, window: Period
) -> list[Finding]:
    """A finding for each day and kind of source with runs whose further time nobody has told."""
    rows = rows.filter(rows.column("continues"))
    past = []
    for day, own in _days_of(rows, calendar, window):
        until = min(calendar.day(day).end_ms, window.end_ms)
        own = own.filter(pc.less(own.column("ended_ms"), until))
        for kind in sorted(pc.unique(own.column("source")).to_pylist()):
            some = own.filter(pc.equal(own.column("source"), kind))
            known_to = calendar.iso(pc.min(some.column("ended_ms")).as_py())
            detail = (
                f"{cluster.title}: 실행 중이던 작업 {some.num_rows}건의 {known_to} 이후 사용량을"
                f" 모릅니다. 스케줄러 자료를 다시 수집하세요. 예: {_examples(some)}"
            )
            past.append(
                Finding("warn", "running_past_watermark", STAGE, cluster.name, day, kind, detail)
            )
    return past


def _differing(
    runs: pa.Table, cluster: Cluster, calendar: Calendar, window: Period
) -> list[Finding]:
    """A finding for each run that came with two quantities; the larger was taken."""
    differing = []
    for run in runs.to_pylist():
        day = calendar.day_of(max(run["started_ms"], window.start_ms))
        detail = (
            f"{cluster.title}: 작업 {run['allocation_id']}의 {run['resource']} {run['model']}"
            f" 수량이 자료마다 다릅니다. 큰 값을 썼습니다(작은 값 {run['quantity_milli']} milli)."
        )
        subject = str(run["allocation_id"])
        differing.append(
            Finding("fail", "differing_quantity", STAGE, cluster.name, day, subject, detail)
        )
    return differing


def _days_of(rows: pa.Table, calendar: Calendar, window: Period) -> Sequence[tuple[date, pa.Table]]:
    days = set(calendar.days_of(window))
    return [(day, own) for day, own in by_day(rows).items() if day in days]


def _examples(rows: pa.Table) -> str:
    names = sorted(set(rows.column("allocation_id").to_pylist()))
    return ", ".join(names[:SHOWN]) + (f" 외 {len(names) - SHOWN}건" if len(names) > SHOWN else "")
