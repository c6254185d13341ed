"""Where more use may lower what is due: programmes that stand side by side in other ways than those
for which the property is shown (tests/property/test_month_properties.py), each by hand."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import pytest

from billing.rulebook.dated import Step
from billing.rulebook.programme import FlatFee, Programme, ShareOfMarket
from billing.rulebook.rule_book import RuleBook
from billing.subsidy.company_part import reduced
from billing.subsidy.eligibility import judge
from metering.registry.registry import Award, Company
from tests.billing.rulebook.test_rule_cases import firms
from tests.breadth import few
from tests.builders.rule_cases import packaged
from tests.builders.rules_and_usage import (
    HOUR_US,
    UNUSED,
    award,
    book,
    close,
    due,
    flat_fee,
    price,
    programme,
    registry,
    used,
)

PRICES = (price("gpu.h100", "10"), price("gpu.a100", "1"), price("gpu.h200", "100"))
DAY = date(2025, 10, 1)
TEN_HOURS = {"quota": "10", "quota_unit": "device_hours"}


def due_of(rules: RuleBook, awards: list[Award], **hours: int) -> int:
    """What A owes for hours of cards on one day."""
    usages = [used(DAY, "A-1", number * HOUR_US, f"gpu.{card}") for card, number in hours.items()]
    return due(close(usages, rules, registry(awards)))["A"]


def test_the_less_generous_programme_first_gives_way_to_the_more_generous() -> None:
    """HALF pays for ten hours, FREE for the others. Ten more hours of a cheap card take five of
    HALF's ten, so FREE pays for five dear ones: SETTLEMENT 7 has this order as its example."""
    rules = book(*PRICES, programme("HALF", "0.5", order=1), programme("FREE", "0", order=2))
    held = [award("X1", "HALF", "A", **TEN_HOURS), award("X2", "FREE", "A")]
    assert due_of(rules, held, h100=10) == 50
    assert due_of(rules, held, h100=10, a100=10) == 25 + 2


def test_a_fee_that_another_programme_pays_half_of_is_less_where_it_is_used() -> None:
    """The fee is due in any case; HALF supports what use pays of it, and no idle capacity."""
    fee = flat_fee(("1", "500"), unit="devices", ceiling="hours")
    rules = book(
        *PRICES, UNUSED, programme("FEE", fee, basis="flat_fee", order=1, stacking=True),
        programme("HALF", "0.5", order=2, stacking=True),
    )  # fmt: skip
    held = [award("X1", "FEE", "A", quota="1", quota_unit="devices"), award("X2", "HALF", "A")]
    assert due_of(rules, held, h100=0) == 500
    assert due_of(rules, held, h100=10) == 400 + 50


def test_a_programme_that_does_not_stack_between_two_that_do_frees_the_quota_of_the_last() -> None:
    """FIFTH and HALF stack, THIRD does not. Where a cheap card takes most of FIFTH's ten hours,
    THIRD pays for the H100, and HALF has more of its ten hours for the dear card: 8, not 5."""
    rules = book(
        *PRICES,
        programme("FIFTH", "0.2", order=1, stacking=True, skus="[gpu.h100, gpu.a100]"),
        programme("THIRD", "0.3", order=2, skus="[gpu.h100]"),
        programme("HALF", "0.5", order=3, stacking=True, skus="[gpu.h100, gpu.h200]"),
    )
    held = [
        award("X1", "FIFTH", "A", **TEN_HOURS), award("X2", "THIRD", "A"),
        award("X3", "HALF", "A", **TEN_HOURS),
    ]  # fmt: skip
    assert due_of(rules, held, h100=10, h200=10) == 15 + 750
    assert due_of(rules, held, h100=10, h200=10, a100=30) == 22 + 3 + 600 + 23


def part(programme: Programme, firm: Company, sku: str, day: date) -> Fraction | None:
    """What a company pays of one more hour at list price; None where it is not supported."""
    offer = award("X", programme.programme, firm.company_id, agreed_on=day)
    if isinstance(programme.basis, FlatFee):
        size = programme.basis.bundles[0].size
        offer = award("X", programme.programme, "A", quota=size, quota_unit=programme.basis.unit)
    verdict = judge(programme, firm, offer, day)
    if not programme.covers(sku) or verdict.clause is None:
        return None
    share = verdict.clause.value.or_none(day)
    if share is None:
        return None
    whole = Fraction(share) * reduced(programme, verdict.reductions, day)[0]
    match programme.basis:
        case FlatFee():
            return Fraction(0)  # the fee is due in any case
        case ShareOfMarket():
            book = packaged()
            market = Fraction(book.market[sku].on(day)) / Fraction(book.prices[sku].on(day))
            return min(whole * market, Fraction(1))
        case _:
            return whole


def steps(programme: Programme) -> Iterator[Step[Decimal]]:
    """Every step of what companies pay."""
    for clause in programme.basis.clauses:
        yield from clause.value.steps
    for reduction in programme.reductions:
        yield from reduction.factor.steps


@pytest.mark.parametrize(
    ("first", "second"),
    few(10, combinations([rule.programme for rule in packaged().programmes], 2)),
    ids=str,
)
def test_of_the_packaged_programmes_the_more_generous_comes_first(first: str, second: str) -> None:
    """So more use never lowers what is due under them, whoever holds whichever of their awards."""
    rules = packaged()
    before, after = rules.programme(first), rules.programme(second)
    assert before is not None
    assert after is not None
    assert not before.stacking
    assert not after.stacking
    for day in sorted({step.start for rule in (before, after) for step in steps(rule)}):
        for firm in firms() if before.in_force(day) and after.in_force(day) else ():
            for sku in ("gpu.h100", "gpu.h200", "gpu.a100", "npu.rngd", "storage.parallel"):
                mine, others = part(before, firm, sku, day), part(after, firm, sku, day)
                assert mine is None or others is None or mine <= others, (firm.facts, sku, day)
