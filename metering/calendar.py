"""The only civil time: half-open periods, a site's days and months, business days."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import holidays

from metering.errors import TimeError
from metering.written_time import read_written_time

SECOND_MS = 1000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
MILLISECOND = timedelta(milliseconds=1)
OFFSET_FROM, OFFSET_UNTIL = 2020, 2041  # the years in which a zone's offset has to stand still
FIRST_YEAR, LAST_YEAR = 2000, 2100  # of accounting days; clocks outside are wrong
MONTH_YEAR_MAX = 9999  # a month has another after it
DAYS_MAX = 3_660  # that are named at once
MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
CLOCK = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", re.ASCII)
TAX_INVOICE_DAY = 10  # Value-Added Tax Act, article 34(3): the 10th of the month after

Naive = Literal["utc", "site"]


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A half-open stretch of time, in UTC epoch milliseconds."""

    start_ms: int
    end_ms: int

    def __post_init__(self) -> None:
        if self.end_ms < self.start_ms:
            raise TimeError(
                f"a period cannot end ({self.end_ms}) before it starts ({self.start_ms})"
            )

    def hours(self) -> list[int]:
        """The starts of every UTC hour that the period touches, in ms."""
        first = self.start_ms // HOUR_MS * HOUR_MS
        return list(range(first, self.end_ms, HOUR_MS)) if self.end_ms > self.start_ms else []

    def overlap_ms(self, start_ms: int, end_ms: int) -> int:
        """How many ms of [start_ms, end_ms) lie in the period; 0 where none do."""
        return max(0, min(self.end_ms, end_ms) - max(self.start_ms, start_ms))

    def holds(self, instant_ms: int) -> bool:
        """Whether an instant lies in the period."""
        return self.start_ms <= instant_ms < self.end_ms


@dataclass(frozen=True, slots=True)
class Calendar:
    """A site's days and months; TimeError unless UTC hours nest in its days (METERING 1).

    `holidays` says of single days whether they are public holidays (temporary ones are declared
    late); what falls due follows from them, and no accounting day does."""

    zone: str
    holidays: Mapping[date, bool] = field(default_factory=dict, compare=False)
    offset_ms: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "offset_ms", _constant_offset_ms(self.zone))

    def day(self, day: date) -> Period:
        """The accounting day as a period."""
        start_ms = (day.toordinal() - EPOCH_ORDINAL) * DAY_MS - self.offset_ms
        return Period(start_ms, start_ms + DAY_MS)

    def day_of(self, instant_ms: int) -> date:
        """The accounting day that an instant lies in."""
        return date.fromordinal((instant_ms + self.offset_ms) // DAY_MS + EPOCH_ORDINAL)

    def days(self, first: date, last: date) -> list[date]:
        """The days from the first to the last, both included; none where the last is earlier."""
        return [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]

    def days_of(self, period: Period) -> list[date]:
        """The accounting days that a period touches."""
        if period.end_ms <= period.start_ms:
            return []
        return self.days(self.day_of(period.start_ms), self.day_of(period.end_ms - 1))

    def whole_days(self, period: Period) -> Period:
        """The accounting days that a period touches, as one period."""
        days = self.days_of(period)
        return Period(self.day(days[0]).start_ms, self.day(days[-1]).end_ms) if days else period

    def month(self, month: str) -> Period:
        """The accounting month, written 2025-10, as a period."""
        start_ms = self.day(month_first_day(month)).start_ms
        return Period(start_ms, self.day(month_last_day(month)).end_ms)

    def month_days(self, month: str) -> list[date]:
        """Every day of a month."""
        return days_of_month(month)

    def month_of(self, day: date) -> str:
        """The month that a day lies in, written 2025-10."""
        return month_of(day)

    def business_days_after(self, day: date, count: int) -> date:
        """The business day that is so many business days after a day, which itself is not one."""
        for _ in range(count):
            day = self.business_day(day + timedelta(days=1))
        return day

    def business_day(self, day: date) -> date:
        """The day itself if it is a business day, else the first one after it."""
        return next_business_day(day, self.holidays)

    def instant(self, text: str, naive: Naive | None = None) -> int:
        """The instant, in ms rounded down, of an ISO 8601 text with an offset or Z.

        A text without an offset is refused unless `naive` says whose clock it was.
        """
        text = text.strip()
        try:
            if not CLOCK.match(text):
                raise ValueError(text)
            moment = datetime.fromisoformat(text)
        except ValueError:
            return self._written_instant(text, naive)
        if moment.tzinfo is not None:
            return (moment - EPOCH) // MILLISECOND
        if naive is None:
            raise TimeError(f"{text!r} has no offset: add one, like +09:00 or Z")
        instant_ms = (moment.replace(tzinfo=UTC) - EPOCH) // MILLISECOND
        return instant_ms - (self.offset_ms if naive == "site" else 0)

    def _written_instant(self, text: str, naive: Naive | None) -> int:
        """The instant of a text that is not plain ISO 8601: Korean clock times, 24:00."""
        refusal = f"{text!r} is no instant: write it like 2025-10-01T00:00:00+09:00"
        try:
            written = read_written_time(text)
        except TimeError as error:
            raise TimeError(refusal) from error
        if written.clock_ms is None or text[:8].isdecimal():  # eight digits may be a number too
            raise TimeError(refusal)
        offset_ms = written.offset_ms
        if offset_ms is None:
            if naive is None:
                raise TimeError(f"{text!r} has no offset: add one, like +09:00 or Z")
            offset_ms = self.offset_ms if naive == "site" else 0
        days = written.day.toordinal() - EPOCH_ORDINAL
        return days * DAY_MS + written.clock_ms - offset_ms

    def moment(self, text: str) -> int:
        """The instant of an ISO 8601 text, or the first of the day written 2025-10-01."""
        if DATE.fullmatch(text.strip()):
            return self.day(read_date(text.strip())).start_ms
        return self.instant(text)

    def iso(self, instant_ms: int) -> str:
        """An instant in the site's time, ISO 8601 with its offset; thousandths if it has any."""
        local = EPOCH + timedelta(milliseconds=instant_ms + self.offset_ms)
        hours = abs(self.offset_ms) // HOUR_MS
        sign = "-" if self.offset_ms < 0 else "+"
        grain = "milliseconds" if instant_ms % SECOND_MS else "seconds"
        return f"{local.replace(tzinfo=None).isoformat(timespec=grain)}{sign}{hours:02d}:00"


@lru_cache(maxsize=16)
def _constant_offset_ms(zone: str) -> int:
    """A zone's offset, TimeError unless it stays one whole number of hours."""
    try:
        place = ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise TimeError(f"{zone!r} is no time zone: write one like Asia/Seoul") from error
    first, last = datetime(OFFSET_FROM, 1, 1, tzinfo=UTC), datetime(OFFSET_UNTIL, 1, 1, tzinfo=UTC)
    moments = (first + timedelta(hours=12 * n) for n in range((last - first).days * 2))
    offsets = {moment.astimezone(place).utcoffset() for moment in moments}
    offset = offsets.pop()
    if offsets or offset is None:
        raise TimeError(f"{zone}: its offset changes, so that days of it are not alike; refused")
    offset_ms = offset // MILLISECOND
    if offset_ms % HOUR_MS:
        raise TimeError(f"{zone}: its offset is no whole number of hours, so UTC hours do not nest")
    return offset_ms


def read_date(text: str) -> date:
    """A day written 2025-10-01; anything else is a TimeError."""
    try:
        if not DATE.fullmatch(text):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError as error:
        raise TimeError(f"{text!r} is no date: write it like 2025-10-01") from error


def read_month(text: str) -> str:
    """A month written 2025-10, as it is; TimeError otherwise."""
    month_first_day(text)
    return text


def read_days(text: str) -> list[date]:
    """The days of `2025-10-01` or `2025-10-01..2025-10-31`, both ends included."""
    first, _, last = text.partition("..")
    start, end = read_date(first), read_date(last or first)
    if end < start:
        raise TimeError(f"{text!r} ends before it begins")
    if (end - start).days >= DAYS_MAX:
        raise TimeError(f"{text!r} is of more than {DAYS_MAX} days; name fewer at once")
    if not FIRST_YEAR <= start.year <= end.year < LAST_YEAR:
        raise TimeError(f"{text!r} is not within the years {FIRST_YEAR} to {LAST_YEAR - 1}")
    return [date.fromordinal(n) for n in range(start.toordinal(), end.toordinal() + 1)]


def read_months(text: str) -> tuple[str, str]:
    """The first and the last month of `2025-10` or `2025-10..2026-09`."""
    first, _, last = text.partition("..")
    if read_month(last or first) < read_month(first):
        raise TimeError(f"{text!r} ends before it begins")
    return first, last or first


def month_first_day(month: str) -> date:
    """The first day of a month written 2025-10; anything else is a TimeError."""
    parts = MONTH.fullmatch(month)
    if parts is None or not 1 <= int(parts[1]) < MONTH_YEAR_MAX:
        raise TimeError(f"{month!r} is no month: write it like 2025-10")
    return date(int(parts[1]), int(parts[2]), 1)


def month_last_day(month: str) -> date:
    """The last day of a month, on which its documents are dated."""
    return month_first_day(next_month(month)) - timedelta(days=1)


def days_of_month(month: str) -> list[date]:
    """Every day of a month."""
    first, last = month_first_day(month).toordinal(), month_last_day(month).toordinal()
    return [date.fromordinal(n) for n in range(first, last + 1)]


def months_of_year(year: int) -> list[str]:
    """The twelve months of a year."""
    return [f"{year:04d}-{month:02d}" for month in range(1, 13)]


def month_of(day: date) -> str:
    """The month that a day lies in, written 2025-10."""
    return f"{day.year:04d}-{day.month:02d}"


def next_month(month: str) -> str:
    """The month after."""
    first = month_first_day(month)
    return month_of(date(first.year + first.month // 12, first.month % 12 + 1, 1))


def previous_month(month: str) -> str:
    """The month before."""
    return month_of(month_first_day(month) - timedelta(days=1))


def seconds_in_month(month: str) -> int:
    """How long a month is, in seconds."""
    return (month_last_day(month).day * DAY_MS) // SECOND_MS


def hours_in_month(month: str) -> int:
    """How long a month is, in hours."""
    return month_last_day(month).day * 24


def days_after(day: date, days: int) -> date:
    """The day so many days later (earlier, if negative)."""
    return day + timedelta(days=days)


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of its month where that has no such day."""
    month = month_of(day)
    for _ in range(months):
        month = next_month(month)
    return min(days_after(month_first_day(month), day.day - 1), month_last_day(month))


def years_after(day: date, years: int) -> date:
    """The same day so many years later; the 29th of February becomes the 1st of March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def is_business_day(day: date, overrides: Mapping[date, bool] | None = None) -> bool:
    """Whether a day is neither a weekend nor a public holiday of Korea.

    `overrides` says of single days whether they are holidays (temporary ones are declared late).
    """
    declared = (overrides or {}).get(day)
    holiday = declared if declared is not None else day in _korean_holidays(day.year)
    return day.weekday() < 5 and not holiday


@lru_cache(maxsize=64)
def _korean_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("KR", years=[year]))


def next_business_day(day: date, overrides: Mapping[date, bool] | None = None) -> date:
    """The day itself if it is a business day, else the first one after it."""
    while not is_business_day(day, overrides):
        day += timedelta(days=1)
    return day


def tax_invoice_deadline(month: str, overrides: Mapping[date, bool] | None = None) -> date:
    """The last day to issue a month's tax invoices (Value-Added Tax Act, article 34(3))."""
    tenth = month_first_day(next_month(month)).replace(day=TAX_INVOICE_DAY)
    return next_business_day(tenth, overrides)
