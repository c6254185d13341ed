"""What the tests of landing stand on: a site with one cluster, a lake, plain rows in and out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa

from metering.calendar import Calendar, Period
from metering.database.connection import open_database
from metering.lake.contract import row_digest
from metering.lake.lake import Lake
from metering.landing.land import Landed, land_samples, rederive
from metering.registry.registry import Device, Registry
from metering.settings.sections import Cluster
from metering.settings.site_toml import Issuer, Site

CALENDAR = Calendar("Asia/Seoul")
HOLD_S = 60
MIDNIGHT = CALENDAR.instant("2025-10-02T00:00:00+09:00")
TABLES = ("sample", "interval", "device", "workload", "carry")
COLUMNS = {
    "device_uid": pa.string(),
    "parent": pa.string(),
    "slice": pa.string(),
    "model": pa.string(),
    "node": pa.string(),
    "sampled_ms": pa.int64(),
    "busy_ppm": pa.int32(),
    "power_mw": pa.int64(),
    "energy_mj": pa.int64(),
    "memory_mib": pa.int32(),
    "workload": pa.string(),
    "health_ok": pa.bool_(),
    "busy_cycles": pa.int64(),
    "total_cycles": pa.int64(),
}
Row = Mapping[str, object]


def device(uid: str, **facts: object) -> Device:
    """A registered H100 of 700 W in shard 0 of cluster hpc."""
    plain: dict[str, object] = {
        "cluster": "hpc", "device_uid": uid, "model": "h100", "resource": "gpu", "node": "n1",
        "parent": "", "slice": "", "installed_ms": 0, "removed_ms": None, "power_limit_w": 700,
        "shard": 0,
    }  # fmt: skip
    return Device(**{**plain, **facts})  # type: ignore[arg-type]


def observations(rows: Iterable[Row]) -> pa.Table:
    """Rows as a source gives them; what a row does not say is null."""
    listed = list(rows)
    return pa.table(
        {name: pa.array([row.get(name) for row in listed], kind) for name, kind in COLUMNS.items()}
    )


def seen(uid: str, at_ms: int, **values: object) -> Row:
    """An observation at so many ms after the midnight of 2025-10-02 in Seoul."""
    return {"device_uid": uid, "sampled_ms": MIDNIGHT + at_ms, **values}


def open_lake(path: Path) -> Lake:
    """A new lake and its database."""
    path.mkdir(parents=True, exist_ok=True)
    return Lake(path / "lake", open_database(f"sqlite:///{path / 'site.db'}"))


@dataclass
class Ground:
    """One cluster, in a lake of its own under `path` or beside others in a given lake."""

    path: Path
    devices: Sequence[Device] = (device("gpu-1"), device("gpu-2"), device("gpu-3"))
    hold_ms: int = HOLD_S * 1000
    name: str = "hpc"
    given: Lake | None = None
    lake: Lake = field(init=False)

    def __post_init__(self) -> None:
        self.lake = self.given or open_lake(self.path)
        self.cluster = Cluster(name=self.name, title="HPC", hold_ms=self.hold_ms, scrape_ms=15_000)
        self.site = Site(
            self.path, "site", CALENDAR, str(self.path / "lake"), "", "duckdb", "2025-10",
            Issuer("", "", "", "", "", ""), (self.cluster,), (), None, self.path / "documents",
        )  # fmt: skip
        self.registry = Registry(
            devices=tuple(replace(device, cluster=self.name) for device in self.devices)
        )

    def land(
        self,
        rows: Iterable[Row] | pa.Table,
        collected_to_ms: int | None = None,
        window: Period | None = None,
    ) -> Landed:
        """Land rows in one change."""
        table = rows if isinstance(rows, pa.Table) else observations(rows)
        given = (self.cluster, self.site, self.registry, table, collected_to_ms, window)
        with self.lake.change() as change:
            return land_samples(self.lake, change, *given)

    def rederive(self) -> None:
        """Derive everything again from samples."""
        with self.lake.change() as change:
            rederive(self.lake, change, self.cluster, self.site, self.registry)

    def forget(self, table: str) -> None:
        """Take every partition of a table away."""
        with self.lake.change() as change:
            for partition in self.lake.partitions(table, cluster=self.name):
                change.remove(table, partition)

    def digests(self) -> dict[tuple[str, str], str]:
        """The digest of every partition's rows, its cluster's name left out."""
        return {
            (table, manifest.partition["date"]): row_digest(
                self.lake.rows(manifest).drop("cluster")
            )
            for table in TABLES
            for manifest in self.lake.select(table, cluster=self.name).manifests
        }

    def rows(self, table: str) -> list[dict[str, object]]:
        """Samples or intervals with the names behind their ids, instants counted from midnight."""
        uids, sets = self._names()
        named = []
        for row in self.lake.read(table, cluster=self.name).to_pylist():
            key = (row.pop("date"), row.pop("shard"))
            row["device"] = uids[*key, row.pop("device_id")]
            row["workload"] = sets.get((*key, row.pop("workload_id")), "")
            row.pop("cluster")
            instant = "sampled_ms" if table == "sample" else "started_ms"
            named.append({**row, "day": key[0].isoformat(), instant: row[instant] - MIDNIGHT})
        return named

    def _names(self) -> tuple[dict[tuple[object, ...], str], dict[tuple[object, ...], str]]:
        uids: dict[tuple[object, ...], str] = {}
        for row in self.lake.read("device", cluster=self.name).to_pylist():
            uids[row["date"], row["shard"], row["device_id"]] = row["device_uid"]
        sets: dict[tuple[object, ...], str] = {}
        for row in self.lake.read("workload", cluster=self.name).to_pylist():
            key = (row["date"], row["shard"], row["workload_id"])
            before = [sets[key]] if key in sets else []
            sets[key] = "\n".join(sorted([*before, f"{row['kind']}:{row['name']}"]))
        return uids, sets

    def spans(self, *columns: str) -> list[tuple[object, ...]]:
        """Start, held time and further columns of every interval, in order of device and start."""
        rows = sorted(
            self.rows("interval"), key=lambda r: (r["device"], r["started_ms"], r["dark"])
        )
        return [(r["started_ms"], r["held_ms"], *(r[name] for name in columns)) for r in rows]


def kinds(landed: Landed) -> dict[str, tuple[str, ...]]:
    """The subjects of the findings, by kind."""
    subjects: dict[str, tuple[str, ...]] = {}
    for finding in landed.findings:
        subjects[finding.kind] = (*subjects.get(finding.kind, ()), finding.subject)
    return subjects
