"""Slurm's dumps from their files to usage: text and JSON alike, suspended time, nodes, totals."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from metering.calendar import DAY_MS, HOUR_MS, Period
from metering.collect.collect import Collected, collect
from metering.settings.source_options.slurm import SlurmOptions
from metering.settings.source_options.source_config import SourceConfig
from tests.builders.lakes import files
from tests.builders.sites.metering_site import (
    CALENDAR,
    GPU_HOUR_US,
    LAST,
    MIDNIGHT,
    Ground,
    cluster,
    ground,
)

SACCT = SourceConfig("sacct", "slurm", "allocation", paths=("sacct.*",))
EVENTS = SourceConfig("events", "slurm", "node_state", paths=("events.psv",))
SREPORT = SourceConfig("sreport", "slurm", "control_total", paths=("sreport.txt",))
FIELDS = "JobIDRaw|Account|Partition|NodeList|State|Submit|Start|End|Suspended|AllocTRES"
DAY = Period(MIDNIGHT, MIDNIGHT + DAY_MS)

Job = tuple[str, str, int, int | None, int, int]  # id, state, hours from to, suspended, GPUs
# Two runs of one id, one that was suspended, one that goes on.
JOBS: Sequence[Job] = (
    ("1", "REQUEUED", 1, 3, 0, 1),
    ("1", "COMPLETED", 4, 5, 0, 1),
    ("2", "COMPLETED", 6, 10, 1, 1),
    ("3", "RUNNING", 20, None, 0, 1),
)


def utc(hours: int) -> str:
    """An hour of the day as `TZ=UTC` writes it: the site's midnight is 15:00 there."""
    return f"2025-{'10-31' if hours < 9 else '11-01'}T{(hours + 15) % 24:02}:00:00"


def text(jobs: Sequence[Job]) -> str:
    lines = [
        f"{name}|lab|gpu|n1|{state}|{utc(start)}|{utc(start)}|{utc(end) if end else 'Unknown'}"
        f"|{suspended:02}:00:00|{f'gres/gpu:h100={gpus},gres/gpu={gpus}' if gpus else 'cpu=8'}"
        for name, state, start, end, suspended, gpus in jobs
    ]
    return "\n".join([FIELDS, *lines, ""])


def document(jobs: Sequence[Job]) -> bytes:
    def job(one: Job) -> Mapping[str, object]:
        name, state, start, end, suspended, gpus = one
        second = MIDNIGHT // 1000 + start * 3600
        times = {
            "submission": second, "start": second, "suspended": suspended * 3600,
            "end": MIDNIGHT // 1000 + end * 3600 if end else 0,
        }  # fmt: skip
        gres = [
            {"type": "gres", "name": kind, "count": gpus} for kind in ("gpu", "gpu:h100") if gpus
        ]
        return {
            "job_id": int(name), "account": "lab", "user": "", "partition": "gpu", "nodes": "n1",
            "state": {"current": ["PENDING", state] if state == "REQUEUED" else [state]},
            "time": times, "tres": {"allocated": [{"type": "cpu", "count": 8}, *gres]},
        }  # fmt: skip

    plugin = {"type": "", "name": "", "data_parser": "data_parser/v0.0.43"}
    return orjson.dumps({"jobs": [job(one) for one in jobs], "meta": {"plugin": plugin}})


def made(path: Path, *sources: SourceConfig, **said: object) -> Ground:
    path.mkdir(exist_ok=True)
    return ground(path, cluster(*sources, **said))


def run(hpc: Ground) -> Collected:
    (collected,) = collect(hpc.opened, DAY, None, DAY.end_ms)
    return collected


def kinds(hpc: Ground) -> set[str]:
    return {one.kind for one in hpc.meter(LAST)}


def held(hpc: Ground) -> object:
    """Milli-device hours of the day."""
    (row,) = hpc.usage(LAST)
    return int(str(row[3])) * 1000 // GPU_HOUR_US


def test_text_and_json_of_the_same_jobs_land_the_same_bytes(tmp_path: Path) -> None:
    hpc = made(tmp_path / "site", SACCT)
    directory = hpc.opened.site.directory
    (directory / "sacct.psv").write_text(text(JOBS))
    assert not run(hpc).failed
    hpc.meter(LAST)
    assert held(hpc) == 11_000
    before = files(directory / "lake")
    (directory / "sacct.psv").unlink()
    (directory / "sacct.json").write_bytes(document(JOBS))
    assert not run(hpc).failed
    hpc.meter(LAST)
    assert files(directory / "lake") == before
    (directory / "sacct.psv").write_text(text(JOBS))  # both at once
    assert not run(hpc).failed
    assert files(directory / "lake") == before


@pytest.mark.parametrize(("suspended_held", "milli_hours"), [(True, 11_000), (False, 10_000)])
def test_suspended_gpus_are_held_unless_the_site_says_otherwise(
    tmp_path: Path, suspended_held: bool, milli_hours: int
) -> None:
    hpc = made(tmp_path / "site", SACCT, suspended_held=suspended_held)
    (hpc.opened.site.directory / "sacct.json").write_bytes(document(JOBS))
    run(hpc)
    hpc.meter(LAST)
    assert held(hpc) == milli_hours


def test_a_job_seen_running_and_ended_later_is_held_to_its_end_only(tmp_path: Path) -> None:
    hpc = made(tmp_path / "site", SACCT)
    path = hpc.opened.site.directory / "sacct.json"
    for ended, milli_hours in ((None, 4_000), (21, 1_000)):
        path.write_bytes(document([("3", "COMPLETED" if ended else "RUNNING", 20, ended, 0, 1)]))
        run(hpc)
        hpc.meter(LAST)
        assert held(hpc) == milli_hours


def test_jobs_of_a_gpu_partition_without_gres_stop_the_collection_and_bill_nothing(
    tmp_path: Path,
) -> None:
    hpc = made(tmp_path / "site", SACCT, gpu_partitions=("gpu",))
    path = hpc.opened.site.directory / "sacct.psv"
    path.write_text(text([("1", "COMPLETED", 1, 3, 0, 0), ("2", "COMPLETED", 1, 3, 0, 0)]))
    collected = run(hpc)
    assert collected.failed
    assert [
        (finding.severity, finding.kind, finding.day, finding.subject)
        for finding in collected.findings
    ] == [("fail", "no_gres", LAST, "gpu")]
    assert "작업 2건" in collected.findings[0].detail
    hpc.meter(LAST)
    assert hpc.usage(LAST) == []
    path.write_text(text([("1", "COMPLETED", 1, 3, 0, 1), ("2", "COMPLETED", 1, 3, 0, 1)]))
    assert not run(hpc).failed


def test_a_document_of_an_unknown_version_fails_its_source_and_bills_nothing(
    tmp_path: Path,
) -> None:
    hpc = made(tmp_path / "site", SACCT)
    raw = document(JOBS).replace(b"v0.0.43", b"v0.0.38")
    (hpc.opened.site.directory / "sacct.json").write_bytes(raw)
    (found,) = run(hpc).findings
    assert (found.severity, found.kind) == ("fail", "source_unavailable")
    assert "v0.0.38 of Slurm's data_parser" in found.detail
    assert hpc.lake.read("allocation", cluster="hpc").num_rows == 0


def test_node_events_are_down_time_where_nothing_is_held(tmp_path: Path) -> None:
    hpc = made(tmp_path / "site", SACCT, EVENTS)
    directory = hpc.opened.site.directory
    (directory / "sacct.psv").write_text(text([("1", "COMPLETED", 1, 3, 0, 1)]))
    (directory / "events.psv").write_text(
        f"NodeName|TimeStart|TimeEnd|State|Reason\nn1|{utc(2)}|{utc(4)}|DRNG|fan | disk\n"
    )
    assert not run(hpc).failed
    assert "down" not in {one.subject for one in hpc.meter(LAST)}  # it is known
    rows = hpc.lake.read("capacity_hour", cluster="hpc", date_from=LAST, date_to=LAST).to_pylist()
    hours = {(row["hour_ms"] - MIDNIGHT) // HOUR_MS: (row["held"], row["down"]) for row in rows}
    hour_us = GPU_HOUR_US
    assert [hours[number] for number in range(1, 5)] == [
        (hour_us, 0),
        (hour_us, hour_us),
        (0, 2 * hour_us),
        (0, 0),
    ]


@pytest.mark.parametrize(("seconds", "differs"), [(11 * 3600, False), (11 * 3600 + 1, True)])
def test_a_total_of_sreport_is_held_against_the_jobs(
    tmp_path: Path, seconds: int, differs: bool
) -> None:
    hpc = made(
        tmp_path / "site",
        SACCT,
        replace(SREPORT, options=SlurmOptions("site")),
        suspended_held=False,
    )
    directory = hpc.opened.site.directory
    (directory / "sacct.json").write_bytes(document(JOBS))
    idle = 2 * 86_400 - seconds
    (directory / "sreport.txt").write_text(
        "Cluster Utilization 2025-11-01T00:00:00 - 2025-11-01T23:59:59\n"
        "Usage reported in TRES Seconds\n"
        "Cluster|TRES Name|Allocated|Down|PLND Down|Idle|Planned|Reported\n"
        f"hpc|gres/gpu|{seconds}|0|0|{idle}|0|{2 * 86_400}\n"
    )
    assert not run(hpc).failed
    assert CALENDAR.day(LAST) == DAY
    assert ("control_total_differs" in kinds(hpc)) == differs
