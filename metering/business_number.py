"""Korean business registration numbers: their check digit and the way they are written."""

import re

WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)
WRITTEN = re.compile(r"(\d{3})-?(\d{2})-?(\d{5})", re.ASCII)


def business_number_ok(text: str) -> bool:
    """Whether a text is ten digits, with or without hyphens, of which the last checks the rest."""
    parts = WRITTEN.fullmatch(text)
    if parts is None:
        return False
    digits = [int(digit) for part in parts.groups() for digit in part]
    total = sum(digit * weight for digit, weight in zip(digits, WEIGHTS, strict=False))
    total += digits[8] * WEIGHTS[8] // 10
    return (10 - total % 10) % 10 == digits[9]


def written_business_number(text: str) -> str:
    """The number as 000-00-00000; ValueError if it is none."""
    parts = WRITTEN.fullmatch(text)
    if parts is None or not business_number_ok(text):
        raise ValueError(f"{text!r} is no business registration number: its check digit is wrong")
    return "-".join(parts.groups())


def business_number_digits(text: str) -> str:
    """The digits of a number alone: what the ledger's series and the standard's XML name it by."""
    return "".join(letter for letter in text if letter.isdigit())
