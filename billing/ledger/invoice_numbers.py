"""Owns the numbers of invoices: each series without a gap, given once (SETTLEMENT 20)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection, insert, select, update

from billing.ledger.tables import invoice as invoice_table
from billing.ledger.tables import invoice_number_series as series_table
from billing.records import Invoice

LETTER = {"tax": "T", "statement": "S"}


def number_invoices(
    connection: Connection, issuer: str, invoices: Sequence[Invoice], on: date
) -> tuple[Invoice, ...]:
    """The invoices with the next numbers of their series, in order of (company, tax class)."""
    ordered = sorted(invoices, key=lambda invoice: (invoice.company_id, invoice.tax_class))
    last = {series: _last_number(connection, issuer, on.year, series) for series in LETTER}
    given = dict(last)
    numbered = []
    for invoice in ordered:
        given[invoice.kind] += 1
        number = f"{LETTER[invoice.kind]}{on.year:04d}-{given[invoice.kind]:06d}"
        numbered.append(replace(invoice, number=number, issued_on=on))
    for series, number_last in given.items():
        if number_last == last[series]:
            continue
        values = {"issuer": issuer, "year": on.year, "series": series}
        if last[series] == 0:
            connection.execute(insert(series_table).values(**values, last=number_last))
        else:
            row = [series_table.c[name] == value for name, value in values.items()]
            connection.execute(update(series_table).where(*row).values(last=number_last))
    return tuple(numbered)


def _last_number(connection: Connection, issuer: str, year: int, series: str) -> int:
    query = select(series_table.c.last).where(
        series_table.c.issuer == issuer,
        series_table.c.year == year,
        series_table.c.series == series,
    )
    return connection.execute(query.with_for_update()).scalar() or 0


def numbers_given(connection: Connection) -> dict[tuple[str, int, str], tuple[int, list[str]]]:
    """(issuer, year, series) -> its last number and every number of it, sorted."""
    numbers: dict[tuple[str, int, str], list[str]] = {}
    query = select(
        invoice_table.c.issuer,
        invoice_table.c.issued_on,
        invoice_table.c.kind,
        invoice_table.c.number,
    )
    for issuer, issued_on, kind, number in connection.execute(query):
        numbers.setdefault((issuer, issued_on.year, kind), []).append(number)
    return {
        (row.issuer, row.year, row.series): (
            row.last,
            sorted(numbers.get((row.issuer, row.year, row.series), [])),
        )
        for row in connection.execute(select(series_table))
    }
