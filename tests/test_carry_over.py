"""Budgets that are carried over into a later year (SETTLEMENT 16)."""

from datetime import date

import pytest

from billing.programme import Budget, Carried
from tests.billing_ground import (
    HOUR_US,
    WHY,
    award,
    book,
    close,
    dated,
    due,
    paid,
    price,
    programme,
    registry,
    used,
)

CARRIED = f'carried: [{{from_year: 2025, krw: "30", {WHY}}}], '
HELD = registry([award("X1", "P1", "A")])


def rules(carried: str = CARRIED) -> dict[str, str]:
    """Budgets of 100 in 2025 and of 50 in 2026, into which 30 of 2025 were carried."""
    budget = (
        f'[{{first_year: 2025, last_year: 2025, krw: "100", {WHY}}}, '
        f'{{first_year: 2026, last_year: 2026, krw: "50", {carried}{WHY}}}]'
    )
    paid = f"source: national, title: 국비, settled: claimed, share: {dated('1')}"
    return programme("P1", funding=[f"{{{paid}, budget: {budget}}}"])


@pytest.mark.parametrize(
    ("month", "carried", "krw"),
    [("2025-12", "", 100), ("2025-12", CARRIED, 70), ("2026-01", "", 50), ("2026-01", CARRIED, 80)],
)
def test_what_is_carried_over_is_spent_in_the_later_year_only(
    month: str, carried: str, krw: int
) -> None:
    usages = [used(f"{month}-02", "A-1", 200 * HOUR_US)]
    closing = close(usages, book(price("gpu.h100", "1"), rules(carried)), HELD, month)
    assert (paid(closing), due(closing)) == ({"X1": krw}, {"A": 200 - krw})


def test_a_budget_keeps_what_is_its_own_and_what_came_from_which_year() -> None:
    [programme] = book(rules()).programmes
    assert programme.funding[0].budgets == (
        Budget(2025, 2025, 100, (), 30),
        Budget(2026, 2026, 50, (Carried(2025, 30),)),
    )
    assert programme.funding[0].budget(date(2026, 1, 1)) == Budget(
        2026, 2026, 50, (Carried(2025, 30),)
    )
