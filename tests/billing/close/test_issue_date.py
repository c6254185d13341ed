"""Days of a document: when it may be issued, what it costs to be late, when it is due."""

from datetime import date
from decimal import Decimal

import pytest

from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_date import LateError, lateness
from billing.close.issue_month import issue
from billing.close.issued_month import issued_month
from billing.ledger.month_history import Who
from billing.rulebook.rule_book import read_rulebook
from billing.verify.verify import verify
from metering.calendar import Calendar
from metering.errors import CloseError
from metering.site.open_site import OpenSite
from tests.builders.sites.close_site import CALENDAR, MONTH

RULES = read_rulebook().tax
SUPPLY_KRW = 26_023_150  # of the site's month


def approved(opened: OpenSite) -> None:
    draft(opened, MONTH)
    approve(opened, MONTH, "박승인")


def at(day: date) -> Who:
    """Somebody on a day."""
    return Who("김정산", CALENDAR.day(day).start_ms, "kim")


def test_a_month_is_issued_from_its_end_to_today(opened: OpenSite) -> None:
    approved(opened)
    today = date(2025, 11, 3)
    with pytest.raises(CloseError, match="it ends on 2025-10-31"):
        issue(opened, MONTH, date(2025, 10, 31), at(today))
    with pytest.raises(CloseError, match="cannot be issued on 2025-11-04: today is 2025-11-03"):
        issue(opened, MONTH, date(2025, 11, 4), at(today))
    assert issue(opened, MONTH, today, at(today)).issued_on == today


def test_a_month_is_issued_on_the_day_after_its_end(opened: OpenSite) -> None:
    approved(opened)
    day = date(2025, 11, 1)
    assert issue(opened, MONTH, day, at(day)).issued_on == day


def test_the_last_day_for_tax_invoices_is_in_time_and_the_next_one_is_asked_about(
    opened: OpenSite,
) -> None:
    approved(opened)
    late = date(2025, 11, 11)
    with pytest.raises(LateError) as asked:
        issue(opened, MONTH, late, at(late))
    assert asked.value.late.deadline == date(2025, 11, 10)
    assert (asked.value.late.issuer_krw, asked.value.late.buyer_krw) == (260_230, 130_115)
    assert "say --yes" in str(asked.value)
    assert issue(opened, MONTH, late, at(late), late=True).issued_on == late


def test_the_last_day_for_tax_invoices_needs_no_word(opened: OpenSite) -> None:
    approved(opened)
    last = date(2025, 11, 10)
    assert issue(opened, MONTH, last, at(last)).issued_on == last


@pytest.mark.parametrize(
    ("on", "issuer_krw"),
    [
        (date(2025, 11, 10), None),
        (date(2025, 11, 11), 260_230),
        (date(2026, 1, 26), 260_230),  # the 25th, the final return's day, is a Sunday
        (date(2026, 1, 27), 520_462),  # as if it had not been issued
    ],
)
def test_lateness_costs_more_once_the_final_return_of_the_period_is_due(
    opened: OpenSite, on: date, issuer_krw: int | None
) -> None:
    late = lateness(MONTH, on, draft(opened, MONTH).closing.invoices, RULES, {})
    assert (late.issuer_krw if late else None) == issuer_krw
    assert late is None or late.supply_krw == SUPPLY_KRW


def test_the_final_return_of_june_is_in_july_and_that_of_july_in_january(opened: OpenSite) -> None:
    invoices = draft(opened, MONTH).closing.invoices
    june = lateness("2025-06", date(2025, 7, 28), invoices, RULES, {})
    july = lateness("2025-07", date(2025, 8, 28), invoices, RULES, {})
    assert june is not None
    assert july is not None
    assert (june.issuer_krw, july.issuer_krw) == (520_462, 260_230)


def test_the_rates_of_lateness_are_those_of_the_law() -> None:
    day = date(2025, 12, 1)
    named = (RULES.late_issue, RULES.no_issue, RULES.late_buyer)
    rates = [rule.on(day) for rule in named if rule is not None]
    assert rates == [Decimal("0.01"), Decimal("0.02"), Decimal("0.005")]


@pytest.mark.parametrize(
    ("on", "due_on"),
    [
        (date(2025, 11, 3), date(2025, 12, 1)),  # the rule's day
        (date(2025, 11, 17), date(2025, 12, 1)),  # on which the ten days end, too
        (date(2025, 11, 18), date(2025, 12, 2)),
        (date(2025, 12, 15), date(2025, 12, 30)),  # Christmas is none of the ten
    ],
)
def test_a_document_is_never_due_before_ten_business_days_after_its_issue(
    opened: OpenSite, on: date, due_on: date
) -> None:
    approved(opened)
    issue(opened, MONTH, on, at(on), late=True)
    invoices = issued_month(opened, MONTH).invoices
    assert {invoice.due_on for invoice in invoices if invoice.payable_krw} == {due_on}
    assert verify(opened, MONTH).differences == ()


def test_business_days_are_counted_from_the_day_after() -> None:
    calendar = Calendar("Asia/Seoul")
    friday = date(2025, 11, 7)
    assert calendar.business_days_after(friday, 0) == friday
    assert calendar.business_days_after(friday, 1) == date(2025, 11, 10)
    assert calendar.business_days_after(friday, 5) == date(2025, 11, 14)
