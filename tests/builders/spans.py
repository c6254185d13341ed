"""What the tests of allocations, readings and node states stand on: a lake and one cluster."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa

from metering.calendar import Calendar, Period
from metering.collect.land_allocations import SourceWindow, land_allocations
from metering.collect.land_readings import land_node_states, land_readings
from metering.database.connection import open_database
from metering.finding import Finding
from metering.lake.lake import Lake
from metering.settings.sections import Cluster
from metering.settings.site_toml import Issuer, Site
from metering.sources.reading.schemas import ALLOCATION_FACT, ALLOCATION_RUN, NODE_STATE, READING

CALENDAR = Calendar("Asia/Seoul")
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
MIDNIGHT = CALENDAR.instant("2025-10-01T00:00:00+09:00")
WEEK = Period(MIDNIGHT, MIDNIGHT + 7 * DAY_MS)
Row = Mapping[str, object]

PLAIN: Row = {
    "allocation_id": "7", "source": "slurm", "workload": "7", "account": "acc", "user": "u",
    "partition": "gpu", "resource": "gpu", "model": "h100", "quantity_milli": 1000,
    "submitted_ms": MIDNIGHT, "suspended_ms": 0, "state": "COMPLETED", "node": "n1",
}  # fmt: skip


def hours(count: float) -> int:
    """An instant so many hours after the midnight of 2025-10-01 in Seoul."""
    return MIDNIGHT + round(count * HOUR_MS)


def run(start: float, end: float | None, **fields: object) -> Row:
    """A run of one H100 from hour to hour; None: it goes on."""
    times = {"started_ms": hours(start), "ended_ms": None if end is None else hours(end)}
    state = {"state": "RUNNING"} if end is None else {}
    return {**PLAIN, **times, **state, **fields}


def facts(*rows: Row, upto: float, name: str = "dump", one_start: bool = False) -> pa.Table:
    """Runs as an input of that name says them, complete up to an hour."""
    origin = {"as_of_ms": hours(upto), "input": name, "digest": "", "one_start": one_start}
    return pa.Table.from_pylist([{**row, **origin} for row in rows], schema=ALLOCATION_FACT)


def runs(*rows: Row) -> pa.Table:
    return pa.Table.from_pylist([dict(row) for row in rows], schema=ALLOCATION_RUN)


class Ground:
    """A lake of its own and cluster `hpc`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.latest_ms = 0  # up to when the last dump was complete
        self.lake = Lake(path / "lake", open_database(f"sqlite:///{path / 'site.db'}"))
        self.cluster = Cluster("hpc", "HPC")
        self.site = Site(
            path, "site", CALENDAR, str(path / "lake"), "", "duckdb", "2025-10",
            Issuer(*[""] * 6), (self.cluster,), (), None, path / "documents",
        )  # fmt: skip

    def land(
        self,
        *rows: Row,
        upto: float = 7 * 24,
        window: Period = WEEK,
        name: str = "dump",
        one_start: bool = False,
    ) -> list[tuple[str, str, str, str]]:
        """Land runs of a dump complete up to an hour; gives severity, kind, day and subject."""
        self.latest_ms = max(self.latest_ms, hours(upto))
        given = (
            self.cluster,
            self.site,
            facts(*rows, upto=upto, name=name, one_start=one_start),
            SourceWindow("sacct", window, self.latest_ms),
        )
        with self.lake.change() as change:
            return told(land_allocations(self.lake, change, *given))

    def read(self, *rows: Row, window: Period = WEEK) -> list[tuple[str, str, str, str]]:
        """Land readings."""
        table = pa.Table.from_pylist([dict(row) for row in rows], schema=READING)
        with self.lake.change() as change:
            return told(land_readings(self.lake, change, self.cluster, self.site, table, window))

    def states(
        self, *rows: Row, window: Period = WEEK, complete_to_ms: int | None = None
    ) -> list[tuple[str, str, str, str]]:
        """Land node states."""
        table = pa.Table.from_pylist([dict(row) for row in rows], schema=NODE_STATE)
        given = (self.cluster, self.site, table, window, complete_to_ms)
        with self.lake.change() as change:
            return told(land_node_states(self.lake, change, *given))

    def rows(self, table: str = "allocation") -> list[dict[str, object]]:
        return self.lake.read(table).to_pylist()

    def forget(self, table: str) -> None:
        """Take every partition of a table away."""
        with self.lake.change() as change:
            for partition in self.lake.partitions(table):
                change.remove(table, partition)

    def days(self, *columns: str, table: str = "allocation") -> list[tuple[object, ...]]:
        """Day of the month, instants in hours after the midnight, and further columns."""
        return [
            (row["date"].day, *(shown(name, row[name]) for name in columns))  # type: ignore[attr-defined]
            for row in self.rows(table)
        ]

    def digests(self, table: str = "allocation") -> dict[str, str]:
        """What is in force, by day."""
        return {
            manifest.partition["date"]: manifest.digest
            for manifest in self.lake.select(table).manifests
        }


def shown(name: str, value: object) -> object:
    """Instants as whole hours after the midnight where they are, lengths as hours."""
    if name.endswith("ed_ms") and isinstance(value, int):
        length = value if name == "suspended_ms" else value - MIDNIGHT
        whole, rest = divmod(length, HOUR_MS)
        return length / HOUR_MS if rest else whole
    return value


def told(findings: Iterable[Finding]) -> list[tuple[str, str, str, str]]:
    assert all(
        (finding.stage, finding.cluster) == ("collect", "hpc") and finding.detail
        for finding in findings
    )
    return [
        (finding.severity, finding.kind, str(finding.day or ""), finding.subject)
        for finding in findings
    ]
