"""However a cloud's meters are pulled, in whatever windows and order, the lake is the same."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from metering.calendar import DAY_MS, Period
from metering.collect.land_cloud_meters import land_cloud_meters
from metering.sources.cloud.meters import CloudMeter
from metering.sources.reading.schemas import CLOUD_METER, table_of
from tests.breadth import few
from tests.builders.lakes import files
from tests.builders.servers.cloud_api import COUNTERS, Ground, amount, hours, nhn_source, site_of
from tests.builders.sites.metering_site import MIDNIGHT

DAYS = 5
URL = "http://cloud.example"


def meters(random: Random) -> list[CloudMeter]:
    """Meters of five days and every type, some of them late, some inserted a second time."""
    found = []
    for number in range(150):
        counter = random.choice(COUNTERS)
        used_ms = hours(random.uniform(0, 24 * DAYS - 1))
        for _ in range(random.choice((1, 1, 1, 2))):
            late_ms = random.choice((60_000, 60_000, DAY_MS, 2 * DAY_MS))
            asked_ms = min(used_ms + late_ms, hours(24 * DAYS) - 1)
            found.append(
                CloudMeter(
                    random.choice(("lab", "other")),
                    counter.name,
                    "app",
                    f"r{number % 3}",
                    used_ms,
                    random.choice(("", f"g{number}")),
                    asked_ms,
                    counter.kind,
                    str(random.randrange(1000)),
                    counter.sku,
                    counter.measure,
                )
            )
    return found


def pull(made: Ground, there: Sequence[CloudMeter], first: int, last: int) -> list[str]:
    """Lands what the cloud has of the days of insertion from the first to the last."""
    window = Period(MIDNIGHT + first * DAY_MS, MIDNIGHT + (last + 1) * DAY_MS)
    site = made.opened.site
    (section,) = site.stores
    rows = table_of([one for one in there if window.holds(one.asked_ms)], CLOUD_METER)
    with made.lake.change() as change:
        found = land_cloud_meters(
            made.lake, change, section, site, section.sources[0], rows, window
        )
    return [one.kind for one in found]


@pytest.mark.parametrize("seed", few(2, range(6)))
def test_any_pulls_in_any_order_give_what_one_pull_gives(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    there = meters(random)
    (tmp_path / "one").mkdir()
    (tmp_path / "many").mkdir()
    one = site_of(tmp_path / "one", nhn_source(URL))
    many = site_of(tmp_path / "many", nhn_source(URL))
    assert set(pull(one, there, 0, DAYS - 1)) <= {"ambiguous_meter"}
    windows = [sorted((random.randrange(DAYS), random.randrange(DAYS))) for _ in range(4)]
    windows += [[day, day] for day in range(DAYS)]
    random.shuffle(windows)
    for first, last in windows:
        random.shuffle(there)
        assert set(pull(many, there, first, last)) <= {"ambiguous_meter"}
    for table in ("cloud_meter", "reading"):
        assert one.lake.select(table).digests() == many.lake.select(table).digests()
    before = files(tmp_path / "many" / "lake")
    pull(many, there, 0, DAYS - 1)
    assert files(tmp_path / "many" / "lake") == before


def test_a_deleted_day_leaves_nothing(tmp_path: Path) -> None:
    """All that was inserted goes, and with it every reading that was made of it."""
    made = site_of(tmp_path, nhn_source(URL))
    there = meters(Random(0))
    pull(made, there, 0, DAYS - 1)
    assert sum(amount(made, day) for day in range(DAYS)) > 0
    assert set(pull(made, [], 0, DAYS - 1)) == {"deleted_meter"}
    assert made.lake.partitions("reading") == made.lake.partitions("cloud_meter") == []


def test_a_counter_that_is_not_asked_for_is_not_deleted(tmp_path: Path) -> None:
    made = site_of(tmp_path, nhn_source(URL))
    there = [meter for meter in meters(Random(0)) if meter.counter in ("gpu", "gauge")]
    pull(made, there, 0, DAYS - 1)
    before = [row for row in made.lake.read("cloud_meter").to_pylist() if row["counter"] == "gpu"]
    fewer = site_of(tmp_path, nhn_source(URL, COUNTERS[1]))
    pull(fewer, [], 0, DAYS - 1)
    assert made.lake.read("cloud_meter").to_pylist() == before
