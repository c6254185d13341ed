"""SETTLEMENT 39: what issued months used of a limit counts, whatever shape it had then."""

from dataclasses import replace

import pytest

from billing.month.pure_month import MonthResult
from billing.month.use_before import Opening, PastMonth, opening_under
from billing.rulebook.rule_book import RuleBook
from metering.registry.registry import Registry
from tests.builders.rules_and_usage import (
    HOUR_US,
    SEOUL,
    award,
    book,
    close,
    dated,
    paid,
    programme,
    registry,
    source,
    used,
)

USED = {"2025-08": 100, "2025-09": 100, "2025-10": 140}


def rules(budget: dict[str, int] | None = None, share: str = "0", more: str = "") -> RuleBook:
    """Free of charge; 70 % of it by the state, which may have a budget."""
    funding = (source("national", "0.7", budget), source("city", "0.3"))
    return book(programme("P1", share, funding=funding, more=more))


def held(quota: str | None = None, unit: str | None = None, **changes: object) -> Registry:
    return registry([award("X1", "P1", "A", quota=quota, quota_unit=unit, **changes)])


def past_month(result: MonthResult, known: Registry, by: RuleBook) -> PastMonth:
    return PastMonth(
        result.month, known, by, SEOUL,
        lambda: (result.opening, result.balance), lambda: (result.charges, result.subsidies),
    )  # fmt: skip


def rated(month: str, known: Registry, by: RuleBook, past: list[PastMonth]) -> MonthResult:
    """A month of use, opened after those before it."""
    left = past[-1].limits()[1] if past else None
    opened = opening_under(left, past, known, by, month) if left is not None else None
    assert opened is None or opened.unknown == ()
    hours = used(f"{month}-05", "A-1", USED[month] * HOUR_US)
    return close([hours], by, known, month, opened.balance if opened else None)


@pytest.mark.parametrize(
    ("first", "then", "krw"),
    [
        ((held(), rules()), (held("300", "device_hours"), rules()), 600_000),
        ((held(), rules()), (held(), rules({"2025": 1_000_000})), 228_571),
        (
            (held("300", "device_hours"), rules()),
            (held("20.1", "pf_hours"), rules()),
            600_000,
        ),
        (
            (held(), rules({"2025": 10_000_000})),
            (held(), rules({"2025-2026": 1_000_000})),
            228_571,
        ),
        ((held(), rules()), (held("340", "device_hours"), rules()), 840_000),
        ((held(), rules()), (held("339", "device_hours"), rules()), 834_000),
        ((held(), rules()), (held("150", "device_hours"), rules()), 0),
        ((held("300", "device_hours"), rules()), (held(), rules()), 840_000),
    ],
    ids=[
        "a quota is given", "a budget is given", "another unit", "other years", "just enough",
        "an hour less", "less than was used", "a quota is taken away",
    ],
)  # fmt: skip
def test_a_limit_of_another_shape_opens_with_what_was_used(
    first: tuple[Registry, RuleBook], then: tuple[Registry, RuleBook], krw: int
) -> None:
    """200 h are used when 300 h are given: 100 are left of 140 (840,000 at list price)."""
    past: list[PastMonth] = []
    for month in ("2025-08", "2025-09"):
        result = rated(month, *first, past)
        assert paid(result) == {"X1": 600_000}
        past.append(past_month(result, *first))
    assert paid(rated("2025-10", *then, past)).get("X1", 0) == krw


def test_a_limit_that_comes_back_counts_all_months_between() -> None:
    """300 h in August, none in September, 300 h again: September counts."""
    given = (held("300", "device_hours"), rules())
    past: list[PastMonth] = []
    for month, known in (("2025-08", given), ("2025-09", (held(), rules()))):
        past.append(past_month(rated(month, *known, past), *known))
    assert paid(rated("2025-10", *given, past)) == {"X1": 600_000}


def test_use_that_another_limit_cut_counts_as_far_as_it_was_covered() -> None:
    """A cap of 300,000 covered 50 h of August's 100: 300 h leave 150 of which 140 are used."""
    capped, given = held(cap_krw=300_000), held("190", "device_hours")
    august = past_month(rated("2025-08", capped, rules(), []), capped, rules())
    assert paid(rated("2025-10", given, rules(), [august])) == {"X1": 840_000}
    less = held("189", "device_hours")
    assert paid(rated("2025-10", less, rules(), [august])) == {"X1": 834_000}


def test_a_source_with_a_budget_bears_what_its_share_is_by_now() -> None:
    """The state bore all of August; by now its share is 70 % of it, and so is what it used."""
    alone = book(programme("P1", "0", funding=(source("national", "1"),)))
    august = past_month(rated("2025-08", held(), alone, []), held(), alone)
    split = rules({"2025": 1_000_000})
    opened = opening_under(august.limits()[1], [august], held(), split, "2025-10")
    assert opened.balance.of("budget", "P1", "national", "2025") == 420_000


def test_what_cannot_be_known_is_said() -> None:
    """Half of a stopped row was paid, and nothing says why: nobody knows how much of it counted."""
    capped = held(cap_krw=300_000)
    result = rated("2025-08", capped, rules(), [])
    rows = [
        replace(row, subsidy_krw=row.subsidy_krw // 2) for row in result.subsidies if row.stopped_by
    ]
    changed = past_month(replace(result, subsidies=tuple(rows)), capped, rules())
    given = held("300", "device_hours", cap_krw=300_000)
    opened = opening_under(result.balance, [changed], given, rules(), "2025-10")
    assert opened.unknown == (("X1", "2025-08"),)


def test_a_quota_that_a_rule_gives_from_a_day_on_counts_from_that_day() -> None:
    """Before its day the programme had none, and a correction would count nothing either."""
    quota = dated({"2025-10-01": "300"})
    by = rules(more=f"quotas: [{{unit: device_hours, amount: {quota}}}]\n")
    august = past_month(rated("2025-08", held(), rules(), []), held(), rules())
    opened = opening_under(august.limits()[1], [august], held(), by, "2025-10")
    assert opened == Opening(august.limits()[1])
