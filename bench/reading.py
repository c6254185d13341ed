"""Reading measured: a sacct dump and DCGM text, against splitting the same lines and no more.

Scrapes of one exporter again and again are read against prometheus_client's parser too, where that
is installed.
"""

import gzip
import importlib
import random
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.clock import cpu_s
from example.generate import TAKEN, generate
from metering.calendar import Period
from metering.site.open_site import open_site
from metering.sources.exposition.text import TextReader
from metering.sources.families.family import family
from metering.sources.read import read

SERIES = 20_000
SCRAPES = 40
CLUSTER = "hpc-h100"
AT = 1_759_244_400_000
JOBS = 80_000


def lines_of(path: Path) -> list[bytes]:
    """The lines of a file, unpacked where it is packed."""
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).splitlines()


def split(paths: list[Path]) -> int:
    """Unpacks and splits every line at its spaces: what any reader has to do at least."""
    return sum(len(line.split(b" ")) for path in paths for line in lines_of(path))


def lengthen(dump: Path) -> None:
    """Writes each job of a dump many times over, under ids of its own."""
    header, *rows = dump.read_text(encoding="utf-8").splitlines()
    more = [f"{n}{row[6:]}" for n, row in enumerate(rows * (JOBS // len(rows)), 10**8)]
    dump.write_text("\n".join([header, *more]) + "\n", encoding="utf-8")


def scrape(chance: random.Random) -> bytes:
    """A scrape of a cluster's exporters: a fifth of its lines are of metrics that nobody meters."""
    metrics = (
        ("DCGM_FI_DEV_GPU_UTIL", lambda: str(chance.randrange(101))),
        ("DCGM_FI_DEV_POWER_USAGE", lambda: f"{chance.randrange(10**5, 7 * 10**5) / 1000:.6f}"),
        ("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", lambda: str(chance.randrange(10**12, 10**13))),
        ("DCGM_FI_DEV_FB_USED", lambda: str(chance.randrange(80_000))),
        ("DCGM_FI_DEV_SM_CLOCK", lambda: str(chance.randrange(300, 2000))),
    )
    lines = []
    for name, value in metrics:
        lines += [f"# HELP {name} of the device", f"# TYPE {name} gauge"]
        lines += [
            f'{name}{{gpu="{n % 8}",UUID="GPU-c4529c8d-69c4-b61d-e0bc-{n:012d}",'
            f'pci_bus_id="00000000:53:00.0",device="nvidia{n % 8}",modelName="NVIDIA H100",'
            f'Hostname="gpu-node-{n // 8}",DCGM_FI_DRIVER_VERSION="580.105.08",'
            f'container="main",namespace="lab-{n // 64}",pod="train-{n // 8}"}} {value()}'
            for n in range(SERIES // len(metrics))
        ]
    return "\n".join([*lines, ""]).encode()


def warm() -> None:
    """Print what it costs to read the same series again, down to rows."""
    chance = random.Random(1)
    texts = [scrape(chance) for _ in range(4)]
    reader = TextReader(family("dcgm"), None)
    reader.take(texts[0], "first", AT)
    reader.table()

    def read_all() -> None:
        for number in range(SCRAPES):
            reader.take(texts[number % len(texts)], "text", AT + number)
        assert reader.table().num_rows == SERIES // 5 * SCRAPES

    def split_all() -> None:
        for number in range(SCRAPES):
            for line in texts[number % len(texts)].split(b"\n"):
                line.rpartition(b" ")

    count = SERIES * SCRAPES
    read_all()
    cpu, floor = cpu_s(read_all), cpu_s(split_all)
    print(
        f"exposition warm: {count:,} lines, {cpu:.2f} s cpu, {count / cpu:,.0f} lines/s, "
        f"{cpu / floor:.1f} x splitting them"
    )
    try:
        peer = importlib.import_module("prometheus_client.parser")
    except ModuleNotFoundError:
        return
    text = texts[0].decode()
    slow = cpu_s(lambda: list(peer.text_string_to_metric_families(text)))
    print(f"prometheus_client: {SERIES / slow:,.0f} lines/s, {slow / cpu * SCRAPES:.0f} x slower")


def main() -> None:
    """Print what reading costs."""
    warm()
    with TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        generate(site)
        opened = open_site(site)
        cluster = opened.site.section(CLUSTER)
        calendar = opened.site.calendar
        lengthen(site / "incoming" / CLUSTER / "sacct-2025-10.psv")
        window = Period(calendar.month("2025-10").start_ms, calendar.instant(TAKEN))
        for source in cluster.sources:
            paths = sorted(path for glob in source.paths for path in site.glob(glob))
            count = sum(len(lines_of(path)) for path in paths)
            floor = cpu_s(lambda: split(paths))  # noqa: B023 - run at once
            list(read(source, cluster, opened.site, window))  # once for what loads only once
            cpu = cpu_s(lambda: list(read(source, cluster, opened.site, window)))  # noqa: B023
            print(
                f"{source.kind} {source.record}: {count:,} lines, {cpu:.2f} s cpu, "
                f"{count / cpu:,.0f} lines/s, {cpu / floor:.1f} x splitting them"
            )


if __name__ == "__main__":
    main()
