"""Which days are announced: complete in every section, not before, once (METERING 30)."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from metering.collect.watermark import set_watermark
from metering.database.decisions import waive
from metering.database.tables import announced_day
from metering.settings.sections import Cluster, Store
from metering.settings.source_options.source_config import SourceConfig
from metering.site.open_site import OpenSite
from metering.usage.complete_days import complete_days, record_announced
from tests.builders.sites.close_site import (
    CALENDAR,
    FIRST,
    REGISTRY,
    open_ground,
    put_day,
    store_registry,
    usual,
)

HOLD_MS = 300_000
BEFORE, SECOND = date(2025, 9, 30), date(2025, 10, 2)
END_MS = CALENDAR.day(FIRST).end_ms
GPU = Cluster(
    "gpu",
    hold_ms=HOLD_MS,
    sources=(
        SourceConfig("sacct", "slurm", "allocation"),
        SourceConfig("dcgm", "exposition", "sample"),
    ),
)
DISK = Store("disk", sources=(SourceConfig("snapshots", "table", "reading"),))
COMPLETE = {"sacct": END_MS, "dcgm": END_MS + HOLD_MS, "snapshots": END_MS}


@pytest.fixture
def opened(tmp_path: Path) -> OpenSite:
    """Two sections with usage of the first day of the site's first month."""
    ground = open_ground(tmp_path)
    store_registry(ground, REGISTRY)
    put_day(ground, FIRST, usual(FIRST))
    return replace(ground, site=replace(ground.site, clusters=(GPU,), stores=(DISK,)))


def reach(opened: OpenSite, **to_ms: int) -> None:
    with opened.database.begin() as connection:
        for source, moment in to_ms.items():
            set_watermark(connection, "disk" if source == "snapshots" else "gpu", source, moment)


def announced(opened: OpenSite) -> dict[date, str]:
    with opened.database.read() as connection:
        rows = connection.execute(sa.select(announced_day.c.day, announced_day.c.digest))
        return {row.day: row.digest for row in rows}


def test_a_day_is_complete_when_every_source_reaches_its_end(opened: OpenSite) -> None:
    assert list(complete_days(opened)) == []
    reach(opened, **COMPLETE)
    assert list(complete_days(opened)) == [FIRST]


@pytest.mark.parametrize("late", COMPLETE)
def test_a_millisecond_missing_of_one_source_holds_the_day_back(
    opened: OpenSite, late: str
) -> None:
    reach(opened, **COMPLETE | {late: COMPLETE[late] - 1})
    assert complete_days(opened) == {}


@pytest.mark.parametrize("never", COMPLETE)
def test_a_source_that_was_never_collected_holds_the_day_back(opened: OpenSite, never: str) -> None:
    reach(opened, **{source: at for source, at in COMPLETE.items() if source != never})
    assert complete_days(opened) == {}


def test_a_section_without_usage_of_the_day_holds_it_back(opened: OpenSite) -> None:
    put_day(opened, SECOND, {"gpu": usual(SECOND)["gpu"]})
    reach(opened, **{source: at + 86_400_000 for source, at in COMPLETE.items()})
    assert list(complete_days(opened)) == [FIRST]


def test_a_waived_section_holds_no_day_back(opened: OpenSite) -> None:
    reach(opened, snapshots=END_MS)
    with opened.database.begin() as connection:
        waive(connection, "gpu", FIRST, "정전", "김정산")
    assert list(complete_days(opened)) == [FIRST]


def test_a_day_before_the_sites_first_month_is_never_announced(opened: OpenSite) -> None:
    put_day(opened, BEFORE, usual(BEFORE))
    reach(opened, **COMPLETE)
    assert list(complete_days(opened)) == [FIRST]


def test_a_recorded_day_is_not_announced_again_when_its_usage_changes(opened: OpenSite) -> None:
    reach(opened, **COMPLETE)
    first = complete_days(opened)
    record_announced(opened, first)
    assert (complete_days(opened), announced(opened)) == ({}, first)
    put_day(opened, FIRST, {"gpu": usual(SECOND)["gpu"], "disk": []})
    assert complete_days(opened) == {}


def test_a_day_that_was_not_recorded_is_given_again_with_the_same_digest(opened: OpenSite) -> None:
    reach(opened, **COMPLETE)
    assert complete_days(opened) == complete_days(opened)


def test_recording_twice_keeps_what_was_recorded_first(opened: OpenSite) -> None:
    record_announced(opened, {FIRST: "a" * 64})
    record_announced(opened, {FIRST: "b" * 64, SECOND: "c" * 64})
    assert announced(opened) == {FIRST: "a" * 64, SECOND: "c" * 64}
