"""Which rows of a list are kept already: as the bank's rows are, whatever columns a list has."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.payment.bank_file import Payment, payment_id, read_bank_file
from billing.payment.known_rows import named, recognise, sameness
from metering.settings.bank_layout import BankLayout
from tests.builders.payments import listed

SHORT = "거래일시,입금액,보낸분,적요"
LONG = "거래일시,입금액,보낸분,적요,잔액"


def rows(*lines: str, head: str = LONG, account: str = "bank") -> tuple[Payment, ...]:
    return read_bank_file("b", listed(*lines, head=head), BankLayout(account)).payments


def first(line: str, head: str = LONG, account: str = "bank") -> Payment:
    return rows(line, head=head, account=account)[0]


KEPT = first("2026-11-10 10:00:05,132000,베타소프트(주),이체,1000000")


@pytest.mark.parametrize(
    ("head", "line"),
    [
        (LONG, "2026-11-10 10:00:05,132000,베타소프트(주),이체,1000000"),
        (LONG, '2026-11-10 10:00:05,132000,베타소프트(주),이체,"1,000,000"'),
        (SHORT, "2026-11-10 10:00:05,132000,베타소프트(주),이체"),
        ("보낸분,거래일시,입금액", "베타소프트(주),2026-11-10 10:00:05,132000"),
        ("잔액,보낸분,거래일시,입금액", "1000000,베타소프트(주),2026-11-10 10:00:05,132000"),
        (SHORT, "2026.11.10 10:00,132000,베타소프트㈜,이체"),
        (SHORT, "2026-11-10,132000,베타소프트 주식회사,이 체"),
        (LONG, "2026-11-10 10:00:05,132000,베타소프트(주),다른 메모,1000000"),
        (LONG, "2026-11-10 10:00,132000,베타소프,이체,1000000"),
    ],
)
def test_a_row_is_the_same_in_other_columns_and_letters(head: str, line: str) -> None:
    assert sameness(first(line, head), KEPT) == sameness(KEPT, first(line, head)) == "same"


@pytest.mark.parametrize(
    ("head", "line"),
    [
        (LONG, "2026-11-10 10:00:06,132000,베타소프트(주),이체,1000000"),
        (LONG, "2026-11-10 10:00:05,132000,베타소프트(주),이체,1132000"),
        (SHORT, "2026-11-10 10:01,132000,베타소프트(주),이체"),
        (SHORT, "2026-11-10 10:00:05,132000,감마랩(주),이체"),
        (LONG, "2026-11-10,132000,감마랩(주),이체,1000000"),
    ],
)
def test_a_row_that_both_lists_tell_apart_is_another(head: str, line: str) -> None:
    assert sameness(first(line, head), KEPT) == "other"
    rec = recognise([first(line, head)], [KEPT])
    assert (len(rec.new), rec.known, rec.doubtful) == (1, {}, {})


@pytest.mark.parametrize(
    ("account", "line"),
    [("bank", "2026-11-10 10:00:05,132000,베타소프트(주),다른 메모"),
     ("다른 계좌", "2026-11-10 10:00:05,132000,베타소프트(주),이체")],
)  # fmt: skip
def test_a_row_that_words_alone_tell_apart_is_for_a_person(account: str, line: str) -> None:
    row = first(line, SHORT, account)
    rec = recognise([row], [KEPT])
    assert (rec.new, rec.known, rec.doubtful) == ((), {}, {row.line: KEPT})


def test_words_tell_rows_apart_where_the_kept_one_is_in_the_list_too() -> None:
    both = rows(
        "2026-11-10 10:00:05,132000,베타소프트(주),이체",
        "2026-11-10 10:00:05,132000,베타소프트(주),다른 메모",
        head=SHORT,
    )
    rec = recognise(both, [KEPT])
    assert (rec.new, rec.known, rec.doubtful) == ((both[1],), {both[0].line: KEPT}, {})


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_equal_rows_are_counted_a_list(count: int) -> None:
    line = "2026-11-10 10:00,66000,감마랩(주),이체"
    kept = rows(line, line, head=SHORT)
    of_list = rows(*[line] * count, head=SHORT)
    rec = recognise(of_list, kept)
    assert (len(rec.known), len(rec.new)) == (min(count, 2), max(count - 2, 0))
    ids = [*(row.payment_id for row in kept)]
    ids += [row.payment_id for row in named(rec.new, ids)]
    assert len(set(ids)) == len(ids)


def test_equal_rows_of_one_minute_are_told_apart_by_their_balance() -> None:
    kept = rows("2026-11-10 10:00,66000,감마랩(주),이체,1066000")
    rec = recognise(rows("2026-11-10 10:00,66000,감마랩(주),이체,1132000"), kept)
    assert (len(rec.known), len(rec.new)) == (0, 1)


def test_a_row_that_stands_in_a_list_twice_with_its_balance_is_for_a_person() -> None:
    line = "2026-11-10 10:00:05,66000,감마랩(주),이체,1066000"
    rec = recognise(rows(line, line), [])
    assert ([row.line for row in rec.new], rec.repeated) == ([2], {3: 2})
    again = recognise(rows(line, line), rec.new)
    assert (list(again.known), again.new, again.repeated) == ([2], (), {3: 2})
    day_only = "2026-11-10,66000,감마랩(주),이체,1066000"
    assert len(recognise(rows(day_only, day_only), []).new) == 2


@pytest.mark.parametrize(
    ("kept_balance", "balance", "same"),
    [
        ("", "1000000", "same"),
        ("1,000,000", "1000000", "same"),
        ("1000000", "1,000,000", "same"),
        ("1000000", "", "same"),
        ("900000", "1000000", "other"),
    ],
)
@pytest.mark.parametrize("place", [1, 2, 7])
def test_a_payment_that_was_kept_without_its_balance_is_known_by_its_id(
    kept_balance: str, balance: str, same: str, place: int
) -> None:
    """The id of a payment that an earlier version took in was made of its balance."""
    line = f'2026-11-10 10:00:00,132000,베타소프트(주),이체,"{kept_balance}"'
    row = first(line)
    kept = replace(row, payment_id=payment_id(row, place), balance="", says=None)
    now = first(f'2026-11-10 10:00:00,132000,베타소프트(주),이체,"{balance}"')
    assert sameness(now, kept) == same


def test_a_kept_time_of_full_minutes_may_be_one_without_seconds() -> None:
    kept = replace(KEPT, paid_at="10:00:00", says=None, balance="")
    for at, same in (("10:00:37", "same"), ("10:01:00", "other")):
        row = first(f"2026-11-10 {at},132000,베타소프트(주),이체", SHORT)
        assert sameness(row, kept) == same


ROW = st.tuples(st.integers(0, 2), st.sampled_from(["이체", "8월"]), st.integers(0, 1))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(ROW, max_size=8),
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(0, 7)), max_size=5),
)
def test_lists_that_overlap_in_any_columns_bring_each_row_of_the_bank_once(
    bank: list[tuple[int, str, int]], lists: list[tuple[int, int, int]]
) -> None:
    """Model: a bank that knows its rows. Lists are stretches of its minutes with columns at will; a
    minute is in a list whole. What is kept, or is for a person, is never more than the bank has,
    and all of it once a list had everything."""
    minutes = sorted(bank)
    lines = []
    for at, (minute, memo, payer) in enumerate(minutes):
        lines.append((minute, memo, ("감마랩", "베타")[payer], 1_000 * (at + 1)))
    kept: list[Payment] = []
    asked = 0
    for begin, end, columns in [*lists, (0, 9, 7)]:
        part = [line for line in lines if begin <= line[0] < max(end, begin)]
        names = ["거래일시", "입금액", "보낸분", *(["적요"] if columns & 1 else [])]
        names += ["잔액"] if columns & 2 else []
        order = names[::-1] if columns & 4 else names
        written = []
        for minute, memo, payer, balance in part:
            of = {"거래일시": f"2026-11-10 10:0{minute}:00", "입금액": "1000", "보낸분": payer,
                  "적요": memo, "잔액": str(balance)}  # fmt: skip
            written.append(",".join(of[name] for name in order))
        rec = recognise(rows(*written, head=",".join(order)), kept)
        asked += len(rec.doubtful) + len(rec.repeated)
        kept += named(rec.new, [row.payment_id for row in kept])
        assert len(kept) <= len(lines)
    assert asked == 0
    assert len(kept) == len(lines)
    assert {row.paid_on for row in kept} <= {date(2026, 11, 10)}
