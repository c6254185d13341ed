"""A broken file of any table stops every command that reads it, before any figure comes of it."""

from pathlib import Path

import pytest

from metering.lake.contract import tables
from tests.breadth import few
from tests.builders.sites.command_line import COMPLETE, MONTH, run
from tests.builders.sites.example_month import copy_site
from tests.builders.sites.lake_site import BREAKS, issued, lake_files, lake_site

pytestmark = pytest.mark.breadth

COLLECT = ("collect", "--from", "2025-10-05", "--to", "2025-10-11", "--complete-to", COMPLETE)
DAY = "2025-10-05"  # on which jobs ran and samples were taken
METER = ("meter", DAY)
DRAFT = ("draft", MONTH)
EXPLAIN = ("explain", MONTH, "--company", "C-1", "--project", "P-1", "--sku", "gpu.h100")
DISPUTE = ("dispute", "T2025-000001", "1")
USAGE = ("usage", "2025-10-05..2025-10-10", "--json")
# What reads a table of a month that is not issued, and of one that is.
BEFORE = {
    "allocation": [COLLECT, METER, EXPLAIN],
    "allocation_listing": [COLLECT],
    "sample": [COLLECT],
    "device": [COLLECT, METER],
    "workload": [COLLECT, METER],
    "interval": [METER],  # collected again it is derived again, and mended by that
    "node_state": [("meter", "2025-10-07")],  # as above
    "reading": [("collect", *COLLECT[1:], "--cluster", "disk"), ("meter", "2025-10-06")],
    "usage_day": [DRAFT, USAGE, EXPLAIN],
    "usage_hour": [EXPLAIN],
}
AFTER = {
    "usage_day": [("verify", MONTH), ("report", MONTH), EXPLAIN, ("bundle", MONTH, "--copy", "c")],
    "usage_hour": [EXPLAIN, DISPUTE],
    "charge": [("verify", MONTH), ("report", MONTH), EXPLAIN, DISPUTE],
    "subsidy": [("verify", MONTH), ("report", MONTH), EXPLAIN, DISPUTE],
    "bundles": [("verify", MONTH), ("report", MONTH), EXPLAIN, DISPUTE],
}
# What only caches or shows: `check` alone reads it, and a cache that is broken is made anew.
UNREAD = {"carry", "device_hour", "evidence_hour", "capacity_hour"}


@pytest.fixture(scope="module")
def metered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lake_site(tmp_path_factory.mktemp("metered") / "site")


@pytest.fixture(scope="module")
def closed(metered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return issued(copy_site(metered, tmp_path_factory.mktemp("closed") / "site"))


def test_every_table_of_the_site_is_broken_here(closed: Path) -> None:
    there = {path.partition("/")[0] for path in lake_files(closed)}
    assert there == {*BEFORE, *AFTER, *UNREAD}
    assert there - {"bundles"} <= set(tables())


@pytest.mark.parametrize("broken", few(1, BREAKS))
@pytest.mark.parametrize("table", BEFORE)
def test_a_broken_file_of_an_open_month_stops_who_reads_it(
    metered: Path, tmp_path: Path, table: str, broken: str
) -> None:
    site = copy_site(metered, tmp_path / "site")
    stopped(site, table, broken, BEFORE[table])


@pytest.mark.parametrize("broken", few(1, BREAKS))
@pytest.mark.parametrize("table", AFTER)
def test_a_broken_file_of_an_issued_month_stops_who_reads_it(
    closed: Path, tmp_path: Path, table: str, broken: str
) -> None:
    site = copy_site(closed, tmp_path / "site")
    stopped(site, table, broken, AFTER[table])


def stopped(site: Path, table: str, broken: str, commands: list[tuple[str, ...]]) -> None:
    """Every file of a table that a command can read is broken: each command names one of them."""
    before = lake_files(site)
    mine = [path for path in before if path.startswith(f"{table}/")]
    if table not in ("bundles", "charge", "subsidy"):
        mine = [path for path in mine if path.endswith(".parquet")]
    for path in mine:
        BREAKS[broken](site / "lake" / path)
    state = lake_files(site)
    for command in commands:
        said = run(site, *command)
        assert said.code == 1, (command, said.out)
        named = said.out + said.err
        assert any(path in named for path in mine), (command, named)
        assert lake_files(site) == state, command
    checked = run(site, "check", "--rate", "0", "--json")
    assert checked.code == 1
    assert {row["path"] for row in checked.document["broken"]} <= {*mine}
