"""Flat fees: SETTLEMENT 12, each rule with the example that forces it."""

from datetime import date, timedelta

import pytest

from metering.registry.registry import Award
from tests.builders.rules_and_usage import (
    HOUR_US,
    UNUSED,
    Steps,
    award,
    book,
    caps,
    clauses,
    close,
    company,
    due,
    flat_fee,
    halved,
    paid,
    price,
    programme,
    registry,
    rows,
    source,
    used,
)

DAY = "2025-10-01"
OCTOBER = [date(2025, 10, 1) + timedelta(days=n) for n in range(31)]
HUNDRED = price("gpu.h100", "100")


def cards(
    krw: Steps = "310", number: str = "1", ceiling: str = "concurrent", **more: object
) -> dict[str, str]:
    """A programme of one or more H100 at a fee a month."""
    fee = flat_fee((number, krw), unit="devices", ceiling=ceiling)
    return programme("P1", fee, basis="flat_fee", **more)  # type: ignore[arg-type]


def one(**changes: object) -> Award:
    values: dict[str, object] = {"quota": "1", "quota_unit": "devices", **changes}
    return award("X1", "P1", "A", "A-1", **values)


def test_a_fee_takes_the_place_of_the_company_s_share() -> None:
    """Of 1,000 the fee is 310; the programme pays the rest."""
    result = close([used(DAY, "A-1", 10 * HOUR_US)], book(HUNDRED, UNUSED, cards()),
                    registry([one()]))  # fmt: skip
    assert (paid(result), due(result)) == ({"X1": 690}, {"A": 310})


@pytest.mark.parametrize(("hours", "unused"), [(0, 310), (3, 10), (4, 0)])
def test_a_fee_above_the_use_is_charged_as_unused_capacity(hours: int, unused: int) -> None:
    """However little is used, the month costs 310; 3 hours are 300 and leave 10 to charge."""
    usages = [used("2025-10-20", "A-1", hours * HOUR_US)] if hours else []
    result = close(usages, book(HUNDRED, UNUSED, cards()), registry([one()]))
    lines = [(line.sku, line.company_krw) for of in result.invoices for line in of.lines]
    expected = [("capacity.unused", unused)] if unused else []
    assert [line for line in lines if line[0] != "gpu.h100"] == expected
    assert due(result) == {"A": 310}
    assert result.invoices[0].taxable_krw == 310


def test_the_months_fee_is_paid_before_the_programme_pays() -> None:
    """claim = max(0, list - fee) of the month, on whichever days the use was: 200 + 200 - 310."""
    usages = [used(day, "A-1", 2 * HOUR_US) for day in ("2025-10-01", "2025-10-31")]
    result = close(usages, book(HUNDRED, UNUSED, cards()), registry([one()]))
    assert rows(result) == [("X1", "national", 90, "")]


@pytest.mark.parametrize(
    ("start", "until", "krw"),
    [
        (date(2025, 10, 1), None, 310),
        (date(2025, 10, 16), None, 160),
        (date(2025, 9, 1), date(2025, 10, 16), 150),
        (date(2025, 10, 31), date(2025, 11, 1), 10),
    ],
)
def test_a_fee_is_prorated_by_days_in_force(start: date, until: date | None, krw: int) -> None:
    held = registry([one(start=start, until=until)])
    assert due(close([], book(HUNDRED, UNUSED, cards()), held)) == {"A": krw}


def test_a_fee_is_floored_once_a_month() -> None:
    """100 won over 31 days, 15 days each: 48 and not 15 x 3 = 45."""
    held = registry([one(until=date(2025, 10, 16))])
    assert due(close([], book(HUNDRED, UNUSED, cards("100")), held)) == {"A": 48}


def test_a_fee_that_changes_within_a_month_counts_by_day() -> None:
    """15 days of 10 and 16 days of 20."""
    steps = {"2025-01-01": "310", "2025-10-16": "620"}
    result = close([], book(HUNDRED, UNUSED, cards(steps)), registry([one()]))
    assert due(result) == {"A": 15 * 10 + 16 * 20}


@pytest.mark.parametrize(
    ("amount", "krw"),
    [("0.02", 10), ("0.04", 20), ("1", 400), ("2", 800), ("1.02", 510), ("0.03", None)],
)
def test_the_first_size_counts_of_which_an_award_is_a_whole_number(
    amount: str, krw: int | None
) -> None:
    """1 PF costs 400, 20 TF cost 10: 51 of 20 TF are no whole number of PF."""
    fee = flat_fee(("1", "400"), ("0.02", "10"))
    rules = book(HUNDRED, UNUSED, programme("P1", fee, basis="flat_fee"))
    result = close([], rules, registry([one(quota=amount, quota_unit="pf")]))
    if krw is None:
        assert [(f.severity, f.kind, f.subject) for f in result.findings] == [
            ("fail", "no_fee", "X1")
        ]
    assert due(result) == ({} if krw is None else {"A": krw})


@pytest.mark.parametrize(("amount", "krw"), [("0.02", 10), ("0.04", None)])
def test_a_size_may_be_given_only_so_many_times(amount: str, krw: int | None) -> None:
    rules = book(
        HUNDRED, UNUSED, programme("P1", flat_fee(("0.02", "10"), most=1), basis="flat_fee")
    )
    result = close([], rules, registry([one(quota=amount, quota_unit="pf")]))
    assert due(result) == ({} if krw is None else {"A": krw})


@pytest.mark.parametrize(
    "changes", [{"quota": None, "quota_unit": None}, {"quota": "1", "quota_unit": "pf"}]
)
def test_an_award_without_a_size_in_the_fee_s_unit_is_a_fail(changes: dict[str, object]) -> None:
    result = close([], book(HUNDRED, UNUSED, cards()), registry([one(**changes)]))
    assert [(f.severity, f.kind) for f in result.findings] == [("fail", "no_fee")]


def test_a_fee_may_depend_on_what_a_company_is_and_be_reduced() -> None:
    fee = clauses(('youth: ["yes"]', "155"), ("", "310"))
    fees = {}
    for youth in (True, False):
        for place in ("광주", "서울"):
            rules = book(HUNDRED, UNUSED, cards(fee, more=halved(place="광주")))
            held = registry([one()], [company("A", youth=youth, place=place)])
            fees[youth, place] = due(close([], rules, held))["A"]
    assert fees == {
        (True, "광주"): 77,
        (True, "서울"): 155,
        (False, "광주"): 155,
        (False, "서울"): 310,
    }


@pytest.mark.parametrize(
    ("ceiling", "krw"),
    [("concurrent", 310 + 24 * 100), ("hours", 310)],
)
def test_a_ceiling_holds_every_day_or_as_hours_of_the_month(ceiling: str, krw: int) -> None:
    """One card: 48 hours on one day are twice the ceiling, but few of the month's 744 hours."""
    rules = book(HUNDRED, UNUSED, cards(ceiling=ceiling))
    result = close([used(DAY, "A-1", 48 * HOUR_US)], rules, registry([one()]))
    assert due(result) == {"A": krw}


def test_hours_of_a_month_begin_anew_and_are_those_of_the_days_in_force() -> None:
    """An award of ten days has 240 hours; at 250, ten are at list price."""
    rules = book(HUNDRED, UNUSED, cards(ceiling="hours"))
    held = registry([one(start=date(2025, 10, 1), until=date(2025, 10, 11))])
    usages = [used(day, "A-1", 25 * HOUR_US) for day in OCTOBER[:10]]
    result = close(usages, rules, held)
    assert due(result) == {"A": 100 + 10 * 100}
    assert result.subsidies[-1].stopped_by == "quota:X1"


def test_a_ceiling_in_pf_weighs_cards_by_their_pf() -> None:
    """0.134 PF are two H100 of 0.067 at once: 48 hours a day."""
    fee = flat_fee(("0.134", "310"))
    rules = book(HUNDRED, UNUSED, programme("P1", fee, basis="flat_fee"))
    held = registry([one(quota="0.134", quota_unit="pf")])
    result = close([used(DAY, "A-1", 50 * HOUR_US)], rules, held)
    assert due(result) == {"A": 310 + 200}


def test_a_cap_leaves_the_fee_and_what_is_above_to_the_company() -> None:
    """Of 1,000 the fee is 310 and the cap 500; the last 190 are open to the next programme."""
    rules = book(HUNDRED, UNUSED, cards(order=1, more=caps(award=500)), programme("P2", order=2))
    usages = [used(DAY, "A-1", 10 * HOUR_US)]
    alone = close(usages, rules, registry([one()]))
    both = close(usages, rules, registry([one(), award("X2", "P2", "A")]))
    assert (paid(alone), due(alone)) == ({"X1": 500}, {"A": 500})
    assert (paid(both), due(both)) == ({"X1": 500, "X2": 190}, {"A": 310})


def test_a_used_up_limit_does_not_charge_the_fee_and_the_use_for_it_twice() -> None:
    """Nothing is left to support 1,000, but its first 310 are what the fee pays for."""
    funding = [source("national", "1", {"2025": 0})]
    rules = book(HUNDRED, UNUSED, cards(funding=funding))
    result = close([used(DAY, "A-1", 10 * HOUR_US)], rules, registry([one()]))
    assert (paid(result), due(result)) == ({"X1": 0}, {"A": 1_000})


def test_an_award_of_all_projects_pays_its_fee_over_all_of_them() -> None:
    """100 + 100 of use, fee 310: 110 are unused, charged to the first project."""
    held = registry([award("X1", "P1", "A", quota="2", quota_unit="devices")])
    rules = book(HUNDRED, UNUSED, cards("310", "2"))
    usages = [used(DAY, "A-1", HOUR_US), used(DAY, "A-2", HOUR_US)]
    result = close(usages, rules, held)
    assert [(c.project_id, c.sku, c.charge_krw) for c in result.charges] == [
        ("A-1", "gpu.h100", 100),
        ("A-2", "gpu.h100", 100),
        ("A-1", "capacity.unused", 110),
    ]


def test_a_fee_of_a_company_without_a_project_is_a_fail() -> None:
    held = registry([award("X1", "P1", "A", quota="1", quota_unit="devices")], projects=["B-1"])
    result = close([], book(HUNDRED, UNUSED, cards()), held)
    assert [(f.severity, f.kind) for f in result.findings] == [("fail", "no_fee")]
