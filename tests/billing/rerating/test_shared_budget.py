"""Corrections where companies share a budget: no issued subsidy falls, except by a cascade."""

from billing.ledger.amendments import AmountDifference
from billing.records import Usage
from billing.rerating.difference_causes import Comparison
from billing.rerating.standing_month import Stood
from tests.builders.corrections import compared, issued, truth
from tests.builders.rules_and_usage import HOUR_US, award, book, programme, registry, source, used

OCT, NOV = "2025-10", "2025-11"
RULES = book(programme("P", "0", funding=[source("national", "1", {"2025": 100_000})]))
HELD = registry([award("WA", "P", "A"), award("WB", "P", "B")])
BUDGET = ("budget", "P", "national", "2025")


def won(project: str, krw: int, day: str) -> Usage:
    return used(day, project, krw * HOUR_US // 6_000)


A_OCT, B_OCT = won("A-1", 30_000, f"{OCT}-02"), won("B-1", 40_000, f"{OCT}-03")
B_NOV = won("B-1", 50_000, f"{NOV}-03")  # 30,000 of it supported
OCTOBER = truth(OCT, [A_OCT, B_OCT], RULES, HELD)
NOVEMBER = truth(NOV, [B_NOV], RULES, HELD)
STOOD = issued(OCTOBER, NOVEMBER)


def paid(comparison: Comparison) -> list[dict[str, int]]:
    return [{c.company_id: c.claim_krw for c in result.claims} for result in comparison.closings]


def test_what_the_first_company_takes_too_much_becomes_its_self_pay() -> None:
    late = truth(OCT, [A_OCT, B_OCT, won("A-1", 20_000, f"{OCT}-02")], RULES, HELD)
    comparison = compared(STOOD, late, NOVEMBER)
    assert paid(comparison) == [{"A": 30_000, "B": 40_000}, {"B": 30_000}]
    assert comparison.differences == (
        AmountDifference(OCT, "A", "taxable", "usage", 20_000, 0, 20_000, 2_000),
    )
    assert comparison.closings[1].balance.of(*BUDGET) == 100_000


def test_a_cascade_rates_everybody_as_if_it_had_been_known() -> None:
    late = truth(OCT, [A_OCT, B_OCT, won("A-1", 20_000, f"{OCT}-02")], RULES, HELD)
    comparison = compared(STOOD, late, NOVEMBER, cascade=True)
    assert paid(comparison) == [{"A": 50_000, "B": 40_000}, {"B": 10_000}]
    assert comparison.closings == tuple(month.closing for month in issued(late, NOVEMBER))
    assert comparison.differences == (
        AmountDifference(OCT, "A", "taxable", "usage", 20_000, 0, 20_000, 2_000),
        AmountDifference(OCT, "A", "taxable", "shared", 0, 20_000, -20_000, -2_000),
        AmountDifference(NOV, "B", "taxable", "shared", 0, -20_000, 20_000, 2_000),
    )
    assert [(stage.company_id, stage.reason.code, stage.causes) for stage in comparison.stages] == [
        ("A", 1, ("usage",)),
        ("A", 2, ("shared",)),
        ("B", 2, ("shared",)),
    ]


def test_money_that_is_set_free_goes_to_open_months() -> None:
    less = truth(OCT, [won("A-1", 10_000, f"{OCT}-02"), B_OCT], RULES, HELD)
    comparison = compared(STOOD, less, NOVEMBER)
    assert paid(comparison) == [{"A": 10_000, "B": 40_000}, {"B": 30_000}]
    assert comparison.closings[1].balance.of(*BUDGET) == 80_000
    assert {difference.company_id for difference in comparison.differences} == {"A"}


def test_of_two_corrected_companies_neither_lowers_the_other() -> None:
    late = truth(
        OCT,
        [A_OCT, B_OCT, won("A-1", 20_000, f"{OCT}-02"), won("B-1", 6_000, f"{OCT}-03")],
        RULES, HELD,
    )  # fmt: skip
    comparison = compared(STOOD, late, NOVEMBER)
    assert paid(comparison) == [{"A": 30_000, "B": 46_000}, {"B": 24_000}]
    assert comparison.closings[1].balance.of(*BUDGET) == 100_000


def test_what_was_corrected_once_is_not_corrected_again() -> None:
    late = truth(OCT, [A_OCT, B_OCT, won("A-1", 20_000, f"{OCT}-02")], RULES, HELD)
    comparison = compared(STOOD, late, NOVEMBER)
    again = [Stood(t, c) for t, c in zip((late, NOVEMBER), comparison.closings, strict=True)]
    second = compared(again, late, NOVEMBER)
    assert (second.differences, second.stages, second.claims) == ((), (), ())
    assert second.closings == comparison.closings
