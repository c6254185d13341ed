"""Budgets that are carried over into a later year (SETTLEMENT 16)."""

from datetime import date

import pytest

from billing.grant.carried_budgets import BudgetOrigin, budget_origins
from billing.grant.settlement import GrantRow, GrantSettlement, sources_of
from billing.grant.settlement_ledger import Settlement
from billing.rulebook.programme import Budget, Carried
from reports.government.settlement_report import grant_report
from reports.government.settlement_view import show_settlement
from reports.terminal.screen import Screen
from tests.builders.rules_and_usage import (
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
    result = close(usages, book(price("gpu.h100", "1"), rules(carried)), HELD, month)
    assert (paid(result), due(result)) == ({"X1": krw}, {"A": 200 - krw})


def test_a_budget_keeps_what_is_its_own_and_what_came_from_which_year() -> None:
    [programme] = book(rules()).programmes
    assert programme.funding[0].budgets == (
        Budget(2025, 2025, 100, (), 30),
        Budget(2026, 2026, 50, (Carried(2025, 30),)),
    )
    assert programme.funding[0].budget(date(2026, 1, 1)) == Budget(
        2026, 2026, 50, (Carried(2025, 30),)
    )


@pytest.mark.parametrize(
    ("used_krw", "of_2025", "of_2026"), [(0, 0, 0), (30, 30, 0), (31, 30, 1), (81, 30, 51)]
)
def test_what_is_spent_is_told_by_the_year_that_the_money_is_from(
    used_krw: int, of_2025: int, of_2026: int
) -> None:
    [programme] = book(rules()).programmes
    sources = sources_of(programme, 2026, [GrantRow("2026-01", "A", "national", used_krw)], [], [])
    assert budget_origins(programme, 2026, sources) == (
        BudgetOrigin("national", "국비", "2025", 30, of_2025),
        BudgetOrigin("national", "국비", "2026", 50, of_2026),
    )


def test_a_budget_into_which_nothing_was_carried_is_of_its_own_year() -> None:
    [programme] = book(rules()).programmes
    sources = sources_of(programme, 2025, [GrantRow("2025-12", "A", "national", 70)], [], [])
    assert budget_origins(programme, 2025, sources) == ()


def test_the_settlement_shows_it_in_the_terminal_and_in_the_report(
    capsys: pytest.CaptureFixture[str],
) -> None:
    [programme] = book(rules()).programmes
    rows = (GrantRow("2026-01", "A", "national", 40),)
    sources = sources_of(programme, 2026, rows, [], [])
    grant = GrantSettlement(
        "P1", "P1 사업", "시험", 2026, ("2026-01",), (), sources, rows, 0, "digest"
    )
    settlement = Settlement(grant, None, (), (), budget_origins(programme, 2026, sources))
    show_settlement(Screen(), settlement, [])
    assert "예산이 온 해" in capsys.readouterr().out
    report = grant_report(settlement, {}, "센터", full=False)
    [grid] = [g for s in report.sections for g in s.tables if g.title == "예산연도별 집행"]
    assert [row.values for row in grid.rows] == [
        ("국비", "2025", 30, 30, 0), ("국비", "2026", 50, 10, 40),
    ]  # fmt: skip
