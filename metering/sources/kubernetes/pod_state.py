"""What was said of every pod, by its uid: names are used again, uids never."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from metering.settings.source_options.kubernetes import Kubernetes
from metering.settings.source_options.prometheus import quoted
from metering.sources.kubernetes.hami import HAMI, HamiShares
from metering.sources.kubernetes.kube_state_metrics import KubeMetric, Said
from metering.sources.kubernetes.shards import SHARDS, Shards
from metering.sources.prometheus.decoded_series import Labels
from metering.sources.reading import exact_numbers
from metering.sources.reading.number_kernel import Int64s

PHASE = "kube_pod_status_phase"
REQUESTS = "kube_pod_container_resource_requests"
INIT = "kube_pod_init_container_resource_requests"
INIT_INFO = "kube_pod_init_container_info"
SCHEDULED = "kube_pod_status_scheduled_time"
STARTED = "kube_pod_start_time"
COMPLETED = "kube_pod_completion_time"
REASON = "kube_pod_status_reason"
CLAIM = "kube_pod_resourceclaim_info"
ANNOTATIONS = "kube_pod_annotations"
INFO = "kube_pod_info"
POD_LABELS, NAMESPACE_LABELS = "kube_pod_labels", "kube_namespace_labels"
NODE_LABELS = "kube_node_labels"
BY_SCHEDULER = "kube_pod_resource_request"  # of kube-scheduler, which names resources as pods do
FRACTION, MEMORY = "annotation_gpu_fraction", "annotation_gpu_memory"
GROUP = "label_runai_gpu_group"
# What a node has of its own; everything else that is requested whole is a device of some kind.
PLAIN = r"cpu|memory|storage|ephemeral_storage|hugepages_.*|attachable_volumes_.*|pods"
PLAIN_UNSANITISED = PLAIN.replace("_", "[-_]")
REJECTED = "UnexpectedAdmissionError"
Device = tuple[str, str]  # a container and a resource that it requests


@dataclass(slots=True)
class Pod:
    """What was said of one pod. Its phases: when it was there, ran and was first seen ended."""

    uid: str = ""
    namespace: str = ""
    name: str = ""
    node: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    requests: dict[Device, Decimal | None] = field(default_factory=dict)
    init: dict[Device, Decimal | None] = field(default_factory=dict)
    sidecars: set[str] = field(default_factory=set)
    claims: set[str] = field(default_factory=set)
    group: str = ""
    rejected: bool = False
    scheduled_ms: int | None = None
    started_ms: int | None = None  # when the kubelet took it up
    completed_ms: int | None = None
    first_ms: int | None = None  # when it was first seen, in what was read
    alive_ms: int | None = None  # when it was last seen, and had not ended
    ran_from_ms: int | None = None
    ended_ms: int | None = None  # when it was first seen succeeded or failed


@dataclass(frozen=True, slots=True)
class SchedulerWord:
    """How much of a resource kube-scheduler counts for a pod of a name, from when to when."""

    resource: str
    first_ms: int
    last_ms: int
    many: Decimal | None


def metrics(options: Kubernetes) -> list[KubeMetric]:
    """What is asked for an hour of pods."""
    devices = (f"resource!~{quoted(PLAIN)}",)
    asked = [
        KubeMetric(REQUESTS, devices),
        KubeMetric(INIT, devices),
        KubeMetric(INIT_INFO, ('restart_policy="Always"',)),
        KubeMetric(BY_SCHEDULER, (f"resource!~{quoted(PLAIN_UNSANITISED)}",)),
        KubeMetric(PHASE, ('phase=~"Running|Succeeded|Failed"',)),
        KubeMetric(SCHEDULED),
        KubeMetric(STARTED),
        KubeMetric(COMPLETED),
        KubeMetric(REASON, (f'reason="{REJECTED}"',)),
        KubeMetric(CLAIM),
        KubeMetric(ANNOTATIONS, (f'{FRACTION}!=""',)),
        KubeMetric(ANNOTATIONS, (f'{MEMORY}!=""',)),
        KubeMetric(NODE_LABELS, ('label_nvidia_com_gpu_product!=""',)),
        KubeMetric(NODE_LABELS, ('label_nvidia_com_gpu_replicas!=""',)),
        HAMI,
        SHARDS,
    ]
    if options.account.startswith("pod_label:"):
        asked.append(KubeMetric(POD_LABELS))
    else:
        asked.append(KubeMetric(POD_LABELS, (f'{GROUP}!=""',)))
    if options.account.startswith("namespace_label:"):
        asked.append(KubeMetric(NAMESPACE_LABELS))
    return asked


class PodState:
    """What was said so far, pod by pod; whose replica it came from does not matter."""

    def __init__(self, options: Kubernetes) -> None:
        self.options = options
        self.pods: dict[str, Pod] = {}
        self.namespaces: dict[str, Labels] = {}
        self.nodes: dict[str, Labels] = {}
        self.shares = HamiShares()
        self.shards = Shards()
        self.scheduler: dict[tuple[str, str], list[SchedulerWord]] = defaultdict(list)
        self.scrapes: set[int] = set()  # instants at which anything was said of phases
        self._seen: dict[str, list[Int64s]] = defaultdict(list)  # of one hour, by uid
        self._of_pods: Mapping[str, Callable[[Pod, Said], None]] = {
            PHASE: self._phase,
            REQUESTS: _request,
            INIT: _init_request,
            INIT_INFO: _sidecar,
            SCHEDULED: _scheduled,
            STARTED: _started,
            COMPLETED: _completed,
            REASON: _reason,
            CLAIM: _claim,
            ANNOTATIONS: _annotations,
            POD_LABELS: _pod_labels,
            INFO: _info,
        }

    def take(self, hour: Sequence[Said]) -> None:
        """Take in the series of an hour; hours come in order."""
        for said in hour:
            if said.metric == NAMESPACE_LABELS:
                self.namespaces[said.label("namespace")] = said.labels
            elif said.metric == NODE_LABELS:
                self.nodes[said.label("node")] = said.labels
            elif said.metric == BY_SCHEDULER:
                self._scheduler_says(said)
            elif said.metric in self._of_pods:
                pod = self.pods.setdefault(said.labels.get("uid", ""), Pod())
                pod.uid = said.labels.get("uid", "")
                pod.namespace = said.label("namespace") or pod.namespace
                pod.name = said.label("pod") or pod.name
                self._of_pods[said.metric](pod, said)
            elif not self.shards.take(said):
                self.shares.take(said)
        for uid, seen in self._seen.items():
            _see(self.pods[uid], np.concatenate(seen))
        if self._seen:
            every = np.concatenate([at_ms for seen in self._seen.values() for at_ms in seen])
            self.scrapes.update(np.unique(every).tolist())
        self._seen.clear()

    @property
    def heard_to_ms(self) -> int:
        """Up to when all is told of that may be told of; there was a scrape."""
        return self.shards.heard_to_ms(max(self.scrapes))

    def _phase(self, pod: Pod, said: Said) -> None:
        ones_ms = said.ones_ms
        self._seen[pod.uid].append(said.at_ms)
        if not len(ones_ms):
            return
        first_ms = int(ones_ms[0])
        if said.label("phase") == "Running":
            pod.ran_from_ms = min(pod.ran_from_ms or first_ms, first_ms)
        elif said.label("phase") in ("Succeeded", "Failed"):
            pod.ended_ms = min(pod.ended_ms or first_ms, first_ms)

    def _scheduler_says(self, said: Said) -> None:
        at_ms = said.at_ms
        self.scheduler[said.label("namespace"), said.label("pod")].append(
            SchedulerWord(said.label("resource"), int(at_ms[0]), int(at_ms[-1]), said.last)
        )

    def account(self, pod: Pod) -> str:
        """The account that pays: the namespace, or what its label or the pod's says."""
        where, _, label = self.options.account.partition(":")
        if where == "namespace":
            return pod.namespace
        labels = pod.labels if where == "pod_label" else self.namespaces.get(pod.namespace, {})
        return labels.get(label) or f"namespace/{pod.namespace}"  # nobody's until it is registered


def _see(pod: Pod, at_ms: Int64s) -> None:
    """When the pod was there in an hour; once it ended, it only lies about."""
    first_ms = int(at_ms.min())
    pod.first_ms = first_ms if pod.first_ms is None else min(pod.first_ms, first_ms)
    alive = at_ms if pod.ended_ms is None else at_ms[at_ms < pod.ended_ms]
    if len(alive):
        pod.alive_ms = max(pod.alive_ms or 0, int(alive.max()))


def _request(pod: Pod, said: Said) -> None:
    pod.node = said.label("node") or pod.node
    pod.requests[said.label("container"), said.label("resource")] = said.last


def _init_request(pod: Pod, said: Said) -> None:
    pod.node = said.label("node") or pod.node
    pod.init[said.label("container"), said.label("resource")] = said.last


def _sidecar(pod: Pod, said: Said) -> None:
    if said.label("restart_policy") == "Always":
        pod.sidecars.add(said.label("container"))


def _scheduled(pod: Pod, said: Said) -> None:
    pod.scheduled_ms = _ms(said.last)


def _started(pod: Pod, said: Said) -> None:
    pod.started_ms = _ms(said.last)


def _completed(pod: Pod, said: Said) -> None:
    pod.completed_ms = _ms(said.last)


def _reason(pod: Pod, said: Said) -> None:
    pod.rejected |= said.label("reason") == REJECTED and len(said.ones_ms) > 0


def _claim(pod: Pod, said: Said) -> None:
    pod.claims.add(said.label("claim_name"))


def _annotations(pod: Pod, said: Said) -> None:
    pod.annotations = said.labels


def _pod_labels(pod: Pod, said: Said) -> None:
    pod.labels = said.labels
    pod.group = said.label(GROUP)


def _info(pod: Pod, said: Said) -> None:
    pod.node = said.label("node") or pod.node


def _ms(seconds: Decimal | None) -> int | None:
    return None if seconds is None else exact_numbers.floored(seconds, 1000)
