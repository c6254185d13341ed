"""The government's report as a PDF: title box, sentences ending in nouns, tables over pages."""

from reports.government.monthly_report import GovernmentReport, Section
from reports.layout.drawing import FAINT, HEAD, MM, RULE, SOFT
from reports.layout.page import LEADING, Paper, Style
from reports.layout.page_table import Cell, PageColumn, PageRow, Title, draw_table
from reports.layout.report_table import Grid, printed

MARKS = {"□": (Style(11, bold=True), 0.0), "○": (Style(10), 3 * MM), "-": (Style(9.5), 7 * MM)}


def government_pdf(report: GovernmentReport, author: str) -> bytes:
    """The PDF of a report."""
    paper = Paper(
        title=report.title,
        author=author,
        running=report.title,
        footer=author,
        draft=report.draft,
    )
    _draw_title(paper, report)
    for section in report.sections:
        if section is report.sections[-1]:
            paper.need(190)  # the last chapter takes the closing lines along
        _draw_section(paper, section)
    paper.need(45)
    paper.skip(8)
    for text in report.closing:
        small = "sha256" in text
        paper.paragraph(text, Style(6, colour=FAINT) if small else Style(9.5))
    return paper.render()


def _draw_title(paper: Paper, report: GovernmentReport) -> None:
    """The title box: a band, the title, a band."""
    side = paper.right - paper.left
    paper.skip(4)
    paper.box(paper.left, paper.y, side, 5, RULE)
    paper.skip(5)
    if not report.draft:
        paper.box(paper.left, paper.y, side, 44, SOFT)
    style = Style(17, bold=True, align="centre")
    paper.write(paper.left, paper.y + 10, report.title, style, side - 12)
    paper.skip(44)
    paper.box(paper.left, paper.y, side, 5, HEAD)
    paper.skip(11)
    paper.write(paper.left, paper.y, report.subtitle, Style(9, colour=FAINT, align="right"), side)
    paper.skip(20)


def _draw_section(paper: Paper, section: Section) -> None:
    if section.landscape != (paper.page.width > paper.page.height):
        paper.turn(landscape=section.landscape)
    heading = Style(13, bold=True)
    paper.need(heading.size * LEADING + 90)
    paper.paragraph(section.heading, heading)
    paper.line(paper.left, paper.y + 1, paper.right, paper.y + 1, RULE, 0.8)
    paper.skip(7)
    for mark, text in section.sentences:
        style, indent = MARKS[mark]
        if mark == "□":
            paper.skip(4)
        paper.paragraph(text, style, mark=mark, indent=indent)
        paper.skip(2.5)
    for grid in section.grids:
        _draw_grid(paper, grid)
        paper.skip(6)
    for note in section.notes:
        paper.paragraph(note, Style(8, colour=FAINT), mark="※")
    paper.skip(13)


def _draw_grid(paper: Paper, grid: Grid) -> None:
    columns = [PageColumn(column.width_mm, column.align) for column in grid.columns]
    head = PageRow(tuple(Cell(tuple(column.title.split("\n"))) for column in grid.columns))
    rows = [
        PageRow(
            tuple(
                Cell(printed(value, column.kind, thousands=grid.thousands))
                for value, column in zip(row.values, grid.columns, strict=True)
            ),
            row.tone,
            row.keep,
        )
        for row in grid.rows
    ]
    title = Title(grid.title, grid.unit(paper=True))
    draw_table(paper, columns, (head,), rows, size=8.0, title=title)
