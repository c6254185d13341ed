"""Every table of a site as a DataFrame, for notebooks: the lake, the database, the registry."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from metering.calendar import days_of_month
from metering.errors import JeongsanError
from metering.site.open_site import OpenSite
from reports.frames.arrow_frame import as_frame
from reports.frames.database_frames import database_rows, database_tables
from reports.frames.lake_frames import lake_rows, lake_tables
from reports.frames.registry_frames import registry_rows, registry_tables


def tables(opened: OpenSite) -> dict[str, str]:
    """The names that `frame` takes, and what each table is: the lake's (of which it holds any),
    the database's and the registry's."""
    return {**lake_tables(opened), **database_tables(), **registry_tables()}


def frame(
    opened: OpenSite,
    table: str,
    *,
    month: str = "",
    days: Sequence[date] = (),
    cluster: str = "",
) -> pd.DataFrame:
    """A table whole, or of a month (2025-10), of the days from the first to the last of `days`, of
    a cluster. Columns are Arrow-backed and as exact as they are stored: whole units as
    docs/reference/tables.md has them, won as int64, instants in ms. JeongsanError for a table that
    the site does not have, and for a month or a cluster that the table does not know."""
    if month and days:
        raise JeongsanError("give a month or days, not both")
    wanted = days_of_month(month) if month else sorted(days)
    lake, database, registry = lake_tables(opened), database_tables(), registry_tables()
    if table in lake:
        return as_frame(lake_rows(opened, table, wanted, cluster))
    if table not in {*database, *registry}:
        known = ", ".join([*lake, *database, *registry])
        raise JeongsanError(f"the site has no table {table!r}; it has: {known}")
    if cluster:
        raise JeongsanError(f"{table} is not kept by cluster: leave it out")
    if table in database:
        return as_frame(database_rows(opened, table, wanted))
    if wanted:
        raise JeongsanError(f"{table} is not kept by day or month: leave them out")
    return as_frame(registry_rows(opened, table))
