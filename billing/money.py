"""Owns whole won: the floor, sharing without loss, and how an amount is written."""

from collections.abc import Sequence

DIGITS = "영일이삼사오육칠팔구"
PLACES = ("", "십", "백", "천")
MYRIADS = ("", "만", "억", "조", "경")


def floor_krw(numerator: int, denominator: int) -> int:
    """Whole won of an exact amount that is not negative: what is below one won is dropped."""
    assert numerator >= 0, "only amounts that are not negative are floored"
    assert denominator > 0, "a denominator is positive"
    return numerator // denominator


def share(total: int, weights: Sequence[int]) -> list[int]:
    """Whole parts of `total` in proportion to `weights`, by largest remainder, ties to the first.

    No part is larger than its weight when `total` is not larger than their sum. A negative total
    is shared like the positive one.
    """
    if total < 0:
        return [-part for part in share(-total, weights)]
    whole = sum(weights)
    assert all(weight >= 0 for weight in weights), "weights are not negative"
    assert whole > 0 or total == 0, "something cannot be shared among nobody"
    if total == 0:
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    left = total - sum(parts)
    if left:
        by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
        for i in by_remainder[:left]:
            parts[i] += 1
    assert sum(parts) == total, "the parts make the whole"
    return parts


def format_krw(amount_krw: int) -> str:
    """The amount with thousands separators; a negative one with △, as public documents write it."""
    return f"{amount_krw:,}" if amount_krw >= 0 else f"△{-amount_krw:,}"


def hangul_amount(amount_krw: int) -> str:
    """The amount in Hangul as the rules on public documents ask: 113560 -> 일십일만삼천오백육십."""
    if amount_krw < 0:
        return "△" + hangul_amount(-amount_krw)
    if amount_krw == 0:
        return DIGITS[0]
    assert amount_krw < 10 ** (4 * len(MYRIADS)), "amounts stay below a hundred thousand 경"
    text = ""
    for power, myriad in enumerate(MYRIADS):
        four = amount_krw // 10_000**power % 10_000
        if four:
            text = _hangul_four(four) + myriad + text
    return text


def official_amount(amount_krw: int) -> str:
    """The amount as public documents print it: 금113,560원(금일십일만삼천오백육십원)."""
    if amount_krw < 0:
        return "△" + official_amount(-amount_krw)
    return f"금{amount_krw:,}원(금{hangul_amount(amount_krw)}원)"


def _hangul_four(number: int) -> str:
    text = ""
    for power, place in enumerate(PLACES):
        digit = number // 10**power % 10
        if digit:
            text = DIGITS[digit] + place + text
    return text
