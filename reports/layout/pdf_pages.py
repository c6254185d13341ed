"""Pages of a PDF, filled from the top down with text and lines; nothing is read as markup."""

from dataclasses import dataclass
from typing import Final, Literal

from reports.layout.fonts import ASCENT, BOLD, REGULAR, clean, width, wrap
from reports.layout.page_elements import A4, FAINT, HAIR, INK, MM, Page, PageBox, PageLine, PageText
from reports.layout.pdf_writer import Metadata, write_pdf

LEADING: Final = 1.38  # distance of two lines, of the size

Align = Literal["left", "right", "centre"]


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


class PdfPages:
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
        self.page.elements.append(PageText(x, baseline, text, style.face, style.size, style.colour))

    def line(
        self, x: float, y: float, x_end: float, y_end: float, colour: str, thickness: float
    ) -> None:
        self.page.elements.append(PageLine(x, y, x_end, y_end, colour, thickness))

    def box(self, x: float, y: float, wide: float, high: float, fill: str) -> None:
        self.page.elements.append(PageBox(x, y, wide, high, fill))

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
        """The PDF file."""
        metadata = Metadata(self.title, self.author, self.running, self.footer, self.draft)
        return write_pdf(self.pages, metadata, self.margin)
