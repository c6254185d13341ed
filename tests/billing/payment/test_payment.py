"""Payments: matched by number, payer and amount; what is over is owed back; the books stay true."""

import shutil
from contextlib import suppress
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, cast

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.ledger import tables
from billing.payment.ageing import Age, age, column_of
from billing.payment.cash_application import MoneyUse, Unmatched, match, sides
from billing.payment.company_names import CalledName
from billing.payment.import_payments import import_file
from billing.payment.matches_and_credits import Decision, owe_rest, pay_invoice, spend_credit, undo
from billing.payment.payment_ledger import left_of, payments_of
from metering.errors import CloseError
from metering.site.open_site import OpenSite
from reports.terminal.payments_view import owing, show_imported, show_owing
from reports.terminal.screen import Screen
from tests.builders.payments import (
    NEXT_ON,
    PAID,
    check_books,
    due,
    open_of,
    paid,
    payment,
    read,
    take,
    two_months,
)
from tests.builders.sites.close_site import open_ground

ONE, TWO, OTHER = "T2025-000001", "T2025-000003", "T2025-000002"  # of C-1, C-1, C-3
NAMES = (
    CalledName("C-1", "(주)하나"),
    CalledName("C-2", "둘 주식회사"),
    CalledName("C-3", "하 나"),
)
DECIDED = Decision("김정산", PAID, "확인")


@pytest.fixture(scope="module")
def issued_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with two issued months, made once."""
    opened = two_months(tmp_path_factory.mktemp("payment") / "site")
    opened.database.close()
    return opened.site.directory


@pytest.fixture
def opened(issued_site: Path, tmp_path: Path) -> OpenSite:
    """A copy of the site for one test."""
    return open_ground(Path(shutil.copytree(issued_site, tmp_path / "site")))


def told(uses: list[MoneyUse]) -> list[tuple[str, str | None, str | None, int, str]]:
    return [(use.kind, use.payment_id, use.number, use.amount_krw, use.how) for use in uses]


def test_a_payment_that_names_its_document_pays_it_in_part_in_full_or_over() -> None:
    dues = [due(ONE, "C-1", 100)]
    for krw, used in ((99, [99]), (100, [100]), (101, [100, 1])):
        uses, rest = match([(payment("p", krw, "누구", ONE), krw)], dues, (), "김")
        assert [use.amount_krw for use in uses] == used
        assert [use.kind for use in uses] == ["matched", "credit"][: len(used)]
        assert rest == []


def test_a_payment_for_several_documents_pays_the_earliest_due_first() -> None:
    dues = [due(TWO, "C-1", 100, 12), due(ONE, "C-1", 70, 11, open_krw=50)]
    uses, rest = match([(payment("p", 120, "x", f"{TWO} {ONE}"), 120)], dues, (), "김")
    assert told(uses) == [("matched", "p", ONE, 50, "number"), ("matched", "p", TWO, 70, "number")]
    assert rest == []


def test_what_is_over_for_two_companies_is_left_to_a_person() -> None:
    dues = [due(ONE, "C-1", 10), due(OTHER, "C-2", 10)]
    money = payment("p", 25, "x", f"{ONE} {OTHER}")
    uses, rest = match([(money, 25)], dues, (), "김")
    assert [use.amount_krw for use in uses] == [10, 10]
    assert rest == [Unmatched(money, 5, ("C-1", "C-2"))]


@pytest.mark.parametrize(
    ("krw", "numbers"),
    [(100, [ONE]), (70, [TWO]), (170, [ONE, TWO]), (99, []), (171, [])],
)
def test_a_payer_pays_what_has_just_that_amount_or_all_that_is_open(
    krw: int, numbers: list[str]
) -> None:
    dues = [due(TWO, "C-1", 70, 12), due(ONE, "C-1", 100, 11), due(OTHER, "C-2", 100)]
    money = payment("p", krw, "하나 주식회사")
    uses, rest = match([(money, krw)], dues, [CalledName("C-1", "(주)하나")], "김")
    assert [use.number for use in uses] == numbers
    assert rest == ([] if numbers else [Unmatched(money, krw, ("C-1",))])


def test_of_two_documents_of_one_amount_the_earliest_due_is_paid() -> None:
    dues = [due(TWO, "C-1", 70, 12), due(ONE, "C-1", 70, 11)]
    money = [(payment(name, 70, "(주)하나", day=day), 70) for name, day in (("b", 11), ("a", 12))]
    uses, _ = match(money, dues, (), "김")
    assert [(use.payment_id, use.number) for use in uses] == [("b", ONE), ("a", TWO)]


def test_a_name_that_two_companies_have_is_nobodys() -> None:
    money = payment("p", 100, "하나")
    uses, rest = match([(money, 100)], [due(ONE, "C-1", 100)], NAMES, "김")
    assert (uses, rest) == ([], [Unmatched(money, 100, ("C-1", "C-3"))])
    nobody = payment("p", 100, "(주)")
    assert match([(nobody, 100)], [due(ONE, "C-1", 100)], NAMES, "김")[1][0].companies == ()


@given(st.lists(st.tuples(st.integers(1, 300), st.sampled_from([ONE, TWO, OTHER, ""])), max_size=8))
def test_no_document_is_paid_more_than_is_open_and_no_won_is_lost(
    paid_for: list[tuple[int, str]],
) -> None:
    dues = [due(ONE, "C-1", 200), due(TWO, "C-1", 100, 12), due(OTHER, "C-2", 50)]
    money = [(payment(f"p{at}", krw, "하나", memo), krw) for at, (krw, memo) in enumerate(paid_for)]
    uses, rest = match(money, dues, (), "김")
    for owed in dues:
        assert sum(use.amount_krw for use in uses if use.number == owed.number) <= owed.open_krw
    for money_of, krw in money:
        used = sum(use.amount_krw for use in uses if use.payment_id == money_of.payment_id)
        left = sum(unmatched.left_krw for unmatched in rest if unmatched.payment == money_of)
        assert used + left == krw
    assert all(use.amount_krw > 0 for use in uses)


def test_what_each_use_posts() -> None:
    told_of = {
        kind: sides(MoneyUse(kind, None, "C-1", None, 5, PAID, "person", "김"))  # type: ignore[arg-type]
        for kind in ("matched", "credit", "refund", "set_against")
    }
    receivable, payable = "receivable:company:C-1", "payable:company:C-1"
    assert told_of == {
        "matched": (("unmatched", 5), (receivable, -5)),
        "credit": (("unmatched", 5), (payable, -5)),
        "refund": ((payable, 5), ("bank", -5)),
        "set_against": ((payable, 5), (receivable, -5)),
    }
    back = sides(MoneyUse("refund", None, "C-1", None, 5, PAID, "person", "김", undoes=1))
    assert back == ((payable, -5), ("bank", 5))


def test_a_list_is_matched_and_the_same_list_again_adds_nothing(opened: OpenSite) -> None:
    before = open_of(opened)
    rows = [
        paid(before[ONE], "누구든지", f"대금 {ONE}"),
        paid(before[OTHER] - 1, "x", OTHER),
        paid(before[TWO], "주식회사 회사1"),
        paid(777, "모르는 사람"),
    ]
    first = take(opened, *rows)
    assert (len(first.new), first.known) == (4, 0)
    assert {(use.number, use.how) for use in first.uses} == {
        (ONE, "number"), (OTHER, "number"), (TWO, "payer"),
    }  # fmt: skip
    assert [unmatched.left_krw for unmatched in first.unmatched] == [777]
    after = open_of(opened)
    assert (after[ONE], after[OTHER], after[TWO]) == (0, 1, 0)
    again = take(opened, *rows, name="again.csv")
    assert (again.new, again.known, again.uses) == ((), 4, ())
    assert again.unmatched == first.unmatched
    assert open_of(opened) == after
    assert check_books(opened)["unmatched"] == -777


def test_a_list_that_overlaps_adds_what_is_new_only(opened: OpenSite) -> None:
    rows = [paid(1, "가"), paid(1, "가"), paid(2, "나")]
    take(opened, *rows[:2])
    second = take(opened, *rows, name="longer.csv")
    assert (len(second.new), second.known) == (1, 2)
    with opened.database.read() as connection:
        assert sum(kept.amount_krw for kept in payments_of(connection)) == 4


def test_money_of_an_earlier_list_is_matched_on_the_day_of_the_later_one(opened: OpenSite) -> None:
    """A month that may be reported by then does not change."""
    before = open_of(opened)
    take(opened, paid(before[ONE] - 5, "회사1", at="2025-11-20 10:00:00"))
    assert open_of(opened) == before
    imported = take(opened, paid(5, "x", ONE, at="2025-11-25 10:00:00"), on=PAID)
    assert [(use.amount_krw, use.used_on) for use in imported.uses] == [
        (5, date(2025, 11, 25)), (before[ONE] - 5, PAID),
    ]  # fmt: skip


def test_a_payment_before_the_issue_is_used_on_the_day_of_issue(opened: OpenSite) -> None:
    imported = take(opened, paid(5, "x", TWO, at="2025-11-01 09:00:00"))
    assert [use.used_on for use in imported.uses] == [NEXT_ON]


def test_a_person_matches_what_the_program_could_not(opened: OpenSite) -> None:
    krw = open_of(opened)[ONE]
    take(opened, paid(krw + 50, "회사1 경리"))
    with opened.database.begin() as connection:
        [(money, left)] = left_of(connection)
        with pytest.raises(CloseError, match="nothing was recorded"):
            pay_invoice(connection, money.payment_id, ONE, krw + 1, DECIDED)
        pay_invoice(connection, money.payment_id, ONE, 30, DECIDED)
        use = pay_invoice(connection, money.payment_id, ONE, None, DECIDED)
        assert (use.amount_krw, use.how, use.by, left) == (krw - 30, "person", "김정산", krw + 50)
        with pytest.raises(CloseError, match="nothing was recorded"):
            pay_invoice(connection, money.payment_id, ONE, None, DECIDED)
        assert owe_rest(connection, money.payment_id, "C-1", DECIDED).amount_krw == 50
    balance = check_books(opened)
    assert (balance["unmatched"], balance["payable:company:C-1"]) == (0, -50)


def test_a_credit_is_refunded_or_set_against_another_document_by_choice(opened: OpenSite) -> None:
    before = open_of(opened)
    take(opened, paid(before[ONE] + 100, "x", ONE))
    with opened.database.begin() as connection:
        refund = spend_credit(connection, "C-1", "refund", None, 40, DECIDED)
        against = spend_credit(connection, "C-1", "set_against", TWO, None, DECIDED)
        assert (refund.amount_krw, against.amount_krw) == (40, 60)
        with pytest.raises(CloseError, match="C-1 is owed 0"):
            spend_credit(connection, "C-1", "refund", None, None, DECIDED)
        with pytest.raises(CloseError, match=f"{OTHER} is of C-3, not of C-1"):
            spend_credit(connection, "C-1", "set_against", OTHER, 1, DECIDED)
    assert open_of(opened)[TWO] == before[TWO] - 60
    balance = check_books(opened)
    assert balance["bank"] == before[ONE] + 60


def test_a_credit_is_not_spent_before_the_day_on_which_it_arose(opened: OpenSite) -> None:
    take(opened, paid(open_of(opened)[ONE] + 5, "x", ONE))
    early = Decision("김정산", date(2025, 12, 9))
    with opened.database.begin() as connection:
        with pytest.raises(CloseError, match="C-1 is owed 0 on 2025-12-09"):
            spend_credit(connection, "C-1", "refund", None, None, early)
        assert spend_credit(connection, "C-1", "refund", None, None, DECIDED).amount_krw == 5


def test_a_wrong_match_is_taken_back_by_entries_of_its_own(opened: OpenSite) -> None:
    before = open_of(opened)
    take(opened, paid(before[ONE] + 9, "x", ONE))
    with opened.database.begin() as connection:
        [money] = payments_of(connection)
        with pytest.raises(CloseError, match="needs a reason"):
            undo(connection, money.payment_id, Decision("김정산", PAID))
        assert len(undo(connection, money.payment_id, DECIDED)) == 2
        with pytest.raises(CloseError, match="used for nothing"):
            undo(connection, money.payment_id, DECIDED)
        assert left_of(connection) == [(money, before[ONE] + 9)]
        pay_invoice(connection, money.payment_id, TWO, 9, DECIDED)
        assert len(undo(connection, money.payment_id, DECIDED)) == 1
    assert open_of(opened) == before
    assert check_books(opened)["unmatched"] == -before[ONE] - 9


def test_a_credit_that_is_spent_cannot_be_taken_back(opened: OpenSite) -> None:
    take(opened, paid(open_of(opened)[ONE] + 9, "x", ONE))
    with opened.database.begin() as connection:
        spend_credit(connection, "C-1", "refund", None, 1, DECIDED)
        [money] = payments_of(connection)
        with pytest.raises(CloseError, match="refunded or set against by now"):
            undo(connection, money.payment_id, DECIDED)


def test_what_is_not_there_is_named(opened: OpenSite) -> None:
    take(opened, paid(9, "x"))
    with opened.database.begin() as connection:
        [money] = payments_of(connection)
        with pytest.raises(CloseError, match="there is no payment none"):
            pay_invoice(connection, "none", ONE, None, DECIDED)
        with pytest.raises(CloseError, match="T2030-000001 asks for money"):
            pay_invoice(connection, money.payment_id, "T2030-000001", None, DECIDED)
        with pytest.raises(CloseError, match="--by NAME"):
            pay_invoice(connection, money.payment_id, ONE, None, Decision(" ", PAID))
    with pytest.raises(CloseError, match="--by NAME"), opened.database.begin() as connection:
        import_file(connection, read(paid(9, "y")), (), PAID, " ")


@pytest.mark.parametrize(
    "table", ["bank_file", "payment", "payment_use", "payment_posting", "bank_line"]
)
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_database_itself_keeps_payments(opened: OpenSite, table: str, verb: str) -> None:
    take(opened, paid(9, "x", ONE), "읽을 수 없는 줄")
    kept = tables.metadata.tables[table]
    column = next(column for column in kept.columns if isinstance(column.type, sa.Text))
    change = kept.delete() if verb == "delete" else kept.update().values({column.name: "x"})
    refused = pytest.raises(sa.exc.IntegrityError, match="what is issued never changes")
    with refused, opened.database.begin() as connection:
        connection.execute(change)


@pytest.mark.parametrize(
    ("days", "column"),
    [(-1, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4)],
)
def test_a_day_overdue_belongs_to_its_column(days: int, column: int) -> None:
    assert column_of(days) == column


def test_an_ageing_table_has_a_line_a_company_and_what_is_owed_to_it() -> None:
    dues = [due(ONE, "C-1", 100), due(TWO, "C-1", 70, 12, open_krw=7), due(OTHER, "C-2", 5, 1)]
    assert age(dues, {"C-3": 4}, {"C-3": "셋"}, date(2025, 12, 30)) == (
        Age("C-1", "(주)하나", (7, 100, 0, 0, 0), 0),
        Age("C-2", "둘 주식회사", (0, 0, 0, 0, 5), 0),
        Age("C-3", "셋", (0, 0, 0, 0, 0), 4),
    )


def test_ageing_on_an_earlier_day_knows_only_what_was_then(opened: OpenSite) -> None:
    before = open_of(opened)
    take(opened, paid(before[ONE], "x", ONE), paid(3, "모름"))
    assert owing(opened, date(2025, 11, 2)).ages == ()
    [first, third] = owing(opened, date(2025, 12, 9)).ages
    assert first.open_krw == (before[TWO], before[ONE], 0, 0, 0)  # October was due on 1 December
    later = owing(opened, PAID)
    assert later.ages[0].open_krw == (before[TWO], 0, 0, 0, 0)
    assert [unmatched.left_krw for unmatched in later.unmatched] == [3]
    assert owing(opened, date(2025, 12, 9)).unmatched == ()
    assert third.company == "회사3"


def test_the_screen_shows_what_came_in_and_what_is_open(
    opened: OpenSite, capsys: pytest.CaptureFixture[str]
) -> None:
    imported = take(opened, paid(9, "x", ONE), paid(3, "회사1"))
    show_imported(Screen(), imported, {"C-1": "회사1"})
    show_owing(Screen(), owing(opened, date(2026, 3, 1)), {"C-1": "회사1"})
    said = capsys.readouterr().out
    for text in (
        "새 입금",
        "청구 번호",
        "맞추지 못한 입금",
        "회사1 (C-1)",
        "연령표",
        "91일~",
        "연체일",
    ):
        assert text in said


@settings(max_examples=5, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 20_000_000), st.sampled_from([ONE, TWO, f"{ONE} {TWO}", OTHER, ""]),
            st.sampled_from(["회사1", "x"]),
            st.sampled_from(["refund", "set_against", "undo", "pay", "nothing"]),
        ),
        min_size=1, max_size=5,
    )
)  # fmt: skip
def test_the_books_stay_true_over_any_payments_and_choices(
    issued_site: Path, steps: list[tuple[int, str, str, str]]
) -> None:
    """After every step: a trial balance of zero, and accounts that say what documents say."""
    with TemporaryDirectory() as folder:
        opened = open_ground(Path(shutil.copytree(issued_site, Path(folder) / "site")))
        for at, (krw, memo, payer, choice) in enumerate(steps):
            take(opened, paid(krw, payer, memo, at=f"2025-12-{at + 10} 10:00:00"))
            with suppress(CloseError), opened.database.begin() as connection:
                money = payments_of(connection)[-1].payment_id
                if choice == "undo":
                    undo(connection, money, DECIDED)
                elif choice == "pay":
                    pay_invoice(connection, money, TWO, krw // 2, DECIDED)
                elif choice != "nothing":
                    number = TWO if choice == "set_against" else None
                    kind = cast("Literal['refund', 'set_against']", choice)
                    spend_credit(connection, "C-1", kind, number, None, DECIDED)
            check_books(opened)
        opened.database.close()
