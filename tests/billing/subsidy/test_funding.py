"""Funding sources, budgets and their years: SETTLEMENT 13, 14, 16 and 17."""

from datetime import date, timedelta

import pytest

from tests.builders.rules_and_usage import (
    HOUR_US,
    award,
    book,
    close,
    company,
    dated,
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
OCTOBER = [date(2025, 10, 1) + timedelta(days=n) for n in range(31)]
ONE_WON_AN_HOUR = price("gpu.h100", "1")


def test_the_funding_split_runs_through_the_month() -> None:
    """SETTLEMENT 13: days of one won at 50/50 give 16 and 15, not 31 and 0."""
    funding = [source("national", "0.5"), source("city", "0.5")]
    rules = book(ONE_WON_AN_HOUR, programme("P1", funding=funding))
    usages = [used(day, "A-1", HOUR_US) for day in OCTOBER]
    result = close(usages, rules, registry([award("X1", "P1", "A")]))
    assert {(c.funding, c.claim_krw) for c in result.claims} == {("national", 16), ("city", 15)}


def test_the_tightest_source_limits_the_claim() -> None:
    """SETTLEMENT 13: the city's 30 at 30 % let 100 be claimed, whatever the nation has."""
    funding = [
        source("national", "0.7", {"2025": 1_000_000}),
        source("city", "0.3", {"2025": 30}),
    ]
    rules = book(ONE_WON_AN_HOUR, programme("P1", funding=funding))
    result = close([used(DAY, "A-1", 500 * HOUR_US)], rules, registry([award("X1", "P1", "A")]))
    assert rows(result) == [
        ("X1", "national", 70, "budget:P1:city:2025"),
        ("X1", "city", 30, "budget:P1:city:2025"),
    ]


@pytest.mark.parametrize("national", [None, {"2025": 1_000_000}])
@pytest.mark.parametrize("city", [{"2024": 30}, {"2025": 30}])
def test_a_source_that_bears_no_share_limits_nothing_and_needs_no_budget(
    national: dict[str, int] | None, city: dict[str, int]
) -> None:
    """A source whose share has ended stays in the file; its budget does not stop the others."""
    funding = [source("national", "1", national), source("city", "0", city)]
    rules = book(ONE_WON_AN_HOUR, programme("P1", funding=funding))
    result = close([used(DAY, "A-1", 500 * HOUR_US)], rules, registry([award("X1", "P1", "A")]))
    assert (rows(result), result.findings) == ([("X1", "national", 500, "")], ())


def test_no_source_passes_its_budget_by_rounding() -> None:
    funding = [
        source("a", "0.3333", {"2025": 10}),
        source("b", "0.3333", {"2025": 10}),
        source("c", "0.3334", {"2025": 10}),
    ]
    rules = book(ONE_WON_AN_HOUR, programme("P1", funding=funding))
    firms = [company(name) for name in "ABC"]
    awards = [award(f"X{name}", "P1", name) for name in "ABC"]
    usages = [used(day, f"{name}-1", HOUR_US) for day in OCTOBER for name in "ABC"]
    result = close(usages, rules, registry(awards, firms))
    spent = {name: result.balance.of("budget", "P1", name, "2025") for name in ("a", "b", "c")}
    assert spent == {"a": 8, "b": 8, "c": 10}


def test_in_kind_is_nobodys_cash() -> None:
    """SETTLEMENT 14 and 29: charge 100 = national 48 + city 16 + centre in kind 16 + company 20."""
    funding = [
        source("national", "0.6"),
        source("city", "0.2", settled="advanced"),
        source("centre", "0.2", settled="in_kind"),
    ]
    rules = book(ONE_WON_AN_HOUR, programme("P1", "0.2", funding=funding))
    result = close([used(DAY, "A-1", 100 * HOUR_US)], rules, registry([award("X1", "P1", "A")]))
    assert [(c.funding, c.settled, c.claim_krw) for c in result.claims] == [
        ("centre", "in_kind", 16),
        ("city", "advanced", 16),
        ("national", "claimed", 48),
    ]
    assert (due(result), result.invoices[0].vat_krw) == ({"A": 20}, 2)


def test_only_the_cash_of_a_company_is_invoiced() -> None:
    """SETTLEMENT 14: of a company's 20, 5 come in kind; both are its own, and taxed."""
    more = f"company_in_kind: {dated('0.05')}\n"
    rules = book(ONE_WON_AN_HOUR, programme("P1", "0.2", more=more))
    result = close([used(DAY, "A-1", 100 * HOUR_US)], rules, registry([award("X1", "P1", "A")]))
    assert rows(result) == [("X1", "national", 80, ""), ("X1", "company_in_kind", 5, "")]
    [bill] = result.invoices
    assert (bill.company_krw, bill.taxable_krw, bill.vat_krw) == (15, 20, 2)
    assert [(p.in_kind, p.subsidy_krw) for p in bill.lines[0].parts] == [(False, 80), (True, 5)]
    assert result.balance.of("award", "X1") == 80


def test_what_a_company_brings_in_kind_is_not_supported_again() -> None:
    """Of 100, 80 are paid and 5 come in kind; a second programme in full finds 15."""
    more = f"company_in_kind: {dated('0.05')}\n"
    rules = book(
        ONE_WON_AN_HOUR,
        programme("P1", "0.2", order=1, stacking=True, more=more),
        programme("P2", "0", order=2, stacking=True),
    )
    held = registry([award("X1", "P1", "A"), award("X2", "P2", "A")])
    result = close([used(DAY, "A-1", 100 * HOUR_US)], rules, held)
    assert rows(result) == [
        ("X1", "national", 80, ""),
        ("X1", "company_in_kind", 5, ""),
        ("X2", "national", 15, ""),
    ]


def test_the_budget_year_is_the_year_of_use() -> None:
    """SETTLEMENT 16."""
    budget = {"2025": 100, "2026": 50}
    rules = book(ONE_WON_AN_HOUR, programme("P1", funding=[source("national", "1", budget)]))
    held = registry([award("X1", "P1", "A")])
    december = close([used("2025-12-31", "A-1", 90 * HOUR_US)], rules, held, "2025-12")
    january = close(
        [used("2026-01-01", "A-1", 90 * HOUR_US)], rules, held, "2026-01", december.balance
    )
    assert (paid(december), paid(january)) == ({"X1": 90}, {"X1": 50})
    assert january.balance.of("budget", "P1", "national", "2025") == 90


def test_a_budget_may_span_years() -> None:
    rules = book(
        ONE_WON_AN_HOUR, programme("P1", funding=[source("national", "1", {"2025-2027": 100})])
    )
    held = registry([award("X1", "P1", "A")])
    december = close([used("2025-12-31", "A-1", 90 * HOUR_US)], rules, held, "2025-12")
    january = close(
        [used("2026-01-01", "A-1", 90 * HOUR_US)], rules, held, "2026-01", december.balance
    )
    assert (paid(december), paid(january)) == ({"X1": 90}, {"X1": 10})


def test_a_year_without_a_budget_is_a_fail_and_pays_nothing() -> None:
    rules = book(programme("P1", funding=[source("national", "1", {"2025": 100})]))
    result = close(
        [used("2026-01-01", "A-1", HOUR_US)], rules, registry([award("X1", "P1", "A")]), "2026-01"
    )
    assert [(f.severity, f.kind, f.subject) for f in result.findings] == [
        ("fail", "no_budget", "P1:national")
    ]
    assert rows(result) == [("X1", "national", 0, "budget:P1:national:2026")]


def test_caps_stay_with_the_company_that_signed() -> None:
    """SETTLEMENT 17: another company's use of the same programme does not touch an award."""
    rules = book(ONE_WON_AN_HOUR, programme("P1"))
    held = registry([award("X1", "P1", "A", cap_krw=50), award("X2", "P1", "B", cap_krw=50)])
    usages = [used(DAY, "A-1", 40 * HOUR_US), used("2025-10-02", "B-1", 40 * HOUR_US)]
    assert paid(close(usages, rules, held)) == {"X1": 40, "X2": 40}
