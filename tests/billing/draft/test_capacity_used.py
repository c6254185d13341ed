"""What a month had and used is an input of its draft; an issued month's report keeps to it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.close.issued_month import issued_month
from billing.draft.capacity_used import Resource
from billing.verify.copy_month import copy_month
from billing.verify.verify_copy import verify_file
from metering.errors import CloseError
from metering.lake.contract import contract
from metering.settings.sections import Cluster
from metering.settings.site_toml import Site
from metering.settings.source_options.source_config import SourceConfig
from metering.site.open_site import OpenSite
from metering.usage.outdated_days import LandedPartitions, made_from, section_inputs
from reports.documents import render_month
from reports.verify_documents import verify_month
from tests.builders.sites.close_site import (
    CALENDAR,
    FIRST,
    MONTH,
    ON,
    REGISTRY,
    as_if_metered,
    open_ground,
    put_month,
    store_registry,
)
from tests.builders.sites.example_month import copy_site

HOUR = 3_600_000
SEEN = (SourceConfig("dcgm", "exposition", "sample"),)
NEXT_DAY = FIRST + timedelta(days=1)


def table(name: str, cluster: str, day: date, rows: list[Mapping[str, object]]) -> pa.Table:
    """Rows of a table with what a test does not say: 0, False or an empty text; null where open."""
    kept = contract(name)
    given = {"cluster": cluster, "date": day, "hour_ms": CALENDAR.day(day).start_ms}
    columns: list[pa.Array] = []
    for column in kept.columns:
        empty = None if column.null else "" if pa.types.is_string(column.kind) else 0
        empty = False if pa.types.is_boolean(column.kind) else given.get(column.name, empty)
        values = [row.get(column.name, empty) for row in rows]
        columns.append(pa.array(values, type=column.kind))
    return kept.conform(pa.Table.from_arrays(columns, schema=kept.schema))


def put(opened: OpenSite, name: str, day: date, *rows: Mapping[str, object]) -> None:
    """Write what metering would, in cluster gpu."""
    inputs = section_inputs(opened, opened.registry, opened.site.clusters[0])
    lineage = made_from(LandedPartitions.between(opened.lake, "gpu", day, day), inputs, day)[name]
    with opened.lake.change() as change:
        place = {"cluster": "gpu", "date": day}
        change.replace(name, place, table(name, "gpu", day, list(rows)), lineage)


def hours(model: str, installed: int, held: int, **more: int) -> dict[str, object]:
    return {"model": model, "installed": installed, "held": held, "free": installed - held} | more


def seen(sku: str, busy_ns: int, energy_uj: int) -> dict[str, object]:
    return {"source": "gpu", "allocation_id": sku, "sku": sku, "busy_ns": busy_ns} | {
        "energy_uj": energy_uj
    }


def with_cluster(opened: OpenSite, **changed: object) -> OpenSite:
    cluster = Cluster("gpu", "GPU 팜", sources=SEEN)
    site: Site = replace(opened.site, clusters=(replace(cluster, **changed),))  # type: ignore[arg-type]
    return replace(opened, site=site)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A month of usage, two of its days with hours of two models. Copy it before changing it."""
    root = tmp_path_factory.mktemp("resources") / "site"
    site = with_cluster(open_ground(root))
    store_registry(site, REGISTRY)
    put_month(site)
    as_if_metered(site)
    put(
        site,
        "capacity_hour",
        FIRST,
        hours("h100", 8 * HOUR, 5 * HOUR, down=0),
        hours("a100", 4, 4),
    )
    put(site, "capacity_hour", NEXT_DAY, hours("h100", 8 * HOUR, HOUR, down=2, over=1))
    put(
        site, "usage_hour", FIRST,
        seen("gpu.h100", 10**17, 7), seen("gpu.h100.mig-1g.10gb", 1, 1), seen("npu.rngd", 5, 5),
    )  # fmt: skip
    put(site, "usage_hour", NEXT_DAY, seen("gpu.h100", 3, 0), seen("gpu.a100", 2, 9))
    site.database.close()
    return root


@pytest.fixture
def opened(whole: Path, tmp_path: Path) -> OpenSite:
    return with_cluster(open_ground(copy_site(whole, tmp_path / "site")))


A100 = Resource("gpu", "GPU 팜", "a100", 4, 0, 4, None, 0, 2, 9)
H100 = Resource(
    cluster="gpu",
    title="GPU 팜",
    model="h100",
    installed=16 * HOUR,
    over=1,
    held=6 * HOUR,
    down=2,
    free=10 * HOUR,
    busy_ns=10**17 + 4,
    energy_uj=8,
)


def close(opened: OpenSite) -> None:
    draft(opened, MONTH)
    approve(opened, MONTH, "박승인")
    issue(opened, MONTH, ON)


def test_hours_are_added_up_by_cluster_and_model(opened: OpenSite) -> None:
    assert draft(opened, MONTH).resources == (A100, H100)


def test_down_is_unknown_where_one_hour_does_not_know_it(opened: OpenSite) -> None:
    put(opened, "capacity_hour", NEXT_DAY, hours("h100", 8, 1))
    (_, h100) = draft(opened, MONTH).resources
    assert (h100.installed, h100.down) == (8 * HOUR + 8, None)


def test_without_an_exporter_busy_time_and_energy_are_unknown(opened: OpenSite) -> None:
    blind = with_cluster(opened, sources=(), title="")
    as_if_metered(blind)
    assert draft(blind, MONTH).resources == (
        replace(A100, title="gpu", busy_ns=None, energy_uj=None),
        replace(H100, title="gpu", busy_ns=None, energy_uj=None),
    )


def test_hours_of_other_months_do_not_count(opened: OpenSite) -> None:
    for day in (FIRST - timedelta(days=1), FIRST + timedelta(days=31)):
        put(opened, "capacity_hour", day, hours("b200", 8, 1))
    assert draft(opened, MONTH).resources == (A100, H100)


@pytest.mark.breadth
def test_an_issued_month_is_drawn_and_verified_as_issued_after_it_was_metered_again(
    opened: OpenSite, tmp_path: Path
) -> None:
    close(opened)
    before = {path: path.read_bytes() for path in render_month(opened, MONTH)}
    put(opened, "capacity_hour", FIRST, hours("h100", 99 * HOUR, HOUR), hours("b200", 7, 0))
    put(opened, "usage_hour", NEXT_DAY, seen("gpu.h100", 77, 77))
    other = with_cluster(opened, title="다른 이름", sources=())
    assert {path: path.read_bytes() for path in render_month(other, MONTH)} == before
    assert issued_month(other, MONTH).inputs.resources == (A100, H100)
    verified = verify_month(other, MONTH)
    assert verified.differences == ()
    assert verified.checked[-1] == "documents"
    copy_month(other, MONTH, tmp_path / "copy.zip")
    assert verify_file(tmp_path / "copy.zip").differences == ()


def test_an_approval_falls_when_the_hours_of_its_report_change(opened: OpenSite) -> None:
    draft(opened, MONTH)
    approve(opened, MONTH, "박승인")
    put(opened, "capacity_hour", FIRST, hours("h100", 9 * HOUR, HOUR, down=0))
    with pytest.raises(CloseError, match="changed since its approval; it is a draft again"):
        issue(opened, MONTH, ON)
