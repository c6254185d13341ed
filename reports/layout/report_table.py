"""A table of a report as typed values, which a PDF and a spreadsheet print from the same cells."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from reports.layout.page_table import Tone
from reports.layout.pdf_pages import Align
from reports.layout.workbook import Kind, Value
from reports.wording.numbers_and_dates import krw, number, percent, thousand_krw

PLACES: Final[dict[Kind, int]] = {
    "quantity": 4,
    "hours": 1,
    "kwh": 1,
    "pf": 2,
    "count": 0,
    "amount": 1,
}


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """A column: its head, what its cells are, and its width on a page in millimetres."""

    title: str
    kind: Kind
    width_mm: float
    centred: bool = False

    @property
    def align(self) -> Align:
        """Words at the left, figures at the right, days and labels in the middle."""
        if self.centred or self.kind == "date":
            return "centre"
        return "left" if self.kind == "text" else "right"


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A row: None is printed as '-', '' is left empty. keep: on one page with the next row."""

    values: tuple[Value, ...]
    tone: Tone = "body"
    keep: bool = False


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table. In a PDF won are printed in thousands where `thousands`; in a spreadsheet never."""

    title: str
    columns: tuple[ReportColumn, ...]
    rows: tuple[ReportRow, ...]
    units: str = ""
    thousands: bool = False

    def unit(self, *, in_pdf: bool) -> str:
        """(단위: 천원, %) in a PDF, (단위: 원, %) for a spreadsheet; '' without units."""
        won = "천원" if self.thousands and in_pdf else "원"
        has_won = any(column.kind == "krw" for column in self.columns)
        units = [won] * has_won + [self.units] * bool(self.units)
        return f"(단위: {', '.join(units)})" if units else ""


def pdf_text(value: Value, kind: Kind, *, thousands: bool) -> str:
    """A cell as a PDF prints it."""
    match value:
        case None:
            return "-"
        case str():
            return value
        case date():
            return f"{value.month}. {value.day}."
        case int() if kind == "amount":
            return krw(value)
        case int() if kind == "krw":
            return thousand_krw(value) if thousands else krw(value)
        case int() | Decimal() | Fraction():
            exact = Fraction(value)
            return percent(exact) if kind == "percent" else number(exact, PLACES.get(kind, 0))


def totalled(rows: list[ReportRow], total: tuple[Value, ...]) -> tuple[ReportRow, ...]:
    """The rows and their total, which never stands alone on a page."""
    if rows:
        rows[-1] = ReportRow(rows[-1].values, rows[-1].tone, keep=True)
    return (*rows, ReportRow(total, "total"))
