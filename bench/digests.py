"""What holding every file to its digest costs a day's metering: the same day with and without it,
in one run, the same rows first."""

import argparse
import hashlib
import multiprocessing
import statistics
import tempfile
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from bench.landing import DAY, Ground, timed, write
from metering.lake.lake import Lake
from metering.settings.source_options.source_config import SourceConfig
from metering.usage.day_queries import UsageOfDay
from metering.usage.duckdb_engine import Engine
from metering.usage.outdated_days import LandedPartitions
from metering.usage.registry_inputs import MeterInputs

SOURCES = (
    SourceConfig("dcgm", "exposition", "sample"),
    SourceConfig("sacct", "slurm", "allocation"),
)


class TrustingLake(Lake):
    """A lake that believes its files, as no command does."""

    def content(self, path: str, sha256: str) -> pa.Buffer:
        """The bytes of a file, whatever they are."""
        return self.store.get(path)

    def hold(self, path: str, sha256: str) -> None:
        """Believes that a file is whole."""


def main() -> None:
    """Print how much longer metering takes with digests, and how fast one is computed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=2_000)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report(Path(folder), options.devices, options.hours, options.pairs)


def report(folder: Path, devices: int, hours: int, pairs: int) -> None:
    """Meter a landed day in turn with and without digests."""
    path = folder / "telemetry.arrow"
    maker = multiprocessing.get_context("spawn").Process(target=write, args=(path, devices, hours))
    maker.start()
    maker.join()
    ground = Ground(folder / "site", devices)
    ground.land(pa.ipc.open_file(pa.memory_map(str(path))).read_all())
    cluster = replace(ground.cluster, sources=SOURCES)
    inputs = MeterInputs(cluster, ground.registry, ground.site.calendar, {})
    engine = Engine(threads=2)
    rows: dict[type[Lake], dict[str, pa.Table]] = {}

    def meter(kind: type[Lake]) -> None:
        lake = kind(ground.site.lake, ground.lake.database)  # which has held nothing yet
        landed = LandedPartitions.between(lake, cluster.name, DAY, DAY)
        rows[kind] = UsageOfDay(engine, landed, inputs, DAY).count()

    kinds = (Lake, TrustingLake)
    for kind in kinds:
        meter(kind)
    assert rows[Lake] == rows[TrustingLake], "the same rows, whether anybody looks or not"
    runs = [[timed(lambda kind=kind: meter(kind)) for kind in kinds] for _ in range(pairs)]
    (wall, cpu), (trusting, less) = (
        [statistics.median(run[which][clock] for run in runs) for clock in range(2)]
        for which in range(2)
    )
    size = sum(
        manifest.size
        for table in ("interval", "device", "workload")
        for manifest in ground.lake.select(table, date=DAY).manifests
    )
    print(f"{devices:,} devices, {hours} h: {size:,} bytes read of the day")
    print(f"metering with digests: {wall:.3f} s, cpu {cpu:.3f} s")
    print(f"without: {trusting:.3f} s, cpu {less:.3f} s")
    print(f"with / without: {wall / trusting:.3f}, cpu {cpu / less:.3f}")
    piece = bytes(64 << 20)
    seconds, _ = timed(lambda: hashlib.sha256(piece))
    print(f"sha256: {64 / seconds:,.0f} MiB a second")
    engine.close()


if __name__ == "__main__":
    main()
