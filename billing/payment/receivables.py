"""What is owed: by companies, document by document, and to them, by payments and corrections."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from billing.document import from_document, parse, sha256_hex
from billing.ledger.tables import invoice as invoice_table
from billing.payment.cash_application import MoneyUse, OpenDocument
from billing.payment.owed_documents import Owed, PayableDocument, owed, signed_krw
from billing.payment.payment_ledger import uses_of
from billing.records import Invoice
from metering.calendar import read_date
from metering.errors import JeongsanError


def documents_of(connection: Connection, months: Iterable[str]) -> list[Invoice]:
    """Every invoice and amended one of some months, by number."""
    return [
        from_document(Invoice, document.get("invoice", document), number)
        for _, number, document in _bodies(connection, invoice_table.c.month.in_(sorted(months)))
    ]


def asked(connection: Connection, until: date | None = None) -> list[PayableDocument]:
    """What every document that was issued by a day asks, by number. Of the many documents of the
    years no more is read than this."""
    of_all = sa.true() if until is None else invoice_table.c.issued_on <= until
    payable_documents = []
    for issuer, number, document in _bodies(connection, of_all):
        body = document.get("invoice", document)
        issued_on = read_date(body["issued_on"])
        due_on = read_date(body["due_on"]) if body["due_on"] else issued_on
        chain = (issuer, body["company_id"], body["tax_class"], body["month"])
        payable_documents.append(
            PayableDocument(
                issuer, number, body["company_id"], body["company"]["name"], issued_on, due_on,
                body["payable_krw"], chain, document.get("amends"),
                document.get("step") == "negative",
            )
        )  # fmt: skip
    return payable_documents


def _bodies(
    connection: Connection, which: sa.ColumnElement[bool]
) -> Iterator[tuple[str, str, Any]]:
    """Issuer, number and parsed document (an invoice, or an amendment that holds one), by number;
    JeongsanError for a changed document."""
    columns = invoice_table.c
    query = sa.select(columns.issuer, columns.number, columns.document, columns.digest)
    for issuer, number, text, digest in connection.execute(
        query.where(which).order_by(columns.number, columns.issuer)
    ):
        if sha256_hex(text.encode()) != digest:
            raise JeongsanError(f"invoice {number}: its document is not the one that was issued")
        yield issuer, number, parse(text, number)


def standing(connection: Connection, until: date | None = None) -> Owed:
    """What is owed by a day, document by document."""
    return owed(asked(connection, until), uses_of(connection, until))


def dues(connection: Connection, until: date | None = None) -> list[OpenDocument]:
    """Every document that asks for money, by number, with what of it is open by a day."""
    return list(standing(connection, until).documents)


def credits_of(connection: Connection, until: date | None = None) -> dict[str, int]:
    """What is owed to each company out of payments and its corrections, by company."""
    uses = uses_of(connection, until)
    return credits_out_of(owed(asked(connection, until), uses), uses)


def credits_out_of(of_documents: Owed, uses: Iterable[MoneyUse]) -> dict[str, int]:
    """What is owed to each company: what it paid beyond what is asked, less what it had back."""
    sums: dict[str, int] = defaultdict(int)
    for use in uses:
        if use.kind == "credit":
            sums[use.company_id] += signed_krw(use)
        elif use.kind in ("refund", "set_against") and use.how != "rule":
            sums[use.company_id] -= signed_krw(use)
    for document in of_documents.documents:
        sums[document.company_id] += of_documents.overpaid_krw.get(document.number, 0)
    return {company: krw for company, krw in sorted(sums.items()) if krw}
