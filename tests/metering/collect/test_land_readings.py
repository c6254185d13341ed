"""Readings and node states: cut at midnight, replaced where a newer pull says otherwise."""

from pathlib import Path

import pytest

from metering.calendar import Period
from tests.builders.lakes import files
from tests.builders.spans import HOUR_MS, MIDNIGHT, Ground, Row, hours

FACTS = ("resource_id", "started_ms", "ended_ms", "quantity")


def reading(start: float, end: float | None, **fields: object) -> Row:
    """A level of 10 MiB of one file set from hour to hour; None: it lasts on."""
    plain = {
        "source": "parallel", "account": "acc", "sku": "storage.parallel", "resource_id": "set",
        "quantity": 10, "unit": "mib",
    }  # fmt: skip
    times = {"started_ms": hours(start), "ended_ms": None if end is None else hours(end)}
    return {**plain, **times, **fields}


def state(start: float, end: float | None, **fields: object) -> Row:
    times = {"started_ms": hours(start), "ended_ms": None if end is None else hours(end)}
    return {"node": "n1", "state": "down", **times, **fields}


def window(start: float, end: float) -> Period:
    return Period(hours(start), hours(end))


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path)


def test_a_span_over_midnight_has_a_row_a_day(ground: Ground) -> None:
    assert ground.read(reading(20, 30), reading(24, 25, resource_id="other")) == []
    assert ground.days(*FACTS, table="reading") == [
        (1, "set", 20, 24, 10),
        (2, "other", 24, 25, 10),
        (2, "set", 24, 30, 10),
    ]


def test_a_reading_again_changes_no_byte(ground: Ground) -> None:
    rows = [reading(n * 24, n * 24 + 24, quantity=10 + n) for n in range(5)]
    ground.read(*rows)
    before = files(ground.path / "lake")
    ground.read(*rows[::-1], *rows)
    assert files(ground.path / "lake") == before


def test_a_revised_reading_replaces_its_days_and_no_others(ground: Ground) -> None:
    ground.read(*(reading(n * 24, n * 24 + 24) for n in range(3)), reading(0, 72, account="b"))
    before = ground.digests("reading")
    ground.read(reading(24, 48, quantity=99), window=window(24, 48))
    after = ground.digests("reading")
    assert {day for day in before if before[day] != after[day]} == {"2025-10-02"}
    assert ground.days("account", "quantity", table="reading") == [
        (1, "acc", 10), (1, "b", 10), (2, "acc", 99), (2, "b", 10), (3, "acc", 10), (3, "b", 10),
    ]  # fmt: skip


def test_a_moved_booking_leaves_its_old_place(ground: Ground) -> None:
    ground.read(reading(8, 12), window=window(0, 24))
    ground.read(reading(14, 16), window=window(0, 24))
    assert ground.days(*FACTS, table="reading") == [(1, "set", 14, 16, 10)]


def test_a_resource_that_did_not_come_stays(ground: Ground) -> None:
    ground.read(reading(8, 12))
    ground.read(reading(8, 12, resource_id="other"))
    assert ground.days("resource_id", table="reading") == [(1, "other"), (1, "set")]


def test_a_shorter_window_takes_nothing_from_outside_it(ground: Ground) -> None:
    """The day is told in two halves by now; of the first half nothing was asked."""
    ground.read(reading(0, 24), window=window(0, 24))
    ground.read(reading(12, 24, quantity=7), window=window(12, 13))
    assert ground.days(*FACTS, table="reading") == [(1, "set", 0, 12, 10), (1, "set", 12, 24, 7)]
    ground.read(reading(2, 3, quantity=8), window=window(1, 4))
    assert ground.days(*FACTS, table="reading") == [
        (1, "set", 0, 1, 10), (1, "set", 2, 3, 8), (1, "set", 4, 12, 10), (1, "set", 12, 24, 7),
    ]  # fmt: skip


def test_a_span_beyond_the_windows_last_day_waits_for_its_window(ground: Ground) -> None:
    ground.read(reading(20, 60), window=window(20, 30))
    assert ground.days(*FACTS, table="reading") == [(1, "set", 20, 24, 10), (2, "set", 24, 48, 10)]
    ground.read(reading(20, 60), window=window(50, 51))
    assert [row[3] for row in ground.days(*FACTS, table="reading")] == [24, 48, 60]


def test_what_lasts_on_ends_with_the_window_for_now(ground: Ground) -> None:
    ground.states(state(20, None), window=window(20, 22))
    assert ground.days("started_ms", "ended_ms", table="node_state") == [(1, 20, 22)]
    ground.states(state(20, None), window=window(22, 30))
    assert ground.days("started_ms", "ended_ms", table="node_state") == [(1, 20, 24), (2, 24, 30)]
    ground.states(state(20, None), window=window(20, 22))  # an older window takes nothing back
    assert ground.days("started_ms", "ended_ms", table="node_state") == [(1, 20, 24), (2, 24, 30)]
    ground.states(state(20, 29), window=window(28, 30))
    assert ground.days("started_ms", "ended_ms", table="node_state") == [(1, 20, 24), (2, 24, 29)]


def test_what_lasts_on_is_not_taken_to_last_into_the_unknown(ground: Ground) -> None:
    ground.states(state(20, None), window=window(20, 48), complete_to_ms=hours(23))
    assert ground.days("started_ms", "ended_ms", table="node_state") == [(1, 20, 23)]


def test_of_copies_an_end_wins_and_then_the_later_one(ground: Ground) -> None:
    copies = [reading(1, None), reading(1, 3), reading(1, 5), reading(1, 5)]
    assert ground.read(*copies) == ground.read(*copies[::-1]) == []
    assert ground.days(*FACTS, table="reading") == [(1, "set", 1, 5, 10)]


def test_copies_that_differ_stop_the_stage(ground: Ground) -> None:
    told = ground.read(reading(1, 5), reading(1, 5, quantity=11))
    assert told == [
        ("fail", "overlapping_reading", "2025-10-01", "parallel acc storage.parallel set")
    ]
    assert ground.days(*FACTS, table="reading") == [(1, "set", 1, 5, 11)]


def test_spans_of_one_resource_that_overlap_stop_the_stage(ground: Ground) -> None:
    assert ground.read(reading(1, 5), reading(5, 8)) == []
    assert ground.read(reading(1, 5), reading(4, 8)) == [
        ("fail", "overlapping_reading", "2025-10-01", "parallel acc storage.parallel set")
    ]


def test_states_of_one_node_that_overlap_are_reported(ground: Ground) -> None:
    told = ground.states(state(1, 5), state(4, 30, state="drained"))
    assert told == [("warn", "overlapping_node_state", "2025-10-01", "n1")]
    assert ground.days("state", "started_ms", "ended_ms", table="node_state") == [
        (1, "down", 1, 5),
        (1, "drained", 4, 24),
        (2, "drained", 24, 30),
    ]


def test_nothing_read_and_an_empty_window_change_nothing(ground: Ground) -> None:
    ground.read(reading(1, 5))
    before = ground.digests("reading")
    assert ground.read() == []
    assert ground.read(reading(6, 7), window=Period(MIDNIGHT, MIDNIGHT)) == []
    assert ground.digests("reading") == before


def test_windows_of_an_hour_make_what_a_window_of_days_makes(tmp_path: Path) -> None:
    rows = [reading(0, 24), reading(24, 48, quantity=12), reading(3, 31, resource_id="b")]
    whole, parts = Ground(tmp_path / "whole"), Ground(tmp_path / "parts")
    whole.read(*rows, window=window(0, 48))
    for hour in range(0, 48, 4):
        own = Period(hours(hour), hours(hour) + 4 * HOUR_MS)
        touching = [r for r in rows if own.overlap_ms(r["started_ms"], r["ended_ms"])]  # type: ignore[arg-type]
        parts.read(*touching, window=own)
    assert parts.digests("reading") == whole.digests("reading")
    assert whole.digests("reading").keys() == {"2025-10-01", "2025-10-02"}
