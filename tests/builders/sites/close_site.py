"""A small site for the tests of the close: two clusters, three companies, usage as metered."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import sqlalchemy as sa

from billing.draft.lake_rows import to_table
from billing.records import Usage
from metering.calendar import Calendar
from metering.database.connection import open_database
from metering.database.findings import replace_findings
from metering.database.tables import registry as registry_table
from metering.database.tables import registry_in_force
from metering.finding import Finding
from metering.lake.contract import contract
from metering.lake.lake import Lake
from metering.lake.object_store import Fault
from metering.registry.records import Award, Company, CompanyFacts, Device, Project, Tenancy
from metering.registry.registry import Registry
from metering.settings.sections import Cluster, Store
from metering.settings.site_toml import Issuer, Site
from metering.site.open_site import OpenSite
from metering.usage.outdated_days import LandedPartitions, made_from, section_inputs
from tests.builders.sites.new_database import open_at
from tests.builders.sites.once import copy_of

MONTH, NEXT = "2025-10", "2025-11"
ON = date(2025, 11, 3)
HOUR_US = 3_600_000_000
CALENDAR = Calendar("Asia/Seoul")
ISSUER = Issuer(
    "124-81-00998", "국가AI데이터센터", "김센터", "광주광역시 북구", "서비스", "컴퓨팅 자원 대여"
)
FIRST = date(2025, 10, 1)
FIRST_MS = CALENDAR.day(FIRST).start_ms


def company(number: int, place: str, org_type: str = "sme") -> Company:
    """A company whose facts hold from its beginning."""
    facts = CompanyFacts(None, org_type, "small", place)  # type: ignore[arg-type]
    return Company(
        f"C-{number}", "220-81-62517", f"회사{number}", "이대표", "광주", "업태", "종목", (facts,)
    )


def award(award_id: str, programme: str, company_id: str) -> Award:
    """An award of a year and a half without quota of its own."""
    return Award(
        award_id=award_id,
        programme=programme,
        company_id=company_id,
        project_id="",
        agreed_on=date(2025, 9, 1),
        announced_on=None,
        start=date(2025, 9, 1),
        until=None,
        agreement_number="2025-1",
        quota=None,
        quota_unit=None,
        cap_krw=1_000_000 if programme == "AICA-2025R" else None,
        referrer="",
        budget_year=2025,
    )


REGISTRY = Registry(
    companies=(company(1, "광주"), company(2, "서울"), company(3, "서울", "large")),
    projects=tuple(
        Project(f"P-{n}", f"C-{n}", f"과제{n}", date(2025, 1, 1), None) for n in (1, 2, 3)
    ),
    tenancies=tuple(Tenancy("gpu", f"acc{n}", f"P-{n}", FIRST, None) for n in (1, 2, 3)),
    devices=(Device("gpu", "GPU-1", "h100", "gpu", "n1", "", "", FIRST_MS, None, 700),),
    awards=(award("A-1", "AICA-2025R", "C-1"), award("A-2", "AIDC-BASE", "C-2")),
)


def open_ground(
    root: Path, fault: Fault | None = None, rules: Path | None = None, url: str = ""
) -> OpenSite:
    """The site in a directory that may have been opened before, its database there or at `url`."""
    file = root / "jeongsan.db"
    site = Site(
        directory=root,
        name="시험 센터",
        calendar=CALENDAR,
        lake=str(root / "lake"),
        database=url or f"sqlite:///{file}",
        engine="duckdb",
        first_month=MONTH,
        issuer=ISSUER,
        clusters=(Cluster("gpu"),),
        stores=(Store("disk"),),
        rules=rules,
        documents=root / "documents",
    )
    database = open_database(url) if url else open_at(file)
    lake = Lake(site.lake, database, *([fault] if fault else []))
    return OpenSite(site, database, lake)


def store_registry(opened: OpenSite, stored: Registry) -> None:
    """Put a registry in force."""
    document = json.dumps(
        stored.to_document(), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    with opened.database.begin() as connection:
        known = connection.execute(sa.select(sa.func.count()).select_from(registry_table)).scalar()
        sequence = (known or 0) + 1
        row = {"sequence": sequence, "digest": stored.digest, "document": document}
        connection.execute(sa.insert(registry_table), [row])
        connection.execute(sa.delete(registry_in_force))
        connection.execute(sa.insert(registry_in_force), [{"only": 1, "sequence": sequence}])


def used(day: date, number: int, sku: str, quantity: int, **more: object) -> Usage:
    """Usage of a company's one project on a day."""
    storage = sku.startswith("storage")
    usage = Usage(
        day=day,
        company_id=f"C-{number}",
        project_id=f"P-{number}",
        source="disk" if storage else "gpu",
        sku=sku,
        quantity=quantity,
        unit="mib_s" if storage else "device_us",
        busy_ns=0 if storage else quantity * 500,
        energy_uj=0 if storage else quantity,
        estimated=False,
        provisional=False,
    )
    return replace(usage, **more)  # type: ignore[arg-type]


def usual(day: date) -> dict[str, list[Usage]]:
    """What the two clusters meter on any day: about 430,000 won for each company."""
    n = day.day
    return {
        "gpu": [used(day, c, "gpu.h100", (70 + c) * HOUR_US + n * 7_654_321) for c in (1, 2, 3)],
        "disk": [used(day, c, "storage.parallel", (900_000 + n) * 86_400) for c in (1, 3)],
    }


def put_day(opened: OpenSite, day: date, usages: Mapping[str, Sequence[Usage]]) -> None:
    """Write a day's usage as metering would."""
    put_days(opened, {day: usages})


def put_month(opened: OpenSite, month: str = MONTH) -> None:
    """Write a month of usual usage in one change."""
    put_days(opened, {day: usual(day) for day in CALENDAR.month_days(month)})


def put_days(opened: OpenSite, days: Mapping[date, Mapping[str, Sequence[Usage]]]) -> None:
    """Write usage that says of itself what a day with nothing landed is made from."""
    registry, first, last = opened.registry, min(days), max(days)
    sections = {part.name: part for part in (*opened.site.clusters, *opened.site.stores)}
    inputs = {name: section_inputs(opened, registry, part) for name, part in sections.items()}
    landed = {name: LandedPartitions.between(opened.lake, name, first, last) for name in sections}
    with opened.lake.change() as change:
        for day, usages in days.items():
            for name, rows in usages.items():
                origin = made_from(landed[name], inputs[name], day)["usage_day"]
                place = {"cluster": name, "date": day}
                change.replace("usage_day", place, to_table(Usage, rows), origin)


def put_hours(opened: OpenSite, day: date, runs: Sequence[tuple[str, str, int, int, int]]) -> None:
    """Write a day's hours of H100: account and id of a run, hours held, seen and busy."""
    kept = contract("usage_hour")
    rows = [
        {
            "hour_ms": CALENDAR.day(day).start_ms, "source": "gpu", "account": account,
            "allocation_id": name, "submitted_ms": 0, "started_ms": 0, "sku": "gpu.h100",
            "held_us": held * HOUR_US, "busy_ns": busy * HOUR_US * 1000,
            "observed_ms": seen * HOUR_US // 1000,
            "energy_uj": 0, "estimated": False, "provisional": False,
            "cluster": "gpu", "date": day,
        }
        for account, name, held, seen, busy in runs
    ]  # fmt: skip
    own = pa.schema([field for field in kept.schema if field.name not in kept.partition])
    rows = [{name: row[name] for name in own.names} for row in rows]
    with opened.lake.change() as change:
        place = {"cluster": "gpu", "date": day}
        change.replace("usage_hour", place, pa.Table.from_pylist(rows, schema=own), {})


def as_if_metered(opened: OpenSite, month: str = MONTH) -> None:
    """Let the rows that lie there say that they are made from what lies there."""
    days = CALENDAR.month_days(month)
    for section in (*opened.site.clusters, *opened.site.stores):
        inputs = section_inputs(opened, opened.registry, section)
        landed = LandedPartitions.between(opened.lake, section.name, days[0], days[-1])
        with opened.lake.change() as change:
            for day in days:
                place = {"cluster": section.name, "date": day}
                for table, origin in made_from(landed, inputs, day).items():
                    rows = opened.lake.read(table, date_from=day, date_to=day, cluster=section.name)
                    change.replace(table, place, rows, origin)


def put_findings(opened: OpenSite, cluster: str, *findings: Finding) -> None:
    """Make these the findings of metering of a cluster."""
    with opened.database.begin() as connection:
        replace_findings(connection, "meter", cluster, None, findings)


def make_ground(root: Path, url: str = "") -> OpenSite:
    """A site with its registry and a month of usage, ready to be drafted."""
    if url:
        return _ground(root, url)
    copy_of(_ground, root)
    return open_ground(root)


def _ground(root: Path, url: str = "") -> OpenSite:
    opened = open_ground(root, url=url)
    store_registry(opened, REGISTRY)
    put_month(opened)
    return opened
