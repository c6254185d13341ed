"""What landing found odd: counted by kind, day and subject, told in Korean."""

from dataclasses import dataclass, field
from datetime import date

from metering.finding import Finding

DETAILS = {
    "unregistered_device": "등록되지 않은 장비의 표본 {count:,}건을 받지 않았습니다. "
    "장비 대장에 등록한 뒤 다시 수집하십시오.",
    "quarantined_samples": "표본 {count:,}건을 격리했습니다({reason}).",
    "differing_copies": "같은 시각의 표본 {count:,}건이 서로 달라 항목마다 큰 값을 택했습니다.",
    "clock_step_back": "시각이 {count:,}번 뒤로 갔습니다. 표본은 시각 순서로 정렬했습니다.",
    "impossible_counter": "불가능한 전력량 계수 {count:,}건을 쓰지 않고 직전 값을 유지했습니다.",
    "counter_reset": "전력량 계수가 {count:,}번 초기화되어 새 값부터 다시 셌습니다.",
    "unusable_cycles": "사이클 계수가 {count:,}번 줄었거나, 일한 사이클이 전체보다 많이 늘어 "
    "그 구간은 수집기의 가동률을 썼습니다.",
    "power_limit_unknown": "장비 {count:,}대의 전력 한도를 몰라 전력량 계수의 상승을 검사하지 "
    "못했습니다. 장비 대장에 power_limit_w를 적으십시오.",
    "slice_energy": "분할 장비에 복사된 전력 값 {count:,}건을 쓰지 않았습니다. "
    "전력은 보드의 값입니다.",
    "other_model": "수집기는 표본 {count:,}건에서 모델을 {said}, "
    "장비 대장은 {own}(으)로 적었습니다.",
}
# Counted over all of a day whenever any of it lands: a later count holds the earlier one.
DAY_TOTALS = frozenset({"counter_reset", "impossible_counter", "unusable_cycles"})
REASONS = {
    "clock": "수집 기간보다 이르거나 수집 시각보다 1분 넘게 늦은 시각",
    "range": "범위를 벗어난 값",
}


@dataclass(slots=True)
class Anomalies:
    """Counts of what was odd in one cluster; `day` is for what belongs to no other day."""

    cluster: str
    day: date | None
    _counts: dict[tuple[str, date | None, str], int] = field(default_factory=dict)
    _words: dict[tuple[str, date | None, str], dict[str, str]] = field(default_factory=dict)

    def count(self, kind: str, day: date | None, subject: str, count: int, **words: str) -> None:
        """Add to the count of a kind on a day (the landing's own where None) and subject."""
        if count:
            key = (kind, day or self.day, subject)
            self._counts[key] = self._counts.get(key, 0) + count
            self._words[key] = words

    def take(self, later: "Anomalies") -> None:
        """Take in what a later landing of the same source counted."""
        for key, count in later._counts.items():
            before = self._counts.get(key, 0)
            total = key[0] in DAY_TOTALS or key[0] == "power_limit_unknown"
            self._counts[key] = max(before, count) if total else before + count
            self._words[key] = later._words[key]

    def findings(self) -> tuple[Finding, ...]:
        """One finding a kind, day and subject, in that order."""
        findings = []
        for key in sorted(self._counts, key=lambda k: (k[0], k[1] or date.min, k[2])):
            kind, day, subject = key
            words = {"reason": REASONS.get(subject, subject), **self._words[key]}
            detail = DETAILS[kind].format(count=self._counts[key], **words)
            findings.append(Finding("warn", kind, "collect", self.cluster, day, subject, detail))
        return tuple(findings)
