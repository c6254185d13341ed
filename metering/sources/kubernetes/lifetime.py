"""From when to when a pod holds its devices: scheduled to its terminal phase (METERING 36)."""

from dataclasses import dataclass

from metering.calendar import HOUR_MS, Period
from metering.settings.source_options.prometheus import quoted
from metering.sources.kubernetes.kube_state_metrics import KubeMetric, Spoken
from metering.sources.kubernetes.pod_state import PHASE, SCHEDULED, STARTED, Pod, PodState
from metering.sources.kubernetes.refusals import HoldError


@dataclass(frozen=True, slots=True)
class Life:
    """When a pod holds its devices; no end while it goes on, no time where it held nothing."""

    start_ms: int
    end_ms: int | None


class NothingHeldError(Exception):
    """The pod held no device in what was read; the message is what it is counted as."""


class Lifetimes:
    """Reads lives off what was said, and asks for the start of a run where it lies before that."""

    def __init__(self, spoken: Spoken, state: PodState, window: Period) -> None:
        self._spoken, self._state, self._window = spoken, state, window
        self._heard_to_ms = state.heard_to_ms
        # scrapes of shards and replicas are not at one instant: what is first told of from here on
        # was not there before
        self._new_from_ms = min(state.scrapes) + state.options.hold_ms

    def of(self, pod: Pod) -> Life:
        """A pod's life; NothingHeldError where it held nothing, HoldError where it is not known."""
        start_ms = pod.scheduled_ms if pod.scheduled_ms is not None else pod.started_ms
        if start_ms is None and not pod.node and pod.ran_from_ms is None:
            raise NothingHeldError("not_scheduled")
        if start_ms is None:
            raise HoldError(f"has neither {SCHEDULED} nor {STARTED}")
        if start_ms > self._heard_to_ms:
            raise NothingHeldError("not_yet")  # by a clock that is ahead of the server's
        if pod.rejected and pod.completed_ms is None and pod.ran_from_ms is None:
            return Life(start_ms, start_ms)  # it may have been taken for one that waits
        end_ms = self._end_ms(pod)
        if self._state.options.pods_count_from == "running":
            start_ms = self._running_from_ms(pod, start_ms)
        if end_ms is not None and end_ms < start_ms:
            raise HoldError("ends before it is scheduled")
        return Life(start_ms, end_ms)

    def _end_ms(self, pod: Pod) -> int | None:
        """Its containers' end once its phase is terminal, else when it was last seen alive.

        A completion time alone is that of one container, and the pod may run on.
        """
        if pod.ended_ms is None:
            if pod.alive_ms is None:
                raise NothingHeldError("no_phase")
            lasting = pod.alive_ms > self._heard_to_ms - self._state.options.hold_ms
            return None if lasting else pod.alive_ms
        if pod.completed_ms is not None:
            return min(pod.completed_ms, self._heard_to_ms)
        if pod.alive_ms is not None:
            return pod.alive_ms
        if pod.ended_ms >= self._new_from_ms:
            return pod.ended_ms
        raise NothingHeldError("ended_before")

    def _running_from_ms(self, pod: Pod, scheduled_ms: int) -> int:
        """When the pod was first seen running, whatever part of its life was read.

        One that was done before anybody looked ran from when the kubelet took it up.
        """
        assert pod.first_ms is not None, "its phase was seen"
        new = pod.first_ms >= self._new_from_ms
        if pod.ran_from_ms is not None and (new or pod.first_ms < pod.ran_from_ms):
            return pod.ran_from_ms
        done = pod.ended_ms is not None and pod.completed_ms is not None
        if pod.ran_from_ms is None and not done:
            raise NothingHeldError("never_ran")
        ran_ms = None if new else self._history_ms(pod, scheduled_ms)
        if ran_ms is None:
            ran_ms = pod.started_ms
        if ran_ms is None:
            raise NothingHeldError("never_ran")
        return ran_ms

    def _history_ms(self, pod: Pod, scheduled_ms: int) -> int | None:
        """The same out of the time before what was read, an hour at a time from its scheduling;
        None where it never was seen running.

        HoldError where the server does not go back so far: another start would be another run.
        """
        hold_ms = self._state.options.hold_ms
        running = KubeMetric(PHASE, ('phase="Running"', f"uid={quoted(pod.uid)}"))
        told_ms: int | None = None  # when it was first told of
        until_ms = self._window.end_ms
        if pod.ran_from_ms is None and pod.completed_ms is not None:
            until_ms = min(until_ms, pod.completed_ms + hold_ms)
        for start_ms in range(scheduled_ms - 1, until_ms, HOUR_MS):
            period = Period(start_ms, min(start_ms + HOUR_MS, self._window.end_ms))
            (hour,) = self._spoken.hours([running], period, 0)
            if told_ms is None:
                told_ms = min((int(said.at_ms[0]) for said in hour), default=period.end_ms)
                if told_ms > scheduled_ms + hold_ms:
                    return self._forgotten(pod)
            ran_ms = [int(said.ones_ms[0]) for said in hour if len(said.ones_ms)]
            if ran_ms:
                return min(ran_ms)
        return None

    def _forgotten(self, pod: Pod) -> int:
        """What to do with a pod whose beginning the server does not have any more."""
        since_ms = self._window.start_ms - self._state.options.hold_ms
        completed_ms = None if pod.ended_ms is None else pod.completed_ms
        if completed_ms is not None and completed_ms <= since_ms:
            raise NothingHeldError("ended_before")
        raise HoldError(
            "was first seen running before what the server still has",
            "unknown_start",
            f"{pod.namespace}/{pod.name}",
            "파드가 언제 실행되기 시작했는지 프로메테우스에 남아 있지 않습니다. 보관 기간을"
            " 늘리거나 `pods_count_from`을 빼세요.",
        )
