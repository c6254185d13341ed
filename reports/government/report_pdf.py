"""The government's report as a PDF: title box, sentences ending in nouns, tables over pages."""

from reports.government.monthly_report import GovernmentReport, ReportSection
from reports.layout.page_elements import FAINT, HEAD, MM, RULE, SOFT
from reports.layout.page_table import PageCell, PageColumn, PageRow, Title, draw_table
from reports.layout.pdf_pages import LEADING, PdfPages, Style
from reports.layout.report_table import ReportTable, pdf_text

MARKS = {"□": (Style(11, bold=True), 0.0), "○": (Style(10), 3 * MM), "-": (Style(9.5), 7 * MM)}


def government_pdf(report: GovernmentReport, author: str) -> bytes:
    """The PDF of a report."""
    pdf = PdfPages(
        title=report.title,
        author=author,
        running=report.title,
        footer=author,
        draft=report.draft,
    )
    _draw_title(pdf, report)
    for section in report.sections:
        if section is report.sections[-1]:
            pdf.need(190)  # the last chapter takes the closing lines along
        _draw_section(pdf, section)
    pdf.need(45)
    pdf.skip(8)
    for text in report.closing:
        small = "sha256" in text
        pdf.paragraph(text, Style(6, colour=FAINT) if small else Style(9.5))
    return pdf.render()


def _draw_title(pdf: PdfPages, report: GovernmentReport) -> None:
    """The title box: a band, the title, a band."""
    side = pdf.right - pdf.left
    pdf.skip(4)
    pdf.box(pdf.left, pdf.y, side, 5, RULE)
    pdf.skip(5)
    if not report.draft:
        pdf.box(pdf.left, pdf.y, side, 44, SOFT)
    style = Style(17, bold=True, align="centre")
    pdf.write(pdf.left, pdf.y + 10, report.title, style, side - 12)
    pdf.skip(44)
    pdf.box(pdf.left, pdf.y, side, 5, HEAD)
    pdf.skip(11)
    pdf.write(pdf.left, pdf.y, report.subtitle, Style(9, colour=FAINT, align="right"), side)
    pdf.skip(20)


def _draw_section(pdf: PdfPages, section: ReportSection) -> None:
    if section.landscape != (pdf.page.width > pdf.page.height):
        pdf.turn(landscape=section.landscape)
    heading = Style(13, bold=True)
    pdf.need(heading.size * LEADING + 90)
    pdf.paragraph(section.heading, heading)
    pdf.line(pdf.left, pdf.y + 1, pdf.right, pdf.y + 1, RULE, 0.8)
    pdf.skip(7)
    for mark, text in section.sentences:
        style, indent = MARKS[mark]
        if mark == "□":
            pdf.skip(4)
        pdf.paragraph(text, style, mark=mark, indent=indent)
        pdf.skip(2.5)
    for table in section.tables:
        _draw_table(pdf, table)
        pdf.skip(6)
    for note in section.notes:
        pdf.paragraph(note, Style(8, colour=FAINT), mark="※")
    pdf.skip(13)


def _draw_table(pdf: PdfPages, table: ReportTable) -> None:
    columns = [PageColumn(column.width_mm, column.align) for column in table.columns]
    head = PageRow(tuple(PageCell(tuple(column.title.split("\n"))) for column in table.columns))
    rows = [
        PageRow(
            tuple(
                PageCell(pdf_text(value, column.kind, thousands=table.thousands))
                for value, column in zip(row.values, table.columns, strict=True)
            ),
            row.tone,
            row.keep,
        )
        for row in table.rows
    ]
    title = Title(table.title, table.unit(in_pdf=True))
    draw_table(pdf, columns, (head,), rows, size=8.0, title=title)
