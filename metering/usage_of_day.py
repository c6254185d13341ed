"""One section's usage of one day: what it is read from, and the queries in their order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from metering.checks import run_checks
from metering.contract import contract
from metering.engine import Engine, Input
from metering.finding import Finding
from metering.lake import Lake, Selection
from metering.manifest import Manifest
from metering.meter_inputs import MeterInputs
from metering.period import Period
from metering.section import Cluster

STAGE = "meter"
RAW = ("allocation", "node_state", "reading", "interval", "device", "workload")
LABELS = "label_allocation"  # in place of allocations where no scheduler says what was held
SIGHT = ("interval", "device", "workload")


def usage_tables(section: Cluster) -> dict[str, tuple[str, ...]]:
    """The tables of a section's usage, each with what it is made from at the bottom."""
    held: tuple[str, ...] = ("allocation",)
    if _labelled(section):
        held = (*SIGHT, "installed", "source_state")
    owned = ("reading", "tenancy", "set_aside", "source_state")
    if _readings_only(section):
        return {"usage_day": owned}
    tables = {
        "device_hour": (*held, *SIGHT),
        "evidence_hour": (*SIGHT, "installed", "source_state"),
        "capacity_hour": (*held, "node_state", "installed", "source_state"),
        "usage_hour": (*held, *SIGHT, "source_state"),
        "usage_day": (*held, *SIGHT, *owned),
    }
    return {LABELS: held, **tables} if _labelled(section) else tables


def _readings_only(section: Cluster) -> bool:
    return not section.has_scheduler and not section.has_exporter


def _labelled(section: Cluster) -> bool:
    """Whether held time is taken from labels, because nobody else tells of it (METERING 13)."""
    return section.has_exporter and not section.has_scheduler


@dataclass(frozen=True, slots=True)
class Landed:
    """The landed partitions of a section over some days, as they were in force at one time."""

    lake: Lake
    by_day: Mapping[str, Mapping[str, Sequence[Manifest]]]  # table -> day -> manifests

    @classmethod
    def between(cls, lake: Lake, section: str, first: date, last: date) -> "Landed":
        """What is in force from the first to the last day."""
        by_day: dict[str, dict[str, list[Manifest]]] = {}
        for table in RAW:
            chosen = lake.select(table, date_from=first, date_to=last, cluster=section)
            days = by_day.setdefault(table, {})
            for manifest in chosen.manifests:
                days.setdefault(manifest.partition["date"], []).append(manifest)
        return cls(lake, by_day)

    def on(self, table: str, day: date, shard: int | None = None) -> Selection:
        """A table's partitions of a day, of one shard or of all."""
        manifests = self.by_day[table].get(day.isoformat(), [])
        kept = [m for m in manifests if shard is None or m.partition["shard"] == str(shard)]
        return Selection(self.lake, table, tuple(kept))

    def shards(self, day: date) -> set[int]:
        """The shards of which a device was seen on a day."""
        return {int(one.partition["shard"]) for one in self.on("device", day).manifests}


class UsageOfDay:
    """The usage of one section and day."""

    def __init__(self, engine: Engine, landed: Landed, inputs: MeterInputs, day: date) -> None:
        self._engine = engine
        self._landed = landed
        self._inputs = inputs
        self._day = day
        self._period: Period = inputs.period(day)
        self.findings: list[Finding] = []

    def digests(self) -> dict[str, dict[str, str]]:
        """For each table of usage, the digests of all that it is made from."""
        return {
            table: self._digests(reads)
            for table, reads in usage_tables(self._inputs.section).items()
        }

    def _digests(self, reads: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in reads:
            if name in RAW:
                found |= self._landed.on(name, self._day).digests()
            else:
                found[name] = self._inputs.given(name, self._day).digest
        return found

    def count(self) -> dict[str, pa.Table]:
        """The day's tables of usage; what is wrong with them is in `findings` then."""
        section = self._inputs.section
        made: dict[str, pa.Table] = {}
        if _readings_only(section):
            made["usage_hour"] = contract("usage_hour").schema.empty_table()
        else:
            made = self._hours()
        owners = {name: self._given(name) for name in ("tenancy", "set_aside")}
        owners["reading"] = self._read("reading")
        made["usage_day"] = self._run("usage_day", usage_hour=made["usage_hour"], **owners)
        self._check("usage_day", usage_hour=made["usage_hour"], **owners)
        return {table: made[table] for table in usage_tables(section)}

    def _hours(self) -> dict[str, pa.Table]:
        """The tables by hour of a section with devices."""
        made: dict[str, pa.Table] = {}
        allocation = self._allocation()
        if _labelled(self._inputs.section):
            made[LABELS] = allocation
        shards = [self._shard(shard, allocation) for shard in self._shards()]
        for number, table in enumerate(("device_hour", "evidence_hour")):
            empty = contract(table).schema.empty_table()
            made[table] = pa.concat_tables([empty, *(counted[number] for counted in shards)])
        installed = self._given("installed")
        span = self._run(
            "capacity_span",
            allocation=allocation,
            node_state=self._read("node_state"),
            installed=installed,
        )
        made["capacity_hour"] = self._run("capacity_hour", capacity_span=span)
        made["usage_hour"] = self._run(
            "usage_hour", allocation=allocation, device_hour=made["device_hour"]
        )
        self._check("device_hour", device_hour=made["device_hour"])
        self._check("evidence_hour", evidence_hour=made["evidence_hour"], installed=installed)
        self._check("capacity_hour", capacity_hour=made["capacity_hour"], capacity_span=span)
        return made

    def _allocation(self) -> pa.Table:
        """What was held: as a scheduler says, without carriers' own; else what labels tell of."""
        section = self._inputs.section
        rows = self._labels() if _labelled(section) else self._read("allocation")
        if section.carrier_accounts:  # their jobs run inside what they hold
            carriers = pa.array(section.carrier_accounts, pa.string())
            rows = rows.filter(pc.invert(pc.is_in(rows.column("account"), carriers)))
        return rows

    def _labels(self) -> pa.Table:
        """What was held, as the labels on devices tell of it."""
        spans = [contract("label_span").schema.empty_table()]
        for shard in sorted(self._landed.shards(self._day)):
            parts = self._evidence(shard)
            spans.append(self._run("label_span", **parts))
        installed = self._given("installed")
        return self._run(LABELS, label_span=pa.concat_tables(spans), installed=installed)

    def _shards(self) -> list[int]:
        """The shards with anything to be seen; none where there is no exporter."""
        seen = self._landed.shards(self._day)
        if self._inputs.section.has_exporter:
            seen |= self._inputs.shards(self._day)
        return sorted(seen)

    def _shard(self, shard: int, allocation: pa.Table) -> tuple[pa.Table, pa.Table]:
        """device_hour and evidence_hour of a shard."""
        parts = self._evidence(shard)
        interval, device = parts["interval"], parts["device"]
        share = self._run(
            "workload_share", workload=parts["workload"], device=device, allocation=allocation
        )
        total = self._run("interval_sum", interval=interval)
        attributed = {"interval_sum": total, "device": device, "workload_share": share}
        torn = self._run("torn_sum", interval=interval, **attributed)
        return (
            self._run("device_hour", torn_sum=torn, **attributed),
            self._run(
                "evidence_hour",
                interval=interval,
                interval_sum=total,
                device=device,
                installed=self._inputs.installed(self._day, shard).rows,
            ),
        )

    def _evidence(self, shard: int) -> dict[str, Input]:
        """A shard's intervals, as files, and the names behind its ids."""
        return {
            "interval": self._landed.on("interval", self._day, shard).paths(),
            "device": self._landed.on("device", self._day, shard).read(),
            "workload": self._landed.on("workload", self._day, shard).read(),
        }

    def _read(self, table: str) -> pa.Table:
        return self._landed.on(table, self._day).read()

    def _given(self, table: str) -> pa.Table:
        return self._inputs.given(table, self._day).rows

    def _run(self, table: str, **inputs: Input) -> pa.Table:
        if "source_state" in contract(table).reads:
            inputs["source_state"] = self._given("source_state")
        return self._engine.run(table, self._period, inputs)

    def _check(self, table: str, **inputs: Input) -> None:
        cluster = self._inputs.section.name
        inputs["source_state"] = self._given("source_state")
        self.findings += run_checks(
            self._engine, table, self._period, inputs, STAGE, cluster, self._day
        )
