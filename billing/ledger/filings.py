"""Owns what settlements with the state have fixed of a month: the last one filed of each year."""

from sqlalchemy import Connection, select

from billing.document import parse, sha256_hex
from billing.ledger.tables import grant_filing
from billing.records import Filed, FiledPart
from metering.errors import JeongsanError


def filed_of(connection: Connection, month: str) -> tuple[Filed, ...]:
    """By programme, what was filed last of the month's budget year; nothing of a programme whose
    year was not filed. JeongsanError for a changed document."""
    table = grant_filing.c
    query = select(grant_filing).where(table.year == int(month[:4]))
    last = {}
    for row in connection.execute(query.order_by(table.programme, table.sequence)):
        last[row.programme] = row
    filed = []
    for name, row in last.items():
        place = f"settlement {name} {row.year} no. {row.sequence}"
        if sha256_hex(row.document.encode()) != row.digest:
            raise JeongsanError(f"{place}: its document is not the one that was filed")
        rows = [part for part in parse(row.document, place)["rows"] if part["month"] == month]
        parts = [FiledPart(part["company_id"], part["funding"], part["krw"]) for part in rows]
        ordered = sorted(parts, key=lambda part: (part.company_id, part.funding))
        filed.append(Filed(name, row.sequence, tuple(ordered)))
    return tuple(filed)
