"""Explaining a won: that it adds up, what stopped it, other orders, and the rows behind it."""

from datetime import date
from typing import Any

from billing.explain.explain import explain
from billing.explain.explanation import Explanation, LimitHit, OtherOrder, Question, Unpaid
from billing.records import Usage
from billing.rulebook.rule_book import RuleBook
from metering.registry.registry import Registry
from tests.builders.explained_month import stood
from tests.builders.rules_and_usage import (
    HOUR_US,
    award,
    book,
    caps,
    clauses,
    company,
    halved,
    price,
    programme,
    registry,
    source,
    used,
)


def told(usages: list[Usage], rules: RuleBook, held: Registry, **asked: Any) -> Explanation:
    month, result = stood(usages, rules, held)
    question = Question("2025-10", asked.pop("company_id", "A"), **asked)
    return explain(month, result.subsidies, result.invoices, question)


def october(hours: int, *days: int, project: str = "A-1") -> list[Usage]:
    return [used(date(2025, 10, day), project, hours * HOUR_US) for day in days]


def test_a_stop_tells_what_was_left_that_morning() -> None:
    held = registry([award("S-1", "P1", "A", quota="30", quota_unit="device_hours")])
    answer = told(october(20, 1, 2, 3), book(programme("P1", "0")), held)
    part = answer.lines[0].parts[0]
    assert part.stops == (
        LimitHit("quota:S-1", date(2025, 10, 2), date(2025, 10, 3), 2, "device_hours",
             30 * HOUR_US, 10 * HOUR_US, "S-1"),
    )  # fmt: skip
    assert [(day.charge_krw, day.company_krw) for day in answer.lines[0].days] == [
        (120000, 0), (120000, 60000), (120000, 120000)
    ]  # fmt: skip
    assert (answer.charge_krw, answer.support_krw, answer.company_krw) == (360000, 180000, 180000)


def test_a_budget_shared_by_two_companies_is_told_as_it_stood() -> None:
    rules = book(programme("P1", "0", funding=(source("national", "1", {"2025": 150_000}),)))
    held = registry([award("S-1", "P1", "A"), award("S-2", "P1", "B")])
    usages = october(20, 1, 2) + october(20, 2, project="B-1")
    stop = told(usages, rules, held).lines[0].parts[0].stops[0]
    assert (stop.stopped_by, stop.granted, stop.left) == ("budget:P1:national:2025", 150000, 30000)


def test_why_an_award_paid_nothing_is_said_day_by_day() -> None:
    universities = 'eligible: {org_type: {value: [university], assumed: "-"}}\n'
    rules = book(
        programme("P1", "0", order=1),
        programme("P2", "0", order=2),
        programme("P3", {"2025-01-01": "0", "2025-10-02": None}, order=3),
        programme("P4", "0", order=4, skus="[npu.*]"),
        programme("P5", "0", order=5, more=universities),
    )  # fmt: skip
    held = registry(
        [
            award("S-1", "P1", "A", start=date(2025, 10, 2), until=date(2025, 10, 4)),
            award("S-2", "P2", "A"),
            *(award(f"S-{n}", f"P{n}", "A") for n in (3, 4, 5)),
        ]
    )
    parts = {p.award_id: p for p in told(october(1, 1, 2, 4), rules, held).lines[0].parts}
    day = {n: date(2025, 10, n) for n in (1, 2, 4)}
    assert {name: part.unpaid for name, part in parts.items()} == {
        "S-1": (
            Unpaid("before_window", day[1], day[1], 1, 6000),
            Unpaid("after_window", day[4], day[4], 1, 6000),
        ),
        "S-2": (Unpaid("nothing_left", day[2], day[2], 1, 6000),),
        "S-3": (
            Unpaid("nothing_left", day[1], day[1], 1, 6000),
            Unpaid("not_in_force", day[2], day[4], 2, 12000),
        ),
        "S-4": (Unpaid("not_covered", day[1], day[4], 3, 18000),),
        "S-5": (Unpaid("not_eligible", day[1], day[4], 3, 18000),),
    }
    assert {name: part.support_krw for name, part in parts.items()} == {
        "S-1": 6000, "S-2": 12000, "S-3": 0, "S-4": 0, "S-5": 0
    }  # fmt: skip


def test_another_order_of_programmes_gives_what_the_engine_gives_in_that_order() -> None:
    """P1 pays 80 % with 30,000 in all, P2 pays everything but has 100,000 (SETTLEMENT 7)."""
    rules = book(
        programme("P1", "0.2", order=1, more=caps(award=30_000)),
        programme("P2", "0", order=2, more=caps(award=100_000)),
    )
    held = registry([award("S-1", "P1", "A"), award("S-2", "P2", "A")])
    answer = told(october(24, 1), rules, held)
    # P1 covers 37,500 for 30,000; P2 100,000 of the rest. The other way round P2 covers 100,000
    # and P1 37,500 of the 44,000 that are left.
    assert answer.orders == (
        OtherOrder(("P1", "P2"), (("P1", 30000), ("P2", 100000)), 14000, True),
        OtherOrder(("P2", "P1"), (("P2", 100000), ("P1", 30000)), 14000, False),
    )
    cut = told(october(20, 1), rules, held)
    assert cut.orders == (
        OtherOrder(("P1", "P2"), (("P1", 30000), ("P2", 82500)), 7500, True),
        OtherOrder(("P2", "P1"), (("P2", 100000), ("P1", 16000)), 4000, False),
    )


def test_one_programme_has_no_other_order() -> None:
    held = registry([award("S-1", "P1", "A")])
    assert told(october(1, 1), book(programme("P1", "0")), held).orders == ()


def test_the_rule_values_are_those_that_the_company_met() -> None:
    rules = book(
        programme("P1", {"2025-01-01": "0.2", "2025-10-02": "0.4"}, more=halved(place="광주"))
    )
    for place, reduced in (("광주", True), ("서울", False)):
        held = registry([award("S-1", "P1", "A")], [company("A", place=place)])
        part = told(october(1, 1, 2), rules, held).lines[0].parts[0]
        shares = [(v.value, str(v.start)) for v in part.values if v.key == "company_share"]
        assert shares == [("0.2", "2025-01-01"), ("0.4", "2025-10-02")]
        assert any(v.key.startswith("reduction") for v in part.values) == reduced
        assert part.support_krw == (4800 + 3600) + (600 + 1200) * reduced


def test_of_several_clauses_only_the_one_that_counted_is_told() -> None:
    shares = clauses(("size: [mid]", "0.3"), ("", "0.2"))
    part = told(october(1, 1), book(programme("P1", shares)), registry([award("S-1", "P1", "A")]))
    values = [v.value for v in part.lines[0].parts[0].values if "company_share" in v.key]
    assert values == ["0.2"]


def test_the_price_of_each_day_is_told_with_its_rule() -> None:
    rules = book(price("gpu.h100", {"2025-01-01": "6000", "2025-10-02": "5000"}))
    line = told(october(1, 1, 2, 3), rules, registry()).lines[0]
    assert [
        (step.value.value, str(step.value.start), step.first.day, step.last.day, step.charge_krw)
        for step in line.prices
    ] == [("6000", "2025-01-01", 1, 1, 6000), ("5000", "2025-10-02", 2, 3, 10000)]
