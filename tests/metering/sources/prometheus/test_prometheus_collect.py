"""Collecting from a real Prometheus server: whole, the same again, and nothing lost half-way."""

import multiprocessing
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from metering.calendar import HOUR_MS, Period
from metering.collect.collect import Collected, collect
from metering.collect.watermark import watermarks
from metering.finding import Finding
from metering.settings.source_options.location import Endpoint
from metering.settings.source_options.prometheus import Prometheus
from metering.settings.source_options.source_config import SourceConfig
from metering.site.open_site import Progress, silent
from tests.builders.lakes import files
from tests.builders.servers.prometheus import Server, Written, needs_prometheus, serving
from tests.builders.sites.example_month import tree_bytes
from tests.builders.sites.metering_site import (
    LAST,
    MIDNIGHT,
    REGISTRY,
    Ground,
    cluster,
    device,
    ground,
)

SCRAPE_MS = 15_000
FIRST_MJ, STEP_MJ = 126_272_101_025, 6_000_001
METRICS: dict[str, Callable[[int, int], str]] = {
    "DCGM_FI_DEV_FB_USED": lambda d, n: str(4 + 10 * d + n % 7),
    "DCGM_FI_DEV_GPU_UTIL": lambda d, n: str((d + n) % 101),
    "DCGM_FI_DEV_POWER_USAGE": lambda d, n: f"{100 + d}.{n % 1000:03d}",
    "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION": lambda d, n: str(FIRST_MJ + STEP_MJ * n),
}
SMALL = (4, 2)  # devices and hours


def uid(d: int) -> str:
    return f"GPU-{d:04d}"


def instant(d: int, n: int) -> int:
    return MIDNIGHT + n * SCRAPE_MS + d


def series(devices: int, first: int, count: int) -> Iterator[Written]:
    for metric, value in METRICS.items():
        for d in range(devices):
            labels = f'UUID="{uid(d)}",Hostname="n{d // 8}",hpc_job="{d}",gpu="{d % 8}"'
            points = ((instant(d, n), value(d, n)) for n in range(first, first + count))
            yield Written(metric, labels, points)


def landed(devices: int, hours: int) -> list[tuple[int, ...]]:
    return [
        (d + 1, instant(d, n), (d + n) % 101 * 10_000, (100 + d) * 1000 + n % 1000,
         FIRST_MJ + STEP_MJ * n, 4 + 10 * d + n % 7)
        for d in range(devices)
        for n in range(hours * HOUR_MS // SCRAPE_MS)
    ]  # fmt: skip


def site_of(folder: Path, url: str, devices: int, at_once: int = 4, late_ms: int = 0) -> Ground:
    folder.mkdir()
    source = SourceConfig(
        "dcgm", "prometheus", "sample", "dcgm", endpoint=Endpoint(url),
        options=Prometheus(at_once=at_once), late_ms=late_ms,
    )  # fmt: skip
    made = ground(folder, cluster(source))
    made.load(replace(REGISTRY, devices=tuple(device(uid(d)) for d in range(devices))))
    made.complete(MIDNIGHT)  # what was before is collected
    return made


def pull(made: Ground, hours: int, progress: Progress = silent) -> Collected:
    (collected,) = collect(
        made.opened, Period(MIDNIGHT, MIDNIGHT + hours * HOUR_MS), progress=progress
    )
    return collected


def kinds(findings: list[Finding]) -> list[str]:
    return [finding.kind for finding in findings]


def rows(made: Ground) -> list[tuple[int, ...]]:
    table = made.lake.read("sample")
    names = ("device_id", "sampled_ms", "busy_ppm", "power_mw", "energy_mj", "memory_mib")
    return sorted(zip(*(table.column(name).to_pylist() for name in names), strict=True))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    needs_prometheus()
    devices, hours = SMALL
    count = hours * HOUR_MS // SCRAPE_MS
    with serving(tmp_path / "prometheus", [series(devices, 0, count)]) as running:
        yield running


def test_every_sample_lands_and_collecting_again_changes_no_byte(
    server: Server, tmp_path: Path
) -> None:
    devices, hours = SMALL
    made = site_of(tmp_path / "site", server.url, devices)
    told: list[tuple[int, int]] = []
    collected = pull(made, hours, lambda _, done, of: told.append((done, of)))
    assert (collected.findings, collected.quarantined) == ([], {"sample": 0})
    assert collected.rows == {"sample": len(METRICS) * devices * hours * 240}
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert rows(made) == landed(devices, hours)
    before = files(tmp_path / "site" / "lake")
    pull(made, hours)
    for hour in range(hours):
        pull(made, hour + 1)
    assert files(tmp_path / "site" / "lake") == before


def test_a_server_that_stops_half_way_loses_and_doubles_nothing(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices, hours = SMALL
    whole = site_of(tmp_path / "whole", server.url, devices)
    pull(whole, hours)
    monkeypatch.setattr("metering.sources.reading.web.PAUSES_S", (0, 0))
    monkeypatch.setattr("metering.collect.collect.SAMPLES_AT_ONCE", 1)  # each hour lands by itself
    made = site_of(tmp_path / "broken", server.url, devices, at_once=1)

    def stop_after_the_first(_: str, done: int, of: int) -> None:
        if done == 1:
            server.stop()

    assert kinds(pull(made, hours, stop_after_the_first).findings) == ["source_unavailable"]
    with made.opened.database.read() as connection:
        assert watermarks(connection, "hpc") == {"dcgm": MIDNIGHT + HOUR_MS}
    assert rows(made) == landed(devices, 1)
    assert kinds(pull(made, hours).findings) == ["source_unavailable"]  # still away
    server.start()
    assert kinds(pull(made, hours).findings) == []
    assert rows(made) == landed(devices, hours)
    assert tables(made) == tables(whole)


def test_late_samples_are_waited_for(server: Server, tmp_path: Path) -> None:
    devices, hours = SMALL
    made = site_of(tmp_path / "site", server.url, devices, late_ms=600_000)
    pull(made, hours)
    with made.opened.database.read() as connection:
        known_to_ms = watermarks(connection, "hpc")["dcgm"]
    assert (
        known_to_ms == MIDNIGHT + hours * HOUR_MS + made.opened.site.clusters[0].hold_ms - 600_000
    )
    asked: list[int] = []
    collect(  # the hour after it begins where all is known to be there
        made.opened, Period(MIDNIGHT + hours * HOUR_MS, MIDNIGHT + (hours + 1) * HOUR_MS),
        progress=lambda _, done, of: asked.append(of),
    )  # fmt: skip
    assert (asked[0], rows(made)) == (3, landed(devices, hours))


def tables(made: Ground) -> dict[str, str]:
    """The digests of all rows that stand."""
    names = ("sample", "interval", "device", "workload")
    return {
        place: digest
        for name in names
        for place, digest in made.lake.select(name).digests().items()
    }


def measured(folder: Path, url: str, devices: int, hours: int, told: Connection) -> None:
    """Collect in a process of its own, so that its memory is counted apart."""
    made = site_of(folder, url, devices)
    begun, used = time.perf_counter(), time.process_time()
    collected = pull(made, hours)
    wall, cpu = time.perf_counter() - begun, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    told.send((collected.rows["sample"], kinds(collected.findings), wall, cpu, peak))


@pytest.mark.soak
def test_two_days_of_200_devices_are_collected_and_metered(tmp_path: Path) -> None:
    needs_prometheus()
    devices, hours, piece = 200, 48, 2 * HOUR_MS // SCRAPE_MS
    pieces = (series(devices, piece * n, piece) for n in range(hours // 2))
    with serving(tmp_path / "prometheus", pieces) as server:
        context = multiprocessing.get_context("spawn")
        mine, theirs = context.Pipe()
        child = context.Process(
            target=measured, args=(tmp_path / "site", server.url, devices, hours, theirs)
        )
        child.start()
        samples, found, wall, cpu, peak = mine.recv()
        child.join()
        print(
            f"\n{samples:,} samples: {wall:.1f} s, {cpu:.1f} s cpu,"
            f" {samples / cpu:,.0f} samples a cpu second, peak memory {peak:,} MiB"
        )
        assert (samples, found) == (len(METRICS) * devices * hours * 240, [])
        first = tree_bytes(tmp_path / "site" / "lake")
        again = site_of(tmp_path / "again", server.url, devices)
        pull(again, hours)
    assert tree_bytes(tmp_path / "again" / "lake") == first
    assert rows(again) == landed(devices, hours)
    again.meter(LAST)
    seen = again.lake.read("device_hour", date_from=LAST, date_to=LAST)
    energy_uj = sum(seen.column("energy_uj").to_pylist())
    wanted_uj = devices * STEP_MJ * 1000 * (24 * 240)
    assert abs(energy_uj - wanted_uj) < devices * STEP_MJ * 1000  # the scrape that is cut
