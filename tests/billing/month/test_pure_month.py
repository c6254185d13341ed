"""The month as one pure function of its inputs."""

from billing.subsidy.balance import Balance
from tests.builders.rules_and_usage import (
    HOUR_US,
    award,
    book,
    close,
    programme,
    registry,
    source,
    used,
)


def test_the_same_inputs_give_the_same_closing() -> None:
    rules = book(programme("P1", "0.2"))
    held = registry([award("X1", "P1", "A")])
    usages = [used("2025-10-01", "A-1", HOUR_US), used("2025-10-02", "B-1", HOUR_US)]
    assert close(usages, rules, held) == close(reversed(usages), rules, held)


def test_a_closing_names_the_rules_it_was_made_by() -> None:
    rules = book()
    result = close([used("2025-10-01", "A-1", HOUR_US)], rules)
    assert (result.rules_digest, result.invoices[0].rules_digest) == (rules.digest, rules.digest)


def test_an_empty_month_is_closed_with_nothing() -> None:
    result = close([], book())
    assert (result.charges, result.subsidies, result.invoices, result.claims) == ((),) * 4
    assert result.balance == Balance()


def test_a_balance_survives_being_written() -> None:
    rules = book(programme("P1", funding=[source("national", "1", {"2025-2027": 10**12})]))
    held = registry([award("X1", "P1", "A", quota="10", quota_unit="device_hours")])
    balance = close([used("2025-10-01", "A-1", HOUR_US)], rules, held).balance
    assert balance.to_document() == {
        "used": [
            ["award", "X1", 6_000],
            ["budget", "P1", "national", "2025-2027", 6_000],
            ["company_year", "P1", "A", "2025", 6_000],
            ["quota", "X1", "device_hours", HOUR_US],
        ]
    }
    assert Balance.from_document(balance.to_document()) == balance
