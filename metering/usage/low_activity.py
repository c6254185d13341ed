"""Owns which runs of allocations held devices that were seen to do little (METERING 13)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from metering.lake.lake import Lake
from metering.lake.manifest import Manifest

RUN = ("source", "account", "allocation_id", "submitted_ms", "started_ms", "sku")
COUNTED = ("held_us", "busy_ns", "observed_ms")
WIDE = pa.decimal128(38, 0)
HELD_LEAST_US = 3_600_000_000  # assumed: what held less than an hour of a device is left out


@dataclass(frozen=True, slots=True)
class RunDay:
    """What a run held on a day, and what an exporter saw of it."""

    cluster: str
    day: date
    source: str
    account: str
    allocation_id: str
    submitted_ms: int
    started_ms: int
    sku: str
    held_us: int
    busy_ns: int
    observed_ms: int

    @property
    def run(self) -> tuple[str, str, int, int, str]:
        """What the days of one run on one model have in common."""
        return self.cluster, self.allocation_id, self.submitted_ms, self.started_ms, self.sku

    @property
    def idle_us(self) -> int:
        """Held device time that was seen not to be busy. What nobody saw is not idle."""
        seen_us = min(self.observed_ms * 1000, self.held_us)
        return max(seen_us - self.busy_ns // 1000, 0)


def idle_runs(lake: Lake, hours: Iterable[Manifest], below: Decimal) -> tuple[RunDay, ...]:
    """The days of every run that was busy for less than a share of the time that it was seen, over
    all the days of `usage_hour` that are given."""
    days: dict[str, list[pa.Table]] = defaultdict(list)
    for hour in hours:
        days[hour.partition["cluster"]].append(_sums(lake.rows(hour), hour.partition["date"]))
    return tuple(
        run
        for cluster, of_cluster in sorted(days.items())
        for run in _idle(cluster, pa.concat_tables(of_cluster), below)
    )


def _sums(hours: pa.Table, day: str) -> pa.Table:
    """A day's hours by run; wide, so that no sum can pass the integers."""
    for name in COUNTED:
        at = hours.schema.get_field_index(name)
        hours = hours.set_column(at, name, hours.column(name).cast(WIDE))
    grouped = hours.group_by(list(RUN)).aggregate([(name, "sum") for name in COUNTED])
    names = [name.removesuffix("_sum") for name in grouped.column_names]
    dated = pa.array([day] * grouped.num_rows, pa.string())
    return grouped.rename_columns(names).append_column("date", dated)


def _idle(cluster: str, days: pa.Table, below: Decimal) -> list[RunDay]:
    total = days.group_by(list(RUN)).aggregate([(name, "sum") for name in COUNTED])
    wanted = {
        tuple(row[name] for name in RUN)
        for row in total.to_pylist()
        if row["held_us_sum"] >= HELD_LEAST_US
        and row["observed_ms_sum"] > 0
        and row["busy_ns_sum"] < below * row["observed_ms_sum"] * 1_000_000
    }
    ids = pa.array({key[2] for key in wanted}, pa.string())
    rows = days.filter(pc.is_in(days.column("allocation_id"), ids)).to_pylist()
    return [_day(cluster, row) for row in rows if tuple(row[name] for name in RUN) in wanted]


def _day(cluster: str, row: Mapping[str, Any]) -> RunDay:
    return RunDay(
        cluster=cluster,
        day=date.fromisoformat(row["date"]),
        source=row["source"],
        account=row["account"],
        allocation_id=row["allocation_id"],
        submitted_ms=row["submitted_ms"],
        started_ms=row["started_ms"],
        sku=row["sku"],
        held_us=int(row["held_us"]),
        busy_ns=int(row["busy_ns"]),
        observed_ms=int(row["observed_ms"]),
    )
