"""Korean business registration numbers: their check digit and the way they are written."""

import re

WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)
WRITTEN = re.compile(r"(\d{3})-?(\d{2})-?(\d{5})", re.ASCII)


def business_number_flaw(text: str) -> str:
    """What keeps a text from being a number: it is ten digits, with or without hyphens, of which
    the last checks the rest. Ten zeros keep the check and are nobody's. Nothing where it is one."""
    parts = WRITTEN.fullmatch(text)
    if parts is None:
        return "ten digits, the last one checked"
    digits = [int(digit) for part in parts.groups() for digit in part]
    if not any(digits):
        return "ten zeros are nobody's"
    total = sum(digit * weight for digit, weight in zip(digits, WEIGHTS, strict=False))
    total += digits[8] * WEIGHTS[8] // 10
    return "" if (10 - total % 10) % 10 == digits[9] else "ten digits, the last one checked"


def business_number_ok(text: str) -> bool:
    """Whether a text is a business registration number."""
    return not business_number_flaw(text)


def written_business_number(text: str) -> str:
    """The number as 000-00-00000; ValueError if it is none."""
    parts = WRITTEN.fullmatch(text)
    if parts is None or (flaw := business_number_flaw(text)):
        raise ValueError(f"{text!r} is no business registration number: {flaw}")
    return "-".join(parts.groups())


def business_number_digits(text: str) -> str:
    """The digits of a number alone: what the ledger's series and the standard's XML name it by."""
    return "".join(letter for letter in text if letter.isdigit())
