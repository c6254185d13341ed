"""Pods as allocations and the states of nodes, out of a real Prometheus."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from metering.calendar import HOUR_MS, Period
from metering.collect.collect import collect
from metering.collect.watermark import watermarks
from metering.errors import SourceError
from metering.settings.sections import Cluster
from metering.settings.source_options.declared_source import Record
from metering.settings.source_options.kubernetes import Kubernetes
from metering.sources.reading.batch import Batch
from tests.builders.servers.pods import (
    CONTAINER,
    INIT,
    MINUTE_MS,
    OPTIONS,
    WINDOW,
    asks,
    lives,
    points,
    read_from,
    runs,
    source,
    together,
)
from tests.builders.servers.prometheus import Server, Written, needs_prometheus, serving
from tests.builders.sites.metering_site import LAST, MIDNIGHT, Ground, cluster, ground


def pod(
    uid: str, first: int, last: int, *, many: str = "1", resource: str = "nvidia_com_gpu",
    container: str = "main", metric: str = CONTAINER, name: str = "", instance: str = "a",
    node: str = "n1", **life: int | None,
) -> list[Written]:  # fmt: skip
    """The series of a pod that was told of from one minute to another."""
    asked = asks(
        uid, first, last, many, resource=resource, container=container, metric=metric, name=name,
        instance=instance, node=node,
    )  # fmt: skip
    return [asked, *lives(uid, first, last, name=name, instance=instance, **life)]  # type: ignore[arg-type]


CLUSTER = together(
    pod("lasts", -10, 60),
    pod("ends", -10, 60, completed=20, ended=21),
    pod("half-done", -10, 60, completed=20),  # one of its containers is done
    pod("vanishes", -10, 30),
    pod("waits", -10, 60, runs=None),
    pod("queued", -10, 60, runs=None, start=None, node=""),
    pod("short", 40, 60, start=38, completed=39, ended=40),
    pod("odd", -10, 60, resource="example_com_fpga"),
    pod("rdma", -10, 60, resource="rdma_shared"),
    pod("half", -10, 60, many="0.5"),
    pod("npu", -10, 60, resource="rebellions_ai_ATOM", many="2"),
    pod("unknown-start", -10, 60, start=None),
    # one of two containers, one that runs before them with more; told twice by two replicas
    pod("many", -10, 60, many="2"),
    pod("many", -10, 60, many="1", container="side", instance="b"),
    pod("many", -10, 60, many="4", container="init", instance="b",
        metric=INIT),
    # a name is used again by another pod
    pod("first", -10, 10, name="same", completed=10, ended=10),
    pod("second", 15, 60, name="same", start=14),
    [
        Written("kube_pod_container_resource_requests",
                'namespace="lab",pod="lasts",uid="lasts",container="main",node="n1",resource="cpu"',
                points(-10, 60, "0.5")),
        Written("kube_namespace_labels", 'namespace="lab",label_project="vision"', points(-10, 60)),
        Written("kube_pod_labels", 'namespace="lab",pod="lasts",uid="lasts",label_project="own"',
                points(-10, 60)),
    ],
)  # fmt: skip
READY = 'condition="Ready",status="true"'
NODES = [
    Written("kube_node_spec_unschedulable", 'node="drains"',
            points(-10, 29, "0") + points(30, 60)),
    Written("kube_node_status_condition", f'node="drains",{READY}', points(-10, 60)),
    Written("kube_node_status_condition", f'node="falls",{READY}',
            points(-10, 14) + points(15, 44, "0") + points(45, 60)),
    Written("kube_node_status_condition", f'node="silent",{READY}',
            points(-10, 10) + points(40, 60)),
]  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    needs_prometheus()
    series = sorted([*CLUSTER, *NODES], key=lambda one: one.metric)
    with serving(tmp_path_factory.mktemp("state"), [series]) as made:
        yield made


def batch(server: Server, tmp_path: Path, options: Kubernetes = OPTIONS,
          record: Record = "allocation", window: Period = WINDOW) -> Batch:  # fmt: skip
    return read_from(server.endpoint, tmp_path, options, record, window)


def test_pods_count_from_their_scheduling_to_their_end(server: Server, tmp_path: Path) -> None:
    assert runs(batch(server, tmp_path)) == {
        "lasts": (1000, -90, None),
        "ends": (1000, -90, 20),
        "half-done": (1000, -90, None),
        "vanishes": (1000, -90, 30),
        "waits": (1000, -90, None),
        "short": (1000, 38, 39),
        "npu": (2000, -90, None),
        "many": (4000, -90, None),
        "first": (1000, -90, 10),
        "second": (1000, 14, None),
    }


def test_a_pod_is_named_as_exporters_name_it_and_its_namespace_pays(
    server: Server, tmp_path: Path
) -> None:
    rows = {row["allocation_id"]: row for row in batch(server, tmp_path).table.to_pylist()}
    named = ("source", "workload", "account", "partition", "resource", "model", "node", "state")
    assert [rows["second/nvidia_com_gpu"][name] for name in named] == [
        "pod", "lab/same", "lab", "lab", "gpu", "h100", "n1", "RUNNING",
    ]  # fmt: skip
    assert rows["npu/rebellions_ai_ATOM"]["model"] == "atom"


def test_what_cannot_be_taken_is_told_and_what_did_not_run_is_counted(
    server: Server, tmp_path: Path
) -> None:
    made = batch(server, tmp_path)
    assert {one.place: one.reason for one in made.quarantined} == {
        "pod half": "requests no whole number of devices",
        "pod odd": (
            "requests example_com_fpga, which site.toml has neither in `resources` nor in `ignored`"
        ),
        "pod unknown-start": "has neither kube_pod_status_scheduled_time nor kube_pod_start_time",
    }
    assert (made.skipped, made.rows_read) == ({"not_scheduled": 1, "ignored_resource": 1}, 15)


@pytest.mark.parametrize(
    ("account", "lasts", "second"),
    [
        ("namespace_label:label_project", "vision", "vision"),
        ("pod_label:label_project", "own", "namespace/lab"),
        ("namespace_label:label_other", "namespace/lab", "namespace/lab"),
    ],
)
def test_a_label_may_pay(
    server: Server, tmp_path: Path, account: str, lasts: str, second: str
) -> None:
    made = batch(server, tmp_path, replace(OPTIONS, account=account))
    rows = {row["allocation_id"].partition("/")[0]: row for row in made.table.to_pylist()}
    assert (rows["lasts"]["account"], rows["second"]["account"]) == (lasts, second)


def test_a_node_is_down_while_it_is_not_ready_and_drained_while_it_is_cordoned(
    server: Server, tmp_path: Path
) -> None:
    made = batch(server, tmp_path, record="node_state")

    def half(ms: int | None) -> float | None:
        return None if ms is None else (ms - MIDNIGHT) / MINUTE_MS

    rows = [
        (row["node"], half(row["started_ms"]), half(row["ended_ms"]), row["state"])
        for row in made.table.to_pylist()
    ]
    assert rows == [
        ("drains", 0, 29.5, "up"),
        ("drains", 29.5, None, "drained"),
        ("falls", 0, 14, "up"),
        ("falls", 14, 44, "down"),
        ("falls", 44, None, "up"),
        ("silent", 0, 10, "up"),
        ("silent", 38, None, "up"),  # a scrape tells of `hold` at most
    ]


def test_without_kube_state_metrics_nothing_is_taken_for_an_empty_cluster(
    server: Server, tmp_path: Path
) -> None:
    later = Period(MIDNIGHT + 5 * HOUR_MS, MIDNIGHT + 6 * HOUR_MS)
    records: tuple[Record, ...] = ("allocation", "node_state")
    for record in records:
        with pytest.raises(SourceError, match="is kube-state-metrics running and scraped"):
            batch(server, tmp_path, record=record, window=later)


def test_half_an_hour_without_kube_state_metrics_is_noted(tmp_path: Path) -> None:
    needs_prometheus()
    gone = [*pod("lasts", -10, 20), *pod("lasts", 50, 60), *pod("lost", -10, 20)]
    gone.sort(key=lambda series: series.metric)
    merged = [
        Written(one.metric, one.labels, sorted(
            point for other in gone if (other.metric, other.labels) == (one.metric, one.labels)
            for point in other.points
        ))
        for one in {(one.metric, one.labels): one for one in gone}.values()
    ]  # fmt: skip
    with serving(tmp_path / "server", [merged]) as server:
        made = batch(server, tmp_path)
    assert runs(made) == {"lasts": (1000, -90, None), "lost": (1000, -90, 20)}
    (note,) = made.notes
    assert (note.kind, note.day) == ("silent_scheduler", LAST)
    assert "00:20" in note.detail
    assert "00:50" in note.detail


def test_hours_collected_one_after_another_are_the_day_collected_at_once(
    server: Server, tmp_path: Path
) -> None:
    """The pod that vanished at the edge of an hour ends where it was last seen, in both."""
    hpc = cluster(
        source(server.endpoint),
        source(server.endpoint, record="node_state"),
        node_models={"n1": "h100"},
    )
    named = [replace(one, name=f"{one.record}") for one in hpc.sources]
    hpc = replace(hpc, sources=tuple(named), quarantine_share_max=1)  # type: ignore[arg-type]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    whole, parts = ground(tmp_path / "a", hpc), ground(tmp_path / "b", hpc)
    for made in (whole, parts):
        made.complete(WINDOW.start_ms)
    collect(whole.opened, WINDOW)
    for start in range(WINDOW.start_ms, WINDOW.end_ms, 10 * MINUTE_MS):
        collect(parts.opened, Period(start, start + 10 * MINUTE_MS))
    assert landed(parts) == landed(whole)
    assert known(parts) == known(whole)


def landed(made: Ground) -> Mapping[str, list[dict[str, object]]]:
    rows = made.lake.read("allocation").to_pylist()
    return {"allocation": [row for row in rows if row["date"] == LAST]}


def known(made: Ground) -> dict[str, int]:
    with made.opened.database.read() as connection:
        return watermarks(connection, "hpc")


def test_a_silent_server_stops_the_watermark_where_it_was_last_heard(
    server: Server, tmp_path: Path
) -> None:
    hpc: Cluster = replace(cluster(source(server.endpoint)), quarantine_share_max=1)  # type: ignore[arg-type]
    made = ground(tmp_path, hpc)
    made.complete(WINDOW.start_ms)
    late = Period(MIDNIGHT, MIDNIGHT + 3 * HOUR_MS)
    collect(made.opened, late)
    assert known(made) == {"state": MIDNIGHT + HOUR_MS}
    rows = made.lake.read("allocation", date_from=LAST).to_pylist()
    assert max(row["ended_ms"] for row in rows) == MIDNIGHT + HOUR_MS
