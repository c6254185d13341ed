"""Awards against what their programme's notice says of them; no won follows from it."""

from datetime import date
from decimal import Decimal

import pytest

from metering.finding import Finding
from metering.registry.registry import Award
from tests.builders.rules_and_usage import (
    HOUR_US,
    WHY,
    award,
    book,
    close,
    due,
    price,
    programme,
    registry,
    used,
)

USED = date(2025, 10, 10)
CONDITIONS = f"""seats:
  number: {{2025-10-10: {{value: 2, {WHY}}}}}
  months: {{value: 2, {WHY}}}
  referrers: {{value: [가 협회], {WHY}}}
  sizes: [{{unit: devices, size: {{value: "8", {WHY}}}, most: {{value: 2, {WHY}}}}}]
"""


def as_noticed(name: str, **changes: object) -> Award:
    """An award that is just what the notice lets it be, but for what is told."""
    window = {"start": date(2025, 9, 15), "until": date(2025, 11, 15)}
    size = {"quota": Decimal(16), "quota_unit": "devices"}
    return award(name, "P1", "A", **{**window, **size, **changes})


def told(*awards: Award) -> tuple[tuple[Finding, ...], int]:
    """What is found, and what the company owes of an hour at 100 won of which it pays a fifth."""
    rules = book(price("gpu.h100", "100"), programme("P1", "0.2", more=CONDITIONS))
    result = close([used(USED, "A-1", HOUR_US)], rules, registry(awards))
    return result.findings, due(result)["A"]


def warn(kind: str, subject: str, day: date | None, detail: str) -> Finding:
    return Finding("warn", kind, "draft", "", day, subject, detail)


def test_an_award_as_the_notice_says_is_nothing_to_tell() -> None:
    assert told(as_noticed("X1"), as_noticed("X2", quota=Decimal(8))) == ((), 20)


@pytest.mark.parametrize(
    ("quota", "unit", "written"),
    [
        (Decimal(12), "devices", "12 devices"),
        (Decimal(24), "devices", "24 devices"),
        (Decimal(16), "device_hours", "16 device_hours"),
        (None, None, "없음"),
    ],
)
def test_an_award_of_another_size_is_told_and_paid(
    quota: Decimal | None, unit: str | None, written: str
) -> None:
    detail = f"협약 X1: P1 사업의 공고에 없는 규모({written})입니다."
    finding = warn("award_size", "X1", None, detail)
    assert told(as_noticed("X1", quota=quota, quota_unit=unit)) == ((finding,), 20)


def test_a_referrer_of_another_name_is_told_and_none_is_needed() -> None:
    finding = warn(
        "unknown_referrer", "X1", None, "협약 X1: 나 협회은(는) P1 사업의 추천 기관이 아닙니다."
    )
    assert told(as_noticed("X1", referrer="나 협회")) == ((finding,), 20)
    assert told(as_noticed("X1", referrer="가 협회"), as_noticed("X2", referrer="")) == ((), 20)


@pytest.mark.parametrize("until", [date(2025, 11, 16), None])
def test_an_award_for_longer_is_told_and_paid(until: date | None) -> None:
    detail = (
        "협약 X1: P1 사업의 지원 기간 2개월보다 깁니다. "
        "2025-09-15에 시작하면 2025-11-15 전에 끝나야 합니다."
    )
    finding = warn("award_too_long", "X1", None, detail)
    assert told(as_noticed("X1", until=until)) == ((finding,), 20)


def test_an_award_for_none_of_the_periods_is_told_and_one_without_an_end_is_not() -> None:
    more = f"seats: {{periods: {{value: [2, 3], {WHY}}}}}\n"
    rules = book(price("gpu.h100", "10"), programme("P1", "0", more=more))
    for until, kinds in (
        (date(2025, 11, 15), []),
        (date(2025, 12, 15), []),
        (date(2025, 12, 14), ["award_period"]),
        (None, []),
    ):
        held = registry([award("X1", "P1", "A", start=date(2025, 9, 15), until=until)])
        assert [f.kind for f in close([], rules, held).findings] == kinds


@pytest.mark.parametrize(
    ("third", "day"),
    [
        (date(2025, 9, 30), date(2025, 10, 10)),  # the day from which awards are counted
        (date(2025, 10, 20), date(2025, 10, 20)),
    ],
)
def test_more_awards_than_the_notice_has_are_told_with_the_first_day(
    third: date, day: date
) -> None:
    detail = f"P1 사업: {day}에 협약이 3건으로 공고한 2건보다 많습니다."
    finding = warn("seats_passed", "P1", day, detail)
    assert told(as_noticed("X1"), as_noticed("X2"), as_noticed("X3", start=third)) == (
        (finding,),
        20,
    )


def test_an_award_that_is_given_up_may_be_given_again() -> None:
    first = as_noticed("X1", until=date(2025, 10, 20))
    assert told(first, as_noticed("X2"), as_noticed("X3", start=date(2025, 10, 20))) == ((), 20)
