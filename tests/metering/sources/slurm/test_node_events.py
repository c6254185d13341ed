"""Node states from sacctmgr's events: which states are out of use, and what is refused where."""

from pathlib import Path

import pytest

from metering.calendar import Calendar, Naive, Period
from metering.settings.site_toml import read_site
from metering.sources.read import read
from metering.sources.reading.batch import Batch
from metering.sources.slurm.node_events import parse, state_of
from tests.metering.settings.test_site_toml import HEAD, SLURM, write

CALENDAR = Calendar("Asia/Seoul")
NOON = CALENDAR.instant("2026-07-01T12:00:00Z")
HOUR_MS = 3_600_000
HEADER = "Cluster|NodeName|TimeStart|TimeEnd|State|Reason|User"
DOWN = "hpc|n1|2026-07-01T12:00:00|2026-07-01T13:00:00|DOWN*|Not responding|slurm(64030)"


def dump(*lines: str, window: Period | None = None, naive: Naive = "utc") -> Batch:
    return parse("\n".join(lines).encode(), "events.psv", CALENDAR, window, naive)


def states(*lines: str) -> list[tuple[object, ...]]:
    batch = dump(HEADER, *lines)
    assert batch.quarantined == ()
    return [tuple(row.values()) for row in batch.table.to_pylist()]


def test_an_event_is_a_state_of_its_node() -> None:
    assert states(DOWN) == [("n1", NOON, NOON + HOUR_MS, "down")]


def test_an_event_without_an_end_lasts_on() -> None:
    assert states(DOWN.replace("2026-07-01T13:00:00", "Unknown")) == [("n1", NOON, None, "down")]


def test_columns_go_by_their_header_old_names_and_new() -> None:
    batch = dump(
        "NodeName|Start|End|State|Reason",
        "n2|2026-07-01T12:00:00|2026-07-01T13:00:00|DRAIN|disk | fan",
    )
    assert [tuple(row.values()) for row in batch.table.to_pylist()] == [
        ("n2", NOON, NOON + HOUR_MS, "drained")
    ]


def test_times_may_be_the_sites() -> None:
    (row,) = dump(HEADER, DOWN, naive="site").table.to_pylist()
    assert row["started_ms"] == NOON - 9 * HOUR_MS


def test_a_list_of_nodes_is_each_of_them() -> None:
    assert [row[0] for row in states(DOWN.replace("|n1|", "|n[1-2],m1|"))] == ["n1", "n2", "m1"]


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("DOWN", "down"), ("DOWN*", "down"), ("DOWN~", "down"), ("DOWN$", "down"),
        ("FAIL", "down"), ("FAILG*", "drained"), ("ERROR", "down"), ("INVAL", "down"),
        ("FUTR", "down"), ("UNK*", "down"), ("down", "down"),
        ("DRAIN", "drained"), ("DRAIN@", "drained"), ("DRAINED", "drained"), ("DRNG*", "drained"),
        ("DRNG$", "drained"),
        ("MAINT", "drained"), ("MAINT*", "drained"), ("BOOT^", "drained"), ("IDLE$", "drained"),
        ("IDLE", "up"), ("IDLE*", "up"), ("ALLOC", "up"), ("ALLOC$", "up"), ("MIX-", "up"),
        ("COMP", "up"), ("POWERED_DN", "up"), ("IDLE~", "up"), ("PLND", "up"),
        ("SLEEPING", None), ("", None), ("*", None), ("DOWNER", None), ("DOWN?", None),
    ],
)  # fmt: skip
def test_only_listed_states_are_known(text: str, state: str | None) -> None:
    assert state_of(text) == state


def test_an_event_of_the_cluster_itself_is_counted_and_not_taken() -> None:
    batch = dump(HEADER, "hpc||2026-07-01T12:00:00|2026-07-01T13:00:00||Cluster TRES change|", DOWN)
    assert (batch.table.num_rows, batch.skipped) == (1, {"cluster_event": 1})


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ((HEADER, DOWN.replace("DOWN*", "GONE")), "node n1 in an unknown state 'GONE'"),
        ((HEADER, DOWN.replace("T13", "T11")),
         "ends 2026-07-01T11:00:00 before it starts 2026-07-01T12:00:00"),
        ((HEADER, DOWN.replace("2026-07-01T13", "2101-07-01T13")),
         "has the impossible instant 2101-07-01T13:00:00"),
        ((HEADER, DOWN + "|more"), "has 8 fields instead of 7"),
        (("NodeName|State|Start", "n1|DOWN|2026-07-01T12:00:00"), "its header has no timeend"),
        (("", "n1|DOWN"), "stands before any header"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_is_refused_with_its_place(
    lines: tuple[str, ...], reason: str
) -> None:
    batch = dump(*lines)
    assert batch.table.num_rows == 0
    assert [(one.place, one.reason) for one in batch.quarantined] == [("events.psv:2", reason)]


@pytest.mark.parametrize(
    ("start_ms", "end_ms", "inside"),
    [
        (NOON + HOUR_MS, NOON + 2 * HOUR_MS, False),
        (NOON + HOUR_MS - 1, NOON + 2 * HOUR_MS, True),
        (NOON - HOUR_MS, NOON, False),
        (NOON - HOUR_MS, NOON + 1, True),
    ],
)
def test_states_that_touch_the_window_come_whole(start_ms: int, end_ms: int, inside: bool) -> None:
    batch = dump(HEADER, DOWN, window=Period(start_ms, end_ms))
    assert (batch.table.num_rows, batch.skipped) == (
        (1, {}) if inside else (0, {"outside_window": 1})
    )


def test_a_moment_is_no_time() -> None:
    assert dump(HEADER, DOWN.replace("T13", "T12")).skipped == {"no_time": 1}


def test_a_slurm_source_gives_node_states(tmp_path: Path) -> None:
    source = '\n[[cluster.hpc.source]]\nname = "events"\nkind = "slurm"\nrecord = "node_state"\n'
    site = read_site(write(tmp_path, HEAD + SLURM + source + 'paths = ["in/events.psv"]\n'))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "events.psv").write_text(f"{HEADER}\n{DOWN}\n")
    cluster = site.section("hpc")
    assert cluster.node_states
    (batch,) = read(cluster.sources[1], cluster, site, Period(NOON, NOON + 1))
    assert (batch.record, batch.table.num_rows) == ("node_state", 1)
