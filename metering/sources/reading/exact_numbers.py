"""Texts to integers, exactly: through Decimal, never through a float."""

import re
from decimal import Decimal, Inexact, InvalidOperation, localcontext
from functools import lru_cache

CLOCK = re.compile(r"(?:(\d{1,5})-)?(?:(\d{1,5}):)?(\d{1,2}):(\d{2})(?:\.(\d{1,3})\d*)?", re.ASCII)
NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.ASCII | re.IGNORECASE)
INT64_MAX = 2**63 - 1
FIRST_MS, LAST_MS = 946_684_800_000, 4_102_444_800_000  # 2000 and 2100: clocks outside are wrong


def number(text: str) -> Decimal | None:
    """The number that a text writes; None where it writes none, or no finite one."""
    if "_" in text:
        return None
    try:
        decimal = Decimal(text.strip())
    except InvalidOperation:
        return None
    return decimal if decimal.is_finite() and decimal.adjusted() < 40 else None


def not_finite(text: str) -> bool:
    """Whether a text says NaN or an infinity: no amount, and no flaw of what wrote it either. Its
    sample is left out and counted (METERING 37)."""
    return NOT_FINITE.fullmatch(text.strip()) is not None


def product(value: Decimal, other: Decimal) -> Decimal:
    """value x other, exactly."""
    with localcontext(prec=200):
        return value * other


def share(parts: int) -> Decimal:
    """1 / parts; ValueError where no decimal of 200 digits is that exactly."""
    with localcontext(prec=200) as context:
        context.clear_flags()
        part = Decimal(1) / parts
        if context.flags[Inexact]:
            raise ValueError(f"1/{parts} is no decimal")
    return part


def floored(value: Decimal, factor: int | Decimal = 1) -> int:
    """value x factor, rounded down to an integer."""
    with localcontext(prec=300):
        return int((value * factor).to_integral_value(rounding="ROUND_FLOOR"))


def remainder(value: Decimal) -> Decimal:
    """What is left of a number above the integer below it."""
    with localcontext(prec=300):
        return value - floored(value)


def whole(value: Decimal, factor: int | Decimal = 1) -> int | None:
    """value x factor where that is an integer, else None."""
    with localcontext(prec=300):
        product = value * factor
        return int(product) if product == product.to_integral_value() else None


@lru_cache(maxsize=4096)
def clock_ms(text: str) -> int | None:
    """A length of time written [D-][HH:]MM:SS[.mmm], in ms; None where it is not written so."""
    parts = CLOCK.fullmatch(text.strip())
    if parts is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in parts.group(1, 2, 3, 4))
    if seconds > 59 or (minutes > 59 and (parts[1] or parts[2])):
        return None
    thousandths = int((parts[5] or "0").ljust(3, "0"))
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + thousandths
