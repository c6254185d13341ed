"""Lists of a bank and an issued month, for the tests of payments."""

from datetime import date
from pathlib import Path

from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.ledger.journal import entries, trial
from billing.payment.bank_file import BankFile, Payment, read_bank_file
from billing.payment.cash_application import OpenDocument
from billing.payment.company_names import called
from billing.payment.import_payments import Imported, import_file
from billing.payment.receivables import credits_of, dues
from metering.settings.bank_layout import BankLayout
from metering.site.open_site import OpenSite
from tests.builders.sites.adjust_site import put
from tests.builders.sites.close_site import (
    HOUR_US,
    MONTH,
    NEXT,
    ON,
    REGISTRY,
    open_ground,
    store_registry,
    used,
)

HEAD = "거래일시,적요,보낸분,출금액,입금액,잔액"
NEXT_ON = date(2025, 12, 3)
PAID = date(2025, 12, 10)


def listed(*rows: str, head: str = HEAD) -> bytes:
    """A list as a bank writes it."""
    return "\r\n".join([head, *rows, ""]).encode("utf-8-sig")


def read(*rows: str, name: str = "bank.csv", layout: BankLayout | None = None) -> BankFile:
    """A list of these rows."""
    return read_bank_file(name, listed(*rows), layout or BankLayout())


def paid(amount_krw: int, payer: str, memo: str = "", at: str = "2025-12-10 10:00:00") -> str:
    """A row of money that came in."""
    return f'{at},{memo},{payer},,"{amount_krw:,}",'


def payment(payment_id: str, krw: int, payer: str, memo: str = "", day: int = 10) -> Payment:
    """A payment of December."""
    return Payment(payment_id, "bank", date(2025, 12, day), "", payer, memo, krw, 1)


def due(
    number: str, company: str, krw: int, month: int = 11, open_krw: int | None = None
) -> OpenDocument:
    """A document of a company that is to be paid on the 30th of a month."""
    left = krw if open_krw is None else open_krw
    names = {"C-1": "(주)하나", "C-2": "둘 주식회사"}
    on = date(2025, month, 3)
    return OpenDocument("1", number, company, names[company], on, date(2025, month, 30), krw, left)


def two_months(root: Path, url: str = "") -> OpenSite:
    """A site with October and November issued: two taxed companies, two documents each."""
    root.mkdir(exist_ok=True)
    opened = open_ground(root, url=url)
    store_registry(opened, REGISTRY)
    for month, on in ((MONTH, ON), (NEXT, NEXT_ON)):
        day, most = date.fromisoformat(f"{month}-05"), 600 if month == MONTH else 500
        put(opened, month, [used(day, n, "gpu.h100", (most + n) * HOUR_US) for n in (1, 2, 3)])
        draft(opened, month)
        approve(opened, month, "김재무")
        issue(opened, month, on)
    return opened


def take(
    opened: OpenSite, *rows: str, on: date = PAID, name: str = "bank.csv", head: str = HEAD
) -> Imported:
    """Take a list in."""
    names = called(opened.registry.companies)
    file = read_bank_file(name, listed(*rows, head=head), BankLayout())
    with opened.database.begin() as connection:
        return import_file(connection, file, names, on, "김정산")


def open_of(opened: OpenSite) -> dict[str, int]:
    """What is open by number."""
    with opened.database.read() as connection:
        return {document.number: document.open_krw for document in dues(connection)}


def check_books(opened: OpenSite) -> dict[str, int]:
    """The balance of every account, after the books are held to what documents and uses say."""
    with opened.database.read() as connection:
        every, open_documents, owed = entries(connection), dues(connection), credits_of(connection)
    assert trial(every, "2025-10", "2030-12").balanced
    balance: dict[str, int] = {}
    for entry in every:
        balance[entry.account] = balance.get(entry.account, 0) + entry.amount_krw
    for company in {document.company_id for document in open_documents}:
        left = sum(
            document.open_krw for document in open_documents if document.company_id == company
        )
        assert balance.get(f"receivable:company:{company}", 0) == left
        assert balance.get(f"payable:company:{company}", 0) == -owed.get(company, 0)
    return balance
