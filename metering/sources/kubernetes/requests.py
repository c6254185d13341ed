"""How many devices a pod requests of each resource, as the scheduler counts them (METERING 36)."""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from decimal import Decimal

from metering.sources.kubernetes.pod_state import Device, Pod, PodState, SchedulerWord
from metering.sources.kubernetes.refusals import HoldError

UNSANITARY = re.compile(r"[^a-zA-Z0-9_]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Requested:
    """How many devices, and whether the order of init containers would have to be known."""

    many: int
    fewest: int  # in the order that asks for least

    @property
    def depends(self) -> bool:
        """Whether another order of the init containers, which nobody told, asks for fewer."""
        return self.fewest < self.many


def requested(pod: Pod, resource: str, state: PodState) -> Requested:
    """What a pod requests of a resource; HoldError where that is no whole number of devices.

    For each init container the sidecars before it and itself, against sidecars and containers, the
    larger. kube-state-metrics does not tell the order: where that matters kube-scheduler's own
    count is taken if it is known and possible, else all sidecars stand before.
    """
    apps, none = _whole(pod.requests, resource, frozenset())
    plain, sidecars = _whole(pod.init, resource, pod.sidecars)
    assert not none, "an app container is no sidecar"
    together = sum(apps) + sum(sidecars)
    before = max(plain, default=0)
    fewest = max(together, before)
    most = max(together, before + sum(sidecars))
    if most == 0:
        raise HoldError("requests no whole number of devices")
    if fewest < most:
        counted = _by_scheduler(pod, resource, state)
        if counted is not None and fewest <= counted <= most:
            return Requested(counted, counted)
    return Requested(most, fewest)


def _whole(
    requests: Mapping[Device, Decimal | None], resource: str, sidecars: Set[str]
) -> tuple[list[int], list[int]]:
    """The requests of a resource by containers, those of sidecars apart."""
    plain: list[int] = []
    staying: list[int] = []
    for (container, asked), many in requests.items():
        if asked != resource:
            continue
        if many is None or many < 0 or many != many.to_integral_value():
            raise HoldError("requests no whole number of devices")
        (staying if container in sidecars else plain).append(int(many))
    return plain, staying


def _by_scheduler(pod: Pod, resource: str, state: PodState) -> int | None:
    """The one count that kube-scheduler told of a pod of this name while this one was there."""
    if pod.first_ms is None or pod.alive_ms is None:
        return None
    words = state.scheduler.get((pod.namespace, pod.name), ())
    counts = {word.many for word in words if _meant(word, pod, resource)}
    many = counts.pop() if len(counts) == 1 else None
    return None if many is None or many != many.to_integral_value() else int(many)


def _meant(word: SchedulerWord, pod: Pod, resource: str) -> bool:
    assert pod.first_ms is not None
    assert pod.alive_ms is not None
    if UNSANITARY.sub("_", word.resource) != resource:
        return False
    return word.first_ms <= pod.alive_ms and word.last_ms >= pod.first_ms
