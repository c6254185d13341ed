"""Pods as allocations: the devices that they hold, from when they are scheduled to their end."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from metering.calendar import Calendar, Period
from metering.finding import Severity
from metering.settings.sections import Cluster
from metering.settings.source_options.kubernetes import Kubernetes, ResourceClaims
from metering.settings.source_options.prometheus import quoted
from metering.sources.kubernetes import hami
from metering.sources.kubernetes.kai_boards import KaiBoards
from metering.sources.kubernetes.kube_state_metrics import KubeMetric, Spoken
from metering.sources.kubernetes.lifetime import Life, Lifetimes, NothingHeldError
from metering.sources.kubernetes.pod_state import INFO, PHASE, Pod, PodState, metrics
from metering.sources.kubernetes.refusals import HoldError
from metering.sources.kubernetes.requests import requested
from metering.sources.kubernetes.shared_boards import (
    BOARD,
    SHARED,
    is_fraction,
    is_reservation,
    milli_of_fraction,
    milli_of_slots,
)
from metering.sources.reading.accelerator_models import Models
from metering.sources.reading.batch import Batch, Note, Quarantined, shown
from metering.sources.reading.schemas import ALLOCATION_RUN, table_of

UIDS_AT_ONCE = 100  # that are named in one question


@dataclass(slots=True)
class _Taken:
    """What the pods came to."""

    runs: list[tuple[object, ...]] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    notes: list[Note] = field(default_factory=list)
    rows_read: int = 0


def read_pods(
    spoken: Spoken,
    name: str,
    options: Kubernetes,
    cluster: Cluster,
    calendar: Calendar,
    window: Period,
) -> Batch:
    """The runs of pods that hold devices, in the window or up to `hold` before it.

    A pod counts from its scheduling to its terminal phase (METERING 36); one that vanished without,
    to when it was last seen. It goes on while it was seen within `hold` of the last scrape.
    """
    state = PodState(options)
    for hour in spoken.hours(metrics(options), window, options.hold_ms):
        state.take(hour)
    if not state.scrapes:
        raise spoken.silence(PHASE)
    _find_nodes(spoken, state, window, options)
    reader = _Reader(name, cluster, calendar, window, state, Lifetimes(spoken, state, window))
    for _, pod in sorted(state.pods.items()):
        reader.take(pod)
    taken = reader.taken
    taken.notes += reader.boards.notes(cluster.title, calendar, window)
    taken.notes += state.shards.notes(name, calendar, window, options.hold_ms)
    return Batch(
        record="allocation",
        table=table_of(taken.runs, ALLOCATION_RUN),
        quarantined=tuple(taken.quarantined),
        rows_read=taken.rows_read + spoken.others.total(),
        origin=f"{spoken.server.url} pods {calendar.iso(window.start_ms)}",
        skipped=dict(taken.skipped + spoken.others),
        notes=(*taken.notes, *_gaps(state, name, calendar, window)),
        complete_to_ms=min(state.heard_to_ms, window.end_ms),
        taken=len(taken.runs),
    )


def _find_nodes(spoken: Spoken, state: PodState, window: Period, options: Kubernetes) -> None:
    """Asks for the nodes of pods that hold devices and request none: nothing else names them."""
    without = sorted(uid for uid, pod in state.pods.items() if is_fraction(pod) and not pod.node)
    for start in range(0, len(without), UIDS_AT_ONCE):
        uids = "|".join(without[start : start + UIDS_AT_ONCE])  # uids have no signs
        for hour in spoken.hours([KubeMetric(INFO, (f"uid=~{quoted(uids)}",))], window,
                                 options.hold_ms):  # fmt: skip
            state.take(hour)


class _Reader:
    """Turns pods into rows, one at a time."""

    def __init__(
        self,
        name: str,
        cluster: Cluster,
        calendar: Calendar,
        window: Period,
        state: PodState,
        lives: Lifetimes,
    ) -> None:
        self.taken = _Taken()
        self.boards = KaiBoards()
        self._name, self._cluster, self._state = name, cluster, state
        self._calendar, self._window, self._lives = calendar, window, lives
        self._models = Models(cluster)
        self._claims_dumped = any(
            isinstance(source.options, ResourceClaims) for source in cluster.sources
        )

    def take(self, pod: Pod) -> None:
        """Take in what a pod holds."""
        options = self._state.options
        for resource in self._resources(pod):
            self.taken.rows_read += 1
            if resource in options.ignored:
                self.taken.skipped["ignored_resource"] += 1
                continue
            try:
                self._run(pod, resource)
            except NothingHeldError as reason:
                self.taken.skipped[str(reason)] += 1
            except HoldError as error:
                self._refuse(pod, resource, error)
        if pod.claims and not self._claims_dumped:
            self._claim_unknown(pod)

    def _resources(self, pod: Pod) -> list[str]:
        """The resources of which a pod holds devices; what HAMi is asked beside them is none."""
        parts = hami.PARTS | hami.NO_DEVICES
        asked = {resource for _, resource in [*pod.requests, *pod.init]} - parts
        return sorted(asked | ({BOARD} if is_fraction(pod) else set()))

    def _run(self, pod: Pod, resource: str) -> None:
        """One row of ALLOCATION_RUN, or why there is none."""
        if not pod.uid:
            raise HoldError("names no uid")
        life = self._lives.of(pod)
        if is_reservation(pod):
            self.boards.reserve(pod, life)
            raise NothingHeldError("reservation")
        kind, model = self._meaning(resource)
        if resource == BOARD and is_fraction(pod):
            milli = milli_of_fraction(pod, self._state)
            self.boards.share(pod, life, milli)
        else:
            many = requested(pod, resource, self._state)
            milli = milli_of_slots(pod, resource, many.many, self._state)
            if many.depends:
                self._order_unknown(pod, resource, life, many.fewest, many.many)
        self.taken.runs.append((
            f"{pod.uid}/{resource}", "pod", f"{pod.namespace}/{pod.name}",
            self._state.account(pod), "", pod.namespace, kind,
            model or self._models.of(pod.namespace, pod.node), milli,
            life.start_ms, life.start_ms, life.end_ms, 0,
            "RUNNING" if life.end_ms is None else "COMPLETED", pod.node,
        ))  # fmt: skip

    def _meaning(self, resource: str) -> tuple[str, str]:
        """Kind and model of a resource; slots with a name of their own are of what is shared."""
        resources = self._state.options.resources
        known = resources.get(resource) or resources.get(resource.removesuffix(SHARED))
        if known is None:
            raise HoldError(
                f"requests {resource}, which site.toml has neither in `resources` nor in `ignored`",
                "unknown_accelerator",
                resource,
                f"파드가 요청한 자원 {resource}이(가) 가속기인지 모릅니다. site.toml의"
                " `resources`나 `ignored`에 적고 다시 수집하세요.",
            )
        return known

    def _refuse(self, pod: Pod, resource: str, error: HoldError) -> None:
        amounts = [
            str(value) for (_, asked), value in [*pod.requests.items(), *pod.init.items()]
            if asked == resource
        ]  # fmt: skip
        text = f"{pod.namespace}/{pod.name} {resource} {' '.join(amounts)}".strip()
        self.taken.quarantined.append(Quarantined(f"pod {pod.uid}", str(error), shown(text)))
        if error.kind:
            self._note("fail", error.kind, error.subject, error.remedy, pod)

    def _order_unknown(self, pod: Pod, resource: str, life: Life, fewest: int, many: int) -> None:
        text = (
            f"파드 {pod.namespace}/{pod.name}의 {resource}은(는) 초기화 컨테이너의 순서에 따라"
            f" {fewest}개에서 {many}개까지입니다. 순서를 알 수 없어 {many}개로 셌습니다."
            " kube-scheduler의 kube_pod_resource_request를 함께 모으면 정확합니다."
        )
        self._note("warn", "unknown_init_order", f"{pod.namespace}/{pod.name}", text, pod)

    def _claim_unknown(self, pod: Pod) -> None:
        try:
            self._lives.of(pod)
        except (HoldError, NothingHeldError):
            return
        text = (
            f"네임스페이스 {pod.namespace}의 파드가 리소스 클레임(DRA)으로 장치를 쓰는데"
            " kube-state-metrics는 그 장치를 알려 주지 않습니다. ResourceClaim과 ResourceSlice의"
            ' 목록을 파일로 받는 source(kind = "kubernetes", paths)를 추가하고 다시 수집하세요.'
        )
        self._note("fail", "unknown_claim", pod.namespace, text, pod)

    def _note(self, severity: Severity, kind: str, subject: str, text: str, pod: Pod) -> None:
        """A note of the day on which the pod was first there in the window."""
        at_ms = max(pod.first_ms or 0, self._window.start_ms)
        day = self._calendar.day_of(min(at_ms, self._window.end_ms - 1))
        note = Note(severity, kind, subject, f"{self._cluster.title}: {text}", day)
        if note not in self.taken.notes:
            self.taken.notes.append(note)


def _gaps(state: PodState, name: str, calendar: Calendar, window: Period) -> Iterator[Note]:
    """A note for time in which nobody knows what ran: longer than `hold` without any scrape."""
    at = sorted({window.start_ms, *(ms for ms in state.scrapes if ms >= window.start_ms)})
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
