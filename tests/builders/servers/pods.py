"""Pods as kube-state-metrics tells of them, and a server that answers for what a test wrote."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from metering.calendar import HOUR_MS, Period
from metering.settings.sections import Cluster
from metering.settings.source_options.declared_source import Record
from metering.settings.source_options.kubernetes import Kubernetes
from metering.settings.source_options.location import Endpoint
from metering.settings.source_options.prometheus import Prometheus, matchers_of
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.read import read
from metering.sources.reading.batch import Batch
from tests.builders.servers.prometheus import Written
from tests.builders.servers.replayed_answers import Asked, replaying
from tests.builders.sites.metering_site import MIDNIGHT, cluster, ground

SCRAPE_MS, HOLD_MS = 30_000, 120_000
MINUTE_MS = 60_000
WINDOW = Period(MIDNIGHT, MIDNIGHT + HOUR_MS)
OPTIONS = Kubernetes(
    Prometheus(),
    HOLD_MS,
    {"nvidia_com_gpu": ("gpu", ""), "rebellions_ai_ATOM": ("npu", "atom")},
    ("rdma_shared",),
)
HPC = cluster(node_models={"n1": "h100"})
GPU = "nvidia_com_gpu"
CONTAINER = "kube_pod_container_resource_requests"
INIT = "kube_pod_init_container_resource_requests"
RANGE = re.compile(r"(?P<selector>\{.*\})\[(?P<ms>\d+)ms\]", re.DOTALL)


def points(first: int, last: int, value: str = "1") -> list[tuple[int, str]]:
    """Scrapes from one minute to another after the midnight between the days, both with them."""
    at = range(MIDNIGHT + first * MINUTE_MS, MIDNIGHT + last * MINUTE_MS + 1, SCRAPE_MS)
    return [(at_ms, value) for at_ms in at]


def turning(first: int, turn: int | None, last: int) -> list[tuple[int, str]]:
    """0 and from a minute on 1; 0 throughout where it never turns."""
    turn_ms = None if turn is None else MIDNIGHT + turn * MINUTE_MS
    return [
        (at_ms, str(int(turn_ms is not None and at_ms >= turn_ms)))
        for at_ms, _ in points(first, last)
    ]


def seconds(minute: int) -> str:
    return str((MIDNIGHT + minute * MINUTE_MS) // 1000)


def who(uid: str, name: str = "", namespace: str = "lab", instance: str = "a") -> str:
    return f'namespace="{namespace}",pod="{name or uid}",uid="{uid}",instance="{instance}"'


def asks(
    uid: str, first: int, last: int, many: str = "1", *, resource: str = GPU,
    container: str = "main", metric: str = CONTAINER, name: str = "", namespace: str = "lab",
    instance: str = "a", node: str = "n1",
) -> Written:  # fmt: skip
    """What a container of a pod requests."""
    labels = f'{who(uid, name, namespace, instance)},container="{container}",node="{node}"'
    return Written(
        metric, f'{labels},resource="{resource}",unit="integer"', points(first, last, many)
    )


def lives(
    uid: str, first: int, last: int, *, name: str = "", namespace: str = "lab",
    instance: str = "a", start: int | None = -90, runs: int | None = -1000,
    ended: int | None = None, failed: bool = False, completed: int | None = None,
) -> list[Written]:  # fmt: skip
    """A pod told of from one minute to another: scheduled, running and ended from others on."""
    own = who(uid, name, namespace, instance)
    running = turning(first, runs, last)
    if ended is not None:
        over = dict(turning(first, ended, last))
        running = [(at_ms, "0" if over[at_ms] == "1" else value) for at_ms, value in running]
    phases = {
        "Running": running,
        "Pending": turning(first, None, last),
        "Succeeded": turning(first, None if failed else ended, last),
        "Failed": turning(first, ended if failed else None, last),
    }
    series = [
        Written("kube_pod_status_phase", f'{own},phase="{phase}"', values)
        for phase, values in phases.items()
    ]
    instants = {"kube_pod_completion_time": completed}
    if start is not None:
        instants |= {"kube_pod_status_scheduled_time": start, "kube_pod_start_time": start + 1}
    for metric, minute in instants.items():
        if minute is not None:
            series.append(Written(metric, own, points(first, last, seconds(minute))))
    return series


def together(*pods: Sequence[Written]) -> list[Written]:
    """Series of all pods, metric by metric, each once."""
    every = {(series.metric, series.labels): series for own in pods for series in own}
    return sorted(every.values(), key=lambda series: series.metric)


def source(
    endpoint: Endpoint, options: Kubernetes = OPTIONS, record: Record = "allocation"
) -> SourceConfig:
    return SourceConfig("state", "kubernetes", record, endpoint=endpoint, options=options)


def read_from(
    endpoint: Endpoint, folder: Path, options: Kubernetes = OPTIONS,
    record: Record = "allocation", window: Period = WINDOW, hpc: Cluster = HPC,
) -> Batch:  # fmt: skip
    """What a source has of a window, in one batch."""
    site = ground(folder, hpc).opened.site
    (batch,) = read(source(endpoint, options, record), hpc, site, window)
    return batch


def runs(batch: Batch) -> dict[str, tuple[object, ...]]:
    """Devices, and minutes of start and end, by the pod's uid."""

    def minute(ms: int | None) -> int | None:
        return None if ms is None else (ms - MIDNIGHT) // MINUTE_MS

    return {
        row["allocation_id"].partition("/")[0]: (
            row["quantity_milli"], minute(row["started_ms"]), minute(row["ended_ms"])
        )
        for row in batch.table.to_pylist()
    }  # fmt: skip


@contextmanager
def answering_for(series: Sequence[Written]) -> Iterator[Endpoint]:
    """A server that has the series, as Prometheus would select them: no process is needed."""
    labelled = [
        ({"__name__": own.metric, **dict(re.findall(r'(\w+)="([^"]*)"', own.labels))},
         sorted(own.points))
        for own in series
    ]  # fmt: skip

    def answer(asked: Asked) -> tuple[int, bytes]:
        parts = RANGE.fullmatch(asked.form["query"])
        assert parts is not None
        to_ms = int(asked.form["time"].replace(".", ""))
        after_ms = to_ms - int(parts["ms"])
        result = []
        for labels, points in labelled:
            if not _selected(labels, parts["selector"]):
                continue
            begin, end = (bisect_right(points, (at_ms, "~")) for at_ms in (after_ms, to_ms))
            values = [[at_ms / 1000, value] for at_ms, value in points[begin:end]]
            if values:
                result.append({"metric": labels, "values": values})
        body = {"status": "success", "data": {"resultType": "matrix", "result": result}}
        return 200, json.dumps(body).encode()

    with replaying(answer) as replay:
        yield Endpoint(replay.url)


@cache
def _matchers(selector: str) -> list[tuple[str, str, str]]:
    return matchers_of(selector)


def _selected(labels: dict[str, str], selector: str) -> bool:
    """Whether all matchers of a selector fit, as PromQL has it."""
    fits = {
        "=": lambda text, wanted: text == wanted,
        "!=": lambda text, wanted: text != wanted,
        "=~": lambda text, wanted: re.fullmatch(wanted, text) is not None,
        "!~": lambda text, wanted: re.fullmatch(wanted, text) is None,
    }
    matchers = _matchers(selector)
    assert matchers, selector
    return all(fits[sign](labels.get(name, ""), wanted) for name, sign, wanted in matchers)
