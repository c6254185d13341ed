"""Spreadsheets: typed cells, text that can never become a formula, print set-up, fixed bytes."""

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, Literal

import xlsxwriter

Kind = Literal[
    "text", "date", "krw", "price", "quantity", "hours", "kwh", "count", "percent", "pf", "amount"
]
Value = str | int | Decimal | Fraction | date | None

TEXT_MAX: Final = 32_000  # Excel holds 32,767 letters in a cell
EXACT_MAX: Final = 2**53  # a larger integer would lose digits in a spreadsheet: it is text
NUMBERS: Final[dict[Kind, str]] = {
    "krw": "#,##0;[Red]△#,##0;-",
    "price": "#,##0.######;[Red]△#,##0.######;0",
    "quantity": "#,##0.0000;[Red]△#,##0.0000;-",
    "hours": "#,##0.0;[Red]△#,##0.0;-",
    "kwh": "#,##0.000;[Red]△#,##0.000;-",
    "count": "#,##0;[Red]△#,##0;-",
    "percent": "0.0%;[Red]△0.0%;0.0%",
    "amount": "#,##0.0;[Red]△#,##0.0;-",  # a whole number is written as a count
    "pf": "#,##0.00;[Red]△#,##0.00;-",
    "date": "yyyy-mm-dd",
    "text": "@",
}
FONT: Final = "맑은 고딕"
HEAD_FILL: Final = "#DFE6F7"
TOTAL_FILL: Final = "#F3F5FA"


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column: its head, what its cells are, and its width in letters (a Hangul letter is two)."""

    title: str
    kind: Kind = "text"
    width: float = 12.0


def sheet_text(text: str) -> str:
    """Text as a cell can hold it: composed, no control letters, not longer than a cell."""
    kept = "".join(
        letter
        for letter in unicodedata.normalize("NFC", text)
        if letter == "\n" or unicodedata.category(letter) not in ("Cc", "Cs", "Cn")
    )
    return kept if len(kept) <= TEXT_MAX else kept[:TEXT_MAX] + "…"


def _letters(text: str) -> int:
    """The width of a text in letters: a Hangul letter is two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


class Workbook:
    """A workbook being written; `render` gives its bytes, the same for the same cells."""

    def __init__(self, title: str, author: str, created: date) -> None:
        self._file = io.BytesIO()
        self._book: Any = xlsxwriter.Workbook(
            self._file,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        at = datetime.combine(created, time(tzinfo=UTC))
        self._book.set_properties(
            {
                "title": sheet_text(title),
                "author": sheet_text(author),
                "created": at,
                "comments": "Jeongsan",
            }
        )
        self._formats: dict[tuple[Kind, str], Any] = {}

    def sheet(self, name: str, *, landscape: bool = True, footer: str = "") -> "WorkbookSheet":
        """A new sheet, set up to print on A4 one page wide."""
        page = self._book.add_worksheet(name)
        page.set_landscape() if landscape else page.set_portrait()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        shown = sheet_text(footer).replace("&", "&&")
        # a space ends the size: "&82025" would be a size and swallow the year
        page.set_footer(f"&L&8 {shown}&C&8 &P / &N")
        page.hide_gridlines(2)
        return WorkbookSheet(self, page)

    def format(self, kind: Kind, look: str) -> Any:
        """The one format of a kind of cell in a look: cell, total, head, title, note."""
        key = (kind, look)
        if key not in self._formats:
            self._formats[key] = self._book.add_format(_properties(kind, look))
        return self._formats[key]

    def render(self) -> bytes:
        """The file."""
        self._book.close()
        return self._file.getvalue()


def _properties(kind: Kind, look: str) -> dict[str, Any]:
    properties: dict[str, Any] = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
    if look == "title":
        return {**properties, "font_size": 15, "bold": True}
    if look == "note":
        return {**properties, "font_size": 9, "font_color": "#5F6673"}
    if look == "text":
        return properties
    if look == "wrapped":
        return {**properties, "text_wrap": True, "valign": "top"}
    properties |= {"border": 1, "border_color": "#B8C0CE"}
    if look == "head":
        fill = {"bold": True, "align": "center", "text_wrap": True, "bg_color": HEAD_FILL}
        return {**properties, **fill}
    properties["num_format"] = NUMBERS[kind]
    properties["align"] = {"text": "left", "date": "center"}.get(kind, "right")
    if kind == "text":
        properties |= {"indent": 1, "text_wrap": True}  # off the number in the cell before
    if look == "total":
        properties |= {"bold": True, "bg_color": TOTAL_FILL}
    return properties


class WorkbookSheet:
    """A sheet being written from the top down; `row` is the next free row, from 0."""

    def __init__(self, book: Workbook, page: Any) -> None:
        self._book, self._page = book, page
        self.row = 0
        self._widths: tuple[float, ...] = ()

    def widths(self, columns: Sequence[SheetColumn]) -> None:
        """Set the columns' widths; cells of longer text become as many lines as they need."""
        self._widths = tuple(column.width for column in columns)
        for at, column in enumerate(columns):
            self._page.set_column(at, at, column.width)

    def line(self, text: str, look: str = "note") -> None:
        """A line of text on its own."""
        self._page.write_string(self.row, 0, sheet_text(text), self._book.format("text", look))
        if look == "title":
            self._page.set_row(self.row, 26)
        self.row += 1

    def cells(
        self, values: Sequence[Value], kinds: Sequence[Kind], look: str = "cell", start: int = 0
    ) -> None:
        """A row of cells, each written as its kind."""
        lines = max(
            (
                -(-_letters(value) // max(int(width - 1), 1))
                for value, width in zip(values, self._widths[start:], strict=False)
                if isinstance(value, str)
            ),
            default=1,
        )
        if lines > 1:
            self._page.set_row(self.row, 14 * lines + 2)
        for at, (value, kind) in enumerate(zip(values, kinds, strict=True), start=start):
            self._write(at, value, kind, look)
        self.row += 1

    def head(self, columns: Sequence[SheetColumn], *, freeze: bool, rows: int = 0) -> None:
        """The head of a table of so many rows; frozen and filtered, and repeated in print."""
        look = self._book.format("text", "head")
        for at, column in enumerate(columns):
            self._page.write_string(self.row, at, column.title, look)
        lines = max(-(-_letters(column.title) // int(column.width - 1)) for column in columns)
        self._page.set_row(self.row, max(30, 6 + 14 * (lines + 1 if lines > 1 else 1)))
        if freeze:
            self._page.freeze_panes(self.row + 1, 0)
            self._page.repeat_rows(self.row)
            self._page.autofilter(self.row, 0, self.row + max(rows, 1), len(columns) - 1)
        self.row += 1

    def _write(self, column: int, value: Value, kind: Kind, look: str) -> None:
        if kind == "amount" and isinstance(value, int):
            kind = "count"
        page, style = self._page, self._book.format(kind, look)
        match value:
            case None:
                page.write_string(self.row, column, "-", style)
            case str():
                page.write_string(self.row, column, sheet_text(value), style)
            case date():
                page.write_datetime(self.row, column, value, style)
            case int() if abs(value) >= EXACT_MAX:
                page.write_string(self.row, column, str(value), style)
            case int():
                page.write_number(self.row, column, value, style)
            case _:
                page.write_number(self.row, column, float(value), style)
