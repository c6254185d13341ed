"""Lines of the bank that are not taken in: kept, listed, and decided by a person."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.payment.bank_line_decisions import drop, reopen, take_back, take_in
from billing.payment.bank_line_ledger import BankLine, waiting
from billing.payment.matches_and_credits import Decision, owe_rest, pay_invoice, spend_credit, undo
from billing.payment.payment_ledger import left_of, moved_krw, payments_of, there_krw
from metering.errors import CloseError
from metering.site.open_site import OpenSite
from reports.terminal.payments_view import owing, show_imported, show_owing
from reports.terminal.screen import Screen
from tests.builders.payments import PAID, check_books, open_of, take, two_months
from tests.builders.sites.close_site import open_ground

ONE = "T2025-000001"
BY = Decision("김정산", PAID, "은행에 물어봄")
CAME = '2025-12-10 10:00:00,타행이체,하나,,"66,000",'
BACK = '2025-12-10 10:05:00,입금취소,하나,,"-66,000",'


@pytest.fixture(scope="module")
def issued_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with two issued months, made once."""
    opened = two_months(tmp_path_factory.mktemp("lines") / "site")
    opened.database.close()
    return opened.site.directory


@pytest.fixture
def opened(issued_site: Path, tmp_path: Path) -> OpenSite:
    """A copy of the site for one test."""
    return open_ground(Path(shutil.copytree(issued_site, tmp_path / "site")))


def waits(opened: OpenSite) -> list[BankLine]:
    with opened.database.read() as connection:
        return list(waiting(connection))


def bank_krw(opened: OpenSite) -> int:
    """What came in and is there."""
    with opened.database.read() as connection:
        moved = moved_krw(connection)
        return sum(there_krw(payment, moved) for payment in payments_of(connection))


def test_lines_wait_until_they_are_decided_and_the_same_list_adds_none(opened: OpenSite) -> None:
    imported = take(opened, CAME, BACK, "어제,인터넷,둘,,5,")
    [payment] = imported.new
    assert [(line.kind, line.line, line.payment_id) for line in imported.lines] == [
        ("reversal", 3, payment.payment_id), ("odd", 4, None),
    ]  # fmt: skip
    assert imported.lines[0].reason == f"takes back 66,000 won of payment {payment.payment_id}"
    again = take(opened, "어제,인터넷,둘,,5,", CAME, BACK, name="again.csv")
    assert (again.new, [line.line_id for line in again.lines]) == (
        (), [line.line_id for line in waits(opened)],
    )  # fmt: skip
    assert len(waits(opened)) == 2
    for line in waits(opened):
        with opened.database.begin() as connection:
            drop(connection, line.line_id, BY)
    assert take(opened, CAME, BACK, "어제,인터넷,둘,,5,", name="third.csv").lines == ()
    assert owing(opened, date(2026, 1, 1)).lines == ()
    assert len(owing(opened, PAID).lines) == 0


def test_a_reversal_is_known_in_other_columns(opened: OpenSite) -> None:
    take(opened, CAME, BACK)
    head = "보낸분,거래일시,입금액,잔액,적요"
    rows = ("하나,2025-12-10 10:00:00,66000,1066000,타행이체",
            "하나,2025-12-10 10:05:00,-66000,1000000,입금취소")  # fmt: skip
    again = take(opened, *rows, head=head, name="other.csv")
    assert (again.new, again.known, again.otherwise, len(again.lines)) == ((), 1, 1, 1)
    assert len(waits(opened)) == 1


def test_a_payment_that_the_bank_takes_back_pays_nothing_until_a_person_decides(
    opened: OpenSite,
) -> None:
    before = open_of(opened)
    came = f"2025-12-10 10:00:00,{ONE},회사1,,9000,"
    imported = take(opened, came, "2025-12-10 10:05:00,입금취소,회사1,,-9000,")
    assert (imported.uses, [left.left_krw for left in imported.unmatched]) == ((), [9_000])
    [line] = imported.lines
    payment_id = line.payment_id or ""
    with opened.database.begin() as connection:
        with pytest.raises(CloseError, match=f"jeongsan line {line.line_id}"):
            pay_invoice(connection, payment_id, ONE, None, BY)
        with pytest.raises(CloseError, match="takes payment"):
            owe_rest(connection, payment_id, "C-1", BY)
        decision = take_back(connection, line.line_id, None, BY)
        assert (decision.payment_id, decision.moved_krw) == (payment_id, -9_000)
        assert left_of(connection) == []
    balance = check_books(opened)
    assert (balance["bank"], balance["unmatched"], open_of(opened)) == (0, 0, before)
    assert take(opened, came, name="again").new == ()


def test_money_that_was_used_before_it_was_taken_back_is_used_no_more(opened: OpenSite) -> None:
    before = open_of(opened)
    take(opened, f"2025-12-10 10:00:00,{ONE},회사1,,9000,")
    assert open_of(opened)[ONE] == before[ONE] - 9_000
    [line] = take(opened, "2025-12-11 09:00:00,입금취소,회사1,,-9000,", name="b").lines
    with opened.database.begin() as connection:
        take_back(connection, line.line_id, None, BY)
    assert open_of(opened) == before
    assert check_books(opened)["bank"] == 0
    with opened.database.begin() as connection:
        assert reopen(connection, line.line_id, BY).moved_krw == 9_000
        [(payment, krw)] = left_of(connection)
        assert (payment.payment_id, krw) == (line.payment_id, 9_000)
    assert check_books(opened)["bank"] == 9_000
    assert [waiting_line.line_id for waiting_line in waits(opened)] == [line.line_id]


def test_money_that_was_refunded_cannot_be_taken_back_by_a_word(opened: OpenSite) -> None:
    take(opened, f"2025-12-10 10:00:00,{ONE},회사1,,{open_of(opened)[ONE] + 9},")
    krw = payments_total(opened)
    with opened.database.begin() as connection:
        spend_credit(connection, "C-1", "refund", None, 1, BY)
    [line] = take(opened, f"2025-12-11 09:00:00,입금취소,회사1,,-{krw},", name="b").lines
    with pytest.raises(CloseError, match="refunded"), opened.database.begin() as connection:
        take_back(connection, line.line_id, None, BY)
    assert bank_krw(opened) == krw


def payments_total(opened: OpenSite) -> int:
    with opened.database.read() as connection:
        return sum(payment.amount_krw for payment in payments_of(connection))


def test_two_reversals_take_two_payments_back(opened: OpenSite) -> None:
    two = [f"2025-12-10 1{hour}:00:00,이체,하나,,500," for hour in (0, 1)]
    back = [f"2025-12-10 1{hour}:30:00,입금취소,하나,,-500," for hour in (1, 2)]
    lines = take(opened, *two, *back).lines
    assert len({line.payment_id for line in lines} - {None}) == 2


def test_what_may_be_known_is_taken_in_by_a_person_and_can_be_taken_back(opened: OpenSite) -> None:
    head = "거래일시,입금액,보낸분,적요"
    take(opened, "2025-12-10 10:00:05,500,하나,이체", head=head)
    row = "2025-12-10 10:00:05,500,하나,12월분"
    [line] = take(opened, row, head=head, name="b").lines
    assert (line.kind, bank_krw(opened)) == ("doubtful", 500)
    for decide, krw in ((take_in, 1_000), (reopen, 500), (take_in, 1_000), (reopen, 500)):
        with opened.database.begin() as connection:
            decide(connection, line.line_id, BY)
        assert bank_krw(opened) == krw
        assert check_books(opened)["bank"] == krw
        assert take(opened, row, head=head, name="c").new == ()
    with opened.database.begin() as connection:
        take_in(connection, line.line_id, BY)
        owe_rest(connection, line.line_id, "C-1", BY)
        with pytest.raises(CloseError, match="is used"):
            reopen(connection, line.line_id, BY)


def test_a_decision_needs_a_person_a_reason_and_a_line_that_waits(opened: OpenSite) -> None:
    lines = take(opened, BACK, "어제,인터넷,둘,,5,").lines
    back, odd = (line.line_id for line in lines)
    with opened.database.begin() as connection:
        for by, match in ((Decision("", PAID, "x"), "--by NAME"), (Decision("김", PAID), "reason")):
            with pytest.raises(CloseError, match=match):
                drop(connection, odd, by)
        with pytest.raises(CloseError, match="there is no line none"):
            drop(connection, "none", BY)
        with pytest.raises(CloseError, match="takes no money back"):
            take_back(connection, odd, None, BY)
        with pytest.raises(CloseError, match="is no payment that came in"):
            take_in(connection, back, BY)
        with pytest.raises(CloseError, match="say which payment"):
            take_back(connection, back, None, BY)
        with pytest.raises(CloseError, match="there is no payment none"):
            take_back(connection, back, "none", BY)
        with pytest.raises(CloseError, match="nobody has decided"):
            reopen(connection, odd, BY)
        drop(connection, odd, BY)
        with pytest.raises(CloseError, match="was decided by 김정산 on 2025-12-10"):
            drop(connection, odd, BY)


def test_a_payment_gives_back_no_more_than_it_brought(opened: OpenSite) -> None:
    take(opened, "2025-12-10 10:00:00,이체,하나,,500,")
    [line] = take(opened, "2025-12-11 10:00:00,입금취소,하나,,-501,", name="b").lines
    with opened.database.begin() as connection:
        [payment] = payments_of(connection)
        with pytest.raises(CloseError, match=r"has 500, line .* takes back 501"):
            take_back(connection, line.line_id, payment.payment_id, BY)


def test_the_screen_lists_what_waits(opened: OpenSite, capsys: pytest.CaptureFixture[str]) -> None:
    show_imported(Screen(), take(opened, CAME, BACK), {})
    show_owing(Screen(), owing(opened, PAID), {})
    said = capsys.readouterr().out
    assert said.count("입금 취소") == 2
    assert waits(opened)[0].line_id in said


EVENT = st.tuples(st.sampled_from(["in", "in", "back"]), st.integers(0, 2), st.integers(0, 1))


@settings(max_examples=6, deadline=None)
@given(
    events=st.lists(EVENT, min_size=1, max_size=7),
    cuts=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.booleans()), max_size=3),
)
def test_money_taken_in_is_money_of_the_bank_over_any_lists(
    issued_site: Path, tmp_path_factory: pytest.TempPathFactory,
    events: list[tuple[str, int, int]], cuts: list[tuple[int, int, bool]],
) -> None:  # fmt: skip
    """Model: an account that money comes to and is taken back from. Whatever lists are taken in, at
    last one of all, what is there once a person has decided is what the account holds."""
    place = Path(shutil.copytree(issued_site, tmp_path_factory.mktemp("model") / "site"))
    opened = open_ground(place)
    rows, balance, there = [], 0, []
    for minute, (kind, amount, payer) in enumerate(events):
        row = ((amount + 1) * 100, ("하나", "둘")[payer])
        if kind == "back" and row not in there:
            continue
        there.append(row) if kind == "in" else there.remove(row)
        balance += row[0] if kind == "in" else -row[0]
        memo, krw = ("이체", row[0]) if kind == "in" else ("입금취소", -row[0])
        rows.append((f"2025-12-10 10:{minute:02d}:00", memo, row[1], krw, balance))
    for at, (begin, end, long) in enumerate([*cuts, (0, len(rows), True)]):
        head = "거래일시,적요,보낸분,입금액" + (",잔액" if long else "")
        written = [",".join(map(str, row if long else row[:4])) for row in rows[begin:end]]
        take(opened, *written, head=head, name=f"{at}.csv")
        check_books(opened)
    for line in waits(opened):
        with opened.database.begin() as connection:
            take_back(connection, line.line_id, None, BY)
    assert (bank_krw(opened), waits(opened)) == (balance, [])
    assert check_books(opened).get("bank", 0) == balance
    opened.database.close()


def test_a_payment_of_a_list_of_another_account_is_taken_out_and_put_back(
    opened: OpenSite,
) -> None:
    before = bank_krw(opened)
    strange = "2025-12-10 11:00:00,회비,이웃,,3000,"
    [payment] = take(opened, strange, name="club.csv").new
    with opened.database.begin() as connection:
        dropped = drop(connection, payment.payment_id, BY)
    assert (dropped.kind, dropped.moved_krw, bank_krw(opened)) == ("dropped", -3_000, before)
    again = take(opened, strange, name="again.csv")  # the row stays known
    assert (again.new, again.known, again.lines, again.unmatched) == ((), 1, (), ())
    with opened.database.begin() as connection:
        with pytest.raises(CloseError, match="was decided by"):
            drop(connection, payment.payment_id, BY)
        put_back = reopen(connection, payment.payment_id, BY)
    assert (put_back.kind, put_back.moved_krw) == ("taken_in", 3_000)
    assert (bank_krw(opened), waits(opened)) == (before + 3_000, [])
    check_books(opened)


def test_a_payment_is_taken_out_only_while_nothing_is_paid_by_it(opened: OpenSite) -> None:
    [use] = take(opened, f"2025-12-10 10:00:00,{ONE},하나,,1000,").uses
    with opened.database.begin() as connection:
        name = str(use.payment_id)
        with pytest.raises(CloseError, match=f"jeongsan match {name} --undo"):
            drop(connection, name, BY)
        with pytest.raises(CloseError, match="there is no line"):
            drop(connection, "0" * 16, BY)
        undo(connection, name, BY)
        drop(connection, name, BY)
    check_books(opened)
