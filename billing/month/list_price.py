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
    for finding in findings:
        if finding.day is None or not finding.stakes:
            continue
        sums = [list_price(stake, finding.day, book, calendar) for stake in finding.stakes]
        exact = [krw for krw in sums if krw is not None]
        if len(exact) == len(sums):
            known[finding.key] = int(sum(exact, Fraction(0)))
    return known


def list_price(stake: Stake, day: date, book: RuleBook, calendar: Calendar) -> Fraction | None:
    """The exact won of some usage of a day at list price; None where the rules have no price."""
    price = book.prices.get(stake.sku)
    if price is None or price.usage_unit != stake.unit:
        return None
    try:
        unit = Fraction(price.on(day))
    except NoValueError:
        return None
    seconds = len(calendar.month_days(month_of(day))) * 86_400
    return stake.quantity * unit * price.units_of_one(seconds)
