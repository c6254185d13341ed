"""A metric that leaves its range, as of another unit, is told device by device and day by day."""

from datetime import date
from pathlib import Path

import pytest

from metering.calendar import HOUR_MS, Period
from metering.collect.collect import collect
from metering.database.findings import findings
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.reading.batch import Note
from tests.builders.sites.metering_site import MIDNIGHT, Ground, cluster, ground
from tests.metering.sources.prometheus.test_prometheus_source import G1, POWER, batch

DCGM = SourceConfig("dcgm", "exposition", "sample", family="dcgm", paths=("*.prom",))
DETAIL = (
    "DCGM_FI_DEV_POWER_USAGE 값이 범위(0 to 1500 W)를 벗어나 격리했습니다. "
    "수집기의 단위가 달라졌는지 확인하십시오."
)
DAY = date(2025, 11, 1)


@pytest.fixture
def made(tmp_path: Path) -> Ground:
    return ground(tmp_path, cluster(DCGM))


def scrape(made: Ground, hour: int, watts: str) -> list[tuple[str, str, date | None, str, str]]:
    """An hour of 120 scrapes, of which the last says so much; what is found after it."""
    start_ms = MIDNIGHT + hour * HOUR_MS
    for number in range(120):
        said = watts if number == 119 else "300"
        file = made.opened.site.directory / f"{start_ms + number * 15_000}.prom"
        file.write_text(f'{POWER}{{UUID="gpu-1"}} {said}\n', encoding="utf-8")
    window = Period(start_ms, start_ms + HOUR_MS)
    (collected,) = collect(made.opened, window, None, window.end_ms)
    assert collected.quarantined == {"sample": int(watts != "300")}
    with made.opened.database.read() as connection:
        return [
            (finding.severity, finding.kind, finding.day, finding.subject, finding.detail)
            for finding in findings(connection)
        ]


def test_one_value_of_another_unit_is_told_once_a_day_and_device(made: Ground) -> None:
    told = ("warn", "out_of_range", DAY, "gpu-1", DETAIL)
    assert scrape(made, 1, "300") == []
    assert scrape(made, 2, "300000") == [told]
    assert scrape(made, 3, "1501") == [told]
    assert scrape(made, 4, "300") == [told]  # an hour that is well does not mend those before


def test_a_server_s_samples_of_another_unit_are_told_with_their_day(tmp_path: Path) -> None:
    found = batch(tmp_path, (POWER, G1, [(MIDNIGHT, "1500"), (MIDNIGHT + 15_000, "1500.1")]))
    assert found.notes == (Note("warn", "out_of_range", "G1", DETAIL, DAY),)
    well = batch(tmp_path, (POWER, G1, [(MIDNIGHT, "0"), (MIDNIGHT + 15_000, "1500")]))
    assert well.notes == ()
