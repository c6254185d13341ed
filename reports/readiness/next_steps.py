"""What there is to do next: which documents are missing, where an issued month may have to be
corrected, and what keeps the next month from its issue; each with the command to run."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from billing.adjust.restatement import Restatement
from billing.adjust.stale_months import StaleMonth, Why, draft_is_old, due, gaps
from billing.ledger.ledger import MonthState
from metering.calendar import month_first_day, month_last_day, month_of, next_month
from metering.errors import JeongsanError
from metering.finding import Finding
from metering.site.open_site import OpenSite
from metering.usage.outdated_days import outdated
from reports.layout.file_names import drawing_command
from reports.readiness.coverage import PROVISIONAL, coverage
from reports.readiness.missing_documents import (
    listed,
    missing_documents,
    record_is_old,
    with_statements,
)
from reports.terminal.screen import Cell, Screen

SHOWN = 4
WHY: Mapping[Why, str] = {
    "late": "다시 계량할 날",
    "usage": "늦게 달라진 사용량",
    "registry": "달라진 협약·기업 정보",
    "rule": "달라진 규칙",
    "decision": "다시 내린 결정",
}
COLUMNS = (("month", "월"), ("what", "무엇"), ("command", "다음 명령"))


@dataclass(frozen=True, slots=True)
class NextStep:
    """What stands in the way or is due, of which month, and the command to run."""

    month: str
    what: str
    command: str


def next_steps(
    opened: OpenSite,
    states: Sequence[MonthState],
    left: Collection[Finding],
    restated: Sequence[Restatement] | None = None,
) -> list[NextStep]:
    """Documents to draw, corrections that may be due, then the next month to be closed. `left` are
    the findings that nobody decided about, `restated` the restatements where they are known."""
    try:
        opened.registry  # noqa: B018
    except JeongsanError:
        return [NextStep("", "저장한 등록부가 없음", "jeongsan load")]
    return [*_undrawn(opened), *_corrections(due(opened, restated)), *_close(opened, states, left)]


def _undrawn(opened: OpenSite) -> Iterator[NextStep]:
    """Issued months whose documents are not all there, and the record of adjustments."""
    missing = missing_documents(opened)
    for month, paths in missing.items():
        what = f"발행한 문서 가운데 없는 것 {listed(paths)}"
        yield NextStep(month, what, drawing_command(month, with_statements(paths)))
    last = record_is_old(opened)
    if last and last not in missing:
        what = "정정 기록(recalculations.yaml)이 원장과 다름"
        yield NextStep(last, what, f"jeongsan report {last}")


def _corrections(stale: Sequence[StaleMonth]) -> Iterator[NextStep]:
    for why, text in WHY.items():
        of = [month for month in stale if month.why == why]
        if not of:
            continue
        first, last = of[0].month, of[-1].month
        months = first if first == last else f"{first} ~ {last}"
        what = sorted({name for month in of for name in month.what})
        command = f"jeongsan adjust {first}"
        if why == "late":
            command = f"jeongsan meter {what[0]}..{what[-1]}"
        yield NextStep(months, f"발행한 달: {text}: {_listed(what)}", command)


def _close(
    opened: OpenSite, states: Sequence[MonthState], left: Collection[Finding]
) -> Iterator[NextStep]:
    """What keeps the first month that is not issued from its next state."""
    by_month = {state.month: state for state in states}
    month = opened.site.first_month
    while month in by_month and by_month[month].state == "issued":
        month = next_month(month)
    days = [date.fromisoformat(part["date"]) for part in opened.lake.partitions("usage_day")]
    if not any(month_of(day) == month for day in days):
        return
    state = by_month.get(month, MonthState(month, "open")).state
    ways = list(_in_the_way(opened, month, left))
    yield from ways
    if ways:
        return
    if state in ("draft", "approved") and draft_is_old(opened, month):
        yield NextStep(month, "초안을 만든 뒤 자료가 달라짐", f"jeongsan draft {month}")
    elif state == "open":
        yield NextStep(month, "초안을 만들 수 있음", f"jeongsan draft {month}")
    elif state == "draft":
        yield NextStep(month, "초안을 승인할 수 있음", f"jeongsan approve {month} --by 이름")
    else:
        yield NextStep(month, "승인됨, 발행할 수 있음", f"jeongsan issue {month}")


def _in_the_way(opened: OpenSite, month: str, left: Collection[Finding]) -> Iterator[NextStep]:
    if missing := [f"{name} {day}" for name, day in gaps(opened, month)]:
        command = f"jeongsan meter {month_first_day(month)}..{month_last_day(month)}"
        yield NextStep(month, f"사용량이 없는 날 {len(missing):,}: {_listed(missing)}", command)
    symbols = {section.section: section.symbols for section in coverage(opened, month, None)}
    days = [
        f"{name} {month}-{at:02d}"
        for name, of in symbols.items()
        for at, number in enumerate(of, start=1)
        if number == PROVISIONAL
    ]
    if days:
        what = f"아직 바뀔 수 있는 날 {len(days):,}: {_listed(days)}"
        yield NextStep(month, what, "jeongsan collect --complete-to 시각")
    if stale := outdated(opened, month_first_day(month), month_last_day(month)):
        days = sorted({str(day) for _, day in stale})
        yield NextStep(
            month, f"다시 계량할 날 {len(days):,}", f"jeongsan meter {days[0]}..{days[-1]}"
        )
    fails = [finding for finding in left if finding.severity == "fail" and _of(finding, month)]
    if fails:
        command = f"jeongsan status --month {month} --findings"
        yield NextStep(month, f"결정할 중단 사항 {len(fails):,}건", command)


def _of(finding: Finding, month: str) -> bool:
    return finding.day is not None and month_of(finding.day) == month


def _listed(names: Sequence[str]) -> str:
    more = f" 외 {len(names) - SHOWN:,}" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def show_next(screen: Screen, steps: Sequence[NextStep]) -> None:
    """The table of steps; nothing where there is none."""
    if not steps and not screen.as_json:
        return
    rows: list[tuple[Cell, ...]] = [(step.month, step.what, step.command) for step in steps]
    screen.table("next", "다음 할 일", COLUMNS, rows)
