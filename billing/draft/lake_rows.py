"""Records of billing as the rows of their lake tables, and back."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields
from decimal import Decimal

import pyarrow as pa

from billing.record_columns import Row, from_columns
from billing.records import Charge, Subsidy, Usage
from metering.lake.contract import contract
from metering.lake.digest import row_digest

TABLE_OF: Mapping[type, str] = {Usage: "usage_day", Charge: "charge", Subsidy: "subsidy"}


def to_table(kind: type[Row], rows: Iterable[Row]) -> pa.Table:
    """The rows as the contract of their table wants them: exact columns, sorted by grain."""
    kept = contract(TABLE_OF[kind])
    listed = list(rows)
    columns = []
    for name, column_type in zip(kept.schema.names, kept.schema.types, strict=True):
        values = [getattr(row, name) for row in listed]
        if pa.types.is_decimal(column_type):
            values = [Decimal(value) for value in values]
        elif pa.types.is_string(column_type):
            values = [_text(value) for value in values]
        columns.append(pa.array(values, type=column_type))
    return kept.conform(pa.Table.from_arrays(columns, schema=kept.schema))


def from_table(kind: type[Row], table: pa.Table) -> tuple[Row, ...]:
    """The records of a table's rows, in its order."""
    columns = [_read(field.name, table.column(field.name)) for field in fields(kind)]
    return tuple(from_columns(kind, columns))


def digest_of_rows(kind: type[Row], rows: Iterable[Row]) -> str:
    """The canonical row digest of the table that the rows make."""
    return row_digest(to_table(kind, rows))


def _text(value: object) -> str:
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _read(name: str, column: pa.ChunkedArray) -> list[object]:
    if pa.types.is_string(column.type) or pa.types.is_date(column.type):
        return _read_few(name, column)
    if pa.types.is_decimal(column.type):
        try:
            column = column.cast(pa.int64())
        except pa.ArrowInvalid:  # more than 63 bits
            return [int(value) for value in column.to_pylist()]
    values: list[object] = column.to_pylist()
    return values


def _read_few(name: str, column: pa.ChunkedArray) -> list[object]:
    """The values of a column that repeats itself, equal ones as one object: it is made once, and
    whoever looks it up later finds it faster."""
    coded = column.combine_chunks().dictionary_encode()
    values = coded.dictionary.to_pylist()
    if name == "price_krw":
        values = [Decimal(value) for value in values]
    elif pa.types.is_string(column.type):
        values = [sys.intern(value) for value in values]
    return [values[code] for code in coded.indices.to_pylist()]
