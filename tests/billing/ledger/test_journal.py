"""The ledger as it is read: balances by month, a trial balance of zero, the journal for finance."""

import csv
import io
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.close.issued_month import issued_month
from billing.ledger.journal import AccountBalance, Entry, Trial, by_month, entries, trial
from metering.errors import CheckError, JeongsanError
from metering.site.open_site import OpenSite
from reports.terminal.ledger_view import (
    Ledger,
    journal_csv,
    read_ledger,
    show_ledger,
    write_journal,
)
from reports.terminal.screen import Screen
from tests.builders.payments import two_months
from tests.builders.sites.close_site import MONTH, NEXT, open_ground


def entry(month: str, account: str, krw: int, group: str = "g", seq: int = 1) -> Entry:
    return Entry(date(2025, 10, 31), month, group, seq, account, krw, "")


@pytest.fixture(scope="module")
def issued_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with two issued months, made once."""
    opened = two_months(tmp_path_factory.mktemp("journal") / "site")
    opened.database.close()
    return opened.site.directory


@pytest.fixture
def opened(issued_site: Path) -> OpenSite:
    """The site, which these tests only read."""
    return open_ground(issued_site)


def test_balances_by_month_carry_what_stood_before() -> None:
    booked = [
        entry("2025-10", "revenue", -100),
        entry("2025-10", "bank", 100),
        entry("2025-11", "bank", -30),
        entry("2025-11", "bank", 5),
        entry("2025-11", "vat", 25),
        entry("2025-12", "bank", 1),
    ]
    assert by_month(booked) == (
        ("2025-10", AccountBalance("bank", 0, 100, 0)),
        ("2025-10", AccountBalance("revenue", 0, 0, 100)),
        ("2025-11", AccountBalance("bank", 100, 5, 30)),
        ("2025-11", AccountBalance("vat", 0, 25, 0)),
        ("2025-12", AccountBalance("bank", 75, 1, 0)),
    )
    assert by_month(booked)[2][1].closing_krw == 75


def test_a_trial_balance_takes_the_months_before_as_its_opening_and_none_after() -> None:
    booked = [
        entry("2025-10", "revenue", -100, "a"),
        entry("2025-10", "bank", 100, "a"),
        entry("2025-11", "bank", 7, "b"),
        entry("2025-11", "revenue", -7, "b"),
        entry("2025-12", "bank", 9, "c"),
    ]
    trial_balance = trial(booked, "2025-11", "2025-11")
    assert trial_balance == Trial(
        "2025-11",
        "2025-11",
        (AccountBalance("bank", 100, 7, 0), AccountBalance("revenue", -100, 0, 7)),
        (),
    )
    assert trial_balance.total == AccountBalance("", 0, 7, 7)
    assert trial_balance.balanced
    assert trial(booked, "2025-10", "2025-12").unbalanced == (("c", 9),)
    assert not trial(booked, "2025-10", "2025-12").balanced


def test_groups_that_are_wrong_in_opposite_ways_do_not_hide_one_another() -> None:
    booked = [entry("2025-10", "bank", 5, "a"), entry("2025-10", "vat", -5, "b")]
    trial_balance = trial(booked, "2025-10", "2025-10")
    assert (trial_balance.total.closing_krw, trial_balance.unbalanced) == (0, (("a", 5), ("b", -5)))
    assert not trial_balance.balanced


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 10**12), st.integers(1, 4))))
def test_any_balanced_groups_make_a_trial_balance_of_zero(
    groups: list[tuple[str, int, int]],
) -> None:
    booked = [
        entry(f"2025-0{month}", account, side, f"g{at}", seq)
        for at, (name, krw, month) in enumerate(groups)
        for seq, (account, side) in enumerate(((name, krw), ("other", -krw)), start=1)
    ]
    assert trial(booked, "2025-02", "2025-03").balanced
    closing = {balance.account: balance.closing_krw for _, balance in by_month(booked)}
    assert sum(closing.values()) == 0


def test_the_ledger_of_issued_months_says_what_their_invoices_and_claims_say(
    opened: OpenSite,
) -> None:
    months = [issued_month(opened, month) for month in (MONTH, NEXT)]
    trial_balance = read_ledger(opened, "").trial
    closing = {account.account: account.closing_krw for account in trial_balance.accounts}
    invoices = [invoice for month in months for invoice in month.invoices]
    claims = [claim for month in months for claim in month.claims]
    assert closing["revenue"] == -sum(invoice.charge_krw for invoice in invoices)
    assert closing["vat"] == -sum(invoice.vat_krw for invoice in invoices)
    for company in ("C-1", "C-3"):
        due = sum(invoice.payable_krw for invoice in invoices if invoice.company_id == company)
        assert closing[f"receivable:company:{company}"] == due > 0
    for name in {(claim.programme, claim.funding) for claim in claims}:
        claimed = sum(
            claim.claim_krw for claim in claims if (claim.programme, claim.funding) == name
        )
        [account] = [
            account_name for account_name in closing if account_name.endswith(":".join(("", *name)))
        ]
        assert closing[account] == claimed > 0
    assert trial_balance.balanced


def test_a_month_of_the_ledger_opens_with_what_the_month_before_left(opened: OpenSite) -> None:
    first, second = read_ledger(opened, MONTH), read_ledger(opened, NEXT)
    left = {account.account: account.closing_krw for account in first.trial.accounts}
    assert {
        account.account: account.opening_krw
        for account in second.trial.accounts
        if account.opening_krw
    } == left
    assert {booking.day for booking in second.entries} == {date(2025, 11, 30)}


def test_a_ledger_without_postings_says_what_to_do(opened: OpenSite, tmp_path: Path) -> None:
    with pytest.raises(JeongsanError, match=r"nothing is posted in 2025-12.*2025-10\.\.2025-11"):
        read_ledger(opened, "2025-12")
    with pytest.raises(JeongsanError, match="issue a month first"):
        read_ledger(open_ground(tmp_path), "")


def rows_of(ledger: Ledger) -> list[dict[str, str]]:
    content = journal_csv(ledger)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_journal_holds_every_posting_with_its_names(opened: OpenSite, tmp_path: Path) -> None:
    ledger = read_ledger(opened, MONTH)
    rows = rows_of(ledger)
    debit = [int(row["차변"] or 0) for row in rows]
    credit = [int(row["대변"] or 0) for row in rows]
    assert [debited - credited for debited, credited in zip(debit, credit, strict=True)] == [
        booking.amount_krw for booking in ledger.entries
    ]
    assert sum(debit) == sum(credit) > 0
    receivable = rows[0]
    assert list(receivable.values())[:9] == [
        "2025-10-31", "2025-10/C-1", "1", "receivable:company:C-1", "미수금(기업)", "C-1", "회사1",
        "", "",
    ]  # fmt: skip
    claim = next(row for row in rows if row["재원"] == "national")
    assert (claim["사업"], claim["거래처코드"]) == ("AICA-2025R", "")
    path = write_journal(ledger, tmp_path / "deep" / "journal.csv")
    assert path.read_bytes() == journal_csv(ledger) == journal_csv(read_ledger(opened, MONTH))


def test_a_name_in_the_journal_cannot_become_a_formula(opened: OpenSite) -> None:
    ledger = replace(read_ledger(opened, MONTH), names={"C-1": '=1+1"\r\n+2', "C-3": "@sum"})
    assert {row["거래처명"] for row in rows_of(ledger)} == {"'=1+1\" +2", "'@sum", ""}


def test_the_screen_shows_a_trial_balance_that_is_zero(
    opened: OpenSite, capsys: pytest.CaptureFixture[str]
) -> None:
    show_ledger(Screen(), read_ledger(opened, ""))
    said = capsys.readouterr().out
    for text in ("합계잔액시산표", "미수금(기업) 회사1", "부가세예수금", "월별 잔액", "0 (맞음)"):
        assert text in said


def test_a_ledger_that_does_not_balance_is_refused_with_its_groups(opened: OpenSite) -> None:
    ledger = read_ledger(opened, MONTH)
    broken = trial(ledger.entries[1:], MONTH, MONTH)
    with pytest.raises(CheckError, match=r"does not balance: 2025-10/C-1 -"):
        show_ledger(Screen(as_json=True), replace(ledger, trial=broken))


def test_the_ledger_of_a_copied_site_is_the_same(opened: OpenSite, tmp_path: Path) -> None:
    copied = open_ground(Path(shutil.copytree(opened.site.directory, tmp_path / "copy")))
    with opened.database.read() as here, copied.database.read() as there:
        assert entries(here) == entries(there)
