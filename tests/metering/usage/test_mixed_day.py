"""A day of one cluster with GPUs and the NPUs of two vendors, out of their exporters' own text."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from billing.draft.capacity_used import Resource
from billing.rulebook.rule_book import read_rulebook
from metering.calendar import DAY_MS, HOUR_MS, Period
from metering.collect.collect import collect
from metering.registry.registry import Registry
from metering.settings.source_options.source_config import SourceConfig
from reports.month.capacity import capacity_views
from tests.builders.sites.metering_site import (
    GPU_HOUR_US,
    LAST,
    MIDNIGHT,
    REGISTRY,
    Ground,
    cluster,
    device,
)
from tests.builders.sites.metering_site import ground as make_ground

SCRAPE_MS = 30_000
SCRAPES = HOUR_MS // SCRAPE_MS
DEVICES = {"gpu-1": ("gpu", "h100"), "furiosa-1": ("npu", "rngd"), "rbln-1": ("npu", "atom-max")}
SOURCES = (
    SourceConfig("sacct", "slurm", "allocation", paths=("sacct.txt",)),
    *(
        SourceConfig(family, "exposition", "sample", family=family, paths=(f"{family}/*.prom",))
        for family in ("dcgm", "furiosa", "rebellions")
    ),
)
SACCT = """\
JobIDRaw|Account|State|Submit|Start|End|AllocTRES
1|lab|COMPLETED|2025-10-31T15:00:00|2025-10-31T15:00:00|2025-10-31T16:00:00|gres/gpu:h100=1
2|lab|COMPLETED|2025-10-31T15:00:00|2025-10-31T15:00:00|2025-10-31T15:30:00|gres/npu:rngd=1
3|lab|COMPLETED|2025-10-31T15:00:00|2025-10-31T15:00:00|2025-10-31T15:15:00|gres/npu:atom-max=1
"""


def dcgm(number: int) -> str:
    labels = 'UUID="gpu-1",modelName="NVIDIA H100 80GB HBM3",Hostname="n1",hpc_job="1"'
    energy = 10**9 + number * SCRAPE_MS * 500  # mJ at 500 W
    return (
        f"DCGM_FI_PROF_GR_ENGINE_ACTIVE{{{labels}}} 0.5\n"
        f"DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{{{labels}}} {energy}\n"
    )


def furiosa(number: int) -> str:
    labels = 'arch="rngd",device="npu0",uuid="furiosa-1",hostname="n1"'
    cores = "".join(
        f'furiosa_npu_core_utilization{{{labels},core="{core}"}} {core * 20}\n' for core in range(5)
    )
    cycles = "".join(
        f'furiosa_npu_task_execution_cycle{{{labels},core="{core}"}} {300_000_007 * number}\n'
        f'furiosa_npu_total_cycle_count{{{labels},core="{core}"}} {1_000_000_000 * number}\n'
        for core in range(8)
    )
    return f'{cores}{cycles}furiosa_npu_hw_power{{{labels},label="rms"}} 120\n'


def rebellions(number: int) -> str:
    labels = 'card="RBLN-CA25",uuid="rbln-1",name="rbln0",hostname="n1",namespace="",pod=""'
    return f"rbln_npu_utilization{{{labels}}} 10\nrbln_npu_power{{{labels}}} 60\n"


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """An hour of scrapes of all three, and a run on each."""
    tmp_path: Path = tmp_path_factory.mktemp("mixed")
    ground = make_ground(tmp_path, cluster(*SOURCES, hold_ms=120_000, scrape_ms=SCRAPE_MS))
    ground.load(registry())
    (tmp_path / "sacct.txt").write_text(SACCT, encoding="utf-8")
    for name, text in (("dcgm", dcgm), ("furiosa", furiosa), ("rebellions", rebellions)):
        (tmp_path / name).mkdir()
        for number in range(SCRAPES + 1):
            file = tmp_path / name / f"{MIDNIGHT + number * SCRAPE_MS}.prom"
            file.write_text(text(number), encoding="utf-8")
    (collected,) = collect(
        ground.opened, Period(MIDNIGHT, MIDNIGHT + DAY_MS), None, MIDNIGHT + 2 * DAY_MS
    )
    assert [finding for finding in collected.findings if finding.severity == "fail"] == []
    assert collected.quarantined == {"allocation": 0, "sample": 0}
    ground.meter(LAST)
    return ground


def registry() -> Registry:
    devices = tuple(
        device(uid, resource=resource, model=model) for uid, (resource, model) in DEVICES.items()
    )
    return replace(REGISTRY, devices=devices)


def test_every_vendor_s_devices_are_metered_in_device_hours(mixed: Ground) -> None:
    columns = ("sku", "quantity", "unit")
    rows = mixed.lake.read("usage_day", date_from=LAST).to_pylist()
    assert sorted(tuple(row[name] for name in columns) for row in rows) == [
        ("gpu.h100", GPU_HOUR_US, "device_us"),
        ("npu.atom-max", GPU_HOUR_US // 4, "device_us"),
        ("npu.rngd", GPU_HOUR_US // 2, "device_us"),
    ]


def test_evidence_is_a_rise_of_counters_or_a_gauge_over_time_by_vendor(mixed: Ground) -> None:
    sums: dict[str, tuple[int, int]] = {}
    for row in mixed.lake.read("device_hour", date_from=LAST).to_pylist():
        busy, energy = sums.get(row["device_uid"], (0, 0))
        sums[row["device_uid"]] = (busy + row["busy_ns"], energy + row["energy_uj"])
    hour_ns = HOUR_MS * 10**6
    assert sums == {
        "gpu-1": (hour_ns // 2, HOUR_MS * 500_000),
        "furiosa-1": (hour_ns * 3 // 10, HOUR_MS * 120_000),  # of its cycles, not of five gauges
        "rbln-1": (hour_ns // 10, HOUR_MS * 60_000),
    }


def test_a_model_without_a_pf_value_has_none_and_is_not_nothing(mixed: Ground) -> None:
    resources = [
        Resource("hpc", "HPC", model, HOUR_MS * 1000, 0, HOUR_MS * 1000, None, 0, 0, 0)
        for _, model in DEVICES.values()
    ]
    views = capacity_views(resources, registry(), read_rulebook(), date(2025, 11, 1))
    assert {view.model: view.pf for view in views} == {
        "h100": Fraction("0.067"), "rngd": None, "atom-max": None,
    }  # fmt: skip
