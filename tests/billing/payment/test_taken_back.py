"""Corrections of issued months and money: on a site, with its books."""

from contextlib import suppress
from datetime import date
from pathlib import Path
from random import Random

import pytest

from billing.payment.matches_and_credits import (
    Decision,
    owe_rest,
    pay_invoice,
    spend_credit,
    undo,
    undo_spent,
)
from billing.payment.payment_ledger import payments_of, uses_of
from billing.payment.receivables import asked, credits_of
from billing.payment.set_offs import keep_set_offs
from metering.errors import CloseError
from metering.site.open_site import OpenSite
from reports.terminal.payments_view import owing
from tests.builders.payments import check_books, open_of, paid, take
from tests.builders.sites.adjust_site import NOV, OCT, closed, corrected, hours, put

LATER = date(2026, 1, 21)
BY = Decision("김정산", LATER, "확인")
PAID_AT = "2026-01-10 10:00:00"


@pytest.fixture
def opened(tmp_path: Path) -> OpenSite:
    """Two issued months of companies A, B and C."""
    return closed(tmp_path / "site")


def correct(opened: OpenSite, count: int = 4, on: date = date(2026, 1, 20)) -> None:
    """October turns out to have been so many hours of A: its document is taken back."""
    put(opened, OCT, (hours("A-1", count, f"{OCT}-05"), hours("B-1", 10, f"{OCT}-06")))
    assert corrected(opened, on=on) is not None
    with opened.database.begin() as connection:
        keep_set_offs(connection, on, "김정산")


def of(opened: OpenSite, company: str, month: str) -> str:
    """The number of the first document of a company's month."""
    with opened.database.read() as connection:
        return min(
            document.number
            for document in asked(connection)
            if document.chain[1] == company and document.chain[3] == month
        )


def credit_of(opened: OpenSite, company: str) -> int:
    with opened.database.read() as connection:
        return credits_of(connection).get(company, 0)


def test_what_nobody_paid_is_not_refunded_after_its_document_was_taken_back(
    opened: OpenSite,
) -> None:
    """Case 31: the pair of reason 1 left 132,000 to give back of a document that nobody paid."""
    before = open_of(opened)
    number = of(opened, "A", OCT)
    correct(opened)
    after = open_of(opened)
    assert (after[number], credit_of(opened, "A")) == (0, 0)
    assert sum(after.values()) < sum(before.values())
    with opened.database.begin() as connection:
        for kind in ("refund", "set_against"):
            with pytest.raises(CloseError, match="A is owed 0"):
                spend_credit(connection, "A", kind, max(after), None, BY)  # type: ignore[arg-type]
    balance = check_books(opened)
    assert balance["payable:company:A"] == 0
    assert number not in {document.number for document in owing(opened, date(2027, 1, 1)).dues}


def test_of_what_was_paid_just_that_is_refunded(opened: OpenSite) -> None:
    number = of(opened, "A", OCT)
    take(opened, paid(1_000, "누구", number, at=PAID_AT))
    correct(opened)
    assert credit_of(opened, "A") == 1_000
    check_books(opened)
    with opened.database.begin() as connection:
        with pytest.raises(CloseError, match="nothing was recorded"):
            spend_credit(connection, "A", "refund", None, 1_001, BY)
        assert spend_credit(connection, "A", "refund", None, None, BY).amount_krw == 1_000
    assert check_books(opened)["bank"] == 0


def test_a_payment_of_the_same_sum_is_for_the_document_that_is_owed(opened: OpenSite) -> None:
    """Case 32: after the pair, what was taken back was the earliest due of equal sums."""
    number, other = of(opened, "A", OCT), of(opened, "A", NOV)
    krw = open_of(opened)[number]
    assert krw == open_of(opened)[other]
    correct(opened)
    right = max(due for due, left in open_of(opened).items() if left and due not in (number, other))
    imported = take(opened, paid(krw, "A", "11월분", at="2026-01-25 10:00:00"))
    assert [use.number for use in imported.uses] == [other]
    assert open_of(opened)[right]
    named = take(opened, paid(7, "A", number, at="2026-01-26 10:00:00"), name="b")
    assert named.uses == ()
    assert [left.left_krw for left in named.unmatched][-1] == 7
    with opened.database.begin() as connection:
        money = next(row for row in payments_of(connection) if row.amount_krw == 7)
        with pytest.raises(CloseError, match=f"{number} is taken back by another document"):
            pay_invoice(connection, money.payment_id, number, None, BY)
        owe_rest(connection, money.payment_id, "A", BY)
        with pytest.raises(CloseError, match=f"{number} is taken back by another document"):
            spend_credit(connection, "A", "set_against", number, None, BY)
    check_books(opened)


def test_what_was_paid_of_a_document_is_set_against_the_right_one_by_choice(
    opened: OpenSite,
) -> None:
    number = of(opened, "A", OCT)
    krw = open_of(opened)[number]
    take(opened, paid(krw, "x", number, at=PAID_AT))
    correct(opened)
    right = max(due for due, left in open_of(opened).items() if left)
    with opened.database.begin() as connection:
        use = spend_credit(connection, "A", "set_against", right, None, BY)
    assert 0 < use.amount_krw <= krw
    assert check_books(opened)["payable:company:A"] == use.amount_krw - krw


def test_a_match_with_what_was_taken_back_later_is_undone_only_while_its_money_is_there(
    opened: OpenSite,
) -> None:
    number = of(opened, "A", OCT)
    take(opened, paid(1_000, "누구", number, at=PAID_AT))
    correct(opened)
    with opened.database.begin() as connection:
        [money] = payments_of(connection)
        spend_credit(connection, "A", "refund", None, 1, BY)
        with pytest.raises(CloseError, match=r"1 of what payment .* brought A is refunded"):
            undo(connection, money.payment_id, BY)
    check_books(opened)


def test_undoing_such_a_match_leaves_nothing_owed_on_either_side(opened: OpenSite) -> None:
    number = of(opened, "A", OCT)
    take(opened, paid(1_000, "누구", number, at=PAID_AT))
    correct(opened)
    with opened.database.begin() as connection:
        [money] = payments_of(connection)
        undo(connection, money.payment_id, BY)
    assert (open_of(opened)[number], credit_of(opened, "A")) == (0, 0)
    balance = check_books(opened)
    assert (balance["unmatched"], balance["payable:company:A"]) == (-1_000, 0)


def test_the_books_of_a_site_that_was_corrected_before_follow_with_the_next_list(
    opened: OpenSite,
) -> None:
    """An earlier version left the negative in the books as money to be given back."""
    put(opened, OCT, (hours("A-1", 4, f"{OCT}-05"), hours("B-1", 10, f"{OCT}-06")))
    corrected(opened)
    assert credit_of(opened, "A") == 0
    take(opened, paid(5, "모름", at="2026-01-25 10:00:00"), on=LATER)
    check_books(opened)
    with opened.database.begin() as connection:
        by_rule = [use for use in uses_of(connection) if use.how == "rule"]
        assert [use.used_on for use in by_rule] == [LATER]
        assert keep_set_offs(connection, LATER, "김") == ()


def test_a_refund_and_a_setting_against_are_taken_back_one_after_the_other(
    opened: OpenSite,
) -> None:
    number, other = of(opened, "A", OCT), of(opened, "A", NOV)
    before = open_of(opened)
    take(opened, paid(before[number] + 1_000, "누구", number, at=PAID_AT))
    with opened.database.begin() as connection:
        with pytest.raises(CloseError, match="is refunded or set against"):
            undo_spent(connection, "A", BY)
        spend_credit(connection, "A", "refund", None, 300, BY)
        spend_credit(connection, "A", "set_against", other, None, BY)
        assert undo_spent(connection, "A", BY).kind == "set_against"
        assert credits_of(connection)["A"] == 700
        with pytest.raises(CloseError, match="needs a reason"):
            undo_spent(connection, "A", Decision("김", LATER))
        assert undo_spent(connection, "A", BY).kind == "refund"
        assert credits_of(connection)["A"] == 1_000
    assert open_of(opened)[other] == before[other]
    assert check_books(opened)["bank"] == before[number] + 1_000


def test_nothing_is_set_off_before_the_day_on_which_it_was_taken_back(opened: OpenSite) -> None:
    put(opened, OCT, (hours("A-1", 4, f"{OCT}-05"), hours("B-1", 10, f"{OCT}-06")))
    corrected(opened, on=date(2026, 1, 20))
    with opened.database.begin() as connection:
        uses = keep_set_offs(connection, date(2026, 1, 6), "김")
    assert {use.used_on for use in uses} == {date(2026, 1, 20)}


def test_what_was_known_on_an_earlier_day_stays(opened: OpenSite) -> None:
    on = date(2026, 1, 19)
    before = owing(opened, on)
    correct(opened)
    assert owing(opened, on) == before


@pytest.mark.breadth
@pytest.mark.parametrize("seed", range(4))
def test_any_corrections_payments_and_choices_keep_the_books_true(
    opened: OpenSite, seed: int
) -> None:
    """Bank = money in less refunds, refunds <= money, and every account as documents say."""
    chance, refunded, came = Random(seed), 0, 0
    for at in range(6):
        on = date(2026, 2, 1 + at)
        if chance.random() < 0.5:
            put(opened, OCT, (hours("A-1", chance.randint(1, 12), f"{OCT}-05"),))
            corrected(opened, on=on)
            with opened.database.begin() as connection:
                keep_set_offs(connection, on, "김")
        numbers = [*open_of(opened), ""]
        krw = chance.randint(1, 60_000)
        came += krw
        row = paid(krw, chance.choice(["A", "모름"]), chance.choice(numbers), at=f"{on} 10:00:00")
        take(opened, row, on=on, name=f"{at}.csv")
        decided = Decision("김", on, "확인")
        with suppress(CloseError), opened.database.begin() as connection:
            choice = chance.choice(["refund", "set_against", "undo", "rest", "spent"])
            payment = chance.choice(payments_of(connection)).payment_id
            if choice == "undo":
                undo(connection, payment, decided)
            elif choice == "spent":
                back = undo_spent(connection, "A", decided)
                refunded -= back.amount_krw if back.kind == "refund" else 0
            elif choice == "rest":
                owe_rest(connection, payment, "A", decided)
            else:
                number = chance.choice(numbers) if choice == "set_against" else None
                use = spend_credit(connection, "A", choice, number, None, decided)
                refunded += use.amount_krw if choice == "refund" else 0
        balance = check_books(opened)
        assert balance["bank"] == came - refunded >= 0
