"""Shards of kube-state-metrics: each tells of its own pods, and all have to be heard."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from metering.calendar import Calendar, Period
from metering.sources.kubernetes.kube_state_metrics import KubeMetric, Said
from metering.sources.reading.batch import Note

ORDINAL, TOTAL = "kube_state_metrics_shard_ordinal", "kube_state_metrics_total_shards"
SHARDS = KubeMetric(ORDINAL, others=(TOTAL,))
SHARDS_MAX = 1000  # more is no number of shards


class Shards:
    """When each shard was heard; one that nobody tells of has no say in anything."""

    def __init__(self) -> None:
        self._total, self._told_ms = 0, 0  # how many there are, as was said last
        self._heard: dict[int, set[int]] = defaultdict(set)

    def take(self, said: Said) -> bool:
        """Take in a series; whether it was one of shards."""
        if said.metric == TOTAL:
            total, at_ms = said.last, int(said.at_ms[-1])
            if total is not None and 0 < total <= SHARDS_MAX and at_ms >= self._told_ms:
                self._total, self._told_ms = int(total), at_ms
            return True
        if said.metric == ORDINAL:
            ordinal = said.label("shard_ordinal")
            if ordinal.isascii() and ordinal.isdigit():
                self._heard[int(ordinal)].update(said.at_ms.tolist())
            return True
        return False

    def heard_to_ms(self, seen_ms: int) -> int:
        """Up to when all that were heard at all were, at most to when anything was."""
        if self._total < 2:
            return seen_ms
        heard = [at_ms for ordinal, at_ms in self._heard.items() if ordinal < self._total]
        return min([seen_ms, *map(max, heard)])

    def notes(self, name: str, calendar: Calendar, window: Period, hold_ms: int) -> Iterator[Note]:
        """A shard that was never heard stops; one that was silent for longer than `hold` is told:
        its pods are gone from what the others say."""
        for ordinal in range(self._total if self._total > 1 else 0):
            subject = f"{name} {ordinal}/{self._total}"
            if ordinal not in self._heard:
                detail = (
                    f"{name}: kube-state-metrics의 조각 {self._total}개 중 {ordinal}번이 한 번도"
                    " 들리지 않았습니다. 그 조각이 맡은 파드를 알 수 없습니다. 모든 조각을 모으고"
                    " 다시 수집하세요."
                )
                yield Note("fail", "silent_scheduler", subject, detail,
                           calendar.day_of(window.start_ms))  # fmt: skip
                continue
            inside = {ms for ms in self._heard[ordinal] if ms >= window.start_ms}
            for before, after in pairwise(sorted({window.start_ms, *inside, window.end_ms})):
                if after - before > hold_ms:
                    detail = (
                        f"{name}: {calendar.iso(before)}부터 {calendar.iso(after)}까지"
                        f" kube-state-metrics의 조각 {ordinal}번의 기록이 없습니다. 그 사이에"
                        " 사라진 파드는 마지막으로 보인 때까지만 셉니다."
                    )
                    day = calendar.day_of(before)
                    yield Note("warn", "silent_scheduler", subject, detail, day)
