"""What each command shows of its result, as tables and facts."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from billing.adjust.restatement import Restatement
from billing.close.issued import Issued
from billing.draft.draft import Draft
from billing.records import Claim, Invoice
from billing.rulebook.load_site import Loaded
from billing.verify.verify import Verification
from metering.errors import CheckError
from metering.site.load_registry import RegistryDifference
from reports.terminal.screen import Cell, Screen
from reports.wording.labels import FUNDINGS

if TYPE_CHECKING:
    from metering.collect.collect import Collected

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
CHANGES = {"added": "추가", "changed": "변경", "removed": "삭제"}


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


def show_load(screen: Screen, loaded: Loaded) -> None:
    """The registry's differences, and the digests of registry and rules."""
    result = loaded.result
    columns = (("sheet", "시트"), ("key", "행"), ("change", "변경"), ("cells", "내용"))
    shown = result.differences if screen.as_json else result.differences[:SHOWN]
    rows: list[tuple[Cell, ...]] = [
        (d.sheet, d.key, d.change if screen.as_json else CHANGES[d.change], _cells(d))
        for d in shown
    ]
    title = f"등록부 변경 {len(result.differences):,}건"
    rest = len(result.differences) - len(shown)
    note = f"그 밖에 {rest:,}건이 더 있으며 모두 저장했습니다" if rest else ""
    screen.table("differences", title, columns, rows, note=note)
    if result.rewritten:
        screen.say(
            f"시작일부터 달라지는 협약 {len(result.rewritten):,}건({result.rewritten[0]} 등): 어느 "
            "날부터 바꾸려면 until로 끝내고 새 협약을 더하십시오. 발행한 달은 adjust로 정정합니다"
        )
    screen.fact("registry_digest", result.registry.digest, "등록부")
    screen.fact("rules_digest", loaded.book.digest, "규칙")


def _cells(difference: RegistryDifference) -> str:
    """The cells of a row that was added or removed, or how those of a changed one differ."""
    match difference.change:
        case "added":
            return difference.after
        case "removed":
            return difference.before
        case "changed":
            return ", ".join(
                f"{c.column}: {c.old or '-'} → {c.new or '-'}" for c in difference.cells
            )


def show_collected(screen: Screen, results: "Sequence[Collected]") -> None:
    """Rows read and quarantined, by section and kind of record."""
    columns = (("section", "구역"), ("record", "기록"), ("rows", "행"), ("quarantined", "격리"))
    rows: list[tuple[Cell, ...]] = [
        (section.section, record, count, section.quarantined.get(record, 0))
        for section in results
        for record, count in section.rows.items()
    ]
    screen.table("collected", "수집 결과", columns, rows)


def show_restatements(screen: Screen, restatements: Sequence[Restatement]) -> None:
    """The days of issued months that are no longer what was billed."""
    if not restatements and not screen.as_json:
        return
    columns = (("month", "월"), ("day", "날짜"), ("clusters", "구역"), ("billed", "달라진 것"))
    rows: list[tuple[Cell, ...]] = [
        (
            day.month,
            str(day.day),
            ", ".join(day.clusters),
            day.billed if screen.as_json else "수량 (금액이 달라짐)" if day.billed else "증빙만",
        )
        for day in restatements
    ]
    note = "발행한 청구서는 바뀌지 않습니다. 정정 청구로 바로잡습니다 (jeongsan adjust)"
    screen.table("restatements", "정정을 기다리는 날", columns, rows, note=note)


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
        screen.say(f"다음: jeongsan approve {draft.month} --by 이름")
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


def show_verification(screen: Screen, month: str, result: Verification) -> None:
    """What was compared and what differs; CheckError when anything does."""
    screen.fact("checked", list(result.checked), "견준 것")
    columns = (("place", "곳"), ("expected", "있어야 할 것"), ("found", "있는 것"))
    if result.other_versions:
        versions = list(result.other_versions)
        screen.fact("other_versions", versions, "만든 때와 다른 판 (이름, 그때, 지금)")
    if result.differences:
        rows = [
            (difference.place, difference.expected, difference.found)
            for difference in result.differences
        ]
        screen.table("differences", "다른 것", columns, rows)
        raise CheckError(f"{month}: {len(rows)} differences, the first: {rows[0][0]}")
    screen.say(f"{month}: 다시 계산한 것과 모두 같습니다")
