"""What the example's exporters print: DCGM text for the GPUs, a card table for the NPUs."""

import csv
import gzip
import io
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from example.scheduler import ExampleJob, Occupancy

SCRAPE_S = 120

DCGM = (
    ("DCGM_FI_DEV_GPU_UTIL", "gauge", "GPU utilization (in %)."),
    ("DCGM_FI_DEV_POWER_USAGE", "gauge", "Power draw (in W)."),
    ("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "counter", "Total energy since boot (in mJ)."),
    ("DCGM_FI_DEV_FB_USED", "gauge", "Framebuffer memory used (in MiB)."),
)


@dataclass(frozen=True, slots=True)
class ExampleDevice:
    """One device as its exporter names it."""

    uid: str
    index: int
    node: str
    model_name: str
    idle_mw: int
    full_mw: int
    memory_mib: int


@dataclass(frozen=True, slots=True)
class Fault:
    """A stretch in which devices send nothing; `reboot` sets their counters back to zero."""

    start_s: int
    end_s: int
    devices: frozenset[int]
    reboot: bool = False


@dataclass(slots=True)
class Meter:
    """The state of one device between two scrapes."""

    energy_mj: int
    power_mw: int
    seen_s: int
    reboots: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class ExampleScrape:
    """What one device says at one instant."""

    instant_ms: int
    device: int
    percent: int
    power_mw: int
    energy_mj: int
    memory_mib: int
    job: ExampleJob | None


def scrapes(
    chance: random.Random,
    boards: Sequence[ExampleDevice],
    jobs: Sequence[ExampleJob],
    faults: Sequence[Fault],
    start_s: int,
    end_s: int,
) -> Iterator[ExampleScrape]:
    """Every scrape of every device from start_s (exclusive) to end_s, in order of time."""
    occupancy = Occupancy(jobs, len(boards))
    meters = [Meter(chance.randrange(10**9, 10**12), board.idle_mw, start_s) for board in boards]
    for instant in range(start_s + SCRAPE_S, end_s + 1, SCRAPE_S):
        jitter_ms = chance.randrange(0, 900)
        for device, board in enumerate(boards):
            meter = meters[device]
            job = occupancy.at(device, instant)
            percent = 0
            if job and job.intensity_percent:
                percent = max(1, min(100, job.intensity_percent + chance.randrange(-6, 7)))
            power = board.idle_mw + (board.full_mw - board.idle_mw) * percent // 100
            power += chance.randrange(0, board.idle_mw // 8)
            meter.energy_mj += (meter.power_mw + power) * (instant - meter.seen_s) // 2
            meter.power_mw, meter.seen_s = power, instant
            fault = next(
                (f for f in faults if device in f.devices and f.start_s <= instant < f.end_s), None
            )
            if fault:
                if fault.reboot and fault.start_s not in meter.reboots:
                    meter.reboots.add(fault.start_s)
                    meter.energy_mj = 0
                continue
            memory = 4 if job is None else board.memory_mib * (40 + job.job_id % 55) // 100
            yield ExampleScrape(
                instant * 1000 + jitter_ms, device, percent, power, meter.energy_mj, memory, job
            )


def _label_block(board: ExampleDevice, job: ExampleJob | None) -> str:
    labels = (
        f'gpu="{board.index}",UUID="{board.uid}",device="nvidia{board.index}",'
        f'modelName="{board.model_name}",Hostname="{board.node}"'
    )
    return labels + (f',hpc_job="{job.job_id}"' if job else "")


def write_exposition(
    path: Path, boards: Sequence[ExampleDevice], day: Sequence[ExampleScrape]
) -> None:
    """Writes one day of scrapes as timestamped Prometheus text, gzipped without a clock in it."""
    blocks: dict[tuple[int, int], str] = {}
    columns: list[list[str]] = [[], [], [], []]
    for scrape in day:
        key = (scrape.device, scrape.job.job_id if scrape.job else 0)
        if key not in blocks:
            blocks[key] = _label_block(boards[scrape.device], scrape.job)
        block = blocks[key]
        watts = f"{scrape.power_mw // 1000}.{scrape.power_mw % 1000:03d}"
        values = (scrape.percent, watts, scrape.energy_mj, scrape.memory_mib)
        for (name, _, _), value, lines in zip(DCGM, values, columns, strict=True):
            lines.append(f"{name}{{{block}}} {value} {scrape.instant_ms}\n")
    parts = []
    for (name, kind, text), lines in zip(DCGM, columns, strict=True):
        parts.append(f"# HELP {name} {text}\n# TYPE {name} {kind}\n")
        parts.extend(lines)
    write_gzip(path, "".join(parts))


def write_cards(path: Path, boards: Sequence[ExampleDevice], day: Sequence[ExampleScrape]) -> None:
    """Writes one day of NPU scrapes as the operator's own CSV: seconds, per cent, watts, MiB."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["epoch_ms", "card", "util_percent", "power_w", "memory_mib", "job"])
    for scrape in day:
        watts = f"{scrape.power_mw // 1000}.{scrape.power_mw % 1000:03d}"
        job = scrape.job.job_id if scrape.job else ""
        writer.writerow(
            [scrape.instant_ms, boards[scrape.device].uid, scrape.percent, watts,
             scrape.memory_mib, job]
        )  # fmt: skip
    write_gzip(path, text.getvalue())


def write_gzip(path: Path, text: str) -> None:
    """Writes text gzipped at level 1; the same text gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), compresslevel=1, mtime=0))
