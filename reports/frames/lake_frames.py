"""The tables of the lake, each row with what its partition says of it."""

from collections.abc import Sequence
from datetime import date

import pyarrow as pa
import sqlalchemy as sa

from metering.calendar import month_of
from metering.database.tables import manifest_head
from metering.errors import JeongsanError
from metering.lake.contract import contract
from metering.lake.lake import Selection
from metering.lake.manifest import Manifest
from metering.site.open_site import OpenSite

KINDS = {"date": pa.date32(), "shard": pa.int32()}  # all other keys of partitions are text


def lake_tables(opened: OpenSite) -> dict[str, str]:
    """The tables of which the lake holds anything, and what each is."""
    query = sa.select(manifest_head.c.table_name).distinct()
    with opened.database.read() as connection:
        names = connection.execute(query.where(manifest_head.c.digest.is_not(None))).scalars()
        return {name: contract(name).description for name in sorted(names)}


def lake_rows(
    opened: OpenSite, table: str, days: Sequence[date] = (), cluster: str = ""
) -> pa.Table:
    """A table's rows as its contract has them, of all days or of those given, of all sections or
    of one; the keys of their partitions are columns before. JeongsanError where the table has no
    days or no sections to choose by."""
    chosen = _selected(opened, table, days, cluster)
    return pa.concat_tables(
        [_keyed(table, None, contract(table).schema.empty_table())]
        + [_keyed(table, manifest, opened.lake.rows(manifest)) for manifest in chosen.manifests]
    )


def _selected(opened: OpenSite, table: str, days: Sequence[date], cluster: str) -> Selection:
    keys = contract(table).partition
    wanted = {"cluster": opened.site.section(cluster).name} if cluster else {}
    if unknown := wanted.keys() - set(keys):
        raise JeongsanError(f"{table} has no {', '.join(unknown)}: leave it out")
    if not days:
        return opened.lake.select(table, **wanted)
    if "date" in keys:
        return opened.lake.select(table, date_from=days[0], date_to=days[-1], **wanted)
    if "month" in keys:
        months = sorted({month_of(day) for day in days})
        parts = [opened.lake.select(table, month=month, **wanted) for month in months]
        return Selection(opened.lake, table, tuple(m for part in parts for m in part.manifests))
    raise JeongsanError(f"{table} is not kept by day or month: leave them out")


def _keyed(table: str, manifest: Manifest | None, rows: pa.Table) -> pa.Table:
    """The rows with the keys of their partition that they do not have themselves."""
    names = rows.column_names
    keys = [
        key for key in contract(table).partition
        if key not in names and not (key == "date" and "day" in names)
    ]  # fmt: skip
    for at, key in enumerate(keys):
        kind = KINDS.get(key, pa.string())
        text = pa.scalar("" if manifest is None else manifest.partition[key])
        cells = pa.repeat(text, rows.num_rows).cast(kind) if rows.num_rows else pa.array([], kind)
        rows = rows.add_column(at, pa.field(key, kind), cells)
    return rows
