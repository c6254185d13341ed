"""Issues an approved month: the bundle first, then numbers and postings (SETTLEMENT 22, 23)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa

from billing.bundle.bundle import read_bundle, write_bundle
from billing.close.consent import changed_text
from billing.close.draft_month import listed_days, read_in_order, replace_rows, store_draft
from billing.close.issue_date import LateError, check_date, lateness
from billing.close.issued_month import Issued, issued_of, next_step
from billing.draft.draft import Draft, settle
from billing.draft.month_inputs import Inputs, InputsInForce, standing
from billing.ledger import ledger, number_register
from billing.ledger.adjustment_ledger import standing_bundle
from billing.ledger.invoice_numbers import number_invoices
from billing.ledger.month_history import NOBODY, Who, note
from billing.ledger.postings import post
from billing.month.due_at_issue import due_when_issued
from metering.business_number import business_number_digits
from metering.calendar import previous_month
from metering.errors import CloseError, ConflictError
from metering.lake.lake import Lake
from metering.site.open_site import OpenSite


def issue(opened: OpenSite, month: str, on: date, who: Who = NOBODY, late: bool = False) -> Issued:
    """The issued month. Issuing again gives what was issued. CloseError unless it is approved as
    it is now; a month whose inputs or result changed is a draft again. LateError where the day is
    after the tax documents' last and nobody said that this is meant (`late`)."""
    with opened.database.read() as connection:
        before = ledger.month_state(connection, month)
        done = issued_of(connection, before) if before.state == "issued" else None
    if done is not None:
        number_register.settle(opened.database, opened.lake)
        return replace(done, again=True)
    if before.state != "approved":
        raise CloseError(f"{month} is {before.state}; {next_step(before)}")
    check_date(opened, month, on, who)
    inputs, in_force = read_in_order(opened, month)
    now = settle(inputs)
    if now.digest != before.digest:
        store_draft(opened, inputs, now, who)
        changed = changed_text(opened, month, before.digest or "", now.digest)
        raise CloseError(f"{month} has changed since its approval; it is a draft again ({changed})")
    if now.provisional:
        raise CloseError(provisional_text(month, now.provisional))
    costs = lateness(month, on, now.closing.invoices, inputs.book.tax, inputs.holidays)
    if costs is not None and not late:
        raise LateError(costs)
    again = False
    try:
        with opened.lake.change() as change:
            charge, subsidy = replace_rows(change, now)
            bundle = write_bundle(opened.lake, inputs, now, charge, subsidy)
            change.record(_Issue(opened.lake, inputs, in_force, now, bundle, on, who))
    except _IssuedMeanwhileError:
        again = True
    number_register.settle(opened.database, opened.lake)
    with opened.database.read() as connection:
        return replace(issued_of(connection, ledger.month_state(connection, month)), again=again)


class _IssuedMeanwhileError(ConflictError):
    """Another run issued the month first; what it issued stands."""


@dataclass(frozen=True, slots=True)
class _Issue:
    """What the one issuing transaction does; everything it names is on the disk by then."""

    lake: Lake
    inputs: Inputs
    stood: InputsInForce
    draft: Draft
    bundle: str
    on: date
    who: Who

    def __call__(self, connection: sa.Connection) -> None:
        month = self.draft.month
        state = ledger.month_state(connection, month)
        if state.state == "issued":
            raise _IssuedMeanwhileError(f"{month} was issued meanwhile")
        if state.state != "approved" or state.digest != self.draft.digest:
            raise ConflictError(f"{month} is {state.state} by now; run this again")
        before = standing_bundle(connection, previous_month(month))
        in_force = standing(connection, self.inputs.calendar, month)
        if (in_force, before) != (self.stood, self.inputs.previous):
            raise ConflictError(f"what {month} is made from has changed meanwhile; run this again")
        read_bundle(self.lake, self.bundle)  # its files lie there, and are what they should be
        issuer = business_number_digits(self.inputs.issuer.business_number)
        result = self.draft.closing
        due = due_when_issued(result.invoices, self.inputs.book.tax, self.on, self.inputs.calendar)
        invoices = number_invoices(connection, issuer, due, self.on)
        postings = post(month, invoices, result.subsidies, result.claims)
        after = replace(state, state="issued", issued_on=self.on, bundle=self.bundle)
        ledger.record_issue(connection, after, issuer, invoices, result.claims, postings)
        note(connection, state, after, self.who)
        numbers = number_register.numbers_of(connection, month, None)
        number_register.enter(
            connection, self.lake, f"issue {month}", self.bundle, self.on, self.who.at_ms, numbers
        )


def provisional_text(month: str, days: Iterable[tuple[str, date]]) -> str:
    """Which days may still change, and what to do."""
    return (
        f"{month} has usage that may still change: {listed_days(days)}. "
        "Collect until the sources are complete (`jeongsan collect --complete-to`) and meter those "
        "days again, or waive them by name"
    )
