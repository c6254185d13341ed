"""The same work under several ids (METERING 39): both sides of each limit, and a real log."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from metering.calendar import HOUR_MS, Calendar
from metering.finding import Finding
from metering.lake.contract import contract
from metering.usage.duckdb_engine import Engine
from metering.usage.sql_checks import run_checks
from tests.builders.sites.metering_site import nothing

SEOUL = Calendar("Asia/Seoul")
UTC = Calendar("UTC")
DAY = date(2025, 10, 1)
NOON = SEOUL.day(DAY).start_ms + 12 * HOUR_MS
SECOND_MS = 1000
REPEATED = 50  # one job in so many, in the log that is spoilt
Row = Mapping[str, object]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.close()


def told(engine: Engine, rows: Iterable[Row], day: date = DAY) -> list[Finding]:
    columns = contract("allocation").columns
    table = pa.table(
        {c.name: pa.array([row.get(c.name, nothing(c)) for row in rows], c.kind) for c in columns}
    )
    state = pa.table({"suspended_held": [False]})
    inputs = {"allocation": table, "source_state": state}
    return run_checks(engine, "allocation", SEOUL.day(day), inputs, "meter", "hpc", day)


def job(name: int, begun_ms: int = NOON, lasting_ms: int = HOUR_MS) -> dict[str, object]:
    return {
        "allocation_id": f"{name:06d}", "source": "slurm", "account": "lab", "user": "u",
        "resource": "gpu", "model": "h100", "quantity_milli": 1000, "submitted_ms": begun_ms,
        "started_ms": begun_ms, "ended_ms": begun_ms + lasting_ms,
    }  # fmt: skip


def a_day(jobs: int) -> list[dict[str, object]]:
    """Runs of an hour that begin one second after the other, and the first once more."""
    runs = [job(number, NOON + number * SECOND_MS) for number in range(jobs - 1)]
    return [*runs, {**runs[0], "allocation_id": "again"}]


def test_two_equal_of_two_hundred_are_what_a_clean_log_may_have(engine: Engine) -> None:
    assert told(engine, a_day(200)) == []


def test_two_equal_of_a_hundred_and_ninety_nine_are_told(engine: Engine) -> None:
    (found,) = told(engine, a_day(199))
    assert (found.severity, found.kind, found.day) == ("warn", "same_work", DAY)
    assert "작업 199건 가운데 2건(1.00 %)" in found.detail
    assert "(000000, again)" in found.detail
    assert "1건, 1.00 장비시간" in found.detail
    assert found.stake == "gpu.h100:device_us:3600000000"


def test_the_examples_are_of_what_is_there_most_often_and_at_most_five(engine: Engine) -> None:
    often = [job(number, NOON + HOUR_MS) for number in range(10, 17)]
    (found,) = told(engine, [*a_day(4), *often])
    assert "11건 가운데 9건(81.81 %)" in found.detail
    assert "(000010, 000011, 000012, 000013, 000014 등)" in found.detail
    assert "7건, 7.00 장비시간" in found.detail


@pytest.mark.parametrize(("more_ms", "said"), [(0, 0), (1, 1)])
def test_what_is_counted_twice_is_told_above_a_thousandth_of_the_time(
    engine: Engine, more_ms: int, said: int
) -> None:
    """One short run has a twin, of three: a thousandth is 998 of 998 + 998 + 996,004 seconds."""
    short, long = 998 * SECOND_MS + more_ms, 996_004 * SECOND_MS
    rows = [job(1, NOON, short), job(2, NOON, short), job(3, NOON - long, long)]
    assert len(told(engine, rows)) == said


def test_a_day_on_which_nothing_ends_has_nothing_equal(engine: Engine) -> None:
    assert told(engine, []) == []
    assert told(engine, [{**job(1), "continues": True}, {**job(2), "continues": True}]) == []


@pytest.fixture(scope="module")
def trace(shared: Path) -> Mapping[date, list[dict[str, object]]]:
    """The runs of the Philly trace by the accounting day on which they end."""
    days: dict[date, list[dict[str, object]]] = defaultdict(list)
    with gzip.open(shared / "data/traces/philly-as-sacct/sacct.psv.gz", "rt") as lines:
        for row in csv.DictReader(lines, delimiter="|"):
            begun, ended = (UTC.instant(row[name] + "+00:00") for name in ("Start", "End"))
            if ended > begun:
                days[SEOUL.day_of(ended - 1)].append(_run(row, begun, ended))
    return days


def _run(row: Mapping[str, str], begun_ms: int, ended_ms: int) -> dict[str, object]:
    gpus = row["AllocTRES"].partition("gres/gpu=")[2].partition(",")[0]
    return {
        "allocation_id": row["JobIDRaw"], "source": "slurm", "account": row["Account"],
        "user": row["User"], "resource": "gpu", "model": "h100", "node": row["NodeList"],
        "quantity_milli": int(gpus) * 1000, "started_ms": begun_ms, "ended_ms": ended_ms,
        "submitted_ms": UTC.instant(row["Submit"] + "+00:00"),
    }  # fmt: skip


@pytest.mark.breadth
@pytest.mark.shared_data
def test_a_real_clean_log_has_no_day_that_is_told(
    engine: Engine, trace: Mapping[date, list[dict[str, object]]]
) -> None:
    assert sum(len(rows) for rows in trace.values()) == 82_247
    assert [day for day, rows in sorted(trace.items()) if told(engine, rows, day)] == []


@pytest.mark.breadth
@pytest.mark.shared_data
@pytest.mark.parametrize(("source", "said"), [("pod", 0), ("slurm", 2)])
def test_pods_of_a_real_cluster_that_came_and_went_together_have_other_names(
    engine: Engine, shared: Path, source: str, said: int
) -> None:
    """28 of 6,203 pods equal another in all but the name; without names two days would be told."""
    days: dict[date, list[dict[str, object]]] = defaultdict(list)
    trace = shared / "data/traces/alibaba-openb-2023/openb_pod_list_default.csv.gz"
    with gzip.open(trace, "rt") as lines:
        for row in csv.DictReader(lines):
            if int(row["num_gpu"]) and row["scheduled_time"]:
                pod = _pod(row, source)
                days[SEOUL.day_of(int(str(pod["ended_ms"])) - 1)].append(pod)
    assert sum(len(rows) for rows in days.values()) == 6203
    assert sum(bool(told(engine, rows, day)) for day, rows in days.items()) == said


def _pod(row: Mapping[str, str], source: str) -> dict[str, object]:
    created, scheduled, gone = (
        int(row[name].partition(".")[0]) * SECOND_MS
        for name in ("creation_time", "scheduled_time", "deletion_time")
    )
    return {
        "allocation_id": row["name"], "source": source, "workload": f"ns/{row['name']}",
        "account": "ns", "resource": "gpu", "model": row["gpu_spec"] or "any",
        "quantity_milli": int(row["num_gpu"]) * int(row["gpu_milli"]), "submitted_ms": created,
        "started_ms": scheduled, "ended_ms": gone,
    }  # fmt: skip


@pytest.mark.breadth
@pytest.mark.shared_data
def test_the_same_log_with_one_job_in_fifty_again_is_told_on_its_full_days(
    engine: Engine, trace: Mapping[date, list[dict[str, object]]]
) -> None:
    full = {day: rows for day, rows in sorted(trace.items()) if len(rows) >= 20 * REPEATED}
    for day, rows in full.items():
        again = [{**row, "allocation_id": f"again-{row['allocation_id']}"} for row in rows]
        (found,) = told(engine, [*rows, *again[::REPEATED]], day)
        copies_us = sum(
            row["quantity_milli"] * (row["ended_ms"] - row["started_ms"])  # type: ignore[operator]
            for row in again[::REPEATED]
        )
        assert found.stakes[0].quantity >= copies_us  # and what the log has itself
    assert len(full) > 20
