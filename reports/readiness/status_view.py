"""How a site stands: its months, the coverage of each day, and what somebody has to look at."""

from collections.abc import Sequence
from datetime import date

from billing.adjust.restatement import restatements
from billing.ledger import ledger
from billing.ledger.adjustment_ledger import adjustments
from billing.ledger.month_history import MonthStep, steps
from billing.month.list_price import worth_krw
from billing.rulebook.rule_book import RuleBook, read_rulebook
from metering.database.decisions import acknowledgements
from metering.database.findings import findings
from metering.errors import Mistakes
from metering.period import HOUR_MS, month_of
from metering.site.open_site import OpenSite
from reports.readiness.coverage import COMPLETE, MISSING, PROVISIONAL, WAIVED, Coverage, coverage
from reports.readiness.next_steps import next_steps, show_next
from reports.terminal.adjustments_view import show_adjustments
from reports.terminal.results_view import show_restatements
from reports.terminal.screen import Cell, Screen

STATES = {"open": "열림", "draft": "초안", "approved": "승인", "issued": "발행"}


def show_status(screen: Screen, opened: OpenSite, month: str | None, every_finding: bool) -> None:
    """Months and their state, a mark for each section and day, and the findings."""
    with opened.database.read() as connection:
        states = ledger.month_states(connection)
        found = findings(connection)
        decided = acknowledgements(connection)
        adjusted = adjustments(connection)
        passed = [one for one in steps(connection) if month in (None, one.month)]
    _months(screen, states)
    if month is not None or screen.as_json:
        _steps(screen, opened, passed)
    show_adjustments(screen, adjusted)
    show_restatements(screen, restatements(opened))
    book = _rules(screen, opened)
    shown = month or _newest(opened) or opened.site.first_month
    covered = coverage(opened, shown, book)
    _coverage(screen, shown, covered, len(opened.site.calendar.month_days(shown)))
    open_ones = [
        one for one in found if one.key not in decided or not decided[one.key].answers(one)
    ]
    coming = next_steps(opened, states, open_ones)
    if month is not None:
        open_ones = [one for one in open_ones if one.day is None or month_of(one.day) == month]
    worth = worth_krw(open_ones, book, opened.site.calendar) if book else {}
    if every_finding or screen.as_json:
        screen.findings(open_ones, worth, every=True)
    else:
        screen.counts(open_ones, "내용과 번호: jeongsan status --findings", worth)
    show_next(screen, coming)


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
            one.month,
            one.state if screen.as_json else STATES[one.state],
            one.approved_by,
            str(one.issued_on) if one.issued_on else None,
        )
        for one in states
    ]
    columns = (("month", "월"), ("state", "상태"), ("by", "승인"), ("issued_on", "발행일"))
    screen.table("months", "월 마감", columns, rows)


def _steps(screen: Screen, opened: OpenSite, passed: Sequence[MonthStep]) -> None:
    """What months went through, by whom and when."""
    calendar = opened.site.calendar
    rows: list[tuple[Cell, ...]] = [
        (
            one.month,
            one.state if screen.as_json else STATES[one.state],
            one.by or None,
            None if one.at_ms is None else calendar.iso(one.at_ms)[:16].replace("T", " "),
            one.digest if screen.as_json else one.digest[:12],
        )
        for one in passed
    ]
    columns = (
        ("month", "월"), ("state", "상태"), ("by", "누가"), ("at", "언제"), ("draft", "초안 번호")
    )  # fmt: skip
    screen.table("steps", "마감 이력", columns, rows)


def _newest(opened: OpenSite) -> str | None:
    """The newest month with any usage."""
    days = [part["date"] for part in opened.lake.partitions("usage_day")]
    return month_of(date.fromisoformat(max(days))) if days else None


def _coverage(screen: Screen, month: str, found: Sequence[Coverage], days: int) -> None:
    rows: list[tuple[Cell, ...]] = [
        (
            one.section,
            one.marks,
            f"{one.marks.count(COMPLETE)}/{days}",
            one.missing_ms // HOUR_MS if one.missing_ms else None,
            one.missing_krw if one.missing_ms else None,
        )
        for one in found
    ]
    columns = (
        ("section", "구역"),
        ("days", f"1일 ~ {days}일"),
        ("complete", "완전한 날"),
        ("missing_hours", "빠진 시간"),
        ("missing_krw", "정가 추정 (원)"),
    )
    note = f"{COMPLETE} 완전  {PROVISIONAL} 바뀔 수 있음  {MISSING} 없음  {WAIVED} 넘긴 날"
    if any(one.missing_ms for one in found):
        note += "\n정가 추정: 그 구역의 완전한 날 평균으로 셈한 빠진 시간의 정가"
    screen.table("coverage", f"{month} 적용 범위", columns, rows, note=note)
