"""Allocations: cut at midnight, merged with what is in force, never past what is known."""

import gzip
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metering.calendar import Period, read_date
from metering.collect.land_allocations import SourceWindow, cut_by_day, land_allocations
from metering.collect.spans import cut, integers
from metering.database.connection import open_database
from metering.errors import ConflictError
from metering.lake.lake import Lake
from metering.sources.reading.schemas import ALLOCATION_RUN
from metering.sources.slurm.source import parse
from tests.builders.lakes import files
from tests.builders.spans import (
    CALENDAR,
    DAY_MS,
    HOUR_MS,
    MIDNIGHT,
    WEEK,
    Ground,
    facts,
    hours,
    run,
    runs,
)

FACTS = ("started_ms", "ended_ms", "continues")


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path)


def test_a_run_over_midnights_has_a_row_a_day(ground: Ground) -> None:
    assert ground.land(run(20, 50)) == []
    assert ground.days(*FACTS) == [(1, 20, 24, True), (2, 20, 48, True), (3, 20, 50, False)]


def test_a_row_holds_all_that_the_scheduler_said(ground: Ground) -> None:
    ground.land(run(1, 2))
    assert ground.rows() == [
        {
            "cluster": "hpc", "date": read_date("2025-10-01"), "allocation_id": "7",
            "source": "slurm", "workload": "7", "account": "acc", "user": "u",
            "partition": "gpu", "resource": "gpu", "model": "h100", "quantity_milli": 1000,
            "submitted_ms": MIDNIGHT, "started_ms": hours(1), "ended_ms": hours(2),
            "continues": False, "suspended_ms": 0, "state": "COMPLETED", "node": "n1",
        }
    ]  # fmt: skip


def test_a_run_that_ends_at_midnight_has_no_row_of_the_next_day(ground: Ground) -> None:
    ground.land(run(20, 24), run(24, 25, allocation_id="8"))
    assert ground.days(*FACTS) == [(1, 20, 24, False), (2, 24, 25, False)]


def test_typed_counts_of_one_run_are_rows_of_their_own(ground: Ground) -> None:
    ground.land(run(1, 2), run(1, 2, model="a100", quantity_milli=3000))
    assert ground.days("model", "quantity_milli") == [(1, "a100", 3000), (1, "h100", 1000)]


def test_runs_of_a_requeued_job_stand_side_by_side(ground: Ground) -> None:
    again = run(3, 4, submitted_ms=hours(2))
    ground.land(run(1, 2, state="REQUEUED"), again)
    assert ground.days(*FACTS) == [(1, 1, 2, False), (1, 3, 4, False)]


def test_a_dump_without_runs_changes_nothing(ground: Ground) -> None:
    assert ground.land() == []
    ground.land(run(20, 50))
    before = ground.digests()
    assert ground.land() == []
    assert ground.digests() == before


# Running: only to the watermark (METERING 15).


def test_a_running_run_counts_to_the_watermark_and_the_rest_is_a_finding(ground: Ground) -> None:
    told = ground.land(run(20, None), upto=30)
    assert ground.days(*FACTS) == [(1, 20, 24, True), (2, 20, 30, True)]
    assert told == [("warn", "running_past_watermark", "2025-10-02", "slurm")]


@pytest.mark.parametrize(("upto", "findings"), [(23.999, 1), (24, 0), (24.001, 0)])
def test_a_watermark_at_the_windows_end_leaves_nothing_unknown(
    ground: Ground, upto: float, findings: int
) -> None:
    first = Period(MIDNIGHT, MIDNIGHT + DAY_MS)
    assert len(ground.land(run(20, None), upto=upto, window=first)) == findings


def test_a_run_that_begins_at_the_watermark_has_no_row_yet(ground: Ground) -> None:
    ground.land(run(20, None), run(19, None, allocation_id="8"), upto=20)
    assert ground.days("allocation_id", *FACTS) == [(1, "8", 19, 20, True)]


def test_a_failed_collection_does_not_bill_a_run_on_and_on(ground: Ground) -> None:
    """Seen running on the 5th, ended an hour later, seen again on the 11th: 2 hours, not 133."""
    fifth = 4 * 24 + 10
    ground.land(run(fifth, None), upto=fifth + 1)
    assert ground.days("ended_ms") == [(5, fifth + 1)]
    ground.land(run(fifth, fifth + 2), upto=10 * 24)
    assert ground.days(*FACTS) == [(5, fifth, fifth + 2, False)]


def test_a_running_run_that_vanished_upstream_stays_and_is_told(ground: Ground) -> None:
    ground.land(run(20, None), upto=22)
    told = ground.land(run(1, 2, allocation_id="8"), upto=48)
    facts_of_runs = ground.days("allocation_id", "ended_ms", "state")
    assert facts_of_runs == [(1, "7", 22, "VANISHED"), (1, "8", 2, "COMPLETED")]
    assert told == []  # by the check of the day that it stands in


def test_an_older_dump_takes_nothing_back(ground: Ground) -> None:
    ground.land(run(1, 30), run(2, None, allocation_id="8"), upto=40)
    before = ground.digests()
    ground.land(run(1, None), run(2, None, allocation_id="8"), upto=20)
    assert ground.digests() == before


def test_a_newer_watermark_takes_a_running_run_further(ground: Ground) -> None:
    ground.land(run(1, None), upto=20)
    ground.land(run(1, None), upto=30)
    assert ground.days(*FACTS) == [(1, 1, 24, True), (2, 1, 30, True)]


# Revised ends: only the days between (METERING 17).


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        (30, 60, {"2025-10-02", "2025-10-03"}),
        (60, 30, {"2025-10-02", "2025-10-03"}),
        (60, 61, {"2025-10-03"}),
        (24, 30, {"2025-10-01", "2025-10-02"}),
        (60, 60, set()),
    ],
)
def test_a_revised_end_rewrites_only_the_days_between(
    ground: Ground, old: float, new: float, changed: set[str]
) -> None:
    other = run(0, 72, allocation_id="8")
    ground.land(run(1, old), other)
    before = ground.digests()
    ground.land(run(1, new))
    after = ground.digests()
    assert {day for day in before | after if before.get(day) != after.get(day)} == changed
    assert len(ground.rows()) == 3 + -(-new // 24)


def test_days_that_a_revised_end_leaves_empty_are_gone(ground: Ground) -> None:
    ground.land(run(1, 6 * 24))
    ground.land(run(1, 2), window=Period(MIDNIGHT, MIDNIGHT + HOUR_MS))
    assert ground.days(*FACTS) == [(1, 1, 2, False)]
    assert list(ground.digests()) == ["2025-10-01"]


def test_a_rerun_changes_no_byte(ground: Ground) -> None:
    rows = [run(n, 30 + n, allocation_id=str(n)) for n in range(9)] + [run(3, None)]
    ground.land(*rows, upto=50)
    before = files(ground.path / "lake")
    random.Random(7).shuffle(rows)
    ground.land(*rows, upto=50)
    assert files(ground.path / "lake") == before


def test_windows_one_after_another_make_what_one_window_makes(tmp_path: Path) -> None:
    rows = [run(n * 7, n * 7 + 30, allocation_id=str(n)) for n in range(12)]
    whole, parts = Ground(tmp_path / "whole"), Ground(tmp_path / "parts")
    whole.land(*rows)
    for start in range(0, 7 * 24, 12):
        window = Period(hours(start), hours(start + 12))
        touching = [r for r in rows if window.overlap_ms(r["started_ms"], r["ended_ms"])]  # type: ignore[arg-type]
        parts.land(*touching, upto=start + 12, window=window)
    assert parts.digests() == whole.digests()


def test_two_writers_of_one_day_do_not_lose_an_update(ground: Ground) -> None:
    def overtaken() -> None:
        with ground.lake.change() as change:
            said, asked = facts(run(1, 2), upto=99), SourceWindow("sacct", WEEK, hours(99))
            land_allocations(ground.lake, change, ground.cluster, ground.site, said, asked)
            ground.land(run(3, 4, allocation_id="8"))

    with pytest.raises(ConflictError):
        overtaken()
    assert ground.days("allocation_id") == [(1, "8")]


# Several dumps of one run in one pull.


def test_of_several_dumps_an_end_wins_and_then_the_later_one(ground: Ground) -> None:
    dumps = [run(1, None), run(1, 5), run(1, 3), run(1, 5)]
    assert ground.land(*dumps) == ground.land(*dumps[::-1]) == []
    assert ground.days(*FACTS) == [(1, 1, 5, False)]


def test_quantities_that_differ_stop_the_stage(ground: Ground) -> None:
    told = ground.land(run(1, 2), run(1, 2, quantity_milli=2000))
    assert told == [("fail", "differing_quantity", "2025-10-01", "7")]
    assert ground.days("quantity_milli") == [(1, 2000)]


# Models.


def test_a_device_without_model_stops_the_stage_until_site_toml_names_it(ground: Ground) -> None:
    told = ground.land(run(20, 30, model=""), run(1, 2, model="", partition=""))
    assert told == [
        ("fail", "untyped_model", "2025-10-01", ""),
        ("fail", "untyped_model", "2025-10-01", "gpu"),
        ("fail", "untyped_model", "2025-10-02", "gpu"),
    ]
    assert ground.land(run(20, 30), run(1, 2, partition="")) == []
    assert ground.days("model") == [(1, "h100"), (1, "h100"), (2, "h100")]


# Suspended time: from the run's end backwards (METERING 16).


@pytest.mark.parametrize(
    ("suspended", "by_day"),
    [(0, [0, 0, 0]), (1, [0, 0, 1]), (2, [0, 0, 2]), (3, [0, 1, 2]), (27, [1, 24, 2]),
     (999, [4, 24, 2])],
)  # fmt: skip
def test_suspended_time_is_taken_from_the_end_backwards(
    ground: Ground, suspended: int, by_day: list[int]
) -> None:
    ground.land(run(20, 50, suspended_ms=suspended * HOUR_MS))
    assert [row[1] for row in ground.days("suspended_ms")] == by_day


# Properties.

SPANS = st.lists(
    st.tuples(
        st.integers(0, 40 * DAY_MS), st.integers(1, 9 * DAY_MS), st.integers(1, 64_000),
        st.integers(0, 20 * DAY_MS),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


@given(SPANS)
def test_cutting_by_day_loses_no_milli_device_ms(spans: list[tuple[int, int, int, int]]) -> None:
    starts = np.array([MIDNIGHT + start for start, *_ in spans], np.int64)
    ends = starts + np.array([length for _, length, *_ in spans], np.int64)
    quantity = np.array([milli for _, _, milli, _ in spans], np.int64)
    pieces = cut(starts, ends, CALENDAR)
    held = quantity[pieces.row] * (pieces.end_ms - pieces.start_ms)
    assert held.sum() == (quantity * (ends - starts)).sum()
    for day, start, end in zip(pieces.day, pieces.start_ms, pieces.end_ms, strict=True):
        whole = CALENDAR.day(pieces.days[day])
        assert whole.start_ms <= start < end <= whole.end_ms
    for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
        own = pieces.row == row
        assert pieces.start_ms[own][0] == start
        assert pieces.end_ms[own][-1] == end
        assert (pieces.start_ms[own][1:] == pieces.end_ms[own][:-1]).all()


@given(SPANS)
def test_cutting_by_day_loses_no_suspended_time(spans: list[tuple[int, int, int, int]]) -> None:
    table = runs(
        *(
            {**run(0, 0, allocation_id=str(n)), "started_ms": MIDNIGHT + start,
             "ended_ms": MIDNIGHT + start + length, "suspended_ms": suspended}
            for n, (start, length, _, suspended) in enumerate(spans)
        )
    )  # fmt: skip
    marked = table.append_column("runs_on", [[False] * len(spans)])
    rows = cut_by_day(marked, "hpc", CALENDAR)
    assert integers(rows, "suspended_ms").sum() == sum(min(s, length) for _, length, _, s in spans)


@pytest.fixture(scope="module")
def long_lived(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return Ground(tmp_path_factory.mktemp("order"))


@pytest.mark.breadth
@settings(max_examples=4, deadline=None)
@given(
    spans=st.lists(st.tuples(st.integers(0, 90), st.integers(1, 60)), min_size=1, max_size=4),
    chance=st.randoms(use_true_random=False),
)
def test_the_order_of_dumps_does_not_matter(
    long_lived: Ground, spans: list[tuple[int, int]], chance: random.Random
) -> None:
    """A run as seen by dumps taken at several hours, landed in any order."""
    seen = []
    for number, (start, length) in enumerate(spans):
        for taken in (start + length // 2, start + length, start + length + 9):
            end = start + length if start + length < taken else None
            if taken > start:
                seen.append((taken, run(start, end, allocation_id=str(number))))
    made = []
    for _ in range(2):
        long_lived.forget("allocation")
        long_lived.forget("allocation_listing")
        for taken, row in seen:
            long_lived.land(row, upto=taken)
        made.append(long_lived.digests())
        chance.shuffle(seen)
    assert made[0] == made[1]


# Real input.

MONTHS = {
    "2026-07": (3_454_290, 0),
    "2026-08": (971_446_314, 32_880_396),
    "2026-09": (1_488_842_987, 197_506_640),
    "2026-10": (979_014_001, 43_785_582),
    "2026-11": (78_324_910, 5_030_085),
}  # GPU-seconds of all and of vc-0e4a51, from the trace's SOURCE.md


@pytest.mark.soak  # test_philly_months.py holds the usage of the same months to the same totals
@pytest.mark.shared_data
def test_a_real_clusters_months_are_held_to_the_second(tmp_path: Path, traces: Path) -> None:
    raw = gzip.decompress((traces / "philly-as-sacct" / "sacct.psv.gz").read_bytes())
    window = Period(CALENDAR.month("2026-07").start_ms, CALENDAR.month("2026-11").end_ms)
    ground = Ground(tmp_path)
    batch = parse(raw, "sacct.psv", ground.cluster, CALENDAR, window)
    assert (batch.rows_read, batch.quarantined, batch.skipped) == (82_247, (), {})
    assert batch.table.schema == ALLOCATION_RUN
    lake = Lake(tmp_path / "again", open_database(f"sqlite:///{tmp_path}/again.db"))
    with lake.change() as change:
        said = batch.table.append_column("as_of_ms", pa.repeat(window.end_ms, batch.rows_read))
        said = said.append_column("input", pa.repeat("sacct.psv", batch.rows_read))
        said = said.append_column("digest", pa.repeat("", batch.rows_read))
        said = said.append_column("one_start", pa.repeat(True, batch.rows_read))
        given = ground.cluster, ground.site, said, SourceWindow("sacct", window, window.end_ms)
        assert land_allocations(lake, change, *given) == []
    found = {}
    for month in MONTHS:
        days = CALENDAR.month_days(month)
        rows = lake.read("allocation", date_from=days[0], date_to=days[-1])
        starts = {day: CALENDAR.day(day).start_ms for day in days}
        midnight = np.array([starts[day] for day in rows["date"].to_pylist()], np.int64)
        start = np.maximum(integers(rows, "started_ms"), midnight)
        held_us = integers(rows, "quantity_milli") * (integers(rows, "ended_ms") - start)
        one = np.array(rows["account"].to_pylist()) == "vc-0e4a51"
        assert held_us.sum() % 1_000_000 == held_us[one].sum() % 1_000_000 == 0
        found[month] = (int(held_us.sum()) // 10**6, int(held_us[one].sum()) // 10**6)
    assert found == MONTHS
    before = files(tmp_path / "again")
    with lake.change() as change:
        land_allocations(lake, change, *given)
    assert files(tmp_path / "again") == before
