"""Meters of a cloud to the lake: each kept as it came, and the readings of their days made anew."""

from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby, pairwise

import pyarrow as pa
import pyarrow.compute as pc

from metering.calendar import HOUR_MS, SECOND_MS, Calendar, Period, month_first_day, month_last_day
from metering.collect.doubtful_meters import merged_away, repeated
from metering.collect.spans import replace_days
from metering.errors import JeongsanError, SourceError
from metering.finding import Finding
from metering.lake.change import Change
from metering.lake.contract import contract
from metering.lake.lake import Lake
from metering.settings.sections import Section
from metering.settings.site_toml import Site
from metering.settings.source_options.cloud import CloudOptions
from metering.settings.source_options.cloud_units import MEASURES
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.cloud.meters import CloudMeter
from metering.sources.reading.exact_numbers import INT64_MAX
from metering.sources.reading.schemas import CLOUD_METER, READING, table_of

Reading = tuple[str, str, str, str, int, int, int, str]  # in the order of READING
Values = Sequence[tuple[CloudMeter, Fraction]]
STAGE = "collect"
Key = tuple[str, str, str, str, int, str]
Meters = dict[Key, CloudMeter]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a source's meters and readings lie."""

    lake: Lake
    section: Section
    source: SourceConfig
    calendar: Calendar


def land_cloud_meters(
    lake: Lake,
    change: Change,
    section: Section,
    site: Site,
    source: SourceConfig,
    rows: pa.Table,
    window: Period,
) -> list[Finding]:
    """Put the meters (CLOUD_METER) that answer for the window's whole days among those in force.

    They are asked for by insertion and belong to the day of their use: a late one is added to its
    own day. One in force that was asked for and did not come was deleted by the cloud, and goes.
    What an answer gives again replaces what it gave before; what may be counted twice is told.
    """
    place = _Place(lake, section, source, site.calendar)
    asked = site.calendar.whole_days(window)
    rows_came = _meters(rows)
    came = _newest(rows_came)
    before = _in_force(place, asked, came.values())
    after, deleted = _merged(before, came, asked, _names(source))
    days = _changed(before, after, place.calendar)
    if days:
        _put_meters(place, change, after, days)
        _put_readings(place, change, before, after, days)
    where = section, source.name, site.calendar
    return [
        *_deleted(place, deleted),
        *merged_away(rows_came, *where, named=_names(source) is not None),
        *repeated(after.values(), *where),
    ]


def _meters(rows: pa.Table) -> list[CloudMeter]:
    columns = [rows.column(name).to_pylist() for name in CLOUD_METER.names]
    return [CloudMeter(*values) for values in zip(*columns, strict=True)]


def _key(meter: CloudMeter) -> Key:
    """The cloud's own id names a meter, but only together with what it is about: two meters that
    share an id must not become one."""
    return (
        meter.account, meter.counter, meter.app_key, meter.resource_id, meter.used_ms,
        meter.meter_id,
    )  # fmt: skip


def _newest(meters: Iterable[CloudMeter]) -> Meters:
    """One meter a key: that inserted last, of several at once the larger."""
    newest: Meters = {}
    for meter in meters:
        other = newest.setdefault(_key(meter), meter)
        if _order(meter) > _order(other):
            newest[_key(meter)] = meter
    return newest


def _order(meter: CloudMeter) -> tuple[int, int, str]:
    whole = meter.volume.partition(".")[0]
    return meter.asked_ms, len(whole), meter.volume


def _names(source: SourceConfig) -> frozenset[str] | None:
    """The counters that were asked for, one by one; None where all come without being named."""
    if not isinstance(source.options, CloudOptions):
        raise JeongsanError(f"{source.name}: is no cloud")
    nhn = source.options.provider == "nhn"
    return frozenset(source.options.counters) if nhn else None


def _in_force(place: _Place, asked: Period, came: Iterable[CloudMeter]) -> Meters:
    """The source's meters of every day that may change, of whole months where that matters.

    A meter that was inserted in the period asked for was used in its month or the month before:
    NHN Cloud bills the month before then, and deletes nothing of a month that is billed.
    """
    calendar = place.calendar
    last = calendar.day_of(asked.end_ms - 1)
    first = calendar.day_of(asked.start_ms)
    first = calendar.day_of(calendar.day(month_first_day(calendar.month_of(first))).start_ms - 1)
    used = {calendar.day_of(meter.used_ms) for meter in came}
    first = month_first_day(calendar.month_of(min({first, *used})))
    last = month_last_day(calendar.month_of(max({last, *used})))
    rows = place.lake.read("cloud_meter", cluster=place.section.name, date_from=first, date_to=last)
    rows = rows.filter(pc.equal(rows.column("input"), place.source.name))
    at = rows.column("asked_ms")
    answered = pc.and_(pc.greater_equal(at, asked.start_ms), pc.less(at, asked.end_ms))
    wanted = {*used, *rows.filter(answered).column("date").to_pylist(), *calendar.days_of(asked)}
    kept = pc.is_in(rows.column("date"), value_set=pa.array(sorted(wanted), pa.date32()))
    kinds = pa.array(["MONTHLY_MAX"])
    kept = pc.or_(kept, pc.is_in(rows.column("counter_type"), value_set=kinds))
    return {_key(meter): meter for meter in _meters(rows.filter(kept))}


def _merged(
    before: Meters, came: Meters, asked: Period, names: frozenset[str] | None
) -> tuple[Meters, list[CloudMeter]]:
    """What is in force after an answer, and what went because the answer has it no longer.

    A later insertion that is in force stays where an older one is read again, unless it was asked
    for as well: then the cloud has taken it back.
    """
    gone = [
        meter
        for key, meter in before.items()
        if asked.holds(meter.asked_ms)
        and key not in came
        and (names is None or meter.counter in names)
    ]
    after = {**before, **came}
    for key in before.keys() & came.keys():
        later = before[key].asked_ms > came[key].asked_ms
        if later and not asked.holds(before[key].asked_ms):
            after[key] = before[key]
    for meter in gone:
        del after[_key(meter)]
    return after, gone


def _changed(before: Meters, after: Meters, calendar: Calendar) -> set[date]:
    """The days of use with a meter that is new, gone or other than before."""
    differing = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
    return {calendar.day_of(key[4]) for key in differing}


def _put_meters(place: _Place, change: Change, after: Meters, days: set[date]) -> None:
    """Replaces the source's meters of the days; those of other sources stay."""
    name = place.section.name
    tables = [contract("cloud_meter").schema.empty_table()]
    for day in sorted(days):
        there = place.lake.read("cloud_meter", cluster=name, date_from=day, date_to=day)
        tables.append(there.filter(pc.not_equal(there.column("input"), place.source.name)))
    own = [meter for meter in after.values() if place.calendar.day_of(meter.used_ms) in days]
    tables.append(_placed(place, own))
    replace_days(change, "cloud_meter", name, pa.concat_tables(tables), days)


def _placed(place: _Place, meters: Sequence[CloudMeter]) -> pa.Table:
    """Meters as rows of cloud_meter."""
    rows = table_of(meters, CLOUD_METER)
    dates = [place.calendar.day_of(meter.used_ms) for meter in meters]
    extra = {
        "cluster": pa.array([place.section.name] * len(meters), pa.string()),
        "input": pa.array([place.source.name] * len(meters), pa.string()),
        "date": pa.array(dates, pa.date32()),
    }
    schema = contract("cloud_meter").schema
    columns = [extra[n] if n in extra else rows.column(n) for n in schema.names]
    return pa.table(columns, schema=schema)


def _put_readings(
    place: _Place, change: Change, before: Meters, after: Meters, days: set[date]
) -> None:
    """Takes the readings that the meters before gave out of their days and puts the new ones in.

    A reading does not say which source it came by, but the meters in force say which they were.
    """
    old, new = (_readings(place, meters) for meters in (before, after))
    name, schema = place.section.name, contract("reading").schema
    moved = {day for day in {*old, *new} if sorted(old.get(day, ())) != sorted(new.get(day, ()))}
    for day in sorted(days | moved):
        there = place.lake.read("reading", cluster=name, date_from=day, date_to=day)
        ours = {reading[:4] for reading in (*old.get(day, ()), *new.get(day, ()))}
        subjects = zip(*(there.column(n).to_pylist() for n in READING.names[:4]), strict=True)
        kept = there.filter(pa.array([subject not in ours for subject in subjects], pa.bool_()))
        rows = table_of(new.get(day, ()), READING)
        put = pa.table(
            [
                pa.array([name] * rows.num_rows, pa.string()),
                pa.array([day] * rows.num_rows, pa.date32()),
                *rows.columns,
            ],
            schema=schema,
        )
        replace_days(change, "reading", name, pa.concat_tables([kept, put]), {day})


def _readings(place: _Place, meters: Meters) -> Mapping[date, Sequence[Reading]]:
    return readings(meters.values(), place.section.name, place.calendar)


def _deleted(place: _Place, gone: Sequence[CloudMeter]) -> list[Finding]:
    """A finding for each day and counter of which the cloud has meters no longer."""
    tally = Tally((place.calendar.day_of(meter.used_ms), meter.counter) for meter in gone)
    return [
        Finding(
            "warn",
            "deleted_meter",
            STAGE,
            place.section.name,
            day,
            f"{place.source.name} {counter}",
            f"{place.section.title}: 전에 받은 {counter} 의 미터 {count}건이"
            " 클라우드의 답에 더는 없어 그 날의 사용량에서 뺐습니다.",
        )
        for (day, counter), count in sorted(tally.items())
    ]


@dataclass(frozen=True, slots=True, order=True)
class _Span:
    """A subject and a stretch of its time; amounts that fall on one are added."""

    account: str
    sku: str
    resource_id: str
    period: Period
    unit: str


def readings(
    meters: Iterable[CloudMeter], source: str, calendar: Calendar
) -> dict[date, list[Reading]]:
    """The readings of every accounting day. A month with a MONTHLY_MAX has to be given whole.

    An amount is spread evenly over the span that it was counted for: an hour, or a day. What does
    not divide by its seconds lies on the first of them, so that the sum is exact to one
    milli-device-second or MiB-second, below which a span's amount is let fall.
    """
    totals: dict[_Span, int] = {}
    for _, group in groupby(sorted(meters, key=_group), _group):
        for span, total in _totals(list(group), calendar):
            totals[span] = totals.get(span, 0) + total
    _never_twice(totals)
    by_day: dict[date, list[Reading]] = {}
    for span, total in totals.items():
        day = calendar.day_of(span.period.start_ms)
        by_day.setdefault(day, []).extend(_pieces(span, total, source))
    return by_day


def _group(meter: CloudMeter) -> tuple[str, ...]:
    """Meters that are counted together; it names the counter's type and measure last."""
    return (
        meter.account, meter.sku, meter.counter, meter.app_key, meter.resource_id,
        meter.counter_type, meter.measure,
    )  # fmt: skip


def _totals(group: Sequence[CloudMeter], calendar: Calendar) -> Iterator[tuple[_Span, int]]:
    """The amount of every span that one counter of one resource was metered in."""
    first = group[0]
    measure = MEASURES[first.measure]
    parts = dict.fromkeys((first.counter, first.app_key, first.resource_id))
    resource_id = "/".join(part for part in parts if part)
    valued = [(meter, Fraction(meter.volume)) for meter in group]
    for period, value, length_s in _spans(first.counter_type, valued, calendar):
        amount = value * measure.factor * (length_s if measure.level else 1)
        yield _Span(first.account, first.sku, resource_id, period, measure.unit), int(amount)


def _spans(kind: str, values: Values, calendar: Calendar) -> Iterator[tuple[Period, Fraction, int]]:
    """Spans, their values, and how many seconds a level of that value lasts."""
    if kind == "MONTHLY_MAX":
        yield from _rises(values, calendar)
        return
    hourly = kind in ("DELTA", "GAUGE", "HOURLY_LATEST")
    for period, own in _by_period(values, calendar, hourly).items():
        yield period, _value(kind, own), (period.end_ms - period.start_ms) // SECOND_MS


def _value(kind: str, values: Values) -> Fraction:
    """What the meters of one span come to."""
    match kind:
        case "DELTA" | "DAY":
            return sum((value for _, value in values), Fraction(0))
        case "GAUGE" | "DAILY_MAX" | "MONTHLY_MAX":
            return max(value for _, value in values)
        case "HOURLY_LATEST":
            return max(values, key=lambda pair: (pair[0].used_ms, pair[0].asked_ms, pair[1]))[1]
        case _:
            raise SourceError(f"{kind}: no type of a counter")


def _by_period(values: Values, calendar: Calendar, hourly: bool) -> dict[Period, Values]:
    by_period: dict[Period, list[tuple[CloudMeter, Fraction]]] = {}
    for valued in values:
        at = valued[0].used_ms
        hour = at // HOUR_MS * HOUR_MS
        period = Period(hour, hour + HOUR_MS) if hourly else calendar.day(calendar.day_of(at))
        by_period.setdefault(period, []).append(valued)
    return dict(sorted(by_period.items()))


def _rises(values: Values, calendar: Calendar) -> Iterator[tuple[Period, Fraction, int]]:
    """A month's maximum, as the rises that led to it, each on its day; they add up to it.

    A day is so known from the days before it: what comes later in the month never changes it.
    """
    month, highest = "", Fraction(0)
    for period, own in _by_period(values, calendar, hourly=False).items():
        of_day = calendar.month_of(calendar.day_of(period.start_ms))
        if of_day != month:
            month, highest = of_day, Fraction(0)
        value = max(_value("MONTHLY_MAX", own), highest)
        whole = calendar.month(month)
        yield period, value - highest, (whole.end_ms - whole.start_ms) // SECOND_MS
        highest = value


def _pieces(span: _Span, total: int, source: str) -> Iterator[Reading]:
    """A span's amount as levels: one more over its first seconds, where it does not divide."""
    start_ms, end_ms = span.period.start_ms, span.period.end_ms
    level, more_s = divmod(total, (end_ms - start_ms) // SECOND_MS)
    if level >= INT64_MAX:
        raise SourceError(f"{span.resource_id} of {span.account}: {total} is no possible amount")
    cut_ms = start_ms + more_s * SECOND_MS
    for from_ms, to_ms, quantity in ((start_ms, cut_ms, level + 1), (cut_ms, end_ms, level)):
        if from_ms < to_ms:
            yield (
                source, span.account, span.sku, span.resource_id, from_ms, to_ms, quantity,
                span.unit,
            )  # fmt: skip


def _never_twice(totals: Mapping[_Span, int]) -> None:
    """A counter that was of two types, or measures, at once would be counted twice."""
    for span, other in pairwise(sorted(totals)):
        same = (span.account, span.sku, span.resource_id)
        if same == (other.account, other.sku, other.resource_id) and (
            other.period.start_ms < span.period.end_ms
        ):
            raise SourceError(
                f"{span.resource_id} of {span.account} was read in two ways; collect all days of"
                " its meters again"
            )
