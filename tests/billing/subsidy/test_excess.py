"""Use above a quota: at list price, or refused."""

from datetime import date

import pytest

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

DAYS = ("2025-10-01", "2025-10-02")
TEN_HOURS = {"quota": "10", "quota_unit": "device_hours"}
ONE_WON_AN_HOUR = price("gpu.h100", "1")


def rules(excess: str) -> dict[str, str]:
    return programme("P1", order=1, more=f"excess: {{value: {excess}, {WHY}}}\n")


@pytest.mark.parametrize(
    ("excess", "hours", "kinds"),
    [("list", 11, []), ("refused", 10, []), ("refused", 11, ["excess_refused"])],
)
def test_use_above_a_quota_is_at_list_price_or_must_not_be_there(
    excess: str, hours: int, kinds: list[str]
) -> None:
    held = registry([award("X1", "P1", "A", **TEN_HOURS)])
    result = close([used(DAYS[0], "A-1", hours * HOUR_US)], book(ONE_WON_AN_HOUR, rules(excess)),
                    held)  # fmt: skip
    assert [finding.kind for finding in result.findings] == kinds
    assert due(result) == {"A": hours - 10}


def test_refused_use_is_told_once_a_month_with_its_first_day() -> None:
    held = registry([award("X1", "P1", "A", **TEN_HOURS)])
    usages = [used(day, "A-1", 11 * HOUR_US) for day in DAYS]
    result = close(usages, book(ONE_WON_AN_HOUR, rules("refused")), held)
    assert [(f.severity, f.kind, f.subject, f.day) for f in result.findings] == [
        ("fail", "excess_refused", "X1", date(2025, 10, 1))
    ]


def test_refused_use_that_another_programme_takes_is_nothing_to_tell() -> None:
    held = registry([award("X1", "P1", "A", **TEN_HOURS), award("X2", "P2", "A")])
    usages = [used(DAYS[0], "A-1", 11 * HOUR_US)]
    result = close(usages, book(ONE_WON_AN_HOUR, rules("refused"), programme("P2", order=2)), held)
    assert (result.findings, due(result)) == ((), {"A": 0})


@pytest.mark.parametrize(
    ("unit", "quota", "covered"), [("devices", "2", 48), ("pf", "0.134", 48), ("pf", "0.067", 24)]
)
def test_a_quota_may_be_what_is_held_at_once(unit: str, quota: str, covered: int) -> None:
    """Two cards, or 0.134 PF of H100, are 48 hours on each day, and new on the next."""
    held = registry([award("X1", "P1", "A", quota=quota, quota_unit=unit)])
    usages = [used(day, "A-1", 50 * HOUR_US) for day in DAYS]
    result = close(usages, book(ONE_WON_AN_HOUR, programme("P1")), held)
    assert [row.subsidy_krw for row in result.subsidies] == [covered, covered]
