"""What is owed: by companies, document by document, and to them, by payments and corrections."""

from collections import defaultdict
from datetime import date

from sqlalchemy import Connection, select

from billing.document import from_document, parse, sha256_hex
from billing.payment import Due
from billing.payment_ledger import signed_krw, uses_of
from billing.records import Invoice
from billing.schema import invoice as invoice_table
from metering.errors import JeongsanError


def every_document(connection: Connection) -> list[tuple[str, Invoice]]:
    """Every invoice and amended one with its issuer, by number; JeongsanError for a changed one."""
    columns = invoice_table.c
    query = select(columns.issuer, columns.number, columns.document, columns.digest)
    found = []
    for issuer, number, text, digest in connection.execute(query.order_by(columns.number)):
        if sha256_hex(text.encode()) != digest:
            raise JeongsanError(f"invoice {number}: its document is not the one that was issued")
        document = parse(text, number)  # an amendment holds the invoice that it is
        found.append((issuer, from_document(Invoice, document.get("invoice", document), number)))
    return found


def dues(connection: Connection, until: date | None = None) -> list[Due]:
    """Every document that asks for money, by number, with what of it is open by a day."""
    used: dict[str | None, int] = defaultdict(int)
    for use in uses_of(connection, until):
        used[use.number] += signed_krw(use)
    return [
        Due(
            issuer, one.number, one.company_id, one.company.name, one.issued_on,
            one.due_on or one.issued_on, one.payable_krw, one.payable_krw - used[one.number],
        )
        for issuer, one in every_document(connection)
        if one.payable_krw > 0 and one.number and one.issued_on
        and (until is None or one.issued_on <= until)
    ]  # fmt: skip


def credits_of(connection: Connection, until: date | None = None) -> dict[str, int]:
    """What is owed to each company out of payments and its corrections, by company."""
    owed: dict[str, int] = defaultdict(int)
    for use in uses_of(connection, until):
        if use.kind == "credit":
            owed[use.company_id] += signed_krw(use)
        elif use.kind in ("refund", "set_against"):
            owed[use.company_id] -= signed_krw(use)
    for _, one in every_document(connection):
        if one.payable_krw < 0 and one.issued_on and (until is None or one.issued_on <= until):
            owed[one.company_id] -= one.payable_krw
    return {company: krw for company, krw in sorted(owed.items()) if krw}
