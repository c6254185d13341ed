"""Periods, accounting days, months and business days: the only civil-time code."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A half-open stretch [start_ms, end_ms) of UTC epoch milliseconds."""

    start_ms: int
    end_ms: int

    def __post_init__(self) -> None:
        if self.end_ms < self.start_ms:
            raise ValueError(f"a period cannot end ({self.end_ms}) before it starts ({self.start_ms})")

    def hours(self) -> list[int]:
        """The starts of the UTC hours that the period touches."""
        first = self.start_ms - self.start_ms % HOUR_MS
        return list(range(first, self.end_ms, HOUR_MS))

    def overlap_ms(self, start_ms: int, end_ms: int) -> int:
        """How many ms of [start_ms, end_ms) lie in the period."""
        return max(0, min(self.end_ms, end_ms) - max(self.start_ms, start_ms))


def parse_day(text: str) -> date:
    """A day written 2025-10-01; ValueError otherwise."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(f"write a day as 2025-10-01, not {text!r}")
    return date.fromisoformat(text)


def parse_month(text: str) -> str:
    """A month key written 2025-10; ValueError otherwise."""
    if not MONTH.fullmatch(text):
        raise ValueError(f"write a month as 2025-10, not {text!r}")
    return text


def next_month(month: str) -> str:
    """The month key after `month`."""
    return month_of(month_last_day(month) + timedelta(days=1))


def previous_month(month: str) -> str:
    """The month key before `month`."""
    return month_of(month_first_day(month) - timedelta(days=1))


def month_of(day: date) -> str:
    """The month key of a day."""
    return f"{day.year:04d}-{day.month:02d}"


def month_first_day(month: str) -> date:
    """The first day of a month key."""
    return date.fromisoformat(parse_month(month) + "-01")


def month_last_day(month: str) -> date:
    """The last day of a month key."""
    first = month_first_day(month)
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


class Calendar:
    """The civil days and months of one zone, whose offset is a constant whole number of hours."""

    def __init__(self, zone: str) -> None:
        try:
            self.zone = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{zone!r} is not a time zone; Asia/Seoul is one") from error
        self.name = zone
        offsets = {
            datetime(year, month, 1, tzinfo=self.zone).utcoffset()
            for year in range(2020, 2041)
            for month in range(1, 13)
        }
        offset = offsets.pop()
        if offsets or offset is None or offset % timedelta(hours=1):
            raise ValueError(
                f"{zone}: its offset must be a constant whole number of hours, so that hours nest in days"
            )
        self._offset = offset
        self._offset_ms = offset // timedelta(milliseconds=1)

    def day(self, day: date) -> Period:
        """The accounting day as a period."""
        start = (day - EPOCH.date()).days * DAY_MS - self._offset_ms
        return Period(start, start + DAY_MS)

    def day_of(self, instant_ms: int) -> date:
        """The accounting day that an instant lies in."""
        return EPOCH.date() + timedelta(days=(instant_ms + self._offset_ms) // DAY_MS)

    def days(self, first: date, last: date) -> list[date]:
        """The days from first to last, both included."""
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def month(self, month: str) -> Period:
        """A month as a period."""
        start = self.day(month_first_day(month)).start_ms
        return Period(start, self.day(month_last_day(month)).end_ms)

    def month_days(self, month: str) -> list[date]:
        """The days of a month."""
        return self.days(month_first_day(month), month_last_day(month))

    def month_of(self, day: date) -> str:
        """The month key of a day."""
        return month_of(day)

    def seconds_in_month(self, month: str) -> int:
        """How many seconds a month has."""
        return len(self.month_days(month)) * 86_400

    def hours_in_month(self, month: str) -> int:
        """How many hours a month has."""
        return len(self.month_days(month)) * 24

    def instant(self, text: str, naive: Literal["refuse", "utc", "site"] = "refuse") -> int:
        """An ISO 8601 instant as UTC epoch ms; one without an offset is refused unless told whose it is."""
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError as error:
            raise ValueError(f"write an instant as 2025-10-01T00:00:00+09:00, not {text!r}") from error
        if moment.tzinfo is None:
            if naive == "refuse":
                raise ValueError(f"{text!r} has no offset: write +09:00 or Z behind it")
            moment = moment.replace(tzinfo=UTC if naive == "utc" else self.zone)
        since = moment - EPOCH
        if since % timedelta(milliseconds=1):
            raise ValueError(f"{text!r} is finer than a millisecond")
        return since // timedelta(milliseconds=1)

    def iso(self, instant_ms: int) -> str:
        """An instant in the site's time, to the second where it is whole."""
        moment = (EPOCH + timedelta(milliseconds=instant_ms)).astimezone(self.zone)
        return moment.isoformat(timespec="milliseconds" if instant_ms % 1000 else "seconds")

    def tax_invoice_deadline(
        self, month: str, holidays: Collection[date] = (), working: Collection[date] = ()
    ) -> date:
        """The 10th of the next month, or the next business day (VAT Act 34(3)).

        `holidays` are days off that the library does not know yet, `working` the reverse.
        """
        day = month_first_day(next_month(month)).replace(day=10)
        while not is_business_day(day, holidays, working):
            day += timedelta(days=1)
        return day


def is_business_day(
    day: date, extra_holidays: Collection[date] = (), working: Collection[date] = ()
) -> bool:
    """Whether a day is neither a weekend nor a Korean public holiday."""
    if day in working:
        return True
    if day.weekday() >= 5 or day in extra_holidays:
        return False
    import holidays

    return day not in holidays.country_holidays("KR", years=day.year)
