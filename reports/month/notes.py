"""The sentences of a report on what its figures leave open: decisions, gaps, estimates."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from billing.records import Usage
from metering.database.decisions import Acknowledgement, WaivedDay
from metering.finding import Finding
from metering.printed_letters import spelled
from metering.registry.registry import SetAside
from reports.wording.labels import EFFECTS
from reports.wording.numbers_and_dates import DEVICE_US_OF_HOUR, number
from reports.wording.shown_text import korean

LISTED = 10  # of a kind, by name


def notes_of(
    usages: Sequence[Usage],
    findings: Sequence[Finding],
    acknowledged: Sequence[Acknowledgement],
    waived: Sequence[WaivedDay],
    set_asides: Sequence[SetAside],
) -> tuple[str, ...]:
    """The month's notes in Korean, in a fixed order; none where there is nothing to say."""
    by_key = {finding.key: finding for finding in findings}
    notes = [
        f"{waiver.day.month}. {waiver.day.day}. {waiver.cluster}: 자료가 완전하지 않은 채 마감"
        f" (사유: {waiver.reason}, 확인: {waiver.by})"
        for waiver in waived[:LISTED]
    ]
    notes += _more("자료가 완전하지 않은 채 마감한 날", waived)
    notes += [
        _acknowledged(decision, by_key.get(decision.finding_key))
        for decision in acknowledged[:LISTED]
    ]
    notes += _more("사람이 확인한 사항", acknowledged)
    notes += [
        f"청구하지 않는 계정 {account.source}/{spelled(account.account)}"
        f" (사유: {account.reason}, 확인: {account.by})"
        for account in set_asides[:LISTED]
    ]
    notes += _more("청구하지 않는 계정", set_asides)
    for label, rows in (
        (
            "끝을 아무도 알려 주지 않았거나 장치의 이름표로 셈한 것이 든 배정 시간(추정)",
            [u for u in usages if u.estimated],
        ),
        ("아직 바뀔 수 있는 배정 시간", [u for u in usages if u.provisional]),
    ):
        hours = _hours(rows)
        if hours:
            notes.append(f"{label}: {number(hours, 1)} 장·시간")
    warned = sum(1 for finding in findings if finding.severity == "warn")
    if warned:
        notes.append(f"그 밖에 기록된 참고 사항: {warned:,}건")
    return tuple(notes)


def _acknowledged(decision: Acknowledgement, finding: Finding | None) -> str:
    what = spelled(korean(finding.detail)) if finding else decision.finding_key
    return (
        f"확인 후 {EFFECTS[decision.effect]}: {what} (사유: {decision.reason}, 확인: {decision.by})"
    )


def _more(label: str, rows: Sequence[object]) -> list[str]:
    rest = len(rows) - LISTED
    return [f"{label} 외 {rest:,}건"] if rest > 0 else []


def _hours(rows: Iterable[Usage]) -> Fraction:
    total = sum(usage.quantity for usage in rows if usage.unit == "device_us")
    return Fraction(total, DEVICE_US_OF_HOUR)
