"""Days and times of day as spreadsheets, banks and people write them; always the year first."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from metering.errors import TimeError

DAY_MS = 86_400_000
WRITTEN_DAY = (
    r"(?P<year>\d{4})(?:(?P<mark>[-./]) ?(?P<month>\d{1,2})(?P=mark) ?(?P<day>\d{1,2})\.?"
    r"|년 ?(?P<korean_month>\d{1,2})월 ?(?P<korean_day>\d{1,2})일|(?P<plain>\d{4}))"
)
WRITTEN_CLOCK = (
    r"(?P<half>오전|오후|AM|PM)? ?(?:(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
    r"|(?P<korean_hour>\d{1,2})시(?: ?(?P<korean_minute>\d{1,2})분"
    r"(?: ?(?P<korean_second>\d{1,2})초)?)?"
    r"|(?P<digits>\d{4}(?:\d{2})?))(?: ?(?P<later_half>AM|PM))?"
)
WRITTEN = re.compile(
    rf"{WRITTEN_DAY}(?:(?:T| +|(?=오전|오후)){WRITTEN_CLOCK}"
    r" ?(?P<offset>Z|[+-]\d{2}(?::?\d{2})?)?)?",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class WrittenTime:
    """A day, and the time of day in ms and its offset where the text has them."""

    day: date
    clock_ms: int | None = None
    offset_ms: int | None = None


def read_written_time(text: str) -> WrittenTime:
    """A day and a time of day as people write them; 24:00 is the midnight that ends the day.

    `2025-10-01 오후 2:03:22`, `2025. 10. 1. 오전 9:05`, `2025년 10월 1일 14시 3분`,
    `20251001 0905`. TimeError where it is no such text, or no such day or time of day.
    """
    parts = WRITTEN.fullmatch(" ".join(text.split()))
    if parts is None:
        raise TimeError(f"{text!r} is no day: write it like 2025-11-20 14:03:22")
    plain = parts["plain"] or ""
    month = parts["month"] or parts["korean_month"] or plain[:2]
    number = parts["day"] or parts["korean_day"] or plain[2:]
    written = f"{parts['year']}-{int(month):02d}-{int(number):02d}"
    try:
        day = date.fromisoformat(written)
    except ValueError as error:
        raise TimeError(f"{written!r} is no date: write it like 2025-10-01") from error
    if not (parts["hour"] or parts["korean_hour"] or parts["digits"]):
        return WrittenTime(day)
    clock_ms = _clock_ms(text, parts)
    offset = parts["offset"]
    if offset is None:
        offset_ms = None
    elif offset in ("Z", "z"):
        offset_ms = 0
    else:
        minutes = int(offset[1:3]) * 60 + int(offset[3:].lstrip(":") or 0)
        offset_ms = (minutes if offset[0] == "+" else -minutes) * 60_000
    if clock_ms == DAY_MS:
        return WrittenTime(day + timedelta(days=1), 0, offset_ms)
    return WrittenTime(day, clock_ms, offset_ms)


def _clock_ms(text: str, parts: re.Match[str]) -> int:
    """The time of day in ms; that of 24:00 is a day's."""
    digits = parts["digits"] or ""
    hour = int(parts["hour"] or parts["korean_hour"] or digits[:2])
    minute = int(parts["minute"] or parts["korean_minute"] or digits[2:4] or 0)
    second = int(parts["second"] or parts["korean_second"] or digits[4:] or 0)
    thousandths = int((parts["part"] or "0")[:3].ljust(3, "0"))
    half = (parts["half"] or parts["later_half"] or "").upper()
    if half:
        if hour > 12 or (parts["half"] and parts["later_half"]):
            raise TimeError(f"{text!r} is no time of day")
        hour = hour % 12 + (12 if half in ("오후", "PM") else 0)
    clock_ms = ((hour * 60 + minute) * 60 + second) * 1000 + thousandths
    if minute > 59 or second > 59 or clock_ms > DAY_MS:
        raise TimeError(f"{text!r} is no time of day")
    return clock_ms
