"""What is owed: by companies, document by document, and to them, by payments and corrections."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from billing.document import from_document, parse, sha256_hex
from billing.ledger.tables import invoice as invoice_table
from billing.payment.cash_application import OpenDocument
from billing.payment.payment_ledger import signed_krw, uses_of
from billing.records import Invoice
from metering.calendar import read_date
from metering.errors import JeongsanError


@dataclass(frozen=True, slots=True)
class PayableDocument:
    """What a document asks of a company, or gives back where it is negative."""

    issuer: str
    number: str
    company_id: str
    company: str
    issued_on: date
    due_on: date
    payable_krw: int


def documents_of(connection: Connection, months: Iterable[str]) -> list[Invoice]:
    """Every invoice and amended one of some months, by number."""
    return [
        from_document(Invoice, body, number)
        for _, number, body in _bodies(connection, invoice_table.c.month.in_(sorted(months)))
    ]


def asked(connection: Connection, until: date | None = None) -> list[PayableDocument]:
    """What every document that was issued by a day asks, by number. Of the many documents of the
    years no more is read than this."""
    of_all = sa.true() if until is None else invoice_table.c.issued_on <= until
    payable_documents = []
    for issuer, number, body in _bodies(connection, of_all):
        issued_on = read_date(body["issued_on"])
        due_on = read_date(body["due_on"]) if body["due_on"] else issued_on
        company, krw = body["company"]["name"], body["payable_krw"]
        payable_documents.append(
            PayableDocument(issuer, number, body["company_id"], company, issued_on, due_on, krw)
        )
    return payable_documents


def _bodies(
    connection: Connection, which: sa.ColumnElement[bool]
) -> Iterator[tuple[str, str, Any]]:
    """Issuer, number and parsed invoice, by number; JeongsanError for a changed document."""
    columns = invoice_table.c
    query = sa.select(columns.issuer, columns.number, columns.document, columns.digest)
    for issuer, number, text, digest in connection.execute(
        query.where(which).order_by(columns.number, columns.issuer)
    ):
        if sha256_hex(text.encode()) != digest:
            raise JeongsanError(f"invoice {number}: its document is not the one that was issued")
        document = parse(text, number)  # an amendment holds the invoice that it is
        yield issuer, number, document.get("invoice", document)


def dues(connection: Connection, until: date | None = None) -> list[OpenDocument]:
    """Every document that asks for money, by number, with what of it is open by a day."""
    used: dict[str | None, int] = defaultdict(int)
    for use in uses_of(connection, until):
        used[use.number] += signed_krw(use)
    return [
        OpenDocument(
            document.issuer, document.number, document.company_id, document.company,
            document.issued_on, document.due_on, document.payable_krw,
            document.payable_krw - used[document.number],
        )
        for document in asked(connection, until)
        if document.payable_krw > 0
    ]  # fmt: skip


def credits_of(connection: Connection, until: date | None = None) -> dict[str, int]:
    """What is owed to each company out of payments and its corrections, by company."""
    owed: dict[str, int] = defaultdict(int)
    for use in uses_of(connection, until):
        if use.kind == "credit":
            owed[use.company_id] += signed_krw(use)
        elif use.kind in ("refund", "set_against"):
            owed[use.company_id] -= signed_krw(use)
    for document in asked(connection, until):
        if document.payable_krw < 0:
            owed[document.company_id] -= document.payable_krw
    return {company: krw for company, krw in sorted(owed.items()) if krw}
