"""Civil time: days and months of a site, instants, deadlines."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metering.calendar import (
    DAY_MS,
    HOUR_MS,
    Calendar,
    Period,
    hours_in_month,
    is_business_day,
    month_first_day,
    month_last_day,
    months_after,
    next_business_day,
    next_month,
    previous_month,
    read_date,
    seconds_in_month,
    tax_invoice_deadline,
    years_after,
)
from metering.errors import JeongsanError, TimeError

SEOUL = Calendar("Asia/Seoul")
OCTOBER_MS = 1_759_244_400_000  # 2025-09-30T15:00:00Z


def test_an_accounting_day_begins_at_the_sites_midnight() -> None:
    assert SEOUL.day(date(2025, 10, 1)) == Period(OCTOBER_MS, OCTOBER_MS + DAY_MS)


@pytest.mark.parametrize(
    ("instant_ms", "day"),
    [
        (OCTOBER_MS - 1, date(2025, 9, 30)),
        (OCTOBER_MS, date(2025, 10, 1)),
        (OCTOBER_MS + DAY_MS - 1, date(2025, 10, 1)),
        (OCTOBER_MS + DAY_MS, date(2025, 10, 2)),
        (-1, date(1970, 1, 1)),
    ],
)
def test_an_instant_lies_in_one_day(instant_ms: int, day: date) -> None:
    assert SEOUL.day_of(instant_ms) == day


def test_a_month_is_all_of_its_days() -> None:
    assert SEOUL.month("2025-10") == Period(OCTOBER_MS, OCTOBER_MS + 31 * DAY_MS)
    assert SEOUL.month_days("2024-02") == [date(2024, 2, day) for day in range(1, 30)]
    assert SEOUL.month_of(date(2024, 2, 29)) == "2024-02"


def test_days_hold_both_ends() -> None:
    assert SEOUL.days(date(2025, 12, 31), date(2026, 1, 1)) == [
        date(2025, 12, 31),
        date(2026, 1, 1),
    ]
    assert SEOUL.days(date(2026, 1, 1), date(2025, 12, 31)) == []


def test_the_days_of_a_period_leave_out_the_day_at_whose_midnight_it_ends() -> None:
    day = SEOUL.day(date(2025, 10, 1))
    assert SEOUL.days_of(day) == [date(2025, 10, 1)]
    assert SEOUL.days_of(Period(day.start_ms, day.end_ms + 1)) == [
        date(2025, 10, 1),
        date(2025, 10, 2),
    ]
    assert SEOUL.days_of(Period(day.start_ms, day.start_ms)) == []


@pytest.mark.parametrize(
    ("zone", "why"),
    [
        ("America/New_York", "its offset changes"),
        ("Asia/Kolkata", "no whole number of hours"),
        ("Asia/Kathmandu", "no whole number of hours"),
        ("Asia/Nowhere", "is no time zone"),
        ("../etc/passwd", "is no time zone"),
        ("", "is no time zone"),
    ],
)
def test_a_zone_whose_days_do_not_hold_whole_utc_hours_is_refused(zone: str, why: str) -> None:
    with pytest.raises(TimeError, match=why):
        Calendar(zone)


@pytest.mark.parametrize(("zone", "hours"), [("UTC", 0), ("Asia/Tokyo", 9), ("Etc/GMT+5", -5)])
def test_a_zone_with_one_whole_offset_is_taken(zone: str, hours: int) -> None:
    assert Calendar(zone).offset_ms == hours * HOUR_MS


@pytest.mark.parametrize(
    ("text", "naive", "instant_ms"),
    [
        ("2025-10-01T00:00:00+09:00", None, OCTOBER_MS),
        ("2025-09-30T15:00:00Z", None, OCTOBER_MS),
        ("2025-09-30T15:00Z", None, OCTOBER_MS),
        (" 2025-09-30 15:00:00.1239Z ", None, OCTOBER_MS + 123),
        ("2025-10-01T00:00:00", "site", OCTOBER_MS),
        ("2025-09-30T15:00:00", "utc", OCTOBER_MS),
        ("2025-09-30T15:00:00Z", "site", OCTOBER_MS),
    ],
)
def test_an_instant_is_read_to_the_millisecond(text: str, naive: str, instant_ms: int) -> None:
    assert SEOUL.instant(text, naive) == instant_ms  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2025-10-01T00:00:00", "has no offset"),
        ("2025-10-01", "is no instant"),
        ("20251001T000000Z", "is no instant"),
        ("2025-13-01T00:00:00Z", "is no instant"),
        ("2025-10-01T25:00:00Z", "is no instant"),
        ("Unknown", "is no instant"),
        ("", "is no instant"),
    ],
)
def test_a_text_that_is_no_instant_is_refused(text: str, why: str) -> None:
    with pytest.raises(TimeError, match=why):
        SEOUL.instant(text)


def test_a_time_error_is_shown_as_any_other_mistake_of_a_person() -> None:
    assert issubclass(TimeError, JeongsanError)
    assert issubclass(TimeError, ValueError)


def test_an_instant_is_written_in_the_sites_time() -> None:
    assert SEOUL.iso(OCTOBER_MS) == "2025-10-01T00:00:00+09:00"
    assert SEOUL.iso(OCTOBER_MS + 5) == "2025-10-01T00:00:00.005+09:00"
    assert Calendar("Etc/GMT+5").iso(0) == "1969-12-31T19:00:00-05:00"


@given(st.integers(min_value=0, max_value=4_102_444_800_000))
def test_what_is_written_reads_back(instant_ms: int) -> None:
    assert SEOUL.instant(SEOUL.iso(instant_ms)) == instant_ms
    assert SEOUL.day(SEOUL.day_of(instant_ms)).holds(instant_ms)


def test_a_period_touches_the_hours_it_lies_in() -> None:
    assert Period(HOUR_MS - 1, 2 * HOUR_MS + 1).hours() == [0, HOUR_MS, 2 * HOUR_MS]
    assert Period(HOUR_MS, 2 * HOUR_MS).hours() == [HOUR_MS]
    assert Period(HOUR_MS, HOUR_MS).hours() == []


@pytest.mark.parametrize(
    ("start_ms", "end_ms", "overlap_ms"),
    [(0, 10, 0), (0, 11, 1), (12, 15, 3), (19, 30, 1), (20, 30, 0), (0, 99, 10)],
)
def test_overlap_is_what_both_hold(start_ms: int, end_ms: int, overlap_ms: int) -> None:
    assert Period(10, 20).overlap_ms(start_ms, end_ms) == overlap_ms


def test_a_period_cannot_end_before_it_starts() -> None:
    with pytest.raises(TimeError, match="cannot end"):
        Period(2, 1)


@pytest.mark.parametrize(
    "text", ["2025-13", "2025-00", "2025-1", "202510", "2025-10-01", "٢٠٢٥-10"]
)
def test_a_text_that_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(TimeError, match="is no month"):
        month_first_day(text)


@pytest.mark.parametrize("text", ["2025-02-30", "2025-2-3", "20250203", "3.2.2025", ""])
def test_a_text_that_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(TimeError, match="is no date"):
        read_date(text)


def test_months_follow_one_another_over_the_year() -> None:
    assert (next_month("2025-12"), previous_month("2026-01")) == ("2026-01", "2025-12")
    assert (next_month("2025-01"), previous_month("2025-02")) == ("2025-02", "2025-01")
    assert month_last_day("2024-02") == date(2024, 2, 29)
    assert (hours_in_month("2025-02"), seconds_in_month("2025-10")) == (672, 2_678_400)


def test_a_leap_day_becomes_the_first_of_march_in_other_years() -> None:
    assert years_after(date(2020, 2, 29), 7) == date(2027, 3, 1)
    assert years_after(date(2020, 2, 29), 4) == date(2024, 2, 29)


def test_months_later_a_day_stays_in_its_month() -> None:
    assert months_after(date(2025, 9, 1), 4) == date(2026, 1, 1)
    assert months_after(date(2025, 10, 31), 1) == date(2025, 11, 30)
    assert months_after(date(2025, 10, 31), 0) == date(2025, 10, 31)


@pytest.mark.parametrize(
    ("month", "deadline"),
    [
        ("2026-04", date(2026, 5, 11)),
        ("2026-09", date(2026, 10, 12)),
        ("2026-12", date(2027, 1, 11)),
        ("2027-09", date(2027, 10, 12)),  # a Sunday, then a substitute holiday
        ("2026-10", date(2026, 11, 10)),
    ],
)
def test_a_tax_invoice_is_due_on_the_tenth_or_the_next_business_day(
    month: str, deadline: date
) -> None:
    assert tax_invoice_deadline(month) == deadline


def test_a_holiday_declared_late_moves_the_deadline_and_a_cancelled_one_moves_it_back() -> None:
    declared = {date(2026, 11, 10): True, date(2026, 11, 11): True}
    assert tax_invoice_deadline("2026-10", declared) == date(2026, 11, 12)
    assert tax_invoice_deadline("2027-09", {date(2027, 10, 11): False}) == date(2027, 10, 11)


@pytest.mark.parametrize(
    ("day", "business_day"),
    [
        (date(2025, 10, 31), date(2025, 10, 31)),
        (date(2025, 11, 28), date(2025, 11, 28)),
        (date(2025, 11, 29), date(2025, 12, 1)),
        (date(2025, 11, 30), date(2025, 12, 1)),
        (date(2026, 2, 28), date(2026, 3, 3)),  # Saturday, a holiday on Sunday, its substitute
        (date(2027, 1, 31), date(2027, 2, 1)),
    ],
)
def test_a_calendar_moves_a_term_to_the_next_business_day(day: date, business_day: date) -> None:
    assert Calendar("Asia/Seoul").business_day(day) == business_day


def test_a_calendar_knows_the_holidays_that_its_site_declares() -> None:
    declared = Calendar("Asia/Seoul", {date(2025, 12, 1): True, date(2026, 3, 2): False})
    assert declared.business_day(date(2025, 11, 30)) == date(2025, 12, 2)
    assert declared.business_day(date(2026, 2, 28)) == date(2026, 3, 2)
    assert declared == Calendar("Asia/Seoul")  # the accounting days are the same


def test_a_cancelled_holiday_does_not_make_a_weekend_a_business_day() -> None:
    assert not is_business_day(date(2026, 10, 10), {date(2026, 10, 10): False})
    assert next_business_day(date(2026, 10, 9)) == date(2026, 10, 12)
