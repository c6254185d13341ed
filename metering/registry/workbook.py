"""The registry's sheets out of one .xlsx: each cell's exact value as text."""

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from metering.errors import Mistake, Mistakes

MIB = 1024**2
UNPACKED_MIB = 64  # of all parts of a workbook; a registry of 100,000 devices has 40
CELLS_MAX = 1_000_000
ROWS_MAX, COLUMNS_MAX = 200_000, 100
WAYS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # to pack a part
SHEET_PART = re.compile(r"[^/]*/?worksheets/[^/]+", re.IGNORECASE)
CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
NEGATIVE = re.compile(rb"""t="s"[^>]*>\s*<(?:\w+:)?v>\s*-""")
CHUNK = MIB
NUMBER_DIGITS_MAX = 15  # a spreadsheet keeps no more of a number


def load(path: Path, place: str) -> Workbook:
    """The workbook; Mistakes where it is none, or is larger than any registry."""
    try:
        if reason := _beyond(path):
            raise Mistakes([Mistake(place, reason)])
        workbook = load_workbook(path)
    except Mistakes:
        raise
    except Exception as error:  # what is no sound workbook raises anything, as each library likes
        cause = f"{type(error).__name__} {error}"[:300]
        raise Mistakes([Mistake(place, f"is no .xlsx workbook: {cause}")]) from error
    for worksheet in workbook.worksheets:
        rows, columns = worksheet.max_row, worksheet.max_column
        if rows > ROWS_MAX or columns > COLUMNS_MAX:
            far = f"reaches to row {rows:,} and column {get_column_letter(columns)}"
            most = f"{ROWS_MAX:,} rows and {COLUMNS_MAX} columns at most"
            where = f"{place} {worksheet.title[:80]}"
            reason = f"{far}; a sheet has {most}, so delete what stands out there"
            raise Mistakes([Mistake(where, reason)])
    return workbook


def _beyond(path: Path) -> str | None:
    """Why a workbook is too much to be read; None where it is not."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if any(part.compress_type not in WAYS for part in parts):
            return "has a part that is packed as no spreadsheet packs it"
        if sum(part.file_size for part in parts) > UNPACKED_MIB * MIB:
            return f"unpacks to more than {UNPACKED_MIB} MiB, which no registry does"
        cells = sum(_cells(archive, part) for part in parts if SHEET_PART.fullmatch(part.filename))
        return f"has more than {CELLS_MAX:,} cells" if cells > CELLS_MAX else None


def _cells(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """How many cells a part writes, counted without making any."""
    count, end = 0, b""
    with archive.open(part) as file:
        while chunk := file.read(CHUNK):
            count += len(CELL.findall(end + chunk))
            if NEGATIVE.search(end + chunk):  # which a list takes for one from its end
                raise ValueError("a shared text has an index below zero")
            end = chunk[-20:] if CELL.search(chunk[-20:]) is None else b""
    return count


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
