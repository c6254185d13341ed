"""The one typeface of our documents: where it comes from, that it is the right one, how wide it is.

NanumGothic Regular and Bold 3.021, Copyright (c) 2011 NHN Corporation, designed by Sandoll
Communications, under the SIL Open Font License 1.1 (https://openfontlicense.org). They are read
out of the installed package `koreanize-matplotlib`, which carries the two files unchanged; only
subsets go into documents, as the licence allows. A font of the operating system is never looked
for: the bytes of a document must not depend on it.
"""

import hashlib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from metering.errors import JeongsanError

REGULAR: Final = "NanumGothic"
BOLD: Final = "NanumGothicBold"
PACKAGE: Final = "koreanize_matplotlib"
DIGESTS: Final = {
    REGULAR: "48a28e97b34fc8e5b157657633670cd1b7de126cfc414da65ce9c3d5bc8be733",
    BOLD: "454eb3f503f377782a99eb84fc4bb7dde22a0f075d41b47427737f2985053bc9",
}
UNKNOWN: Final = "〓"  # printed for a character that the typeface does not have
ASCENT: Final = 0.80  # of the size


@dataclass(frozen=True, slots=True)
class Face:
    """A loaded face: the advance of each character, in thousandths of the size."""

    name: str
    advances: dict[int, float]


def font_file(name: str) -> Path:
    """The file of a face in the package, whose code is not run (it would import matplotlib)."""
    spec = find_spec(PACKAGE)
    places = list(spec.submodule_search_locations or ()) if spec else []
    for place in places:
        path = Path(place, "fonts", f"{name}.ttf")
        if path.is_file():
            return path
    raise JeongsanError(f"{name}.ttf was not found: install koreanize-matplotlib==0.1.1")


@cache
def face(name: str) -> Face:
    """The face, registered for PDF; JeongsanError unless its file is the very one that we know."""
    path = font_file(name)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != DIGESTS[name]:
        raise JeongsanError(
            f"{path}: sha256 is {digest}, not {DIGESTS[name]}; documents would differ from those"
            " already sent: install koreanize-matplotlib==0.1.1"
        )
    font: Any = TTFont(name, str(path), validate=0, asciiReadable=1, shapable=False)
    pdfmetrics.registerFont(font)
    return Face(name, dict(font.face.charWidths))


@lru_cache(maxsize=65536)
def width(text: str, name: str, size: float) -> float:
    """Width of a cleaned text in points."""
    advances = face(name).advances
    return sum(advances.get(ord(letter), 1000) for letter in text) * size / 1000


@lru_cache(maxsize=65536)
def clean(text: str) -> str:
    """The text as it can be printed: composed, one line, no control marks, known letters only."""
    advances = face(REGULAR).advances
    letters: list[str] = []
    for letter in unicodedata.normalize("NFC", text):
        category = unicodedata.category(letter)
        if letter.isspace() or category in ("Zl", "Zp"):
            letters.append(" ")
        elif category not in ("Cc", "Cf"):
            letters.append(letter if ord(letter) in advances else UNKNOWN)
    return " ".join("".join(letters).split())


def wrap(text: str, name: str, size: float, room: float) -> list[str]:
    """Lines of a cleaned text, at most `room` points wide; only a longer word is broken."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        grown = f"{line} {word}" if line else word
        if width(grown, name, size) <= room:
            line = grown
            continue
        if line and width(word, name, size) <= room:
            lines.append(line)
            line = word
            continue
        line = grown
        while width(line, name, size) > room and len(line) > 1:
            fits = _fitting(line, name, size, room)
            lines.append(line[:fits].rstrip(" "))
            line = line[fits:].lstrip(" ")
    return [*lines, line]


def shorten(lines: list[str], most: int) -> list[str]:
    """At most so many lines, the last one ending in '…' where some were dropped."""
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], lines[most - 1][:-1] + "…"]


def _fitting(word: str, name: str, size: float, room: float) -> int:
    """How many letters of the word fit, at least one."""
    advances = face(name).advances
    total = 0.0
    for count, letter in enumerate(word):
        total += advances.get(ord(letter), 1000) * size / 1000
        if total > room:
            return max(count, 1)
    return len(word)
