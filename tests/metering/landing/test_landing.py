"""Samples become intervals as METERING 4 to 11 say, each rule by its example."""

from pathlib import Path

import pytest

from metering.calendar import Period
from metering.errors import ConflictError, JeongsanError
from metering.landing.land import land_samples, stays
from metering.registry.registry import NO_SHARD, Registry
from tests.builders.landing import (
    CALENDAR,
    HOLD_S,
    MIDNIGHT,
    Ground,
    Row,
    device,
    kinds,
    observations,
    open_lake,
    seen,
)

HOLD_MS = HOLD_S * 1000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def test_a_late_sample_splits_the_difference_of_its_neighbours(ground: Ground) -> None:
    """METERING 4: counter 100 at :00, 110 at :15; a late 104 at :07 gives 4 + 6."""
    ground.land([seen("gpu-1", 0, energy_mj=100), seen("gpu-1", 15_000, energy_mj=110)])
    assert ground.spans("energy_uj") == [(0, 15_000, 10_000)]
    ground.land([seen("gpu-1", 7_000, energy_mj=104)])
    assert ground.spans("energy_uj") == [(0, 7_000, 4_000), (7_000, 8_000, 6_000)]


def test_a_late_last_sample_of_a_day_rederives_the_next_day(ground: Ground) -> None:
    ground.land([seen("gpu-1", -20_000, energy_mj=100), seen("gpu-1", 10_000, energy_mj=130)])
    assert ground.spans("day", "energy_uj") == [
        (-20_000, 20_000, "2025-10-01", 20_000),
        (0, 10_000, "2025-10-02", 10_000),
    ]
    ground.land([seen("gpu-1", -5_000, energy_mj=103)])
    assert ground.spans("day", "energy_uj") == [
        (-20_000, 15_000, "2025-10-01", 3_000),
        (-5_000, 5_000, "2025-10-01", 9_000),
        (0, 10_000, "2025-10-02", 18_000),
    ]


def test_a_late_first_sample_of_a_day_takes_back_what_it_spilled(tmp_path: Path) -> None:
    rows = [
        seen("gpu-1", -20_000, energy_mj=100),
        seen("gpu-1", 10_000, energy_mj=130),
        seen("gpu-1", 0, energy_mj=101),
    ]
    late, once = Ground(tmp_path / "late"), Ground(tmp_path / "once")
    late.land(rows[:2])
    late.land(rows[2:])
    once.land(rows)
    assert late.spans("energy_uj") == [(-20_000, 20_000, 1_000), (0, 10_000, 29_000)]
    manifests = [g.lake.select("interval").manifests for g in (late, once)]
    assert manifests[0] == manifests[1]
    assert [m.files for m in manifests[0]] == [m.files for m in manifests[1]]


def test_landing_the_same_again_changes_no_byte(ground: Ground) -> None:
    rows = [seen("gpu-1", at, energy_mj=at, workload="slurm:7") for at in (0, 15_000, 30_000)]
    ground.land(rows)
    files = sorted(ground.path.joinpath("lake").rglob("*.*"))
    ground.land(rows)
    assert sorted(ground.path.joinpath("lake").rglob("*.*")) == files


def test_equal_copies_collapse_silently_and_their_workloads_unite(ground: Ground) -> None:
    """METERING 5: time-sliced pods repeat the whole device's value."""
    copy = {"busy_ppm": 500_000, "energy_mj": 126_272_101_025}
    landed = ground.land(
        [
            seen("gpu-1", 0, workload="pod:a/one", **copy),
            seen("gpu-1", 0, workload="pod:b/two", **copy),
            seen("gpu-1", 0, **copy),
        ]
    )
    assert landed.findings == ()
    (row,) = ground.rows("sample")
    assert (row["workload"], row["energy_mj"]) == ("pod:a/one\npod:b/two", 126_272_101_025)


def test_of_differing_copies_the_larger_wins_field_by_field(ground: Ground) -> None:
    landed = ground.land(
        [
            seen("gpu-1", 0, busy_ppm=500_000, memory_mib=10),
            seen("gpu-1", 0, busy_ppm=400_000, memory_mib=20, power_mw=5),
        ]
    )
    (row,) = ground.rows("sample")
    assert (row["busy_ppm"], row["memory_mib"], row["power_mw"]) == (500_000, 20, 5)
    assert kinds(landed) == {"differing_copies": ("gpu-1",)}


def test_a_copy_that_comes_later_is_compared_with_what_is_landed(ground: Ground) -> None:
    ground.land([seen("gpu-1", 0, busy_ppm=500_000)])
    assert kinds(ground.land([seen("gpu-1", 0, busy_ppm=1)])) == {"differing_copies": ("gpu-1",)}
    assert ground.rows("sample")[0]["busy_ppm"] == 500_000


def test_a_value_beside_a_missing_one_is_no_difference(ground: Ground) -> None:
    assert ground.land([seen("gpu-1", 0, busy_ppm=0), seen("gpu-1", 0, power_mw=7)]).findings == ()
    (row,) = ground.rows("sample")
    assert (row["busy_ppm"], row["power_mw"], row["energy_mj"]) == (0, 7, None)


def test_energy_and_power_belong_to_the_board(tmp_path: Path) -> None:
    """METERING 5: the same 126,272,101,025 mJ on four instances counts once, on the board."""
    slices = [f"gpu-1#{n}" for n in range(4)]
    cards = (device("gpu-1"), *(device(s, parent="gpu-1", slice="1g.6gb") for s in slices))
    ground = Ground(tmp_path, cards)
    for at, mj in ((0, 126_272_101_025), (15_000, 126_272_102_025)):
        landed = ground.land(
            seen(uid, at, energy_mj=mj, busy_ppm=100_000) for uid in ("gpu-1", *slices)
        )
        assert kinds(landed) == {"slice_energy": tuple(slices)}
    assert ground.spans("device", "energy_uj") == [
        (0, 15_000, "gpu-1", 1_000_000),
        *((0, 15_000, uid, None) for uid in slices),
    ]


def test_a_device_without_registration_stays_outside_and_is_named(ground: Ground) -> None:
    landed = ground.land([seen("gpu-9", 0), seen("gpu-9", 1), seen("gpu-1", 0)])
    assert kinds(landed) == {"unregistered_device": ("gpu-9",)}
    assert (landed.rows, landed.refused) == (1, 2)
    assert [(q.place, q.reason) for q in landed.quarantined] == [("gpu-9", "unregistered device")]


@pytest.mark.parametrize(("at_ms", "taken"), [(999, 0), (1_000, 1), (4_999, 1), (5_000, 0)])
def test_a_device_is_registered_from_its_installation_to_its_removal(
    tmp_path: Path, at_ms: int, taken: int
) -> None:
    stay = device("gpu-1", installed_ms=MIDNIGHT + 1_000, removed_ms=MIDNIGHT + 5_000)
    assert Ground(tmp_path, [stay]).land([seen("gpu-1", at_ms)]).rows == taken


@pytest.mark.parametrize("removed_s", [100, 3_990])
def test_the_first_sample_after_a_device_came_back_vouches_for_nothing(
    tmp_path: Path, removed_s: int
) -> None:
    """Else it would vouch for time in which the device was not installed, and for its energy."""
    stays = [
        device("gpu-1", removed_ms=MIDNIGHT + removed_s * 1000),
        device("gpu-1", installed_ms=MIDNIGHT + 4_000_000),
    ]
    ground = Ground(tmp_path, stays)
    last = removed_s - 10
    for second, counter in ((last - 15, 0), (last, 1_000), (4_010, 90_000), (4_025, 91_000)):
        ground.land([seen("gpu-1", second * 1000, energy_mj=counter)])
    assert ground.spans("energy_uj", "dark") == [
        ((last - 15) * 1000, 15_000, 1_000_000, False),
        (4_010_000, 15_000, 1_000_000, False),
    ]


def test_a_stay_that_follows_at_once_goes_on_with_the_one_before(tmp_path: Path) -> None:
    """A device registered anew, for another node or limit, was there all the time."""
    turn = MIDNIGHT + 10_000
    stays = [device("gpu-1", removed_ms=turn), device("gpu-1", node="n2", installed_ms=turn)]
    ground = Ground(tmp_path, stays)
    ground.land([seen("gpu-1", 0, energy_mj=0), seen("gpu-1", 15_000, energy_mj=5)])
    assert ground.spans("energy_uj", "dark") == [(0, 15_000, 5_000, False)]


@pytest.mark.parametrize(
    ("at_ms", "reasons"),
    [(-HOLD_MS - 1, ["clock"]), (-HOLD_MS, []), (160_000, []), (160_001, ["clock"])],
)
def test_an_instant_must_lie_between_the_window_less_hold_and_a_minute_past_collection(
    ground: Ground, at_ms: int, reasons: list[str]
) -> None:
    window = Period(MIDNIGHT, MIDNIGHT + 100_000)
    landed = ground.land([seen("gpu-1", at_ms)], MIDNIGHT + 100_000, window)
    assert [q.reason for q in landed.quarantined] == reasons
    assert [f.subject for f in landed.findings] == reasons
    assert landed.rows == 1 - len(reasons)


def test_steps_back_are_ordered_by_instant_and_counted(ground: Ground) -> None:
    order = (0, 30_000, 15_000, 20_000, 10_000, -10_000)
    landed = ground.land(seen("gpu-1", at, energy_mj=at + 10_000) for at in order)
    assert [(f.kind, str(f.day), f.detail.split("번")[0]) for f in landed.findings] == [
        ("clock_step_back", "2025-10-01", "시각이 1"),
        ("clock_step_back", "2025-10-02", "시각이 2"),
    ]
    assert [row["sampled_ms"] for row in ground.rows("sample")] == sorted(order)


@pytest.mark.parametrize(
    ("values", "taken"),
    [
        ({"power_mw": 0}, 1),
        ({"power_mw": -1}, 0),
        ({"busy_ppm": 1_000_000}, 1),
        ({"busy_ppm": 1_000_001}, 0),
        ({"energy_mj": -1}, 0),
        ({"memory_mib": -1}, 0),
    ],
)
def test_a_value_out_of_range_is_quarantined_with_its_row(
    ground: Ground, values: dict[str, object], taken: int
) -> None:
    landed = ground.land([seen("gpu-1", 0, **values)])
    assert (landed.rows, [q.reason for q in landed.quarantined]) == (taken, ["range"][taken:])


def test_a_first_sample_vouches_for_nothing_and_the_next_for_hold_at_most(ground: Ground) -> None:
    """METERING 9."""
    ends = (0, HOLD_MS, 2 * HOLD_MS + 1, 2 * HOLD_MS + 16_001)
    ground.land(seen("gpu-1", at, busy_ppm=at % 1000) for at in ends)
    assert ground.spans("busy_ppm") == [
        (0, HOLD_MS, 0),
        (HOLD_MS + 1, HOLD_MS, 1),
        (2 * HOLD_MS + 1, 16_000, 1),
    ]


def test_intervals_are_cut_at_utc_hours_with_floor_and_remainder(ground: Ground) -> None:
    """10 mJ over 15 s, of which 7 lie before the hour: floor(10,000 x 7 / 15) uJ and the rest."""
    ground.land(
        [
            seen("gpu-1", HOUR_MS - 7_000, energy_mj=0, workload="slurm:1"),
            seen("gpu-1", HOUR_MS + 8_000, energy_mj=10, busy_ppm=9, workload="slurm:2"),
        ]
    )
    assert ground.spans("energy_uj", "busy_ppm", "workload") == [
        (HOUR_MS - 7_000, 7_000, 4_666, 9, "slurm:2"),
        (HOUR_MS, 8_000, 5_334, 9, "slurm:2"),
    ]


def test_missing_is_not_zero(ground: Ground) -> None:
    """METERING 24."""
    ground.land([seen("gpu-1", 0), seen("gpu-1", 15_000)])
    assert ground.spans("busy_ppm", "energy_uj", "memory_mib") == [(0, 15_000, None, None, None)]


def test_an_interval_lies_in_the_days_of_its_span(ground: Ground) -> None:
    """METERING 25: what a day's first sample vouches for before midnight is the day before's."""
    ground.land([seen("gpu-1", -10_000), seen("gpu-1", 5_000, workload="slurm:1")])
    assert ground.spans("day", "workload") == [
        (-10_000, 10_000, "2025-10-01", "slurm:1"),
        (0, 5_000, "2025-10-02", "slurm:1"),
    ]


def test_ids_are_ranks_of_sorted_names_within_a_shards_day(tmp_path: Path) -> None:
    """METERING 27: bytes do not depend on what came first."""
    cards = [device("b"), device("a"), device("c"), device("z", shard=1)]
    rows = [
        seen("c", 0, workload="slurm:2"),
        seen("a", 0, workload="slurm:10"),
        seen("b", 0, workload="pod:n/p\nslurm:1"),
        seen("z", 0),
    ]
    one, other = Ground(tmp_path / "one", cards), Ground(tmp_path / "other", cards)
    one.land(rows)
    for row in reversed(rows):
        other.land([row])
    assert one.lake.read("device").select(["shard", "device_id", "device_uid"]).to_pylist() == [
        {"shard": 0, "device_id": 1, "device_uid": "a"},
        {"shard": 0, "device_id": 2, "device_uid": "b"},
        {"shard": 0, "device_id": 3, "device_uid": "c"},
        {"shard": 1, "device_id": 1, "device_uid": "z"},
    ]
    assert one.lake.read("workload").select(["workload_id", "kind", "name"]).to_pylist() == [
        {"workload_id": 1, "kind": "pod", "name": "n/p"},
        {"workload_id": 1, "kind": "slurm", "name": "1"},
        {"workload_id": 2, "kind": "slurm", "name": "10"},
        {"workload_id": 3, "kind": "slurm", "name": "2"},
    ]
    for table in ("sample", "device", "workload"):
        assert one.lake.select(table).manifests == other.lake.select(table).manifests


def test_a_model_that_the_exporter_names_otherwise_is_a_finding(ground: Ground) -> None:
    landed = ground.land([seen("gpu-1", 0, model="a100"), seen("gpu-2", 0, model="h100")])
    assert kinds(landed) == {"other_model": ("gpu-1",)}
    assert ground.lake.read("device").column("model").to_pylist() == ["h100", "h100"]


def test_the_models_of_several_stays_are_told_in_one_order(tmp_path: Path) -> None:
    """An order of hashes would make the findings of a bundle differ from run to run."""
    models = ("x330", "rngd", "h200", "atom-max", "a100")
    stays = [
        device("gpu-1", model=model, installed_ms=MIDNIGHT + n, removed_ms=MIDNIGHT + n + 1)
        for n, model in enumerate(models)
    ]
    (found,) = Ground(tmp_path, stays).land([seen("gpu-1", 0, model="h100")]).findings
    assert "장비 대장은 a100, atom-max, h200, rngd, x330(으)로" in found.detail


def test_a_device_that_was_never_loaded_is_refused(ground: Ground) -> None:
    unloaded = Registry(devices=(device("gpu-1", shard=NO_SHARD),))
    with pytest.raises(JeongsanError, match="jeongsan load"):
        stays(unloaded, ground.cluster)


def landed_around(ground: Ground, outer: Row, inner: Row) -> None:
    """Land one row while another lands and is done first."""
    with ground.lake.change() as change:
        given = (ground.cluster, ground.site, ground.registry, observations([outer]), None)
        land_samples(ground.lake, change, *given)
        ground.land([inner])


def test_a_landing_whose_shard_moved_meanwhile_is_refused(ground: Ground) -> None:
    """Each of two landings would rest on what the other has not written yet."""
    ground.land([seen("gpu-2", -DAY_MS)])
    late, later = seen("gpu-1", -10_000, energy_mj=0), seen("gpu-1", 10_000, energy_mj=9)
    with pytest.raises(ConflictError):
        landed_around(ground, later, late)
    ground.land([later])
    assert ground.spans("energy_uj") == [(-10_000, 10_000, 4_500), (0, 10_000, 4_500)]


def test_shards_land_beside_each_other(tmp_path: Path) -> None:
    ground = Ground(tmp_path, [device("a"), device("z", shard=1)])
    landed_around(ground, seen("a", 0), seen("z", 0))
    assert [p["shard"] for p in ground.lake.partitions("sample")] == ["0", "1"]


def test_observations_of_nobody_land_nothing(tmp_path: Path) -> None:
    ground = Ground(tmp_path, given=open_lake(tmp_path))
    assert ground.land([]).rows == 0
    assert ground.digests() == {}
    assert CALENDAR.day_of(MIDNIGHT).isoformat() == "2025-10-02"
