"""What an approver reads before approving: the month's sums, its invoices, what is still open."""

from collections import Counter

from billing.draft import Draft
from reports.finding_titles import kind_text

SHOWN = 30


def readiness(made: Draft) -> str:
    """The draft as Markdown, for Airflow's Required Actions."""
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
    if made.blocking:
        lines += ["### 승인을 막는 사항", ""]
        lines += [
            f"- `{one.key}` {_plain(kind_text(one.kind))}: {_plain(one.detail)}"
            for one in made.blocking[:SHOWN]
        ]
        lines.append("")
    if made.provisional:
        lines += ["### 아직 바뀔 수 있는 날", ""]
        lines += [f"- {cluster} {day}" for cluster, day in made.provisional[:SHOWN]]
        lines.append("")
    counts = Counter(one.kind for one in made.findings if one.severity == "warn")
    if counts:
        lines += ["### 주의 사항", ""]
        lines += [
            f"- {_plain(kind_text(kind))}: {count}건" for kind, count in sorted(counts.items())
        ]
        lines.append("")
    lines += ["### 청구서", "", "| 기업 | 정가 | 지원 | 자부담 | 청구액 |", "|---|--:|--:|--:|--:|"]
    lines += [
        f"| {_plain(i.company.name)} | {i.charge_krw:,} | {i.subsidy_krw:,} "
        f"| {i.company_krw:,} | {i.payable_krw:,} |"
        for i in invoices
    ]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """Text that Markdown takes as it is; names come from outside."""
    return "".join("\\" + mark if mark in "\\`*_{}[]()#+|<>!~&" else mark for mark in text)
