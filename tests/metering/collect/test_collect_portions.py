"""A source lands in portions of bounded size: the same bytes, and nothing lost where it breaks."""

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from metering.calendar import HOUR_MS, Period
from metering.collect import collect as collecting
from metering.collect.collect import Collected, collect
from metering.collect.watermark import watermarks
from metering.database.findings import findings
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.exposition import source
from tests.builders.lakes import files
from tests.builders.sites.metering_site import MIDNIGHT, REGISTRY, Ground, cluster, device, ground

DCGM = SourceConfig("dcgm", "exposition", "sample", family="dcgm", paths=("*.prom.gz",))
WINDOW = Period(MIDNIGHT, MIDNIGHT + HOUR_MS)
LINE = 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{{UUID="{uid}"}} {value}\n'


def scrapes(made: Ground, *odd: int) -> None:
    """Four scrapes of two devices, one of them unknown; those numbered `odd` cannot be unpacked."""
    for number in range(4):
        name = f"{MIDNIGHT + (number + 1) * 15_000}.prom.gz"
        text = "".join(LINE.format(uid=uid, value=100 + number) for uid in ("gpu-1", "stray"))
        packed = gzip.compress(text.encode(), mtime=0)
        content = packed[:-6] if number in odd else packed
        (made.opened.site.directory / name).write_bytes(content)


def run(made: Ground) -> Collected:
    (collected,) = collect(made.opened, WINDOW, None, WINDOW.end_ms)
    return collected


def known(made: Ground) -> dict[str, int]:
    with made.opened.database.read() as connection:
        return watermarks(connection, "hpc")


def told(made: Ground) -> list[tuple[str, str]]:
    with made.opened.database.read() as connection:
        return [(finding.kind, finding.detail) for finding in findings(connection)]


def landed(made: Ground) -> dict[str, bytes]:
    """The bytes of what is in force."""
    root = Path(made.opened.site.lake)
    every = files(root)
    tables = ("sample", "interval", "device")
    named = {path for table in tables for path in made.lake.paths(table)}
    return {
        name: content
        for name, (_, content) in every.items()
        if any(path.endswith(name) for path in named)
    }


@pytest.fixture
def whole(tmp_path: Path) -> Ground:
    (tmp_path / "whole").mkdir()
    made = ground(tmp_path / "whole", cluster(DCGM))
    scrapes(made)
    collected = run(made)
    assert (collected.rows, collected.quarantined) == ({"sample": 8}, {"sample": 4})
    return made


@pytest.fixture
def portioned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    """A site that lands after every scrape."""
    monkeypatch.setattr(collecting, "SAMPLES_AT_ONCE", 1)
    monkeypatch.setattr(source, "VALUES_AT_ONCE", 1)
    (tmp_path / "portioned").mkdir()
    return ground(tmp_path / "portioned", cluster(DCGM))


@pytest.mark.breadth
def test_portions_land_what_the_whole_lands(whole: Ground, portioned: Ground) -> None:
    scrapes(portioned)
    collected = run(portioned)
    assert (collected.rows, collected.quarantined) == ({"sample": 8}, {"sample": 4})
    assert landed(portioned) == landed(whole) != {}
    assert known(portioned) == known(whole)
    assert told(portioned) == told(whole)
    assert [detail for kind, detail in told(whole) if kind == "unregistered_device"] == [
        "등록되지 않은 장비의 표본 4건을 받지 않았습니다. 장비 대장에 등록한 뒤 다시 수집하십시오."
    ]


def test_resets_of_a_day_are_counted_once_however_they_land(
    whole: Ground, portioned: Ground
) -> None:
    """A day is derived again with every portion and every hour, and counted over again."""
    for made in (whole, portioned):
        scrapes(made)
        for number in (5, 7):  # the counter falls in the fifth, seventh and eighth scrape
            for at, value in ((number, 1), (number + 1, 0 if number == 7 else 50)):
                packed = gzip.compress(LINE.format(uid="gpu-1", value=value).encode(), mtime=0)
                name = f"{MIDNIGHT + at * 15_000}.prom.gz"
                (made.opened.site.directory / name).write_bytes(packed)
        run(made)
    for made in (whole, portioned):  # the first of them collects the hour for the second time
        resets = [detail for kind, detail in told(made) if kind == "counter_reset"]
        assert resets == ["전력량 계수가 3번 초기화되어 새 값부터 다시 셌습니다."]


def test_a_source_that_breaks_half_way_keeps_what_landed_and_is_read_again(
    whole: Ground, portioned: Ground
) -> None:
    scrapes(portioned, 2)
    broken = run(portioned)
    assert [finding.kind for finding in broken.findings if finding.severity == "fail"] == [
        "source_unavailable"
    ]
    assert (portioned.lake.read("sample").num_rows, known(portioned)) == (2, {})
    scrapes(portioned)
    assert not run(portioned).failed
    assert landed(portioned) == landed(whole)
    assert known(portioned) == known(whole)


def test_what_landing_refused_goes_once_its_device_is_registered(whole: Ground) -> None:
    (row,) = whole.lake.read("quarantine").to_pylist()
    assert (row["place"], row["text"][:9]) == ("stray", "4 samples")
    whole.load(replace(REGISTRY, devices=(*REGISTRY.devices, device("stray"))))
    assert run(whole).quarantined == {"sample": 0}
    assert whole.lake.read("quarantine").num_rows == 0
