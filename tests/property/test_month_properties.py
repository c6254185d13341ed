"""What a month promises over random centres, whatever the programmes, awards and use."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.month.pure_month import MonthResult
from billing.month.rating import rate
from billing.records import Subsidy, Usage
from billing.rulebook.programme import Programme
from billing.subsidy.award_terms import grants
from billing.subsidy.balance import Balance
from billing.subsidy.caps import RunningUse
from billing.subsidy.flat_fee import unused
from billing.subsidy.quotas import MICRO
from billing.subsidy.subsidise import MonthRun
from metering.registry.registry import Registry
from tests.builders.random_centre import (
    FIRST,
    MONTH,
    Centre,
    alone,
    best_first,
    centres,
    stacked,
)
from tests.builders.rules_and_usage import HOUR_US, SEOUL, close, due, paid

SOAK = [pytest.param(10, id="short"), pytest.param(5_000, id="long", marks=pytest.mark.soak)]


def closed(centre: Centre) -> MonthResult:
    return close(centre.usages, centre.rules, centre.held)


def caps_of(rule: Programme) -> tuple[int | None, int | None, int | None]:
    """The caps of an award's month, of an award, of a company's year."""
    caps = (rule.caps.award_month, rule.caps.award, rule.caps.company_year)
    month, award, year = (cap.or_none(FIRST) if cap else None for cap in caps)
    return month, award, year


def limits_kept(result: MonthResult, centre: Centre, before: Sequence[Subsidy] = ()) -> None:
    """No cap, quota or budget is passed, at any grain, by the month or with those before it."""
    of_month = paid(result)
    of_award: dict[str, int] = defaultdict(int)
    by_year: dict[tuple[str, str], int] = defaultdict(int)
    by_source: dict[tuple[str, str], int] = defaultdict(int)
    for row in (*before, *result.subsidies):
        of_award[row.award_id] += row.subsidy_krw
        by_year[row.programme, row.company_id] += row.subsidy_krw
        by_source[row.programme, row.funding] += row.subsidy_krw
    for held_award in centre.held.awards:
        rule = centre.rules.programme(held_award.programme)
        assert rule is not None
        month, award, _ = caps_of(rule)
        for krw in (held_award.cap_krw, award):
            assert krw is None or of_award[held_award.award_id] <= krw
        assert month is None or of_month.get(held_award.award_id, 0) <= month
        if held_award.quota is not None and held_award.quota_unit in ("device_hours", "pf_hours"):
            scale = {"device_hours": 1, "pf_hours": MICRO}[held_award.quota_unit]
            used_units = result.balance.of("quota", held_award.award_id, held_award.quota_unit)
            assert used_units <= held_award.quota * HOUR_US * scale
        assert result.balance.of("award", held_award.award_id) == of_award[held_award.award_id]
    for rule in centre.rules.programmes:
        cap = caps_of(rule)[2]
        for (name, _), krw in by_year.items():
            assert cap is None or name != rule.programme or krw <= cap
        for funding in rule.funding:
            for budget in funding.budgets or ():
                assert by_source[rule.programme, funding.name] <= budget.krw


@pytest.mark.parametrize("examples", SOAK)
def test_subsidies_never_pass_the_charge_nor_any_limit(examples: int) -> None:
    """compute_month itself proves 0 <= subsidies <= charge and that every won is somebody's."""

    @settings(max_examples=examples, deadline=None)
    @given(centres())
    def check(centre: Centre) -> None:
        limits_kept(closed(centre), centre)

    check()


@pytest.mark.parametrize("examples", SOAK)
def test_no_limit_is_passed_by_months_in_a_row(examples: int) -> None:
    """What a month leaves of awards, company-years, quotas and budgets is what the next may use."""

    @settings(max_examples=examples, deadline=None)
    @given(centres())
    def check(centre: Centre) -> None:
        first = closed(centre)
        usages = [replace(usage, day=usage.day.replace(month=11)) for usage in centre.usages]
        second = close(usages, centre.rules, centre.held, "2025-11", first.balance)
        limits_kept(second, centre, first.subsidies)

    check()


@pytest.mark.parametrize("examples", SOAK)
def test_levels_are_kept_on_every_day_and_won_that_stop_are_used_up(examples: int) -> None:
    """What is held at once stays below its ceiling; what a limit in won cuts, it shares wholly."""

    @settings(max_examples=examples, deadline=None)
    @given(centres())
    def check(centre: Centre) -> None:
        result = closed(centre)
        _levels_kept(centre)
        for row in result.subsidies:
            kind, _, rest = row.stopped_by.partition(":")
            rule = centre.rules.programme(row.programme)
            assert rule is not None
            if kind == "budget" and len(rule.funding) == 1:
                [budget] = rule.funding[0].budgets or ()
                spent = result.balance.of("budget", row.programme, "national", "2025")
                assert spent == budget.krw
            elif rest.startswith("company_year:"):
                spent = result.balance.of("company_year", row.programme, row.company_id, "2025")
                assert spent == caps_of(rule)[2]

    check()


def _levels_kept(centre: Centre) -> None:
    charges = rate(centre.usages, centre.rules, MONTH, SEOUL).charges
    in_force, _ = grants(centre.held, centre.rules, SEOUL.month_days(MONTH))
    run = MonthRun(centre.rules, in_force, RunningUse.opening(Balance()))
    run.advance(charges)
    quotas = {grant.award.award_id: grant.quota for grant in in_force}
    for (award_id, unit, _), level in run.standing.levels.items():
        quota = quotas[award_id]
        if quota is not None and quota.unit == unit:
            assert level <= quota.limit


@pytest.mark.parametrize("examples", SOAK)
def test_the_order_of_rows_does_not_matter(examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(centres(), st.randoms(use_true_random=False))
    def check(centre: Centre, order: Random) -> None:
        merged: dict[tuple[date, str, str], Usage] = {}
        for usage in centre.usages:  # one row a key, as usage_day has it
            merged[usage.day, usage.project_id, usage.sku] = usage
        shuffled = list(merged.values())
        order.shuffle(shuffled)
        held = centre.held
        turned = Registry(
            companies=tuple(reversed(held.companies)),
            projects=tuple(reversed(held.projects)),
            awards=tuple(reversed(held.awards)),
        )
        rules = centre.rules
        assert close(merged.values(), rules, held) == close(shuffled, rules, turned)

    check()


def in_parts(centre: Centre, days: Sequence[int]) -> tuple[object, ...]:
    """The subsidies of a month taken forward in several steps, and what they leave."""
    charges = rate(centre.usages, centre.rules, MONTH, SEOUL).charges
    in_force, _ = grants(centre.held, centre.rules, SEOUL.month_days(MONTH))
    run = MonthRun(centre.rules, in_force, RunningUse.opening(Balance()))
    rows = []
    for first, last in pairwise([0, *days, 31]):
        rows += run.advance(c for c in charges if first < c.day.day <= last)
    left = unused(in_force, run.standing, centre.held, MONTH)
    return tuple(rows), run.standing.balance(), (*charges, *left)


@pytest.mark.parametrize("examples", SOAK)
def test_a_month_split_at_any_days_gives_the_same_won(examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(centres(), st.lists(st.integers(1, 30), max_size=3).map(sorted))
    def check(centre: Centre, days: list[int]) -> None:
        result = closed(centre)
        whole = (result.subsidies, result.balance, result.charges)
        assert in_parts(centre, days) == whole

    check()


@pytest.mark.parametrize("examples", SOAK)
@pytest.mark.parametrize(
    "some", [alone(), best_first(), stacked()], ids=["one", "best_first", "stacked"]
)
def test_more_usage_never_lowers_what_is_due(
    some: st.SearchStrategy[Centre], examples: int
) -> None:
    """But for a won either way on each day of sharing (SETTLEMENT 11), in each of these ways of
    programmes side by side (DECISIONS); test_more_use.py shows how others lower it."""

    @settings(max_examples=examples, deadline=None)
    @given(some, st.integers(0, 9), st.integers(1, 30 * HOUR_US))
    def check(centre: Centre, at: int, more: int) -> None:
        usages = list(centre.usages)
        at %= len(usages)
        usages[at] = replace(usages[at], quantity=usages[at].quantity + more)
        before, after = closed(centre), closed(replace(centre, usages=usages))
        shared = {s.day for of in (before, after) for s in of.subsidies if s.stopped_by}
        assert due(after)["A"] >= due(before)["A"] - len(shared)

    check()
