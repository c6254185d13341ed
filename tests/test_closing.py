"""The month as one pure function, and its promises over random centres."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from billing.award import grants
from billing.balance import Balance
from billing.closing import Closing
from billing.limit import Standing
from billing.rating import rate
from billing.records import Usage
from billing.rulebook import RuleBook
from billing.subsidy import MonthRun
from metering.registry import Award, Registry
from tests.billing_ground import (
    HOUR_US,
    SEOUL,
    award,
    book,
    caps,
    close,
    halved,
    paid,
    price,
    programme,
    registry,
    source,
    used,
)

MONTH = "2025-10"
SKUS = ("gpu.h100", "gpu.a100")


def test_the_same_inputs_give_the_same_closing() -> None:
    rules = book(programme("P1", "0.2"))
    held = registry([award("X1", "P1", "A")])
    usages = [used("2025-10-01", "A-1", HOUR_US), used("2025-10-02", "B-1", HOUR_US)]
    assert close(usages, rules, held) == close(reversed(usages), rules, held)


def test_a_closing_names_the_rules_it_was_made_by() -> None:
    rules = book()
    closing = close([used("2025-10-01", "A-1", HOUR_US)], rules)
    assert (closing.rules_digest, closing.invoices[0].rules_digest) == (rules.digest, rules.digest)


def test_an_empty_month_is_closed_with_nothing() -> None:
    closing = close([], book())
    assert (closing.charges, closing.subsidies, closing.invoices, closing.claims) == ((),) * 4
    assert closing.balance == Balance()


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


SHARES = st.sampled_from(["0", "0.1", "0.2", "0.333", "0.5", "0.99", "1"])
LIMITS = st.one_of(st.none(), st.integers(0, 300))


@st.composite
def programmes(draw: st.DrawFn, name: str) -> dict[str, str]:
    first, second = draw(st.sampled_from([("0.5", "0.5"), ("0.7", "0.3"), ("0.333", "0.667")]))

    def budget() -> dict[str, int] | None:
        krw = draw(LIMITS)
        return None if krw is None else {"2025": krw}

    names = ("award_month", "award", "company_year")
    limits = {n: krw for n in names if (krw := draw(LIMITS)) is not None}
    return programme(
        name,
        draw(SHARES),
        order=draw(st.integers(1, 3)),
        stacking=draw(st.booleans()),
        vat_base=draw(st.sampled_from(["SELF_PAY", "GROSS"])),
        funding=[source("national", first, budget()), source("city", second, budget())],
        more=halved(place="서울") + (caps(**limits) if limits else ""),
    )


@st.composite
def awards(draw: st.DrawFn) -> list[Award]:
    found = []
    for number in range(draw(st.integers(1, 6))):
        company_id = draw(st.sampled_from("ABC"))
        quota = draw(st.one_of(st.none(), st.integers(0, 40)))
        found.append(
            award(
                f"X{number}",
                draw(st.sampled_from(["P1", "P2", "P3"])),
                company_id,
                draw(st.sampled_from(["", f"{company_id}-1", f"{company_id}-2"])),
                start=date(2025, 10, draw(st.integers(1, 4))),
                cap_krw=draw(LIMITS),
                quota=None if quota is None else str(quota),
                quota_unit=None
                if quota is None
                else draw(st.sampled_from(["device_hours", "pf_hours"])),
            )
        )
    return found


@st.composite
def centres(draw: st.DrawFn) -> tuple[RuleBook, Registry, list[Usage]]:
    rules = book(
        price("gpu.h100", draw(st.sampled_from(["7.3", "1", "0"]))),
        price("gpu.a100", "2.5"),
        *(draw(programmes(name)) for name in ("P1", "P2", "P3")),
    )
    usages = draw(
        st.lists(
            st.builds(
                used,
                st.dates(date(2025, 10, 1), date(2025, 10, 8)),
                st.sampled_from(["A-1", "A-2", "B-1", "B-2", "C-1"]),
                st.integers(0, 30 * HOUR_US),
                st.sampled_from(SKUS),
            ),
            max_size=25,
        )
    )
    return rules, registry(draw(awards())), usages


def limits_kept(closing: Closing, rules: RuleBook, held: Registry) -> None:
    """No cap, quota or budget is passed, at any grain."""
    of_award = paid(closing)
    by_year: dict[tuple[str, str], int] = defaultdict(int)
    by_source: dict[tuple[str, str], int] = defaultdict(int)
    for row in closing.subsidies:
        by_year[row.programme, row.company_id] += row.subsidy_krw
        by_source[row.programme, row.funding] += row.subsidy_krw
    day = date(2025, 10, 1)
    for one in held.awards:
        rule = rules.programme(one.programme)
        assert rule is not None
        limits = [
            one.cap_krw,
            *(c and c.or_none(day) for c in (rule.caps.award, rule.caps.award_month)),
        ]
        for krw in limits:
            assert krw is None or of_award.get(one.award_id, 0) <= krw
        if one.quota is not None:
            scale = {"device_hours": 1, "pf_hours": 1_000_000}[one.quota_unit or ""]
            used_units = closing.balance.of("quota", one.award_id, one.quota_unit or "")
            assert used_units <= one.quota * HOUR_US * scale
        assert closing.balance.of("award", one.award_id) == of_award.get(one.award_id, 0)
    for rule in rules.programmes:
        cap = rule.caps.company_year and rule.caps.company_year.or_none(day)
        for (name, _), krw in by_year.items():
            assert cap is None or name != rule.programme or krw <= cap
        for funding in rule.funding:
            for budget in funding.budgets or ():
                assert by_source[rule.programme, funding.name] <= budget.krw


@settings(max_examples=150, deadline=None)
@given(centres())
def test_subsidies_never_pass_the_charge_nor_any_limit(
    centre: tuple[RuleBook, Registry, list[Usage]],
) -> None:
    """close_month itself proves 0 <= subsidies <= charge and that every won is somebody's."""
    rules, held, usages = centre
    closing = close(usages, rules, held)
    limits_kept(closing, rules, held)


@settings(max_examples=60, deadline=None)
@given(centres(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    centre: tuple[RuleBook, Registry, list[Usage]], order: Random
) -> None:
    rules, held, usages = centre
    merged: dict[tuple[date, str, str], Usage] = {}
    for usage in usages:  # one row a key, as usage_day has it
        merged[usage.day, usage.project_id, usage.sku] = usage
    shuffled = list(merged.values())
    order.shuffle(shuffled)
    turned = Registry(
        companies=tuple(reversed(held.companies)),
        projects=tuple(reversed(held.projects)),
        awards=tuple(reversed(held.awards)),
    )
    assert close(merged.values(), rules, held) == close(shuffled, rules, turned)


def in_parts(
    rules: RuleBook, held: Registry, usages: Sequence[Usage], days: Sequence[int]
) -> tuple[object, Balance]:
    """The subsidies of a month taken forward in several steps."""
    charges = rate(usages, rules, MONTH, SEOUL).charges
    found, _ = grants(held, rules, SEOUL.month_days(MONTH))
    run = MonthRun(rules, found, Standing.opening(Balance()))
    bounds = [0, *days, 31]
    rows = []
    for first, last in pairwise(bounds):
        rows += run.advance(c for c in charges if first < c.day.day <= last)
    return tuple(rows), run.standing.balance()


@settings(max_examples=60, deadline=None)
@given(centres(), st.lists(st.integers(1, 30), max_size=3).map(sorted))
def test_a_month_split_at_any_days_gives_the_same_won(
    centre: tuple[RuleBook, Registry, list[Usage]], days: list[int]
) -> None:
    rules, held, usages = centre
    closing = close(usages, rules, held)
    assert in_parts(rules, held, usages, days) == (closing.subsidies, closing.balance)
