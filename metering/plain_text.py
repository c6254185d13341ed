"""What text from outside may hold: printable characters of one line, in one normal form."""

import re
import unicodedata

TEXT_MAX = 300
MODEL = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?", re.ASCII)  # a part of an SKU's name
# Control and format characters (direction overrides among them), surrogates, private use,
# unassigned, line and paragraph separators: none of them belongs in a name that is printed.
REFUSED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def flaw(text: str) -> str | None:
    """What is wrong with a text, in words; None if nothing is."""
    if len(text) > TEXT_MAX:
        return unprintable(text[:TEXT_MAX]) or (
            f"has {len(text)} characters, {TEXT_MAX} at most are allowed"
        )
    return unprintable(text)


def unprintable(text: str) -> str | None:
    """Which character of a text cannot be printed, in words; None if all of them can."""
    if text.isprintable():  # nothing of REFUSED is, which a text of a sentence is asked at once
        return None
    for position, character in enumerate(text, start=1):
        if _refused(character):
            return f"character {position} (U+{ord(character):04X}) cannot be printed; remove it"
    return None


def printable(text: str, most: int) -> str:
    """A text from outside as it can be told: what cannot be printed as its number, and what
    is beyond so many characters left out."""
    if len(text) <= most and not any(unprintable(line) for line in text.split("\n")):
        return text
    letters = [
        f"\\u{ord(letter):04x}" if letter != "\n" and _refused(letter) else letter
        for letter in text[:most]
    ]
    return "".join(letters) + (" ..." if len(text) > most else "")


def _refused(letter: str) -> bool:
    return unicodedata.category(letter) in REFUSED


def tidy(text: str) -> str:
    """The text without blanks around it, its Hangul composed (one name, one spelling)."""
    return unicodedata.normalize("NFC", text.strip())
