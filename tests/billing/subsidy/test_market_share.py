"""A share of the market price: SETTLEMENT 6, with the example that forces it."""

from datetime import date, timedelta

import pytest

from tests.builders.rules_and_usage import (
    HOUR_US,
    award,
    book,
    caps,
    close,
    company,
    due,
    halved,
    market,
    paid,
    price,
    programme,
    registry,
    rows,
    used,
)

DAY = "2025-10-01"
HELD = registry([award("X1", "P1", "A")])
OCTOBER = [date(2025, 10, 1) + timedelta(days=n) for n in range(31)]


@pytest.mark.parametrize(
    ("market_krw", "krw"),
    [("4000", 3_000), ("8000", 6_000), ("7999", 5_999), ("9000", 6_000), ("0", 0)],
)
def test_a_company_pays_a_share_of_the_market_price_at_most_the_charge(
    market_krw: str, krw: int
) -> None:
    """75 % of the market price of an hour that is 6,000 here."""
    rules = book(market(h100=market_krw), programme("P1", "0.75", basis="share_of_market"))
    assert due(close([used(DAY, "A-1", HOUR_US)], rules, HELD)) == {"A": krw}


def test_the_market_price_is_the_one_of_the_day() -> None:
    """On the 15th it falls from 4,000 to 2,000: 14 days of 300 and 17 of 150."""
    steps = {"2025-01-01": "4000", "2025-10-15": "2000"}
    rules = book(market(h100=steps), programme("P1", "0.075", basis="share_of_market"))
    result = close([used(day, "A-1", HOUR_US) for day in OCTOBER], rules, HELD)
    assert due(result) == {"A": 14 * 300 + 17 * 150}


def test_what_a_market_price_asks_above_a_charge_is_never_made_good_later() -> None:
    """75 % of 16,000 is more than the hour's 6,000; the next day 75 % of 4,000 are due, no more."""
    steps = {"2025-01-01": "16000", "2025-10-02": "4000"}
    rules = book(market(h100=steps), programme("P1", "0.75", basis="share_of_market"))
    result = close([used(f"2025-10-0{n}", "A-1", HOUR_US) for n in (1, 2)], rules, HELD)
    assert due(result) == {"A": 6_000 + 3_000}


def test_the_share_of_the_market_price_is_floored_once_a_month() -> None:
    """31 days of 0.75 won are 23, not 0 and not 31."""
    rules = book(
        price("gpu.h100", "3"), market(h100="10"),
        programme("P1", "0.075", basis="share_of_market"),
    )  # fmt: skip
    result = close([used(day, "A-1", HOUR_US) for day in OCTOBER], rules, HELD)
    assert (due(result), paid(result)) == ({"A": 23}, {"X1": 70})


def test_a_reduction_halves_the_share_of_the_market_price() -> None:
    rules = book(
        market(h100="4000"),
        programme("P1", "0.075", basis="share_of_market", more=halved(youth="yes")),
    )
    held = registry([award("X1", "P1", "A")], [company("A", youth=True)])
    assert due(close([used(DAY, "A-1", HOUR_US)], rules, held)) == {"A": 150}


def test_a_cap_covers_as_much_as_its_won_pay_beside_the_share_of_the_market_price() -> None:
    """An hour of 6,000 leaves 4,500 to support: 9,000 cover two hours, 8 are at list price."""
    rules = book(
        market(h100="2000"),
        programme("P1", "0.75", basis="share_of_market", more=caps(award=9_000)),
    )
    result = close([used(DAY, "A-1", 10 * HOUR_US)], rules, HELD)
    assert rows(result) == [("X1", "national", 9_000, "cap:award:X1")]
    assert due(result) == {"A": 2 * 1_500 + 8 * 6_000}


def test_use_without_a_market_price_stops_the_month_and_is_not_supported() -> None:
    rules = book(
        price("gpu.a100", "1"), market(h100={"2025-10-02": "1"}),
        programme("P1", "0.5", basis="share_of_market"),
    )  # fmt: skip
    usages = [used(DAY, "A-1", HOUR_US), used("2025-10-02", "A-1", HOUR_US, "gpu.a100")]
    result = close(usages, rules, HELD)
    assert [(f.severity, f.kind, f.day, f.subject) for f in result.findings] == [
        ("fail", "no_market_price", date(2025, 10, 1), "gpu.h100"),
        ("fail", "no_market_price", date(2025, 10, 2), "gpu.a100"),
    ]
    assert (result.subsidies, due(result)) == ((), {"A": 6_001})
