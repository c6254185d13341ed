"""The ledger as a person reads it: trial balance, balances by month, the journal for finance."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from billing.ledger.journal import AccountBalance, Entry, Trial, by_month, entries, trial
from metering.errors import CheckError, JeongsanError
from metering.site.open_site import OpenSite
from reports.layout.csv_file import csv_bytes, formula_free
from reports.layout.write_files import write_file
from reports.terminal.screen import Cell, Screen
from reports.wording.account_names import account_of, company_names

HEAD: Final = (
    "전표일자", "전표번호", "행", "계정", "계정과목", "거래처코드", "거래처명", "사업", "재원",
    "차변", "대변", "적요",
)  # fmt: skip
COLUMNS: Final = (
    ("account", "계정"),
    ("opening_krw", "이월"),
    ("debit_krw", "차변"),
    ("credit_krw", "대변"),
    ("closing_krw", "잔액"),
)


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the ledger says of a month, or of all of them."""

    month: str  # '' for all
    entries: tuple[Entry, ...]  # of the month alone
    trial: Trial
    months: tuple[tuple[str, AccountBalance], ...]
    names: Mapping[str, str]


def read_ledger(opened: OpenSite, month: str) -> Ledger:
    """The ledger of a month, or of every month; JeongsanError where nothing is posted."""
    with opened.database.read() as connection:
        every = entries(connection)
    if not every:
        raise JeongsanError("nothing is posted yet; issue a month first (`jeongsan issue MONTH`)")
    first = min(entry.month for entry in every)
    last = max(entry.month for entry in every)
    own = tuple(entry for entry in every if month in ("", entry.month))
    if not own:
        raise JeongsanError(f"nothing is posted in {month}; postings lie in {first}..{last}")
    return Ledger(
        month,
        own,
        trial(every, month or first, month or last),
        tuple(row for row in by_month(every) if month in ("", row[0])),
        company_names(opened.registry),
    )


def show_ledger(screen: Screen, ledger: Ledger) -> None:
    """The trial balance, and by month what moved; CheckError unless it is zero."""
    balances = ledger.trial
    span = ledger.month or f"{balances.first}..{balances.last}"
    rows = [_row(account, ledger.names, screen.as_json) for account in balances.accounts]
    if not screen.as_json:
        rows.append(_row(balances.total, ledger.names, True, "합계"))
    note = "차변은 양수, 대변은 음수 잔액입니다. 잔액의 합은 0이어야 합니다"
    screen.table(
        "trial",
        f"{span} 합계잔액시산표 (단위: 원)",
        COLUMNS,
        rows,
        spare=("opening_krw",),
        note=note,
    )
    if screen.as_json:
        moved = [(month, *_row(account, ledger.names, True)) for month, account in ledger.months]
        screen.table("months", "", (("month", "월"), *COLUMNS), moved)
        screen.fact("entries", len(ledger.entries))
    elif not ledger.month and len({month for month, _ in ledger.months}) > 1:
        _show_months(screen, ledger)
    screen.fact("balanced", balances.balanced if screen.as_json else _verdict(balances), "시산표")
    if not balances.balanced:
        groups = ", ".join(f"{group} {left:,}" for group, left in balances.unbalanced[:6])
        raise CheckError(f"the ledger does not balance: {groups or 'sums of accounts'}")


def _show_months(screen: Screen, ledger: Ledger) -> None:
    rows: list[tuple[Cell, ...]] = [
        (month, *_row(account, ledger.names, False)) for month, account in ledger.months
    ]
    columns = (("month", "월"), *COLUMNS)
    screen.table("months", "월별 잔액 (단위: 원)", columns, rows, spare=("opening_krw",))


def _verdict(balances: Trial) -> str:
    return "0 (맞음)" if balances.balanced else "맞지 않음"


def _row(
    account: AccountBalance, names: Mapping[str, str], plain: bool, label: str = ""
) -> tuple[Cell, ...]:
    named = label or (account.account if plain else account_of(account.account, names).label)
    return (named, account.opening_krw, account.debit_krw, account.credit_krw, account.closing_krw)


def journal_csv(ledger: Ledger) -> bytes:
    """The journal for the finance system: a line a side, UTF-8 with BOM, as Korean Excel opens."""
    lines = []
    for entry in ledger.entries:
        of = account_of(entry.account, ledger.names)
        words = (entry.account, of.title, of.company_id, of.company, of.programme, of.funding)
        debit_krw, credit_krw = max(entry.amount_krw, 0), max(-entry.amount_krw, 0)
        numbers = (debit_krw or "", credit_krw or "")
        row = (
            entry.day,
            formula_free(entry.group),
            entry.seq,
            *map(formula_free, words),
            *numbers,
            formula_free(entry.memo),
        )
        lines.append(row)
    return csv_bytes(HEAD, lines)


def write_journal(ledger: Ledger, path: Path) -> Path:
    """Write the journal whole or not at all."""
    return write_file(path, journal_csv(ledger))
