"""A bank's list of transactions: what comes in, what a person has to see, the same ids again."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.payment.bank_file import Payment, read_bank_file
from metering.errors import Mistakes
from metering.settings.bank_layout import BankLayout
from metering.settings.site_toml import read_site
from tests.builders.payments import HEAD, listed, paid, read
from tests.metering.settings.test_site_toml import HEAD as SITE_HEAD
from tests.metering.settings.test_site_toml import write


def wrong(*rows: str, head: str = HEAD, layout: BankLayout | None = None) -> list[str]:
    with pytest.raises(Mistakes) as refused:
        read_bank_file("bank.csv", listed(*rows, head=head), layout or BankLayout())
    return [str(mistake) for mistake in refused.value.mistakes]


def test_money_that_came_in_is_read_and_the_rest_is_counted() -> None:
    file = read(
        '2025-11-20 14:03:22,인터넷,(주)하나,,"1,234,000","5,000,000"',
        "2025-11-21,급여,직원,3000000,,2000000",
        "2025.11.22 09:00,타행,둘,0,7,2000007",
        "2025-11-23,이자,은행,,,2000007",
    )
    assert [
        (
            payment.account,
            payment.paid_on,
            payment.paid_at,
            payment.payer,
            payment.memo,
            payment.amount_krw,
            payment.line,
        )
        for payment in file.payments
    ] == [
        ("bank", date(2025, 11, 20), "14:03:22", "(주)하나", "인터넷", 1_234_000, 2),
        ("bank", date(2025, 11, 22), "09:00:00", "둘", "타행", 7, 4),
    ]
    assert (file.name, file.left_out) == ("bank.csv", 2)


@pytest.mark.parametrize(
    ("text", "day", "clock"),
    [
        ("20251120", date(2025, 11, 20), ""),
        ("2025/11/20 09:08:07", date(2025, 11, 20), "09:08:07"),
        ("20251120 090807", date(2025, 11, 20), "09:08:07"),
        ("2025-11-20T23:59", date(2025, 11, 20), "23:59:00"),
        ("2025-11-20 오후 2:03:22", date(2025, 11, 20), "14:03:22"),
        ("2025. 11. 20. 오전 12:03", date(2025, 11, 20), "00:03:00"),
        ("2025-11-20 24:00", date(2025, 11, 21), "00:00:00"),
    ],
)
def test_a_day_is_read_as_banks_write_it(text: str, day: date, clock: str) -> None:
    [payment] = read(paid(1, "하나", at=text)).payments
    assert (payment.paid_on, payment.paid_at) == (day, clock)


def test_a_line_that_cannot_be_read_is_told_with_its_reason_and_the_rest_is_taken_in() -> None:
    file = read(
        "2025-11-31,인터넷,하나,,100,",
        "어제,인터넷,하나,,100,",
        "2025-11-20 24:01,인터넷,하나,,100,",
        "2025-11-20,인터넷,하나,,100.5,",
        '2025-11-20,인터넷,하나,,"1,00",',
        "2025-11-20,인터넷,하나,50,100,",
        "2025-11-20,인터넷,하나\u202e,,100,",
        "2025-11-20,인터넷",
        f"2025-11-20,인터넷,하나,,{10**15},",
        "2025-11-20,인터넷,하나,-50,,",
        "2025-11-20 09:00+09:00,인터넷,하나,,100,",
        f"2025-11-20,인터넷,하나,,{10**15 - 1},",
    )
    assert [(line.line, line.kind, line.reason) for line in file.untaken] == [
        (2, "odd", "paid: '2025-11-31' is no date: write it like 2025-10-01"),
        (3, "odd", "paid: '어제' is no day: write it like 2025-11-20 14:03:22"),
        (4, "odd", "paid: '2025-11-20 24:01' is no time of day"),
        (5, "odd", "amount: '100.5' is no amount in won like 1,234,000"),
        (6, "odd", "amount: '1,00' is no amount in won like 1,234,000"),
        (7, "odd", "amount: money comes in and goes out on one line"),
        (8, "odd", "payer: character 3 (U+202E) cannot be printed; remove it"),
        (9, "odd", "has 2 cells, its headings are 6"),
        (10, "odd", "amount: '1000000000000000' is no amount in won like 1,234,000"),
        (11, "odd", "withdrawn: -50 is no amount that went out"),
        (12, "odd", "paid: '2025-11-20 09:00+09:00' has an offset; a bank's day is the site's"),
    ]
    assert file.untaken[6].text == "2025-11-20 인터넷 하나\ufffd 100"
    assert [payment.amount_krw for payment in file.payments] == [10**15 - 1]


def test_money_that_the_bank_takes_back_is_told_and_the_rest_is_taken_in() -> None:
    file = read(
        '2025-11-20 14:03:22,타행이체,하나,,"66,000","1,066,000"',
        '2025-11-20 14:10:00,입금취소,하나,,"-66,000","1,000,000"',
        '2025-11-20 14:11:00,이체,하나,,"-1","1,000,000"',
        '2025-11-20 14:12:00,입금 취소,하나,"66,000",,"1,000,000"',
        '2025-11-20 14:13:00,취소,하나,,"66,000","1,000,000"',
        "2025-11-20 14:14:00,입금취소,하나,,,",
        '2025-11-21 09:00:00,취소분 재입금,하나,,"66,000","1,066,000"',
    )
    assert [(payment.line, payment.amount_krw) for payment in file.payments] == [
        (2, 66_000), (8, 66_000)
    ]  # fmt: skip
    assert [
        (line.line, line.kind, line.reason, line.moved.amount_krw if line.moved else None)
        for line in file.untaken
    ] == [
        (3, "reversal", "takes back 66,000 won", 66_000),
        (4, "reversal", "takes back 1 won", 1),
        (5, "reversal", "takes back 66,000 won", 66_000),
        (6, "reversal", "takes back 66,000 won", 66_000),
    ]
    assert file.left_out == 1


def test_lines_that_a_quote_swallows_are_told_line_by_line() -> None:
    file = read(paid(1, "하나"), '2025-11-20,"메모,둘,,5,', paid(2, "셋"), paid(3, "넷"))
    assert [payment.amount_krw for payment in file.payments] == [1, 3]
    reason = "is of a quoted cell that runs over lines, 3 to 4"
    assert [(line.line, line.reason) for line in file.untaken] == [(3, reason), (4, reason)]


@pytest.mark.parametrize("encoding", ["utf-8", "cp949", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", "|", "\t"])
def test_a_list_may_be_in_other_letters_and_parted_by_other_marks(
    encoding: str, delimiter: str
) -> None:
    lines = ["거래내역, 조회", HEAD.replace(",", delimiter), f"2025-11-20{delimiter * 2}하나"]
    lines[-1] += f"{delimiter * 2}1,000{delimiter}"
    content = "\r\n".join(lines).encode(encoding)
    (payment,) = read_bank_file("a", content, BankLayout()).payments
    assert (payment.payer, payment.amount_krw, payment.line) == ("하나", 1_000, 3)


def test_a_list_without_its_headings_says_which_and_where_to_name_them() -> None:
    [missing] = wrong("2025-11-20,하나,100", head="일자,이름,금액")
    assert missing == (
        "bank.csv: no line has the headings 거래일시, 입금액, 보낸분; name the bank's own in [bank]"
        " columns of site.toml"
    )
    [twice] = wrong(paid(1, "하나") + ",", head=HEAD + ",입금액")
    assert twice == "bank.csv:1: the heading 입금액 stands twice"


def test_what_a_bank_writes_above_its_headings_and_other_letters_are_taken() -> None:
    lines = ["거래내역조회", "", "계좌번호,000-0000", HEAD, paid(5, "뷁상사"), ""]
    [payment] = read_bank_file("a", "\n".join(lines).encode("cp949"), BankLayout()).payments
    assert (payment.payer, payment.amount_krw, payment.line) == ("뷁상사", 5, 5)
    with pytest.raises(Mistakes, match=r"a:2: is neither UTF-8 nor CP949; save it as CSV UTF-8"):
        read_bank_file("a", b"date,name\n\xff\xff", BankLayout())
    with pytest.raises(Mistakes, match=r"a: is no text in UTF-8, CP949 or UTF-16; save it as"):
        read_bank_file("a", b"PK\x03\x04\0\0", BankLayout())


def test_a_reversal_whose_day_cannot_be_read_is_a_line_that_cannot_be() -> None:
    [line] = read("어제,입금취소,하나,,-5,").untaken
    assert (line.kind, line.reason, line.moved) == ("odd", "takes back 5 won", None)


@pytest.mark.parametrize(
    ("at", "says"),
    [
        ("2025-11-20", ()),
        ("2025-11-20 14:03", ()),
        ("2025-11-20 14:03:00", ("second",)),
        ("20251120 1403", ()),
        ("20251120 140300", ("second",)),
        ("2025년 11월 20일 14시 3분", ()),
        ("2025년 11월 20일 14시 3분 0초", ("second",)),
    ],
)
def test_a_row_knows_whether_its_second_was_said(at: str, says: tuple[str, ...]) -> None:
    [payment] = read(paid(1, "하나", at=at)).payments
    assert payment.says == ("memo", *says)


def test_a_row_has_the_same_id_in_every_list_and_equal_rows_have_their_own() -> None:
    twice = (paid(5, "하나"), paid(5, "하나"))
    first = read(*twice).payments
    longer = read(paid(9, "둘"), *twice, paid(5, "하나"), name="other.csv").payments
    assert len({payment.payment_id for payment in longer}) == 4
    assert [payment.payment_id for payment in first] == [
        payment.payment_id for payment in longer[1:3]
    ]
    other = read(*twice, layout=BankLayout("다른 계좌")).payments
    assert not {payment.payment_id for payment in first} & {payment.payment_id for payment in other}


@given(st.lists(st.sampled_from([1, 2, 3]), max_size=12), st.integers(0, 12))
def test_a_list_and_any_beginning_of_it_agree_on_its_ids(amounts: list[int], upto: int) -> None:
    rows = [paid(krw, "하나") for krw in amounts]
    whole, part = read(*rows).payments, read(*rows[:upto]).payments
    assert [payment.payment_id for payment in whole[:upto]] == [
        payment.payment_id for payment in part
    ]
    assert len({payment.payment_id for payment in whole}) == len(rows)


BANK = """
[bank]
account = "예시은행 1-2"
columns = { paid = "거래일", amount = "들어온 돈", payer = "이름" }
reversals = ["입금 정정"]
"""


def test_a_site_says_how_its_bank_calls_the_columns(tmp_path: Path) -> None:
    layout = read_site(write(tmp_path, SITE_HEAD + BANK + CLUSTER)).bank
    assert (layout.account, layout.reversals) == ("예시은행 1-2", ("입금정정",))
    content = listed("2025-11-20,하나,7", head="거래일,이름,들어온 돈")
    [payment] = read_bank_file("b", content, layout).payments
    assert payment == Payment(
        payment.payment_id, "예시은행 1-2", date(2025, 11, 20), "", "하나", "", 7, 2, "", ()
    )


def test_columns_that_are_not_known_or_missing_are_mistakes(tmp_path: Path) -> None:
    text = BANK.replace('payer = "이름"', 'name = "이름"')
    with pytest.raises(Mistakes) as refused:
        read_site(write(tmp_path, SITE_HEAD + text + CLUSTER))
    assert [mistake.message for mistake in refused.value.mistakes] == [
        "bank.columns: name is none of paid, amount, payer, memo, withdrawn, balance",
        "bank.columns: needs payer, as the bank calls it",
    ]


CLUSTER = """
[cluster.hpc]

[[cluster.hpc.source]]
name = "sacct"
kind = "slurm"
record = "allocation"
paths = ["in/sacct.psv"]
"""
