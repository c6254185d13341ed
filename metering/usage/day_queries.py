"""One section's usage of one day: what it is read from, and the queries in their order."""

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from metering.calendar import Period, days_after
from metering.finding import Finding
from metering.lake.contract import contract
from metering.settings.sections import Cluster
from metering.sources.reading.accelerator_models import expanded
from metering.usage.duckdb_engine import Engine, Input
from metering.usage.outdated_days import (
    LABELS,
    LandedPartitions,
    labelled,
    readings_only,
    usage_tables,
)
from metering.usage.registry_inputs import MeterInputs
from metering.usage.sql_checks import run_checks

STAGE = "meter"
BY_SHARD = ("device_hour", "evidence_hour", "device_twice", "run_seen")


class UsageOfDay:
    """The usage of one section and day."""

    def __init__(
        self, engine: Engine, landed: LandedPartitions, inputs: MeterInputs, day: date
    ) -> None:
        self._engine = engine
        self._landed = landed
        self._inputs = inputs
        self._day = day
        self._period: Period = inputs.period(day)
        self.findings: list[Finding] = []

    def count(self) -> dict[str, pa.Table]:
        """The day's tables of usage; what is wrong with them is in `findings` then."""
        section = self._inputs.section
        tables: dict[str, pa.Table] = {}
        if readings_only(section):
            tables["usage_hour"] = contract("usage_hour").schema.empty_table()
        else:
            tables = self._hours()
        owners = {name: self._given(name) for name in ("tenancy", "set_aside")}
        owners["reading"] = self._read("reading")
        tables["usage_day"] = self._run("usage_day", usage_hour=tables["usage_hour"], **owners)
        self._check("usage_day", usage_hour=tables["usage_hour"], **owners)
        use = self._run("account_use", usage_hour=tables["usage_hour"], **owners)
        self._check("account_use", account_use=use, **owners)
        return {table: tables[table] for table in usage_tables(section)}

    def _hours(self) -> dict[str, pa.Table]:
        """The tables by hour of a section with devices."""
        tables: dict[str, pa.Table] = {}
        allocation = self._allocation()
        if labelled(self._inputs.section):
            tables[LABELS] = allocation
        else:
            self._check("allocation", allocation=allocation)
        shards = [self._shard(shard, allocation) for shard in self._shards()]
        for number, table in enumerate(BY_SHARD):
            empty = contract(table).schema.empty_table()
            tables[table] = pa.concat_tables([empty, *(counted[number] for counted in shards)])
        installed, ever = self._given("installed"), self._given("ever_installed")
        states = self._read("node_state")
        held: dict[str, Input] = {"allocation": allocation, "host": hosts(allocation)}
        if two_schedulers(allocation):
            self._twice(tables["device_twice"], {**held, "installed": installed})
        by_node = self._run("node_span", **held, installed=installed)
        span = self._run("capacity_span", node_span=by_node, node_state=states)
        tables["capacity_hour"] = self._run("capacity_hour", capacity_span=span)
        tables["usage_hour"] = self._run(
            "usage_hour", allocation=allocation, device_hour=tables["device_hour"]
        )
        self._check("node_span", **held, ever_installed=ever)
        if shards:  # what nobody looks at shows nothing odd
            self._check("device_hour", device_hour=tables["device_hour"], installed=installed)
            self._check("run_seen", run_seen=tables["run_seen"])
        self._check("evidence_hour", evidence_hour=tables["evidence_hour"], installed=installed)
        self._check("capacity_span", node_state=states, installed=installed)
        self._check(
            "capacity_hour",
            capacity_hour=tables["capacity_hour"],
            capacity_span=span,
            installed=installed,
            ever_installed=ever,
        )
        self._check_totals()
        return tables

    def _check_totals(self) -> None:
        """Holds what schedulers report of spans that end on the day against what they list."""
        totals = self._read("control_total")
        if totals.num_rows:
            first = pc.min(totals.column("started_ms")).as_py()
            days = self._inputs.days(Period(first, self._period.end_ms))
            held = [self._landed.on("allocation", day).read() for day in days]
            self._check("control_total", control_total=totals, allocation=pa.concat_tables(held))

    def _twice(self, devices: pa.Table, held: dict[str, Input]) -> None:
        """Tells what two schedulers held at once (METERING 19)."""
        nodes = self._run("node_twice", device_twice=devices, **held)
        self._check("device_twice", device_twice=devices)
        self._check("node_twice", node_twice=nodes)

    def _allocation(self) -> pa.Table:
        """What was held: as a scheduler says, without carriers' own; else what labels tell of."""
        section = self._inputs.section
        rows = self._labels() if labelled(section) else self._read("allocation")
        if (
            isinstance(section, Cluster) and section.carrier_accounts
        ):  # their jobs run inside what they hold
            carriers = pa.array(section.carrier_accounts, pa.string())
            rows = rows.filter(pc.invert(pc.is_in(rows.column("account"), carriers)))
        return rows

    def _labels(self) -> pa.Table:
        """What was held, as the labels on devices tell of it."""
        spans = [contract("label_span").schema.empty_table()]
        for shard in sorted(self._landed.shards(self._day)):
            days = [days_after(self._day, step) for step in (-1, 1)]
            neighbours = [self._run("label_beside", **self._evidence(shard, day)) for day in days]
            parts = self._evidence(shard, self._day)
            spans.append(
                self._run("label_span", label_beside=pa.concat_tables(neighbours), **parts)
            )
        installed = self._given("installed")
        return self._run(LABELS, label_span=pa.concat_tables(spans), installed=installed)

    def _shards(self) -> list[int]:
        """The shards with anything to be seen; none where there is no exporter."""
        seen = self._landed.shards(self._day)
        if self._inputs.section.has_exporter:
            seen |= self._inputs.shards(self._day)
        return sorted(seen)

    def _shard(self, shard: int, allocation: pa.Table) -> tuple[pa.Table, ...]:
        """The tables of BY_SHARD of a shard."""
        parts = self._evidence(shard, self._day)
        interval, device = parts["interval"], parts["device"]
        share = self._run(
            "workload_share", workload=parts["workload"], device=device, allocation=allocation
        )
        total = self._run("interval_sum", interval=interval)
        attributed = {"interval_sum": total, "device": device, "workload_share": share}
        torn = self._run("torn_sum", interval=interval, **attributed)
        twice = contract("device_twice").schema.empty_table()
        if two_schedulers(allocation):
            evidence = {"device": device, "workload_share": share, "allocation": allocation}
            twice = self._run("device_twice", interval=interval, **evidence)
        return (
            self._run("device_hour", torn_sum=torn, **attributed),
            self._run(
                "evidence_hour",
                interval=interval,
                interval_sum=total,
                device=device,
                installed=self._inputs.installed(self._day, shard).rows,
            ),
            twice,
            self._run(
                "run_seen", interval=interval, workload=parts["workload"], allocation=allocation
            ),
        )

    def _evidence(self, shard: int, day: date) -> dict[str, Input]:
        """A shard's intervals of a day, as files held to their digests, and the names behind its
        ids."""
        return {
            "interval": self._landed.on("interval", day, shard).files(),
            "device": self._landed.on("device", day, shard).read(),
            "workload": self._landed.on("workload", day, shard).read(),
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


def two_schedulers(allocation: pa.Table) -> bool:
    """Whether jobs as well as pods hold devices."""
    return len(pc.unique(allocation.column("source"))) > 1


def hosts(allocation: pa.Table) -> pa.Table:
    """Table `host` of the allocations: a row for each node of each node list that they have."""
    parts = [
        (rows, node)
        for rows in pc.unique(allocation.column("node")).to_pylist()
        for node in sorted(set(expanded(rows)))
    ]
    return pa.table([[p[0] for p in parts], [p[1] for p in parts]], schema=contract("host").schema)
