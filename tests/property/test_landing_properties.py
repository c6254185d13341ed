"""Landing against a second-by-second reference, in any order and any batches."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metering.lake.lake import Lake
from tests.builders.landing import CALENDAR, MIDNIGHT, Ground, Row, open_lake, seen
from tests.references.intervals_by_second import spans_of

UIDS = ("gpu-1", "gpu-2", "gpu-3")
DAY_S = 86_400
EXAMPLES = 8
NUMBERS = count()

# Instants crowd around midnights and hours; 20 s apart they fall within and beyond hold.
edges = st.sampled_from([0, 3600, 7200, DAY_S - 3600, DAY_S, 2 * DAY_S, 3 * DAY_S])
instants = st.builds(lambda edge, step: edge + 20 * step, edges, st.integers(-9, 9))
counters = st.one_of(
    st.integers(0, 3).map(lambda n: n * 1_000_000),
    st.integers(0, 20_000_000),
    st.just(10**15),
)
cycles = st.integers(0, 30).map(lambda n: n * 7_000_000_001)


@st.composite
def samples(draw: st.DrawFn) -> Row:
    values: dict[str, object] = {"busy_ppm": draw(st.none() | st.integers(0, 1_000_000))}
    uid = draw(st.sampled_from(UIDS))
    if uid != "gpu-2":  # gpu-2 never has a counter
        values["energy_mj"] = draw(st.none() | counters)
    values["power_mw"] = draw(st.none() | st.integers(0, 800_000))
    values["memory_mib"] = draw(st.none() | st.integers(0, 81_559))
    values["health_ok"] = draw(st.none() | st.booleans())
    if uid != "gpu-1":  # gpu-1 tells no cycles
        values["busy_cycles"] = draw(st.none() | cycles)
        values["total_cycles"] = draw(st.none() | cycles)
    values["workload"] = draw(st.sampled_from([None, "slurm:1", "slurm:2", "pod:a/b\nslurm:1"]))
    return seen(uid, draw(instants) * 1000, **values)


batches = st.lists(st.lists(samples(), min_size=1, max_size=8), min_size=1, max_size=4)


def expected(rows: Sequence[Row]) -> list[dict[str, object]]:
    spans = [
        span
        for uid in UIDS
        for span in spans_of(uid, [row for row in rows if row["device_uid"] == uid], 700)
    ]
    return ordered(spans)


def ordered(spans: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    return sorted(spans, key=lambda row: (row["device"], row["started_ms"], row["dark"]))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return open_lake(tmp_path_factory.mktemp("landing"))


@pytest.mark.breadth
@given(batches=batches, seed=st.randoms(use_true_random=False), wiped=st.integers(0, 4))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_order_and_any_batches_give_the_same_partitions(
    lake: Lake, batches: list[list[Row]], seed: Random, wiped: int
) -> None:
    number = next(NUMBERS)
    once, parts = (
        Ground(Path(), name=f"{word}-{number}", given=lake) for word in ("once", "parts")
    )
    every = [row for batch in batches for row in batch]
    once.land(every)
    assert ordered(once.rows("interval")) == expected(every)
    shuffled = [*every, *seed.choices(every, k=3)]  # some come again
    seed.shuffle(shuffled)
    for turn in range(len(batches)):
        if turn == wiped:
            parts.forget("carry")
        parts.land(shuffled[turn :: len(batches)])
    # A cache that was wiped comes back with the next landing of its day only.
    cached = {key for key in once.digests() if wiped < len(batches) and key[0] == "carry"}
    assert once.digests() | parts.digests() == once.digests()
    assert once.digests().keys() - parts.digests().keys() <= cached


@given(rows=batches.map(lambda some: [row for batch in some for row in batch]))
@settings(max_examples=EXAMPLES // 2, deadline=None, suppress_health_check=list(HealthCheck))
def test_samples_alone_give_everything_back(lake: Lake, rows: list[Row]) -> None:
    ground = Ground(Path(), name=f"again-{next(NUMBERS)}", given=lake)
    ground.land(rows)
    before = ground.digests()
    for table in ("carry", "interval"):
        ground.forget(table)
    ground.rederive()
    assert ground.digests() == before


def test_the_reference_itself_gives_the_late_counter_its_four_and_six() -> None:
    rows = [seen("gpu-1", at, energy_mj=mj) for at, mj in ((0, 100), (15_000, 110), (7_000, 104))]
    intervals = [(s["started_ms"], s["held_ms"], s["energy_uj"]) for s in expected(rows)]
    assert intervals == [(0, 7_000, 4_000), (7_000, 8_000, 6_000)]
    assert CALENDAR.iso(MIDNIGHT).startswith("2025-10-02T00:00")
