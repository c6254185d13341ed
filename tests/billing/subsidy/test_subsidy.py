"""Subsidies: SETTLEMENT 7, 9 and 10, each with the example that forces it."""

from datetime import date, timedelta

import pytest

from tests.builders.rules_and_usage import (
    HOUR_US,
    WHY,
    award,
    book,
    close,
    company,
    dated,
    due,
    halved,
    market,
    paid,
    price,
    programme,
    registry,
    rows,
    used,
)

DAY = "2025-10-01"
OCTOBER = [date(2025, 10, 1) + timedelta(days=n) for n in range(31)]
ONE_WON_AN_HOUR = price("gpu.h100", "1")


def test_what_a_limit_leaves_uncovered_is_open_to_the_next_programme() -> None:
    """SETTLEMENT 7: 24 h x 6,000; 80 % with 30,000 left covers 6.25 h; the other 17.75 h go on."""
    rules = book(programme("P1", "0.2", order=1), programme("P2", "0", order=2))
    awards = [award("X1", "P1", "A", cap_krw=30_000), award("X2", "P2", "A")]
    result = close([used(DAY, "A-1", 24 * HOUR_US)], rules, registry(awards))
    assert rows(result) == [
        ("X1", "national", 30_000, "cap:award:X1"),
        ("X2", "national", 106_500, ""),
    ]
    assert due(result) == {"A": 7_500}


def test_a_quota_cuts_a_day_into_a_covered_and_an_uncovered_part() -> None:
    """SETTLEMENT 7: 10 of 24 hours under the quota, all of them at the full share."""
    rules = book(programme("P1", "0.2"))
    awards = [award("X1", "P1", "A", quota="10", quota_unit="device_hours")]
    result = close([used(DAY, "A-1", 24 * HOUR_US)], rules, registry(awards))
    assert rows(result) == [("X1", "national", 48_000, "quota:X1")]
    assert result.balance.of("quota", "X1", "device_hours") == 10 * HOUR_US


def test_a_limit_in_won_uses_quota_for_the_covered_part_only() -> None:
    """SETTLEMENT 7: 30,000 at 80 % use 6.25 hours of the quota."""
    rules = book(programme("P1", "0.2"))
    awards = [
        award("X1", "P1", "A", cap_krw=30_000, quota="10", quota_unit="device_hours"),
    ]
    result = close([used(DAY, "A-1", 24 * HOUR_US)], rules, registry(awards))
    assert result.balance.of("quota", "X1", "device_hours") == 25 * HOUR_US // 4


def test_a_limit_that_is_used_up_covers_nothing() -> None:
    """SETTLEMENT 7: on the second day all is open to the next programme."""
    rules = book(programme("P1", "0.2", order=1), programme("P2", "0", order=2))
    awards = [award("X1", "P1", "A", cap_krw=4_800), award("X2", "P2", "A")]
    usages = [used(day, "A-1", HOUR_US) for day in ("2025-10-01", "2025-10-02")]
    assert rows(close(usages, rules, registry(awards))) == [
        ("X1", "national", 4_800, ""),
        ("X1", "national", 0, "cap:award:X1"),
        ("X2", "national", 6_000, ""),
    ]


def test_what_a_limit_covers_counts_the_fraction_that_is_carried() -> None:
    """Half a won is carried from the first day: 3 won at a half cover 7, not 6, of the second."""
    rules = book(ONE_WON_AN_HOUR, programme("P1", "0.5", order=1), programme("P2", order=2))
    awards = [award("X1", "P1", "A", cap_krw=4), award("X2", "P2", "A", start=date(2025, 10, 2))]
    usages = [used("2025-10-01", "A-1", HOUR_US), used("2025-10-02", "A-1", 10 * HOUR_US)]
    result = close(usages, rules, registry(awards))
    assert (paid(result), due(result)) == ({"X1": 4, "X2": 3}, {"A": 4})


def test_parts_of_one_charge_share_one_rounding_and_one_cap() -> None:
    """P1's 5 cover 10 of 15; P2 pays half of the other 5 and of the residue of 5: 5 together."""
    rules = book(
        ONE_WON_AN_HOUR,
        programme("P1", "0.5", order=1, stacking=True),
        programme("P2", "0.5", order=2, stacking=True),
    )
    for cap_krw, last in ((5, (5, "")), (4, (4, "cap:award:X2"))):
        awards = [award("X1", "P1", "A", cap_krw=5), award("X2", "P2", "A", cap_krw=cap_krw)]
        result = close([used(DAY, "A-1", 15 * HOUR_US)], rules, registry(awards))
        assert [row[2:] for row in rows(result)] == [(5, "cap:award:X1"), last]


def test_double_support_needs_both_programmes_to_allow_it() -> None:
    """SETTLEMENT 7: the residue of the covered part is seen only if both allow stacking."""
    awards = [award("X1", "P1", "A"), award("X2", "P2", "A")]
    outcomes = {}
    for first in (False, True):
        for second in (False, True):
            rules = book(
                programme("P1", "0.5", order=1, stacking=first),
                programme("P2", "0.5", order=2, stacking=second),
            )
            result = close([used(DAY, "A-1", HOUR_US)], rules, registry(awards))
            outcomes[first, second] = (paid(result), due(result)["A"])
    alone = ({"X1": 3_000}, 3_000)
    assert outcomes == {
        (False, False): alone,
        (False, True): alone,
        (True, False): alone,
        (True, True): ({"X1": 3_000, "X2": 1_500}, 1_500),
    }


def test_a_third_programme_stacks_only_if_all_below_it_allow_it() -> None:
    rules = book(
        programme("P1", "0.5", order=1, stacking=True),
        programme("P2", "0.5", order=2, stacking=False),
        programme("P3", "0.5", order=3, stacking=True),
    )
    awards = [award("X1", "P1", "A"), award("X2", "P2", "A"), award("X3", "P3", "A")]
    result = close([used(DAY, "A-1", HOUR_US)], rules, registry(awards))
    assert paid(result) == {"X1": 3_000, "X3": 1_500}


def test_a_price_of_nothing_uses_quota() -> None:
    """SETTLEMENT 2."""
    rules = book(price("gpu.h100", "0"), programme("P1"))
    awards = [award("X1", "P1", "A", quota="10", quota_unit="device_hours")]
    result = close([used(DAY, "A-1", 3 * HOUR_US)], rules, registry(awards))
    assert result.balance.of("quota", "X1", "device_hours") == 3 * HOUR_US
    assert result.subsidies == ()


def test_reductions_change_the_share_before_any_limit() -> None:
    """SETTLEMENT 9: 100 M, company's share 20 % x 0.5, cap 50 M: subsidy 50 M, company 50 M."""
    rules = book(price("gpu.h100", "1000000"), programme("P1", "0.2", more=halved(place="광주")))
    usages = [used(DAY, "A-1", 100 * HOUR_US)]
    firm = [company("A", place="광주")]
    uncapped = close(usages, rules, registry([award("X1", "P1", "A")], firm))
    capped = close(usages, rules, registry([award("X1", "P1", "A", cap_krw=50_000_000)], firm))
    assert (paid(uncapped), due(uncapped)) == ({"X1": 90_000_000}, {"A": 10_000_000})
    assert (paid(capped), due(capped)) == ({"X1": 50_000_000}, {"A": 50_000_000})


def test_a_reduction_is_for_those_who_meet_it_and_is_named_in_the_rule() -> None:
    rules = book(programme("P1", "0.2", more=halved(place="광주", youth="yes")))
    firms = {
        "neither": company("A"),
        "place": company("A", place="광주"),
        "youth": company("A", youth=True),
        "both": company("A", place="광주", youth=True),
    }
    outcomes = {}
    for name, firm in firms.items():
        result = close(
            [used(DAY, "A-1", HOUR_US)], rules, registry([award("X1", "P1", "A")], [firm])
        )
        outcomes[name] = (due(result)["A"], result.subsidies[0].rule)
    plain = "programmes/P1.yaml@2025-01-01"
    assert outcomes == {
        "neither": (1_200, plain),
        "place": (600, plain + "+halved"),
        "youth": (600, plain + "+halved"),
        "both": (600, plain + "+halved"),
    }


def test_shares_stay_exact_fractions() -> None:
    """SETTLEMENT 9: three reductions of 0.1 on 0.3 are 0.0003 exactly."""
    more = "reductions:\n" + "".join(
        f"  - {{id: r{n}, title: r, any_of: {{place: [서울]}}, factor: {dated('0.1')}}}\n"
        for n in range(3)
    )
    more += f"combine: {{value: multiply, {WHY}}}\n"
    rules = book(ONE_WON_AN_HOUR, programme("P1", "0.3", more=more))
    result = close([used(DAY, "A-1", 10_000 * HOUR_US)], rules, registry([award("X1", "P1", "A")]))
    assert due(result) == {"A": 3}


def test_the_companys_share_is_floored_once_a_month() -> None:
    """SETTLEMENT 10: 120 a month over 31 days at 20 % are 24, not 0 and not 31."""
    rules = book(price("storage.parallel", "120", "gb_month"), programme("P1", "0.2"))
    gb_day = -(-(10**9 * 86_400) // 2**20)  # rounded up, so that 31 days are a whole GB-month
    usages = [used(day, "A-1", gb_day, "storage.parallel", "mib_s") for day in OCTOBER]
    result = close(usages, rules, registry([award("X1", "P1", "A")]))
    assert sum(charge.charge_krw for charge in result.charges) == 120
    assert (due(result), paid(result)) == ({"A": 24}, {"X1": 96})


def test_projects_and_skus_of_an_award_are_floored_apart() -> None:
    """SETTLEMENT 10: the key is award, project and SKU."""
    rules = book(ONE_WON_AN_HOUR, price("gpu.a100", "1"), programme("P1", "0.5"))
    usages = [
        used(DAY, "A-1", HOUR_US),
        used(DAY, "A-2", HOUR_US),
        used(DAY, "A-1", HOUR_US, "gpu.a100"),
    ]
    result = close(usages, rules, registry([award("X1", "P1", "A")]))
    assert (due(result), paid(result)) == ({"A": 0}, {"X1": 3})


def test_an_award_holds_from_its_start_to_the_day_before_its_end() -> None:
    rules = book(ONE_WON_AN_HOUR, programme("P1"))
    held = registry([award("X1", "P1", "A", start=date(2025, 10, 16), until=date(2025, 10, 20))])
    result = close([used(day, "A-1", HOUR_US) for day in OCTOBER], rules, held)
    assert [s.day.day for s in result.subsidies] == [16, 17, 18, 19]


def test_an_award_covers_its_project_and_its_programmes_skus() -> None:
    rules = book(
        ONE_WON_AN_HOUR, price("gpu.a100", "1"), price("npu.rngd", "1"),
        programme("P1", skus="[gpu.h100, npu.*]"),
    )  # fmt: skip
    held = registry([award("X1", "P1", "A", "A-1")])
    usages = [
        used(DAY, project, HOUR_US, sku)
        for project in ("A-1", "A-2", "B-1")
        for sku in ("gpu.h100", "gpu.a100", "npu.rngd")
    ]
    outcomes = [(s.project_id, s.sku) for s in close(usages, rules, held).subsidies]
    assert outcomes == [("A-1", "gpu.h100"), ("A-1", "npu.rngd")]


def test_a_share_that_ends_leaves_the_company_to_pay_and_says_so() -> None:
    ends = {"2025-01-01": "0", "2025-10-11": None}
    rules = book(ONE_WON_AN_HOUR, programme("P1", ends))
    result = close(
        [used(day, "A-1", HOUR_US) for day in OCTOBER], rules, registry([award("X1", "P1", "A")])
    )
    assert (paid(result), due(result)) == ({"X1": 10}, {"A": 21})
    assert [(f.severity, f.kind) for f in result.findings] == [("warn", "programme_not_in_force")]


def test_without_a_programme_the_company_pays_the_list_price() -> None:
    result = close([used(DAY, "A-1", HOUR_US)], book())
    assert (result.subsidies, due(result)) == ((), {"A": 6_000})


def test_what_a_programme_pays_whole_uses_no_quota_of_the_next() -> None:
    """ALL pays the ten hours of the first day; HALF's ten hours are still there on the second."""
    rules = book(
        price("gpu.h100", "10"),
        programme("ALL", "0", order=1, stacking=True),
        programme("HALF", "0.5", order=2, stacking=True),
    )
    held = registry(
        [
            award("X1", "ALL", "A", until=date(2025, 10, 2)),
            award("X2", "HALF", "A", quota="10", quota_unit="device_hours"),
        ]
    )
    days = ("2025-10-01", "2025-10-02")
    result = close([used(day, "A-1", 10 * HOUR_US) for day in days], rules, held)
    assert rows(result) == [("X1", "national", 100, ""), ("X2", "national", 50, "")]
    assert due(result) == {"A": 50}


@pytest.mark.parametrize(
    ("share", "first_used_us", "second_krw", "due_krw"),
    [("1", 0, 60_000, 0), ("0.99", 10 * HOUR_US, 0, 59_400)],
)
def test_an_award_that_pays_nothing_of_a_charge_stands_in_nobodys_way(
    share: str, first_used_us: int, second_krw: int, due_krw: int
) -> None:
    """SETTLEMENT 37: a company that pays all uses no quota of P1, and P2 sees the whole; one that
    pays 99 % is supported, and what P1 covers is closed to P2."""
    rules = book(programme("P1", share, order=1), programme("P2", "0", order=2))
    awards = [
        award("X1", "P1", "A", quota="100", quota_unit="device_hours"),
        award("X2", "P2", "A"),
    ]
    result = close([used(DAY, "A-1", 10 * HOUR_US)], rules, registry(awards))
    assert paid(result).get("X2", 0) == second_krw
    assert result.balance.of("quota", "X1", "device_hours") == first_used_us
    assert due(result) == {"A": due_krw}


def test_a_market_share_above_the_charge_pays_nothing_and_uses_nothing() -> None:
    """SETTLEMENT 37: half of a market price of 13,000 is more than the charge; of 11,000 it is
    less, and 500 an hour are paid."""
    for market_krw, first, second in (("13000", 0, 6_000), ("12000", 0, 6_000), ("11000", 500, 0)):
        rules = book(
            market(h100=market_krw),
            programme("P1", "0.5", basis="share_of_market", order=1),
            programme("P2", "0", order=2),
        )
        awards = [
            award("X1", "P1", "A", quota="100", quota_unit="device_hours"),
            award("X2", "P2", "A"),
        ]
        result = close([used(DAY, "A-1", HOUR_US)], rules, registry(awards))
        assert (paid(result).get("X1", 0), paid(result).get("X2", 0)) == (first, second)
        counted = HOUR_US if first else 0
        assert result.balance.of("quota", "X1", "device_hours") == counted
