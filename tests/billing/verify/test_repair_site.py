"""Repair: what is broken comes back byte for byte, or is made otherwise, or is said to be gone."""

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from billing.rulebook.rule_book import read_rulebook
from billing.verify.check_site import check_site
from billing.verify.repair_site import repair_site
from metering.lake.lake import Lake
from metering.site.open_site import OpenSite, open_site
from tests.breadth import few
from tests.builders.servers.s3 import s3_bucket
from tests.builders.sites.command_line import HEADER, MONTH, run
from tests.builders.sites.example_month import copy_site
from tests.builders.sites.lake_site import (
    BREAKS,
    flip,
    issued,
    lake_files,
    lake_site,
    one_of_each,
)

pytestmark = pytest.mark.breadth

MIDNIGHT_MS = 1_759_676_400_000  # 2025-10-06T00:00 at the site
ALLOCATION = "allocation/cluster=hpc/date=2025-10-05"


@pytest.fixture(scope="module")
def metered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lake_site(tmp_path_factory.mktemp("metered") / "site")


@pytest.fixture(scope="module")
def closed(metered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return issued(copy_site(metered, tmp_path_factory.mktemp("closed") / "site"))


@pytest.fixture
def site(closed: Path, tmp_path: Path) -> Path:
    """The site with an issued month."""
    return copy_site(closed, tmp_path / "site")


@pytest.fixture
def unissued(metered: Path, tmp_path: Path) -> Path:
    """The site with nothing issued."""
    return copy_site(metered, tmp_path / "site")


def repaired(site: Path, *more: str) -> Any:
    """What `repair` says, as JSON; with its exit code as `code`."""
    said = run(site, "repair", "--rate", "0", "--json", *more)
    return said.document | {"code": said.code}


def outcomes(document: Any) -> set[tuple[str, str]]:
    return {(row["table"], row["outcome"]) for row in document["broken"]}


@pytest.mark.breadth
def test_a_whole_site_has_nothing_to_mend(site: Path) -> None:
    before = lake_files(site)
    checked = run(site, "check", "--json")
    assert (checked.code, checked.document["files"]) == (0, len(before))
    assert checked.document["bytes"] == sum(map(len, before.values()))
    assert checked.document["unnamed"] == 0
    assert repaired(site)["code"] == 0
    assert lake_files(site) == before


@pytest.mark.parametrize("ending", [".parquet", ".json"])
@pytest.mark.parametrize("broken", few(1, BREAKS))
def test_a_file_of_every_table_is_put_back_byte_for_byte(
    site: Path, broken: str, ending: str
) -> None:
    before = lake_files(site)
    paths = one_of_each(before, ending)
    for path in paths.values():
        BREAKS[broken](site / "lake" / path)
    seen = lake_files(site)
    shown = repaired(site)
    assert (shown["code"], shown["done"]) == (1, False)
    assert lake_files(site) == seen  # only looked at
    assert outcomes(shown) == {(table, "same") for table in paths}
    done = repaired(site, "--yes")
    assert (done["code"], done["done"]) == (0, True)
    assert lake_files(site) == before
    assert run(site, "verify", MONTH).code == 0


@pytest.mark.breadth
@pytest.mark.parametrize("together", few(1, [True, False]))
def test_every_file_of_a_bundle_can_be_made_anew(site: Path, together: bool) -> None:
    before = lake_files(site)
    paths = [path for path in before if path.startswith(("bundles/", "charge/", "subsidy/"))]
    assert len(paths) > 10
    for broken in [paths] if together else [[path] for path in paths]:
        for path in broken:
            flip(site / "lake" / path)
        assert repaired(site, "--yes")["code"] == 0, broken
        assert lake_files(site) == before


@pytest.mark.breadth
@pytest.mark.parametrize(
    "lost",
    [
        pytest.param(lost, marks=() if number < 2 else pytest.mark.soak)
        for number, lost in enumerate((
            ("usage_day", "usage_hour", "charge", "bundles"), ("sample", "device"),
            ("allocation",), ("interval", "workload", "carry"),
            ("reading", "node_state", "allocation_listing"),
        ))
    ],
)  # fmt: skip
def test_whole_folders_come_back(site: Path, lost: tuple[str, ...]) -> None:
    before = lake_files(site)
    for table in lost:
        shutil.rmtree(site / "lake" / table)
    done = repaired(site, "--yes")
    assert lake_files(site) == before
    assert done["code"] == 0
    assert Counter(row["what"] for row in done["broken"]).keys() == {"is missing from the lake"}


def test_what_the_source_has_no_more_is_gone_with_its_worth(unissued: Path) -> None:
    flip_data(unissued, ALLOCATION)
    (unissued / "incoming" / "hpc.psv").write_text(f"{HEADER}\n", encoding="utf-8")
    before, heads = lake_files(unissued), in_force(unissued)
    price_krw = read_rulebook().prices["gpu.h100"].on(date(2025, 10, 5))
    for arguments in ((), ("--yes",)):
        said = repaired(unissued, *arguments)
        (row,) = said["broken"]
        assert said["code"] == 1
        assert (row["outcome"], row["rows"], row["rows_now"]) == ("gone", 1, None)
        # 2 devices from 10 to 20 o'clock
        assert (row["hours"], row["worth_krw"]) == ("20.00", 20 * price_krw)
        assert "bring a copy of the lake: `jeongsan repair --from COPY`" in said["error"]
    assert (lake_files(unissued), in_force(unissued)) == (before, heads)
    assert run(unissued, "meter", "2025-10-05", "--cluster", "hpc").code == 1


@pytest.mark.breadth
def test_nothing_is_counted_without_what_is_gone(unissued: Path) -> None:
    for folder in (
        ALLOCATION,
        "usage_day/cluster=hpc/date=2025-10-05",
        "reading/cluster=disk/date=2025-10-07",
    ):
        flip_data(unissued, folder)
    (unissued / "incoming" / "hpc.psv").write_text(f"{HEADER}\n", encoding="utf-8")
    heads = in_force(unissued)
    said = repaired(unissued, "--yes")
    assert outcomes(said) == {("allocation", "gone"), ("usage_day", "gone"), ("reading", "same")}
    assert in_force(unissued) == heads


@pytest.mark.breadth
def test_a_shard_without_a_days_samples_keeps_what_its_other_days_had(unissued: Path) -> None:
    flip_data(unissued, "sample/cluster=hpc/date=2025-10-05/shard=0")
    flip_data(unissued, "node_state/cluster=hpc/date=2025-10-07")
    cards, nodes = (unissued / "incoming" / name for name in ("cards.csv", "nodes.csv"))
    head, *rows = cards.read_text(encoding="utf-8").splitlines()
    late = [row for row in rows if int(row.split(",")[1]) >= MIDNIGHT_MS]
    assert 0 < len(late) < len(rows)
    cards.write_text("\n".join([head, *late, ""]), encoding="utf-8")
    text = nodes.read_text(encoding="utf-8")
    nodes.write_text(text.replace("T03:00", "T04:00"), encoding="utf-8")
    heads = in_force(unissued)
    said = repaired(unissued, "--yes")
    assert outcomes(said) == {("sample", "gone"), ("node_state", "other")}
    moved = {place for place, digest in in_force(unissued).items() if heads.get(place) != digest}
    assert {table for table, _ in moved} == {"node_state"}


def test_a_source_that_cannot_be_read_is_told(unissued: Path) -> None:
    flip_data(unissued, ALLOCATION)
    (unissued / "incoming" / "hpc.psv").unlink()
    said = repaired(unissued, "--yes")
    assert outcomes(said) == {("allocation", "gone")}
    assert any(problem.startswith("hpc 2025-10-05: ") for problem in said["problems"])


@pytest.mark.breadth
def test_what_the_source_says_otherwise_now_is_shown_before_it_is_in_force(
    unissued: Path,
) -> None:
    flip_data(unissued, "reading/cluster=disk/date=2025-10-07")
    source = unissued / "incoming" / "volumes.csv"
    source.write_text(source.read_text(encoding="utf-8").replace(",1000", ",900"), encoding="utf-8")
    heads = in_force(unissued)
    shown = repaired(unissued)
    assert outcomes(shown) == {("reading", "other")}
    assert "`--yes` mends these 1 files" in shown["error"]
    assert in_force(unissued) == heads
    assert repaired(unissued, "--yes")["code"] == 0
    moved = {place for place, digest in in_force(unissued).items() if heads.get(place) != digest}
    assert moved >= {("reading", "cluster=disk/date=2025-10-07")}
    assert {table for table, _ in moved} == {"reading"}
    assert run(unissued, "check").code == 0
    assert run(unissued, "draft", MONTH).code == 1  # the usage of the day wants metering
    assert run(unissued, "meter", "2025-10-06..2025-10-31", "--cluster", "disk").code == 0
    assert run(unissued, "draft", MONTH).code == 0


@pytest.mark.breadth
def test_what_an_issued_month_pins_is_never_replaced_by_something_else(site: Path) -> None:
    tenancy = site / "registry" / "tenancy.csv"
    text = tenancy.read_text(encoding="utf-8")
    moved = text.replace("hpc,two,P-2,2025-10-01,", "hpc,two,P-2,2025-10-01,2025-10-09")
    tenancy.write_text(f"{moved}hpc,two,P-1,2025-10-09,\n", encoding="utf-8")
    assert run(site, "load", "--yes").code == 0
    broken = flip_data(site, "usage_day/cluster=hpc/date=2025-10-09")
    before, heads = lake_files(site), in_force(site)
    said = repaired(site, "--yes")
    (row,) = said["broken"]
    assert (said["code"], row["outcome"], row["months"]) == (1, "gone", MONTH)
    assert said["evidence_gone"] == [MONTH]
    assert (lake_files(site), in_force(site)) == (before, heads)
    assert f"lake/{broken}" not in said["error"]
    assert broken in said["error"]


@pytest.mark.breadth
def test_a_copy_of_the_lake_gives_back_what_nothing_else_can(site: Path, tmp_path: Path) -> None:
    before = lake_files(site)
    copy = tmp_path / "copy"
    shutil.copytree(site / "lake", copy)
    flip(next((copy / "usage_day").rglob("*.parquet")))  # which copies can be too
    lost = ("usage_day", "charge", "bundles", "allocation", "sample")
    for table in lost:
        shutil.rmtree(site / "lake" / table)
    done = repaired(site, "--from", str(copy), "--yes")
    assert lake_files(site) == before
    assert done["code"] == 0
    assert outcomes(done) == {
        *(
            (table, "copied")
            for table in ("usage_day", "charge", "bundles", "allocation", "sample")
        ),
        ("usage_day", "same"),
    }


@pytest.mark.breadth
def test_a_repair_that_is_killed_anywhere_can_be_run_again(site: Path) -> None:
    before = lake_files(site)
    for path in one_of_each(before, ".parquet").values():
        flip(site / "lake" / path)
    for stop_at in (1, 7, 20):
        with opened(site) as place:
            count = iter(range(1_000))

            def die(boundary: str) -> None:
                if next(count) == stop_at:  # noqa: B023
                    raise KeyboardInterrupt(boundary)

            killed = OpenSite(
                place.site, place.database, Lake(place.site.lake, place.database, die)
            )
            with pytest.raises(KeyboardInterrupt):
                repair_site(killed, len_of, do=True)
    assert lake_files(site) != before
    assert repaired(site, "--yes")["code"] == 0
    assert {p: c for p, c in lake_files(site).items() if not p.endswith(".part")} == before


@pytest.mark.breadth
def test_a_bucket_is_checked_and_mended_as_a_disk_is(
    metered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = copy_site(metered, tmp_path / "site")
    with s3_bucket(monkeypatch) as bucket:
        before = lake_files(site)
        bucket.objects |= {f"lake/{path}": content for path, content in before.items()}
        shutil.rmtree(site / "lake")
        toml = (site / "site.toml").read_text(encoding="utf-8")
        lake = f'[site]\nlake = "{bucket.lake()}"\n'
        (site / "site.toml").write_text(toml.replace("[site]\n", lake), encoding="utf-8")
        assert run(site, "check", "--rate", "0").code == 0
        paths = one_of_each(before, ".parquet")
        for path in paths.values():
            content = bytearray(bucket.objects[f"lake/{path}"])
            content[len(content) // 2] ^= 1
            bucket.objects[f"lake/{path}"] = bytes(content)
        said = run(site, "meter", "2025-10-05..2025-10-10", "--cluster", "hpc")
        assert (said.code, "its bytes were changed; `jeongsan repair`" in said.err) == (1, True)
        done = repaired(site, "--yes")
        assert outcomes(done) == {(table, "same") for table in paths}
        assert {f"lake/{path}": content for path, content in before.items()} == bucket.objects
        assert run(site, "meter", "2025-10-05..2025-10-10", "--cluster", "hpc").code == 0
        assert {f"lake/{path}": content for path, content in before.items()} == bucket.objects


def test_what_nothing_names_is_listed_apart(site: Path) -> None:
    stray = site / "lake" / "usage_day" / "cluster=hpc" / "date=2025-10-05" / f"{'0' * 64}.parquet"
    stray.write_bytes(b"stray")
    with opened(site) as place:
        checked = check_site(place, len_of)
        assert [file.path for file in checked.unnamed] == [
            stray.relative_to(site / "lake").as_posix()
        ]
        assert checked.broken == ()


def test_the_bytes_read_are_told_piece_by_piece(site: Path) -> None:
    sizes: list[int] = []
    with opened(site) as place:
        checked = check_site(place, sizes.append)
    assert sum(sizes) == checked.size
    assert len(sizes) >= checked.files


def len_of(size: int) -> None:
    """Waits for nothing."""


@contextmanager
def opened(site: Path) -> Iterator[OpenSite]:
    """A site that is open for a while."""
    place = open_site(site)
    with place.database:
        yield place


def in_force(site: Path) -> dict[tuple[str, str], str]:
    with opened(site) as place:
        return {(p.table, p.path): p.manifest for p in check_site(place, len_of).in_force}


def flip_data(site: Path, folder: str) -> str:
    """Turn a bit of the one file of a partition; gives its path in the lake."""
    (path,) = (site / "lake" / folder).glob("*.parquet")
    flip(path)
    return path.relative_to(site / "lake").as_posix()
