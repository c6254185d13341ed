"""Energy of intervals: by counter or gauge, in the dark, impossible counters passed over."""

from dataclasses import replace
from pathlib import Path

import pytest

from metering.settings.source_options.source_config import SourceConfig
from tests.builders.landing import (
    Ground,
    device,
    kinds,
    seen,
)
from tests.metering.landing.test_landing import DAY_MS, HOLD_MS, HOUR_MS


def test_gauge_power_integrates_by_trapezoid_and_each_is_floored(ground: Ground) -> None:
    """METERING 10: (3 + 4) mW over 1 ms is 3.5 uJ; beyond hold it is dark."""
    powers = ((0, 3), (1, 4), (2, 4), (HOLD_MS + 2, 1), (2 * HOLD_MS + 3, 1))
    ground.land(seen("gpu-1", at, power_mw=mw) for at, mw in powers)
    assert ground.spans("energy_uj") == [
        (0, 1, 3),
        (1, 1, 4),
        (2, HOLD_MS, 5 * HOLD_MS // 2),
        (HOLD_MS + 3, HOLD_MS, None),
    ]


def test_counter_energy_over_a_gap_longer_than_hold_lies_on_dark_rows(ground: Ground) -> None:
    """METERING 11: shared over the real gap, without workload; what was seen is not measured."""
    ground.land(
        [
            seen("gpu-1", HOUR_MS - 100_000, energy_mj=0, workload="slurm:1"),
            seen("gpu-1", HOUR_MS + 200_000, energy_mj=31, busy_ppm=5, workload="slurm:1"),
        ]
    )
    assert ground.spans("dark", "energy_uj", "busy_ppm", "workload") == [
        (HOUR_MS - 100_000, 0, True, 10_333, None, ""),
        (HOUR_MS, 0, True, 20_667, None, ""),
        (HOUR_MS + 140_000, HOLD_MS, False, None, 5, "slurm:1"),
    ]


@pytest.mark.parametrize(("gap_ms", "dark"), [(HOLD_MS, []), (HOLD_MS + 1, [True])])
def test_a_gap_of_hold_is_seen_and_one_longer_is_dark(
    ground: Ground, gap_ms: int, dark: list[bool]
) -> None:
    ground.land([seen("gpu-1", 0, energy_mj=0), seen("gpu-1", gap_ms, energy_mj=5)])
    assert [row["dark"] for row in ground.rows("interval") if row["dark"]] == dark
    assert sum(row["energy_uj"] or 0 for row in ground.rows("interval")) == 5_000


def test_dark_energy_reaches_days_without_samples(ground: Ground) -> None:
    ground.land([seen("gpu-1", -HOUR_MS, energy_mj=0)])
    ground.land([seen("gpu-1", DAY_MS + HOUR_MS, energy_mj=26_000)])
    dark = [row for row in ground.rows("interval") if row["dark"]]
    assert [row["energy_uj"] for row in dark] == [1_000_000] * 26
    assert {str(row["day"]) for row in dark} == {"2025-10-01", "2025-10-02", "2025-10-03"}
    assert ground.lake.partitions("sample", date="2025-10-02") == []
    names = ground.lake.read("device", date="2025-10-02").column("device_uid")
    assert names.to_pylist() == ["gpu-1"]


def test_a_late_sample_leaves_the_dark_that_a_later_counter_threw_over_its_day(
    tmp_path: Path,
) -> None:
    """The samples of the day in between have no counter, and its last one does not change."""
    rows = [
        seen("gpu-1", -HOUR_MS, energy_mj=0),
        *(seen("gpu-1", n * HOUR_MS, busy_ppm=n) for n in (10, 12)),
        seen("gpu-1", DAY_MS + HOUR_MS, energy_mj=26_000),
        seen("gpu-1", 11 * HOUR_MS, busy_ppm=11),
    ]
    late, once = Ground(tmp_path / "late"), Ground(tmp_path / "once")
    late.land(rows[:-1])
    late.land(rows[-1:])
    once.land(rows)
    assert late.digests() == once.digests()
    assert sum(row["dark"] is True for row in late.rows("interval")) == 26


def test_dark_energy_leaves_a_day_without_samples_once_its_counter_is_passed_over(
    tmp_path: Path,
) -> None:
    """A late fall makes the last counter impossible: what it threw over the days before goes."""
    rows = [seen("gpu-1", at, energy_mj=mj) for at, mj in ((0, 10**15), (2 * DAY_MS, 10**15))]
    late = seen("gpu-1", 100_000, energy_mj=0)
    once, parts = Ground(tmp_path / "once"), Ground(tmp_path / "parts")
    parts.land(rows)
    parts.land([late])
    once.land([*rows, late])
    assert parts.rows("interval") == once.rows("interval")
    assert parts.digests() == once.digests()


@pytest.mark.parametrize(
    ("second_mj", "found", "energy"),
    [
        (700 * 75_000, {}, 700 * 75_000_000),
        (700 * 75_000 + 1, {"impossible_counter": ("gpu-1",)}, None),
    ],
)
def test_a_counter_rises_no_faster_than_the_power_limit_with_a_minute_to_spare(
    ground: Ground, second_mj: int, found: dict[str, object], energy: int | None
) -> None:
    """METERING 11: 700 W x (15 s + 60 s)."""
    landed = ground.land(
        [seen("gpu-1", 0, energy_mj=0), seen("gpu-1", 15_000, energy_mj=second_mj)]
    )
    assert (kinds(landed), ground.spans("energy_uj")) == (found, [(0, 15_000, energy)])


@pytest.mark.parametrize(
    ("new_mj", "kind", "energy"),
    [
        (700 * 75_000, "counter_reset", 52_500_000_000),
        (700 * 75_000 + 1, "impossible_counter", None),
    ],
)
def test_a_fall_is_a_reset_only_if_the_new_value_is_possible_since_then(
    ground: Ground, new_mj: int, kind: str, energy: int | None
) -> None:
    rows = [seen("gpu-1", 0, energy_mj=10**9), seen("gpu-1", 15_000, energy_mj=new_mj)]
    assert kinds(ground.land(rows)) == {kind: ("gpu-1",)}
    assert ground.spans("energy_uj") == [(0, 15_000, energy)]


def test_an_impossible_counter_is_passed_over_and_the_old_one_kept(ground: Ground) -> None:
    values = ((0, 100), (15_000, 10**12), (30_000, 130))
    ground.land(seen("gpu-1", at, energy_mj=mj) for at, mj in values)
    assert ground.spans("energy_uj") == [(0, 15_000, None), (15_000, 15_000, 30_000)]
    assert [row["energy_mj"] for row in ground.rows("sample")] == [100, 10**12, 130]


def test_without_a_known_power_limit_a_rise_is_not_checked_and_that_is_said(
    tmp_path: Path,
) -> None:
    ground = Ground(tmp_path, [device("gpu-1", power_limit_w=None)])
    landed = ground.land([seen("gpu-1", 0, energy_mj=0), seen("gpu-1", 15_000, energy_mj=10**12)])
    assert kinds(landed) == {"power_limit_unknown": ("h100",)}
    assert ground.spans("energy_uj") == [(0, 15_000, 10**15)]


def test_a_limit_that_is_not_registered_is_the_models_in_the_exporters_family(
    tmp_path: Path,
) -> None:
    ground = Ground(tmp_path, [device("gpu-1", power_limit_w=None)])
    source = SourceConfig("dcgm", "exposition", "sample", family="dcgm")
    ground.cluster = replace(ground.cluster, sources=(source,))
    landed = ground.land([seen("gpu-1", 0, energy_mj=0), seen("gpu-1", 15_000, energy_mj=10**12)])
    assert kinds(landed) == {"impossible_counter": ("gpu-1",)}


def test_a_device_is_metered_by_its_counter_from_the_first_one_on(ground: Ground) -> None:
    """One source of energy at a time: the gauge before the counter, never beside it."""
    ground.land(
        [
            seen("gpu-1", 0, power_mw=100),
            seen("gpu-1", 10_000, power_mw=100, energy_mj=50),
            seen("gpu-1", 20_000, power_mw=100, energy_mj=57),
            seen("gpu-1", 30_000, power_mw=100),
        ]
    )
    assert ground.spans("energy_uj") == [
        (0, 10_000, 1_000_000),
        (10_000, 10_000, 7_000),
        (20_000, 10_000, None),
    ]
