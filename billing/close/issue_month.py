"""Issues an approved month: the bundle first, then numbers and postings (SETTLEMENT 22, 23)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa

from billing.bundle.bundle import read_bundle, write_bundle
from billing.close.draft_month import listed_days, read_in_order, replace_rows, store_draft
from billing.close.issued_month import Issued, issued_of, next_step
from billing.draft.draft import Draft, settle
from billing.draft.month_inputs import Inputs, InputsInForce, standing
from billing.ledger import ledger
from billing.ledger.adjustment_ledger import adjustments, standing_bundle
from billing.ledger.invoice_numbers import number_invoices
from billing.ledger.month_history import NOBODY, Who, note
from billing.ledger.postings import post
from metering.business_number import business_number_digits
from metering.calendar import month_last_day, previous_month
from metering.errors import CloseError, ConflictError
from metering.lake.lake import Lake
from metering.site.open_site import OpenSite


def issue(opened: OpenSite, month: str, on: date, who: Who = NOBODY) -> Issued:
    """The issued month. Issuing again gives what was issued. CloseError unless it is approved as
    it is now; a month whose inputs or result changed is a draft again."""
    with opened.database.read() as connection:
        before = ledger.month_state(connection, month)
        if before.state == "issued":
            return replace(issued_of(connection, before), again=True)
    if before.state != "approved":
        raise CloseError(f"{month} is {before.state}; {next_step(before)}")
    check_date(opened, month, on)
    inputs, in_force = read_in_order(opened, month)
    now = settle(inputs)
    if now.digest != before.digest:
        store_draft(opened, inputs, now, who)
        raise CloseError(f"{month} has changed since its approval; it is a draft again")
    if now.provisional:
        raise CloseError(provisional_text(month, now.provisional))
    again = False
    try:
        with opened.lake.change() as change:
            charge, subsidy = replace_rows(change, now)
            bundle = write_bundle(opened.lake, inputs, now, charge, subsidy)
            change.record(_Issue(opened.lake, inputs, in_force, now, bundle, on, who))
    except _IssuedMeanwhileError:
        again = True
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
        invoices = number_invoices(connection, issuer, result.invoices, self.on)
        postings = post(month, invoices, result.subsidies, result.claims)
        after = replace(state, state="issued", issued_on=self.on, bundle=self.bundle)
        ledger.record_issue(connection, after, issuer, invoices, result.claims, postings)
        note(connection, state, after, self.who)


def check_date(opened: OpenSite, month: str, on: date) -> None:
    """CloseError for a day before the month has ended, or before the newest number was given."""
    if on <= month_last_day(month):
        raise CloseError(f"{month} cannot be issued on {on}: it ends on {month_last_day(month)}")
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


def provisional_text(month: str, days: Iterable[tuple[str, date]]) -> str:
    """Which days may still change, and what to do."""
    return (
        f"{month} has usage that may still change: {listed_days(days)}. "
        "Collect until the sources are complete (`jeongsan collect --complete-to`) and meter those "
        "days again, or waive them by name"
    )
