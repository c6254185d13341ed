"""Pods as allocations: what they request, from when they are scheduled until they end."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from metering.calendar import Calendar, Period
from metering.errors import SourceError
from metering.settings.sections import Cluster
from metering.settings.source_options.kubernetes import Kubernetes
from metering.settings.source_options.prometheus import quoted
from metering.sources.kubernetes.kube_state_metrics import KubeMetric, Said, said
from metering.sources.prometheus.server import PrometheusServer
from metering.sources.reading import exact_numbers
from metering.sources.reading.accelerator_models import Models
from metering.sources.reading.batch import Batch, Note, Quarantined, shown
from metering.sources.reading.schemas import ALLOCATION_RUN, table_of

PHASE = "kube_pod_status_phase"
REQUESTS = "kube_pod_container_resource_requests"
INIT = "kube_pod_init_container_resource_requests"
SCHEDULED = "kube_pod_status_scheduled_time"
STARTED = "kube_pod_start_time"
COMPLETED = "kube_pod_completion_time"
POD_LABELS, NAMESPACE_LABELS = "kube_pod_labels", "kube_namespace_labels"
# What a node has of its own; everything else that is requested whole is a device of some kind.
PLAIN = r"cpu|memory|storage|ephemeral_storage|hugepages_.*|attachable_volumes_.*|pods"


@dataclass(slots=True)
class _Pod:
    """What was said of one pod, by its uid: names are used again, uids never."""

    namespace: str = ""
    name: str = ""
    node: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    requests: dict[tuple[str, str], Decimal | None] = field(default_factory=dict)  # of containers
    init: dict[tuple[str, str], Decimal | None] = field(default_factory=dict)
    scheduled_ms: int | None = None
    started_ms: int | None = None
    completed_ms: int | None = None
    running_ms: int | None = None  # when it was last seen running

    def quantities(self) -> dict[str, Decimal | None]:
        """Devices by resource: those of all containers, or of one that runs before them."""
        by_resource: dict[str, Decimal | None] = {}
        for (_, resource), many in sorted(self.requests.items()):
            before = by_resource.get(resource, Decimal(0))
            by_resource[resource] = None if many is None or before is None else before + many
        for (_, resource), many in sorted(self.init.items()):
            before = by_resource.get(resource, Decimal(0))
            by_resource[resource] = None if many is None or before is None else max(before, many)
        return by_resource


class _RefusedError(Exception):
    """This request cannot be taken; the message is the reason."""


def read_pods(
    server: PrometheusServer,
    name: str,
    options: Kubernetes,
    cluster: Cluster,
    calendar: Calendar,
    window: Period,
) -> Batch:
    """The runs of pods that request devices, in the window or up to `hold` before it.

    A pod counts from its scheduling to its completion (METERING 14); one that vanished without, to
    when it was last seen running. It goes on while it was seen within `hold` of the last scrape.
    """
    state = _State(options)
    for sample in said(server, _metrics(options), window, options.hold_ms):
        state.take(sample)
    seen_ms = state.last_ms(server.url)
    runs: list[tuple[object, ...]] = []
    quarantined: list[Quarantined] = []
    skipped: Counter[str] = Counter()
    rows_read = 0
    models = Models(cluster)
    for uid, pod in sorted(state.pods.items()):
        for resource, many in pod.quantities().items():
            rows_read += 1
            if resource in options.ignored:
                skipped["ignored_resource"] += 1
                continue
            try:
                run = _run(uid, pod, resource, many, state, models)
            except _RefusedError as reason:
                text = f"{pod.namespace}/{pod.name} {resource} {many}"
                quarantined.append(Quarantined(f"pod {uid}", str(reason), shown(text)))
                continue
            if run is None:
                skipped["never_ran"] += 1
            else:
                runs.append(run)
    return Batch(
        record="allocation",
        table=table_of(runs, ALLOCATION_RUN),
        quarantined=tuple(quarantined),
        rows_read=rows_read,
        origin=f"{server.url} pods {calendar.iso(window.start_ms)}",
        skipped=dict(skipped),
        notes=tuple(_gaps(state, name, calendar, window)),
        complete_to_ms=min(seen_ms, window.end_ms),
    )


def _metrics(options: Kubernetes) -> list[KubeMetric]:
    devices = (f"resource!~{quoted(PLAIN)}",)
    metrics = [
        KubeMetric(PHASE, ('phase="Running"',)),
        KubeMetric(REQUESTS, devices),
        KubeMetric(INIT, devices),
        KubeMetric(SCHEDULED),
        KubeMetric(STARTED),
        KubeMetric(COMPLETED),
    ]
    if options.account.startswith("pod_label:"):
        metrics.append(KubeMetric(POD_LABELS))
    elif options.account.startswith("namespace_label:"):
        metrics.append(KubeMetric(NAMESPACE_LABELS))
    return metrics


class _State:
    """What was said so far, pod by pod."""

    def __init__(self, options: Kubernetes) -> None:
        self.options = options
        self.pods: dict[str, _Pod] = {}
        self.namespaces: dict[str, Mapping[str, str]] = {}
        self.seen_ms: int | None = None  # when kube-state-metrics last said anything of phases
        self.scrapes: set[int] = set()

    def take(self, sample: Said) -> None:
        """Take in a series of an hour; whose replica it came from does not matter."""
        labels = sample.labels
        if sample.metric == NAMESPACE_LABELS:
            self.namespaces[labels.get("namespace", "")] = labels
            return
        if sample.metric == PHASE:
            self.seen_ms = max(self.seen_ms or 0, sample.at_ms[-1])
            self.scrapes.update(sample.at_ms)
        pod = self.pods.setdefault(labels.get("uid", ""), _Pod())
        pod.namespace = labels.get("namespace", pod.namespace)
        pod.name = labels.get("pod", pod.name)
        last = sample.values[-1]
        device = (labels.get("container", ""), labels.get("resource", ""))
        if sample.metric == PHASE:
            pairs = zip(sample.at_ms, sample.values, strict=True)
            running_ms = max((at for at, value in pairs if value == 1), default=0)
            pod.running_ms = max(pod.running_ms or 0, running_ms) or None
        elif sample.metric == REQUESTS:
            pod.node = labels.get("node", "") or pod.node
            pod.requests[device] = last
        elif sample.metric == INIT:
            pod.init[device] = last
        elif sample.metric == SCHEDULED:
            pod.scheduled_ms = _ms(last)
        elif sample.metric == STARTED:
            pod.started_ms = _ms(last)
        elif sample.metric == COMPLETED:
            pod.completed_ms = _ms(last)
        elif sample.metric == POD_LABELS:
            pod.labels = labels

    def last_ms(self, url: str) -> int:
        """When kube-state-metrics was last heard; SourceError where it never was."""
        if self.seen_ms is None:
            raise SourceError(
                f"{url} has no {PHASE} in this time: is kube-state-metrics running and scraped?"
            )
        return self.seen_ms

    def account(self, pod: _Pod) -> str:
        """The account that pays: the namespace, or what its label or the pod's says."""
        where, _, label = self.options.account.partition(":")
        if where == "namespace":
            return pod.namespace
        labels = pod.labels if where == "pod_label" else self.namespaces.get(pod.namespace, {})
        return labels.get(label) or f"namespace/{pod.namespace}"  # nobody's until it is registered


def _run(
    uid: str, pod: _Pod, resource: str, many: Decimal | None, state: _State, models: Models
) -> tuple[object, ...] | None:
    """A row of ALLOCATION_RUN; None for a pod that did not run."""
    options = state.options
    if not uid:
        raise _RefusedError("names no uid")
    if resource not in options.resources:
        raise _RefusedError(
            f"requests {resource}, which site.toml has neither in `resources` nor in `ignored`"
        )
    if many is None or many <= 0 or many != many.to_integral_value():
        raise _RefusedError("requests no whole number of devices")
    if pod.running_ms is None and pod.completed_ms is None:
        return None
    start_ms = pod.scheduled_ms if pod.scheduled_ms is not None else pod.started_ms
    if start_ms is None:
        raise _RefusedError(f"has neither {SCHEDULED} nor {STARTED}")
    end_ms = _end_ms(pod, state)
    if end_ms is not None and end_ms < start_ms:
        raise _RefusedError("ends before it is scheduled")
    kind, model = options.resources[resource]
    return (
        f"{uid}/{resource}",
        "pod",
        f"{pod.namespace}/{pod.name}",
        state.account(pod),
        "",
        pod.namespace,
        kind,
        model or models.of(pod.namespace, pod.node),
        int(many) * 1000,
        start_ms,
        start_ms,
        end_ms,
        0,
        "RUNNING" if end_ms is None else "COMPLETED",
        pod.node,
    )


def _end_ms(pod: _Pod, state: _State) -> int | None:
    if pod.completed_ms is not None:
        return pod.completed_ms
    assert pod.running_ms is not None
    assert state.seen_ms is not None
    lasting = pod.running_ms > state.seen_ms - state.options.hold_ms
    return None if lasting else pod.running_ms


def _ms(seconds: Decimal | None) -> int | None:
    return None if seconds is None else exact_numbers.floored(seconds, 1000)


def _gaps(state: _State, name: str, calendar: Calendar, window: Period) -> Iterator[Note]:
    """A note for time in which nobody knows what ran: longer than `hold` without any scrape."""
    at = sorted(
        {
            window.start_ms,
            *(scrape_ms for scrape_ms in state.scrapes if scrape_ms >= window.start_ms),
        }
    )
    at.append(window.end_ms)
    for before, after in _long(at, state.options.hold_ms):
        detail = (
            f"{name}: {calendar.iso(before)}부터 {calendar.iso(after)}까지 kube-state-metrics의 "
            "기록이 없습니다. 그 사이에 사라진 파드는 마지막으로 실행이 보인 때까지만 셉니다."
        )
        yield Note("warn", "silent_scheduler", name, detail, calendar.day_of(before))


def _long(at: Sequence[int], hold_ms: int) -> Iterator[tuple[int, int]]:
    for before, after in pairwise(at):
        if after - before > hold_ms:
            yield before, after
