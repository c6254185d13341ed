"""Landing measured: one day of 2,000 devices at 15 s, against a bare scan of the same columns."""

import argparse
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from metering.calendar import Calendar
from metering.database.connection import open_database
from metering.lake.lake import Lake
from metering.landing.intervals import derive, no_state
from metering.landing.land import land_samples
from metering.landing.samples import CYCLES, integers, read_values
from metering.registry.registry import Device, Registry
from metering.settings.sections import Cluster
from metering.settings.site_toml import Issuer, Site

SCRAPE_MS = 15_000
DAY = date(2025, 10, 1)
CALENDAR = Calendar("Asia/Seoul")
Ints = npt.NDArray[np.int64]


def telemetry(devices: int, hours: int, seed: int) -> pa.Table:
    """A day's observations as scraped, by instant and device; jobs come and go, some are missed."""
    rng = np.random.default_rng(seed)
    scrapes = hours * 3_600_000 // SCRAPE_MS
    start_ms = CALENDAR.day(DAY).start_ms
    phase = rng.integers(0, SCRAPE_MS, devices)
    jitter = rng.integers(-20, 21, (scrapes, devices))
    at = start_ms + 40 + np.arange(scrapes)[:, None] * SCRAPE_MS + phase[None, :] + jitter
    job, busy, memory = _jobs(rng, scrapes, devices)
    power = 90_000 + busy // 1000 * 560 + rng.integers(-8_000, 8_001, (scrapes, devices))
    used = np.diff(at, axis=0, prepend=at[:1]) * power // 1_000_000
    energy = rng.integers(10**9, 10**11, devices)[None, :] + np.cumsum(used, axis=0)
    seen = rng.random((scrapes, devices)) >= 0.01
    names = pa.array([f"GPU-{n:08x}-0000" for n in range(devices)])
    jobs = pa.array(["", *(f"slurm:{n}" for n in range(1, int(job.max()) + 1))])
    which = np.broadcast_to(np.arange(devices, dtype=np.int32), (scrapes, devices))[seen]
    empty = pa.array([""] * 1)
    blank = pa.DictionaryArray.from_arrays(np.zeros(which.size, np.int32), empty)
    return pa.table(
        {
            "device_uid": pa.DictionaryArray.from_arrays(which, names),
            "parent": blank,
            "slice": blank,
            "model": blank,
            "node": blank,
            "sampled_ms": at[seen],
            "busy_ppm": busy[seen].astype(np.int32),
            "power_mw": power[seen],
            "energy_mj": energy[seen],
            "memory_mib": memory[seen].astype(np.int32),
            "workload": pa.DictionaryArray.from_arrays(job[seen].astype(np.int32), jobs),
            "health_ok": pa.array(np.ones(which.size, np.bool_)),
            "busy_cycles": pa.nulls(which.size, pa.int64()),
            "total_cycles": pa.nulls(which.size, pa.int64()),
        }
    )


def _jobs(rng: np.random.Generator, scrapes: int, devices: int) -> tuple[Ints, Ints, Ints]:
    """Per scrape and device: the job (0 for none), whole percents of load in ppm, MiB in use."""
    changes = rng.random((scrapes, devices)) < 0.0006
    changes[0] = True
    number = np.cumsum(changes.ravel()).reshape(scrapes, devices)
    job = np.maximum.accumulate(np.where(changes, number, 0), axis=0)
    idle = rng.random(int(job.max()) + 1) < 0.3
    level = rng.integers(30, 99, idle.size)
    taken = rng.integers(2_000, 79_000, idle.size)
    load = np.clip(level[job] + rng.integers(-12, 13, (scrapes, devices)), 0, 100)
    busy = np.where(idle[job], 0, load * 10_000)
    return np.where(idle[job], 0, job), busy, np.where(idle[job], 4, taken[job])


def write(path: Path, devices: int, hours: int) -> None:
    """Write telemetry from a process of its own, so that its memory is not counted."""
    table = telemetry(devices, hours, seed=7)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


class Ground:
    """A site with one cluster in a folder."""

    def __init__(self, folder: Path, devices: int) -> None:
        self.lake = Lake(folder / "lake", open_database(f"sqlite:///{folder / 'site.db'}"))
        self.cluster = Cluster(name="hpc", title="HPC", hold_ms=60_000, scrape_ms=SCRAPE_MS)
        issuer = Issuer("", "", "", "", "", "")
        self.site = Site(
            folder, "bench", CALENDAR, str(folder / "lake"), "", "duckdb", "2025-10", issuer,
            (self.cluster,), (), None, folder,
        )  # fmt: skip
        self.registry = Registry(
            devices=tuple(
                Device(
                    "hpc", f"GPU-{n:08x}-0000", "h100", "gpu", f"n{n // 8}", "", "", 0, None, 700, 0
                )
                for n in range(devices)
            )
        )

    def land(self, observations: pa.Table) -> None:
        """Land in one change."""
        with self.lake.change() as change:
            land_samples(
                self.lake, change, self.cluster, self.site, self.registry, observations, None
            )


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def scan(path: str, columns: tuple[str, ...]) -> None:
    """Sum every column: what reading costs at least."""
    sums = ", ".join(f"SUM({column})" for column in columns)
    duckdb.execute(f"SELECT {sums} FROM read_parquet('{path}')").fetchall()  # noqa: S608


def main() -> None:
    """Print what landing costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=2_000)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    duckdb.execute("SET threads = 2")
    print(f"pyarrow {pa.__version__}, duckdb {duckdb.__version__}, numpy {np.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        report(Path(folder), options.devices, options.hours, options.pairs)


def report(folder: Path, devices: int, hours: int, pairs: int) -> None:
    """Land a day once cold, once again, and compare kernel and landing with scans."""
    path = folder / "telemetry.arrow"
    maker = multiprocessing.get_context("spawn").Process(target=write, args=(path, devices, hours))
    maker.start()
    maker.join()
    observations = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    rows = observations.num_rows
    print(f"{rows:,} samples of {devices:,} devices over {hours} h")
    wall, cpu = timed(lambda: Ground(folder / "warm", 2).land(observations.slice(0, 2)))
    print(
        f"first landing of two rows, its kernels loaded or compiled: {wall:.2f} s, {cpu:.2f} s cpu"
    )
    ground = Ground(folder / "site", devices)
    first, cpu = timed(lambda: ground.land(observations))
    print(f"landing: {first:.2f} s, {cpu:.2f} s cpu, {rows / cpu:,.0f} rows a cpu second")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"peak memory, {observations.nbytes >> 20:,} MiB of observations included: {peak:,.0f} MiB"
    )
    again, used = timed(lambda: ground.land(observations))
    print(f"the same again, changing no byte: {again:.2f} s, {used:.2f} s cpu")
    for table in ("sample", "interval"):
        for manifest in ground.lake.select(table).manifests:
            width = manifest.size / manifest.rows
            day = manifest.partition["date"]
            print(f"{table} {day}: {manifest.rows:,} rows, {width:.2f} bytes a row")
    _against_scans(ground, rows, devices, cpu, pairs)


def _against_scans(ground: Ground, rows: int, devices: int, landing: float, pairs: int) -> None:
    """Medians of alternating runs: the kernel, decoding and the kernel, and DuckDB's sums."""
    path = max(ground.lake.paths("sample", date=DAY), key=lambda p: Path(p).stat().st_size)
    names = ("device_id", "sampled_ms", "busy_ppm", "power_mw", "energy_mj", "memory_mib",
             "workload_id")  # fmt: skip
    limit = np.full(devices + 1, 700, np.int64)

    def decode() -> pa.Table:
        return pq.read_table(path, columns=[*names, "health_ok", *CYCLES], partitioning=None)

    def kernel(table: pa.Table) -> None:
        ids = [integers(table, name, np.int32) for name in ("device_id", "workload_id")]
        derive(read_values(table, *ids), no_state(devices + 1), limit, 60_000)

    table = decode()
    ways = (lambda: kernel(table), lambda: kernel(decode()), lambda: scan(path, names))
    runs = [[timed(way) for way in ways] for _ in range(pairs)]
    walls, cpus = (
        [statistics.median(run[which][clock] for run in runs) for which in range(3)]
        for clock in range(2)
    )
    labels = (
        "intervals from columns in memory",
        "decode and intervals",
        "DuckDB sum of all columns",
    )
    for label, wall, cpu in zip(labels, walls, cpus, strict=True):
        ratios = f"{wall / walls[2]:.2f} x the scan, cpu {cpu / cpus[2]:.2f} x"
        print(f"{label}: {wall:.3f} s, {rows / cpu:,.0f} rows a cpu second, {ratios}")
    print(f"whole landing: cpu {landing / cpus[2]:.0f} x the scan")


if __name__ == "__main__":
    main()
