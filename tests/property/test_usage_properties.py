"""The queries of usage against the same meanings counted the slow way, over drawn days."""

import random
from collections import Counter
from collections.abc import Mapping
from datetime import date
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metering.sources.reading.accelerator_models import expanded
from metering.usage.day_queries import hosts
from metering.usage.duckdb_engine import Engine
from tests.references.case_tables import PERIOD, schema_of
from tests.references.usage_by_tick import (
    HOUR_MS,
    NOBODY,
    Run,
    Scrape,
    Seen,
    attribute,
    capacity_by_ticks,
    capacity_level,
    cut_scrapes,
    evidence_by_ms,
    held_by_ticks,
    labelled_by_seconds,
)

TICK_MS = 60_000
TICKS = 24 * 60
DAY_MS = 24 * HOUR_MS
START_MS = PERIOD.start_ms
FEW = settings(max_examples=15, deadline=None)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


def table(name: str, rows: list[Mapping[str, object]]) -> pa.Table:
    """Rows as a table; what a row does not say is '', 0, false or the case's cluster and day."""
    schema = schema_of(name)
    plain = {"cluster": "a", "date": date(2025, 10, 1), "day": date(2025, 10, 1)}

    def cell(row: Mapping[str, object], field: pa.Field) -> object:
        if field.name in row:
            return row[field.name]
        if field.name in plain:
            return plain[field.name]
        if pa.types.is_string(field.type):
            return ""
        return False if pa.types.is_boolean(field.type) else 0

    return pa.table(
        [pa.array([cell(row, field) for row in rows], field.type) for field in schema],
        schema=schema,
    )


def instants(low: int = 0, high: int = TICKS) -> st.SearchStrategy[int]:
    return st.integers(low, high).map(lambda tick: tick * TICK_MS)


@st.composite
def runs(draw: st.DrawFn, names: tuple[str, ...] = ("1", "2", "3")) -> list[Run]:
    """Allocations of a day, several of one id and more than one at once among them."""
    drawn: dict[tuple[str, int], Run] = {}
    for _ in range(draw(st.integers(0, 6))):
        started = draw(instants(-300, TICKS - 1))
        ended = draw(instants(max(started, 0) // TICK_MS + 1))
        name = draw(st.sampled_from(names))
        lasting = (ended - max(started, 0)) // TICK_MS
        suspended = draw(st.integers(0, lasting)) * TICK_MS
        milli = draw(st.sampled_from([1, 250, 333, 1000, 8000]))
        drawn[name, started] = Run(name, f"w{name}", milli, started, ended, suspended)
    return list(drawn.values())


def allocation(drawn: list[Run]) -> pa.Table:
    return table(
        "allocation",
        [
            {
                "allocation_id": run.allocation_id,
                "source": "slurm",
                "workload": run.workload,
                "account": "lab",
                "resource": "gpu",
                "model": "h100",
                "quantity_milli": run.milli,
                "submitted_ms": START_MS,
                "started_ms": START_MS + run.started,
                "ended_ms": START_MS + run.ended,
                "suspended_ms": run.suspended,
            }
            for run in drawn
        ],
    )


def source_state(**said: object) -> pa.Table:
    plain = {
        "complete_to_ms": PERIOD.end_ms,
        "suspended_held": True,
        "has_scheduler": True,
        "has_exporter": True,
        "has_node_states": True,
    }
    return table("source_state", [{**plain, **said}])


@FEW
@given(drawn=runs(), suspended_held=st.booleans(), seed=st.integers(0, 9))
def test_held_time_is_what_every_minute_of_the_day_says(
    engine: Engine, drawn: list[Run], suspended_held: bool, seed: int
) -> None:
    random.Random(seed).shuffle(drawn)
    inputs = {
        "allocation": allocation(drawn),
        "device_hour": table("device_hour", []),
        "source_state": source_state(suspended_held=suspended_held),
    }
    counted = engine.run("usage_hour", PERIOD, inputs).to_pylist()
    held = {}
    for row in counted:
        if row["held_us"]:
            hour = (row["hour_ms"] - START_MS) // HOUR_MS
            held[row["allocation_id"], row["started_ms"] - START_MS, hour] = row["held_us"]
    assert held == held_by_ticks(drawn, suspended_held, TICK_MS, TICKS)


@st.composite
def stays(draw: st.DrawFn) -> list[tuple[int, int, str]]:
    """Devices by node, from when until when."""
    drawn = []
    for _ in range(draw(st.integers(1, 5))):
        since = draw(instants(-10, TICKS - 1))
        gone = draw(instants(since // TICK_MS + 1, TICKS + 10))
        drawn.append((since, gone, draw(st.sampled_from(["n1", "n2", "n3"]))))
    return drawn


@st.composite
def outages(draw: st.DrawFn) -> list[tuple[int, int, str, str]]:
    """States of nodes, several at once among them."""
    drawn = []
    for _ in range(draw(st.integers(0, 5))):
        since, until = sorted(draw(st.lists(instants(), min_size=2, max_size=2, unique=True)))
        node = draw(st.sampled_from(["n1", "n1", "n2", "n9"]))
        drawn.append((since, until, node, draw(st.sampled_from(["drained", "down", "up"]))))
    return drawn


@st.composite
def places(draw: st.DrawFn) -> list[str]:
    """Node lists, one a run: a node, several of which one is unknown, or nobody's."""
    lists = st.sampled_from(["", "n1", "n2", "n[1-2]", "n[1-3]", "n3,n9", "n9"])
    return draw(st.lists(lists, min_size=6, max_size=6))


@FEW
@given(drawn=runs(), nodes=places(), fleet=stays(), down=outages())
def test_the_sweep_of_capacity_is_what_every_minute_says(
    engine: Engine,
    drawn: list[Run],
    nodes: list[str],
    fleet: list[tuple[int, int, str]],
    down: list[tuple[int, int, str, str]],
) -> None:
    listed = dict(zip(drawn, nodes, strict=False))
    rows = allocation(drawn).set_column(
        allocation([]).schema.get_field_index("node"), "node", pa.array(nodes[: len(drawn)])
    )
    inputs = {
        "allocation": rows,
        "host": hosts(rows),
        "source_state": source_state(suspended_held=False),
        "installed": table(
            "installed",
            [
                {
                    "device_uid": f"gpu-{number}",
                    "model": "h100",
                    "node": node,
                    "milli": 1000,
                    "installed_ms": START_MS + since,
                    "removed_ms": START_MS + gone,
                }
                for number, (since, gone, node) in enumerate(fleet)
            ],
        ),
    }
    states = [
        {"node": node, "started_ms": START_MS + since, "ended_ms": START_MS + until, "state": state}
        for since, until, node, state in down
    ]
    by_node = engine.run("node_span", PERIOD, inputs)
    given_spans = {"node_span": by_node, "node_state": table("node_state", states)}
    span = engine.run("capacity_span", PERIOD, given_spans)
    given_state = {"capacity_span": span, "source_state": inputs["source_state"]}
    counted = engine.run("capacity_hour", PERIOD, given_state).to_pylist()

    def levels(at: int) -> tuple[int, int, int]:
        there = Counter(node for since, gone, node in fleet if since <= at < gone)
        held = [run for run in drawn if run.started <= at < run.ended - run.suspended]
        out = {node for since, until, node, state in down if since <= at < until and state != "up"}
        known = {node for _, _, node in fleet}
        spread = [(run.milli, known & set(expanded(listed[run]))) for run in held]
        return capacity_level(there, spread, out)

    expected = capacity_by_ticks(levels, TICK_MS, TICKS)
    names = ("installed", "over", "held", "down", "free", "over_milli")
    assert {
        (row["hour_ms"] - START_MS) // HOUR_MS: tuple(row[name] for name in names)
        for row in counted
    } == {hour: row for hour, row in expected.items() if any(row)}
    assert all(
        row["installed"] + row["over"] == row["held"] + row["down"] + row["free"] for row in counted
    )


WINDOW_MS = 4_000  # around the first hour's end


@st.composite
def intervals(draw: st.DrawFn, devices: int = 2) -> list[Seen]:
    """Intervals of some devices around an hour's end, cut there, none of one device overlapping."""
    sets = [(), ("w1",), ("w2",), ("w1", "w2"), ("w1", "w2", "w3"), ("w9",)]
    hours = []
    for device in range(1, devices + 1):
        offsets = st.integers(-WINDOW_MS, WINDOW_MS)
        marks = {0, *draw(st.lists(offsets, min_size=1, max_size=8))}
        cuts = [HOUR_MS + mark for mark in sorted(marks)]
        for start, stop in pairwise(cuts):
            if draw(st.booleans()):
                ppm = draw(st.integers(0, 1_000_000))
                uj, mib = draw(st.integers(0, 10**12)), draw(st.integers(0, 200_000))
                names = draw(st.sampled_from(sets))
                hours.append(Seen(device, start, stop - start, names, ppm, uj, mib))
    return hours


@st.composite
def short_runs(draw: st.DrawFn) -> list[Run]:
    """Allocations that begin and end among the intervals."""
    drawn: dict[tuple[str, int], Run] = {}
    around = st.integers(-WINDOW_MS, WINDOW_MS)
    for _ in range(draw(st.integers(0, 6))):
        first, last = sorted(draw(st.lists(around, min_size=2, max_size=2, unique=True)))
        name = draw(st.sampled_from(["1", "2", "3"]))
        milli = draw(st.sampled_from([1, 250, 333, 1000, 8000]))
        started = HOUR_MS + first
        drawn[name, started] = Run(name, f"w{name}", milli, started, HOUR_MS + last)
    return list(drawn.values())


def evidence(seen: list[Seen]) -> dict[str, pa.Table]:
    """interval, device and workload of a shard."""
    sets = sorted({interval.names for interval in seen if interval.names})
    return {
        "interval": table(
            "interval",
            [
                {
                    "device_id": interval.device,
                    "started_ms": START_MS + interval.started,
                    "held_ms": interval.held,
                    "workload_id": sets.index(interval.names) + 1 if interval.names else 0,
                    "busy_ppm": interval.ppm,
                    "energy_uj": interval.uj,
                    "memory_mib": interval.mib,
                }
                for interval in seen
            ],
        ),
        "device": table(
            "device",
            [{"device_id": n, "device_uid": f"gpu-{n}", "model": "h100"} for n in (1, 2)],
        ),
        "workload": table(
            "workload",
            [
                {"workload_id": number, "kind": "slurm", "name": name}
                for number, names in enumerate(sets, 1)
                for name in names
            ],
        ),
    }


def device_hours(engine: Engine, seen: list[Seen], held: pa.Table) -> pa.Table:
    """device_hour of a shard, through the tables that it is made from."""
    parts = evidence(seen)
    named = {"workload": parts["workload"], "device": parts["device"]}
    share = engine.run("workload_share", PERIOD, {**named, "allocation": held})
    total = engine.run("interval_sum", PERIOD, {"interval": parts["interval"]})
    attributed = {"interval_sum": total, "device": parts["device"], "workload_share": share}
    torn = engine.run("torn_sum", PERIOD, {"interval": parts["interval"], **attributed})
    return engine.run("device_hour", PERIOD, {"torn_sum": torn, **attributed})


AMOUNTS = ("observed_ms", "busy_ns", "energy_uj", "memory_mib_ms")


@settings(max_examples=25, deadline=None)
@given(seen=intervals(), drawn=short_runs(), seed=st.integers(0, 9))
def test_evidence_goes_where_every_interval_says_and_none_is_lost(
    engine: Engine, seen: list[Seen], drawn: list[Run], seed: int
) -> None:
    random.Random(seed).shuffle(seen)
    rows = device_hours(engine, seen, allocation(drawn)).to_pylist()
    counted = {}
    for row in rows:
        holder = NOBODY
        if row["attribution"] == "allocation":
            holder = (row["allocation_id"], row["started_ms"] - START_MS)
        place = (int(row["device_uid"][4:]), (row["hour_ms"] - START_MS) // HOUR_MS, holder)
        amounts = [row[name] for name in AMOUNTS]
        before = counted.get(place, [0] * 4)  # unattributed and unloaded are both nobody's
        counted[place] = [a + b for a, b in zip(before, amounts, strict=True)]
    assert counted == attribute(seen, drawn)
    assert [sum(row[name] for row in rows) for name in AMOUNTS] == [
        sum(interval.held for interval in seen),
        sum(interval.held * interval.ppm for interval in seen),
        sum(interval.uj for interval in seen),
        sum(interval.held * interval.mib for interval in seen),
    ]


@FEW
@given(
    seen=intervals(devices=1),
    marks=st.lists(st.integers(-WINDOW_MS, WINDOW_MS), min_size=2, max_size=4, unique=True),
)
def test_installed_time_is_loaded_unloaded_and_dark_to_the_millisecond(
    engine: Engine, seen: list[Seen], marks: list[int]
) -> None:
    edges = sorted(HOUR_MS + mark for mark in marks)
    there = list(zip(edges[::2], edges[1::2], strict=False))
    inside = [
        interval
        for interval in seen
        if any(a <= interval.started and interval.started + interval.held <= b for a, b in there)
    ]
    parts = evidence(inside)
    inputs = {
        "interval": parts["interval"],
        "interval_sum": engine.run("interval_sum", PERIOD, {"interval": parts["interval"]}),
        "device": parts["device"],
        "source_state": source_state(),
        "installed": table(
            "installed",
            [
                {
                    "device_uid": "gpu-1",
                    "model": "h100",
                    "installed_ms": START_MS + since,
                    "removed_ms": START_MS + until,
                }
                for since, until in there
            ],
        ),
    }
    names = ("installed_ms", "loaded_ms", "unloaded_ms", "dark_ms")
    counted = {
        row["hour_ms"] - START_MS: tuple(row[name] for name in names)
        for row in engine.run("evidence_hour", PERIOD, inputs).to_pylist()
    }
    expected = evidence_by_ms(there, inside, (0, HOUR_MS))
    assert counted == {hour: row for hour, row in expected.items() if any(row)}


@FEW
@given(drawn=runs(), owned=st.sets(st.sampled_from(["1", "2"])), aside=st.booleans())
def test_a_day_loses_nothing_but_what_is_set_aside_or_unowned(
    engine: Engine, drawn: list[Run], owned: set[str], aside: bool
) -> None:
    hours = engine.run(
        "usage_hour",
        PERIOD,
        {
            "allocation": allocation(drawn),
            "device_hour": table("device_hour", []),
            "source_state": source_state(),
        },
    )
    rows = hours.to_pylist()
    for row in rows:  # an account a run
        row["account"] = row["allocation_id"]
    inputs = {
        "usage_hour": table("usage_hour", rows),
        "reading": table("reading", []),
        "source_state": source_state(),
        "tenancy": table(
            "tenancy",
            [
                {
                    "source": "a",
                    "account": account,
                    "company_id": f"C{account}",
                    "project_id": f"P{account}",
                    "until_ms": PERIOD.end_ms,
                }
                for account in owned
            ],
        ),
        "set_aside": table("set_aside", [{"source": "a", "account": "2"}] if aside else []),
    }
    days = engine.run("usage_day", PERIOD, inputs).to_pylist()
    billed = owned - ({"2"} if aside else set())
    held: dict[str, int] = {}
    for row in rows:
        if row["account"] in billed:
            project = f"P{row['account']}"
            held[project] = held.get(project, 0) + row["held_us"]
    assert {row["project_id"]: int(row["quantity"]) for row in days} == held


HOLD_S, SCRAPE_S = 40, 15


@st.composite
def scrapes(draw: st.DrawFn) -> list[Scrape]:
    """Samples of one device around an edge of an hour or of the day, in whole seconds."""
    edge = draw(st.sampled_from([0, 3600, 24 * 3600]))
    sets: list[tuple[str, ...]] = [(), ("w1",), ("w1", "w2")]
    at = edge - draw(st.integers(20, 90))
    drawn = []
    for _ in range(draw(st.integers(1, 9))):
        uj = draw(st.integers(0, 1000))
        drawn.append(Scrape(at, draw(st.sampled_from(sets)), uj))
        at += draw(st.sampled_from([1, 14, 15, 15, 16, 30, 40, 41, 50]))
    return drawn


@settings(max_examples=40, deadline=None)
@given(drawn=scrapes(), told_apart=st.booleans())
def test_labels_hold_what_every_second_of_the_day_says(
    engine: Engine, drawn: list[Scrape], told_apart: bool
) -> None:
    pieces = [
        Seen(
            1,
            start * 1000,
            (stop - start) * 1000,
            scrape.names,
            place if told_apart else 0,
            uj,
            0,
        )
        for place, scrape, start, stop, uj in cut_scrapes(drawn, HOLD_S)
    ]
    days = [
        evidence([piece for piece in pieces if first <= piece.started < first + DAY_MS])
        for first in (-DAY_MS, 0, DAY_MS)
    ]
    labels = [engine.run("label_beside", PERIOD, part) for part in (days[0], days[2])]
    inputs = {
        **days[1],
        "label_beside": pa.concat_tables(labels),
        "source_state": source_state(scrape_ms=SCRAPE_S * 1000),
    }
    held: Counter[str] = Counter()
    for row in engine.run("label_span", PERIOD, inputs).to_pylist():
        held[row["name"]] += (row["until_ms"] - row["from_ms"]) * row["milli"]
    expected = labelled_by_seconds(drawn, HOLD_S, SCRAPE_S, range(24 * 3600))
    if told_apart:
        assert held == expected
    for name in {*held, *expected}:  # two samples that look like one cut in two count as one
        assert expected[name] - SCRAPE_S * 1_000_000 <= held[name] <= expected[name]
