"""How a month's documents are called: names that are safe on every system, and given once."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from billing.records import Invoice

NAME_BYTES: Final = 120
DRAFT: Final = "초안"
CORRECTED: Final = "정정"
# The kinds that `report --only` draws, each with the folder that its documents lie in.
FOLDERS: Final = {
    "invoice": "invoices",
    "amended": "amended",
    "statement": "statements",
    "government": "government",
}
KINDS: Final = tuple(FOLDERS)


@dataclass(frozen=True, slots=True)
class Document:
    """A file: its path below the month's folder, and its bytes."""

    path: str
    content: bytes


class FileNames:
    """File names that are safe on every system and given once."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def take(self, folder: str, stem: str, ending: str) -> str:
        stem, path, number = safe_name(stem), "", 1
        while not path or path.casefold() in self._given:
            extra = f"-{number}" if number > 1 else ""
            path, number = f"{folder}/{stem}{extra}.{ending}", number + 1
        self._given.add(path.casefold())
        return path


def safe_name(text: str) -> str:
    """A file name of letters, digits and a few signs, at most 120 bytes, never hidden or empty."""
    kept = "".join(
        letter if letter.isalnum() or letter in "()-_." else "_"
        for letter in unicodedata.normalize("NFC", text)
    )
    while len(kept.encode()) > NAME_BYTES:
        kept = kept[:-1]
    return kept.strip("._") or "_"


def invoice_stem(invoice: Invoice) -> str:
    """What an invoice's file is called; a draft's has no number."""
    exempt = "_면세" if invoice.tax_class == "exempt" else ""
    first = invoice.number or f"{DRAFT}_{invoice.company_id}"
    return f"{first}_{invoice.company.name}{exempt}"


def report_stem(month: str, adjustment: int | None = None) -> str:
    """What the ministry's report of a month is called, as it was issued or after an adjustment."""
    corrected = "" if adjustment is None else f"_{CORRECTED}{adjustment}"
    return f"{month}_운영집행현황{corrected}"


def drawing_command(month: str, paths: Iterable[str]) -> str:
    """The command that draws these documents of an issued month anew, by their paths below the
    month's folder, and no more kinds than it has to."""
    kinds = {kind_of(path) for path in paths}
    only = f" --only {kinds.pop()}" if len(kinds) == 1 else ""
    return f"jeongsan report {month}{only}"


def kind_of(path: str) -> str:
    """The kind that a document is drawn with: a report after an adjustment comes with both."""
    folder, _, name = path.partition("/")
    if folder == FOLDERS["government"] and f"_{CORRECTED}" in name:
        return "amended"
    return next(kind for kind, of in FOLDERS.items() if of == folder)
