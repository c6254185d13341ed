"""Payments as a person sees them: what a list of the bank brought, what is open, what is owed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from billing.payment.ageing import Age, age
from billing.payment.bank_line_ledger import BankLine, waiting
from billing.payment.cash_application import MoneyUse, OpenDocument, Unmatched, match
from billing.payment.company_names import called
from billing.payment.import_payments import Imported
from billing.payment.payment_ledger import left_of
from billing.payment.receivables import credits_of, dues
from metering.site.open_site import OpenSite
from reports.terminal.bank_lines_view import show_lines
from reports.terminal.screen import Cell, Screen
from reports.wording.account_names import company_names

SHOWN: Final = 30
KINDS: Final = {
    "matched": "입금",
    "credit": "과입금 (돌려줄 돈)",
    "refund": "환불",
    "set_against": "다른 청구에 충당",
}
HOWS: Final = {
    "number": "청구 번호",
    "payer": "입금자·금액",
    "person": "사람",
    "rule": "취소 문서",
}
AGES: Final = ("기한 전", "1~30일", "31~60일", "61~90일", "91일~")
KEYS: Final = ("current_krw", "to_30_krw", "to_60_krw", "to_90_krw", "over_90_krw")


@dataclass(frozen=True, slots=True)
class Owing:
    """What is open, owed and unmatched on a day, and the bank's lines that wait for a person."""

    on: date
    ages: tuple[Age, ...]
    dues: tuple[OpenDocument, ...]
    unmatched: tuple[Unmatched, ...]
    lines: tuple[BankLine, ...] = ()


def owing(opened: OpenSite, on: date) -> Owing:
    """What companies owe on a day by what was recorded until then, and what is owed to them."""
    names = company_names(opened.registry)
    with opened.database.read() as connection:
        open_documents = dues(connection, on)
        ages = age(open_documents, credits_of(connection, on), names, on)
        _, unmatched = match(left_of(connection, on), [], called(opened.registry.companies), "")
        lines = waiting(connection, on)
    return Owing(
        on,
        ages,
        tuple(document for document in open_documents if document.open_krw),
        tuple(unmatched),
        lines,
    )


def show_imported(screen: Screen, imported: Imported, names: Mapping[str, str]) -> None:
    """What a list brought."""
    screen.fact("file", imported.file.name, "은행 거래내역")
    screen.fact("payments", len(imported.new), "새 입금")
    screen.fact("known", imported.known, "이미 들인 입금")
    screen.fact("left_out", imported.file.left_out, "입금이 아닌 줄")
    if imported.otherwise or screen.as_json:
        screen.fact("otherwise", imported.otherwise, "그 가운데 다른 열로 들인 것")
    screen.fact("untaken", len(imported.lines), "들이지 않은 줄 (사람이 볼 것)")
    if imported.lines or screen.as_json:
        show_lines(screen, imported.lines)
    show_uses(screen, imported.uses, names)
    show_unmatched(screen, imported.unmatched, names)


def show_uses(screen: Screen, uses: Sequence[MoneyUse], names: Mapping[str, str]) -> None:
    """What money was used for, one line each; what was taken back is negative."""
    rows: list[tuple[Cell, ...]] = [
        (
            use.payment_id,
            use.company_id if screen.as_json else names.get(use.company_id, use.company_id),
            use.kind if screen.as_json else KINDS[use.kind],
            use.number,
            use.amount_krw if use.undoes is None else -use.amount_krw,
            str(use.used_on),
            use.how if screen.as_json else HOWS[use.how],
        )
        for use in uses
    ]
    columns = (
        ("payment_id", "입금"),
        ("company", "기업"),
        ("kind", "처리"),
        ("number", "청구서"),
        ("amount_krw", "금액"),
        ("used_on", "처리일"),
        ("how", "맞춘 근거"),
    )
    screen.table("uses", "처리한 돈 (단위: 원)", columns, rows, spare=("how", "used_on"))


def show_unmatched(
    screen: Screen, unmatched: Sequence[Unmatched], names: Mapping[str, str]
) -> None:
    """The payments that nobody knows the purpose of, and whose they may be."""
    rows: list[tuple[Cell, ...]] = [
        (
            payment.payment.payment_id,
            str(payment.payment.paid_on),
            payment.payment.payer,
            payment.payment.memo,
            payment.left_krw,
            ", ".join(f"{names.get(name, name)} ({name})" for name in payment.companies),
        )
        for payment in unmatched
    ]
    columns = (
        ("payment_id", "입금"),
        ("paid_on", "입금일"),
        ("payer", "보낸 사람"),
        ("memo", "적요"),
        ("left_krw", "남은 금액"),
        ("companies", "짐작되는 기업"),
    )
    note = "맞추기: jeongsan match 입금 청구서번호 --by 이름 (돌려줄 돈이면 번호 대신 기업)"
    title = "맞추지 못한 입금 (단위: 원)"
    screen.table("unmatched", title, columns, rows, spare=("memo",), note=note if rows else "")


def show_owing(screen: Screen, ageing: Owing, names: Mapping[str, str]) -> None:
    """The ageing table, the documents that are open, and the payments nobody knows."""
    rows: list[tuple[Cell, ...]] = [
        (
            company.company_id if screen.as_json else f"{company.company} ({company.company_id})",
            *company.open_krw,
            company.total_krw,
            company.credit_krw,
        )
        for company in ageing.ages
    ]
    if not screen.as_json:
        sums = [
            sum(row)
            for row in zip(
                *((*a.open_krw, a.total_krw, a.credit_krw) for a in ageing.ages), strict=True
            )
        ]
        rows.append(("합계", *(sums or [0] * (len(AGES) + 2))))
    columns = (
        ("company", "기업"),
        *zip(KEYS, AGES, strict=True),
        ("open_krw", "미수 합계"),
        ("credit_krw", "돌려줄 돈"),
    )
    title = f"{ageing.on} 미수금 연령표 (단위: 원, 납부기한이 지난 날수)"
    screen.fact("on", ageing.on) if screen.as_json else None
    screen.table("ageing", title, columns, rows, spare=KEYS)
    _show_open(screen, ageing)
    show_unmatched(screen, ageing.unmatched, names)
    if ageing.lines or screen.as_json:
        show_lines(screen, ageing.lines)


def _show_open(screen: Screen, ageing: Owing) -> None:
    shown = ageing.dues if screen.as_json else ageing.dues[:SHOWN]
    rows: list[tuple[Cell, ...]] = [
        (
            document.number,
            document.company_id if screen.as_json else document.company,
            str(document.due_on),
            max((ageing.on - document.due_on).days, 0),
            document.payable_krw,
            document.open_krw,
        )
        for document in shown
    ]
    columns = (
        ("number", "번호"),
        ("company", "기업"),
        ("due_on", "납부기한"),
        ("days_overdue", "연체일"),
        ("payable_krw", "청구액"),
        ("open_krw", "미수"),
    )
    rest = len(ageing.dues) - len(shown)
    note = f"그 밖에 {rest:,}건이 더 있습니다. 모두 보려면 --json" if rest else ""
    screen.table("open", "받지 못한 청구서 (단위: 원)", columns, rows, note=note)
