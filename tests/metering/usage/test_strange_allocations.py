"""Allocations that cannot be ours as they stand: strange nodes, strange models, another clock."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from metering.calendar import HOUR_MS
from metering.finding import Finding
from metering.settings.source_options.source_config import SourceConfig
from tests.builders.sites.metering_site import (
    DCGM,
    GPU_HOUR_US,
    LAST,
    MIDNIGHT,
    REGISTRY,
    SLURM,
    Ground,
    cluster,
    device,
    ground,
    job,
)

PODS = SourceConfig("pods", "kubernetes", "allocation")
TABLE = SourceConfig("jobs", "table", "allocation")


def metered(path: Path, *sources: SourceConfig) -> Ground:
    hpc = ground(path, cluster(*sources))
    hpc.complete(MIDNIGHT + 48 * HOUR_MS)
    return hpc


def of_kind(findings: Sequence[Finding], kind: str) -> list[Finding]:
    return [finding for finding in findings if finding.kind == kind]


@pytest.mark.parametrize(
    ("source", "name"),
    [(SLURM, "slurm"), (PODS, "pod"), (TABLE, "slurm")],
    ids=["slurm", "kubernetes", "table"],
)
def test_time_on_a_node_where_no_device_ever_stood_is_told_for_every_kind_of_source(
    source: SourceConfig, name: str, tmp_path: Path
) -> None:
    hpc = metered(tmp_path, source)
    rows = [
        job(0, HOUR_MS, node="n1", source=name),
        job(0, 3 * HOUR_MS, node="z[1-2]", source=name, allocation_id="2"),
        job(0, HOUR_MS, node="", source=name, allocation_id="3"),  # nobody says where
    ]
    hpc.land("allocation", LAST, rows)
    (strange,) = of_kind(hpc.meter(LAST), "unknown_host")
    assert (strange.severity, strange.day, strange.subject) == ("warn", LAST, "host")
    assert "노드 2개(z1, z2)에 할당된 3.00 장비시간" in strange.detail
    assert strange.stake == f"gpu.h100:device_us:{3 * GPU_HOUR_US}"


def test_a_node_on_which_a_device_stands_another_day_is_known(tmp_path: Path) -> None:
    hpc = metered(tmp_path, SLURM)
    hpc.land("allocation", LAST, [job(0, HOUR_MS, node="n7")])
    assert len(of_kind(hpc.meter(LAST), "unknown_host")) == 1
    later = device("gpu-7", node="n7", installed_ms=MIDNIGHT + 240 * HOUR_MS)
    hpc.load(replace(REGISTRY, devices=(*REGISTRY.devices, later)))
    assert of_kind(hpc.meter(LAST), "unknown_host") == []
    gone = device("gpu-7", node="n7", removed_ms=MIDNIGHT - 240 * HOUR_MS)
    hpc.load(replace(REGISTRY, devices=(*REGISTRY.devices, gone)))
    assert of_kind(hpc.meter(LAST), "unknown_host") == []
    other = device("gpu-7", node="n7", cluster="else")
    hpc.load(replace(REGISTRY, devices=(*REGISTRY.devices, other)))
    assert len(of_kind(hpc.meter(LAST), "unknown_host")) == 1


def test_a_model_that_no_registered_device_ever_was_stops_in_one_finding(tmp_path: Path) -> None:
    hpc = metered(tmp_path, SLURM)
    hpc.land("allocation", LAST, [job(0, HOUR_MS, node="n1", model="tesla-v100")])
    (strange,) = [finding for finding in hpc.meter(LAST) if finding.severity == "fail"]
    assert (strange.kind, strange.subject) == ("unknown_model", "gpu.tesla-v100")
    assert strange.stake == f"gpu.tesla-v100:device_us:{GPU_HOUR_US}"
    assert "gres_models" in strange.detail
    removed = device("gpu-9", model="tesla-v100", removed_ms=MIDNIGHT)
    hpc.load(replace(REGISTRY, devices=(*REGISTRY.devices, removed)))
    (over,) = [finding for finding in hpc.meter(LAST) if finding.severity == "fail"]
    assert over.kind == "over_capacity"


@pytest.mark.parametrize(
    ("shift_hours", "subjects"), [(0, []), (9, ["slurm"]), (8, []), (-9, ["slurm"])]
)
def test_runs_the_sites_offset_beside_what_the_exporter_saw_stop(
    shift_hours: int, subjects: list[str], tmp_path: Path
) -> None:
    hpc = metered(tmp_path, SLURM, DCGM)
    shift = shift_hours * HOUR_MS
    seen = [(9 + number % 5) * HOUR_MS for number in range(6)]
    names = [str(number) for number in range(6)]
    hpc.land(
        "allocation",
        LAST,
        [
            job(at + shift, at + shift + HOUR_MS, node="n1", allocation_id=name, workload=name)
            for at, name in zip(seen, names, strict=True)
        ],
    )
    hpc.land("device", LAST, [{"device_id": 1, "device_uid": "gpu-1", "model": "h100"}])
    hpc.land(
        "workload",
        LAST,
        [
            {"workload_id": number, "kind": "slurm", "name": name}
            for number, name in enumerate(names, start=1)
        ],
    )
    spans = [
        {
            "device_id": 1,
            "workload_id": number,
            "started_ms": MIDNIGHT + at + number,
            "held_ms": HOUR_MS - number,
        }
        for number, at in enumerate(seen, start=1)
    ]
    hpc.land("interval", LAST, spans)
    clocks = of_kind(hpc.meter(LAST), "not_utc")
    assert [(finding.severity, finding.subject) for finding in clocks] == [
        ("fail", subject) for subject in subjects
    ]
