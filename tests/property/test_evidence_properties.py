"""Evidence of usage against every interval of a drawn day: nothing is lost."""

import random
from collections import Counter
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metering.usage.duckdb_engine import Engine
from tests.property.test_usage_properties import (
    DAY_MS,
    FEW,
    START_MS,
    allocation,
    runs,
    source_state,
    table,
)
from tests.references.case_tables import PERIOD
from tests.references.usage_by_tick import (
    HOUR_MS,
    NOBODY,
    Run,
    Scrape,
    Seen,
    attribute,
    cut_scrapes,
    evidence_by_ms,
    labelled_by_seconds,
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


@pytest.mark.breadth
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
