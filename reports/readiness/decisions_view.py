"""What people decided about findings, and what a decision about several would cover."""

from collections.abc import Iterable, Mapping

from billing.close.decide_together import Covered
from billing.month.list_price import worth_krw
from billing.rulebook.rule_book import read_rulebook
from metering.database.decisions import Acknowledgement, decided_at
from metering.errors import Mistakes
from metering.finding import Finding
from metering.repeated_findings import RepeatedFinding, by_cause
from metering.site.open_site import OpenSite
from reports.terminal.finding_lines import days_text
from reports.terminal.screen import Cell, Screen
from reports.wording.finding_titles import kind_text
from reports.wording.labels import EFFECTS

COLUMNS = (
    ("kind", "종류"),
    ("cluster", "구역"),
    ("days", "날"),
    ("subject", "대상"),
    ("effect", "결정"),
    ("by", "누가"),
    ("at", "언제"),
    ("reason", "사유"),
)


def show_covered(screen: Screen, opened: OpenSite, covered: Covered) -> None:
    """Every finding that would be decided, by cause with its worth; how many are decided already
    and stay as they are."""
    try:
        book = read_rulebook(opened.site.rules)
    except Mistakes:
        worth: Mapping[str, int] = {}
    else:
        worth = worth_krw(covered.open, book, opened.site.calendar)
    screen.findings(covered.open, worth, every=True)
    if screen.as_json:
        screen.fact("decided_before", [finding.key for finding in covered.decided])
    elif covered.decided:
        screen.say(f"이미 결정한 {len(covered.decided):,}건은 그대로 둡니다")


def show_decided(
    screen: Screen,
    opened: OpenSite,
    findings: Iterable[Finding],
    answers: Mapping[str, Acknowledgement],
) -> None:
    """Findings as people answered them, by cause and answer; nothing where there is none."""
    with opened.database.read() as connection:
        instants = decided_at(connection)
    of: dict[tuple[str, str, str, str], list[Finding]] = {}
    for finding in findings:
        answer, at_ms = answers[finding.key], instants[finding.key]
        at = "" if at_ms is None else opened.site.calendar.iso(at_ms)[:16].replace("T", " ")
        of.setdefault((answer.effect, answer.by, at, answer.reason), []).append(finding)
    rows = [_row(screen, cause, *answer) for answer, own in of.items() for cause in by_cause(own)]
    if rows or screen.as_json:
        rows.sort(key=lambda row: [str(cell) for cell in row])
        screen.table("decided", "결정한 사항", COLUMNS, rows)


def _row(
    screen: Screen, cause: RepeatedFinding, effect: str, by: str, at: str, reason: str
) -> tuple[Cell, ...]:
    first = cause.first
    if screen.as_json:
        return (
            first.kind,
            first.cluster,
            cause.span,
            first.subject,
            effect,
            by,
            at or None,
            reason,
        )
    shown = (kind_text(first.kind), first.cluster, days_text(cause), first.subject)
    return (*shown, EFFECTS[effect], by, at or None, reason)
