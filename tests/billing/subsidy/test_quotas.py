"""Quotas: SETTLEMENT 4 and 11, each with the example that forces it."""

from billing.subsidy.balance import Balance
from tests.builders.rules_and_usage import (
    HOUR_US,
    award,
    book,
    close,
    dated,
    due,
    paid,
    price,
    programme,
    registry,
    rows,
    used,
)

DAY = "2025-10-01"
ONE_WON_AN_HOUR = price("gpu.h100", "1")


def test_a_gb_quota_is_a_daily_level_weighed_by_time() -> None:
    """SETTLEMENT 4: 20 GB for half a day and 10 GB for a day are both a level of 10 GB."""
    more = f"quotas: [{{unit: gb, amount: {dated('10')}}}]\n"
    rules = book(price("storage.parallel", "1000000", "gb_hour"), programme("P1", "0", more=more))
    gb_hour = 10**9 * 3600 / 2**20
    for level, hours, krw, stopped in (
        (20, 12, 240_000_000, ""),
        (10, 24, 240_000_000, ""),
        (20, 24, 240_000_000, "quota:X1"),
    ):
        usages = [
            used(day, "A-1", int(gb_hour * level * hours), "storage.parallel", "mib_s")
            for day in ("2025-10-01", "2025-10-02")
        ]
        result = close(usages, rules, registry([award("X1", "P1", "A")]))
        for row in result.subsidies:  # new on every day; a mib_s is some 300 won here
            assert abs(row.subsidy_krw - krw) < 300
            assert row.stopped_by == stopped
        assert result.balance.of("quota", "X1", "gb") == 0


def test_a_contended_quota_is_shared_in_its_own_units() -> None:
    """SETTLEMENT 11: 10 hours for claims of 10 and 30 hours at different prices: 2.5 and 7.5."""
    rules = book(price("gpu.a100", "2600"), programme("P1"))
    awards = [award("X1", "P1", "A", quota="10", quota_unit="device_hours")]
    usages = [used(DAY, "A-1", 10 * HOUR_US), used(DAY, "A-2", 30 * HOUR_US, "gpu.a100")]
    result = close(usages, rules, registry(awards))
    assert rows(result) == [
        ("X1", "national", 15_000, "quota:X1"),
        ("X1", "national", 19_500, "quota:X1"),
    ]


def test_a_contended_quota_gives_ties_to_the_first_project_and_floors_won() -> None:
    """SETTLEMENT 11: one microsecond for two projects; covered won = floor."""
    rules = book(programme("P1"))
    opening = Balance({("quota", "X1", "device_hours"): HOUR_US - 1})
    awards = [award("X1", "P1", "A", quota="1", quota_unit="device_hours")]
    usages = [used(DAY, p, HOUR_US) for p in ("A-2", "A-1")]
    result = close(usages, rules, registry(awards), opening=opening)
    assert rows(result) == [("X1", "national", 0, "quota:X1")] * 2
    assert result.balance.of("quota", "X1", "device_hours") == HOUR_US


def test_a_pf_quota_weighs_cards_by_their_pf() -> None:
    """One PF-hour is 1 / 0.067 hours of an H100, or 1 / 0.0195 of an A100."""
    rules = book(ONE_WON_AN_HOUR, price("gpu.a100", "1"), programme("P1"))
    awards = [award("X1", "P1", "A", quota="1", quota_unit="pf_hours")]
    for sku, covered in (("gpu.h100", 14), ("gpu.a100", 51)):
        result = close([used(DAY, "A-1", 100 * HOUR_US, sku)], rules, registry(awards))
        assert rows(result) == [("X1", "national", covered, "quota:X1")]


def test_a_pf_quota_over_a_card_without_pf_is_a_fail() -> None:
    rules = book(price("gpu.b300", "1"), programme("P1"))
    awards = [award("X1", "P1", "A", quota="1", quota_unit="pf_hours")]
    result = close([used(DAY, "A-1", HOUR_US, "gpu.b300")], rules, registry(awards))
    assert [(f.severity, f.kind, f.subject) for f in result.findings] == [
        ("fail", "no_pf", "gpu.b300")
    ]
    assert due(result) == {"A": 1}


def test_a_quota_runs_on_through_the_months() -> None:
    rules = book(ONE_WON_AN_HOUR, programme("P1"))
    awards = registry([award("X1", "P1", "A", quota="100", quota_unit="device_hours")])
    october = close([used(DAY, "A-1", 70 * HOUR_US)], rules, awards)
    november = close(
        [used("2025-11-01", "A-1", 70 * HOUR_US)], rules, awards, "2025-11", october.balance
    )
    assert (paid(october), paid(november)) == ({"X1": 70}, {"X1": 30})
