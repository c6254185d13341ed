"""What a cloud's meters say was used: readings of amounts and levels, by the counter's type."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby, pairwise

from metering.errors import SourceError
from metering.period import HOUR_MS, SECOND_MS, Calendar, Period
from metering.settings.source_options.cloud_units import MEASURES
from metering.sources.cloud.meters import CloudMeter
from metering.sources.reading.exact_numbers import INT64_MAX

Reading = tuple[str, str, str, str, int, int, int, str]  # in the order of READING
Values = Sequence[tuple[CloudMeter, Fraction]]


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
    found: dict[date, list[Reading]] = {}
    for span, total in totals.items():
        day = calendar.day_of(span.period.start_ms)
        found.setdefault(day, []).extend(_pieces(span, total, source))
    return found


def _group(one: CloudMeter) -> tuple[str, ...]:
    """Meters that are counted together; it names the counter's type and measure last."""
    return (
        one.account, one.sku, one.counter, one.app_key, one.resource_id, one.counter_type,
        one.measure,
    )  # fmt: skip


def _totals(group: Sequence[CloudMeter], calendar: Calendar) -> Iterator[tuple[_Span, int]]:
    """The amount of every span that one counter of one resource was metered in."""
    first = group[0]
    measure = MEASURES[first.measure]
    parts = dict.fromkeys((first.counter, first.app_key, first.resource_id))
    resource_id = "/".join(part for part in parts if part)
    valued = [(one, Fraction(one.volume)) for one in group]
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
            return max(values, key=lambda one: (one[0].used_ms, one[0].asked_ms, one[1]))[1]
        case _:
            raise SourceError(f"{kind}: no type of a counter")


def _by_period(values: Values, calendar: Calendar, hourly: bool) -> dict[Period, Values]:
    found: dict[Period, list[tuple[CloudMeter, Fraction]]] = {}
    for one in values:
        at = one[0].used_ms
        hour = at // HOUR_MS * HOUR_MS
        period = Period(hour, hour + HOUR_MS) if hourly else calendar.day(calendar.day_of(at))
        found.setdefault(period, []).append(one)
    return dict(sorted(found.items()))


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
    for one, other in pairwise(sorted(totals)):
        same = (one.account, one.sku, one.resource_id)
        if same == (other.account, other.sku, other.resource_id) and (
            other.period.start_ms < one.period.end_ms
        ):
            raise SourceError(
                f"{one.resource_id} of {one.account} was read in two ways; collect all days of"
                " its meters again"
            )
