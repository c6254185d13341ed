"""The ledger of adjustments, and what stands of each month after them. It only adds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

from sqlalchemy import Connection, delete, func, insert, select, update

from billing.document import canonical, from_document, parse, sha256_hex
from billing.ledger import ledger
from billing.ledger.amendments import Amendment, ClaimRestatement, Key, original
from billing.ledger.postings import ROUNDING, check_postings, cut_off
from billing.ledger.tables import adjusted_month as month_table
from billing.ledger.tables import adjustment as table
from billing.ledger.tables import adjustment_draft as draft_table
from billing.ledger.tables import claim_restatement as claim_table
from billing.ledger.tables import posting as posting_table
from billing.records import Claim, Posting, Settled
from metering.database.tables import restatement as restatement_table
from metering.errors import JeongsanError


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An issued adjustment of the months from its first to its last."""

    sequence: int
    first_month: str
    last_month: str
    cascade: bool
    digest: str
    reason: str
    approved_by: str
    issued_on: date
    bundle: str


@dataclass(frozen=True, slots=True)
class Made:
    """All that an adjustment writes: the bundle of each month, documents, claims, postings by
    month."""

    adjustment: Adjustment
    bundles: Mapping[str, str]
    amendments: tuple[Amendment, ...]
    claims: tuple[ClaimRestatement, ...]
    postings: Mapping[str, tuple[Posting, ...]]


@dataclass(frozen=True, slots=True)
class RecordedAdjustment:
    """What the ledger holds of an adjustment, as it is stored; bundles as (month, digest)."""

    adjustment: Adjustment
    bundles: tuple[tuple[str, str], ...]
    documents: tuple[ledger.Stored, ...]
    claims: tuple[ClaimRestatement, ...]
    postings: tuple[Posting, ...]


def adjustments(connection: Connection) -> tuple[Adjustment, ...]:
    """Every adjustment, in order."""
    rows = connection.execute(select(table).order_by(table.c.sequence))
    return tuple(Adjustment(*row) for row in rows)


def last_sequence(connection: Connection) -> int:
    """The number of the newest adjustment, 0 before the first."""
    return connection.execute(select(func.max(table.c.sequence))).scalar() or 0


def bundles_of(connection: Connection, sequence: int) -> dict[str, str]:
    """The bundle of each month that an adjustment left, in order of month."""
    where = month_table.c.sequence == sequence
    rows = connection.execute(select(month_table).where(where).order_by(month_table.c.month))
    return {row.month: row.bundle for row in rows}


def standing_bundles(connection: Connection, before: int | None = None) -> dict[str, str]:
    """What stands for every issued month: the bundle of its newest adjustment (of those numbered
    below `before`), else that of its issue."""
    states = ledger.month_states(connection)
    bundles = {state.month: state.bundle for state in states if state.bundle is not None}
    rows = connection.execute(select(month_table).order_by(month_table.c.sequence))
    bundles |= {row.month: row.bundle for row in rows if before is None or row.sequence < before}
    return bundles


def standing_bundle(connection: Connection, month: str) -> str | None:
    """What stands for a month; None while it is not issued."""
    return standing_bundles(connection).get(month)


def bundles_by_month(connection: Connection) -> dict[str, str]:
    """Every bundle that an issue or an adjustment names, and the (first) month that it is of."""
    states = ledger.month_states(connection)
    issued = {state.bundle: state.month for state in states if state.bundle is not None}
    own = connection.execute(select(table.c.bundle, table.c.first_month))
    months = connection.execute(select(month_table.c.bundle, month_table.c.month))
    return {**issued, **{row.bundle: row[1] for row in (*own, *months)}}


def drafted(connection: Connection, first_month: str, cascade: bool) -> str | None:
    """The digest of the adjustment that somebody looked at last."""
    query = select(draft_table.c.digest).where(
        draft_table.c.first_month == first_month, draft_table.c.cascade == cascade
    )
    return connection.execute(query).scalar()


def drafted_krw(connection: Connection, first_month: str, cascade: bool) -> int | None:
    """What the adjustment that somebody looked at last asked companies to pay, in won; None where
    nobody looked, or it was noted by an earlier version."""
    query = select(draft_table.c.payable_krw).where(
        draft_table.c.first_month == first_month, draft_table.c.cascade == cascade
    )
    return connection.execute(query).scalar()


def save_draft(
    connection: Connection,
    first_month: str,
    cascade: bool,
    digest: str,
    payable_krw: int | None = None,
) -> None:
    """Note what was looked at, and what it asks companies to pay, in won."""
    if drafted(connection, first_month, cascade) == digest:
        return
    values = {"first_month": first_month, "cascade": cascade}
    row = [draft_table.c[name] == value for name, value in values.items()]
    connection.execute(delete(draft_table).where(*row))
    connection.execute(insert(draft_table).values(**values, digest=digest, payable_krw=payable_krw))


def record(connection: Connection, issuer: str, issued: Made) -> None:
    """Write an adjustment whole, on the caller's transaction; the postings are proved first."""
    charge_krw = sum(amendment.invoice.charge_krw for amendment in issued.amendments)
    check_postings([posting for of in issued.postings.values() for posting in of], charge_krw)
    done = issued.adjustment
    sequence = done.sequence
    values = {name: getattr(done, name) for name in Adjustment.__slots__}
    connection.execute(insert(table).values(**values))
    for month, bundle in issued.bundles.items():
        row = {"sequence": sequence, "month": month, "bundle": bundle}
        connection.execute(insert(month_table).values(**row))
    for amendment in issued.amendments:
        ledger.write_invoice(connection, issuer, amendment.invoice, canonical(amendment), sequence)
    for claim in issued.claims:
        named = {name: getattr(claim, name) for name in ClaimRestatement.__slots__}
        connection.execute(insert(claim_table).values(sequence=sequence, **named))
    for month, postings in issued.postings.items():
        ledger.write_postings(connection, month, postings, sequence)
    months = restatement_table.c.month.between(done.first_month, done.last_month)
    seen = update(restatement_table).where(months, restatement_table.c.consumed.is_(False))
    connection.execute(seen.values(consumed=True))
    connection.execute(delete(draft_table))


def amendments_of(connection: Connection, months: Iterable[str]) -> tuple[Amendment, ...]:
    """The amended documents of some months, as they were issued one after the other; a changed
    document is an error."""
    return read_amendments(ledger.amended_documents(connection, months))


def read_amendments(documents: Iterable[ledger.Stored]) -> tuple[Amendment, ...]:
    """Amendments as stored, in that order."""
    amendments = []
    for number, text, digest in documents:
        if sha256_hex(text.encode()) != digest:
            raise JeongsanError(f"invoice {number}: its document is not the one that was issued")
        amendments.append(from_document(Amendment, parse(text, number), number))
    return tuple(amendments)


def chains(connection: Connection, months: Sequence[str]) -> dict[Key, list[Amendment]]:
    """Every document of some months by what it is about: the original, then its amendments."""
    by_key: dict[Key, list[Amendment]] = {}
    originals = [
        original(invoice) for month in months for invoice in ledger.invoices_of(connection, month)
    ]
    for document in (*originals, *amendments_of(connection, months)):
        by_key.setdefault(document.key, []).append(document)
    return by_key


def restated_claims(connection: Connection, sequence: int) -> tuple[ClaimRestatement, ...]:
    """What an adjustment changed of claims."""
    rows = connection.execute(select(claim_table).where(claim_table.c.sequence == sequence))
    claim_restatements = [
        ClaimRestatement(
            r.month, r.programme, r.funding, r.company_id, cast(Settled, r.settled),
            r.difference_krw,
        )
        for r in rows
    ]  # fmt: skip
    return tuple(sorted(claim_restatements, key=_claim_key))


def claims_standing(connection: Connection, month: str) -> tuple[Claim, ...]:
    """A month's claims as they stand: as they were issued, and all that was restated of them."""
    sums: dict[tuple[str, str, str, Settled], int] = {}
    for claim in ledger.claims_of(connection, month):
        key = (claim.programme, claim.funding, claim.company_id, claim.settled)
        sums[key] = claim.claim_krw
    for row in connection.execute(select(claim_table).where(claim_table.c.month == month)):
        key = (row.programme, row.funding, row.company_id, row.settled)
        sums[key] = sums.get(key, 0) + row.difference_krw
    return tuple(Claim(month, *key, krw) for key, krw in sorted(sums.items()) if krw)


def borne_standing(connection: Connection, month: str) -> tuple[Claim, ...]:
    """A month's claims as they stand, with what was cut off them put back: what each source bears,
    which is what uses its budget."""
    borne = {(c.programme, c.funding, c.company_id): c for c in claims_standing(connection, month)}
    rows = select(posting_table.c.group_id, posting_table.c.account, posting_table.c.amount_krw)
    rounded = posting_table.c.account.startswith(ROUNDING, autoescape=True)
    for row in connection.execute(rows.where(posting_table.c.month == month, rounded)):
        key = cut_off(row.account, row.group_id)
        claim = borne.get(key) or Claim(month, *key, "claimed", 0)
        borne[key] = replace(claim, claim_krw=claim.claim_krw + row.amount_krw)
    return tuple(claim for _, claim in sorted(borne.items()) if claim.claim_krw)


def _claim_key(claim_restatement: ClaimRestatement) -> tuple[str, ...]:
    return (
        claim_restatement.month,
        claim_restatement.programme,
        claim_restatement.funding,
        claim_restatement.company_id,
        claim_restatement.settled,
    )


def recorded(connection: Connection, month: str) -> tuple[RecordedAdjustment, ...]:
    """What the ledger holds of every adjustment that reached a month, in order."""
    done = [
        adjustment
        for adjustment in adjustments(connection)
        if adjustment.first_month <= month <= adjustment.last_month
    ]
    return tuple(_recorded(connection, adjustment) for adjustment in done)


def _recorded(connection: Connection, done: Adjustment) -> RecordedAdjustment:
    bundles = bundles_of(connection, done.sequence)
    stored = ledger.amended_documents(connection, bundles, done.sequence)
    postings = [ledger.postings_of(connection, month, done.sequence) for month in bundles]
    return RecordedAdjustment(
        adjustment=done,
        bundles=tuple(bundles.items()),
        documents=tuple(stored),
        claims=restated_claims(connection, done.sequence),
        postings=tuple(posting for of in postings for posting in of),
    )
