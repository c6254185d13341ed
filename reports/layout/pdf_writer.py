"""Writing pages as a PDF file: the same text, lines and boxes give the same bytes.

No clock, no random name and no setting of the machine enters the file; its two faces are embedded
as subsets, and every page says 'n / N'.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from reports.layout.fonts import BOLD, REGULAR, face, width, wrap
from reports.layout.page_elements import (
    A4,
    ALARM,
    FAINT,
    HAIR,
    INK,
    MM,
    STAMP,
    Page,
    PageBox,
    PageLine,
    PageText,
)

DRAFT_MARK: Final = "초안 (DRAFT)"
DRAFT_NOTE: Final = "초안 (DRAFT) · 발행 전 문서로 효력이 없음"

# What a machine or a user could have set otherwise and would change the bytes.
SETTINGS: Final = {"useA85": 0, "pageCompression": 1, "pdfMultiLine": 0, "invariant": 1}
for _setting, _value in SETTINGS.items():
    setattr(rl_config, _setting, _value)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a file says of itself; a draft is marked on every page."""

    title: str
    author: str
    subject: str
    footer: str
    draft: bool


def write_pdf(pages: Sequence[Page], metadata: Metadata, margin: float) -> bytes:
    """The file of these pages, with a foot on each."""
    face(REGULAR), face(BOLD)
    file = io.BytesIO()
    canvas: Any = Canvas(
        file, pagesize=A4, invariant=1, pageCompression=1, initialFontName=REGULAR, lang="ko-KR"
    )
    canvas.setTitle(metadata.title)
    canvas.setAuthor(metadata.author)
    canvas.setSubject(metadata.subject)
    canvas.setCreator("Jeongsan")
    canvas.setProducer("Jeongsan, ReportLab")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    for number, page in enumerate(pages, start=1):
        canvas.setPageSize((page.width, page.height))
        if metadata.draft:
            _stamp(canvas, page)
        pen = _Pen(canvas, page.height)
        pen.draw(page)
        pen.draw(_foot(metadata, page, margin, f"{number} / {len(pages)}"))
        canvas.showPage()
    canvas.save()
    return file.getvalue()


@cache
def _colour(name: str) -> Any:
    return HexColor(name)


class _Pen:
    """Draws a page, changing colour, font and line only where the next element differs."""

    def __init__(self, canvas: Any, height: float) -> None:
        self._canvas, self._height = canvas, height
        self._fill = self._stroke = ""
        self._font = ("", 0.0)
        self._thickness = -1.0

    def draw(self, page: Page) -> None:
        for element in page.elements:
            match element:
                case PageText():
                    self._letters(element)
                case PageLine():
                    self._line(element)
                case PageBox():
                    self._filled(element.fill)
                    low = self._height - element.y - element.height
                    self._canvas.rect(
                        element.x, low, element.width, element.height, stroke=0, fill=1
                    )

    def _filled(self, colour: str) -> None:
        if colour != self._fill:
            self._canvas.setFillColor(_colour(colour))
            self._fill = colour

    def _letters(self, element: PageText) -> None:
        self._filled(element.colour)
        if (element.face, element.size) != self._font:
            self._canvas.setFont(element.face, element.size)
            self._font = (element.face, element.size)
        self._canvas.drawString(element.x, self._height - element.y, element.text)

    def _line(self, element: PageLine) -> None:
        if element.colour != self._stroke:
            self._canvas.setStrokeColor(_colour(element.colour))
            self._stroke = element.colour
        if element.thickness != self._thickness:
            self._canvas.setLineWidth(element.thickness)
            self._thickness = element.thickness
        top, end = self._height - element.y, self._height - element.y_end
        self._canvas.line(element.x, top, element.x_end, end)


def _stamp(canvas: Any, page: Page) -> None:
    """The draft mark, behind the text and across the page."""
    canvas.saveState()
    canvas.translate(page.width / 2, page.height / 2)
    canvas.rotate(35)
    canvas.setFillColor(_colour(STAMP))
    canvas.setFont(BOLD, 76)
    canvas.drawString(-width(DRAFT_MARK, BOLD, 76) / 2, -26, DRAFT_MARK)
    canvas.restoreState()


def _foot(metadata: Metadata, page: Page, margin: float, number: str) -> Page:
    y, side = page.height - 10.5 * MM, page.width - 2 * margin
    foot = Page(page.width, page.height)
    foot.elements.append(PageLine(margin, y - 10, page.width - margin, y - 10, HAIR, 0.5))
    left = wrap(metadata.footer, REGULAR, 7, side * 0.43)[0]
    foot.elements.append(PageText(margin, y, left, REGULAR, 7, FAINT))
    middle = page.width / 2 - width(number, REGULAR, 8) / 2
    foot.elements.append(PageText(middle, y, number, REGULAR, 8, INK))
    if metadata.draft:
        start = page.width - margin - width(DRAFT_NOTE, BOLD, 7)
        foot.elements.append(PageText(start, y, DRAFT_NOTE, BOLD, 7, ALARM))
    return foot
