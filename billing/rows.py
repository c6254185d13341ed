"""Records of billing as the rows of their lake tables, and back."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from decimal import Decimal
from typing import TypeVar, cast

import pyarrow as pa

from billing.records import Charge, Subsidy, Usage
from metering.contract import contract
from metering.digest import row_digest

Row = TypeVar("Row", Usage, Charge, Subsidy)
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
    columns = [_read(kind, field.name, table.column(field.name)) for field in fields(kind)]
    return tuple(kind(*values) for values in zip(*columns, strict=True))


def digest_of_rows(kind: type[Row], rows: Iterable[Row]) -> str:
    """The canonical row digest of the table that the rows make."""
    return row_digest(to_table(kind, rows))


def _text(value: object) -> str:
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _read(kind: type, name: str, column: pa.ChunkedArray) -> list[object]:
    values = column.to_pylist()
    read: Callable[[object], object] | None = None
    if pa.types.is_decimal(column.type):
        read = cast("Callable[[object], object]", int)
    elif name == "price_krw":
        read = cast("Callable[[object], object]", Decimal)
    return values if read is None else [read(value) for value in values]
