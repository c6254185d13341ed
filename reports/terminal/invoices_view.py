"""A month's invoices and claims as the terminal shows them: drafted, issued, and as documents."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from billing.close.issued_month import Issued
from billing.draft.draft import Draft
from billing.records import Claim, Invoice
from reports.terminal.screen import Cell, Screen
from reports.wording.labels import FUNDINGS

SHOWN = 30
COLUMNS = (
    ("number", "번호"),
    ("company", "기업"),
    ("charge_krw", "정가"),
    ("subsidy_krw", "지원"),
    ("company_krw", "자부담"),
    ("taxable_krw", "과세표준"),
    ("vat_krw", "부가세"),
    ("payable_krw", "청구액"),
)
SPARE = ("taxable_krw", "company_krw", "vat_krw")


def _amounts(invoice: Invoice) -> tuple[int, ...]:
    return (
        invoice.charge_krw,
        invoice.subsidy_krw,
        invoice.company_krw,
        invoice.taxable_krw,
        invoice.vat_krw,
        invoice.payable_krw,
    )


def invoice_table(screen: Screen, title: str, invoices: Sequence[Invoice]) -> None:
    """A line an invoice, with its number when it has one, and the month's sum."""
    if screen.as_json:
        columns = (*COLUMNS, ("company_id", ""), ("tax_class", ""))
        screen.table(
            "invoices",
            title,
            columns,
            [(i.number, i.company.name, *_amounts(i), i.company_id, i.tax_class) for i in invoices],
        )
        return
    rows: list[tuple[Cell, ...]] = [(i.number, i.company.name, *_amounts(i)) for i in invoices]
    sums = [sum(column) for column in zip(*(_amounts(i) for i in invoices), strict=True)]
    rows.append(("합계", f"{len(invoices):,}건", *(sums or [0] * 6)))
    screen.table("invoices", f"{title} (단위: 원)", COLUMNS, rows, spare=SPARE)


def claim_table(screen: Screen, month: str, claims: Sequence[Claim]) -> None:
    """What each funding source of a programme owes."""
    sums: Counter[tuple[str, str]] = Counter()
    for claim in claims:
        sums[claim.programme, claim.funding] += claim.claim_krw
    rows: list[tuple[Cell, ...]] = [
        (programme, funding if screen.as_json else FUNDINGS.get(funding, funding), krw)
        for (programme, funding), krw in sorted(sums.items())
    ]
    columns = (("programme", "지원 사업"), ("funding", "재원"), ("claim_krw", "지원금"))
    screen.table("claims", f"{month} 지원금 (단위: 원)", columns, rows)


def show_draft(screen: Screen, draft: Draft) -> None:
    """The month as it would be issued, and what still keeps it from that."""
    approved = " (승인됨)" if draft.state == "approved" else ""
    invoice_table(screen, f"{draft.month} 초안{approved}", draft.closing.invoices)
    screen.fact("digest", draft.digest, "초안 번호")
    if screen.as_json:
        screen.fact("state", draft.state)
        screen.fact("blocking", [finding.key for finding in draft.blocking])
        screen.fact("provisional", [f"{name} {day}" for name, day in draft.provisional])
    if draft.provisional:
        days = ", ".join(f"{name} {day}" for name, day in draft.provisional[:SHOWN])
        screen.say(f"아직 바뀔 수 있는 날 {len(draft.provisional):,}: {days}")
        screen.say("더 수집하거나 jeongsan waive 로 넘겨야 발행할 수 있습니다")
    elif not draft.blocking and not approved:
        screen.say(f"다음: jeongsan approve {draft.month} --digest {draft.digest[:12]} --by 이름")
    elif approved:
        screen.say(f"다음: jeongsan issue {draft.month}")


def show_issued(screen: Screen, issued: Issued) -> None:
    """The issued invoices with their numbers."""
    again = " (이미 발행됨)" if issued.again else ""
    invoice_table(screen, f"{issued.month} 발행 {issued.issued_on}{again}", issued.invoices)
    screen.fact("bundle", issued.bundle, "묶음")


def show_documents(screen: Screen, paths: Sequence[Path]) -> None:
    """The documents written, by their paths."""
    if screen.as_json:
        screen.fact("documents", [str(path) for path in paths])
        return
    screen.say(f"문서 {len(paths)}건")
    for path in paths:
        screen.path(path)
