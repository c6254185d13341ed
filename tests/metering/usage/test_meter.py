"""Metering over a lake: days, findings, what is counted again, and the bytes that stay."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from metering.calendar import HOUR_MS
from metering.database.findings import findings
from metering.errors import JeongsanError
from metering.registry.registry import Tenancy
from metering.settings.source_options.source_config import SourceConfig
from metering.usage.meter import meter
from tests.builders.lakes import files
from tests.builders.sites.metering_site import (
    DCGM,
    FIRST,
    GPU_HOUR_US,
    LAST,
    MIDNIGHT,
    NODES,
    QUOTA,
    REGISTRY,
    SLURM,
    Ground,
    cluster,
    device,
    ground,
    job,
)


@pytest.fixture
def hpc(tmp_path: Path) -> Ground:
    """A cluster with a scheduler only, complete past both days."""
    made = ground(tmp_path, cluster(SLURM))
    made.complete(MIDNIGHT + 48 * HOUR_MS)
    return made


def over_midnight(made: Ground) -> None:
    """A run from 22:00 of the month's last day to 03:00 of the first."""
    made.land("allocation", FIRST, [job(-2 * HOUR_MS, 0, continues=True)])
    made.land("allocation", LAST, [job(-2 * HOUR_MS, 3 * HOUR_MS)])


def test_a_job_over_a_month_s_end_counts_in_both_months_for_who_was_tenant(hpc: Ground) -> None:
    over_midnight(hpc)
    found = hpc.meter(FIRST, LAST)
    assert hpc.usage(FIRST) == [("P1", "hpc", "gpu.h100", 2 * GPU_HOUR_US, "device_us", False)]
    assert hpc.usage(LAST) == [("P2", "hpc", "gpu.h100", 3 * GPU_HOUR_US, "device_us", False)]
    assert {one.kind for one in found} == {"identity_unchecked"}


def test_a_second_run_changes_no_byte(hpc: Ground, tmp_path: Path) -> None:
    over_midnight(hpc)
    first = hpc.meter(FIRST, LAST)
    before = files(tmp_path / "lake")
    assert hpc.meter(LAST, FIRST) == first
    assert files(tmp_path / "lake") == before


def test_a_running_job_is_provisional_until_the_watermark_passes_the_day(tmp_path: Path) -> None:
    hpc = ground(tmp_path, cluster(SLURM))
    hpc.complete(MIDNIGHT + HOUR_MS)
    hpc.land("allocation", LAST, [job(0, HOUR_MS, continues=True)])
    (late,) = [one for one in hpc.meter(LAST) if one.kind == "not_complete"]
    assert late.detail == "사용 기록이 01:00까지만 수집되어 이 날의 사용량은 잠정치입니다."
    assert hpc.usage(LAST) == [("P2", "hpc", "gpu.h100", GPU_HOUR_US, "device_us", True)]
    hpc.complete(MIDNIGHT + 24 * HOUR_MS)
    assert "not_complete" not in {one.kind for one in hpc.meter(LAST)}
    assert hpc.usage(LAST) == [("P2", "hpc", "gpu.h100", GPU_HOUR_US, "device_us", False)]


def test_an_earlier_day_is_counted_again_only_when_its_inputs_change(hpc: Ground) -> None:
    over_midnight(hpc)
    hpc.meter(FIRST, LAST)
    said: list[tuple[str, int, int]] = []
    meter(hpc.opened, [LAST], progress=lambda *step: said.append(step))
    assert said == [("hpc", 0, 1), ("hpc", 1, 1)]
    hpc.complete(MIDNIGHT + 480 * HOUR_MS)  # a later watermark changes no complete day
    hpc.land("allocation", FIRST, [job(-HOUR_MS, 0, continues=True)])
    said.clear()
    meter(hpc.opened, [LAST], progress=lambda *step: said.append(step))
    assert said == [("hpc", 0, 2), ("hpc", 1, 2), ("hpc", 2, 2)]
    assert hpc.usage(FIRST) == [("P1", "hpc", "gpu.h100", GPU_HOUR_US, "device_us", False)]


def test_a_registry_change_recounts_only_the_days_that_it_touches(hpc: Ground) -> None:
    over_midnight(hpc)
    hpc.meter(FIRST, LAST)
    added = device("gpu-3", installed_ms=MIDNIGHT + HOUR_MS)
    hpc.load(replace(REGISTRY, devices=(*REGISTRY.devices, added)))
    before = hpc.lake.select("usage_day", date_from=FIRST, date_to=FIRST).manifests
    said: list[tuple[str, int, int]] = []
    meter(hpc.opened, [date(2025, 11, 2)], progress=lambda *step: said.append(step))
    assert said == [("hpc", 0, 2), ("hpc", 1, 2), ("hpc", 2, 2)]
    assert hpc.lake.select("usage_day", date_from=FIRST, date_to=FIRST).manifests == before


def test_usage_without_an_owner_fails_and_set_aside_usage_is_reported(hpc: Ground) -> None:
    hpc.land(
        "allocation",
        LAST,
        [
            job(0, HOUR_MS, account="stray", allocation_id="2"),
            job(0, HOUR_MS, account="test", allocation_id="3"),
        ],
    )
    found = [one for one in hpc.meter(LAST) if one.kind != "identity_unchecked"]
    assert [(one.severity, one.kind, one.subject) for one in found] == [
        ("fail", "unowned_usage", "hpc/stray"),
        ("warn", "set_aside", "hpc/test"),
    ]
    assert hpc.usage(LAST) == []
    assert hpc.lake.read("usage_hour", cluster="hpc").num_rows == 2
    stored = Tenancy("hpc", "stray", "P1", LAST, None)
    hpc.load(replace(REGISTRY, tenancies=(*REGISTRY.tenancies, stored)))
    hpc.meter(LAST)
    with hpc.opened.database.read() as connection:
        kinds = {finding.kind for finding in findings(connection, stage="meter")}
    assert kinds == {"set_aside", "identity_unchecked"}
    assert hpc.usage(LAST) == [("P1", "hpc", "gpu.h100", GPU_HOUR_US, "device_us", False)]


def test_a_carrier_s_own_jobs_are_not_counted_twice(tmp_path: Path) -> None:
    hpc = ground(tmp_path, cluster(SLURM, carrier_accounts=("slurmd",)))
    hpc.land(
        "allocation",
        LAST,
        [job(0, HOUR_MS), job(0, 24 * HOUR_MS, account="slurmd", allocation_id="2")],
    )
    assert "over_capacity" not in {one.kind for one in hpc.meter(LAST)}
    assert [row[3] for row in hpc.usage(LAST)] == [GPU_HOUR_US]


def test_a_job_and_a_pod_on_the_same_devices_fail_until_one_is_named_a_carrier(
    tmp_path: Path,
) -> None:
    pod = job(0, HOUR_MS, source="pod", workload="slurmd/a", account="slurmd", allocation_id="p")
    both = [job(0, HOUR_MS, node="n1"), {**pod, "node": "n1", "quantity_milli": 2000}]

    def twice(name: str, *sources: SourceConfig, **said: object) -> list[str]:
        (tmp_path / name).mkdir()
        hpc = ground(tmp_path / name, cluster(SLURM, *sources, **said))
        stay = replace(REGISTRY, devices=(*REGISTRY.devices, device("gpu-3", node="n2")))
        hpc.load(stay)
        hpc.land("allocation", LAST, both)
        if sources:
            seen = {"device_id": 1, "device_uid": "gpu-1", "model": "h100", "node": "n1"}
            names = [("pod", "slurmd/a"), ("slurm", "1")]
            hpc.land("device", LAST, [seen])
            hpc.land("workload", LAST, [{"workload_id": 1, "kind": k, "name": n} for k, n in names])
            span = {"device_id": 1, "workload_id": 1, "started_ms": MIDNIGHT, "held_ms": 60_000}
            hpc.land("interval", LAST, [span])
        return [f"{one.kind} {one.subject}" for one in hpc.meter(LAST) if one.severity == "fail"]

    assert twice("by-node") == ["held_twice h100/node", "unowned_usage hpc/slurmd"]
    assert twice("by-device", DCGM) == ["held_twice h100/device", "unowned_usage hpc/slurmd"]
    assert twice("carried", DCGM, carrier_accounts=("slurmd",)) == []


def test_a_carrier_s_namespace_is_not_counted_where_labels_tell_what_was_held(
    tmp_path: Path,
) -> None:
    hpc = ground(tmp_path, cluster(DCGM, carrier_accounts=("slurmd",)))
    hpc.complete(MIDNIGHT + 25 * HOUR_MS)
    hpc.land("device", LAST, [{"device_id": 1, "device_uid": "gpu-1", "model": "h100"}])
    hpc.land("workload", LAST, [{"workload_id": 1, "kind": "pod", "name": "slurmd/a"}])
    seen = {"device_id": 1, "workload_id": 1, "held_ms": HOUR_MS}
    hpc.land("interval", LAST, [{**seen, "started_ms": MIDNIGHT}])
    assert "unowned_usage" not in {one.kind for one in hpc.meter(LAST)}
    assert hpc.usage(LAST) == []


def test_more_held_than_installed_fails_and_one_more_device_heals_it(hpc: Ground) -> None:
    hpc.land("allocation", LAST, [job(HOUR_MS, HOUR_MS + 1, quantity_milli=2001)])
    (over,) = [one for one in hpc.meter(LAST) if one.severity == "fail"]
    assert (over.kind, over.subject, over.day) == ("over_capacity", "h100", LAST)
    assert "최대 0.001대" in over.detail
    assert "처음 01:00:00" in over.detail
    hpc.load(replace(REGISTRY, devices=(*REGISTRY.devices, device("gpu-3"))))
    assert [one for one in hpc.meter(LAST) if one.severity == "fail"] == []


def test_an_interval_cut_at_midnight_counts_in_both_days(tmp_path: Path) -> None:
    hpc = ground(tmp_path, cluster(SLURM, DCGM))
    over_midnight(hpc)
    sight = [{"device_id": 1, "device_uid": "gpu-1", "model": "h100", "node": "n1"}]
    named = [{"workload_id": 1, "kind": "slurm", "name": "1"}]
    seen = {"device_id": 1, "workload_id": 1, "busy_ppm": 500_000, "energy_uj": 7}
    for day, started, held in ((FIRST, -7_000, 7_000), (LAST, 0, 8_000)):
        hpc.land("device", day, sight)
        hpc.land("workload", day, named)
        hpc.land("interval", day, [{**seen, "started_ms": MIDNIGHT + started, "held_ms": held}])
    found = hpc.meter(FIRST, LAST)
    for day, held_ms in ((FIRST, 7_000), (LAST, 8_000)):
        (row,) = hpc.lake.read("usage_day", date_from=day, date_to=day).to_pylist()
        assert (row["busy_ns"], row["energy_uj"]) == (held_ms * 500_000, 7)
        hours = hpc.lake.read("evidence_hour", date_from=day, date_to=day).to_pylist()
        assert len(hours) == 48
        assert sum(hour["loaded_ms"] for hour in hours) == held_ms
        assert sum(hour["dark_ms"] for hour in hours) == 48 * HOUR_MS - held_ms
    assert {one.kind for one in found} == {"dark", "not_complete", "identity_unchecked"}


def test_busy_time_is_never_more_than_held_time(tmp_path: Path) -> None:
    hpc = ground(tmp_path, cluster(SLURM, DCGM))
    hpc.land("allocation", LAST, [job(0, HOUR_MS, quantity_milli=500)])
    hpc.land("device", LAST, [{"device_id": 1, "device_uid": "gpu-1", "model": "h100"}])
    hpc.land("workload", LAST, [{"workload_id": 1, "kind": "slurm", "name": "1"}])
    seen = {"device_id": 1, "workload_id": 1, "busy_ppm": 900_000, "held_ms": HOUR_MS}
    hpc.land("interval", LAST, [{**seen, "started_ms": MIDNIGHT}])
    hpc.meter(LAST)
    (row,) = hpc.lake.read("usage_day").to_pylist()
    assert (row["quantity"], row["busy_ns"]) == (GPU_HOUR_US // 2, 1000 * GPU_HOUR_US // 2)


def test_a_cluster_without_a_scheduler_takes_held_time_from_labels(tmp_path: Path) -> None:
    hpc = ground(tmp_path, cluster(DCGM))
    hpc.complete(MIDNIGHT + 25 * HOUR_MS)
    sight = [{"device_id": n, "device_uid": f"gpu-{n}", "model": "h100"} for n in (1, 2)]
    hpc.land("device", LAST, sight)
    hpc.land("workload", LAST, [{"workload_id": 1, "kind": "pod", "name": "lab/a"}])
    seen = {"workload_id": 1, "busy_ppm": 1_000_000, "energy_uj": 5}
    spans = ((1, 0, 60_000), (1, 60_000, 15_000), (2, 60_000, 15_000))
    hpc.land(
        "interval",
        LAST,
        [
            {**seen, "device_id": n, "started_ms": MIDNIGHT + HOUR_MS + at, "held_ms": held}
            for n, at, held in spans
        ],
    )
    found = hpc.meter(LAST)
    (row,) = hpc.lake.read("usage_day").to_pylist()
    held_ms = (
        15_000 + 15_000 + 15_000
    )  # the first sample counts one scrape period, not sixty seconds
    assert (row["project_id"], row["quantity"], row["estimated"]) == ("P2", held_ms * 1000, True)
    assert row["busy_ns"] == held_ms * 1_000_000
    runs = hpc.lake.read("label_allocation").to_pylist()
    assert [(run["account"], run["quantity_milli"]) for run in runs] == [
        ("lab", 1000),
        ("lab", 2000),
    ]
    # the 45 s before that scrape period are evidence of nobody, as first samples always leave some
    hours = hpc.lake.read("device_hour").to_pylist()
    lost = [row["observed_ms"] for row in hours if row["attribution"] == "unattributed"]
    assert lost == [45_000]
    assert {one.kind for one in found} == {"dark", "identity_unchecked"}


@pytest.mark.breadth
def test_a_labelled_run_over_midnight_is_counted_with_the_days_beside(tmp_path: Path) -> None:
    hpc = ground(tmp_path, cluster(DCGM))
    hpc.complete(MIDNIGHT + 25 * HOUR_MS)

    def seen(day: date, *spans: tuple[int, int]) -> None:
        hpc.land("device", day, [{"device_id": 1, "device_uid": "gpu-1", "model": "h100"}])
        hpc.land("workload", day, [{"workload_id": 1, "kind": "pod", "name": "lab/a"}])
        row = {"device_id": 1, "workload_id": 1, "busy_ppm": 1}
        rows = [{**row, "started_ms": MIDNIGHT + at, "held_ms": held} for at, held in spans]
        hpc.land("interval", day, rows)

    def held_s() -> list[int]:
        return [sum(row[3] for row in hpc.usage(day)) // 1_000_000 for day in (FIRST, LAST)]  # type: ignore[misc]

    seen(FIRST, (-40_000, 40_000))
    seen(LAST, (0, 10_000))
    hpc.meter(FIRST, LAST)
    assert held_s() == [5, 10]  # one sample of fifty seconds, the run's first
    seen(LAST, (0, 5_000), (HOUR_MS, 5_000))
    said: list[tuple[str, int, int]] = []
    meter(hpc.opened, [LAST], progress=lambda *step: said.append(step))
    assert said[-1] == ("hpc", 2, 2)
    assert held_s() == [10, 10]
    seen(FIRST, (-60_000, 20_000), (-40_000, 40_000))
    hpc.meter(LAST)
    assert held_s() == [55, 10]


def test_a_store_is_metered_by_its_readings(tmp_path: Path) -> None:
    store = cluster(QUOTA, name="nas")
    hpc = ground(tmp_path, stores=[store])
    hpc.complete(MIDNIGHT + 24 * HOUR_MS, "nas")
    level = {
        "source": "nas", "account": "lab", "sku": "storage.parallel", "resource_id": "v1",
        "started_ms": MIDNIGHT, "ended_ms": MIDNIGHT + HOUR_MS, "quantity": 1024, "unit": "mib",
    }  # fmt: skip
    hpc.land("reading", LAST, [level], cluster="nas")
    assert hpc.meter(LAST) == []
    assert hpc.usage(LAST) == [("P1", "nas", "storage.parallel", 1024 * 3600, "mib_s", False)]
    assert hpc.lake.partitions("capacity_hour") == []


def test_sections_may_be_named_and_an_unknown_one_is_refused(hpc: Ground) -> None:
    assert meter(hpc.opened, [], None) == []
    with pytest.raises(JeongsanError, match="no cluster or store 'moon'"):
        meter(hpc.opened, [LAST], ["moon"])


def test_down_nodes_make_the_capacity_identity_complete(tmp_path: Path) -> None:
    hpc = ground(tmp_path, cluster(SLURM, NODES))
    state = {"node": "n1", "started_ms": MIDNIGHT, "ended_ms": MIDNIGHT + HOUR_MS, "state": "down"}
    hpc.land("node_state", LAST, [state])
    hpc.land("allocation", LAST, [job(HOUR_MS, 2 * HOUR_MS)])
    hpc.meter(LAST)
    names = ("installed", "over", "held", "down", "free")
    rows = hpc.lake.read("capacity_hour").to_pylist()
    assert [tuple(row[name] // GPU_HOUR_US for name in names) for row in rows[:3]] == [
        (2, 0, 0, 2, 0),
        (2, 0, 1, 0, 1),
        (2, 0, 0, 0, 2),
    ]


def test_a_run_on_a_drained_node_is_held_there_and_not_over(tmp_path: Path) -> None:
    """Draining lets a node's runs end; its list may say n[1-2] where n2 has no such device."""
    hpc = ground(tmp_path, cluster(SLURM, NODES))
    state = {"node": "n1", "started_ms": MIDNIGHT, "ended_ms": MIDNIGHT + HOUR_MS}
    hpc.land("node_state", LAST, [{**state, "state": "drained"}])
    half = HOUR_MS // 2
    hpc.land("allocation", LAST, [job(0, half, node="n[1-2]", quantity_milli=2000)])
    assert [one for one in hpc.meter(LAST) if one.severity == "fail"] == []
    names = ("installed", "over", "held", "down", "free")
    row = hpc.lake.read("capacity_hour").to_pylist()[0]
    assert [row[name] // GPU_HOUR_US for name in names] == [2, 0, 1, 1, 0]


def test_a_board_is_whole_until_the_millisecond_in_which_it_is_divided(tmp_path: Path) -> None:
    """Slices registered on the second hour take nothing from the board's hours before them."""
    hpc = ground(tmp_path, cluster(SLURM))
    parts = [
        device(f"mig-{n}", parent="gpu-1", slice="1g.10gb", installed_ms=MIDNIGHT + HOUR_MS + 1)
        for n in (1, 2)
    ]
    gone = [replace(part, removed_ms=MIDNIGHT + 3 * HOUR_MS) for part in parts]
    hpc.load(replace(REGISTRY, devices=(device("gpu-1"), *gone)))
    hpc.land("allocation", FIRST, [job(-2 * HOUR_MS, 0)])
    found = hpc.meter(FIRST, LAST)
    assert [one for one in found if one.severity == "fail"] == []
    rows = hpc.lake.read("capacity_hour", date_from=LAST).to_pylist()
    installed = {(row["hour_ms"] - MIDNIGHT, row["model"]): row["installed"] for row in rows}
    hour_us = HOUR_MS * 1000
    assert [installed.get((n * HOUR_MS, "h100"), 0) for n in range(4)] == [
        hour_us, 1000, 0, hour_us
    ]  # fmt: skip
    assert installed[HOUR_MS, "h100.mig-1g.10gb"] == 2 * (hour_us - 1000)
