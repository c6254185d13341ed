"""What is to be told of allocations as they land: what cannot be priced, known or ordered."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from metering.calendar import Calendar, Period, days_after
from metering.collect.listings import NEVER, RUN
from metering.collect.spans import by_day, keys, replace_days
from metering.finding import Finding
from metering.lake.change import Change
from metering.lake.contract import contract
from metering.lake.lake import Lake
from metering.settings.sections import Cluster

STAGE = "collect"
LATE = "late_run"  # the table and the kind of its findings
ORDER = ("as_of_ms", "input")  # of inputs
PAST = "running_past_watermark"
ANEW = (LATE, PAST)  # kinds that follow from what is in force, of whatever day
VANISHED = "VANISHED"  # the state of a run that a later input should have listed and did not
SHOWN = 5


def untyped(rows: pa.Table, cluster: Cluster, calendar: Calendar, window: Period) -> list[Finding]:
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


def past_watermark(
    rows: pa.Table, cluster: Cluster, calendar: Calendar, window: Period
) -> list[Finding]:
    """A finding for each kind of source, and day of the window from within which, or from whose
    beginning, nobody has told whether runs that went on then still do. `rows` are the last of each
    run."""
    told_already = pc.equal(rows.column("state"), VANISHED)
    rows = rows.filter(pc.and_(rows.column("continues"), pc.invert(told_already)))
    rows = rows.filter(pc.less(rows.column("ended_ms"), window.end_ms))
    days = [calendar.day_of(end) for end in rows.column("ended_ms").to_pylist()]
    place = rows.column_names.index("date")
    rows = rows.set_column(place, rows.schema.field(place), pa.array(days, pa.date32()))
    past = []
    for day, own in _days_of(rows, calendar, window):
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


def differing_quantities(
    runs: pa.Table, cluster: Cluster, calendar: Calendar, window: Period
) -> list[Finding]:
    """A finding for each run that came with two quantities in one input; the last was taken."""
    differing = []
    for run in runs.to_pylist():
        day = calendar.day_of(max(run["started_ms"], window.start_ms))
        detail = (
            f"{cluster.title}: 작업 {run['allocation_id']}의 {run['resource']} {run['model']}"
            f" 수량이 한 자료 안에서 다릅니다. 나중 행의 값을 썼습니다"
            f"(다른 값 {run['quantity_milli']} milli)."
        )
        subject = str(run["allocation_id"])
        differing.append(
            Finding("fail", "differing_quantity", STAGE, cluster.name, day, subject, detail)
        )
    return differing


def past_anew(
    lake: Lake, cluster: Cluster, calendar: Calendar, days: Iterable[date]
) -> list[Finding]:
    """What is still to be told of whole days' runs that nobody had told further: some may have been
    since."""
    findings = []
    for day in sorted(days):
        rows = lake.read(
            "allocation", cluster=cluster.name, date_from=days_after(day, -1), date_to=day
        )
        last = rows.filter(last_of_each(rows))
        findings += past_watermark(last, cluster, calendar, calendar.day(day))
    return findings


def late_runs(lake: Lake, cluster: Cluster) -> list[Finding]:
    """A finding for each day on which runs ended that came too late to be asked for."""
    late = lake.read(LATE, cluster=cluster.name)
    return [_late_on(day, own, cluster) for day, own in by_day(late).items()]


def put_late(
    lake: Lake,
    change: Change,
    cluster: Cluster,
    calendar: Calendar,
    late: pa.Table,
    heard: Mapping[str, tuple[int, str]],
    window: Period,
) -> None:
    """Keep which runs came late. One that a later input, in the order of inputs, was heard of by,
    which says anew whether it is late, is none of before; nor is one of a day that the window
    covers whole."""
    before = lake.read(LATE, cluster=cluster.name)
    orders = zip(*(before.column(name).to_pylist() for name in ORDER), strict=True)
    known = dict(zip(keys(before, RUN).to_pylist(), orders, strict=True))
    days = [calendar.day(day) for day in before.column("date").to_pylist()]
    stay = [
        heard.get(run, NEVER) < known[run]
        and not (window.start_ms <= day.start_ms and day.end_ms <= window.end_ms)
        for run, day in zip(keys(before, RUN).to_pylist(), days, strict=True)
    ]
    fresh = [heard[run] >= known.get(run, NEVER) for run in keys(late, RUN).to_pylist()]
    late = late.filter(pa.array(fresh, pa.bool_()))
    dates = [calendar.day_of(end - 1) for end in late.column("ended_ms").to_pylist()]
    late = late.append_column("date", pa.array(dates, pa.date32()))
    late = late.append_column("cluster", pa.array([cluster.name] * late.num_rows, pa.string()))
    schema = contract(LATE).schema
    staying = before.filter(pa.array(stay, pa.bool_()))
    rows = pa.concat_tables([staying, late.select(schema.names).cast(schema)])
    replace_days(change, LATE, cluster.name, rows, {*by_day(before), *by_day(rows)})


def last_of_each(rows: pa.Table) -> pa.Array:
    """Which rows of table allocation are the last of their run."""
    texts, ends = keys(rows, RUN).to_pylist(), rows.column("ended_ms").to_pylist()
    last: dict[str, int] = {}
    for run, end in zip(texts, ends, strict=True):
        last[run] = max(end, last.get(run, end))
    return pa.array([last[run] == end for run, end in zip(texts, ends, strict=True)], pa.bool_())


def _late_on(day: date, runs: pa.Table, cluster: Cluster) -> Finding:
    """That runs of a day came too late to be asked for, with what they are worth."""
    held: Counter[str] = Counter()
    for run in runs.to_pylist():
        held_us = run["quantity_milli"] * (run["ended_ms"] - run["started_ms"])
        held[f"{run['resource']}.{run['model']}"] += held_us
    names = sorted(set(runs.column("allocation_id").to_pylist()))
    detail = (
        f"{cluster.title}: 이 날 끝난 작업 {len(names)}건의 기록이 수집한 뒤에 왔습니다"
        f"({_hours(sum(held.values()))} 장비시간). 아직 세지 않았으니 이 날을 다시 수집하세요."
        f" 예: {_some(names)}"
    )
    stake = " ".join(f"{sku}:device_us:{held_us}" for sku, held_us in sorted(held.items()))
    return Finding("warn", "late_run", STAGE, cluster.name, day, "", detail, stake)


def _hours(held_us: int) -> str:
    hundredths = held_us // 36_000_000
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _days_of(rows: pa.Table, calendar: Calendar, window: Period) -> Sequence[tuple[date, pa.Table]]:
    days = set(calendar.days_of(window))
    return [(day, own) for day, own in by_day(rows).items() if day in days]


def _examples(rows: pa.Table) -> str:
    return _some(sorted(set(rows.column("allocation_id").to_pylist())))


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" 외 {len(names) - SHOWN}건" if len(names) > SHOWN else "")
