"""The government's report as a spreadsheet: a sheet a chapter, whole won, the cells of the PDF."""

from datetime import date

from reports.government.monthly_report import ROUNDING, GovernmentReport, ReportSection
from reports.layout.report_table import ReportTable
from reports.layout.workbook import Kind, SheetColumn, Workbook, WorkbookSheet

LETTERS_OF_MM = 0.62  # a column's width in letters for each millimetre of a page
NARROWEST = 10.0


def government_xlsx(report: GovernmentReport, author: str, created: date) -> bytes:
    """The XLSX of a report."""
    workbook = Workbook(report.title, author, created)
    footer = report.title + (" · 초안 (DRAFT)" if report.draft else "")
    for section in report.sections:
        name = section.heading.replace(". ", " ")
        _write_section(workbook.sheet(name, footer=footer), report, section)
    return workbook.render()


def _write_section(sheet: WorkbookSheet, report: GovernmentReport, section: ReportSection) -> None:
    mark = " [초안 (DRAFT) · 효력 없음]" if report.draft else ""
    if section.tables:
        sheet.widths(_columns(section.tables[0]))
    sheet.line(section.heading + mark, "title")
    sheet.line(f"{report.title} · {report.subtitle}")
    for sign, text in section.sentences:
        sheet.line({"□": "□ ", "○": "  ○ ", "-": "    - "}[sign] + text, "text")
    for table in section.tables:
        sheet.row += 1
        _write_table(sheet, table)
    sheet.row += 1
    for note in section.notes:
        if note != ROUNDING:  # a spreadsheet is in whole won
            sheet.line(f"※ {note}")
    if section is report.sections[0]:
        sheet.row += 1
        for text in report.closing:
            sheet.line(text)


def _columns(table: ReportTable) -> list[SheetColumn]:
    return [
        SheetColumn(column.title, column.kind, max(column.width_mm * LETTERS_OF_MM, NARROWEST))
        for column in table.columns
    ]


def _write_table(sheet: WorkbookSheet, table: ReportTable) -> None:
    columns = _columns(table)
    kinds: list[Kind] = [column.kind for column in columns]
    above = f"{table.title} {table.unit(in_pdf=False)}".strip()
    if above:
        sheet.line(above, "text")
    sheet.head(columns, freeze=False)
    for row in table.rows:
        look = "total" if row.tone in ("total", "group", "subtotal") else "cell"
        sheet.cells(row.values, kinds, look)
