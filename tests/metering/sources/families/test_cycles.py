"""Counters of cycles become the share worked between two samples; else the gauge counts."""

from pathlib import Path

import pytest

from tests.builders.landing import HOLD_S, Ground, Row, device, kinds, seen

HOLD_MS = HOLD_S * 1000
HOUR_MS = 3_600_000
GAUGE = 123_456


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path, [device("npu-1", model="rngd", resource="npu")])


def told(at_ms: int, busy: int | None, total: int | None, **more: object) -> Row:
    """A sample with both counters, and a gauge that says something else."""
    values = {"busy_ppm": GAUGE, "busy_cycles": busy, "total_cycles": total}
    return seen("npu-1", at_ms, **values, **more)


@pytest.mark.parametrize(
    ("worked", "there", "ppm"),
    [
        (0, 3, 0), (1, 3, 333_333), (2, 3, 666_666), (3, 3, 1_000_000),
        (10**9, 8 * 10**11, 1_250), (899_999_999_999_999_999, 9 * 10**17, 999_999),
    ],
)  # fmt: skip
def test_the_share_is_cycles_worked_of_all_cycles_rounded_down(
    ground: Ground, worked: int, there: int, ppm: int
) -> None:
    ground.land([told(0, 5, 70), told(15_000, 5 + worked, 70 + there)])
    assert ground.spans("busy_ppm") == [(0, 15_000, ppm)]
    assert [row["busy_ppm"] for row in ground.rows("sample")] == [GAUGE, GAUGE]  # as it came


def test_a_late_sample_shares_the_rise_with_its_neighbour(ground: Ground) -> None:
    """METERING 4, of cycles: 10 of 20, of which a late sample knows 9 of the first 10."""
    ground.land([told(0, 100, 1000), told(20_000, 110, 1020)])
    assert ground.spans("busy_ppm") == [(0, 20_000, 500_000)]
    ground.land([told(10_000, 109, 1010)])
    assert ground.spans("busy_ppm") == [(0, 10_000, 900_000), (10_000, 10_000, 100_000)]


def test_both_parts_of_an_interval_that_an_hour_cuts_have_its_share(ground: Ground) -> None:
    ground.land([told(HOUR_MS - 10_000, 0, 100), told(HOUR_MS + 5_000, 1, 104)])
    assert ground.spans("busy_ppm") == [
        (HOUR_MS - 10_000, 10_000, 250_000),
        (HOUR_MS, 5_000, 250_000),
    ]


def test_the_rise_goes_on_over_midnight_and_over_a_cache_that_was_lost(ground: Ground) -> None:
    ground.land([told(-10_000, 0, 100)])
    ground.land([told(0, 3, 104)])
    ground.forget("carry")
    ground.land([told(10_000, 4, 106)])
    assert ground.spans("busy_ppm") == [(-10_000, 10_000, 750_000), (0, 10_000, 500_000)]


@pytest.mark.parametrize(("gap_ms", "ppm"), [(HOLD_MS, 500_000), (HOLD_MS + 1, GAUGE)])
def test_beyond_hold_the_rise_is_of_the_dark_as_well_and_the_gauge_counts(
    ground: Ground, gap_ms: int, ppm: int
) -> None:
    ground.land([told(0, 0, 100), told(gap_ms, 5, 110)])
    assert ground.spans("busy_ppm") == [(gap_ms - HOLD_MS, HOLD_MS, ppm)]


@pytest.mark.parametrize(
    ("busy", "total", "unusable"),
    [
        (4, 200, True),  # worked cycles fell: restarted
        (0, 10, True),  # both did
        (6, 99, True),  # all cycles fell
        (11, 105, True),  # six worked of five
        (5, 100, False),  # no cycle passed: clock off, or the reading of before again
        (None, 110, False),
        (6, None, False),
    ],
)
def test_where_the_rise_tells_no_share_the_gauge_counts(
    ground: Ground, busy: int | None, total: int | None, unusable: bool
) -> None:
    landed = ground.land([told(0, 5, 100), told(15_000, busy, total)])
    assert ground.spans("busy_ppm") == [(0, 15_000, GAUGE)]
    assert kinds(landed) == ({"unusable_cycles": ("npu-1",)} if unusable else {})


def test_after_a_fall_the_new_counters_go_on(ground: Ground) -> None:
    ground.land([told(0, 50, 100), told(15_000, 1, 10), told(30_000, 3, 20)])
    assert ground.spans("busy_ppm") == [(0, 15_000, GAUGE), (15_000, 15_000, 200_000)]


def test_a_sample_without_counters_leaves_two_intervals_to_the_gauge(ground: Ground) -> None:
    ground.land([told(0, 0, 100), told(15_000, None, None), told(30_000, 9, 200)])
    assert ground.spans("busy_ppm") == [(0, 15_000, GAUGE), (15_000, 15_000, GAUGE)]


def test_counters_that_pods_of_a_card_repeat_count_once(ground: Ground) -> None:
    copies = [told(15_000, 5, 110, workload=f"pod:a/{name}") for name in "pq"]
    landed = ground.land([told(0, 0, 100), *copies])
    assert (kinds(landed), ground.spans("busy_ppm", "workload")) == (
        {},
        [(0, 15_000, 500_000, "pod:a/p\npod:a/q")],
    )


def test_a_card_that_came_back_begins_anew(tmp_path: Path) -> None:
    stays = [
        device("npu-1", removed_ms=told(10_000, 0, 0)["sampled_ms"]),
        device("npu-1", installed_ms=told(12_000, 0, 0)["sampled_ms"]),
    ]
    ground = Ground(tmp_path, stays)
    ground.land([told(0, 0, 100), told(15_000, 5, 110), told(30_000, 9, 120)])
    assert ground.spans("busy_ppm") == [(15_000, 15_000, 400_000)]


def test_a_shard_with_cycles_and_without_lands_in_any_order(tmp_path: Path) -> None:
    cards = [device("npu-1"), device("gpu-1")]
    rows = [told(0, 0, 100), told(15_000, 5, 110), seen("gpu-1", 0, busy_ppm=7),
            seen("gpu-1", 15_000, busy_ppm=8)]  # fmt: skip
    once, parts = Ground(tmp_path / "once", cards), Ground(tmp_path / "parts", cards)
    once.land(rows)
    parts.land(rows[2:])
    parts.land(rows[:2])
    assert once.digests() == parts.digests()
    assert once.spans("busy_ppm") == [(0, 15_000, 8), (0, 15_000, 500_000)]


def test_a_day_that_tells_no_cycles_at_all_forgets_those_of_the_day_before(tmp_path: Path) -> None:
    """Landed alone it has no column of cycles; landed with the day before it has an empty one."""
    rows = [told(0, 10, 20), told(24 * HOUR_MS, None, None)]
    cards = [device("npu-1", model="rngd", resource="npu")]
    once, parts = Ground(tmp_path / "once", cards), Ground(tmp_path / "parts", cards)
    once.land(rows)
    for row in rows:
        parts.land([row])
    assert parts.digests() == once.digests()
