"""What an approver reads in Airflow before approving: the month's sums, what is open, what moved,
what is on no invoice. Every list is bounded: the largest, then how many more."""

from collections import Counter
from collections.abc import Sequence

from billing.close.draft_history import Redraft
from billing.close.unbilled import Why
from metering.finding import Finding
from metering.period import HOUR_MS
from reports.readiness.coverage import COMPLETE
from reports.readiness.readiness import WHY, Ready, hours
from reports.readiness.redraft_view import CAUSES, rows
from reports.wording.finding_titles import kind_text

SHOWN = 30
LARGEST = 10
DETAIL = 200  # letters of a finding's text; all of it is in `jeongsan status --findings`


def readiness(found: Ready) -> str:
    """The draft as Markdown, for Airflow's Required Actions."""
    made = found.made
    invoices = made.closing.invoices
    sums = {
        "정가": sum(invoice.charge_krw for invoice in invoices),
        "지원": sum(invoice.subsidy_krw for invoice in invoices),
        "자부담": sum(invoice.company_krw for invoice in invoices),
        "부가세": sum(invoice.vat_krw for invoice in invoices),
        "청구액": sum(invoice.payable_krw for invoice in invoices),
    }
    lines = [f"## {made.month} 정산 초안", ""]
    lines += [f"- {name}: {krw:,}원" for name, krw in sums.items()]
    lines += [f"- 청구서: {len(invoices)}건", f"- 초안 번호: `{made.digest}`", ""]
    blocking = [
        f"- `{one.key}` {_plain(kind_text(one.kind))}: {_plain(_short(one.detail))}"
        for one in made.blocking
    ]
    lines += _section("승인을 막는 사항", _first(blocking, SHOWN, "건"))
    days = [f"- {_plain(cluster)} {day}" for cluster, day in made.provisional]
    lines += _section("아직 바뀔 수 있는 날", _first(days, SHOWN, "일"))
    lines += _section("적용 범위", _first(_coverage(found), SHOWN, "구역"))
    lines += _section("열린 발견 사항", _open(found))
    lines += _section("지난 초안과 달라진 것", _redraft(found.redraft))
    lines += _section("지난달보다 크게 달라진 청구", _first(_moved(found), LARGEST, "곳"))
    lines += _section("청구되지 않은 장비 시간", _unbilled(found))
    lines += _section("청구서가 없는 기업", _without(found))
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


def _coverage(found: Ready) -> list[str]:
    lines = []
    for one in found.covered:
        text = f"- {_plain(one.section)}: 완전한 날 {one.marks.count(COMPLETE)}/{found.days}"
        if one.missing_ms:
            krw = "" if one.missing_krw is None else f" (정가 추정 {one.missing_krw:,}원)"
            text += f", 빠진 시간 {one.missing_ms // HOUR_MS:,}시간{krw}"
        lines.append(text)
    return lines


def _open(found: Ready) -> list[str]:
    """How many of each kind, with what those may be worth that have a worth; then the largest."""
    counts = Counter(one.kind for one in found.open)
    worth: Counter[str] = Counter()
    for one in found.open:
        worth[one.kind] += found.worth_krw.get(one.key, 0)
    lines = [
        f"- {_plain(kind_text(kind))}: {count}건"
        + (f" (정가로 {worth[kind]:,}원)" if worth[kind] else "")
        for kind, count in sorted(counts.items())
    ]
    dear = [one for one in found.open if found.worth_krw.get(one.key)]
    if dear:
        lines += ["", "금액이 큰 것:", ""]
        lines += _first(
            [
                f"- {found.worth_krw[one.key]:,}원: `{one.key}` {_plain(kind_text(one.kind))} "
                f"{_plain(_place(one))}"
                for one in dear
            ],
            LARGEST,
            "건",
        )
    return lines


def _place(one: Finding) -> str:
    return " ".join(part for part in (one.cluster, str(one.day or ""), one.subject) if part)


def _redraft(found: Redraft | str | None) -> list[str]:
    if found is None or isinstance(found, str):
        return [_plain(found)] if found else []
    table = rows(found.moved)
    lines = [
        f"| {_plain(one.company)} | {CAUSES[one.cause]} | "
        + " | ".join(f"{k:,}" for k in one.krw)
        + " |"
        for one in table[:SHOWN]
    ]
    head = ["| 기업 | 원인 | 정가 | 지원 | 자부담 | 부가세 |", "|---|---|--:|--:|--:|--:|"]
    more = ["", f"그 밖에 {len(table) - SHOWN:,}줄"] if len(table) > SHOWN else []
    return [*head, *lines, *more] if lines else ["금액은 같습니다."]


def _moved(found: Ready) -> list[str]:
    return [
        f"- {_plain(one.company)}: {one.before_krw:,} → {one.now_krw:,}원 ({one.more_krw:+,}원)"
        for one in found.steps or ()
    ]


def _unbilled(found: Ready) -> list[str]:
    sums: Counter[Why] = Counter()
    for one in found.unbilled:
        sums[one.why] += one.held_us
    lines = [f"- {WHY[why]}: {hours(us)} 장비시간" for why, us in sums.most_common()]
    if lines:
        listed = [
            f"- {_plain(one.who)}: {hours(one.held_us)} 장비시간, {WHY[one.why]}"
            for one in found.unbilled
        ]
        lines += ["", "큰 것부터:", "", *_first(listed, LARGEST, "건")]
    return lines


def _without(found: Ready) -> list[str]:
    listed = [
        f"- {_plain(one.name)}: {WHY[one.why]}, {hours(one.held_us)} 장비시간"
        for one in found.without
    ]
    return _first(listed, LARGEST, "곳")


def _short(text: str) -> str:
    return text if len(text) <= DETAIL else f"{text[:DETAIL]}…"


def _plain(text: str) -> str:
    """Text that Markdown takes as it is; names come from outside."""
    return "".join("\\" + mark if mark in "\\`*_{}[]()#+|<>!~&" else mark for mark in text)
