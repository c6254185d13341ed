"""An issued month as it is read back: from the ledger, and for documents from its bundle too."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import sqlalchemy as sa

from billing.bundle.bundle import findings_of, inputs_of, kept, read_bundle, result_of
from billing.close.draft_history import files_named, records
from billing.draft.month_inputs import Inputs
from billing.ledger import ledger
from billing.ledger.adjustment_ledger import (
    RecordedAdjustment,
    bundles_by_month,
    read_amendments,
    recorded,
)
from billing.ledger.amendments import Amendment
from billing.ledger.ledger import MonthState
from billing.month.pure_month import MonthResult
from billing.records import Claim, Invoice
from metering.calendar import read_date
from metering.errors import CloseError
from metering.finding import Finding
from metering.lake.lake import Lake
from metering.site.open_site import OpenSite


@dataclass(frozen=True, slots=True)
class Issued:
    """An issued month: the digests of its bundle and draft, its numbered invoices, who and when.

    `again` says that it had been issued before; it makes no difference between two of them.
    """

    month: str
    bundle: str
    digest: str
    invoices: tuple[Invoice, ...]
    claims: tuple[Claim, ...]
    issued_on: date
    approved_by: str
    again: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class IssuedMonth:
    """All that documents of an issued month are made from, out of its bundle and the ledger."""

    month: str
    bundle: str
    digest: str
    issued_on: date
    approved_by: str
    invoices: tuple[Invoice, ...]
    claims: tuple[Claim, ...]
    closing: MonthResult
    findings: tuple[Finding, ...]
    deadline: date  # the last day to issue the month's tax invoices
    inputs: Inputs  # registry, rule book, issuer, usage, opening balance, decisions
    versions: Mapping[str, str]
    amendments: tuple[Amendment, ...] = ()  # documents of adjustments so far
    revised: tuple[tuple[int, "IssuedMonth"], ...] = ()  # as it stood after each that changed it
    adjusted_on: date | None = None  # when and why that adjustment was issued
    adjusted_because: str = ""


def issued_month(opened: OpenSite, month: str) -> IssuedMonth:
    """An issued month as documents need it; CloseError if it is not issued."""
    with opened.database.read() as connection:
        state = ledger.month_state(connection, month)
        if state.state != "issued":
            raise CloseError(f"{month} is {state.state}; {next_step(state)}")
        issued = issued_of(connection, state)
        adjusted = recorded(connection, month)
    return out_of_bundle(opened.lake, issued, adjusted)


def out_of_bundle(
    lake: Lake, issued: Issued, adjusted: Iterable[RecordedAdjustment] = ()
) -> IssuedMonth:
    """An issued month as documents need it, out of a lake that holds its bundle and those of its
    adjustments."""
    amendments: list[Amendment] = []
    revised: list[tuple[int, IssuedMonth]] = []
    for record in adjusted:
        every = read_amendments(record.documents)
        own = [each for each in every if each.invoice.month == issued.month]
        if own or any(claim.month == issued.month for claim in record.claims):
            amendments += own
            as_adjusted = _as_it_stood(lake, issued, dict(record.bundles)[issued.month])
            on, why = record.adjustment.issued_on, record.adjustment.reason
            after = replace(as_adjusted, adjusted_on=on, adjusted_because=why)
            revised.append((record.adjustment.sequence, after))
    bundle = read_bundle(lake, issued.bundle)
    inputs = inputs_of(lake, bundle)
    return IssuedMonth(
        month=issued.month,
        bundle=issued.bundle,
        digest=issued.digest,
        issued_on=issued.issued_on,
        approved_by=issued.approved_by,
        invoices=issued.invoices,
        claims=issued.claims,
        closing=result_of(lake, bundle, inputs),
        findings=findings_of(bundle),
        deadline=read_date(bundle.index["deadline"]),
        inputs=inputs,
        versions=bundle.index["versions"],
        amendments=tuple(amendments),
        revised=tuple(revised),
    )


def _as_it_stood(lake: Lake, issued: Issued, digest: str) -> IssuedMonth:
    """The month whole after an adjustment; its invoices have no numbers, as they are sums."""
    bundle = read_bundle(lake, digest)
    result = result_of(lake, bundle, inputs_of(lake, bundle))
    after = replace(issued, bundle=digest, invoices=result.invoices, claims=result.claims)
    return out_of_bundle(lake, after)


def kept_files(opened: OpenSite) -> frozenset[str]:
    """What `Lake.sweep` has to keep: the digests of all files that any bundle names, and those that
    drafts were made from. A damaged bundle is a JeongsanError, since sweeping could then take what
    it named."""
    with opened.database.read() as connection:
        bundles = bundles_by_month(connection)
        drafted = records(connection)
    issued = (name for bundle in sorted(bundles) for name in kept(opened.lake, bundle))
    return frozenset(
        (*issued, *(name for record in drafted for name in files_named(opened.lake, record)))
    )


def issued_of(connection: sa.Connection, state: MonthState) -> Issued:
    """The issued month of a state, as the ledger holds it."""
    if not (state.bundle and state.digest and state.issued_on and state.approved_by):
        raise AssertionError(f"{state.month} is issued without a bundle, digest, date or approver")
    return Issued(
        month=state.month,
        bundle=state.bundle,
        digest=state.digest,
        invoices=ledger.invoices_of(connection, state.month),
        claims=ledger.claims_of(connection, state.month),
        issued_on=state.issued_on,
        approved_by=state.approved_by,
    )


def next_step(state: MonthState) -> str:
    """What to run next on a month in this state."""
    month = state.month
    return {
        "open": f"run `jeongsan draft {month}` first",
        "draft": f"run `jeongsan approve {month} --by NAME` first",
        "approved": f"run `jeongsan issue {month} --on DATE` first",
        "issued": "it is issued and never changes",
    }[state.state]
