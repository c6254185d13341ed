"""Days and times of day as spreadsheets, banks and people write them."""

from datetime import date

import pytest

from metering.calendar import Calendar
from metering.errors import TimeError
from metering.written_time import WrittenTime, read_written_time

SEOUL = Calendar("Asia/Seoul")


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2025-10-01 오후 2:03:22", "2025-10-01T14:03:22+09:00"),
        ("2025-10-01 오전 9:05", "2025-10-01T09:05:00+09:00"),
        ("2025. 10. 1. 오후 2:03", "2025-10-01T14:03:00+09:00"),
        ("2025.10.01 09:05", "2025-10-01T09:05:00+09:00"),
        ("2025/10/1 9:05", "2025-10-01T09:05:00+09:00"),
        ("2025년 10월 1일 오후 2:03:22", "2025-10-01T14:03:22+09:00"),
        ("2025년 10월 1일 14시 3분 22초", "2025-10-01T14:03:22+09:00"),
        ("2025년10월1일 오후 2시", "2025-10-01T14:00:00+09:00"),
        ("2025-10-01 2:03:22 PM", "2025-10-01T14:03:22+09:00"),
        ("2025-10-01 오전 12:00", "2025-10-01T00:00:00+09:00"),
        ("2025-10-01 오전 0:05", "2025-10-01T00:05:00+09:00"),
        ("2025-10-01 오후 12:00", "2025-10-01T12:00:00+09:00"),
        ("2025-10-01 오후 11:59:59.999", "2025-10-01T23:59:59.999+09:00"),
        ("2025-10-31 24:00", "2025-11-01T00:00:00+09:00"),
        ("2025-12-31T24:00:00+09:00", "2026-01-01T00:00:00+09:00"),
        ("2025-10-01T24:00Z", "2025-10-02T09:00:00+09:00"),
        ("2025-10-01 오후 2:03 +0000", "2025-10-01T23:03:00+09:00"),
    ],
)
def test_an_instant_is_read_as_people_write_it(text: str, iso: str) -> None:
    assert SEOUL.iso(SEOUL.instant(text, naive="site")) == iso


@pytest.mark.parametrize(
    "text",
    [
        "2025-10-01 24:00:01", "2025-10-01 24:01", "2025-10-01 25:00", "2025-10-01 9:60",
        "2025-10-01 09:05:60", "2025-10-01 오후 13:00", "2025-10-01 오전 9:05 PM", "2025-10-01",
        "2025-13-01 9:05", "2025년 2월 30일 9:05", "25-10-01 9:05", "01/10/2025 9:05", "오후 2:03",
        "2025-10.01 9:05", "20251001 090507", "",
    ],
)  # fmt: skip
def test_what_is_no_time_or_could_be_two_is_refused(text: str) -> None:
    with pytest.raises(TimeError, match="is no instant: write it like"):
        SEOUL.instant(text, naive="site")


def test_a_clock_time_without_an_offset_needs_to_be_somebodys() -> None:
    assert SEOUL.instant("2025-10-01 오후 2:03", naive="utc") == SEOUL.instant(
        "2025-10-01T14:03:00Z"
    )
    with pytest.raises(TimeError, match="has no offset"):
        SEOUL.instant("2025-10-01 오후 2:03")


def test_a_day_may_stand_alone_and_then_has_no_time() -> None:
    day = read_written_time("2025. 10. 1.")
    assert day == read_written_time("20251001") == WrittenTime(date(2025, 10, 1), None, None)


def test_a_bank_writes_digits_alone() -> None:
    nine = (9 * 60 + 5) * 60_000
    assert read_written_time("20251001 090507") == WrittenTime(date(2025, 10, 1), nine + 7_000)
    assert read_written_time("20251001 0905") == WrittenTime(date(2025, 10, 1), nine)
