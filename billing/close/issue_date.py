"""Which day a document may be issued on, and what it costs to be late (SETTLEMENT 34)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from billing.ledger import ledger
from billing.ledger.adjustment_ledger import adjustments
from billing.ledger.amendments import Amendment
from billing.ledger.month_history import Who
from billing.records import Invoice
from billing.rulebook.tax import TaxRules
from metering.calendar import (
    month_first_day,
    month_last_day,
    next_business_day,
    tax_invoice_deadline,
)
from metering.errors import CloseError
from metering.site.open_site import OpenSite

FINAL_RETURN_DAY = 25  # of July for the first half of a year, of January for the second


@dataclass(frozen=True, slots=True)
class Lateness:
    """A month's tax documents issued after their last day: of how much supply, and what that may
    cost who issues and who buys, in won; None where the rules name no rate."""

    month: str
    on: date
    deadline: date
    supply_krw: int
    issuer_krw: int | None
    buyer_krw: int | None

    def __str__(self) -> str:
        text = f"{self.on} is after {self.deadline}, the last day for tax invoices of {self.month}"
        if self.issuer_krw is None:
            return text
        cost = f"{text}: of {self.supply_krw:,} won of supply it may cost {self.issuer_krw:,} won"
        return cost if self.buyer_krw is None else f"{cost}, those who buy {self.buyer_krw:,}"


class LateError(CloseError):
    """A day that costs a penalty, which nobody has said yes to."""

    def __init__(self, late: Lateness) -> None:
        super().__init__(f"{late}; say --yes where that is meant")
        self.late = late


def check_date(opened: OpenSite, month: str, on: date, who: Who) -> None:
    """CloseError for a day before the month has ended, after today, or before the newest number
    was given. Today is the day of `who`'s instant."""
    if on <= month_last_day(month):
        raise CloseError(f"{month} cannot be issued on {on}: it ends on {month_last_day(month)}")
    if who.at_ms is not None and on > (today := opened.site.calendar.day_of(who.at_ms)):
        raise CloseError(f"{month} cannot be issued on {on}: today is {today}")
    with opened.database.read() as connection:
        given = [
            month_state.issued_on
            for month_state in ledger.month_states(connection)
            if month_state.issued_on
        ]
        given += [adjustment.issued_on for adjustment in adjustments(connection)]
    last = max(given, default=on)
    if on < last:
        raise CloseError(
            f"{month} cannot be issued on {on}: an earlier month was issued on {last}, and numbers "
            "follow the dates"
        )


def lateness(
    month: str,
    on: date,
    invoices: Iterable[Invoice],
    rules: TaxRules,
    holidays: Mapping[date, bool],
) -> Lateness | None:
    """What issuing a month's documents on a day costs; None where it is in time, or where none of
    them is a tax document."""
    deadline = tax_invoice_deadline(month, holidays)
    documents = [
        i for i in invoices if i.kind == "tax" or (i.tax_class == "exempt" and i.company_krw)
    ]
    supply_krw = sum(abs(invoice.supply_krw) for invoice in documents)
    if on <= deadline or not supply_krw:
        return None
    issuer = [_penalty(invoice, month, on, rules, holidays) for invoice in documents]
    known = [krw for krw in issuer if krw is not None]
    rate = rules.late_buyer.or_none(on) if rules.late_buyer else None
    taxed_krw = sum(abs(invoice.supply_krw) for invoice in documents if invoice.kind == "tax")
    buyer_krw = None if rate is None else _share(rate, taxed_krw)
    whole = sum(known) if len(known) == len(issuer) else None
    return Lateness(month, on, deadline, supply_krw, whole, buyer_krw)


def late_corrections(
    amendments: Iterable[Amendment], on: date, rules: TaxRules, holidays: Mapping[date, bool]
) -> tuple[Lateness, ...]:
    """By month, what it costs that a correction issues documents which the month should have had:
    an amendment has a day of its own and is not late."""
    of: dict[str, list[Invoice]] = {}
    for amendment in amendments:
        if amendment.step == "new" and amendment.invoice.payable_krw > 0:
            of.setdefault(amendment.invoice.month, []).append(amendment.invoice)
    every = (lateness(month, on, of[month], rules, holidays) for month in sorted(of))
    return tuple(late for late in every if late is not None)


def _penalty(
    invoice: Invoice, month: str, on: date, rules: TaxRules, holidays: Mapping[date, bool]
) -> int | None:
    """Of one document: more once the final return of its period is due (a year's for what is
    exempt)."""
    in_time = on <= _final_return(month, invoice.kind == "tax", holidays)
    rule = rules.late_issue if in_time else rules.no_issue
    rate = rule.or_none(on) if rule else None
    return None if rate is None else _share(rate, abs(invoice.supply_krw))


def _share(rate: Decimal, krw: int) -> int:
    exact = Fraction(rate) * krw
    return exact.numerator // exact.denominator


def _final_return(month: str, taxed: bool, holidays: Mapping[date, bool]) -> date:
    first = month_first_day(month)
    july = taxed and first.month <= 6
    due = (
        date(first.year, 7, FINAL_RETURN_DAY) if july else date(first.year + 1, 1, FINAL_RETURN_DAY)
    )
    return next_business_day(due, holidays)
