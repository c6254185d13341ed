"""Owns the usage that issued months stand with: the days as their bundles pin them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from billing.bundle.bundle import read_index
from billing.ledger.adjustment_ledger import standing_bundles
from metering.calendar import month_of
from metering.lake.contract import contract
from metering.lake.manifest import parse_path
from metering.site.open_site import OpenSite

TABLE = "usage_day"


@dataclass(frozen=True, slots=True)
class IssuedUsage:
    """The usage of days, of issued months alone. `rows` has `cluster`, the section that a row came
    by, and the columns of usage_day; `bundles` are those read, by month: that of the newest
    adjustment, else that of the issue."""

    rows: pa.Table
    bundles: Mapping[str, str]


def issued_usage(opened: OpenSite, days: Sequence[date]) -> IssuedUsage:
    """What the issued months among those of `days` were rated from; JeongsanError where a bundle
    is damaged. Nothing that somebody excluded is left out: it was metered."""
    wanted = {day.isoformat() for day in days}
    months = {month_of(day) for day in days}
    with opened.database.read() as connection:
        standing = standing_bundles(connection)
    bundles = {month: standing[month] for month in sorted(months & standing.keys())}
    tables = [_schema().empty_table()]
    for digest in bundles.values():
        for partition, manifest in sorted(read_index(opened.lake, digest)["usage"].items()):
            place = parse_path(partition)
            if place["date"] in wanted:
                rows = opened.lake.rows(opened.lake.manifest_named(TABLE, partition, manifest))
                section = pa.repeat(place["cluster"], rows.num_rows)
                tables.append(rows.add_column(0, _schema().field("cluster"), section))
    return IssuedUsage(pa.concat_tables(tables), bundles)


def _schema() -> pa.Schema:
    return contract(TABLE).schema.insert(0, pa.field("cluster", pa.string()))
