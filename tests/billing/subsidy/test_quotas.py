"""Quotas: SETTLEMENT 4 and 11, each with the example that forces it."""

import pytest

from billing.rulebook.rule_book import SWAP_UNITS
from billing.subsidy.balance import Balance
from metering.errors import Mistakes
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
    rows,
    used,
)

DAY = "2025-10-01"
ONE_WON_AN_HOUR = price("gpu.h100", "1")


def test_a_gb_quota_is_a_daily_level_weighed_by_time() -> None:
    """SETTLEMENT 4: 20 GB for half a day and 10 GB for a day are both a level of 10 GB."""
    more = f"quotas: [{{unit: gb, amount: {dated('10')}}}]\n"
    rules = book(price("storage.parallel", "1000000", "gb_hour"), programme("P1", "0", more=more))
    gb_hour = 10**9 * 3600 / 2**20
    for level, hours, krw, stopped in (
        (20, 12, 240_000_000, ""),
        (10, 24, 240_000_000, ""),
        (20, 24, 240_000_000, "quota:X1"),
    ):
        usages = [
            used(day, "A-1", int(gb_hour * level * hours), "storage.parallel", "mib_s")
            for day in ("2025-10-01", "2025-10-02")
        ]
        result = close(usages, rules, registry([award("X1", "P1", "A")]))
        for row in result.subsidies:  # new on every day; a mib_s is some 300 won here
            assert abs(row.subsidy_krw - krw) < 300
            assert row.stopped_by == stopped
        assert result.balance.of("quota", "X1", "gb") == 0


def test_a_contended_quota_is_shared_in_its_own_units() -> None:
    """SETTLEMENT 11: 10 hours for claims of 10 and 30 hours at different prices: 2.5 and 7.5."""
    rules = book(price("gpu.a100", "2600"), programme("P1"))
    awards = [award("X1", "P1", "A", quota="10", quota_unit="device_hours")]
    usages = [used(DAY, "A-1", 10 * HOUR_US), used(DAY, "A-2", 30 * HOUR_US, "gpu.a100")]
    result = close(usages, rules, registry(awards))
    assert rows(result) == [
        ("X1", "national", 15_000, "quota:X1"),
        ("X1", "national", 19_500, "quota:X1"),
    ]


def test_a_contended_quota_gives_ties_to_the_first_project() -> None:
    """SETTLEMENT 11: one microsecond for two projects; what is floored is the rest of the charge,
    so that a part of a won is covered as one (SETTLEMENT 30)."""
    rules = book(programme("P1"))
    opening = Balance({("quota", "X1", "device_hours"): HOUR_US - 1})
    awards = [award("X1", "P1", "A", quota="1", quota_unit="device_hours")]
    usages = [used(DAY, p, HOUR_US) for p in ("A-2", "A-1")]
    result = close(usages, rules, registry(awards), opening=opening)
    assert rows(result) == [
        ("X1", "national", 1, "quota:X1"),
        ("X1", "national", 0, "quota:X1"),
    ]
    assert result.balance.of("quota", "X1", "device_hours") == HOUR_US


GB_PRICE = price("storage.parallel", "120", "gb_month")
TEN_TB = f"quotas: [{{unit: gb, amount: {dated('10000')}}}]\n"
DAYS = [f"2025-10-{number:02d}" for number in range(1, 32)]
MIB_S_OF_DAY = 86_400


@pytest.mark.parametrize(
    ("mib", "charge_krw", "company_krw"),
    [
        (19_073_488, 2_400_000, 1_200_000),  # 20 TB held: 10 TB x 120 are free
        (9_536_744, 1_200_000, 0),  # 10,000.0009 GB: what is above is no won
        (9_536_743, 1_199_999, 0),
        (9_545_000, 1_201_038, 1_038),  # 8.66 GB above: 1,038.9 won
    ],
)
def test_what_a_quota_leaves_free_is_free_to_the_won(
    mib: int, charge_krw: int, company_krw: int
) -> None:
    """SETTLEMENT 30: 10 TB free at 120 gave 1,199,979, not 1,200,000; 0.0009 GB above gave 31."""
    rules = book(GB_PRICE, programme("P1", "0", more=TEN_TB))
    usages = [used(day, "A-1", mib * MIB_S_OF_DAY, "storage.parallel", "mib_s") for day in DAYS]
    result = close(usages, rules, registry([award("X1", "P1", "A")]))
    assert sum(charge.charge_krw for charge in result.charges) == charge_krw
    assert due(result) == {"A": company_krw}


def test_awards_of_one_project_share_a_limit_that_a_project_has_once() -> None:
    """Two awards of a project with 10 TB a project: 10 TB, not 20; of two projects 10 TB each."""
    per = f"quotas: [{{unit: gb, amount: {dated('10000')}, per: {{value: project, {WHY}}}}}]\n"
    for more, second, krw, kinds in (
        (per, "A-1", 1_200_000, []),
        (TEN_TB, "A-1", 0, []),
        (per, "A-2", 1_200_000, []),
        (per, "", 0, ["limit_twice"]),
    ):
        rules = book(GB_PRICE, programme("P1", "0", more=more))
        awards = [award("X1", "P1", "A", "A-1"), award("X2", "P1", "A", second)]
        usages = [
            used(day, "A-1", 19_073_488 * MIB_S_OF_DAY, "storage.parallel", "mib_s") for day in DAYS
        ]
        result = close(usages, rules, registry(awards))
        assert (due(result)["A"], [f.kind for f in result.findings]) == (krw, kinds)


def test_what_a_quota_leaves_free_begins_anew_every_month() -> None:
    """SETTLEMENT 30: nothing of a won is carried between months."""
    rules = book(GB_PRICE, programme("P1", "0", more=TEN_TB))
    held = registry([award("X1", "P1", "A")])
    opening = Balance()
    for month, days in (("2025-10", 31), ("2025-11", 30)):
        level = [
            used(
                f"{month}-{day:02d}", "A-1", 19_073_488 * MIB_S_OF_DAY, "storage.parallel", "mib_s"
            )
            for day in range(1, days + 1)
        ]
        result = close(level, rules, held, month=month, opening=opening)
        assert due(result) == {"A": 1_200_000}
        opening = result.balance


def test_a_pf_quota_weighs_cards_by_their_pf() -> None:
    """One PF-hour is 1 / 0.067 hours of an H100 (14.9), or 1 / 0.0195 of an A100 (51.3)."""
    rules = book(ONE_WON_AN_HOUR, price("gpu.a100", "1"), programme("P1"))
    awards = [award("X1", "P1", "A", quota="1", quota_unit="pf_hours")]
    for sku, covered in (("gpu.h100", 15), ("gpu.a100", 52)):
        result = close([used(DAY, "A-1", 100 * HOUR_US, sku)], rules, registry(awards))
        assert rows(result) == [("X1", "national", covered, "quota:X1")]


def test_a_pf_quota_over_a_card_without_pf_is_a_fail() -> None:
    rules = book(price("gpu.b300", "1"), programme("P1"))
    awards = [award("X1", "P1", "A", quota="1", quota_unit="pf_hours")]
    result = close([used(DAY, "A-1", HOUR_US, "gpu.b300")], rules, registry(awards))
    assert [(f.severity, f.kind, f.subject) for f in result.findings] == [
        ("fail", "no_pf", "gpu.b300")
    ]
    assert due(result) == {"A": 1}


def test_a_quota_runs_on_through_the_months() -> None:
    rules = book(ONE_WON_AN_HOUR, programme("P1"))
    awards = registry([award("X1", "P1", "A", quota="100", quota_unit="device_hours")])
    october = close([used(DAY, "A-1", 70 * HOUR_US)], rules, awards)
    november = close(
        [used("2025-11-01", "A-1", 70 * HOUR_US)], rules, awards, "2025-11", october.balance
    )
    assert (paid(october), paid(november)) == ({"X1": 70}, {"X1": 30})


def swap(**number: str) -> dict[str, str]:
    """A table of equals, by the last word of a GPU's SKU."""
    rows = "".join(f"    gpu.{name}: {dated(many)}\n" for name, many in number.items())
    return {"swap.yaml": f"equals:\n  t:\n{rows}"}


def test_a_quota_by_a_table_of_equals_counts_each_card_as_its_part() -> None:
    """SETTLEMENT 38: 1 H100 = 4 A100 = 1 H200: 10 h of an H100, 40 of an A100, in one quota."""
    rules = book(
        ONE_WON_AN_HOUR, price("gpu.a100", "1"), price("gpu.h200", "1"), programme("P1"),
        swap(h100="1", a100="4", h200="1"),
    )  # fmt: skip
    awards = [award("X1", "P1", "A", quota="10", quota_unit="device_hours:t")]
    for sku, covered in (("gpu.h100", 10), ("gpu.h200", 10), ("gpu.a100", 40)):
        result = close([used(DAY, "A-1", 100 * HOUR_US, sku)], rules, registry(awards))
        assert rows(result) == [("X1", "national", covered, "quota:X1")]
    usages = [used(DAY, "A-1", 4 * HOUR_US), used(DAY, "A-1", 24 * HOUR_US, "gpu.a100")]
    result = close(usages, rules, registry(awards))
    assert paid(result) == {"X1": 28}
    full = result.balance
    assert full.of("quota", "X1", "device_hours:t") == 10 * HOUR_US * SWAP_UNITS
    late = close([used("2025-11-01", "A-1", HOUR_US)], rules, registry(awards), "2025-11", full)
    assert paid(late) == {"X1": 0}


def test_thirds_and_sevenths_of_a_card_are_counted_exactly() -> None:
    """SETTLEMENT 38: three of one card and seven of another are just one hour each."""
    rules = book(
        ONE_WON_AN_HOUR, price("gpu.a100", "1"), price("gpu.a30", "1"), programme("P1"),
        swap(h100="1", a100="3", a30="7"),
    )  # fmt: skip
    awards = [award("X1", "P1", "A", quota="2", quota_unit="device_hours:t")]
    usages = [
        used(DAY, "A-1", 3 * HOUR_US, "gpu.a100"),
        used(DAY, "A-1", 7 * HOUR_US, "gpu.a30"),
    ]
    result = close(usages, rules, registry(awards))
    assert (paid(result), due(result)) == ({"X1": 10}, {"A": 0})
    assert result.balance.of("quota", "X1", "device_hours:t") == 2 * HOUR_US * SWAP_UNITS


def test_a_card_that_a_table_does_not_have_is_a_fail() -> None:
    rules = book(ONE_WON_AN_HOUR, programme("P1"), swap(a100="4"))
    for unit, subject in (("device_hours:t", "t:gpu.h100"), ("devices:other", "other:gpu.h100")):
        awards = [award("X1", "P1", "A", quota="2", quota_unit=unit)]
        result = close([used(DAY, "A-1", HOUR_US)], rules, registry(awards))
        assert [(f.severity, f.kind, f.subject) for f in result.findings] == [
            ("fail", "no_swap", subject)
        ]
        assert result.subsidies == ()


def test_a_number_of_cards_that_is_no_exact_part_is_refused() -> None:
    for many in ("17", "0", "1.7"):
        with pytest.raises(Mistakes, match=r"swap\.yaml"):
            book(swap(h100=many))
