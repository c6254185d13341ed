"""The registry's sheets out of one .xlsx: each cell's exact value as text."""

import zlib
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from metering.errors import Mistake, Mistakes

# What reading a file that is no sound workbook raises: a broken part of one is a SyntaxError, an
# encrypted one a RuntimeError.
UNREADABLE = (
    OSError, BadZipFile, InvalidFileException, EOFError, KeyError, RuntimeError, SyntaxError,
    TypeError, ValueError, zlib.error,
)  # fmt: skip
NUMBER_DIGITS_MAX = 15  # a spreadsheet keeps no more of a number


def load(path: Path, place: str) -> Workbook:
    """The workbook; Mistakes where it is none."""
    try:
        return load_workbook(path)
    except UNREADABLE as error:
        raise Mistakes([Mistake(place, f"is no .xlsx workbook: {error}")]) from error


def lines(
    worksheet: Worksheet, place: str, mistakes: list[Mistake]
) -> Iterator[tuple[int, list[str]]]:
    """A sheet's rows with their numbers, without blank ones and those that begin with #."""
    for number, row in enumerate(worksheet.iter_rows(), start=1):
        cells = []
        for cell in row:
            text, problem = cell_text(cell)  # type: ignore[arg-type]
            cells.append(text)
            if problem:
                mistakes.append(Mistake(f"{place}!{cell.coordinate}", problem))
        while cells and not cells[-1].strip():
            cells.pop()
        if cells and not cells[0].startswith("#"):
            yield number, cells


def cell_text(cell: Cell) -> tuple[str, str]:
    """A cell's exact value as text, and what is wrong with it."""
    value = cell.value
    if cell.data_type == "f":
        return "", "is a formula; write its value"
    if cell.data_type == "e":
        return "", f"is an error ({value}); write its value"
    match value:
        case None:
            return "", ""
        case bool():
            return str(value).upper(), ""
        case int() | float() | Decimal():
            exact = Decimal(repr(value) if isinstance(value, float) else value).normalize()
            if len(exact.as_tuple().digits) > NUMBER_DIGITS_MAX:
                return "", f"has more than {NUMBER_DIGITS_MAX} digits; format the cell as text"
            return f"{exact:f}", ""
        case datetime():
            midnight = (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0)
            return (value.date() if midnight else value).isoformat(), ""
        case date():
            return value.isoformat(), ""
        case str():
            return value, ""
        case _:
            return "", f"is a {type(value).__name__}; write it as text"
