"""A year worked by hand: three companies, three programmes, and a budget that ends on 10 October.

An hour costs 1,000 won, from July on 1,200.

FEE    first. A card for 200,000 won a month, as hours of the month; nothing stands beside it.
BASE   second. The company pays 20 %, a young one 10 %. Its budget of 2025 is 10,000,000 won, 70 %
       national and 30 % of the city; that of 2026 is 1,000,000. Support may stand beside it.
VOUCHER last. Half of what is left, at most 1,000,000 won a company and year.

A      1,000 hours on the 10th of each month; BASE and VOUCHER.
B      young; 10 hours a day in June, then 500 hours on the 10th; BASE from the 16th of June on.
C      500 hours on the 5th, in February 150, in August 800; FEE, and BASE for what is above it.

June     B: of 30 days of 10,000 the last 15 are supported: 90 % of 150,000.
August   C: a month has 744 hours: 892,800, of which the fee pays 200,000 and FEE 692,800. BASE pays
         80 % of the other 56 hours (67,200).
October  511,240 are left of the budget; A and B want 960,000 and 540,000 on one day. They get 16
         and 9 parts of 25: 327,193.6 and 184,046.4, the won to the larger remainder. A's 327,194
         cover 408,992 of its charge and leave 81,798 to pay. Half of that and of the uncovered
         791,008 is 436,403, but VOUCHER has 40,000 left.
"""

from datetime import date, timedelta

from billing.month.pure_month import MonthResult
from billing.records import Usage
from billing.subsidy.balance import Balance
from metering.calendar import next_month
from tests.builders.rules_and_usage import (
    HOUR_US,
    UNUSED,
    award,
    book,
    caps,
    close,
    company,
    dated,
    flat_fee,
    price,
    programme,
    registry,
    source,
    used,
)
from tests.references.case_tables import cells

BY_HAND = """
month    A list     A BASE   A VOUCHER  A pays     B list   B BASE   B pays   C list   C FEE    C BASE  C pays   left
2025-01  1,000,000  800,000  100,000    100,000    -        -        -        500,000  300,000  -       200,000  9,200,000
2025-02  1,000,000  800,000  100,000    100,000    -        -        -        200,000  -        -       200,000  8,400,000
2025-03  1,000,000  800,000  100,000    100,000    -        -        -        500,000  300,000  -       200,000  7,600,000
2025-04  1,000,000  800,000  100,000    100,000    -        -        -        500,000  300,000  -       200,000  6,800,000
2025-05  1,000,000  800,000  100,000    100,000    -        -        -        500,000  300,000  -       200,000  6,000,000
2025-06  1,000,000  800,000  100,000    100,000    300,000  135,000  165,000  500,000  300,000  -       200,000  5,065,000
2025-07  1,200,000  960,000  120,000    120,000    600,000  540,000  60,000   600,000  400,000  -       200,000  3,565,000
2025-08  1,200,000  960,000  120,000    120,000    600,000  540,000  60,000   960,000  692,800  53,760  213,440  2,011,240
2025-09  1,200,000  960,000  120,000    120,000    600,000  540,000  60,000   600,000  400,000  -       200,000  511,240
2025-10  1,200,000  327,194  40,000     832,806    600,000  184,046  415,954  600,000  400,000  -       200,000  -
2025-11  1,200,000  -        -          1,200,000  600,000  -        600,000  600,000  400,000  -       200,000  -
2025-12  1,200,000  -        -          1,200,000  600,000  -        600,000  600,000  400,000  -       200,000  -
2026-01  1,200,000  640,000  280,000    280,000    600,000  360,000  240,000  600,000  400,000  -       200,000  -
"""  # noqa: E501
YOUNG = f"""reductions:
  - {{id: young, title: 청년, any_of: {{youth: ["yes"]}}, factor: {dated("0.5")}}}
"""
RULES = book(
    price("gpu.h100", {"2025-01-01": "1000", "2025-07-01": "1200"}),
    UNUSED,
    programme(
        "FEE",
        flat_fee(("1", "200000"), unit="devices", ceiling="hours"),
        basis="flat_fee",
        order=1,
    ),
    programme(
        "BASE",
        "0.2",
        order=2,
        stacking=True,
        funding=[
            source("national", "0.7", {"2025": 7_000_000, "2026": 700_000}),
            source("city", "0.3", {"2025": 3_000_000, "2026": 300_000}),
        ],
        more=YOUNG,
    ),
    programme("VOUCHER", "0.5", order=3, stacking=True, more=caps(company_year=1_000_000)),
)
HELD = registry(
    [
        award("A-1", "BASE", "A"),
        award("A-2", "VOUCHER", "A"),
        award("B-1", "BASE", "B", start=date(2025, 6, 16)),
        award("C-1", "FEE", "C", quota="1", quota_unit="devices"),
        award("C-2", "BASE", "C"),
    ],
    [company("A"), company("B", youth=True), company("C")],
)


def use_of(month: str) -> list[Usage]:
    """What the three use in a month."""
    rows = [used(f"{month}-10", "A-1", 1000 * HOUR_US)]
    if month == "2025-06":
        first = date(2025, 6, 1)
        rows += [used(first + timedelta(n), "B-1", 10 * HOUR_US) for n in range(30)]
    elif month > "2025-06":
        rows.append(used(f"{month}-10", "B-1", 500 * HOUR_US))
    hours = {"2025-02": 150, "2025-08": 800}.get(month, 500)
    return [*rows, used(f"{month}-05", "C-1", hours * HOUR_US)]


def written(result: MonthResult) -> list[str]:
    """A month as a row of the table."""
    sums: dict[tuple[str, str], int] = {}
    for charge in result.charges:
        key = (charge.company_id, "list")
        sums[key] = sums.get(key, 0) + charge.charge_krw
    for row in result.subsidies:
        key = (row.company_id, row.programme)
        sums[key] = sums.get(key, 0) + row.subsidy_krw
    for bill in result.invoices:
        sums[bill.company_id, "pays"] = bill.company_krw
    year = result.month[:4]
    budget = {"2025": 10_000_000, "2026": 1_000_000}[year]
    spent = [result.balance.of("budget", "BASE", name, year) for name in ("national", "city")]
    columns = (
        "A list, A BASE, A VOUCHER, A pays, B list, B BASE, B pays, C list, C FEE, C BASE, C pays"
    )
    amounts = [sums.get(tuple(column.split(" ")), 0) for column in columns.split(", ")]  # type: ignore[call-overload]
    return [result.month, *(f"{krw:,}" if krw else "-" for krw in [*amounts, budget - sum(spent)])]


def year() -> list[MonthResult]:
    """Every month, each opened with the balance of the one before."""
    month_results, month, opening = [], "2025-01", Balance()
    while month <= "2026-01":
        month_results.append(close(use_of(month), RULES, HELD, month, opening))
        opening, month = month_results[-1].balance, next_month(month)
    return month_results


def test_the_year_is_what_it_is_by_hand() -> None:
    results = year()
    assert [written(result) for result in results] == cells(BY_HAND)[1]
    assert [result.findings for result in results] == [()] * 13


def test_october_names_what_stopped_it_and_is_taxed_on_what_is_paid() -> None:
    """832,806 won and 10 % of it: 83,280, what is below a won is dropped."""
    october = year()[9]
    stopped = {(s.award_id, s.funding, s.subsidy_krw): s.stopped_by for s in october.subsidies}
    assert stopped == {
        ("A-1", "national", 229_036): "budget:BASE:national:2025",
        ("A-1", "city", 98_158): "budget:BASE:national:2025",
        ("A-2", "national", 40_000): "cap:company_year:A",
        ("B-1", "national", 128_832): "budget:BASE:national:2025",
        ("B-1", "city", 55_214): "budget:BASE:national:2025",
        ("C-1", "national", 400_000): "",
    }
    bill = october.invoices[0]
    assert (bill.company_krw, bill.vat_krw, bill.payable_krw) == (832_806, 83_280, 916_086)
