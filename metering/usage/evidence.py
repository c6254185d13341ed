"""Owns what stands behind a day of usage: its hours by allocation, its readings, their files."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from metering.lake.lake import Lake
from metering.usage.outdated_days import LABELS

RUN = ("allocation_id", "submitted_ms", "started_ms")  # one run of an allocation
TABLES = ("usage_hour", "allocation", LABELS, "reading")


@dataclass(frozen=True, slots=True)
class HeldAllocation:
    """A run of an allocation on a day: what it held and what was seen of it. The names are empty
    where the allocation's own row is no more in force. quantity_milli: devices held at once."""

    cluster: str
    day: date
    account: str
    allocation_id: str
    submitted_ms: int
    started_ms: int
    ended_ms: int | None
    user: str
    node: str
    state: str
    quantity_milli: int | None
    held_us: int
    busy_ns: int
    observed_ms: int


@dataclass(frozen=True, slots=True)
class DayReading:
    """A reading of a day: so much from one instant to another, in the meter's own unit."""

    cluster: str
    day: date
    account: str
    resource_id: str
    started_ms: int
    ended_ms: int
    quantity: int
    unit: str

    @property
    def counted(self) -> int:
        """What it adds to a day's usage (sql/usage_day)."""
        span_ms = self.ended_ms - self.started_ms
        return self.quantity * (span_ms // 1000 if self.unit == "mib" else span_ms)


@dataclass(frozen=True, slots=True)
class DayEvidence:
    """What is in force behind one section's day for some accounts. `made_of` are the digests of
    the rows it was counted from, `paths` the Parquet files by table."""

    held: tuple[HeldAllocation, ...]
    readings: tuple[DayReading, ...]
    made_of: dict[str, str]
    paths: dict[str, list[str]]

    @property
    def counted(self) -> int:
        """What it comes to, in the unit of usage."""
        return sum(part.held_us for part in self.held) + sum(part.counted for part in self.readings)


def day_evidence(
    lake: Lake, cluster: str, day: date, source: str, accounts: Collection[str], sku: str
) -> DayEvidence:
    """What accounts of a source used of a SKU on a day, as it is in force."""
    place = {"cluster": cluster, "date_from": day, "date_to": day}
    chosen = {table: lake.select(table, **place) for table in TABLES}  # type: ignore[arg-type]
    rows = {table: selection.read() for table, selection in chosen.items() if table != "allocation"}
    hours = _of(rows["usage_hour"], source, accounts, sku)
    readings = _of(rows["reading"], source, accounts, sku)
    named: dict[tuple[object, ...], dict[str, object]] = {}
    paths: dict[str, list[str]] = {}
    if hours.num_rows:
        table = "allocation" if chosen["allocation"].manifests else LABELS
        paths = {"usage_hour": chosen["usage_hour"].paths(), table: chosen[table].paths()}
        wanted = pa.array(accounts, pa.string())
        allocations = chosen[table].read()
        mine = allocations.filter(pc.is_in(allocations.column("account"), wanted))
        named = {tuple(row[name] for name in RUN): row for row in mine.to_pylist()}
    if readings.num_rows:
        paths["reading"] = chosen["reading"].paths()
    made_of: dict[str, str] = {}
    for manifest in chosen["usage_hour"].manifests:
        made_of |= manifest.inputs
    return DayEvidence(
        held=tuple(_held(row, named, cluster, day) for row in _runs(hours)),
        readings=tuple(_read(row, cluster, day) for row in readings.to_pylist()),
        made_of=made_of | chosen["reading"].digests(),
        paths=paths,
    )


def _of(rows: pa.Table, source: str, accounts: Collection[str], sku: str) -> pa.Table:
    """The rows of the accounts and the SKU."""
    wanted = pc.is_in(rows.column("account"), pa.array(accounts, pa.string()))
    wanted = pc.and_(wanted, pc.equal(rows.column("source"), source))
    return rows.filter(pc.and_(wanted, pc.equal(rows.column("sku"), sku)))


def _runs(hours: pa.Table) -> list[dict[str, object]]:
    """The hours added up by run, in order."""
    keys = ("account", *RUN)
    sums = [(name, "sum") for name in ("held_us", "busy_ns", "observed_ms")]
    grouped = hours.group_by(list(keys)).aggregate(sums)
    rows: list[dict[str, object]] = grouped.to_pylist()
    return sorted(rows, key=lambda row: [str(row[name]) for name in keys])


def _held(
    row: dict[str, object],
    named: dict[tuple[object, ...], dict[str, object]],
    cluster: str,
    day: date,
) -> HeldAllocation:
    known = named.get(tuple(row[name] for name in RUN), {})
    return HeldAllocation(
        cluster=cluster,
        day=day,
        account=str(row["account"]),
        allocation_id=str(row["allocation_id"]),
        submitted_ms=_whole(row["submitted_ms"]),
        started_ms=_whole(row["started_ms"]),
        ended_ms=None if not known else _whole(known["ended_ms"]),
        user=str(known.get("user", "")),
        node=str(known.get("node", "")),
        state=str(known.get("state", "")),
        quantity_milli=None if not known else _whole(known["quantity_milli"]),
        held_us=_whole(row["held_us_sum"]),
        busy_ns=_whole(row["busy_ns_sum"]),
        observed_ms=_whole(row["observed_ms_sum"]),
    )


def _read(row: dict[str, object], cluster: str, day: date) -> DayReading:
    return DayReading(
        cluster=cluster,
        day=day,
        account=str(row["account"]),
        resource_id=str(row["resource_id"]),
        started_ms=_whole(row["started_ms"]),
        ended_ms=_whole(row["ended_ms"]),
        quantity=_whole(row["quantity"]),
        unit=str(row["unit"]),
    )


def _whole(value: object) -> int:
    assert isinstance(value, int), "the contract has whole numbers here"
    return value
