"""Owns when documents are to be paid that are issued on a day (SETTLEMENT 34)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from billing.records import Invoice
from billing.rulebook.tax import TaxRules
from metering.calendar import Calendar


def least_days(rules: TaxRules, on: date) -> int | None:
    """How many business days there are at least to pay what is issued on a day; None where the
    rules name none, as those of before did."""
    return rules.due_business_days.or_none(on) if rules.due_business_days else None


def due_at_issue(due_on: date, rules: TaxRules, on: date, calendar: Calendar) -> date:
    """A due day, or where that is later the least number of business days after the issue."""
    days = least_days(rules, on)
    return due_on if days is None else max(due_on, calendar.business_days_after(on, days))


def due_when_issued(
    invoices: Iterable[Invoice], rules: TaxRules, on: date, calendar: Calendar
) -> tuple[Invoice, ...]:
    """A month's invoices with the days on which they are due if they are issued on a day."""
    return tuple(
        invoice
        if invoice.due_on is None
        else replace(invoice, due_on=due_at_issue(invoice.due_on, rules, on, calendar))
        for invoice in invoices
    )
