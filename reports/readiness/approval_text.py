"""What an approver reads in Airflow before approving: the month's sums, what is open, what moved,
what is on no invoice. Every list is bounded: the largest, then how many more."""

from collections import Counter
from collections.abc import Sequence

from billing.close.draft_history import Redraft
from billing.close.unbilled import Why
from metering.calendar import HOUR_MS
from metering.repeated_findings import RepeatedFinding, by_cause
from reports.readiness.coverage import COMPLETE
from reports.readiness.readiness import WHY, DraftReadiness, hours
from reports.readiness.redraft_view import DRAFT_CAUSES, redraft_rows
from reports.terminal.finding_lines import days_text, worth_of
from reports.wording.finding_titles import kind_text
from reports.wording.shown_text import korean

SHOWN = 30
LARGEST = 10
DETAIL = 200  # letters of a finding's text; all of it is in `jeongsan status --findings`


def approval_text(ready: DraftReadiness, deadline: str = "") -> str:
    """The draft as Markdown, for Airflow's Required Actions; `deadline` says until when to issue
    it."""
    draft = ready.draft
    invoices = draft.closing.invoices
    sums = {
        "정가": sum(invoice.charge_krw for invoice in invoices),
        "지원": sum(invoice.subsidy_krw for invoice in invoices),
        "자부담": sum(invoice.company_krw for invoice in invoices),
        "부가세": sum(invoice.vat_krw for invoice in invoices),
        "청구액": sum(invoice.payable_krw for invoice in invoices),
    }
    lines = [f"## {draft.month} 정산 초안", ""]
    lines += [f"- {name}: {krw:,}원" for name, krw in sums.items()]
    lines += [f"- 청구서: {len(invoices)}건", f"- 초안 번호: `{draft.digest}`"]
    lines += [f"- {deadline}", ""] if deadline else [""]
    blocking = [_blocking(cause) for cause in by_cause(draft.blocking)]
    lines += _section("승인을 막는 사항", _first(blocking, SHOWN, "건"))
    days = [f"- {_plain(cluster)} {day}" for cluster, day in draft.provisional]
    lines += _section("아직 바뀔 수 있는 날", _first(days, SHOWN, "일"))
    lines += _section("적용 범위", _first(_coverage(ready), SHOWN, "구역"))
    lines += _section("열린 발견 사항", _open(ready))
    lines += _section("지난 초안과 달라진 것", _redraft(ready.redraft))
    lines += _section("지난달보다 크게 달라진 청구", _first(_moved(ready), LARGEST, "곳"))
    lines += _section("청구되지 않은 장비 시간", _unbilled(ready))
    lines += _section("청구서가 없는 기업", _without(ready))
    lines += ["### 청구서", "", "| 기업 | 정가 | 지원 | 자부담 | 청구액 |", "|---|--:|--:|--:|--:|"]
    largest = sorted(invoices, key=lambda i: (-i.payable_krw, i.company_id, i.tax_class))
    table = [
        f"| {_plain(i.company.name)} | {i.charge_krw:,} | {i.subsidy_krw:,} "
        f"| {i.company_krw:,} | {i.payable_krw:,} |"
        for i in largest
    ]
    lines += table[:SHOWN]
    if len(table) > SHOWN:
        rest = sum(i.payable_krw for i in largest[SHOWN:])
        lines += ["", f"그 밖에 {len(table) - SHOWN:,}건, 청구액 {rest:,}원"]
    return "\n".join(lines) + "\n"


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [f"### {title}", "", *lines, ""] if lines else []


def _first(lines: Sequence[str], most: int, noun: str) -> list[str]:
    more = [f"- 그 밖에 {len(lines) - most:,}{noun}"] if len(lines) > most else []
    return [*lines[:most], *more]


def _coverage(ready: DraftReadiness) -> list[str]:
    lines = []
    for section in ready.covered:
        text = (
            f"- {_plain(section.section)}: 완전한 날 {section.symbols.count(COMPLETE)}/{ready.days}"
        )
        if section.missing_ms:
            krw = "" if section.missing_krw is None else f" (정가 추정 {section.missing_krw:,}원)"
            text += f", 빠진 시간 {section.missing_ms // HOUR_MS:,}시간{krw}"
        lines.append(text)
    return lines


def _open(ready: DraftReadiness) -> list[str]:
    """How many causes of each kind, with what those may be worth that have a worth; then the
    largest."""
    causes = by_cause(ready.open)
    krw = {cause.first.key: worth_of(cause, ready.worth_krw) or 0 for cause in causes}
    counts = Counter(cause.first.kind for cause in causes)
    worth: Counter[str] = Counter()
    for cause in causes:
        worth[cause.first.kind] += krw[cause.first.key]
    lines = [
        f"- {_plain(kind_text(kind))}: {count}건"
        + (f" (정가로 {worth[kind]:,}원)" if worth[kind] else "")
        for kind, count in sorted(counts.items())
    ]
    dear = sorted((c for c in causes if krw[c.first.key]), key=lambda c: -krw[c.first.key])
    if dear:
        lines += ["", "금액이 큰 것:", ""]
        lines += _first(
            [
                f"- {krw[cause.first.key]:,}원: {_number(cause)}"
                f"{_plain(kind_text(cause.first.kind))} {_plain(_place(cause))}"
                for cause in dear
            ],
            LARGEST,
            "건",
        )
    return lines


def _blocking(cause: RepeatedFinding) -> str:
    """What stops the month: by its number where it is of one day, else by its days."""
    where = "" if cause.days == 1 else f" {_plain(_place(cause))}"
    kind = _plain(kind_text(cause.first.kind))
    return f"- {_number(cause)}{kind}{where}: {_plain(_short(korean(cause.first.detail)))}"


def _number(cause: RepeatedFinding) -> str:
    return f"`{cause.first.key}` " if cause.days == 1 else ""


def _place(cause: RepeatedFinding) -> str:
    parts = (cause.first.cluster, days_text(cause), cause.first.subject)
    return " ".join(part for part in parts if part)


def _redraft(change: Redraft | str | None) -> list[str]:
    if change is None or isinstance(change, str):
        return [_plain(change)] if change else []
    table = redraft_rows(change.moved)
    lines = [
        f"| {_plain(row.company)} | {DRAFT_CAUSES[row.cause]} | "
        + " | ".join(f"{k:,}" for k in row.krw)
        + " |"
        for row in table[:SHOWN]
    ]
    head = ["| 기업 | 원인 | 정가 | 지원 | 자부담 | 부가세 |", "|---|---|--:|--:|--:|--:|"]
    more = ["", f"그 밖에 {len(table) - SHOWN:,}줄"] if len(table) > SHOWN else []
    return [*head, *lines, *more] if lines else ["금액은 같습니다."]


def _moved(ready: DraftReadiness) -> list[str]:
    return [
        f"- {_plain(company.company)}: {company.before_krw:,} → {company.now_krw:,}원"
        f" ({company.more_krw:+,}원)"
        for company in ready.steps or ()
    ]


def _unbilled(ready: DraftReadiness) -> list[str]:
    sums: Counter[Why] = Counter()
    for unbilled in ready.unbilled:
        sums[unbilled.why] += unbilled.held_us
    lines = [f"- {WHY[why]}: {hours(us)} 장비시간" for why, us in sums.most_common()]
    if lines:
        listed = [
            f"- {_plain(unbilled.who)}: {hours(unbilled.held_us)} 장비시간, {WHY[unbilled.why]}"
            for unbilled in ready.unbilled
        ]
        lines += ["", "큰 것부터:", "", *_first(listed, LARGEST, "건")]
    return lines


def _without(ready: DraftReadiness) -> list[str]:
    listed = [
        f"- {_plain(company.name)}: {WHY[company.why]}, {hours(company.held_us)} 장비시간"
        for company in ready.without
    ]
    return _first(listed, LARGEST, "곳")


def _short(text: str) -> str:
    return text if len(text) <= DETAIL else f"{text[:DETAIL]}…"


def _plain(text: str) -> str:
    """Text that Markdown takes as it is; names come from outside."""
    return "".join("\\" + mark if mark in "\\`*_{}[]()#+|<>!~&" else mark for mark in text)
