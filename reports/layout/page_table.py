"""Tables on pages: wrapped cells, amounts at the right, repeated heads, groups kept together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from reports.layout.fonts import clean, shorten, width, wrap
from reports.layout.page_elements import FAINT, HAIR, HEAD, MM, RULE, SOFT
from reports.layout.pdf_pages import LEADING, Align, PdfPages, Style

PAD: Final = 2.6  # points between a cell's edge and its text
LINES_MAX: Final = 24  # of one cell; what is longer is cut with '…'
SMALLEST: Final = 5.5  # points; an amount is never made smaller, but broken
CONTINUED: Final = " (계속)"

Tone = Literal["body", "part", "group", "subtotal", "total"]


@dataclass(frozen=True, slots=True)
class PageColumn:
    """A column: width in millimetres and where its text stands."""

    width_mm: float
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class PageCell:
    """A cell over `span` columns, in a head over `rows` rows; `under`: below such a cell."""

    text: str | tuple[str, ...] = ""  # several texts stand below each other
    span: int = 1
    align: Align | None = None
    rows: int = 1
    under: bool = False


@dataclass(frozen=True, slots=True)
class PageRow:
    """A row. `keep`: on one page with the row after it; a `group` is repeated after a break."""

    cells: tuple[PageCell, ...]
    tone: Tone = "body"
    keep: bool = False


@dataclass(frozen=True, slots=True)
class _LaidCell:
    """A cell with its place and its lines."""

    x: float
    width: float
    lines: tuple[str, ...]
    style: Style
    cell: PageCell


@dataclass(frozen=True, slots=True)
class _LaidRow:
    height: float
    cells: tuple[_LaidCell, ...]
    row: PageRow


def row(*texts: str | tuple[str, ...], tone: Tone = "body", keep: bool = False) -> PageRow:
    """A row of plain cells."""
    return PageRow(tuple(PageCell(text) for text in texts), tone, keep)


@dataclass(frozen=True, slots=True)
class Title:
    """What stands over a table, with its unit at the right; it stays on the table's first page."""

    text: str
    unit: str = ""
    size: float = 10.0

    @property
    def height(self) -> float:
        return (self.size if self.text else 6.0) * LEADING + 3


def draw_table(
    pdf: PdfPages,
    columns: Sequence[PageColumn],
    head: Sequence[PageRow],
    rows: Sequence[PageRow],
    *,
    size: float = 8.0,
    title: Title | None = None,
) -> None:
    """Draws the table at the current place, over as many pages as it takes."""
    if sum(column.width_mm for column in columns) * MM > pdf.right - pdf.left + 0.1:
        raise ValueError("a table is wider than its page")
    top = [_lay(pdf, columns, row, size, head=True) for row in head]
    high = sum(laid_row.height for laid_row in top)
    chunks = _chunks([_lay(pdf, columns, row, size) for row in rows])
    first = sum(laid_row.height for laid_row in chunks[0]) if chunks else 0.0
    above = title.height if title and (title.text or title.unit) else 0.0
    if above + high + first > pdf.room and not _roomy(pdf, first, above + high):
        pdf.turn()
    if title and above:
        _draw_title(pdf, title)
    _draw_head(pdf, columns, top)
    group: PageRow | None = None
    for chunk in chunks:
        whole = sum(laid_row.height for laid_row in chunk)
        turn = whole > pdf.room and not _roomy(pdf, whole, high)
        for laid_row in chunk:
            if turn or laid_row.height > pdf.room:
                turn = False
                _close(pdf, columns)
                pdf.turn()
                _draw_head(pdf, columns, top)
                if group is not None and laid_row.row.tone != "group":
                    _draw_row(pdf, columns, _lay(pdf, columns, _again(group), size))
            _draw_row(pdf, columns, laid_row)
            if laid_row.row.tone in ("group", "subtotal", "total"):
                group = laid_row.row if laid_row.row.tone == "group" else None
    _close(pdf, columns)


def _draw_title(pdf: PdfPages, title: Title) -> None:
    side = pdf.right - pdf.left
    pdf.write(pdf.left, pdf.y, title.text, Style(title.size, bold=True), side * 0.7)
    unit = Style(7.5, colour=FAINT, align="right")
    pdf.write(pdf.left + side * 0.7, pdf.y + title.height - 12.5, title.unit, unit, side * 0.3)
    pdf.skip(title.height)


def _roomy(pdf: PdfPages, whole: float, head: float) -> bool:
    """Whether a chunk that no page could hold may as well start here."""
    page = pdf.bottom - 19 * MM - head
    return whole > page and pdf.room > page / 4


def _chunks(laid: Sequence[_LaidRow]) -> list[list[_LaidRow]]:
    """Rows that stay together: each ends at the first row that does not hold on to the next."""
    chunks: list[list[_LaidRow]] = []
    held = False
    for laid_row in laid:
        if held:
            chunks[-1].append(laid_row)
        else:
            chunks.append([laid_row])
        held = laid_row.row.keep
    return chunks


def _again(group: PageRow) -> PageRow:
    first, *others = group.cells
    text = first.text if isinstance(first.text, str) else " ".join(first.text)
    cell = PageCell(text + CONTINUED, first.span, first.align)
    return PageRow((cell, *(PageCell(span=other.span) for other in others)), group.tone)


def _lay(
    pdf: PdfPages, columns: Sequence[PageColumn], row: PageRow, size: float, *, head: bool = False
) -> _LaidRow:
    """Wraps the cells of a row and measures it."""
    laid: list[_LaidCell] = []
    at, x = 0, pdf.left
    for cell in row.cells:
        wide = sum(column.width_mm for column in columns[at : at + cell.span]) * MM
        align = "centre" if head else cell.align or columns[at].align
        bold = head or row.tone in ("group", "subtotal", "total")
        style = Style(size, bold, FAINT if row.tone == "part" else "#1A1A1A", align)
        laid.append(_fit(x, wide, style, cell))
        at, x = at + cell.span, x + wide
    if at != len(columns):
        raise ValueError(f"a row covers {at} of {len(columns)} columns")
    laid = _even(laid)
    tall = max(
        len(laid_cell.lines) * laid_cell.style.size * LEADING
        for laid_cell in laid
        if laid_cell.cell.rows == 1
    )
    pad = 1.2 if row.tone == "part" else 2.4
    return _LaidRow(tall + 2 * pad, tuple(laid), row)


def _even(laid: list[_LaidCell]) -> list[_LaidCell]:
    """Amounts of one row stand in one size: the smallest that one of them needed."""
    sizes = [
        laid_cell.style.size
        for laid_cell in laid
        if laid_cell.style.align == "right" and len(laid_cell.lines) == 1
    ]
    smallest = min(sizes, default=0.0)
    even: list[_LaidCell] = []
    for laid_cell in laid:
        style = laid_cell.style
        if style.align == "right" and style.size > smallest and any(laid_cell.lines):
            style = Style(smallest, style.bold, style.colour, style.align)
        even.append(_LaidCell(laid_cell.x, laid_cell.width, laid_cell.lines, style, laid_cell.cell))
    return even


def _fit(x: float, wide: float, style: Style, cell: PageCell) -> _LaidCell:
    """Text is wrapped; an amount at the right is made smaller first, to stay in one line."""
    room = wide - 2 * PAD
    size = style.size
    lines: list[str] = []
    for text in (cell.text,) if isinstance(cell.text, str) else cell.text:
        text = clean(text)
        if style.align == "right":
            while width(text, style.face, size) > room and size > SMALLEST:
                size -= 0.25
        lines += wrap(text, style.face, size, room)
    shown = tuple(shorten(lines, LINES_MAX))
    return _LaidCell(x, wide, shown, Style(size, style.bold, style.colour, style.align), cell)


def _draw_head(pdf: PdfPages, columns: Sequence[PageColumn], top: Sequence[_LaidRow]) -> None:
    wide = sum(column.width_mm for column in columns) * MM
    high = sum(laid_row.height for laid_row in top)
    if not top:
        pdf.line(pdf.left, pdf.y, pdf.left + wide, pdf.y, RULE, 1.0)
        return
    pdf.box(pdf.left, pdf.y, wide, high, HEAD)
    y = pdf.y
    for number, laid_row in enumerate(top):
        for laid in laid_row.cells:
            if laid.cell.under:
                continue
            tall = sum(each.height for each in top[number : number + laid.cell.rows])
            _text(pdf, laid, y, tall)
            bottom = y + tall
            pdf.line(laid.x, bottom, laid.x + laid.width, bottom, HAIR, 0.5)
            if laid.x > pdf.left + 1:
                pdf.line(laid.x, y, laid.x, bottom, HAIR, 0.5)
        y += laid_row.height
    pdf.line(pdf.left, pdf.y, pdf.left + wide, pdf.y, RULE, 1.0)
    pdf.line(pdf.left, y, pdf.left + wide, y, RULE, 0.6)
    pdf.y = y


def _draw_row(pdf: PdfPages, columns: Sequence[PageColumn], laid_row: _LaidRow) -> None:
    wide = sum(column.width_mm for column in columns) * MM
    tone = laid_row.row.tone
    if tone in ("group", "subtotal", "total") and not pdf.draft:
        pdf.box(pdf.left, pdf.y, wide, laid_row.height, HEAD if tone == "total" else SOFT)
    edge = (RULE, 0.6) if tone == "total" else (HAIR, 0.4)
    pdf.line(pdf.left, pdf.y, pdf.left + wide, pdf.y, *edge)
    for laid in laid_row.cells:
        _text(pdf, laid, pdf.y, laid_row.height)
        if laid.x > pdf.left + 1:
            pdf.line(laid.x, pdf.y, laid.x, pdf.y + laid_row.height, HAIR, 0.4)
    pdf.y += laid_row.height
    pdf.line(pdf.left, pdf.y, pdf.left + wide, pdf.y, HAIR, 0.4)


def _text(pdf: PdfPages, laid: _LaidCell, y: float, height: float) -> None:
    line_height = laid.style.size * LEADING
    y += (height - len(laid.lines) * line_height) / 2
    for text in laid.lines:
        pdf.place(laid.x + PAD, y, text, laid.style, laid.width - 2 * PAD)
        y += line_height


def _close(pdf: PdfPages, columns: Sequence[PageColumn]) -> None:
    wide = sum(column.width_mm for column in columns) * MM
    pdf.line(pdf.left, pdf.y, pdf.left + wide, pdf.y, RULE, 1.0)
