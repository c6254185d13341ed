"""The commands that keep the books: ledger, pay, match, line, credit, ageing, tax."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from jeongsan.invocation import day_or_today, day_recorded, me, month_argument, opened, screen
from jeongsan.options import By, Directory, Json, Month, On, Reason

commands = typer.Typer()
Amount = Annotated[int, typer.Option("--amount", help="이만큼만 (원); 비우면 될 수 있는 만큼")]


@commands.command(epilog="예: jeongsan ledger --month 2025-10 --csv 2025-10.csv")
def ledger(
    month: Annotated[str, typer.Option("--month", help="이 달만; 비우면 모든 달")] = "",
    csv: Annotated[
        Path | None, typer.Option("--csv", help="분개를 적을 파일 (재무 시스템용)")
    ] = None,
    json: Json = False,
) -> None:
    """원장의 시산표와 계정별 월 잔액을 보고, 분개를 내보냅니다 (trial balance, journal)."""
    from reports.terminal.ledger_view import read_ledger, show_ledger, write_journal

    with screen(json) as out:
        books = read_ledger(opened(), month_argument(month) if month else "")
        if csv is not None:
            out.fact("written", str(write_journal(books, csv)), "분개를 적은 파일")
        show_ledger(out, books)


@commands.command(epilog="예: jeongsan pay 은행거래내역.csv --by 김정산")
def pay(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="은행에서 받은 CSV", exists=True, dir_okay=False)
    ],
    by: By,
    on: On = "",
    json: Json = False,
) -> None:
    """은행 거래내역을 들여 청구서와 맞춥니다; 같은 줄은 한 번만 들입니다 (bank CSV, matched)."""
    from billing.payment.bank_file import read_bank_file
    from billing.payment.company_names import called
    from billing.payment.import_payments import import_file
    from metering.database.audit_trail import keep
    from metering.written_file import SHEET_MIB, read_written
    from reports.terminal.payments_view import show_imported
    from reports.wording.account_names import company_names

    with screen(json) as out:
        place = opened()
        day = day_recorded(place, on)
        read = read_bank_file(file.name, read_written(file, SHEET_MIB), place.site.bank)
        names = company_names(place.registry)
        with place.database.begin() as connection:
            known = called(place.registry.companies)
            imported = import_file(connection, read, known, day, by)
            keep(connection, "pay", me(by), subject=file.name)
        show_imported(out, imported, names)


@commands.command(
    epilog="예: jeongsan match 1a2b3c4d5e6f7a8b T2025-000003 --by 김정산; 기업에 돌려줄 돈으로:"
    " jeongsan match 1a2b3c4d5e6f7a8b C-003 --by 김정산"
)
def match(
    payment: Annotated[str, typer.Argument(metavar="PAYMENT", help="입금 (ageing 이 보여 줍니다)")],
    what: Annotated[
        str, typer.Argument(metavar="[INVOICE|COMPANY]", help="청구서 번호 또는 기업")
    ] = "",
    by: By = "",
    amount: Amount = 0,
    undo: Annotated[bool, typer.Option("--undo", help="이 입금의 처리를 모두 되돌립니다")] = False,
    reason: Reason = "",
    on: On = "",
    json: Json = False,
) -> None:
    """맞추지 못한 입금을 사람이 맞춥니다 (what a person says a payment is for)."""
    from billing.payment import matches_and_credits
    from billing.payment.memo_numbers import numbers_in
    from metering.database.audit_trail import keep
    from reports.terminal.payments_view import show_uses
    from reports.wording.account_names import company_names

    with screen(json) as out:
        if bool(what) == undo:
            raise typer.BadParameter("give a document or company, or --undo")
        place = opened()
        day = day_recorded(place, on)
        decided = matches_and_credits.Decision(by, day, reason)
        names = company_names(place.registry)
        with place.database.begin() as connection:
            if undo:
                uses = matches_and_credits.undo(connection, payment, decided)
            elif numbers_in(what) == [what]:
                only = amount or None
                uses = (matches_and_credits.pay_invoice(connection, payment, what, only, decided),)
            else:
                company = place.registry.company(what).company_id
                uses = (matches_and_credits.owe_rest(connection, payment, company, decided),)
            done = f"{payment} {'--undo' if undo else what}"
            keep(connection, "match", me(by), subject=done, reason=reason)
        show_uses(out, uses, names)


@commands.command(
    epilog="예: jeongsan line 1a2b3c4d5e6f7a8b --take-back --by 김정산 --reason '은행이 취소함';"
    " 읽지 못한 줄: jeongsan line 1a2b3c4d5e6f7a8b --drop --by 김정산 --reason '이자'"
)
def line(
    line_id: Annotated[
        str, typer.Argument(metavar="LINE|PAYMENT", help="줄 또는 입금 (ageing 이 보여 줍니다)")
    ],
    by: By,
    reason: Reason = "",
    drop: Annotated[
        bool, typer.Option("--drop", help="입금이 아닙니다: 들이지 않으며, 잘못 들인 입금은 뺍니다")
    ] = False,
    take_in: Annotated[
        bool, typer.Option("--take-in", help="들인 적이 없는 입금입니다: 들입니다")
    ] = False,
    take_back: Annotated[
        bool, typer.Option("--take-back", help="은행이 입금을 취소했습니다: 그 입금을 물립니다")
    ] = False,
    payment: Annotated[
        str, typer.Option("--payment", help="취소된 입금; 비우면 그 줄이 가리키는 것")
    ] = "",
    undo: Annotated[bool, typer.Option("--undo", help="이 줄의 결정을 되돌립니다")] = False,
    on: On = "",
    json: Json = False,
) -> None:
    """은행 거래내역에서 들이지 않은 줄을 사람이 결정합니다 (lines of the bank left to a person)."""
    from billing.payment import bank_line_decisions
    from billing.payment.matches_and_credits import Decision
    from reports.terminal.bank_lines_view import show_decision

    with screen(json) as out:
        if drop + take_in + take_back + undo != 1:
            raise typer.BadParameter("give --drop, --take-in, --take-back, or --undo")
        if payment and not take_back:
            raise typer.BadParameter("--payment goes with --take-back")
        place = opened()
        who = me(by)
        decided = Decision(by, day_recorded(place, on), reason, who.account, who.at_ms)
        with place.database.begin() as connection:
            if take_back:
                decision = bank_line_decisions.take_back(
                    connection, line_id, payment or None, decided
                )
            else:
                decide = bank_line_decisions.drop if drop else bank_line_decisions.take_in
                decide = bank_line_decisions.reopen if undo else decide
                decision = decide(connection, line_id, decided)
        show_decision(out, decision)


@commands.command(
    epilog="예: jeongsan credit C-003 --against T2025-000012 --by 김정산; 환불:"
    " jeongsan credit C-003 --refund --by 김정산 --reason '12월 5일 이체'"
)
def credit(
    company: Annotated[str, typer.Argument(metavar="COMPANY", help="C-003")],
    by: By,
    against: Annotated[str, typer.Option("--against", help="충당할 청구서의 번호")] = "",
    refund: Annotated[bool, typer.Option("--refund", help="돌려주었습니다")] = False,
    amount: Amount = 0,
    undo: Annotated[bool, typer.Option("--undo", help="마지막 환불이나 충당을 되돌립니다")] = False,
    reason: Reason = "",
    on: On = "",
    json: Json = False,
) -> None:
    """기업에 돌려줄 돈을 환불하거나 청구서에 충당합니다 (refund or set against)."""
    from billing.payment.matches_and_credits import Decision, spend_credit, undo_spent
    from metering.database.audit_trail import keep
    from reports.terminal.payments_view import show_uses
    from reports.wording.account_names import company_names

    with screen(json) as out:
        if bool(against) + refund + undo != 1:
            raise typer.BadParameter("give --against INVOICE, --refund, or --undo")
        if undo and amount:
            raise typer.BadParameter("--undo takes back the whole; leave --amount out")
        place = opened()
        decided = Decision(by, day_recorded(place, on), reason)
        of = place.registry.company(company).company_id
        with place.database.begin() as connection:
            if undo:
                use = undo_spent(connection, of, decided)
            else:
                kind: Literal["refund", "set_against"] = "refund" if refund else "set_against"
                use = spend_credit(connection, of, kind, against or None, amount or None, decided)
            what = "--undo" if undo else "--refund" if refund else against
            done = f"{company} {what} {use.amount_krw}"
            keep(connection, "credit", me(by), subject=done, reason=reason)
        show_uses(out, [use], company_names(place.registry))


@commands.command(epilog="예: jeongsan ageing 2025-12-31")
def ageing(
    day: Annotated[str, typer.Argument(metavar="[DAY]", help="비우면 오늘")] = "",
    json: Json = False,
) -> None:
    """기업별 미수금을 연체 기간별로 보고, 맞추지 못한 입금을 봅니다 (what is owed, by age)."""
    from reports.terminal.payments_view import owing, show_owing
    from reports.wording.account_names import company_names

    with screen(json) as out:
        place = opened()
        on = day_or_today(place, day)
        show_owing(out, owing(place, on), company_names(place.registry))


@commands.command(
    epilog="예: jeongsan tax 2025-10 --to 세금계산서 --key 키.pem --certificate 인증서.pem"
)
def tax(
    month: Month,
    to: Directory = None,
    key: Annotated[
        Path | None, typer.Option("--key", help="서명할 개인키 (PEM, RSA)", exists=True)
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", help="그 인증서 (PEM)", exists=True)
    ] = None,
    password_env: Annotated[
        str, typer.Option("--password-env", help="개인키의 암호가 든 환경 변수")
    ] = "",
    test_key: Annotated[
        bool, typer.Option("--test-key", help="시험용 키로 서명합니다; 신고에는 못 씁니다")
    ] = False,
    json: Json = False,
) -> None:
    """전자세금계산서·전자계산서 XML 초안을 씁니다; 승인번호는 국세청이 줍니다 (e-tax drafts)."""
    from reports.tax.view import TaxWanted, show_tax, signer_of, write_tax

    with screen(json) as out:
        if (key is None) != (certificate is None) or (key is not None and test_key):
            raise typer.BadParameter("give --key with --certificate, or --test-key, or neither")
        place = opened()
        asked = TaxWanted(month_argument(month), to, key, certificate, password_env, test_key)
        with out.progress() as progress:
            drafts = write_tax(place, asked, signer_of(place, asked), progress)
        show_tax(out, drafts)
