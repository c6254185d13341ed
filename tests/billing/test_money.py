"""Whole won: the floor, sharing without loss, and how amounts are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.money import floor_krw, format_krw, hangul_amount, official_amount, share


def test_what_is_below_one_won_is_dropped() -> None:
    assert [floor_krw(n, 10) for n in (0, 9, 10, 19)] == [0, 0, 1, 1]


def test_the_largest_remainder_gets_the_won_that_is_left() -> None:
    assert share(100, [1, 1, 1]) == [34, 33, 33]
    assert share(100, [200, 300]) == [40, 60]
    assert share(10, [2, 5, 4]) == [2, 4, 4]


def test_ties_go_to_the_first() -> None:
    assert share(1, [5, 5, 5]) == [1, 0, 0]
    assert share(2, [5, 5, 5]) == [1, 1, 0]


def test_a_negative_total_is_shared_like_the_positive_one() -> None:
    assert share(-100, [1, 1, 1]) == [-34, -33, -33]


def test_nothing_is_shared_among_nobody() -> None:
    assert share(0, []) == []
    assert share(0, [0, 0]) == [0, 0]
    with pytest.raises(AssertionError):
        share(1, [0, 0])


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**15), min_size=1, max_size=8))
def test_the_parts_make_the_whole(total: int, weights: list[int]) -> None:
    if sum(weights) == 0:
        weights = [1, *weights]
    parts = share(total, weights)
    assert sum(parts) == total
    if total <= sum(weights):
        assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


@pytest.mark.parametrize(
    ("krw", "written"),
    [(0, "0"), (999, "999"), (1000, "1,000"), (-1234, "△1,234"), (113560, "113,560")],
)
def test_amounts_have_thousands_and_a_triangle_when_negative(krw: int, written: str) -> None:
    assert format_krw(krw) == written


@pytest.mark.parametrize(
    ("krw", "written"),
    [
        (0, "영"),
        (1, "일"),
        (10, "일십"),
        (100, "일백"),
        (1_000, "일천"),
        (10_000, "일만"),
        (113_560, "일십일만삼천오백육십"),
        (100_000_000, "일억"),
        (100_010_000, "일억일만"),
        (20_030_000_004, "이백억삼천만사"),
        (9_600_000_000, "구십육억"),
        (1_000_000_000_000, "일조"),
        (12_345_678_901_234_567, "일경이천삼백사십오조육천칠백팔십구억일백이십삼만사천오백육십칠"),
    ],
)
def test_amounts_in_hangul_keep_the_leading_one(krw: int, written: str) -> None:
    assert hangul_amount(krw) == written


def test_the_official_form_names_the_amount_twice() -> None:
    assert official_amount(113_560) == "금113,560원(금일십일만삼천오백육십원)"
    assert official_amount(-1) == "△금1원(금일원)"
