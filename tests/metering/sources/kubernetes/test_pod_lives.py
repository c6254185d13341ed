"""From when to when a pod holds its devices: from its scheduling to its terminal phase."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from metering.calendar import HOUR_MS, Period
from metering.collect.collect import collect
from metering.sources.reading.batch import Batch
from tests.builders.servers.pods import (
    MINUTE_MS,
    OPTIONS,
    answering_for,
    asks,
    lives,
    points,
    read_from,
    runs,
    source,
    together,
    who,
)
from tests.builders.servers.prometheus import Written
from tests.builders.sites.metering_site import GPU_HOUR_US, LAST, MIDNIGHT, cluster, ground

DAY = Period(MIDNIGHT, MIDNIGHT + 12 * HOUR_MS)
RUNNING = replace(OPTIONS, pods_count_from="running")
REJECTED = "UnexpectedAdmissionError"
HEARD = lives("ksm", -10, 720)  # kube-state-metrics itself, all the while


def reason(uid: str, first: int, last: int, text: str) -> Written:
    return Written("kube_pod_status_reason", f'{who(uid)},reason="{text}"', points(first, last))


def pod(uid: str, first: int, last: int, many: str = "1", **life: object) -> list[Written]:
    return [asks(uid, first, last, many), *lives(uid, first, last, **life)]  # type: ignore[arg-type]


def batch(folder: Path, *series: Sequence[Written], window: Period = DAY,
          running: bool = False) -> Batch:  # fmt: skip
    with answering_for(together(HEARD, *series)) as endpoint:
        return read_from(endpoint, folder, RUNNING if running else OPTIONS, window=window)


def gpu_hours(folder: Path, *series: Sequence[Written], running: bool = False) -> float:
    """What is held of the day that these pods are told of, collected and metered."""
    with answering_for(together(HEARD, *series)) as endpoint:
        hpc = cluster(source(endpoint, RUNNING if running else OPTIONS), model="h100")
        site = ground(folder, hpc)
        site.complete(MIDNIGHT)
        collect(site.opened, DAY)
    site.meter(LAST)
    rows = site.lake.read("usage_hour", date_from=LAST, date_to=LAST).to_pylist()
    return sum(row["held_us"] for row in rows) / GPU_HOUR_US


def test_a_pod_that_is_scheduled_and_never_runs_holds_its_devices(tmp_path: Path) -> None:
    """k8s-device-plugin issue 1303: eight of them for ten hours, 80 GPU-h and not none."""
    stuck = pod("stuck", 0, 610, "8", start=0, runs=None, ended=600, completed=600, failed=True)
    assert gpu_hours(tmp_path, stuck) == 80


def test_a_pod_that_waits_ten_hours_and_runs_for_one_holds_them_for_eleven(tmp_path: Path) -> None:
    slow = pod("slow", 0, 670, "8", start=0, runs=600, ended=660, completed=660)
    assert gpu_hours(tmp_path, slow) == 88


@pytest.mark.parametrize(("runs_from", "hours"), [(None, 0), (600, 8)])
def test_a_site_may_have_agreed_to_count_from_running(
    tmp_path: Path, runs_from: int | None, hours: int
) -> None:
    slow = pod("slow", 0, 670, "8", start=0, runs=runs_from, ended=660)
    done = lives("slow", 0, 670, start=0, runs=runs_from, ended=660, completed=660)
    told = slow if runs_from is None else [slow[0], *done]
    assert gpu_hours(tmp_path, told, running=True) == hours


def test_a_completion_time_without_a_terminal_phase_is_one_containers(tmp_path: Path) -> None:
    made = batch(
        tmp_path, pod("half", -10, 720, completed=30), pod("all", -10, 720, completed=30, ended=31)
    )
    assert runs(made) == {"half": (1000, -90, None), "all": (1000, -90, 30)}


def test_an_evicted_pod_without_an_instant_ends_when_it_was_last_seen_alive(
    tmp_path: Path,
) -> None:
    gone = [*pod("gone", -10, 720, ended=20, failed=True), reason("gone", 20, 720, "Evicted")]
    made = batch(tmp_path, gone)
    assert [(row["ended_ms"] - MIDNIGHT) / MINUTE_MS for row in made.table.to_pylist()] == [19.5]


def test_a_pod_that_ended_between_two_scrapes_holds_until_it_is_told_of(tmp_path: Path) -> None:
    made = batch(tmp_path, pod("brief", 20, 720, start=18, ended=20, failed=True, runs=None))
    assert runs(made) == {"brief": (1000, 18, 20)}


@pytest.mark.parametrize("first", [-10, -1])
def test_what_ended_before_all_that_was_read_is_not_ended_again(tmp_path: Path, first: int) -> None:
    """A shard that is scraped later than another tells later of what ended long ago."""
    old = [*pod("old", first, 720, ended=-10, failed=True), reason("old", first, 720, "Evicted")]
    made = batch(tmp_path, old)
    assert (runs(made), made.skipped) == ({}, {"ended_before": 1})


def test_a_pod_that_the_kubelet_refused_held_nothing(tmp_path: Path) -> None:
    refused = pod("refused", 20, 720, start=18, runs=None, ended=21, failed=True)
    told = [*refused, reason("refused", 21, 720, REJECTED)]
    assert runs(batch(tmp_path, told)) == {"refused": (1000, 18, 18)}
    (tmp_path / "metered").mkdir()
    assert gpu_hours(tmp_path / "metered", told) == 0


def test_a_pod_that_ran_before_the_kubelet_refused_it_held_its_devices(tmp_path: Path) -> None:
    """A kubelet that begins again refuses what it was running."""
    refused = pod("refused", 20, 720, start=18, runs=21, ended=60, failed=True)
    made = batch(tmp_path, [*refused, reason("refused", 60, 720, REJECTED)])
    assert runs(made) == {"refused": (1000, 18, 59)}


@pytest.mark.parametrize(("completed", "end"), [(719, 719), (725, 720)])
def test_nothing_ends_after_what_was_heard_by_a_clock_that_is_ahead(
    tmp_path: Path, completed: int, end: int
) -> None:
    done = pod("done", -10, 720, completed=completed, ended=719)
    assert runs(batch(tmp_path, done)) == {"done": (1000, -90, end)}


@pytest.mark.parametrize(("start", "skipped"), [(720, {}), (721, {"not_yet": 1})])
def test_nothing_begins_after_what_was_heard_by_a_clock_that_is_ahead(
    tmp_path: Path, start: int, skipped: dict[str, int]
) -> None:
    made = batch(tmp_path, pod("soon", 719, 720, start=start))
    assert (len(made.table), made.skipped) == (1 - len(skipped), skipped)


def test_a_pod_that_is_being_deleted_still_holds(tmp_path: Path) -> None:
    ahead = Written("kube_pod_deletion_timestamp", who("term"), points(700, 720, "9999999999"))
    assert runs(batch(tmp_path, pod("term", -10, 720), [ahead])) == {"term": (1000, -90, None)}


@pytest.mark.parametrize("minutes", [60, 240])
def test_a_start_of_running_is_the_same_whatever_is_read(tmp_path: Path, minutes: int) -> None:
    """The run's start is part of its name: another one would be another run."""
    told = pod("slow", 0, 720, start=0, runs=90)
    window = Period(DAY.end_ms - minutes * MINUTE_MS, DAY.end_ms)
    made = batch(tmp_path, told, window=window, running=True)
    assert runs(made) == {"slow": (1000, 90, None)}


@pytest.mark.parametrize(
    ("life", "start"),
    [({"runs": 90}, 90), ({"runs": None}, 1)],  # seen running; done before anybody looked
)
def test_a_pod_that_is_done_and_lies_about_keeps_the_start_of_its_run(
    tmp_path: Path, life: dict[str, int | None], start: int
) -> None:
    told = pod("done", 0, 720, start=0, completed=120, ended=121, **life)
    for window in (DAY, Period(DAY.end_ms - HOUR_MS, DAY.end_ms)):
        folder = tmp_path / str(window.start_ms)
        folder.mkdir()
        made = batch(folder, told, window=window, running=True)
        assert runs(made) == {"done": (1000, start, 120)}


def test_a_pod_that_was_done_long_ago_needs_no_start(tmp_path: Path) -> None:
    made = batch(tmp_path, pod("old", -10, 720, start=-90, completed=-60, ended=-60), running=True)
    assert (runs(made), made.skipped, made.notes) == ({}, {"ended_before": 1}, ())


def test_a_start_of_running_that_the_server_has_forgotten_stops(tmp_path: Path) -> None:
    made = batch(tmp_path, pod("old", -10, 720, start=-90), running=True)
    assert runs(made) == {}
    (note,) = made.notes
    assert (note.severity, note.kind, note.subject) == ("fail", "unknown_start", "lab/old")
    assert made.quarantined[0].reason == ("was first seen running before what the server still has")
