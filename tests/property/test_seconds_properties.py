"""From samples and runs to usage, against a list of seconds (tests/references/usage_by_second.py).

Drawn and agreed on exactly, over the hour's edges and the midnight between two days:
- devices: of two models, on two nodes, that come, go and come back at any second;
- jobs: several of one id (requeues, and two at once), of both models, fractions and several
  devices, node lists with unknown nodes, suspended, over midnight, beyond what is installed;
- samples: in any order and in batches, copies that differ, gaps within and beyond `hold`, counters
  that fall, leap impossibly or are missing, cycles beside gauges of load, power gauges, labels of
  one, two and unknown names;
- nodes out of use.
Compared: held, busy, observed, memory and energy by holder; energy in the dark; loaded, unloaded
and dark time; installed, over, held, down and free; and the totals of what was landed. The pieces
by themselves (any order of landing, labels without a scheduler, cuts within a second) are held to
models of their own in test_landing_properties and test_usage_properties.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from metering.calendar import HOUR_MS, Period
from metering.collect.land_allocations import SourceWindow, land_allocations
from metering.lake.lake import Lake
from metering.landing.land import land_samples
from metering.registry.registry import Registry
from metering.settings.sections import Cluster
from metering.settings.site_toml import Issuer, Site
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.reading.accelerator_models import expanded
from metering.sources.reading.schemas import ALLOCATION_FACT
from metering.usage.day_queries import UsageOfDay
from metering.usage.duckdb_engine import Engine
from metering.usage.outdated_days import LandedPartitions
from metering.usage.registry_inputs import MeterInputs
from tests.builders.landing import CALENDAR, MIDNIGHT, Row, device, observations, open_lake, seen
from tests.references.usage_by_second import (
    Amounts,
    Card,
    Key,
    Run,
    capacity_hours,
    device_hours,
    evidence_hours,
    held_hours,
    hour_of,
    seconds_seen,
)

DAYS = (date(2025, 10, 1), date(2025, 10, 2))
NUMBERS = count()
LISTS = ("", "n1", "n[1-2]", "n2,n9", "n9")
SOURCES = (
    SourceConfig("sacct", "slurm", "allocation"),
    SourceConfig("dcgm", "exposition", "sample"),
    SourceConfig("nodes", "table", "node_state"),
)

edges = st.sampled_from([-3600, 0, 3600])
instants = st.builds(lambda edge, step: edge + 20 * step, edges, st.integers(-9, 9))
seconds = st.integers(-4500, 4500) | instants
counters = st.integers(0, 150).map(lambda n: n * 700_000) | st.just(10**15)
cycles = st.integers(0, 30).map(lambda n: n * 7_000_000_001)


@st.composite
def cards(draw: st.DrawFn) -> list[Card]:
    """Two that are always there and one that comes, and may go and come back."""
    marks = sorted(draw(st.lists(seconds, min_size=1, max_size=3, unique=True)))
    stays = [(a, marks[n + 1] if n + 1 < len(marks) else None) for n, a in enumerate(marks)][::2]
    always = ((-(10**6), None),)
    return [
        Card("gpu-1", "h100", "n1", always),
        Card("gpu-2", "h100", "n2", always),
        Card("gpu-3", "a100", "n1", tuple(stays)),
    ]


@st.composite
def samples(draw: st.DrawFn) -> Row:
    uid = draw(st.sampled_from(["gpu-1", "gpu-2", "gpu-3"]))
    values: dict[str, object] = {"busy_ppm": draw(st.none() | st.integers(0, 1_000_000))}
    if uid != "gpu-2":  # gpu-2 has a gauge only
        values["energy_mj"] = draw(st.none() | counters)
    values["power_mw"] = draw(st.none() | st.integers(0, 700_000))
    values["memory_mib"] = draw(st.none() | st.integers(0, 81_559))
    if uid != "gpu-1":  # gpu-1 tells no cycles
        values["busy_cycles"] = draw(st.none() | cycles)
        values["total_cycles"] = draw(st.none() | cycles)
    values["workload"] = draw(st.sampled_from([None, "slurm:1", "slurm:1\nslurm:2", "slurm:9"]))
    return seen(uid, draw(instants) * 1000, **values)


@st.composite
def jobs(draw: st.DrawFn) -> list[Run]:
    runs: dict[Key, Run] = {}
    for _ in range(draw(st.integers(0, 6))):
        started, ended = sorted(draw(st.lists(seconds, min_size=2, max_size=2, unique=True)))
        run = Run(
            draw(st.sampled_from(["1", "2"])),
            draw(st.sampled_from(["h100", "h100", "a100"])),
            draw(st.sampled_from([1, 333, 1000, 3000])),
            started,
            ended,
            draw(st.sampled_from([0, 0, 1, 1000, 10_000])),
            draw(st.sampled_from(LISTS)),
        )
        for other in runs.values():  # typed counts of one run end together
            if (other.name, other.started) == (run.name, run.started):
                run = replace(other, model=run.model, milli=run.milli)
        runs[run.key] = run
    return list(runs.values())


@st.composite
def outages(draw: st.DrawFn) -> list[tuple[str, int, int]]:
    dark = []
    for _ in range(draw(st.integers(0, 2))):
        since, until = sorted(draw(st.lists(seconds, min_size=2, max_size=2, unique=True)))
        dark.append((draw(st.sampled_from(["n1", "n2"])), since, until))
    return dark


@dataclass(frozen=True)
class Drawn:
    """All that a centre did in three hours, and how it came."""

    cards: list[Card]
    samples: list[Row]
    jobs: list[Run]
    outages: list[tuple[str, int, int]]
    suspended_held: bool
    seed: Random


drawn = st.builds(
    Drawn, cards(), st.lists(samples(), min_size=10, max_size=30), jobs(), outages(), st.booleans(),
    st.randoms(use_true_random=False),
)  # fmt: skip


def apart(centre: Drawn, number: int) -> Drawn:
    """The same with names that no other centre has, so that many are counted in one cluster."""
    names = f"c{number}-"
    sets = [
        "\n".join(
            f"slurm:{names}{workload.partition(':')[2]}"
            for workload in str(row["workload"]).split()
        )
        if row["workload"]
        else None
        for row in centre.samples
    ]
    return Drawn(
        [
            Card(names + card.uid, names + card.model, names + card.node, card.stays)
            for card in centre.cards
        ],
        [
            {**row, "device_uid": f"{names}{row['device_uid']}", "workload": own}
            for row, own in zip(centre.samples, sets, strict=True)
        ],
        [
            replace(run, name=names + run.name, model=names + run.model,
                    nodes=",".join(names + node for node in run.nodes.split(",") if node))
            for run in centre.jobs
        ],
        [(names + node, since, until) for node, since, until in centre.outages],
        centre.suspended_held,
        centre.seed,
    )  # fmt: skip


def together(centres: Sequence[Drawn]) -> Drawn:
    """Several centres as one, under the rules of the first."""
    own = [apart(centre, number) for number, centre in enumerate(centres)]
    return Drawn(
        [card for centre in own for card in centre.cards],
        [row for centre in own for row in centre.samples],
        [run for centre in own for run in centre.jobs],
        [outage for centre in own for outage in centre.outages],
        own[0].suspended_held,
        own[0].seed,
    )


@dataclass(frozen=True)
class Bench:
    """A lake and an engine for all examples; each has a cluster of its own there."""

    lake: Lake
    engine: Engine
    path: Path

    def metered(self, centre: Drawn) -> dict[str, list[dict[str, object]]]:
        """The tables of both days' usage, out of the lake."""
        cluster = Cluster(
            f"c{next(NUMBERS)}", "HPC", hold_ms=60_000, scrape_ms=15_000, sources=SOURCES,
            suspended_held=centre.suspended_held,
        )  # fmt: skip
        registry = Registry(devices=tuple(
            device(card.uid, cluster=cluster.name, model=card.model, node=card.node,
                   installed_ms=MIDNIGHT + since * 1000,
                   removed_ms=None if until is None else MIDNIGHT + until * 1000)
            for card in centre.cards for since, until in card.stays
        ))  # fmt: skip
        self.land(centre, cluster, registry)
        landed = LandedPartitions.between(self.lake, cluster.name, *DAYS)
        known = {source.name: MIDNIGHT + 24 * HOUR_MS for source in SOURCES}
        inputs = MeterInputs(cluster, registry, CALENDAR, known)
        tables: dict[str, list[dict[str, object]]] = {}
        for day in DAYS:
            for name, rows in UsageOfDay(self.engine, landed, inputs, day).count().items():
                tables.setdefault(name, []).extend(rows.to_pylist())
        return tables

    def land(self, centre: Drawn, cluster: Cluster, registry: Registry) -> None:
        site = Site(
            self.path, "site", CALENDAR, str(self.path / "lake"), "", "duckdb", "2025-10",
            Issuer(*[""] * 6), (cluster,), (), None, self.path / "documents",
        )  # fmt: skip
        rows = (
            [*centre.samples, *centre.seed.choices(centre.samples, k=3)] if centre.samples else []
        )
        centre.seed.shuffle(rows)
        for some in (rows[::2], rows[1::2]):
            with self.lake.change() as change:
                some_table = observations(some)
                land_samples(self.lake, change, cluster, site, registry, some_table, None)
        with self.lake.change() as change:
            window = Period(MIDNIGHT - 24 * HOUR_MS, MIDNIGHT + 24 * HOUR_MS)
            said = {"as_of_ms": window.end_ms, "input": "dump", "digest": "", "one_start": False}
            rows = [{**row_of(run), **said} for run in centre.jobs]
            facts = pa.Table.from_pylist(rows, schema=ALLOCATION_FACT)
            asked = SourceWindow("sacct", window, window.end_ms)
            land_allocations(self.lake, change, cluster, site, facts, asked)
        with self.lake.change() as change:
            for day, since, until in ((DAYS[0], -86_400, 0), (DAYS[1], 0, 86_400)):
                states = [
                    {"node": node, "started_ms": MIDNIGHT + max(a, since) * 1000,
                     "ended_ms": MIDNIGHT + min(b, until) * 1000, "state": "down"}
                    for node, a, b in centre.outages if a < until and b > since
                ]  # fmt: skip
                place = {"cluster": cluster.name, "date": day}
                change.replace("node_state", place, pa.Table.from_pylist(unique(states), STATES))


STATES = pa.schema(
    [
        ("node", pa.string()),
        ("started_ms", pa.int64()),
        ("ended_ms", pa.int64()),
        ("state", pa.string()),
    ]
)


def unique(states: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """One state a node and start, the longest."""
    longest: dict[tuple[object, object], dict[str, object]] = {}
    for state in sorted(states, key=lambda row: int(str(row["ended_ms"]))):
        longest[state["node"], state["started_ms"]] = dict(state)
    return list(longest.values())


def row_of(run: Run) -> dict[str, object]:
    return {
        "allocation_id": run.name, "source": "slurm", "workload": run.name, "account": "lab",
        "user": "", "partition": "", "resource": "gpu", "model": run.model,
        "quantity_milli": run.milli, "submitted_ms": MIDNIGHT + run.started * 1000,
        "started_ms": MIDNIGHT + run.started * 1000, "ended_ms": MIDNIGHT + run.ended * 1000,
        "suspended_ms": run.suspended * 1000, "state": "COMPLETED", "node": run.nodes,
    }  # fmt: skip


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    path = tmp_path_factory.mktemp("seconds")
    engine = Engine(threads=1)
    yield Bench(open_lake(path), engine, path)
    engine.close()


def hour(row: Mapping[str, object]) -> int:
    return (int(str(row["hour_ms"])) - MIDNIGHT) // HOUR_MS


def second(row: Mapping[str, object]) -> int:
    """The second of a start; 0 for nobody's."""
    started_ms = int(str(row["started_ms"]))
    return (started_ms - MIDNIGHT) // 1000 if started_ms else 0


def amounts(row: Mapping[str, object], *names: str) -> Amounts:
    return tuple(int(str(row[name])) for name in names)


def agree(bench: Bench, centre: Drawn) -> None:
    """Every table of usage is what the lists of seconds say, and nothing else."""
    tables = bench.metered(centre)
    by_device: dict[Key, Amounts] = {}
    evidence: dict[Key, Amounts] = {}
    for card in centre.cards:
        own = [row for row in centre.samples if row["device_uid"] == card.uid]
        bright, dark = seconds_seen(card, own, MIDNIGHT)
        by_device |= device_hours(card, bright, dark, centre.jobs)
        evidence |= evidence_hours(card, bright)

    names = ("observed_ms", "busy_ns", "energy_uj", "memory_mib_ms")
    counted = {
        (row["device_uid"], hour(row), row["attribution"], row["allocation_id"], second(row)):
            amounts(row, *names)
        for row in tables["device_hour"]
    }  # fmt: skip
    assert {key: row for key, row in counted.items() if any(row)} == by_device

    names = ("installed_ms", "loaded_ms", "unloaded_ms", "dark_ms")
    hours = {key[1] for key in evidence}
    assert evidence == {
        (row["device_uid"], hour(row)): amounts(row, *names)
        for row in tables["evidence_hour"]
        if hour(row) in hours
    }

    held = held_hours(centre.jobs, centre.suspended_held)
    model_of = {card.uid: card.model for card in centre.cards}
    used: dict[Key, list[int]] = {key: [us, 0, 0, 0] for key, us in held.items()}
    for (uid, at, verdict, name, started), (seen_ms, busy, uj, _) in by_device.items():
        if verdict == "allocation":
            row = used.setdefault((name, model_of[str(uid)], started, at), [0, 0, 0, 0])
            row[1:] = [row[1] + busy, row[2] + seen_ms, row[3] + uj]
    names = ("held_us", "busy_ns", "observed_ms", "energy_uj")
    usage = {
        (row["allocation_id"], str(row["sku"]).partition(".")[2], second(row), hour(row)):
            amounts(row, *names)
        for row in tables["usage_hour"]
    }  # fmt: skip
    assert {key: row for key, row in usage.items() if any(row)} == {
        key: tuple(row) for key, row in used.items() if any(row)
    }

    names = ("installed", "over", "held", "down", "free")
    states = unique([{"node": n, "started_ms": a, "ended_ms": b} for n, a, b in centre.outages])
    out = [(str(s["node"]), int(str(s["started_ms"])), int(str(s["ended_ms"]))) for s in states]
    nodes = {run.nodes: set(expanded(run.nodes)) for run in centre.jobs}
    capacity = capacity_hours(centre.cards, centre.jobs, centre.suspended_held, out, nodes)
    hours = {hour_of(at) for at in range(-7200, 7200, 3600)}
    assert capacity == {
        (row["model"], hour(row)): amounts(row, *names)
        for row in tables["capacity_hour"]
        if hour(row) in hours
    }


SAME = {"deadline": None, "suppress_health_check": list(HealthCheck)}
# Eight centres an example, since a query costs the same for one; the soak makes a failure small.
MANY = st.lists(drawn, min_size=8, max_size=8)


@pytest.mark.breadth
@settings(max_examples=3, phases=[Phase.generate], **SAME)  # type: ignore[arg-type]
@given(centres=MANY)
def test_usage_is_what_the_list_of_seconds_says(bench: Bench, centres: list[Drawn]) -> None:
    agree(bench, together(centres))


@pytest.mark.soak
@settings(max_examples=60, **SAME)  # type: ignore[arg-type]
@given(centres=MANY)
def test_usage_of_thousands_of_centres_is_what_the_list_of_seconds_says(
    bench: Bench, centres: list[Drawn]
) -> None:
    agree(bench, together(centres))
