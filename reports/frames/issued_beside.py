"""Puts what issued months stand with beside what is metered now, and tells where the two differ."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from billing.close.issued_usage import IssuedUsage
from metering.calendar import month_of
from metering.usage.metered_lines import MeteredLines, SectionDay
from reports.frames.usage_levels import AMOUNT, DIFFERENCES, QUANTITY
from reports.frames.usage_sums import UsageWords, summed

NOTHING = Decimal(0)


def all_lines(metered: MeteredLines, issued: IssuedUsage) -> pa.Table:
    """Metered lines, and a line for each row of usage that months were issued with; either counts
    in its own column, `quantity` or `issued`. `metered` says which of the two a line is."""
    lines = metered.rows
    now = _with(
        lines,
        issued=pa.repeat(pa.scalar(NOTHING, QUANTITY), lines.num_rows),
        metered=pa.repeat(True, lines.num_rows),
        outdated=_outdated(lines, metered.outdated),
    )
    rows = issued.rows
    count = rows.num_rows
    then = {
        "issued": rows.column("quantity"),
        "quantity": pa.repeat(pa.scalar(NOTHING, QUANTITY), count),
        "metered": pa.repeat(False, count),
        "owner": pa.repeat("project", count),
    }
    own = ("cluster", "day", "source", "sku", "unit", "company_id", "project_id")
    then |= {name: rows.column(name) for name in own}
    columns = [then.get(field.name, _nothing(field.type, count)) for field in now.schema]
    return pa.concat_tables([now, pa.Table.from_arrays(columns, schema=now.schema)])


def issued_where_known(rows: pa.Table, days: Sequence[date], months: Collection[str]) -> pa.Table:
    """The rows of a level whose issued amounts are null where nothing was issued: of usage of no
    project, and unless all days that a row is of lie in issued months."""
    if "issued_quantity" not in rows.column_names:
        return rows
    owned = pa.repeat(True, rows.num_rows)
    if "owner" in rows.column_names:
        owned = pc.equal(rows.column("owner"), "project")
    if "day" in rows.column_names:
        wanted = [day for day in days if month_of(day) in months]
        owned = pc.and_(owned, pc.is_in(rows.column("day"), pa.array(wanted, pa.date32())))
    elif not all(month_of(day) in months for day in days):
        owned = pa.repeat(False, rows.num_rows)
    for name, kind in (("issued_quantity", QUANTITY), ("issued_amount", AMOUNT)):
        at = rows.schema.get_field_index(name)
        known = pc.if_else(owned, rows.column(name), pa.scalar(None, kind))
        rows = rows.set_column(at, rows.schema.field(at), known)
    return rows


def differences(lines: pa.Table, months: Collection[str], words: UsageWords) -> pa.Table:
    """The rows of usage, of issued months, of which more or less is metered now than was issued."""
    days = [day for day in lines.column("day").unique().to_pylist() if month_of(day) in months]
    owned = pc.and_(
        pc.equal(lines.column("owner"), "project"),
        pc.is_in(lines.column("day"), pa.array(days, pa.date32())),
    )
    rows = summed(lines.filter(owned), DIFFERENCES, words)
    return rows.filter(pc.not_equal(rows.column("quantity"), rows.column("issued_quantity")))


def _outdated(lines: pa.Table, places: Sequence[SectionDay]) -> pa.Array:
    """Whether a line's section and day want metering."""
    names = [f"{section} {day}" for section, day in places]
    here = pc.binary_join_element_wise(
        lines.column("cluster"), lines.column("day").cast(pa.string()), " "
    )
    return pc.is_in(here, pa.array(names, pa.string()))


def _with(rows: pa.Table, **columns: pa.Array) -> pa.Table:
    for name, column in columns.items():
        rows = rows.append_column(name, column)
    return rows


def _nothing(kind: pa.DataType, count: int) -> pa.Array:
    """Cells that say nothing: '', 0 or false."""
    if pa.types.is_string(kind):
        return pa.repeat("", count)
    return pa.repeat(pa.scalar(False) if pa.types.is_boolean(kind) else pa.scalar(0, kind), count)
