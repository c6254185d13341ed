"""How limits stand on every day: against the rows, against the balance, month after month."""

import random
from collections import defaultdict
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.quota.limits_on_day import LimitState, limits_on
from billing.simulate.months_as_they_stand import chain, chain_month
from reports.quota.limits_view import bar, limits_of_day
from tests.builders.explained_month import stood
from tests.builders.rules_and_usage import (
    HOUR_US,
    award,
    book,
    caps,
    price,
    programme,
    registry,
    source,
    used,
)
from tests.builders.sites.close_site import (
    MONTH,
    NEXT,
    ON,
    make_ground,
    put_day,
    put_month,
)
from tests.builders.sites.close_site import used as metered

DAYS = [date(2025, 10, day) for day in range(1, 32)]


def by_name(states: tuple[LimitState, ...]) -> dict[str, tuple[int | None, int]]:
    return {state.name: (state.granted, state.used) for state in states}


def test_a_quota_is_known_on_every_day_of_the_month() -> None:
    rules = book(
        programme("P1", "0.5", more=caps(award_month=70_000, company_year=500_000),
                  funding=(source("national", "1", {"2025": 1_000_000}),))
    )  # fmt: skip
    held = registry(
        [award("S-1", "P1", "A", quota="30", quota_unit="device_hours", cap_krw=80_000)]
    )
    usages = [used(day, "A-1", 20 * HOUR_US) for day in DAYS[:3]]
    month, _ = stood(usages, rules, held)
    # 20 h x 6,000 at 50 %: 60,000; then 10,000 more of the month's 70,000, then nothing
    states = [by_name(limits_on(month, day)) for day in DAYS[:3]]
    assert [state["quota:P1:S-1:A:device_hours"] for state in states] == [
        (30 * HOUR_US, 20 * HOUR_US),
        (30 * HOUR_US, 20 * HOUR_US + 12_000_000_000),  # 20,000 won of use are covered
        (30 * HOUR_US, 20 * HOUR_US + 12_000_000_000),
    ]
    assert [state["award_month:P1:S-1:A:2025-10:krw"] for state in states] == [
        (70_000, 60_000), (70_000, 70_000), (70_000, 70_000)
    ]  # fmt: skip
    assert [state["award:P1:S-1:A:krw"] for state in states] == [
        (80_000, 60_000), (80_000, 70_000), (80_000, 70_000)
    ]  # fmt: skip
    assert states[2]["company_year:P1:A:2025:krw"] == (500_000, 70_000)
    assert states[2]["budget:P1:national:2025:krw"] == (1_000_000, 70_000)
    assert states[2]["programme:P1:2025:krw"] == (None, 70_000)


def test_a_level_is_that_of_its_day() -> None:
    gb = 'quotas: [{unit: gb, amount: {2025-01-01: {value: "10", assumed: "-"}}}]\n'
    rules = book(price("storage.x", "120", "gb_month"), programme("P1", "0", more=gb))
    held = registry([award("S-1", "P1", "A")])
    day_of_4_gib = 4 * 1024 * 86_400
    usages = [
        used(day, "A-1", amount, "storage.x", "mib_s")
        for day, amount in zip(DAYS, (day_of_4_gib, 3 * day_of_4_gib, day_of_4_gib), strict=False)
    ]
    month, _ = stood(usages, rules, held)
    limit = 823_974_609  # 10 GB in MiB-seconds of a day
    assert [
        by_name(limits_on(month, day))["level:P1:S-1:A:gb"] for day in DAYS[:4]
    ] == [(limit, day_of_4_gib), (limit, limit), (limit, day_of_4_gib), (limit, 0)]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_on_any_day_what_is_used_is_what_the_rows_say_by_then(seed: int) -> None:
    chance = random.Random(seed)
    rules = book(
        *(
            programme(
                f"P{n}", "0.3", order=n, stacking=n == 2,
                funding=(source("national", "0.7", {"2025": 600_000}), source("city", "0.3")),
                more=caps(award=chance.randint(100_000, 400_000), company_year=350_000),
            )
            for n in (1, 2)
        )
    )  # fmt: skip
    held = registry(
        award(f"S-{n}{firm}", f"P{n}", firm, quota=str(chance.randint(10, 60)),
              quota_unit="device_hours")
        for n in (1, 2) for firm in "ABC"
    )  # fmt: skip
    usages = [
        used(day, f"{firm}-1", chance.randint(0, 10 * HOUR_US)) for day in DAYS for firm in "ABC"
    ]
    month, result = stood(usages, rules, held)
    for day in (DAYS[0], DAYS[9], DAYS[30]):
        paid: dict[str, int] = defaultdict(int)
        for row in result.subsidies:
            if row.day <= day:
                paid[f"award:{row.programme}:{row.award_id}:{row.company_id}:krw"] += (
                    row.subsidy_krw
                )
                paid[f"company_year:{row.programme}:{row.company_id}:2025:krw"] += row.subsidy_krw
                if row.funding == "national":
                    paid[f"budget:{row.programme}:national:2025:krw"] += row.subsidy_krw
        states = limits_on(month, day)
        spent = {s.name: s.used for s in states if s.unit == "krw" and s.kind != "programme"}
        assert {name: krw for name, krw in spent.items() if krw} == {
            name: krw for name, krw in paid.items() if krw
        }
        assert all(s.used <= s.granted for s in states if s.granted is not None)
    at_end = {s.award_id: s.used for s in limits_on(month, DAYS[30]) if s.kind == "quota"}
    assert at_end == {
        name: result.balance.of("quota", name, "device_hours") for name in at_end
    }  # fmt: skip


def test_an_open_month_begins_with_what_the_issued_one_left(tmp_path: Path) -> None:
    opened = make_ground(tmp_path)
    drafted = draft(opened, MONTH)
    approve(opened, MONTH, "김정산")
    issue(opened, MONTH, ON)
    put_day(
        opened, date(2025, 11, 1), {"gpu": [metered(date(2025, 11, 1), 2, "gpu.h100", HOUR_US)]}
    )
    october, november = chain(opened, MONTH, NEXT)
    assert (october.state, november.state) == ("issued", "open")
    assert october.subsidies() == drafted.closing.subsidies
    assert november.opening == drafted.closing.balance
    before = by_name(limits_of_day(opened, MONTH).states)["award:AIDC-BASE:A-2:C-2:krw"][1]
    today = limits_of_day(opened)
    assert (today.day, today.until) == (date(2025, 11, 1), date(2025, 11, 1))
    assert today.missing == (("disk", date(2025, 11, 1)),)
    assert by_name(today.states)["award:AIDC-BASE:A-2:C-2:krw"] == (None, before + 6000)
    assert by_name(limits_of_day(opened, "2025-10-31").states) == by_name(
        limits_of_day(opened, MONTH).states
    )
    later = limits_of_day(opened, "2025-11-20")
    assert (later.until, len(later.missing)) == (date(2025, 11, 1), 19 + 20)


def test_open_months_in_a_row_carry_what_they_use(tmp_path: Path) -> None:
    """Nothing is issued: the second month still opens with what the first one comes to."""
    opened = make_ground(tmp_path)
    put_month(opened, NEXT)
    november = chain_month(opened, NEXT)
    assert november.opening == draft(opened, MONTH).closing.balance


@pytest.mark.parametrize(
    ("share", "drawn"),
    [
        (Fraction(0), "░░░░"),
        (Fraction(1, 1000), "▏░░░"),
        (Fraction(1, 2), "██░░"),
        (Fraction(9, 16), "██▎░"),
        (Fraction(999, 1000), "███▉"),
        (Fraction(1), "████"),
        (Fraction(3, 2), "████"),
    ],
)
def test_a_bar_is_full_only_when_nothing_is_left(share: Fraction, drawn: str) -> None:
    assert bar(share, 4) == drawn
