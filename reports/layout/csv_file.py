"""CSV files as spreadsheets in Korea open them: UTF-8 with its mark, and no text is a formula.

A workbook (workbook.py) needs no `formula_free`: its cells have types, a CSV's have none."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_bytes(head: Sequence[str], lines: Iterable[Sequence[object]]) -> bytes:
    """A CSV that spreadsheets read as UTF-8."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(lines)
    return file.getvalue().encode("utf-8-sig")


def formula_free(text: str) -> str:
    """Text that no spreadsheet takes for a formula, on one line."""
    line = " ".join(text.split())
    return f"'{line}" if line.startswith(FORMULA) else line
