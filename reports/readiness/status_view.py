"""How a site stands: its months, the coverage of each day, and what somebody has to look at."""

from collections.abc import Sequence
from datetime import date

from billing.adjust.restatement import restatements
from billing.close.decide_together import is_decided
from billing.ledger import ledger
from billing.ledger.adjustment_ledger import adjustments
from billing.ledger.month_history import MonthStep, steps
from billing.month.list_price import worth_krw
from billing.rulebook.rule_book import RuleBook, read_rulebook
from metering.calendar import HOUR_MS, month_of
from metering.database.decisions import acknowledgements
from metering.database.findings import findings
from metering.errors import Mistakes
from metering.finding import Finding
from metering.site.open_site import OpenSite
from reports.readiness.coverage import COMPLETE, MISSING, PROVISIONAL, WAIVED, Coverage, coverage
from reports.readiness.decisions_view import show_decided
from reports.readiness.next_steps import next_steps, show_next
from reports.terminal.adjustments_view import show_adjustments, show_restatements
from reports.terminal.rule_book_view import show_unused_rules
from reports.terminal.screen import Cell, Screen
from reports.wording.labels import MONTH_STATES, STEP_STATES


def show_status(screen: Screen, opened: OpenSite, month: str | None, every_finding: bool) -> None:
    """Months and their state, a mark for each section and day, and the findings."""
    with opened.database.read() as connection:
        states = ledger.month_states(connection)
        stored = findings(connection)
        decided = acknowledgements(connection)
        adjusted = adjustments(connection)
        passed = [step for step in steps(connection) if month in (None, step.month)]
    _months(screen, states)
    if month is not None or screen.as_json:
        _steps(screen, opened, passed)
    show_adjustments(screen, adjusted)
    restated = restatements(opened)
    show_restatements(screen, restated)
    book = _rules(screen, opened)
    show_unused_rules(screen, opened.site)
    shown = month or _newest(opened) or opened.site.first_month
    covered = coverage(opened, shown, book)
    _coverage(screen, shown, covered, len(opened.site.calendar.month_days(shown)))
    open_ones = [finding for finding in stored if not is_decided(finding, decided)]
    coming = next_steps(opened, states, open_ones, restated)
    if month is not None:
        open_ones = [finding for finding in open_ones if _concerns(finding, month)]
    worth = worth_krw(open_ones, book, opened.site.calendar) if book else {}
    if every_finding or screen.as_json:
        screen.findings(open_ones, worth, every=True)
        answered = [finding for finding in stored if is_decided(finding, decided)]
        answered = [f for f in answered if month is None or _concerns(f, month)]
        show_decided(screen, opened, answered, decided)
    else:
        screen.counts(open_ones, "내용과 번호: jeongsan status --findings", worth)
    show_next(screen, coming)


def _concerns(finding: Finding, month: str) -> bool:
    """Whether a finding is of the month, or of no day at all."""
    return finding.day is None or month_of(finding.day) == month


def _rules(screen: Screen, opened: OpenSite) -> RuleBook | None:
    """The rules by which worth is told; None, and a word of it, where they are wrong."""
    try:
        return read_rulebook(opened.site.rules)
    except Mistakes:
        screen.say("규칙에 잘못이 있어 금액은 셈하지 않았습니다 (jeongsan load)")
        return None


def _months(screen: Screen, states: Sequence[ledger.MonthState]) -> None:
    rows: list[tuple[Cell, ...]] = [
        (
            state.month,
            state.state if screen.as_json else MONTH_STATES[state.state],
            state.approved_by,
            str(state.issued_on) if state.issued_on else None,
        )
        for state in states
    ]
    columns = (("month", "월"), ("state", "상태"), ("by", "승인"), ("issued_on", "발행일"))
    screen.table("months", "월 마감", columns, rows)


def _steps(screen: Screen, opened: OpenSite, passed: Sequence[MonthStep]) -> None:
    """What months went through, by whom and when."""
    calendar = opened.site.calendar
    rows: list[tuple[Cell, ...]] = [
        (
            step.month,
            step.state if screen.as_json else STEP_STATES[step.state],
            step.by or None,
            None if step.at_ms is None else calendar.iso(step.at_ms)[:16].replace("T", " "),
            step.digest if screen.as_json else step.digest[:12],
        )
        for step in passed
    ]
    columns = (
        ("month", "월"), ("state", "상태"), ("by", "누가"), ("at", "언제"), ("draft", "초안 번호")
    )  # fmt: skip
    screen.table("steps", "마감 이력", columns, rows)


def _newest(opened: OpenSite) -> str | None:
    """The newest month with any usage."""
    days = [part["date"] for part in opened.lake.partitions("usage_day")]
    return month_of(date.fromisoformat(max(days))) if days else None


def _coverage(screen: Screen, month: str, sections: Sequence[Coverage], days: int) -> None:
    rows: list[tuple[Cell, ...]] = [
        (
            section.section,
            section.symbols,
            f"{section.symbols.count(COMPLETE)}/{days}",
            section.missing_ms // HOUR_MS if section.missing_ms else None,
            section.missing_krw if section.missing_ms else None,
        )
        for section in sections
    ]
    columns = (
        ("section", "구역"),
        ("days", f"1일 ~ {days}일"),
        ("complete", "완전한 날"),
        ("missing_hours", "빠진 시간"),
        ("missing_krw", "정가 추정 (원)"),
    )
    note = f"{COMPLETE} 완전  {PROVISIONAL} 바뀔 수 있음  {MISSING} 없음  {WAIVED} 넘긴 날"
    if any(section.missing_ms for section in sections):
        note += "\n정가 추정: 그 구역의 완전한 날 평균으로 셈한 빠진 시간의 정가"
    screen.table("coverage", f"{month} 적용 범위", columns, rows, note=note)
