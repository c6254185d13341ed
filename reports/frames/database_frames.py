"""The tables of the database that a person would ask: findings and decisions, documents, money."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import pyarrow as pa
import sqlalchemy as sa

from billing.ledger import ledger
from billing.ledger import tables as money
from billing.ledger.adjustment_ledger import amendments_of
from billing.ledger.amendments import Amendment, original
from metering.calendar import month_of
from metering.database import tables as metering
from metering.errors import JeongsanError
from metering.site.open_site import OpenSite

KINDS: Final = ((sa.Boolean, pa.bool_()), (sa.Integer, pa.int64()), (sa.Date, pa.date32()))
STORED: Final[Mapping[str, tuple[sa.Table, str]]] = {
    "watermark": (metering.watermark, "Up to when each source is complete."),
    "finding": (metering.finding, "What is wrong or missing, by stage, section and day."),
    "acknowledgement": (metering.acknowledgement, "What people decided about findings."),
    "waived_day": (metering.waived_day, "Days that people let pass."),
    "audit_trail": (metering.audit_trail, "What people decided, oldest first, and why."),
    "restatement": (metering.restatement, "Days of issued months whose usage has changed."),
    "month_state": (money.month_state, "How far each month's close is."),
    "claim": (money.claim, "What funding sources owe, as months were issued."),
    "claim_restatement": (money.claim_restatement, "What adjustments changed of claims."),
    "posting": (money.posting, "Postings of months and adjustments: debit positive."),
    "adjustment": (money.adjustment, "Corrections of issued months."),
    "payment": (money.payment, "What the bank's lists brought."),
    "bank_line": (money.bank_line, "Lines of the bank that were not taken in."),
    "bank_line_decision": (money.bank_line_decision, "What people decided of such lines."),
    "payment_use": (money.payment_use, "What payments were used for."),
    "payment_posting": (money.payment_posting, "Postings of the bank's days: debit positive."),
    "grant_entry": (money.grant_entry, "Money of budget years, received and given back."),
}
DOCUMENT: Final = pa.schema(
    [
        ("number", pa.string()),
        ("month", pa.string()),
        ("company_id", pa.string()),
        ("company", pa.string()),  # as printed
        ("tax_class", pa.string()),
        ("kind", pa.string()),
        ("issued_on", pa.date32()),
        ("written_on", pa.date32()),
        ("due_on", pa.date32()),
        ("adjustment", pa.int64()),  # that made it; 0 of a close
        ("amends", pa.string()),
        ("reason", pa.int64()),  # 수정사유
        ("charge_krw", pa.int64()),
        ("subsidy_krw", pa.int64()),
        ("company_krw", pa.int64()),
        ("taxable_krw", pa.int64()),
        ("vat_krw", pa.int64()),
        ("payable_krw", pa.int64()),
    ]
)
LINE: Final = pa.schema(
    [
        ("number", pa.string()),
        ("month", pa.string()),
        ("company_id", pa.string()),
        ("line", pa.int64()),
        ("project_id", pa.string()),
        ("project", pa.string()),  # as printed
        ("sku", pa.string()),
        ("quantity", pa.decimal128(38, 0)),
        ("unit", pa.string()),
        ("price_unit", pa.string()),
        ("charge_krw", pa.int64()),
        ("company_krw", pa.int64()),
        ("taxable_krw", pa.int64()),
    ]
)
Cells = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Documents:
    """A table that is read out of documents as they were issued, each held to its digest."""

    schema: pa.Schema
    description: str
    rows: Callable[[Amendment], list[Cells]]


def _document(amendment: Amendment) -> list[Cells]:
    invoice = amendment.invoice
    own: Cells = {
        "company": invoice.company.name,
        "adjustment": amendment.adjustment,
        "amends": amendment.amends,
        "reason": amendment.reason,
    }
    return [{name: own[name] if name in own else getattr(invoice, name) for name in DOCUMENT.names}]


def _lines(amendment: Amendment) -> list[Cells]:
    invoice = amendment.invoice
    return [
        {
            "number": invoice.number,
            "month": invoice.month,
            "company_id": invoice.company_id,
            "line": at,
            "project_id": line.project_id,
            "project": line.project_name,
            "sku": line.sku,
            "quantity": line.quantity,
            "unit": line.unit,
            "price_unit": line.price_unit,
            "charge_krw": line.charge_krw,
            "company_krw": line.company_krw,
            "taxable_krw": line.taxable_krw,
        }
        for at, line in enumerate(invoice.lines, start=1)
    ]


ISSUED: Final[Mapping[str, _Documents]] = {
    "invoice": _Documents(DOCUMENT, "Issued documents, amendments beside them.", _document),
    "invoice_line": _Documents(LINE, "Lines of issued documents, from 1 on.", _lines),
}


def database_tables() -> dict[str, str]:
    """The names of the tables, and what each is."""
    issued = {name: documents.description for name, documents in ISSUED.items()}
    return {**{name: text for name, (_, text) in STORED.items()}, **issued}


def database_rows(opened: OpenSite, name: str, days: Sequence[date] = ()) -> pa.Table:
    """A table's rows, all of them or those of the days or their months; JeongsanError where the
    table has neither to choose by."""
    if name in ISSUED:
        return _issued_rows(opened, ISSUED[name], {month_of(day) for day in days})
    table = STORED[name][0]
    query = sa.select(table).order_by(*table.primary_key.columns)
    if days and "month" in table.c:
        query = query.where(table.c.month.in_(sorted({month_of(day) for day in days})))
    elif days and "day" in table.c:
        query = query.where(table.c.day >= days[0], table.c.day <= days[-1])
    elif days:
        raise JeongsanError(f"{name} is not kept by day or month: leave them out")
    schema = pa.schema([(column.name, _kind(column)) for column in table.columns])
    with opened.database.read() as connection:
        rows = [row._asdict() for row in connection.execute(query)]
    return pa.Table.from_pylist(rows, schema=schema)


def _kind(column: "sa.Column[object]") -> pa.DataType:
    return next((kind for of, kind in KINDS if isinstance(column.type, of)), pa.string())


def _issued_rows(opened: OpenSite, documents: _Documents, months: set[str]) -> pa.Table:
    with opened.database.read() as connection:
        issued = [state.month for state in ledger.month_states(connection) if state.bundle]
        wanted = [month for month in issued if not months or month in months]
        closes = [original(i) for month in wanted for i in ledger.invoices_of(connection, month)]
        amended = amendments_of(connection, wanted)
    rows = [row for amendment in (*closes, *amended) for row in documents.rows(amendment)]
    return pa.Table.from_pylist(rows, schema=documents.schema)
