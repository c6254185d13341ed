"""Owns rating: usage of a day at the price of its day, in whole won (SETTLEMENT 1 to 5)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import lcm

from billing.garbage_collection import uncollected
from billing.record_columns import from_rows
from billing.records import Charge, Usage
from billing.rulebook.dated import NoValueError
from billing.rulebook.price import Price
from billing.rulebook.rule_book import RuleBook
from metering.calendar import Calendar
from metering.finding import Finding

# company, project, SKU, usage unit: what a charge accumulates over, across prices and clusters
ChargeKey = tuple[str, str, str, str]
# the fields of a Charge, in their order
ChargeRow = tuple[date, str, str, str, int, str, Decimal, int, str]


@dataclass(frozen=True, slots=True)
class Rated:
    """The charges of a month in order of day and key, and what could not be priced."""

    charges: tuple[Charge, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _DayPrice:
    """Won of a usage unit as weight / denominator; the denominator is one for the whole month."""

    unit: str
    busy: bool  # billed by the time that a device worked
    krw: Decimal
    weight: int
    denominator: int
    rule: str


@uncollected()
def rate(usages: Iterable[Usage], book: RuleBook, month: str, calendar: Calendar) -> Rated:
    """Charges of a whole month. The exact product is summed per company, project and SKU and
    floored as it grows, so that a month is rounded once; a day is a difference of two floors."""
    days = calendar.month_days(month)
    seconds = len(days) * 86_400
    by_sku: dict[str, dict[date, _DayPrice]] = {}
    quantities: dict[ChargeKey, dict[date, int]] = defaultdict(dict)
    for usage in usages:
        day, sku = usage.day, usage.sku
        prices = by_sku.get(sku)
        if prices is None:
            prices = by_sku[sku] = _day_prices(book.prices.get(sku), days, seconds)
        price = prices.get(day)
        busy = price is not None and price.busy
        quantity = usage.busy_ns // 1000 if busy else usage.quantity
        of_key = quantities[usage.company_id, usage.project_id, sku, usage.unit]
        of_key[day] = of_key.get(day, 0) + quantity
    by_day: dict[date, list[ChargeRow]] = {day: [] for day in days}
    unpriced: dict[str, list[tuple[date, ChargeKey]]] = defaultdict(list)
    for key in sorted(quantities):
        assert by_day.keys() >= quantities[key].keys(), f"usage is of {month}"
        _rate_key(key, quantities[key], by_sku[key[2]], by_day, unpriced)
    charges = from_rows(Charge, [row for day in days for row in by_day[day]])
    findings = tuple(
        _no_price(sku, rows, sku in book.prices) for sku, rows in sorted(unpriced.items())
    )
    return Rated(tuple(charges), findings)


def _day_prices(price: Price | None, days: list[date], seconds: int) -> dict[date, _DayPrice]:
    """The price of every day that has one, over one common denominator."""
    if price is None:
        return {}
    exact: dict[date, tuple[Decimal, Fraction, str]] = {}
    unit = price.units_of_one(seconds)
    for day in days:
        try:
            step = price.krw.step(day)
        except NoValueError:
            continue
        krw = price.on(day)
        exact[day] = (krw, Fraction(krw) * unit, f"{price.file}@{step.start}")
    denominator = lcm(*(fraction.denominator for _, fraction, _ in exact.values()))
    return {
        day: _DayPrice(
            price.usage_unit,
            price.basis == "busy",
            krw,
            int(fraction * denominator),
            denominator,
            rule,
        )
        for day, (krw, fraction, rule) in exact.items()
    }


def _rate_key(
    key: ChargeKey,
    quantities: dict[date, int],
    prices: dict[date, _DayPrice],
    by_day: Mapping[date, list[ChargeRow]],
    unpriced: dict[str, list[tuple[date, ChargeKey]]],
) -> None:
    """Adds the charges of one key, day by day."""
    company_id, project_id, sku, unit = key
    running = before_krw = 0
    for day, quantity in sorted(quantities.items()):
        price = prices.get(day)
        if price is None or price.unit != unit:
            unpriced[sku].append((day, key))
            continue
        running += quantity * price.weight
        after_krw = running // price.denominator
        krw = after_krw - before_krw
        by_day[day].append(
            (day, company_id, project_id, sku, quantity, unit, price.krw, krw, price.rule)
        )
        before_krw = after_krw


def _no_price(sku: str, rows: list[tuple[date, ChargeKey]], known: bool) -> Finding:
    """A missing price stops the month; it is never free."""
    first, last = min(rows)[0], max(rows)[0]
    projects = sorted({key[1] for _, key in rows})
    units = sorted({key[3] for _, key in rows})
    some = ", ".join(projects[:5]) + (" 등" if len(projects) > 5 else "")
    why = (
        f"{first}부터 {last}까지의 값이 없거나 사용량 단위({', '.join(units)})가 맞지 않습니다"
        if known
        else "가격 파일이 없습니다"
    )
    return Finding(
        severity="fail",
        kind="no_price",
        stage="draft",
        cluster="",
        day=first,
        subject=sku,
        detail=f"{sku}의 가격을 정할 수 없습니다: {why}. 과제 {len(projects)}개({some}), "
        f"{len(rows)}건이 청구되지 않았습니다. 가격을 rules/prices/{sku}.yaml에 적어 주십시오.",
    )
