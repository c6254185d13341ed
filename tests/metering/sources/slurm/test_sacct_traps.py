"""The traps of sacct that were met in public: each on the sample that shows it."""

from pathlib import Path

import pytest

from metering.calendar import Period
from metering.settings.sections import Cluster
from tests.metering.sources.slurm.test_gres import devices_of
from tests.metering.sources.slurm.test_sacct_text import (
    CALENDAR,
    NOON,
    PLAIN,
    RUN,
    dump,
    line,
    refusals,
    runs,
)

XDMOD = (
    "jobid|jobidraw|cluster|partition|qos|account|group|gid|user|uid|submit|eligible|start|end"
    "|elapsed|exitcode|state|nnodes|ncpus|reqcpus|reqmem|reqtres|alloctres|timelimit|nodelist"
    "|jobname\n"
)
GPU = Cluster("hpc", "HPC", gpu_partitions=("gpu", "batch"))


def xdmod(formats: Path) -> bytes:
    """The sample under its header, each run that has nodes given a GPU."""
    raw = (formats / "sacct_xdmod.psv").read_bytes()
    return XDMOD.encode() + raw.replace(b",node=", b",gres/gpu=1,node=")


@pytest.mark.shared_data
def test_pending_running_array_and_empty_rows_of_a_real_dump(formats: Path) -> None:
    batch = dump(xdmod(formats))
    assert (batch.rows_read, batch.quarantined) == (11, ())
    assert batch.skipped == {"not_started": 1, "no_time": 1, "no_device": 4}
    seen = [
        (run["allocation_id"], run["state"], run["ended_ms"]) for run in batch.table.to_pylist()
    ]
    instant = CALENDAR.instant
    assert seen == [
        ("4103947", "TIMEOUT", instant("2015-07-01T02:55:50Z")),
        ("4107166", "CANCELLED", instant("2015-07-01T13:17:53Z")),  # CANCELLED by 102216
        ("4107219", "COMPLETED", instant("2015-07-01T02:04:53Z")),
        ("3451067", "RUNNING", None),  # its End is its Start
        ("11963372", "COMPLETED", instant("2023-12-30T03:34:38Z")),
    ]


@pytest.mark.shared_data
def test_names_in_other_letters_of_a_real_dump_are_kept(formats: Path) -> None:
    *_, last = dump(xdmod(formats)).table.to_pylist()
    assert (last["user"], last["account"]) == ("façade", "refbl")


@pytest.mark.shared_data
def test_unknown_as_eligible_and_as_start_of_real_rows(formats: Path) -> None:
    raw = (formats / "sacct_xdmod.psv").read_bytes().splitlines()
    unknown = [one for one in raw if b"|Unknown|" in one]
    assert len(unknown) == 2  # Eligible of an allocation, Start of a job that waits
    batch = dump(XDMOD.encode() + b"\n".join(unknown))
    assert (batch.quarantined, batch.skipped) == ((), {"no_time": 1, "not_started": 1})


def cells(formats: Path, name: str) -> list[list[str]]:
    return [row.split("|") for row in (formats / name).read_text().splitlines()]


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["sacct_gpu_steps.psv", "sacct_a100_tresusage.psv"])
def test_batch_extern_and_numbered_steps_repeat_the_devices_and_are_no_rows(
    name: str, formats: Path
) -> None:
    rows = [
        (row[0], next(cell for cell in row if "gres/gpu=" in cell)) for row in cells(formats, name)
    ]
    batch = dump("\n".join(line(jobidraw=job, jobid=job, alloctres=tres) for job, tres in rows))
    assert batch.quarantined == ()
    assert batch.table["quantity_milli"].to_pylist() == [1000]
    assert batch.skipped == {"step": len(rows) - 1}


@pytest.mark.shared_data
def test_typed_and_untyped_counts_of_a_real_job_are_one_device(formats: Path) -> None:
    tres = cells(formats, "sacct_gpu_steps.psv")[0][4]
    assert "gres/gpu:a100=1,gres/gpu=1" in tres
    assert devices_of(tres) == (("gpu", "a100", 1000),)
    untyped = next(cell for cell in cells(formats, "sacct_a100_tresusage.psv")[0] if "gres" in cell)
    assert devices_of(untyped) == (("gpu", "", 1000),)


@pytest.mark.shared_data
def test_memory_and_utilisation_of_gpus_are_no_devices(formats: Path) -> None:
    usage = [row[1] for row in cells(formats, "sacct_tresusage.psv")]
    assert any("gres/gpumem=38888M" in one for one in usage)
    assert {devices_of(one) for one in usage} == {()}


@pytest.mark.shared_data
def test_four_runs_of_one_requeued_job_are_four_rows(formats: Path) -> None:
    rows = [row for row in cells(formats, "sacct_requeue_duplicates.psv") if row[8] == "REQUEUED"]
    assert {row[4] for row in rows} == {"235929"}
    lines, start_s = [], 0
    for row in rows:
        hours, minutes, seconds = (int(part) for part in row[2].split(":"))
        end_s = start_s + (hours * 60 + minutes) * 60 + seconds
        begins, ends = (f"2026-07-0{1 + s // 86400}T" for s in (start_s, end_s))
        begins, ends = (
            f"{day}{s % 86400 // 3600:02}:{s % 3600 // 60:02}:{s % 60:02}"
            for day, s in ((begins, start_s), (ends, end_s))
        )
        lines.append(line(jobidraw=row[4], state=row[8], submit=begins, start=begins, end=ends))
        start_s = end_s + 60
    found = runs(*lines)
    assert [(run["ended_ms"] - run["started_ms"]) // 60_000 for run in found] == [64, 74, 102, 35]  # type: ignore[operator]
    assert len({(run["allocation_id"], run["submitted_ms"]) for run in found}) == 4


@pytest.mark.shared_data
def test_a_real_job_with_no_gres_at_all_is_a_finding_on_a_gpu_partition(formats: Path) -> None:
    rows = [row for row in cells(formats, "sacct_frontier_energy.psv") if row[0] != "JobID"]
    text = "\n".join(
        line(jobidraw=row[0], jobid=row[0], partition=row[2], state=row[4], alloctres=row[8])
        for row in rows
    )
    batch = dump(text, GPU)
    assert (batch.table.num_rows, batch.quarantined) == (0, ())
    assert batch.skipped == {"no_gres": 1, "step": 2}
    assert [(note.severity, note.kind, note.subject) for note in batch.notes] == [
        ("fail", "no_gres", "batch")
    ]


def test_runs_without_gres_are_told_by_partition_and_day() -> None:
    without = {"alloctres": "cpu=4,node=1"}
    cluster = Cluster("hpc", "HPC", partition_models={"a100": "a100"}, gpu_partitions=("gpu",))
    lines = [
        line(**without),
        line(**without, jobidraw="8"),
        line(**without, partition="a100", start="2026-07-01T15:00:00", end="2026-07-01T15:00:01"),
        line(**without, partition="cpu"),
        line(**without, end=PLAIN["start"]),  # no time
        line(alloctres="cpu=4,gres/gpu=0"),  # counted, and none
    ]
    batch = dump("\n".join(lines), cluster)
    assert batch.skipped == {"no_gres": 3, "no_device": 2, "no_time": 1}
    told = [(str(note.day), note.subject, note.detail.split("에 GPU")[0]) for note in batch.notes]
    assert told == [
        ("2026-07-01", "gpu", "HPC: GPU 파티션 gpu의 작업 2건"),
        ("2026-07-02", "a100", "HPC: GPU 파티션 a100의 작업 1건"),
    ]


def test_a_run_without_gres_is_told_on_the_first_day_asked_for_and_not_outside() -> None:
    text = line(alloctres="cpu=4,node=1", end="2026-07-05T00:00:00")
    day = CALENDAR.day(CALENDAR.day_of(NOON + 2 * 86_400_000))
    assert [str(note.day) for note in dump(text, GPU, day).notes] == ["2026-07-03"]
    assert dump(text, GPU, Period(NOON - 1000, NOON)).notes == ()


def test_every_part_of_a_heterogeneous_job_and_of_an_array_is_a_run() -> None:
    parts = [
        line(jobidraw="200", jobid="200+0", alloctres="gres/gpu:h100=4"),
        line(jobidraw="201", jobid="200+1", alloctres="gres/gpu:h100=2"),
        line(jobidraw="301", jobid="300_[1-3]"),
        line(jobidraw="302", jobid="300_7"),
    ]
    assert [(run["allocation_id"], run["quantity_milli"]) for run in runs(*parts)] == [
        ("200", 4000),
        ("201", 2000),
        ("301", 1000),
        ("302", 1000),
    ]


def test_a_name_with_delimiters_and_other_letters_costs_nothing() -> None:
    assert runs(line(jobname="a|b|c 학습 schön |")) == [RUN]


def test_two_types_of_one_job_are_two_rows() -> None:
    tres = "gres/gpu=6,gres/gpu:a100=2,gres/gpu:h100=4"
    found = runs(line(alloctres=tres))
    assert [(run["model"], run["quantity_milli"]) for run in found] == [
        ("a100", 2000),
        ("h100", 4000),
    ]


def test_a_sum_of_types_that_is_not_the_count_is_refused() -> None:
    ((_, reason),) = refusals(line(alloctres="gres/gpu=5,gres/gpu:a100=2,gres/gpu:h100=4"))
    assert reason == "AllocTRES counts 6 gpu by type and 5 in all"
