"""A small site with rows in most tables of the lake: jobs, samples, node states,
readings. And what breaks its files."""

from collections.abc import Callable
from itertools import groupby
from pathlib import Path

from billing.verify.check_site import check_site
from metering.site.open_site import open_site
from tests.builders.explained_month import metered_site
from tests.builders.sites.command_line import COMPLETE, JOBS, MONTH, approve, run

DAYS = "2025-10-05..2025-10-10"
SOURCES = """
[[cluster.hpc.source]]
name = "cards"
kind = "table"
record = "sample"
paths = ["incoming/cards.csv"]
time_unit = "ms"
columns = { device_uid = "uid", sampled_ms = "at", busy_ppm = "busy", power_mw = "mw", workload = "job" }
constants = { model = "h100", workload_kind = "slurm" }

[[cluster.hpc.source]]
name = "nodes"
kind = "table"
record = "node_state"
paths = ["incoming/nodes.csv"]
columns = { node = "node", started_ms = "from", ended_ms = "until", state = "state" }

[store.disk]
title = "저장소"

[[store.disk.source]]
name = "volumes"
kind = "table"
record = "reading"
paths = ["incoming/volumes.csv"]
columns = { account = "who", resource_id = "id", started_ms = "f", ended_ms = "u", quantity = "q" }
constants = { sku = "storage.parallel", unit = "mib", source = "disk" }
"""  # noqa: E501
NODES = """\
node,from,until,state
n1,2025-10-07T00:00:00+09:00,2025-10-07T03:00:00+09:00,down
"""
VOLUMES = """\
who,id,f,u,q
one,v-1,2025-10-06T00:00:00+09:00,2025-10-09T00:00:00+09:00,1000
"""
ACROSS = ("6", "two", "2025-10-07T10:00:00", "2025-10-08T05:00:00", "h100=1")  # a midnight
BEGAN_MS = 1_759_593_600_000  # 2025-10-05T01:00 at the site
STEP_MS = 15_000
SAMPLES = 4 * 60 * 26  # of 26 hours, so that they go over a midnight


def lake_site(site: Path) -> Path:
    """The site collected and metered for six days; nothing is drafted."""
    metered_site(site, (*JOBS[:2], ACROSS))
    toml = site / "site.toml"
    head = toml.read_text(encoding="utf-8").replace(
        'title = "HPC"\n', 'title = "HPC"\nscrape = "15s"\nhold = "60s"\n'
    )
    toml.write_text(head + SOURCES, encoding="utf-8")
    tenancy = site / "registry" / "tenancy.csv"
    known = tenancy.read_text(encoding="utf-8")
    tenancy.write_text(f"{known}disk,one,P-1,2025-10-01,\n", encoding="utf-8")
    rows = [
        f"GPU-1,{BEGAN_MS + number * STEP_MS},{number % 100},{300_000 + number % 7},1"
        for number in range(SAMPLES)
    ]
    text = "\n".join(["uid,at,busy,mw,job", *rows, ""])
    (site / "incoming" / "cards.csv").write_text(text, encoding="utf-8")
    (site / "incoming" / "nodes.csv").write_text(NODES, encoding="utf-8")
    (site / "incoming" / "volumes.csv").write_text(VOLUMES, encoding="utf-8")
    window = ("--from", "2025-10-05", "--to", "2025-10-11", "--complete-to", COMPLETE)
    month = ("--from", "2025-10-06", "--to", "2025-11-01", "--complete-to", COMPLETE)
    for command in (
        ("load",),
        ("collect", *window, "--cluster", "hpc"),
        ("collect", *month, "--cluster", "disk"),
        ("meter", DAYS, "--cluster", "hpc"),
        ("meter", "2025-10-06..2025-10-31", "--cluster", "disk"),
    ):
        said = run(site, *command)
        assert said.code == 0, (command, said.out, said.err)
    return swept(site)


def issued(site: Path) -> Path:
    """The site with its month issued."""
    for command in (("draft", MONTH), (), ("issue", MONTH, "--on", "2025-11-03")):
        said = run(site, *command) if command else approve(site)
        assert said.code == 0, (command, said.out, said.err)
    return swept(site)


def swept(site: Path) -> Path:
    """The site without what earlier steps left and nothing names any more."""
    opened = open_site(site)
    with opened.database:
        for stored in check_site(opened, lambda _: None).unnamed:
            opened.lake.store.delete(stored.path)
    return site


def lake_files(site: Path) -> dict[str, bytes]:
    """Every file of the lake by its path, but the register of numbers, which `verify` holds."""
    lake = site / "lake"
    return {
        path.relative_to(lake).as_posix(): path.read_bytes()
        for path in sorted(lake.rglob("*"))
        if path.is_file() and path.parent.name != "register"
    }


def one_of_each(files: dict[str, bytes], ending: str) -> dict[str, str]:
    """A file of each table that ends so, from the middle of its days."""
    mine = [path for path in files if path.endswith(ending)]
    by_table = groupby(mine, key=lambda path: path.partition("/")[0])
    return {table: (some := list(paths))[len(some) // 2] for table, paths in by_table}


def flip(path: Path) -> None:
    """Turn one bit in the middle of a file; its size stays."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut_short(path: Path) -> None:
    """Leave half of a file."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def lose(path: Path) -> None:
    """Remove a file."""
    path.unlink()


BREAKS: dict[str, Callable[[Path], None]] = {"a bit": flip, "half": cut_short, "all": lose}
