"""Spreadsheets as a reader opens them: footers, heights."""

import io
from datetime import date

import openpyxl

from reports.layout.workbook import SheetColumn, Workbook


def test_a_footer_keeps_the_year_that_it_begins_with() -> None:
    workbook = Workbook("제목", "지은이", date(2025, 11, 3))
    workbook.sheet("요약", footer="2025년 10월 현황").line("글", "text")
    page = openpyxl.load_workbook(io.BytesIO(workbook.render()))["요약"]
    assert page.oddFooter.left.text == "2025년 10월 현황"
    assert page.oddFooter.left.size == 8


def test_a_long_text_gets_the_lines_that_it_needs() -> None:
    workbook = Workbook("제목", "지은이", date(2025, 11, 3))
    sheet = workbook.sheet("요약")
    sheet.widths([SheetColumn("사업명", "text", 20.0)])
    sheet.cells(["가" * 9], ["text"])
    sheet.cells(["가" * 10], ["text"])
    page = openpyxl.load_workbook(io.BytesIO(workbook.render()))["요약"]
    assert [page.row_dimensions[row].height for row in (1, 2)] == [None, 30]
