"""How a site stands: its months, the coverage of each day, and what somebody has to look at."""

from collections.abc import Sequence
from datetime import date

from billing import ledger
from billing.restatement import restatements
from billing.rulebook import read_rulebook
from billing.worth import worth_krw
from metering.errors import Mistakes
from metering.finding import Finding
from metering.findings import acknowledgements, findings, waived_days
from metering.opened import OpenSite
from metering.period import month_of
from metering.watermark import complete_to_ms, watermarks
from reports.console import Cell, Screen
from reports.showing import show_restatements

STATES = {"open": "열림", "draft": "초안", "approved": "승인", "issued": "발행"}
COMPLETE, PROVISIONAL, MISSING, WAIVED = "●", "◐", "·", "–"


def show_status(screen: Screen, opened: OpenSite, month: str | None, every_finding: bool) -> None:
    """Months and their state, a mark for each section and day, and the findings."""
    with opened.database.read() as connection:
        states = ledger.month_states(connection)
        found = findings(connection)
        decided = acknowledgements(connection)
        waived = {(one.cluster, one.day) for one in waived_days(connection)}
        complete = {
            section.name: complete_to_ms(section, watermarks(connection, section.name))
            for section in (*opened.site.clusters, *opened.site.stores)
        }
    _months(screen, states)
    show_restatements(screen, restatements(opened))
    usage = _usage_days(opened)
    shown = month or _newest(usage) or opened.site.first_month
    _coverage(screen, opened, shown, usage, complete, waived)
    open_ones = [
        one for one in found if one.key not in decided or not decided[one.key].answers(one)
    ]
    if month is not None:
        open_ones = [one for one in open_ones if one.day is None or month_of(one.day) == month]
    worth = _worth(screen, opened, open_ones)
    if every_finding or screen.as_json:
        screen.findings(open_ones, worth, every=True)
    else:
        screen.counts(open_ones, "내용과 번호: jeongsan status --findings", worth)


def _worth(screen: Screen, opened: OpenSite, found: Sequence[Finding]) -> dict[str, int]:
    """What the findings may be worth; nothing, and a word of it, where the rules are wrong."""
    if not any(one.stake for one in found):
        return {}
    try:
        book = read_rulebook(opened.site.rules)
    except Mistakes:
        screen.say("규칙에 잘못이 있어 금액은 셈하지 않았습니다 (jeongsan load)")
        return {}
    return worth_krw(found, book, opened.site.calendar)


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


def _usage_days(opened: OpenSite) -> dict[tuple[str, date], str]:
    chosen = opened.lake.select("usage_day")
    return {
        (made.partition["cluster"], date.fromisoformat(made.partition["date"])): made.row_digest
        for made in chosen.manifests
    }


def _newest(usage: dict[tuple[str, date], str]) -> str | None:
    days = [day for _, day in usage]
    return month_of(max(days)) if days else None


def _coverage(
    screen: Screen,
    opened: OpenSite,
    month: str,
    usage: dict[tuple[str, date], str],
    complete_to: dict[str, int],
    waived: set[tuple[str, date]],
) -> None:
    calendar = opened.site.calendar
    days = calendar.month_days(month)
    rows: list[tuple[Cell, ...]] = []
    for section in (*opened.site.clusters, *opened.site.stores):
        marks = ""
        for day in days:
            if (section.name, day) in waived:
                marks += WAIVED
            elif (section.name, day) not in usage:
                marks += MISSING
            elif calendar.day(day).end_ms > complete_to[section.name]:
                marks += PROVISIONAL
            else:
                marks += COMPLETE
        rows.append((section.name, marks, f"{marks.count(COMPLETE)}/{len(days)}"))
    columns = (("section", "구역"), ("days", f"1일 ~ {len(days)}일"), ("complete", "완전한 날"))
    note = f"{COMPLETE} 완전  {PROVISIONAL} 바뀔 수 있음  {MISSING} 없음  {WAIVED} 넘긴 날"
    screen.table("coverage", f"{month} 적용 범위", columns, rows, note=note)
