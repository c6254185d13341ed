"""sacct as JSON: the same job gives the same row as its text, and forms not known are refused."""

import copy
from pathlib import Path
from typing import Any

import orjson
import pytest

from metering.calendar import Calendar, Period
from metering.errors import SourceError
from metering.settings.sections import Cluster
from metering.sources.reading.batch import Batch
from metering.sources.slurm.source import parse

CALENDAR = Calendar("Asia/Seoul")
HPC = Cluster("hpc", "HPC", partition_models={"gpu": "h100"})
START = 1_782_907_200  # 2026-07-01T12:00:00Z
GPUS = [
    {"type": "energy", "name": "", "id": 3, "count": -2},
    {"type": "gres", "name": "gpu", "id": 1001, "count": 4},
    {"type": "gres", "name": "gpu:h100", "id": 1002, "count": 4},
    {"type": "node", "name": "", "id": 4, "count": 1},
]
JOB: dict[str, Any] = {
    "job_id": 7,
    "account": "acc",
    "user": "u",
    "partition": "gpu",
    "nodes": "n1",
    "name": "학습 | a|b",
    "state": {"current": ["COMPLETED"], "reason": "None"},
    "time": {
        "elapsed": 3500, "eligible": START - 60, "submission": START - 60, "start": START,
        "end": START + 3600, "suspended": 100,
    },
    "tres": {"allocated": GPUS, "requested": []},
}  # fmt: skip
TEXT = (
    "JobIDRaw|Account|User|Partition|NodeList|State|Submit|Start|End|Suspended|AllocTRES\n"
    "7|acc|u|gpu|n1|{state}|2026-07-01T11:59:00|2026-07-01T12:00:00|{end}|00:01:40"
    "|energy=18446744073709551614,gres/gpu:h100=4,gres/gpu=4,node=1\n"
)
ENDED = "2026-07-01T13:00:00"


def document(*jobs: Any, version: str = "data_parser/v0.0.44", **more: Any) -> bytes:
    plugin = {"type": "openapi/slurmdbd", "name": "Slurm OpenAPI slurmdbd", "data_parser": version}
    return orjson.dumps(
        {"jobs": list(jobs), "meta": {"plugin": plugin}, "errors": [], "warnings": []} | more
    )


def job(**changes: Any) -> dict[str, Any]:
    """The job with other values; `time` is merged into what it has."""
    found = copy.deepcopy(JOB)
    found["time"] |= changes.pop("time", {})
    return found | changes


def dump(raw: bytes, cluster: Cluster = HPC, window: Period | None = None) -> Batch:
    return parse(raw, "jobs.json", cluster, CALENDAR, window)


def text(state: str = "COMPLETED", end: str = ENDED) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = dump(TEXT.format(state=state, end=end).encode()).table.to_pylist()
    return rows


def number(value: int) -> dict[str, Any]:
    return {"set": True, "infinite": False, "number": value}


def test_the_same_job_as_text_and_as_json_gives_the_same_row() -> None:
    rows = dump(document(JOB)).table.to_pylist()
    assert len(rows) == 1
    assert rows == text()


def test_values_are_read_plain_or_with_their_set_and_infinite() -> None:
    wrapped = {name: number(value) for name, value in JOB["time"].items()}
    assert dump(document(job(time=wrapped, job_id=number(7)))).table.to_pylist() == text()


@pytest.mark.parametrize(
    ("current", "state", "end"),
    [
        ("COMPLETED", "COMPLETED", ENDED),  # v0.0.39 writes one state
        (["RUNNING"], "RUNNING", "Unknown"),
        (["RUNNING", "COMPLETING"], "COMPLETING", ENDED),
        (["RUNNING", "POWER_UP_NODE"], "RUNNING", "Unknown"),
        (["SUSPENDED"], "SUSPENDED", ENDED),
        (["PENDING", "REQUEUED"], "REQUEUED", ENDED),  # a requeued run has no state beneath
        (["CANCELLED"], "CANCELLED by 102216", ENDED),
    ],
)
def test_a_state_with_flags_is_what_sacct_writes_of_it(current: Any, state: str, end: str) -> None:
    rows = dump(document(job(state={"current": current}))).table.to_pylist()
    assert len(rows) == 1
    assert rows == text(state, end)


def test_an_end_of_zero_means_that_the_job_runs() -> None:
    running = job(time={"end": 0}, state={"current": ["RUNNING"]})
    assert dump(document(running)).table.to_pylist() == text("RUNNING", "Unknown")
    completing = job(time={"end": number(0)}, state={"current": ["COMPLETING"]})
    assert dump(document(completing)).table.to_pylist() == text("COMPLETING", "Unknown")


@pytest.mark.parametrize("start", [0, {"set": False, "infinite": False, "number": 0}, 4294967294])
def test_a_job_that_never_started_is_no_row(start: Any) -> None:
    batch = dump(document(job(time={"start": start}, state={"current": ["CANCELLED"]})))
    assert (batch.table.num_rows, batch.quarantined, batch.skipped) == (0, (), {"not_started": 1})


def test_a_number_without_a_value_is_none() -> None:
    energy = [one | {"count": -2} if one["type"] == "energy" else one for one in GPUS]
    infinite = {"set": True, "infinite": True, "number": 0}
    odd = job(tres={"allocated": energy}, time={"suspended": infinite, "limit": infinite})
    assert dump(document(odd)).table.to_pylist() == [text()[0] | {"suspended_ms": 0}]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"job_id": 0}, "job 0 in an unknown state 'COMPLETED'"),
        ({"state": {"current": ["SLEEPING"]}}, "job 7 in an unknown state 'SLEEPING'"),
        ({"state": {"current": []}}, "job 7 in an unknown state ''"),
        ({"account": ""}, "has no account"),
        ({"account": 5}, "its account is no text: 5"),
        ({"time": {"start": "yesterday"}}, "its start is no whole number: 'yesterday'"),
        ({"time": {"start": START + 0.5}}, f"its start is no whole number: {START + 0.5}"),
        ({"time": {"end": START - 1}},
         "ends 2026-07-01T20:59:59+09:00 before it starts 2026-07-01T21:00:00+09:00"),
        ({"time": {"end": 4_102_444_800}}, "has the impossible instant 4102444800"),
        ({"tres": {}}, "has no tres.allocated"),
        ({"tres": {"allocated": [{"type": "gres", "name": "gpu", "count": -2}]}},
         "AllocTRES 'gres/gpu=' is no count"),
    ],
)  # fmt: skip
def test_a_job_that_cannot_be_is_refused_with_its_place(
    changes: dict[str, Any], reason: str
) -> None:
    batch = dump(document(JOB, job(**changes)))
    assert batch.table.num_rows == 1
    assert [(one.place, one.reason) for one in batch.quarantined] == [("jobs.json:jobs[1]", reason)]


def test_a_job_without_its_times_is_refused() -> None:
    batch = dump(document({name: one for name, one in JOB.items() if name != "time"}, 5))
    assert [one.reason for one in batch.quarantined] == ["has no time.start", "is no job"]


@pytest.mark.parametrize("version", ["v0.0.39", "data_parser/v0.0.40", "data_parser/v0.0.46"])
def test_known_forms_are_read(version: str) -> None:
    assert dump(document(JOB, version=version)).table.num_rows == 1


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("data_parser/v0.0.47", "is of the version v0.0.47 of Slurm's data_parser; v0.0.39 to"),
        ("v0.0.38", "v0.0.38 of Slurm's data_parser, whose start is the time of eligibility; v0"),
        ("", "is of no version of Slurm's data_parser; v0.0.39 to v0.0.46 are known"),
    ],
)
def test_a_form_that_is_not_known_is_refused_in_one_word(version: str, told: str) -> None:
    with pytest.raises(SourceError) as caught:
        dump(document(JOB, JOB, version=version))
    assert str(caught.value).startswith("jobs.json: is of ")
    assert told in str(caught.value)


def test_an_answer_that_is_not_whole_is_refused() -> None:
    with pytest.raises(SourceError, match=r"jobs\.json: is no whole JSON"):
        dump(document(JOB)[:-40])
    with pytest.raises(SourceError, match=r"jobs\.json: Slurm could not answer: .*refused"):
        dump(document(errors=[{"error": "connection refused"}]))
    with pytest.raises(SourceError, match=r"jobs\.json: has no list of jobs"):
        dump(document(jobs=None))


def test_the_controllers_own_jobs_are_refused() -> None:
    meta = {"plugin": {"type": "openapi/slurmctld", "data_parser": "data_parser/v0.0.44"}}
    with pytest.raises(SourceError, match="is of the controller, which forgets jobs"):
        dump(document(JOB, meta=meta))


def test_jobs_outside_the_window_are_counted() -> None:
    batch = dump(document(JOB), window=Period(START * 1000 + 3_600_000, START * 1000 + 7_200_000))
    assert batch.skipped == {"outside_window": 1}


@pytest.mark.shared_data
def test_a_recorded_gpu_job_without_gres_is_a_finding_and_not_billed(formats: Path) -> None:
    raw = (formats / "slurmdb_job_gpu_25.11_v0.0.44.json").read_bytes()
    batch = dump(raw)
    assert (batch.rows_read, batch.table.num_rows, batch.quarantined) == (1, 0, ())
    assert batch.skipped == {"no_gres": 1}
    (note,) = batch.notes
    assert (note.severity, note.kind, note.subject) == ("fail", "no_gres", "gpu")
    assert note.day == CALENDAR.day_of(1_762_782_980_000)
    assert "파티션 gpu의 작업 1건" in note.detail


@pytest.mark.shared_data
def test_the_recorded_job_with_gres_gives_its_times(formats: Path) -> None:
    recorded = orjson.loads((formats / "slurmdb_job_gpu_25.11_v0.0.44.json").read_bytes())
    (own,) = recorded["jobs"]
    own["tres"]["allocated"].append({"type": "gres", "name": "gpu", "id": 1001, "count": 4})
    assert dump(orjson.dumps(recorded)).table.to_pylist() == [
        {
            "allocation_id": "4637", "source": "slurm", "workload": "4637", "account": "biology",
            "user": "vhartman", "partition": "gpu", "resource": "gpu", "model": "h100",
            "quantity_milli": 4000, "submitted_ms": 1_762_782_980_000,
            "started_ms": 1_762_782_980_000, "ended_ms": 1_762_783_010_000, "suspended_ms": 0,
            "state": "COMPLETED", "node": "gpu1",
        }
    ]  # fmt: skip
