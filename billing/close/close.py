"""The close of a month: draft, approve, issue, in strict order of months (SETTLEMENT 21 to 25)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa

from billing.bundle.bundle import Bundle, balance_of, read_bundle, write_bundle, write_record
from billing.close.draft_history import by_program, keep_record
from billing.close.issued import Issued, issued_of, next_step
from billing.draft.draft import STAGE, Draft, settle
from billing.draft.lake_rows import to_table
from billing.draft.month_inputs import Inputs, InputsInForce, read_inputs, standing
from billing.ledger import ledger
from billing.ledger.adjustment_ledger import adjustments, standing_bundle
from billing.ledger.ledger import MonthState
from billing.ledger.month_history import NOBODY, Who, note
from billing.ledger.postings import post
from billing.records import Charge, Subsidy
from billing.rerating.version_drift import keep
from billing.subsidy.balance import Balance
from metering.database.findings import replace_findings
from metering.errors import CheckError, CloseError, ConflictError
from metering.finding import Finding
from metering.lake.change import Change
from metering.lake.lake import Lake
from metering.lake.manifest import Manifest
from metering.period import month_first_day, month_last_day, previous_month
from metering.site.open_site import OpenSite
from metering.usage.lineage import outdated

SHOWN = 20  # findings or days that a message names


def draft(opened: OpenSite, month: str, who: Who = NOBODY) -> Draft:
    """The month's draft, stored with its charges, subsidies and findings. An approval of the same
    digest stays. CloseError when the month cannot be drafted yet, or is issued."""
    with opened.database.read() as connection:
        if ledger.month_state(connection, month).state == "issued":
            raise CloseError(f"{month} is issued and never changes; correct it with an adjustment")
    inputs, _ = _read(opened, month)
    return _store(opened, inputs, settle(inputs), who)


def approve(
    opened: OpenSite, month: str, by: str, digest: str | None = None, at_ms: int | None = None
) -> Draft:
    """The draft, approved by name. CloseError when it is no longer the one drafted (or not the
    `digest` that was looked at); CheckError while it has fails that nobody acknowledged."""
    if not by.strip():
        raise CloseError("an approval needs the name of who approves")
    with opened.database.read() as connection:
        before = ledger.month_state(connection, month)
    if before.state not in ("draft", "approved"):
        raise CloseError(f"{month} is {before.state}; {next_step(before)}")
    who = Who(by.strip(), at_ms)
    now = draft(opened, month, who)
    if now.digest != before.digest or digest not in (None, now.digest):
        raise CloseError(f"{month} has changed since it was drafted; look at the new draft first")
    if now.blocking:
        raise CheckError(blocking_text(month, now.blocking))
    with opened.database.begin() as connection:
        state = ledger.month_state(connection, month)
        after = ledger.save_approval(connection, month, now.digest, who.by)
        note(connection, state, after, who)
    return replace(now, state="approved")


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
    inputs, in_force = _read(opened, month)
    now = settle(inputs)
    if now.digest != before.digest:
        _store(opened, inputs, now, who)
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
        issuer = "".join(c for c in self.inputs.issuer.business_number if c.isdigit())
        closing = self.draft.closing
        invoices = ledger.number_invoices(connection, issuer, closing.invoices, self.on)
        postings = post(month, invoices, closing.subsidies, closing.claims)
        after = replace(state, state="issued", issued_on=self.on, bundle=self.bundle)
        ledger.record_issue(connection, after, issuer, invoices, closing.claims, postings)
        note(connection, state, after, self.who)


def _read(opened: OpenSite, month: str) -> tuple[Inputs, InputsInForce]:
    previous = _previous_bundle(opened, month)
    opening = balance_of(previous) if previous else Balance()
    return inputs_now(opened, month, opening, previous.digest if previous else None)


def inputs_now(
    opened: OpenSite, month: str, opening: Balance, previous: str | None
) -> tuple[Inputs, InputsInForce]:
    """What is known of a month now, issued or not; CloseError where its usage wants metering."""
    if stale := outdated(opened, month_first_day(month), month_last_day(month)):
        raise CloseError(_stale_text(month, stale))
    return read_inputs(opened, month, opening, previous)


def _previous_bundle(opened: OpenSite, month: str) -> Bundle | None:
    """What stands for the month before; None in the site's first month; CloseError out of order."""
    first = opened.site.first_month
    if month_first_day(month) < month_first_day(first):
        raise CloseError(f"{month} is before the first month of the site, {first}")
    if month == first:
        return None
    before = previous_month(month)
    with opened.database.read() as connection:
        state = ledger.month_state(connection, before)
        stands = standing_bundle(connection, before)
    if stands is None:
        raise CloseError(
            f"months are closed in order: {before} is {state.state}; {next_step(state)}"
        )
    return read_bundle(opened.lake, stands)


def _store(opened: OpenSite, inputs: Inputs, now: Draft, who: Who) -> Draft:
    """Put the draft's rows, findings and state in force together."""
    states: list[MonthState] = []
    made_from = write_record(opened.lake, inputs, now)
    odd = by_program(opened, inputs.month, now.digest, made_from)

    def record(connection: sa.Connection) -> None:
        before = ledger.month_state(connection, inputs.month)
        states.append(ledger.save_draft(connection, inputs.month, now.digest))
        note(connection, before, states[-1], who)
        keep_record(connection, inputs.month, now.digest, made_from)
        keep_findings(connection, opened, now)
        keep(connection, opened.site.calendar, [inputs.month], odd)

    with opened.lake.change() as change:
        replace_rows(change, now)
        change.record(record)
    return replace(now, state="approved" if states[0].state == "approved" else "draft")


def keep_findings(connection: sa.Connection, opened: OpenSite, now: Draft) -> None:
    """Make a draft's own findings those of its month, to be looked at and decided about."""
    own = [finding for finding in now.findings if finding.stage == STAGE]
    sections = (*opened.site.clusters, *opened.site.stores)
    days = opened.site.calendar.month_days(now.month)
    for cluster in sorted(
        {"", *(section.name for section in sections), *(finding.cluster for finding in own)}
    ):
        new = [finding for finding in own if finding.cluster == cluster]
        replace_findings(connection, STAGE, cluster, days, new)


def replace_rows(change: Change, now: Draft) -> tuple[Manifest, Manifest]:
    """Put a month's charges and subsidies in the place of those in force."""
    partition, named = {"month": now.month}, {"draft": now.digest}
    charge = change.replace("charge", partition, to_table(Charge, now.closing.charges), named)
    subsidies = to_table(Subsidy, now.closing.subsidies)
    return charge, change.replace("subsidy", partition, subsidies, named)


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


def blocking_text(month: str, blocking: Sequence[Finding]) -> str:
    """Which findings stop a month, and what to do."""
    lines = [f"{month} has {len(blocking)} findings that stop it:"]
    for finding in blocking[:SHOWN]:
        place = " ".join(part for part in (finding.cluster, str(finding.day or "")) if part)
        lines.append(f"  {finding.key} {finding.kind} {place} {finding.subject}: {finding.detail}")
    if len(blocking) > SHOWN:
        lines.append(f"  and {len(blocking) - SHOWN} more; `jeongsan status` lists them")
    lines.append(
        "mend their causes, or `jeongsan acknowledge FINDING --effect bill|exclude --reason --by`"
    )
    return "\n".join(lines)


def _stale_text(month: str, stale: Sequence[tuple[str, date]]) -> str:
    days = sorted(day for _, day in stale)
    return (
        f"{month} has usage that is not what its inputs give any more (rows came late, or the "
        f"registry or the site changed): {_listed(stale)}. "
        f"Meter it again: `jeongsan meter {days[0]}..{days[-1]}`"
    )


def _listed(days: Iterable[tuple[str, date]]) -> str:
    """The first few cluster-days, and how many more."""
    listed = [f"{cluster} {day}" for cluster, day in days]
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return f"{', '.join(listed[:SHOWN])}{more}"


def provisional_text(month: str, days: Iterable[tuple[str, date]]) -> str:
    """Which days may still change, and what to do."""
    return (
        f"{month} has usage that may still change: {_listed(days)}. "
        "Collect until the sources are complete (`jeongsan collect --complete-to`) and meter those "
        "days again, or waive them by name"
    )
