"""A source lands in portions of bounded size: the same bytes, and nothing lost where it breaks."""

import gzip
from dataclasses import replace
from pathlib import Path

import pytest
from lakes import files
from meter_ground import MIDNIGHT, REGISTRY, Ground, cluster, device, ground

from metering import collect as collecting
from metering.collect import Collected, collect
from metering.period import HOUR_MS, Period
from metering.site import SourceConfig
from metering.sources import exposition
from metering.watermark import watermarks

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
    monkeypatch.setattr(exposition, "VALUES_AT_ONCE", 1)
    (tmp_path / "portioned").mkdir()
    return ground(tmp_path / "portioned", cluster(DCGM))


def test_portions_land_what_the_whole_lands(whole: Ground, portioned: Ground) -> None:
    scrapes(portioned)
    collected = run(portioned)
    assert (collected.rows, collected.quarantined) == ({"sample": 8}, {"sample": 4})
    assert landed(portioned) == landed(whole) != {}
    assert known(portioned) == known(whole)


def test_a_source_that_breaks_half_way_keeps_what_landed_and_is_read_again(
    whole: Ground, portioned: Ground
) -> None:
    scrapes(portioned, 2)
    broken = run(portioned)
    assert [one.kind for one in broken.findings if one.severity == "fail"] == ["source_unavailable"]
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
