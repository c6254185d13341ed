"""Pages of a PDF: marks placed from the top down, then written at once with their 'n / N'.

Text is placed through the fonts and never read as markup. The same marks give the same bytes: no
clock, no random name, no setting of the machine enters the file.
"""

import io
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from reports.fonts import ASCENT, BOLD, REGULAR, clean, face, width, wrap

MM: Final = 72 / 25.4
A4: Final = (210 * MM, 297 * MM)
INK: Final = "#1A1A1A"
FAINT: Final = "#5F6673"
RULE: Final = "#4A5A78"
HAIR: Final = "#B8C0CE"
HEAD: Final = "#DFE6F7"
SOFT: Final = "#F3F5FA"
STAMP: Final = "#F7E3E3"
LEADING: Final = 1.38  # distance of two lines, of the size
DRAFT_MARK: Final = "초안 (DRAFT)"
DRAFT_NOTE: Final = "초안 (DRAFT) · 발행 전 문서로 효력이 없음"

Align = Literal["left", "right", "centre"]

# What a machine or a user could have set otherwise and would change the bytes.
SETTINGS: Final = {"useA85": 0, "pageCompression": 1, "pdfMultiLine": 0, "invariant": 1}
for _setting, _value in SETTINGS.items():
    setattr(rl_config, _setting, _value)


@dataclass(frozen=True, slots=True)
class Style:
    """How a piece of text looks."""

    size: float = 8.0
    bold: bool = False
    colour: str = INK
    align: Align = "left"

    @property
    def face(self) -> str:
        return BOLD if self.bold else REGULAR


@dataclass(frozen=True, slots=True)
class TextMark:
    """Cleaned text whose baseline starts at (x, y), y from the top."""

    x: float
    y: float
    text: str
    face: str
    size: float
    colour: str


@dataclass(frozen=True, slots=True)
class LineMark:
    """A straight line."""

    x: float
    y: float
    x_end: float
    y_end: float
    colour: str
    thickness: float


@dataclass(frozen=True, slots=True)
class BoxMark:
    """A filled rectangle whose upper left corner is (x, y)."""

    x: float
    y: float
    width: float
    height: float
    fill: str


@dataclass(slots=True)
class Page:
    """One page and its marks, in the order of drawing."""

    width: float
    height: float
    marks: list[TextMark | LineMark | BoxMark] = field(default_factory=list)


class Paper:
    """Pages being filled: `y` is how far down the current page is used, in points."""

    def __init__(
        self,
        *,
        title: str,
        author: str,
        running: str,
        footer: str,
        draft: bool,
        margin: float = 15 * MM,
    ) -> None:
        self.title, self.author = clean(title), clean(author)
        self.running, self.footer, self.draft = clean(running), clean(footer), draft
        self.margin = margin
        self.pages: list[Page] = []
        self.y = 0.0
        self.turn()

    @property
    def page(self) -> Page:
        return self.pages[-1]

    @property
    def left(self) -> float:
        return self.margin

    @property
    def right(self) -> float:
        return self.page.width - self.margin

    @property
    def bottom(self) -> float:
        return self.page.height - 18 * MM

    @property
    def room(self) -> float:
        return self.bottom - self.y

    def turn(self, *, landscape: bool | None = None) -> None:
        """A new page, lying if asked, else as the page before it."""
        if landscape is None:
            landscape = bool(self.pages) and self.page.width > self.page.height
        wide, high = (A4[1], A4[0]) if landscape else A4
        self.pages.append(Page(wide, high))
        first = len(self.pages) == 1
        self.y = 13 * MM if first else 19 * MM
        if not first:
            self.write(
                self.left, 10 * MM, self.running, Style(7.5, colour=FAINT), self.right - self.left
            )
            self.line(self.left, 15 * MM, self.right, 15 * MM, HAIR, 0.5)

    def need(self, height: float) -> None:
        """Turns the page unless this height is left."""
        if height > self.room:
            self.turn()

    def skip(self, height: float) -> None:
        self.y += height

    def write(self, x: float, y: float, text: str, style: Style, room: float) -> None:
        """One line of text with its top at y; made smaller, then cut, where it is too long."""
        text = clean(text)
        size = style.size
        while width(text, style.face, size) > room and size > style.size * 0.7:
            size -= 0.25
        if width(text, style.face, size) > room:
            text = wrap(text, style.face, size, room - size)[0] + "…"
        self.place(x, y, text, Style(size, style.bold, style.colour, style.align), room)

    def place(self, x: float, y: float, text: str, style: Style, room: float) -> None:
        """One line of cleaned text that is known to fit."""
        if not text:
            return
        if style.align != "left":
            slack = room - width(text, style.face, style.size)
            x += slack if style.align == "right" else slack / 2
        baseline = y + style.size * (ASCENT + (LEADING - 1) / 2)
        self.page.marks.append(TextMark(x, baseline, text, style.face, style.size, style.colour))

    def line(
        self, x: float, y: float, x_end: float, y_end: float, colour: str, thickness: float
    ) -> None:
        self.page.marks.append(LineMark(x, y, x_end, y_end, colour, thickness))

    def box(self, x: float, y: float, wide: float, high: float, fill: str) -> None:
        self.page.marks.append(BoxMark(x, y, wide, high, fill))

    def frame(
        self, x: float, y: float, wide: float, high: float, colour: str, thickness: float
    ) -> None:
        for x1, y1, x2, y2 in (
            (x, y, x + wide, y),
            (x, y + high, x + wide, y + high),
            (x, y, x, y + high),
            (x + wide, y, x + wide, y + high),
        ):
            self.line(x1, y1, x2, y2, colour, thickness)

    def paragraph(self, text: str, style: Style, *, mark: str = "", indent: float = 0) -> None:
        """Wrapped text at the current place, its lines hanging behind a mark such as '□' or '※'."""
        mark = clean(mark)
        hang = width(mark, style.face, style.size) + style.size * 0.45 if mark else 0.0
        x = self.left + indent
        high = style.size * LEADING
        lines = wrap(clean(text), style.face, style.size, self.right - x - hang)
        self.need(min(len(lines), 2) * high)
        for number, line in enumerate(lines):
            self.need(high)
            if number == 0:
                self.place(x, self.y, mark, style, hang)
            self.place(x + hang, self.y, line, style, self.right - x - hang)
            self.y += high

    def render(self) -> bytes:
        """The PDF file: embedded subsets, fixed metadata, page numbers."""
        return _write(self)


def _write(paper: Paper) -> bytes:
    face(REGULAR), face(BOLD)
    file = io.BytesIO()
    canvas: Any = Canvas(
        file, pagesize=A4, invariant=1, pageCompression=1, initialFontName=REGULAR, lang="ko-KR"
    )
    canvas.setTitle(paper.title)
    canvas.setAuthor(paper.author)
    canvas.setSubject(paper.running)
    canvas.setCreator("Jeongsan")
    canvas.setProducer("Jeongsan, ReportLab")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    for number, page in enumerate(paper.pages, start=1):
        canvas.setPageSize((page.width, page.height))
        if paper.draft:
            _stamp(canvas, page)
        _draw(canvas, page)
        _foot(canvas, paper, page, f"{number} / {len(paper.pages)}")
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _draw(canvas: Any, page: Page) -> None:
    for mark in page.marks:
        match mark:
            case TextMark():
                _letters(canvas, page, mark)
            case LineMark():
                canvas.setStrokeColor(mark.colour)
                canvas.setLineWidth(mark.thickness)
                canvas.line(mark.x, page.height - mark.y, mark.x_end, page.height - mark.y_end)
            case BoxMark():
                canvas.setFillColor(mark.fill)
                low = page.height - mark.y - mark.height
                canvas.rect(mark.x, low, mark.width, mark.height, stroke=0, fill=1)


def _letters(canvas: Any, page: Page, mark: TextMark) -> None:
    canvas.setFillColor(mark.colour)
    canvas.setFont(mark.face, mark.size)
    canvas.drawString(mark.x, page.height - mark.y, mark.text)


def _stamp(canvas: Any, page: Page) -> None:
    """The draft mark, behind the text and across the page."""
    canvas.saveState()
    canvas.translate(page.width / 2, page.height / 2)
    canvas.rotate(35)
    canvas.setFillColor(STAMP)
    canvas.setFont(BOLD, 76)
    canvas.drawString(-width(DRAFT_MARK, BOLD, 76) / 2, -26, DRAFT_MARK)
    canvas.restoreState()


def _foot(canvas: Any, paper: Paper, page: Page, number: str) -> None:
    y, side = page.height - 10.5 * MM, page.width - 2 * paper.margin
    foot = Page(page.width, page.height)
    third = side / 3
    foot.marks.append(LineMark(paper.margin, y - 10, page.width - paper.margin, y - 10, HAIR, 0.5))
    left = wrap(paper.footer, REGULAR, 7, third * 1.3)[0]
    foot.marks.append(TextMark(paper.margin, y, left, REGULAR, 7, FAINT))
    middle = page.width / 2 - width(number, REGULAR, 8) / 2
    foot.marks.append(TextMark(middle, y, number, REGULAR, 8, INK))
    if paper.draft:
        start = page.width - paper.margin - width(DRAFT_NOTE, BOLD, 7)
        foot.marks.append(TextMark(start, y, DRAFT_NOTE, BOLD, 7, "#B00020"))
    _draw(canvas, foot)
