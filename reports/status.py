"""How a site stands: its months, the coverage of each day, and what somebody has to look at."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from billing import ledger
from metering.finding import Finding
from metering.findings import acknowledgements, findings, waived_days
from metering.opened import OpenSite
from metering.period import month_of
from metering.watermark import watermarks
from reports.console import Cell, Screen

STATES = {"open": "열림", "draft": "초안", "approved": "승인", "issued": "발행"}
COMPLETE, PROVISIONAL, MISSING, WAIVED = "●", "◐", "·", "–"


def show_status(screen: Screen, opened: OpenSite, month: str | None, every_finding: bool) -> None:
    """Months and their state, a mark for each section and day, and the findings."""
    with opened.database.read() as connection:
        states = ledger.month_states(connection)
        found = findings(connection)
        decided = acknowledgements(connection)
        waived = {(one.cluster, one.day) for one in waived_days(connection)}
        reached = {
            section.name: watermarks(connection, section.name)
            for section in (*opened.site.clusters, *opened.site.stores)
        }
    rows: list[tuple[Cell, ...]] = [
        (one.month, STATES[one.state], one.approved_by, str(one.issued_on or "-")) for one in states
    ]
    columns = (("month", "월"), ("state", "상태"), ("by", "승인"), ("issued_on", "발행일"))
    screen.table("months", "월 마감", columns, rows)
    usage = _usage_days(opened)
    shown = month or _newest(usage) or opened.site.first_month
    complete = {name: min(marks.values(), default=0) for name, marks in reached.items()}
    _coverage(screen, opened, shown, usage, complete, waived)
    open_ones = [one for one in found if one.key not in decided]
    if month is not None:
        open_ones = [one for one in open_ones if one.day is None or month_of(one.day) == month]
    if every_finding:
        screen.findings(open_ones)
    else:
        _counts(screen, open_ones)


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
    screen.table("coverage", f"{month} 적용 범위", columns, rows)
    screen.say(f"  {COMPLETE} 완전  {PROVISIONAL} 바뀔 수 있음  {MISSING} 없음  {WAIVED} 넘긴 날")


def _counts(screen: Screen, found: Sequence[Finding]) -> None:
    counts = Counter((one.severity, one.kind, one.cluster) for one in found)
    level = {"fail": "중단", "warn": "주의"}
    rows: list[tuple[Cell, ...]] = [
        (level[severity], kind, cluster or "-", count)
        for (severity, kind, cluster), count in sorted(counts.items())
    ]
    columns = (("severity", "수준"), ("kind", "종류"), ("cluster", "구역"), ("count", "건"))
    screen.table("findings", f"확인할 사항 {len(found)}건", columns, rows)
