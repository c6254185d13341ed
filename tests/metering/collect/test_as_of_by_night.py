"""Inputs that are collected night by night: what lies outside the window is corrected, lost and
told as what lies in it (METERING 31 to 33)."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from metering.calendar import DAY_MS, HOUR_MS, Period
from metering.collect.collect import collect
from metering.database.findings import findings
from metering.lake.lake import Lake
from metering.lake.manifest import Manifest
from metering.settings.source_options.table import ColumnMap
from tests.builders.sites.metering_site import GPU_HOUR_US, MIDNIGHT, cluster, ground
from tests.metering.collect.test_as_of import SACCT, Site, job


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def night(first: int, last: int | None = None) -> Period:
    end = first + 1 if last is None else last
    return Period(MIDNIGHT + first * DAY_MS, MIDNIGHT + end * DAY_MS)


def quiet_nights(site: Site, *days: int) -> None:
    for day in days:
        site.dump(f"{day}.psv", job(100 + day, 24 * day, 24 * day + 1, gpus=1))
        site.collect(24 * (day + 1), night(day))


def told(site: Site, kind: str) -> list[tuple[str, str]]:
    """Day of the month and stake of the findings of a kind that stand."""
    with site.made.opened.database.read() as connection:
        standing = findings(connection, stage="collect")
    return [(str(f.day)[8:], f.stake) for f in standing if f.kind == kind]


def worth(gpu_hours: int) -> str:
    return f"gpu.h100:device_us:{gpu_hours * GPU_HOUR_US}"


def counted(read: list[str]) -> Callable[[Lake, Manifest], pa.Table]:
    """Lake.rows, which notes in `read` which table's partition is read."""
    rows = Lake.rows

    def noted(lake: Lake, manifest: Manifest) -> pa.Table:
        read.append(manifest.table)
        return rows(lake, manifest)

    return noted


# What lies before the window is corrected too.


@pytest.mark.parametrize(("end", "held"), [(10, 40), (0, 0), (60, 240)])
def test_a_run_of_days_ago_is_corrected_by_a_dump_of_tonight(
    site: Site, end: int, held: int
) -> None:
    site.dump("a.psv", job(1, 0, 30))
    site.collect(48, night(0, 2))
    (site.folder / "a.psv").unlink()
    quiet_nights(site, 2, 3, 4)
    site.dump("b.psv", job(1, 0, end))
    collected = site.collect(24 * 6, night(5))
    assert site.held().get("1", 0) == held
    assert collected.findings == []


def test_another_start_that_touches_tonight_takes_away_one_of_days_ago(site: Site) -> None:
    site.dump("a.psv", job(1, 1, 10))
    site.collect(48, night(0, 2))
    (site.folder / "a.psv").unlink()
    quiet_nights(site, 2, 3, 4)
    site.dump("b.psv", job(1, 4, 24 * 5 + 2))
    site.collect(24 * 6, night(5))
    assert site.held()["1"] == 4 * (24 * 5 - 2)


def test_a_dump_that_says_the_same_again_writes_nothing_before_the_window(site: Site) -> None:
    site.dump("a.psv", job(1, 0, None), job(2, 0, 5))
    site.collect(24, night(0))
    quiet_nights(site, 1, 2)
    before = site.made.lake.select("allocation", date_to="2025-11-02").digests()
    site.dump("b.psv", job(1, 0, None, elapsed=1), job(2, 0, 5))
    site.collect(24 * 4, night(3))
    after = site.made.lake.select("allocation", date_to="2025-11-02").digests()
    assert (
        after["allocation/cluster=hpc/date=2025-11-01"]
        != (before["allocation/cluster=hpc/date=2025-11-01"])
    )  # the run that had vanished goes on
    assert site.held()["2"] == 20
    site.dump("c.psv", job(1, 0, None, elapsed=2), job(2, 0, 5))
    site.collect(24 * 5, night(4))
    assert site.made.lake.select("allocation", date_to="2025-11-02").digests() == after
    assert site.held()["1"] == 4 * 24 * 5


def test_a_job_that_goes_on_and_on_reads_no_day_but_those_beside_the_window(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []
    for day in range(6):
        site.dump(
            "a.psv",
            job(1, 0, None, elapsed=day),
            job(100 + day, 24 * day, 24 * day + 1, submit=24 * day),
        )
        read: list[str] = []
        with monkeypatch.context() as patched:
            patched.setattr(Lake, "rows", counted(read))
            site.collect(24 * (day + 1), night(day))
        counts.append(len(read))
    assert counts[5] == counts[4] == counts[3]
    assert site.held()["1"] == 4 * 24 * 6


# A dump that is said to be complete too early, or packed, or of a day that is missing.


def test_a_dump_of_many_days_is_collected_a_day_at_a_time(site: Site) -> None:
    site.dump("year.psv", job(1, 0, 10), job(2, 30, 40), job(3, 50, 60))
    for day in range(3):
        site.collect(24 * (day + 1), night(day))
    assert site.held() == {"1": 40, "2": 40, "3": 40}


def test_a_table_that_is_packed_is_the_same_input(tmp_path: Path) -> None:
    columns = {"allocation_id": "id", "account": "who", "started_ms": "from", "ended_ms": "to",
               "quantity_milli": "n", "model": "model"}  # fmt: skip
    mapped = ColumnMap(columns, time_unit="ms", scale={"quantity_milli": 1000})
    source = replace(SACCT, kind="table", paths=("incoming/*",), options=mapped)
    site = Site(tmp_path, source)
    text = f"id,who,from,to,n,model\n1,lab,{MIDNIGHT},,4,h100\n".encode()
    (site.folder / "a.csv").write_bytes(text)
    site.collect(24)
    (site.folder / "a.csv").unlink()
    (site.folder / "a.csv.gz").write_bytes(gzip.compress(text))
    site.collect(72)
    assert site.held() == {"1": 96}


def test_a_day_whose_dump_is_missing_is_told_until_a_later_dump_tells_more(site: Site) -> None:
    site.dump("sacct-20251101.psv", job(1, 0, None))
    site.collect(48, night(0, 2))  # the second day's is missing
    assert [day for day, _ in told(site, "running_past_watermark")] == ["02"]
    site.dump("sacct-20251103.psv", job(1, 0, None, elapsed=9))
    site.collect(72, night(2))
    assert told(site, "running_past_watermark") == []
    assert site.held() == {"1": 4 * 72}


def test_a_run_that_is_missed_after_nights_without_a_dump_has_vanished(site: Site) -> None:
    site.dump("a.psv", job(1, 0, None))
    for day in range(3):
        site.collect(24 * (day + 1), night(day))
    quiet_nights(site, 3)
    assert [(finding.kind, str(finding.day)[8:]) for finding in site.meter()] == [
        ("vanished_run", "01")
    ]


def test_a_source_says_nothing_of_runs_that_another_has_yet_to_tell(tmp_path: Path) -> None:
    sources = [replace(SACCT, name=name, paths=(f"incoming/{name}*",)) for name in ("a", "b")]
    opened = ground(tmp_path, cluster(*sources)).opened
    folder = tmp_path / "incoming"
    folder.mkdir()
    header = "JobIDRaw|Account|State|Submit|Start|End|ElapsedRaw|AllocTRES"
    for day in range(2):
        for number, name in enumerate("ab"):
            text = "\n".join([header, job(number, 0, None, elapsed=day), ""])
            (folder / f"{name}{day}.psv").write_text(text, encoding="utf-8")
        upto = MIDNIGHT + (day + 1) * DAY_MS
        (collected,) = collect(opened, night(day), None, upto)
        assert collected.findings == []


def test_a_source_of_another_name_reads_no_dump_as_a_new_one(tmp_path: Path, site: Site) -> None:
    site.dump("a.psv", job(1, 0, None))
    site.collect(24)
    other = ground(tmp_path, cluster(replace(SACCT, name="renamed")))
    collect(other.opened, night(0, 7), None, MIDNIGHT + 3 * DAY_MS)
    assert site.held() == {"1": 96}


def test_a_parquet_of_several_portions_is_one_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("metering.sources.table.sheet.PARQUET_ROWS", 1)
    columns = {"allocation_id": "id", "account": "who", "started_ms": "from", "ended_ms": "to",
               "quantity_milli": "n", "model": "model"}  # fmt: skip
    mapped = ColumnMap(columns, time_unit="ms", scale={"quantity_milli": 1000})
    site = Site(tmp_path, replace(SACCT, kind="table", paths=("incoming/*",), options=mapped))
    begun, ended = [MIDNIGHT, MIDNIGHT + DAY_MS], [None, MIDNIGHT + DAY_MS + HOUR_MS]
    table = {"id": ["1", "2"], "who": ["lab"] * 2, "from": begun, "to": ended, "n": [4, 4],
             "model": ["h100"] * 2}  # fmt: skip
    pq.write_table(pa.table(table), site.folder / "20251101.parquet")
    site.collect(48)
    assert site.held() == {"1": 192, "2": 4}


# What came too late is told once, with what it is worth.


def test_late_runs_are_told_once_however_often_they_are_read(site: Site) -> None:
    site.dump("a.psv", job(1, 0, 1))
    site.collect(24, night(0))
    site.dump("b.psv", job(2, 5, 6))
    site.collect(48, night(1))
    site.dump("c.psv", job(2, 5, 6), job(3, 5, 7))
    for _ in range(2):
        site.collect(72, night(2))
        assert told(site, "late_run") == [("01", worth(4 + 8))]
    (site.folder / "b.psv").unlink()
    site.dump("c.psv", job(4, 50, 51), job(3, 5, 5))  # a run that held nothing after all
    site.collect(73, night(2))
    assert told(site, "late_run") == [("01", worth(4))]
    site.dump("b.psv", job(2, 5, 6))
    site.collect(73, night(0))
    assert told(site, "late_run") == []
    assert site.held()["2"] == 4


def test_an_earlier_input_does_not_say_how_late_a_run_was(site: Site) -> None:
    site.dump("a.psv", job(1, 0, 1))
    site.collect(24, night(0))
    site.dump("b.psv", job(2, 5, 8))
    site.collect(48, night(1))
    site.dump("c.psv", job(2, 5, 6))
    site.collect(72, night(2))
    (site.folder / "c.psv").unlink()
    site.collect(96, night(3))
    assert told(site, "late_run") == [("01", worth(4))]
