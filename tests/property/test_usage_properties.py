"""The queries of usage against the same meanings counted the slow way, over drawn days."""

import random
from collections import Counter
from collections.abc import Mapping
from datetime import date

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
    Run,
    capacity_by_ticks,
    capacity_level,
    held_by_ticks,
)

TICK_MS = 60_000
TICKS = 24 * 60
DAY_MS = 24 * HOUR_MS
START_MS = PERIOD.start_ms
FEW = settings(max_examples=15, deadline=None)


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


@pytest.mark.breadth
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
