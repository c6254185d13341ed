"""How a month's documents are called: names that are safe on every system, and given once."""

import unicodedata
from dataclasses import dataclass
from typing import Final

NAME_BYTES: Final = 120


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
