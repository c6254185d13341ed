"""The ledger: months, numbers, invoices, claims, postings. It alone writes them; it only adds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, cast

from sqlalchemy import Connection, Row, insert, select, update

from billing.document import canonical, from_document, parse, sha256_hex
from billing.ledger.postings import check_postings
from billing.ledger.tables import bundle as bundle_table
from billing.ledger.tables import claim as claim_table
from billing.ledger.tables import invoice as invoice_table
from billing.ledger.tables import month_state as state_table
from billing.ledger.tables import posting as posting_table
from billing.records import Claim, Invoice, Posting, Settled
from metering.errors import CloseError, JeongsanError

State = Literal["open", "draft", "approved", "issued"]
Stored = tuple[str, str, str]  # a document's number, canonical text and digest


@dataclass(frozen=True, slots=True)
class MonthState:
    """How far a month's close is. digest is the draft's; the rest is empty until it happens."""

    month: str
    state: State
    digest: str | None = None
    approved_by: str | None = None
    issued_on: date | None = None
    bundle: str | None = None


def month_state(connection: Connection, month: str) -> MonthState:
    """The state of a month; a month that nobody drafted is open."""
    row = connection.execute(select(state_table).where(state_table.c.month == month)).one_or_none()
    return MonthState(month, "open") if row is None else _state(row)


def month_states(connection: Connection) -> tuple[MonthState, ...]:
    """Every month that is not open, in order."""
    rows = connection.execute(select(state_table).order_by(state_table.c.month))
    return tuple(_state(row) for row in rows)


def _state(row: Row[tuple[object, ...]]) -> MonthState:
    return MonthState(
        row.month, cast(State, row.state), row.digest, row.approved_by, row.issued_on, row.bundle
    )


def save_draft(connection: Connection, month: str, digest: str) -> MonthState:
    """Note a draft: an approval of another digest falls; an issued month refuses."""
    before = month_state(connection, month)
    if before.state == "issued":
        raise CloseError(f"{month} is issued and never changes; correct it with `jeongsan adjust`")
    if before.state != "open" and before.digest == digest:
        return before
    return _move(connection, before, MonthState(month, "draft", digest))


def save_approval(connection: Connection, month: str, digest: str, by: str) -> MonthState:
    """Bind an approval to the draft's digest; the first approver of a digest stays."""
    before = month_state(connection, month)
    if before.digest != digest or before.state not in ("draft", "approved"):
        raise CloseError(f"{month} is {before.state}, its draft is no longer the one looked at")
    if before.state == "approved":
        return before
    return _move(connection, before, replace(before, state="approved", approved_by=by))


def take_back_approval(connection: Connection, month: str) -> MonthState:
    """Make an approved month a draft again, of the same digest."""
    before = month_state(connection, month)
    if before.state != "approved":
        raise CloseError(f"{month} is {before.state}: there is no approval to take back")
    return _move(connection, before, MonthState(month, "draft", before.digest))


def _move(connection: Connection, before: MonthState, after: MonthState) -> MonthState:
    values = {
        "state": after.state,
        "digest": after.digest,
        "approved_by": after.approved_by,
        "issued_on": after.issued_on,
        "bundle": after.bundle,
    }
    if before.state == "open" and before.digest is None:
        connection.execute(insert(state_table).values(month=after.month, **values))
    else:
        where = state_table.c.month == after.month
        connection.execute(update(state_table).where(where).values(**values))
    return after


def record_issue(
    connection: Connection,
    state: MonthState,
    issuer: str,
    invoices: Sequence[Invoice],
    claims: Sequence[Claim],
    postings: Sequence[Posting],
) -> None:
    """Write an issued month whole, on the caller's transaction; the postings are proved first."""
    check_postings(postings, sum(invoice.charge_krw for invoice in invoices))
    before = month_state(connection, state.month)
    if before.state != "approved" or state.state != "issued":
        raise CloseError(f"{state.month} is {before.state}, not approved; nothing was issued")
    connection.execute(insert(bundle_table).values(digest=state.bundle, month=state.month))
    for invoice in invoices:
        write_invoice(connection, issuer, invoice, canonical(invoice), None)
    _write_claims(connection, state.month, claims)
    write_postings(connection, state.month, postings, None)
    _move(connection, before, state)


def write_invoice(
    connection: Connection, issuer: str, invoice: Invoice, text: str, adjustment: int | None
) -> None:
    """Add one document with its canonical text; an amendment names the adjustment it is of."""
    connection.execute(
        insert(invoice_table).values(
            issuer=issuer,
            number=invoice.number,
            month=invoice.month,
            company_id=invoice.company_id,
            tax_class=invoice.tax_class,
            kind=invoice.kind,
            document=text,
            digest=sha256_hex(text.encode()),
            issued_on=invoice.issued_on,
            adjustment=adjustment,
        )
    )


def _write_claims(connection: Connection, month: str, claims: Sequence[Claim]) -> None:
    for claim in claims:
        connection.execute(
            insert(claim_table).values(
                month=month,
                programme=claim.programme,
                funding=claim.funding,
                company_id=claim.company_id,
                settled=claim.settled,
                claim_krw=claim.claim_krw,
            )
        )


def write_postings(
    connection: Connection, month: str, postings: Sequence[Posting], adjustment: int | None
) -> None:
    """Add postings, each group counted from 1."""
    seq: dict[str, int] = {}
    for posting in postings:
        seq[posting.group] = seq.get(posting.group, 0) + 1
        connection.execute(
            insert(posting_table).values(
                group_id=posting.group,
                seq=seq[posting.group],
                month=month,
                account=posting.account,
                amount_krw=posting.amount_krw,
                memo=posting.memo,
                adjustment=adjustment,
            )
        )


def invoices_of(connection: Connection, month: str) -> tuple[Invoice, ...]:
    """A month's issued invoices by (company, tax class); a changed document is an error."""
    return read_invoices(invoice_documents(connection, month))


def read_invoices(documents: Iterable[Stored]) -> tuple[Invoice, ...]:
    """Invoices as stored, by (company, tax class); a changed document is a JeongsanError."""
    invoices = []
    for number, document, digest in documents:
        if sha256_hex(document.encode()) != digest:
            raise JeongsanError(f"invoice {number}: its document is not the one that was issued")
        invoices.append(from_document(Invoice, parse(document, number), number))
    return tuple(sorted(invoices, key=lambda invoice: (invoice.company_id, invoice.tax_class)))


def invoice_documents(connection: Connection, month: str) -> list[Stored]:
    """A month's originals, as they are stored."""
    table = invoice_table.c
    rows = select(table.number, table.document, table.digest)
    originals = connection.execute(rows.where(table.month == month, table.adjustment.is_(None)))
    return sorted((row.number, row.document, row.digest) for row in originals)


def amended_documents(connection: Connection, months: Iterable[str], by: int = 0) -> list[Stored]:
    """The amendments of some months (by one adjustment), as stored, in the order of their issue."""
    table = invoice_table.c
    rows = select(table.number, table.document, table.digest).where(
        table.month.in_(list(months)),
        table.adjustment == by if by else table.adjustment.is_not(None),
    )
    ordered = connection.execute(rows.order_by(table.adjustment, table.number))
    return [(row.number, row.document, row.digest) for row in ordered]


def month_of_invoice(connection: Connection, issuer: str, number: str) -> str:
    """The month of an issued invoice; JeongsanError if there is none of this number."""
    query = select(invoice_table.c.month).where(
        invoice_table.c.issuer == issuer, invoice_table.c.number == number
    )
    month = connection.execute(query).scalar()
    if month is None:
        raise JeongsanError(f"no invoice has the number {number}")
    return str(month)


@dataclass(frozen=True, slots=True)
class RecordedMonth:
    """What the ledger holds of an issued month; invoices as (number, document, digest)."""

    state: MonthState
    invoices: tuple[tuple[str, str, str], ...]
    claims: tuple[Claim, ...]
    postings: tuple[Posting, ...]


def recorded(connection: Connection, month: str) -> RecordedMonth:
    """What the ledger holds of a month, as it is stored."""
    return RecordedMonth(
        month_state(connection, month),
        tuple(invoice_documents(connection, month)),
        claims_of(connection, month),
        postings_of(connection, month),
    )


def claims_of(connection: Connection, month: str) -> tuple[Claim, ...]:
    """The issued claims of a month, in order of programme, funding and company."""
    rows = connection.execute(select(claim_table).where(claim_table.c.month == month))
    claims = [
        Claim(r.month, r.programme, r.funding, r.company_id, cast(Settled, r.settled), r.claim_krw)
        for r in rows
    ]
    return tuple(sorted(claims, key=lambda c: (c.programme, c.funding, c.company_id)))


def postings_of(connection: Connection, month: str, by: int | None = None) -> tuple[Posting, ...]:
    """The postings of a month's issue, or by an adjustment, in order of group and place in it."""
    made_by = posting_table.c.adjustment.is_not_distinct_from(by)
    rows = connection.execute(select(posting_table).where(posting_table.c.month == month, made_by))
    ordered = sorted(rows, key=lambda row: (row.group_id, row.seq))
    return tuple(Posting(r.group_id, r.account, r.amount_krw, r.memo) for r in ordered)
