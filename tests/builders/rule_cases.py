"""Cases of the packaged rules: tables that a programme officer reads, one use of one award a row.

Columns, two spaces apart:
  날짜   the day of use
  기업   type, size, place, youth: sme small 서울 청년; several types are startup/sme; a→b→c says
         what it was at the announcement, at the agreement and on the day of use
  협약   what the award grants: 0.02 pf, or -
  사용   how much of which SKU on that day, in the unit of its price: 24 gpu.h100, or -; of storage
         the GB that were held for the whole day
  조건   what else holds: start=2025-08-16 until=..., used:award=199999000, support=before, or -;
         filed: nothing of the month was in the settlement that was filed of the year;
         seats=49: so many more awards of the programme on that day; referrer=AI_양재_허브;
         project=A-1: they are for that project, not for all of the company
  정가, 지원, 기업부담, 부가세, 발견   list price, who pays, what the company owes, VAT, findings
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache

import yaml

from billing.month.due_at_issue import due_at_issue
from billing.month.invoices import due_day
from billing.month.pure_month import MonthResult, compute_month
from billing.quota.utilisation import low_uses
from billing.records import Filed
from billing.rulebook.programme import Programme
from billing.rulebook.rule_book import RuleBook, read_rulebook
from billing.rulebook.tax import TaxRules
from billing.subsidy.balance import Balance, BalanceKey
from billing.subsidy.quotas import SECONDS_OF_DAY
from billing.subsidy.recalls import recalls
from metering.calendar import month_of, seconds_in_month
from metering.registry.registry import Award, Company, CompanyFacts
from tests.builders.rules_and_usage import (
    HOUR_US,
    ISSUER,
    SEOUL,
    award,
    company,
    programme,
    registry,
    used,
)
from tests.builders.rules_and_usage import book as book_of
from tests.paths import RULE_CASES
from tests.references.case_tables import cells

FOLDER = RULE_CASES
LONG_AGO = date(2020, 1, 1)
RESULT = ("정가", "지원", "기업부담", "부가세", "발견")
ANNOUNCED, AGREED = timedelta(20), timedelta(10)


@dataclass(frozen=True, slots=True)
class Case:
    """One row: what is given and what is to come out."""

    place: str
    programme: str
    day: date
    org_types: tuple[str, ...]  # at the announcement, at the agreement, on the day of use
    size: str
    town: str
    youth: bool
    granted: str
    use: str
    given: str
    expected: tuple[str, ...]


def read_cases(name: str) -> list[Case]:
    """The cases of a programme, from its file."""
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    return list(_cases(name, yaml.safe_load(text)["사례"]))


def _cases(name: str, text: str) -> Iterator[Case]:
    columns, rows = cells(text)
    assert columns == ["날짜", "기업", "협약", "사용", "조건", *RESULT], columns
    for number, row in enumerate(rows, 1):
        types, size, town, *youth = row[1].split(" ")
        for kind in types.split("/"):
            yield Case(
                f"{name} {number} {row[0]} {kind}",
                name,
                date.fromisoformat(row[0]),
                tuple(kind.split("→")),
                size,
                town,
                youth == ["청년"],
                row[2],
                row[3],
                row[4],
                tuple(row[5:]),
            )


def outcome(book: RuleBook, case: Case) -> tuple[str, ...]:
    """What a case comes to under a rule book, as its columns write it."""
    given = [token.partition("=")[::2] for token in case.given.split(" ") if token != "-"]
    firm, held = _company(case), [_award(case, dict(given))]
    for word, at in given:
        if word == "support":
            book = _supported(book, at)
            held.append(award("X2", "ANY", "A", start=LONG_AGO, agreed_on=LONG_AGO))
        elif word == "seats":
            held += _others(held[0], case.day, int(at))
    usages = []
    if case.use != "-":
        amount, sku = case.use.split(" ")
        price = book.prices[sku]
        seconds = seconds_in_month(month_of(case.day))
        exact = Fraction(amount) / price.units_of_one(seconds)
        if price.unit.endswith("_month"):
            exact *= Fraction(SECONDS_OF_DAY, seconds)
        usages = [used(case.day, "A-1", -(-exact // 1), sku, price.usage_unit)]
    opening = Balance(dict(_used(case, word, text) for word, text in given if word[:5] == "used:"))
    filed = [Filed(case.programme, 1, ())] if ("filed", "") in given else []
    result = compute_month(
        usages, book, registry(held, [firm]), opening, month_of(case.day), ISSUER, SEOUL, "usage",
        filed,
    )  # fmt: skip
    return _written(book, result)


def _written(book: RuleBook, result: MonthResult) -> tuple[str, ...]:
    paid: dict[tuple[str, str], int] = {}
    for row in result.subsidies:
        if row.programme != "ANY" and row.subsidy_krw:
            key = (row.programme, row.funding)
            paid[key] = paid.get(key, 0) + row.subsidy_krw
    parts = []
    for (name, funding), krw in paid.items():
        rule = book.programme(name)
        assert rule is not None
        parts.append(f"{funding} {krw:,} {rule.settled(funding)}")
    kinds = " ".join(finding.kind for finding in result.findings)
    return (
        f"{sum(charge.charge_krw for charge in result.charges):,}",
        " + ".join(parts) or "-",
        f"{sum(bill.company_krw for bill in result.invoices):,}",
        f"{sum(bill.vat_krw for bill in result.invoices):,}",
        kinds or "-",
    )


def _company(case: Case) -> Company:
    before, signed, now = (case.org_types * 3)[:3] if len(case.org_types) == 1 else case.org_types
    days = (None, case.day - ANNOUNCED + timedelta(1), case.day - AGREED + timedelta(1))
    facts = tuple(
        CompanyFacts(day, kind, case.size, case.town)  # type: ignore[arg-type]
        for day, kind in zip(days, (before, signed, now), strict=True)
    )
    return replace(company("A"), facts=facts, youth=case.youth)


def _award(case: Case, given: Mapping[str, str]) -> Award:
    amount, _, unit = case.granted.partition(" ")
    until = given.get("until")
    return award(
        "X1",
        case.programme,
        "A",
        given.get("project", ""),
        start=date.fromisoformat(given.get("start", str(LONG_AGO))),
        until=date.fromisoformat(until) if until else None,
        announced_on=case.day - ANNOUNCED,
        agreed_on=case.day - AGREED,
        quota=Decimal(amount) if unit else None,
        quota_unit=unit or None,
        referrer=given.get("referrer", "").replace("_", " "),
    )


def _others(first: Award, day: date, number: int) -> list[Award]:
    """Awards like the first that hold on one day, and so come after it."""
    window = {"start": day, "until": day + timedelta(1)}
    return [replace(first, award_id=f"Y{n}", **window) for n in range(number)]


def _used(case: Case, word: str, krw: str) -> tuple[BalanceKey, int]:
    """What was used of a limit before: used:award, used:company_year, used:budget:national:2025."""
    _, kind, *rest = word.split(":")
    match kind:
        case "award":
            return ("award", "X1"), int(krw)
        case "company_year":
            return ("company_year", case.programme, "A", str(case.day.year)), int(krw)
        case _:
            return ("budget", case.programme, *rest), int(krw)


@cache
def _any(order: int) -> Programme:
    """A programme that pays half of everything, and may stand beside others."""
    skus = "[gpu.*, npu.*, storage.*, network.*, equipment.*]"
    rule = programme("ANY", {str(LONG_AGO): "0.5"}, order=order, skus=skus, stacking=True)
    text = re.sub("2025-01-01", str(LONG_AGO), rule["programmes/ANY.yaml"])
    return book_of({"programmes/ANY.yaml": text}).programmes[0]


def _supported(book: RuleBook, at: str) -> RuleBook:
    """The book with support beside it, before or after all others."""
    if at == "before":
        return replace(book, programmes=(_any(0), *book.programmes))
    return replace(book, programmes=(*book.programmes, _any(999)))


@cache
def packaged() -> RuleBook:
    """The rules that come with the program, read once."""
    return read_rulebook()


def read_rows(name: str) -> list[list[str]]:
    """The rows of a table of plain values: prices, PF, market prices, tax."""
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    return cells(yaml.safe_load(text)["사례"])[1]


def price_outcome(book: RuleBook, sku: str, day: date, amount: int) -> tuple[str, str]:
    """List price and VAT of an amount of a SKU on a day, in the unit of its price."""
    price, month = book.prices[sku], month_of(day)
    exact = amount / price.units_of_one(seconds_in_month(month))
    if price.unit.endswith("_month"):
        exact *= Fraction(SECONDS_OF_DAY, seconds_in_month(month))
    usage = used(day, "A-1", -(-exact // 1), sku, price.usage_unit)
    result = compute_month(
        [usage], book, registry(), Balance(), month, ISSUER, SEOUL, "usage"
    )  # fmt: skip
    if [finding.kind for finding in result.findings] == ["no_price"]:
        return "단가 없음", "-"
    [bill] = result.invoices
    return f"{bill.charge_krw:,}", f"{bill.vat_krw:,}" if bill.tax_class == "taxable" else "면세"


def tax_outcome(tax: TaxRules, day: date, taxable_krw: int) -> tuple[str, ...]:
    """The rate, the VAT of a document that is written on a day, and when it is to be paid; when at
    the earliest if it is issued that day, and the rates of lateness."""
    rate, rounding, due = (rule.or_none(day) for rule in (tax.vat_rate, tax.vat_rounding, tax.due))
    return (
        str(rate or "-"),
        f"{tax.vat_krw(taxable_krw, day):,}" if rate and rounding else "-",
        str(due_day(tax.due.on(day), month_of(day), SEOUL)) if due else "-",
        str(due_at_issue(day, tax, day, SEOUL)),
        *(
            str((rule and rule.or_none(day)) or "-")
            for rule in (tax.late_issue, tax.no_issue, tax.late_buyer)
        ),
    )


def recall_outcome(book: RuleBook, row: list[str]) -> str:
    """By which rule an award is recalled. The row: programme, day of the decision, reason."""
    name, decided, reason, _ = row
    day = date.fromisoformat(decided)
    held = award(
        "X1", name, "A", until=day, recalled_on=day, recalled_for=reason, recalled_by="박담당",
        recall_note="현장 점검",
    )  # fmt: skip
    [recall] = recalls(registry([held]), book)
    return recall.rule or "-"


def low_use_outcome(book: RuleBook, row: list[str]) -> str:
    """What daily use leads to. The row: programme, size, SKU, the award's first day, and hours by
    day such as 57x14 58x14; the last of these days is the one that is asked about."""
    name, size, sku, start, hours, _ = row
    first = date.fromisoformat(start)
    daily = [
        Fraction(each)
        for each, _, days in (part.partition("x") for part in hours.split(" "))
        for _ in range(int(days))
    ]
    days = [first + timedelta(number) for number in range(len(daily))]
    usages = [
        used(day, "A-1", int(amount * HOUR_US), sku)
        for day, amount in zip(days, daily, strict=True)
    ]
    amount, _, unit = size.partition(" ")
    held = award("X1", name, "A", start=first, quota=amount, quota_unit=unit)
    [*low] = low_uses(usages, frozenset(days), book, registry([held]), days[-1])
    stages = [
        low_use.stage if low_use.proposed is None else f"{low_use.stage} {low_use.proposed}"
        for low_use in low
    ]
    return " ".join(stages) or "-"
