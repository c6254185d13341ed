"""Payments that an earlier version took in: their ids stay, and no list brings them again."""

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from billing.ledger.tables import bank_file, payment
from billing.payment.bank_file import read_bank_file
from billing.payment.payment_ledger import payments_of
from metering.settings.bank_layout import BankLayout
from metering.site.open_site import OpenSite
from tests.builders.payments import listed, take
from tests.builders.sites.close_site import REGISTRY, open_ground, store_registry

SHORT = "거래일시,입금액,보낸분,적요"
LONG = "거래일시,입금액,보낸분,적요,잔액"
ROWS = (
    "2026-11-10 10:00:00,132000,베타소프트(주),이체",
    "2026-11-11 10:00:00,66000,감마랩(주),이체",
)
BALANCES = ("1000000", "1066000")


@pytest.fixture
def opened(tmp_path: Path) -> OpenSite:
    """A site that knows its companies and has issued nothing."""
    site = open_ground(tmp_path)
    store_registry(site, REGISTRY)
    return site


def stored(opened: OpenSite, *rows: str, head: str) -> list[str]:
    """Payments of a list as revision 0013 kept them: without balances, named by all of the row."""
    file = read_bank_file("old.csv", listed(*rows, head=head), BankLayout())
    with opened.database.begin() as connection:
        of_file = {"digest": file.digest, "name": "old.csv", "account": "bank"}
        on = date(2026, 11, 12)
        connection.execute(sa.insert(bank_file).values(**of_file, imported_on=on, imported_by="김"))
        for row in file.payments:
            connection.execute(
                sa.insert(payment).values(
                    payment_id=row.payment_id, file=file.digest, line=row.line,
                    account=row.account, paid_on=row.paid_on, paid_at=row.paid_at,
                    payer=row.payer, memo=row.memo, amount_krw=row.amount_krw,
                )
            )  # fmt: skip
    return sorted(row.payment_id for row in file.payments)


def kept(opened: OpenSite) -> list[str]:
    with opened.database.read() as connection:
        return sorted(row.payment_id for row in payments_of(connection))


def long() -> list[str]:
    return [f"{row},{balance}" for row, balance in zip(ROWS, BALANCES, strict=True)]


def test_the_list_without_balances_and_then_with_them_brings_two_payments(opened: OpenSite) -> None:
    """Case 28: 198,000 won were taken in twice."""
    ids = stored(opened, *ROWS, head=SHORT)
    second = take(opened, *long(), head=LONG, name="bank2.csv")
    assert (second.new, second.known, second.otherwise) == ((), 2, 2)
    assert kept(opened) == ids


def test_the_list_with_balances_and_then_without_them_brings_two_payments(opened: OpenSite) -> None:
    ids = stored(opened, *long(), head=LONG)
    for rows, head in ((ROWS, SHORT), (long(), LONG), (long()[::-1], LONG)):
        again = take(opened, *rows, head=head)
        assert (again.new, again.known) == ((), 2)
    assert kept(opened) == ids


def test_equal_payments_that_balances_tell_apart_are_told_apart_when_stored(
    opened: OpenSite,
) -> None:
    equal = [f"{ROWS[0]},{balance}" for balance in (1_000_000, 1_132_000, 1_264_000)]
    stored(opened, equal[0], head=LONG)
    assert [len(take(opened, row, head=LONG).new) for row in equal] == [0, 1, 1]
    assert [len(take(opened, *equal, head=LONG).new) for _ in range(2)] == [0, 0]
    assert len(take(opened, *[ROWS[0]] * 4, head=SHORT).new) == 1
