"""The coverage of a month: a mark a day, the time that is missing and what it may cost."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from billing.rulebook.rule_book import read_rulebook
from metering.calendar import DAY_MS, HOUR_MS
from metering.collect.watermark import set_watermark
from metering.database.decisions import waive
from metering.settings.sections import Cluster, Store
from metering.settings.source_options.source_config import SourceConfig
from metering.site.open_site import OpenSite
from reports.readiness.coverage import Coverage, coverage
from tests.builders.sites.close_site import (
    CALENDAR,
    FIRST,
    HOUR_US,
    MONTH,
    REGISTRY,
    open_ground,
    put_day,
    store_registry,
    used,
)

BOOK = read_rulebook()
PRICE = int(BOOK.prices["gpu.h100"].on(FIRST))
GPU = Cluster("gpu", sources=(SourceConfig("sacct", "slurm", "allocation"),))
DISK = Store("disk", sources=(SourceConfig("quota", "table", "reading"),))


@pytest.fixture
def opened(tmp_path: Path) -> OpenSite:
    """Two days of usage of one cluster, two hours a day; both sections complete to the third."""
    place = open_ground(tmp_path)
    store_registry(place, REGISTRY)
    for number in (1, 2):
        day = date(2025, 10, number)
        put_day(place, day, {"gpu": [used(day, 1, "gpu.h100", 2 * HOUR_US)]})
    complete(place, gpu=2 * DAY_MS, disk=2 * DAY_MS)
    return replace(place, site=replace(place.site, clusters=(GPU,), stores=(DISK,)))


def complete(place: OpenSite, **after_first: int) -> None:
    with place.database.begin() as connection:
        for section, source in (("gpu", "sacct"), ("disk", "quota")):
            if section in after_first:
                to_ms = CALENDAR.day(FIRST).start_ms + after_first[section]
                set_watermark(connection, section, source, to_ms)


def gpu(place: OpenSite) -> Coverage:
    return coverage(place, MONTH, BOOK)[0]


def test_days_to_come_are_not_missing(opened: OpenSite) -> None:
    assert gpu(opened) == Coverage("gpu", "●●" + "·" * 29, 0, 0)


def test_hours_that_another_section_has_are_missing_and_cost_the_mean(opened: OpenSite) -> None:
    complete(opened, disk=2 * DAY_MS + 12 * HOUR_MS)
    assert gpu(opened) == Coverage("gpu", "●●" + "·" * 29, 12 * HOUR_MS, PRICE)


def test_a_day_that_is_not_complete_is_missing_from_where_it_is_known(opened: OpenSite) -> None:
    third = date(2025, 10, 3)
    put_day(opened, third, {"gpu": [used(third, 1, "gpu.h100", 1)]})
    complete(opened, gpu=2 * DAY_MS + 6 * HOUR_MS, disk=3 * DAY_MS)
    assert gpu(opened) == Coverage("gpu", "●●◐" + "·" * 28, 18 * HOUR_MS, PRICE * 3 // 2)


def test_a_waived_day_is_not_missing(opened: OpenSite) -> None:
    complete(opened, disk=3 * DAY_MS)
    with opened.database.begin() as connection:
        waive(connection, "gpu", date(2025, 10, 3), "정전", "김운영")
    assert gpu(opened) == Coverage("gpu", "●●–" + "·" * 28, 0, 0)


def test_a_hole_in_what_was_metered_is_missing_though_the_source_is_complete(
    opened: OpenSite,
) -> None:
    complete(opened, gpu=4 * DAY_MS)
    fourth = date(2025, 10, 4)
    put_day(opened, fourth, {"gpu": [used(fourth, 1, "gpu.h100", 2 * HOUR_US)]})
    assert gpu(opened) == Coverage("gpu", "●●·●" + "·" * 27, DAY_MS, 2 * PRICE)


def test_days_before_a_section_began_are_neither_missing_nor_marked(opened: OpenSite) -> None:
    later = tuple(
        replace(device, installed_ms=CALENDAR.day(date(2025, 10, 2)).start_ms)
        for device in REGISTRY.devices
    )
    store_registry(opened, replace(REGISTRY, devices=later))
    with opened.lake.change() as change:
        change.remove("usage_day", {"cluster": "gpu", "date": FIRST})
    assert gpu(opened).symbols == " ●" + "·" * 29


def test_without_rules_or_complete_days_nobody_knows_what_it_costs(opened: OpenSite) -> None:
    complete(opened, disk=3 * DAY_MS)
    assert coverage(opened, MONTH, None)[0].missing_krw is None
    (_, disk) = coverage(opened, MONTH, BOOK)
    assert (disk.missing_ms, disk.missing_krw) == (0, None)
