"""What the tests of metering stand on: a site in a directory, rows put in its lake as if landed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import sqlalchemy as sa

from metering.calendar import Calendar
from metering.collect.watermark import set_watermark
from metering.database.tables import device_shard, registry, registry_in_force
from metering.finding import Finding
from metering.lake.contract import Column, contract
from metering.lake.lake import Lake
from metering.registry.registry import Company, Device, Project, Registry, SetAside, Tenancy
from metering.settings.sections import Cluster, Store
from metering.settings.site_toml import Issuer, Site
from metering.settings.source_options.source_config import SourceConfig
from metering.site.open_site import OpenSite
from metering.usage.meter import meter
from tests.builders.sites.new_database import open_at

CALENDAR = Calendar("Asia/Seoul")
FIRST, LAST = date(2025, 10, 31), date(2025, 11, 1)
MIDNIGHT = CALENDAR.day(LAST).start_ms
GPU_HOUR_US = 3_600_000_000
SLURM = SourceConfig("sacct", "slurm", "allocation")
DCGM = SourceConfig("dcgm", "exposition", "sample")
NODES = SourceConfig("nodes", "table", "node_state")
QUOTA = SourceConfig("quota", "table", "reading")


def cluster(*sources: SourceConfig, **said: object) -> Cluster:
    plain: dict[str, object] = {"name": "hpc", "title": "HPC", "hold_ms": 60_000}
    return Cluster(**{**plain, "scrape_ms": 15_000, "sources": sources, **said})  # type: ignore[arg-type]


def device(uid: str, **said: object) -> Device:
    plain: dict[str, object] = {
        "cluster": "hpc", "device_uid": uid, "model": "h100", "resource": "gpu", "node": "n1",
        "parent": "", "slice": "", "installed_ms": 0, "removed_ms": None, "power_limit_w": 700,
    }  # fmt: skip
    return Device(**{**plain, **said})  # type: ignore[arg-type]


REGISTRY = Registry(
    companies=(
        Company("C1", "990-80-12346", "기업", "대표", "주소", "업태", "종목", ()),
        Company("C2", "990-80-12346", "기업", "대표", "주소", "업태", "종목", ()),
    ),
    projects=(
        Project("P1", "C1", "과제", date(2025, 1, 1), None),
        Project("P2", "C2", "과제", date(2025, 1, 1), None),
    ),
    tenancies=(
        Tenancy("hpc", "lab", "P1", date(2025, 1, 1), LAST),
        Tenancy("hpc", "lab", "P2", LAST, None),
        Tenancy("nas", "lab", "P1", date(2025, 1, 1), None),
    ),
    devices=(device("gpu-1"), device("gpu-2")),
    set_asides=(SetAside("hpc", "test", "시험", "김정산"),),
)


@dataclass(frozen=True)
class Ground:
    """A site in a directory of its own."""

    opened: OpenSite

    @property
    def lake(self) -> Lake:
        return self.opened.lake

    def meter(self, *days: date) -> list[Finding]:
        return meter(self.opened, days)

    def load(self, new: Registry) -> None:
        """Put a registry in force, every device in shard 0."""
        text = json.dumps(
            new.to_document(), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        with self.opened.database.begin() as connection:
            count = connection.execute(sa.select(sa.func.count()).select_from(registry)).scalar()
            row = {"sequence": (count or 0) + 1, "digest": new.digest, "document": text}
            connection.execute(sa.insert(registry), [row])
            connection.execute(sa.delete(registry_in_force))
            connection.execute(
                sa.insert(registry_in_force), [{"one": 1, "sequence": row["sequence"]}]
            )
            connection.execute(sa.delete(device_shard))
            shards = {(d.cluster, d.device_uid): 0 for d in new.devices}
            rows = [{"cluster": c, "device_uid": d, "shard": s} for (c, d), s in shards.items()]
            connection.execute(sa.insert(device_shard), rows)

    def complete(self, to_ms: int, section: str = "hpc") -> None:
        with self.opened.database.begin() as connection:
            for source in self.opened.site.section(section).sources:
                set_watermark(connection, section, source.name, to_ms)

    def land(self, table: str, day: date, rows: Iterable[Mapping[str, object]],
             **place: object) -> None:  # fmt: skip
        """Put rows in a partition's place; what a row does not say is '', 0, false or null."""
        where = {"cluster": "hpc", "date": day, **place}
        if "shard" in contract(table).partition:
            where.setdefault("shard", 0)
        columns = [c for c in contract(table).columns if c.name not in where]
        listed = list(rows)
        table_of_rows = pa.table(
            {
                c.name: pa.array([row.get(c.name, nothing(c)) for row in listed], c.kind)
                for c in columns
            }
        )
        with self.lake.change() as change:
            change.replace(table, where, table_of_rows)

    def usage(self, day: date) -> list[tuple[object, ...]]:
        names = ("project_id", "source", "sku", "quantity", "unit", "provisional")
        rows = self.lake.read("usage_day", date_from=day, date_to=day).to_pylist()
        return [tuple(row[name] for name in names) for row in rows]


def nothing(column: Column) -> object:
    """What a column holds that a test does not speak of."""
    if column.null:
        return None
    if pa.types.is_string(column.kind):
        return ""
    return False if pa.types.is_boolean(column.kind) else 0


def ground(path: Path, *sections: Cluster, stores: Sequence[Store] = ()) -> Ground:
    database = open_at(path / "site.db")
    issuer = Issuer("", "", "", "", "", "")
    site = Site(
        path, "site", CALENDAR, str(path / "lake"), "", "duckdb", "2025-10", issuer,
        sections, tuple(stores), None, path / "documents",
    )  # fmt: skip
    site_ground = Ground(OpenSite(site, database, Lake(site.lake, database)))
    site_ground.load(REGISTRY)
    return site_ground


def job(started: int, ended: int, **said: object) -> dict[str, object]:
    """A run of one H100; instants in ms after the midnight between the two days."""
    return {
        "allocation_id": "1", "source": "slurm", "workload": "1", "account": "lab",
        "resource": "gpu", "model": "h100", "quantity_milli": 1000,
        "submitted_ms": MIDNIGHT + started, "started_ms": MIDNIGHT + started,
        "ended_ms": MIDNIGHT + ended, **said,
    }  # fmt: skip
