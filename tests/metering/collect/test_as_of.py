"""As of when: a fact is known up to where its input is complete, and the later input wins
(METERING 31 to 33)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from metering.calendar import DAY_MS, HOUR_MS, Period
from metering.collect.collect import Collected, collect
from metering.finding import Finding
from metering.settings.source_options.slurm import SlurmOptions
from metering.settings.source_options.source_config import SourceConfig
from metering.settings.source_options.table import ColumnMap
from tests.builders.sites.metering_site import GPU_HOUR_US, LAST, MIDNIGHT, Ground, cluster, ground

# Midnight in Seoul is 15:00 UTC of the day before; LAST is 2025-11-01.
HEADER = "JobIDRaw|Account|State|Submit|Start|End|ElapsedRaw|AllocTRES"
SACCT = SourceConfig("sacct", "slurm", "allocation", paths=("incoming/*.psv",))
WEEK = Period(MIDNIGHT, MIDNIGHT + 7 * DAY_MS)


def utc(hours: float) -> str:
    """So many hours after the midnight of LAST in Seoul, as `TZ=UTC sacct` writes it."""
    minutes = round(hours * 60)
    day, minute = divmod(minutes + 15 * 60, 24 * 60)
    text = date.fromordinal(date(2025, 10, 31).toordinal() + day).isoformat()
    return f"{text}T{minute // 60:02d}:{minute % 60:02d}:00"


def job(
    number: int, start: float | None, end: float | None, state: str = "COMPLETED", **said: object
) -> str:
    values: Mapping[str, object] = {"submit": 0.0, "elapsed": 0, "gpus": 4, **said}
    state = "RUNNING" if end is None and start is not None else state
    begun = "Unknown" if start is None else utc(start)
    ended = "Unknown" if end is None else utc(end)
    tres = f"cpu=8,gres/gpu:h100={values['gpus']}" if values["gpus"] else "cpu=8"
    submit = utc(float(str(values["submit"])))
    return f"{number}|lab|{state}|{submit}|{begun}|{ended}|{values['elapsed']}|{tres}"


class Site:
    """A site with a folder of dumps."""

    def __init__(self, path: Path, source: SourceConfig = SACCT) -> None:
        self.made: Ground = ground(path, cluster(source))
        self.folder = path / "incoming"
        self.folder.mkdir()

    def dump(self, name: str, *jobs: str) -> None:
        text = "\n".join([HEADER, *jobs, ""])
        (self.folder / name).write_text(text, encoding="utf-8")

    def collect(self, upto: float, window: Period = WEEK) -> Collected:
        """Collect what lies there as complete up to so many hours after the midnight."""
        (collected,) = collect(self.made.opened, window, None, MIDNIGHT + round(upto * HOUR_MS))
        return collected

    def held(self) -> dict[str, float]:
        """Device hours of each allocation of the week."""
        rows = self.made.lake.read("allocation")
        hours: dict[str, float] = {}
        for row in rows.to_pylist():
            midnight = self.made.opened.site.calendar.day(row["date"]).start_ms
            held_ms = row["ended_ms"] - max(row["started_ms"], midnight)
            name = row["allocation_id"]
            hours[name] = hours.get(name, 0) + row["quantity_milli"] * held_ms / 1000 / HOUR_MS
        return hours

    def meter(self) -> list[Finding]:
        days = [date.fromordinal(LAST.toordinal() + day) for day in range(7)]
        kinds = ("vanished_run", "running_past_watermark")
        return [finding for finding in self.made.meter(*days) if finding.kind in kinds]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


# An open run counts to the last input that listed it.


def test_a_run_that_a_later_dump_ends_at_its_start_holds_no_time(site: Site) -> None:
    site.dump("a.psv", job(1, 0, None))
    site.collect(24)
    assert site.held() == {"1": 96}
    site.dump("b.psv", job(1, 0, 0))
    site.collect(48)
    assert (site.held(), site.meter()) == ({}, [])


def test_a_run_that_a_later_dump_does_not_list_stays_at_its_as_of_and_is_told(site: Site) -> None:
    site.dump("a.psv", job(1, 0, None), job(2, 1, 2))
    site.collect(24)
    site.dump("b.psv")
    site.collect(72)
    assert site.held() == {"1": 96, "2": 4}
    (finding,) = site.meter()
    assert (finding.severity, finding.kind, finding.day) == ("warn", "vanished_run", LAST)
    assert finding.stake == f"gpu.h100:device_us:{96 * GPU_HOUR_US}"
    rows = site.made.lake.read("usage_hour").to_pylist()
    assert {(row["allocation_id"], row["estimated"]) for row in rows} == {("1", True), ("2", False)}


def test_the_same_dumps_read_again_later_take_no_run_further(site: Site) -> None:
    site.dump("a.psv", job(1, 0, None))
    for upto in (24, 48, 72):
        site.collect(upto)
    assert site.held() == {"1": 96}


@pytest.mark.breadth
def test_a_dump_that_lists_a_run_again_takes_it_further_and_nothing_is_told(site: Site) -> None:
    site.dump("a.psv", job(1, 0, None))
    site.collect(24)
    site.dump("b.psv")
    site.collect(48)
    assert [finding.kind for finding in site.meter()] == ["vanished_run"]
    site.dump("c.psv", job(1, 0, None, elapsed=9))
    site.collect(7 * 24)
    assert (site.held(), site.meter()) == ({"1": 4 * 7 * 24}, [])


def test_a_run_known_to_the_very_midnight_is_missed_the_day_after(site: Site) -> None:
    site.dump("a.psv", job(1, 0, None))
    site.collect(24, Period(MIDNIGHT, MIDNIGHT + DAY_MS))
    site.dump("b.psv", job(2, 25, 26))
    site.collect(48, Period(MIDNIGHT + DAY_MS, MIDNIGHT + 2 * DAY_MS))
    assert [(finding.kind, finding.day) for finding in site.meter()] == [("vanished_run", LAST)]


@pytest.mark.breadth
def test_dumps_of_one_completeness_miss_no_run_of_each_other(site: Site) -> None:
    site.dump("a.psv", job(1, 0, None))
    site.dump("b.psv", job(2, 0, None))
    site.collect(7 * 24)
    assert site.held() == {"1": 672, "2": 672}
    assert site.meter() == []


# The name of a file may say a day.


@pytest.mark.breadth
def test_dumps_whose_names_bear_a_day_are_complete_to_its_end_at_most(site: Site) -> None:
    """A month of dumps read at once: seen running in the first of them only."""
    site.dump("sacct-20251101.psv", job(1, 0, None))
    for day in range(2, 8):
        site.dump(f"sacct-2025110{day}.psv", job(day, 24 * (day - 1), 24 * day - 1))
    site.collect(7 * 24)
    assert site.held()["1"] == 96
    assert [finding.kind for finding in site.meter()] == ["vanished_run"]


def test_a_name_whose_day_ends_before_what_the_file_tells_says_nothing(site: Site) -> None:
    site.dump("from-20251101.psv", job(1, 0, None), job(2, 50, 51))
    site.collect(7 * 24)
    assert site.held() == {"1": 672, "2": 4}


def test_a_template_says_which_part_of_a_name_is_the_as_of(tmp_path: Path) -> None:
    site = Site(tmp_path, replace(SACCT, file_name="{as_of}-of-2025-11-07.psv"))
    site.dump("20251101T1230-of-2025-11-07.psv", job(1, 0, None))
    site.collect(7 * 24)
    assert site.held() == {"1": 4 * 12.5}


# The later input wins, whatever it says.


def test_a_shorter_end_of_a_later_dump_stands(site: Site) -> None:
    site.dump("b.psv", job(1, 0, 30))
    site.collect(40)
    site.dump("a.psv", job(1, 0, 20))
    site.collect(48)
    assert site.held() == {"1": 80}


def test_an_older_dump_read_again_alone_brings_nothing_back(site: Site) -> None:
    site.dump("a.psv", job(1, 0, 30), job(2, 0, 10), job(3, 0, None))
    site.collect(40)
    site.dump("b.psv", job(1, 0, 20), job(2, 0, 0), job(3, 0, 41))
    site.collect(48)
    after = {"1": 80, "3": 164}
    assert site.held() == after
    (site.folder / "b.psv").unlink()
    site.collect(60)
    assert site.held() == after


def test_a_start_that_was_cancelled_holds_nothing(site: Site) -> None:
    site.dump("a.psv", job(1, 1, None))
    site.collect(24)
    site.dump("b.psv", job(1, None, None, "PENDING"))
    site.collect(48)
    assert site.held() == {}


def test_another_start_of_a_submission_replaces_the_first(site: Site) -> None:
    site.dump("a.psv", job(1, 1, None))
    site.collect(24)
    site.dump("b.psv", job(1, 2, 30))
    site.collect(48)
    assert site.held() == {"1": 112}


def test_a_job_that_holds_no_device_any_more_is_gone(site: Site) -> None:
    site.dump("a.psv", job(1, 1, None))
    site.collect(24)
    site.dump("b.psv", job(1, 1, 30, gpus=0))
    site.collect(48)
    assert site.held() == {}


def test_an_end_before_the_window_still_corrects_what_stands_in_it(site: Site) -> None:
    site.dump("a.psv", job(1, 0, None))
    site.collect(50)
    site.dump("b.psv", job(1, 0, 10))
    site.collect(72, Period(MIDNIGHT + 2 * DAY_MS, MIDNIGHT + 3 * DAY_MS))
    assert site.held() == {"1": 40}


# The same content, read by other settings.


@pytest.mark.parametrize("ours", ["hpc", "old"])
def test_rows_that_the_same_dump_does_not_say_any_more_are_taken_out(
    tmp_path: Path, ours: str
) -> None:
    """Another cluster's jobs had landed before anybody said how ours is called."""
    site = Site(tmp_path)
    lines = [f"Cluster|{HEADER}", f"old|{job(2, 0, 5)}", ""]
    (site.folder / "a.psv").write_text("\n".join(lines), encoding="utf-8")
    site.collect(24)
    assert site.held() == {"2": 20}
    named = cluster(replace(SACCT, options=SlurmOptions(slurm_cluster=ours)))
    opened = site.made.opened
    opened = replace(opened, site=replace(opened.site, clusters=(named,)))
    collect(opened, WEEK, None, MIDNIGHT + DAY_MS)
    assert site.held() == ({} if ours == "hpc" else {"2": 20})


def test_a_dump_that_is_written_anew_takes_back_nothing_that_it_is_silent_of(site: Site) -> None:
    """One name for every night's dump: what an earlier night said of what ended stands."""
    site.dump("latest.psv", job(1, 0, 10))
    site.collect(24)
    site.dump("latest.psv", job(2, 25, 26))
    site.collect(48)
    assert site.held() == {"1": 40, "2": 4}


# Nothing finished lies ahead.


def test_a_run_that_ended_after_its_dump_was_complete_is_refused_and_told(site: Site) -> None:
    jobs = [job(number, 0, 1, gpus=1) for number in range(2, 202)]
    site.dump("a.psv", job(1, 0, 24.5), *jobs, job(202, 25, None), job(203, 0, 24, gpus=1))
    collected = site.collect(24)
    assert set(site.held()) == {str(number) for number in (*range(2, 202), 203)}
    (finding,) = [one for one in collected.findings if one.kind == "quarantined_rows"]
    assert "incoming/a.psv:2" in finding.detail
    places = {row["place"] for row in site.made.lake.read("quarantine").to_pylist()}
    assert places == {"incoming/a.psv:2", "incoming/a.psv:203"}
    site.collect(48)  # said rightly now
    assert site.held()["1"] == 98


def test_a_table_row_that_ends_after_its_file_was_complete_is_refused(tmp_path: Path) -> None:
    columns = {"allocation_id": "id", "account": "who", "started_ms": "from", "ended_ms": "to",
               "quantity_milli": "n", "model": "model"}  # fmt: skip
    mapped = ColumnMap(columns, time_unit="ms", scale={"quantity_milli": 1000})
    source = SourceConfig("jobs", "table", "allocation", paths=("incoming/*.csv",), options=mapped)
    site = Site(tmp_path, source)
    hour = [MIDNIGHT + number * HOUR_MS for number in range(30)]
    rows = [f"{number},lab,{hour[0]},{hour[1]},1,h100" for number in range(200)]
    rows += [f"late,lab,{hour[2]},{hour[24] + 1},1,h100", f"due,lab,{hour[2]},{hour[24]},1,h100"]
    text = "\n".join(["id,who,from,to,n,model", *rows, ""])
    (site.folder / "jobs.csv").write_text(text, encoding="utf-8")
    site.collect(24)
    assert "due" in site.held()
    assert "late" not in site.held()
    (refused,) = site.made.lake.read("quarantine").to_pylist()
    assert refused["place"] == "incoming/jobs.csv:202"


# What came too late to be asked for.


def test_a_run_that_was_not_listed_when_its_day_was_collected_is_told(site: Site) -> None:
    site.dump("a.psv", job(1, 0, 10))
    first, second = (
        Period(MIDNIGHT + day * DAY_MS, MIDNIGHT + (day + 1) * DAY_MS) for day in (0, 1)
    )
    site.collect(24, first)
    site.dump("b.psv", job(1, 0, 10), job(2, 5, 6), job(3, -24 * 40, -24 * 39), job(4, 20, 26))
    collected = site.collect(48, second)
    (finding,) = collected.findings
    assert (finding.kind, finding.day) == ("late_run", LAST)
    assert finding.stake == f"gpu.h100:device_us:{4 * GPU_HOUR_US}"
    assert site.held() == {"1": 40, "4": 24}
    site.collect(48, first)
    assert site.held() == {"1": 40, "2": 4, "4": 24}
    assert site.collect(48, second).findings == []
