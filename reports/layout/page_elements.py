"""What stands on a page: text, lines and boxes at their places, and the colours they have."""

from dataclasses import dataclass, field
from typing import Final

MM: Final = 72 / 25.4
A4: Final = (210 * MM, 297 * MM)
INK: Final = "#1A1A1A"
FAINT: Final = "#5F6673"
RULE: Final = "#4A5A78"
HAIR: Final = "#B8C0CE"
HEAD: Final = "#DFE6F7"
SOFT: Final = "#F3F5FA"
STAMP: Final = "#F7E3E3"
ALARM: Final = "#B00020"


@dataclass(frozen=True, slots=True)
class PageText:
    """Cleaned text whose baseline starts at (x, y), y from the top."""

    x: float
    y: float
    text: str
    face: str
    size: float
    colour: str


@dataclass(frozen=True, slots=True)
class PageLine:
    """A straight line."""

    x: float
    y: float
    x_end: float
    y_end: float
    colour: str
    thickness: float


@dataclass(frozen=True, slots=True)
class PageBox:
    """A filled rectangle whose upper left corner is (x, y)."""

    x: float
    y: float
    width: float
    height: float
    fill: str


@dataclass(slots=True)
class Page:
    """A page and what stands on it, in the order of drawing."""

    width: float
    height: float
    elements: list[PageText | PageLine | PageBox] = field(default_factory=list)
