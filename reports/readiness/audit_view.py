"""The audit trail in the terminal: every decision, who made it, from which login, when and why."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from billing.close.issue_date import Lateness
from billing.draft.draft import Draft
from billing.ledger.month_history import MonthStep
from metering.calendar import Calendar
from metering.database.audit_trail import Act, AuditEntry
from metering.site.open_site import OpenSite
from reports.terminal.screen import Cell, Screen

ACTS: Final[Mapping[Act, str]] = {
    "load": "등록부 저장",
    "rules": "규칙집 적용",
    "acknowledge": "확인할 사항 결정",
    "waive": "빠진 날 넘김",
    "withdraw": "철회",
    "draft": "초안",
    "approve": "승인",
    "issue": "발행",
    "look": "정정 살펴봄",
    "adjust": "정정 발행",
    "fund": "지원금 기록",
    "file": "정산 제출",
    "pay": "입금 들임",
    "line": "거래내역 줄 처리",
    "match": "입금 처리",
    "credit": "돌려줄 돈 처리",
    "chain": "이력의 사슬을 이음",
}
COLUMNS = (
    ("at", "언제"),
    ("act", "무엇"),
    ("month", "월"),
    ("subject", "대상"),
    ("by", "누가"),
    ("account", "계정"),
    ("reason", "사유"),
    ("digest", "번호"),
)


def show_audit(screen: Screen, calendar: Calendar, entries: Iterable[AuditEntry]) -> None:
    """One list, oldest first; instants are of the site's clock, '-' where nobody wrote one down."""
    rows: list[tuple[Cell, ...]] = [
        (
            at_text(calendar, entry.who.at_ms, whole=screen.as_json),
            entry.act if screen.as_json else ACTS[entry.act],
            entry.month,
            entry.subject or None,
            entry.who.by or None,
            entry.who.account or None,
            entry.reason or None,
            entry.digest if screen.as_json or entry.digest is None else entry.digest[:12],
        )
        for entry in entries
    ]
    screen.table("audit", f"결정 {len(rows):,}건", COLUMNS, rows)


def show_approved(
    screen: Screen, opened: OpenSite, draft: Draft, before: MonthStep | None, by: str
) -> None:
    """That a draft is approved; of one that was approved before, who did that and when."""
    earlier = before is not None and before.digest == draft.digest
    screen.fact("approved", draft.digest, None if earlier else f"{draft.month} 승인 ({by})")
    screen.fact("approved_by", before.by if earlier and before else by, "승인한 사람")
    if screen.as_json:
        screen.fact("again", earlier)
    elif earlier and before:
        at = at_text(opened.site.calendar, before.at_ms)
        login = f", {before.account}" if before.account else ""
        screen.say(f"이미 승인한 초안입니다: {before.by}{login}{f', {at}' if at else ''}")


def late_question(late: Lateness) -> str:
    """What somebody is asked who would issue after the last day, with what it may cost."""
    text = f"{late.month} 세금계산서의 발급 기한은 {late.deadline} 입니다. {late.on} 에 발행하면 "
    if late.issuer_krw is None:
        return f"{text}가산세가 있을 수 있습니다. 발행합니까?"
    buyer = "" if late.buyer_krw is None else f", 받는 기업은 {late.buyer_krw:,}원"
    return (
        f"{text}공급가액 {late.supply_krw:,}원에 대한 가산세를 센터는 {late.issuer_krw:,}원{buyer}"
        "까지 낼 수 있습니다. 발행합니까?"
    )


def deadline_text(deadline: date, late: Lateness | None) -> str:
    """The last day for tax invoices, and what it may cost to issue them a day later."""
    if late is None or late.issuer_krw is None:
        return f"세금계산서 발급 기한: {deadline}"
    buyer = "" if late.buyer_krw is None else f", 받는 기업 {late.buyer_krw:,}원"
    return f"세금계산서 발급 기한: {deadline} (넘기면 가산세: 센터 {late.issuer_krw:,}원{buyer})"


def at_text(calendar: Calendar, at_ms: int | None, whole: bool = False) -> str | None:
    """An instant on the site's clock; None where nobody wrote it down."""
    if at_ms is None:
        return None
    text = calendar.iso(at_ms)
    return text if whole else text[:16].replace("T", " ")
