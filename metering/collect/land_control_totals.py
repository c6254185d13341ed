"""Control totals: what a scheduler reports of whole spans, kept to be held against what we count.

They bill nothing. The span of a report is the scheduler's own, so it is not cut at days.
"""

import pyarrow as pa

from metering.collect.spans import by_day, integers, keys, replace_days
from metering.lake.change import Change
from metering.lake.contract import contract
from metering.lake.lake import Lake
from metering.settings.sections import Section
from metering.settings.site_toml import Site

TABLE = "control_total"
SPAN = ("resource", "started_ms", "ended_ms")


def land_control_totals(
    lake: Lake, change: Change, section: Section, site: Site, rows: pa.Table
) -> None:
    """Put reports (CONTROL_TOTAL) in the days in which they end; of one span the last is kept."""
    if not rows.num_rows:
        return
    calendar = site.calendar
    last = {key: number for number, key in enumerate(keys(rows, SPAN).to_pylist())}
    rows = rows.take(pa.array(sorted(last.values())))
    days = [calendar.day_of(end - 1) for end in integers(rows, "ended_ms").tolist()]
    schema = contract(TABLE).schema
    added = {
        "cluster": pa.array([section.name] * rows.num_rows, pa.string()),
        "date": pa.array(days, pa.date32()),
    }
    columns = [added[name] if name in added else rows.column(name) for name in schema.names]
    fresh = pa.table(columns, schema=schema)
    staying = lake.read(TABLE, cluster=section.name, date_from=min(days), date_to=max(days))
    kept = [key not in last for key in keys(staying, SPAN).to_pylist()]
    merged = pa.concat_tables([staying.filter(pa.array(kept, pa.bool_())), fresh])
    replace_days(change, TABLE, section.name, merged, set(by_day(fresh)))
