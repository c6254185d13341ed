"""What findings may be worth: the usage that each is about, at list price."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from billing.rulebook.dated import NoValueError
from billing.rulebook.rule_book import RuleBook
from metering.calendar import Calendar, month_of
from metering.finding import Finding, Stake


def worth_krw(findings: Iterable[Finding], book: RuleBook, calendar: Calendar) -> dict[str, int]:
    """Won by the finding's key, the floor of the exact sum; without support and without tax.

    A finding that is about no usage, or about a SKU without a price on its day, has none: that
    is not nothing, it is unknown.
    """
    known: dict[str, int] = {}
    units: dict[tuple[str, str, date], Fraction | None] = {}
    for finding in findings:
        stakes = finding.stakes
        if finding.day is None or not stakes:
            continue
        for stake in stakes:
            place = (stake.sku, stake.unit, finding.day)
            if place not in units:
                units[place] = _unit_price(stake, finding.day, book, calendar)
        prices = [units[stake.sku, stake.unit, finding.day] for stake in stakes]
        exact = [price for price in prices if price is not None]
        if len(exact) == len(prices):
            parts = (s.quantity * price for s, price in zip(stakes, exact, strict=True))
            known[finding.key] = int(sum(parts, Fraction(0)))
    return known


def list_price(stake: Stake, day: date, book: RuleBook, calendar: Calendar) -> Fraction | None:
    """The exact won of some usage of a day at list price; None where the rules have no price."""
    unit = _unit_price(stake, day, book, calendar)
    return None if unit is None else stake.quantity * unit


def _unit_price(stake: Stake, day: date, book: RuleBook, calendar: Calendar) -> Fraction | None:
    """The exact won of one unit of it."""
    price = book.prices.get(stake.sku)
    if price is None or price.usage_unit != stake.unit:
        return None
    try:
        unit = Fraction(price.on(day))
    except NoValueError:
        return None
    seconds = len(calendar.month_days(month_of(day))) * 86_400
    return unit * price.units_of_one(seconds)
