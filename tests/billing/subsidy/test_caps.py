"""Caps, and the order of programmes, awards and limits (SETTLEMENT 8)."""

from datetime import date

from billing.subsidy.balance import Balance
from tests.builders.rules_and_usage import (
    HOUR_US,
    award,
    book,
    caps,
    close,
    due,
    paid,
    price,
    programme,
    registry,
    rows,
    source,
    used,
)

DAY = "2025-10-01"
ONE_WON_AN_HOUR = price("gpu.h100", "1")


def test_limits_are_shared_in_proportion_and_programmes_follow_in_order() -> None:
    """SETTLEMENT 8: P1 and P2 have 100 each; A claims 300 under both, B 300 under P2."""
    rules = book(
        ONE_WON_AN_HOUR,
        programme("P1", order=1, funding=[source("national", "1", {"2025": 100})]),
        programme("P2", order=2, funding=[source("national", "1", {"2025": 100})]),
    )
    awards = [award("X1", "P1", "A"), award("X2", "P2", "A"), award("X3", "P2", "B")]
    usages = [used(DAY, "A-1", 300 * HOUR_US), used(DAY, "B-1", 300 * HOUR_US)]
    result = close(usages, rules, registry(awards))
    assert paid(result) == {"X1": 100, "X2": 40, "X3": 60}
    assert due(result) == {"A": 160, "B": 240}
    assert result.subsidies[0].stopped_by == "budget:P1:national:2025"


def test_programmes_come_by_order_and_then_by_id() -> None:
    awards = [award("X1", "P1", "A", cap_krw=100), award("X2", "P2", "A", cap_krw=100)]
    for orders, first in (((1, 1), "X1"), ((2, 1), "X2"), ((1, 2), "X1")):
        rules = book(
            ONE_WON_AN_HOUR,
            programme("P1", order=orders[0]),
            programme("P2", order=orders[1]),
        )
        result = close([used(DAY, "A-1", 60 * HOUR_US)], rules, registry(awards))
        assert paid(result) == {first: 60}


def test_awards_of_a_programme_come_by_start_and_then_by_id() -> None:
    """SETTLEMENT 8: the earlier award first; what its cap leaves goes to the next."""
    rules = book(ONE_WON_AN_HOUR, programme("P1"))
    awards = [
        award("X1", "P1", "A", cap_krw=100, start=date(2025, 2, 1)),
        award("X2", "P1", "A", cap_krw=30, start=date(2025, 1, 1)),
    ]
    result = close([used(DAY, "A-1", 60 * HOUR_US)], rules, registry(awards))
    assert paid(result) == {"X2": 30, "X1": 30}


def test_limits_go_from_narrow_to_wide() -> None:
    """SETTLEMENT 8: month 50, award 80, company and year 100, budget 105; two days of 90 each."""
    limits = caps(award_month=50, award=80, company_year=100)
    rules = book(
        ONE_WON_AN_HOUR,
        programme("P1", funding=[source("national", "1", {"2025": 105})], more=limits),
    )
    awards = [award("X1", "P1", "A", "A-1"), award("X2", "P1", "A", "A-2"), award("X3", "P1", "B")]
    opening = Balance()
    stops: list[list[tuple[str, str, int, str]]] = []
    for month in ("2025-10", "2025-11"):
        usages = [used(f"{month}-01", p, 90 * HOUR_US) for p in ("A-1", "A-2", "B-1")]
        result = close(usages, rules, registry(awards), month, opening)
        opening = result.balance
        stops.append(rows(result))
    budget = "budget:P1:national:2025"
    assert stops == [
        [("X1", "national", 35, budget), ("X2", "national", 35, budget),
         ("X3", "national", 35, budget)],
        [("X1", "national", 0, budget), ("X2", "national", 0, budget),
         ("X3", "national", 0, budget)],
    ]  # fmt: skip


def test_each_cap_stops_at_its_own_limit() -> None:
    """The cap of a month is new each month; the award's and the company-year's run on."""
    awards = [award("X1", "P1", "A")]
    paid_by = {}
    for name in ("award_month", "award", "company_year"):
        rules = book(ONE_WON_AN_HOUR, programme("P1", more=caps(**{name: 100})))
        opening = Balance()
        for month in ("2025-11", "2025-12", "2026-01"):
            usages = [used(f"{month}-0{day}", "A-1", 60 * HOUR_US) for day in (1, 2)]
            result = close(usages, rules, registry(awards), month, opening)
            opening = result.balance
            paid_by[name, month] = (paid(result).get("X1", 0), result.subsidies[-1].stopped_by)
    assert paid_by == {
        ("award_month", "2025-11"): (100, "cap:award_month:X1"),
        ("award_month", "2025-12"): (100, "cap:award_month:X1"),
        ("award_month", "2026-01"): (100, "cap:award_month:X1"),
        ("award", "2025-11"): (100, "cap:award:X1"),
        ("award", "2025-12"): (0, "cap:award:X1"),
        ("award", "2026-01"): (0, "cap:award:X1"),
        ("company_year", "2025-11"): (100, "cap:company_year:A"),
        ("company_year", "2025-12"): (0, "cap:company_year:A"),
        ("company_year", "2026-01"): (100, "cap:company_year:A"),
    }


def test_a_limit_that_is_just_reached_stops_nothing() -> None:
    rules = book(ONE_WON_AN_HOUR, programme("P1", more=caps(award_month=60)))
    for hours, expected in ((60, (60, "")), (61, (60, "cap:award_month:X1"))):
        result = close(
            [used(DAY, "A-1", hours * HOUR_US)], rules, registry([award("X1", "P1", "A")])
        )
        assert [(s.subsidy_krw, s.stopped_by) for s in result.subsidies] == [expected]
