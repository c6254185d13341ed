"""Reading measured: a sacct dump and DCGM text, against splitting the same lines and no more."""

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.clock import cpu_s
from example.generate import TAKEN, generate
from metering.opened import open_site
from metering.period import Period
from metering.sources import read

CLUSTER = "hpc-h100"
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


def main() -> None:
    """Print what reading costs."""
    with TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        generate(site)
        opened = open_site(site)
        cluster = opened.site.cluster(CLUSTER)
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
