"""The numbers of documents that a payer wrote: which are surely meant, and which only may be."""

import re
import unicodedata
from collections.abc import Iterable

# A number has borders: no letter or digit of ASCII beside it, and no mark that joins it to one, as
# in LOT20260000063, T2026-0000021 or T2026-000001~000003 (Korean words may touch it).
WHOLE = re.compile(
    r"(?<![0-9A-Z])(?<![0-9A-Z][-_.~])([TS])\s*(\d{4})\s*-?\s*(\d{6})(?![0-9A-Z])"
    r"(?!\s*[-_.~]\s*[0-9A-Z])",
    re.ASCII,
)
# What somebody may have meant as one.
LIKE = re.compile(r"[TS]\s*\d{4}\s*-?\s*\d{4,}|(?<![0-9A-Z])[TS]\s*\d{4}\s*-\s*\d", re.ASCII)


def numbers_in(text: str) -> list[str]:
    """The numbers of documents that somebody wrote, as they are written on the documents."""
    numbers = WHOLE.findall(_plain(text))
    return list(dict.fromkeys(f"{letter}{year}-{digits}" for letter, year, digits in numbers))


def has_doubtful_number(text: str) -> bool:
    """Whether something in a text looks like the number of a document and is none."""
    return LIKE.search(WHOLE.sub(" ", _plain(text))) is not None


def numbers_of(texts: Iterable[str]) -> list[str]:
    """The numbers in some texts; one that begins in a text and ends in the next is none."""
    return list(dict.fromkeys(number for text in texts for number in numbers_in(text)))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper()
