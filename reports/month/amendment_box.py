"""What an amended document says beside its lines: why it is, and which document it points at."""

from billing.ledger.amendments import Amendment
from reports.layout.page import Paper
from reports.layout.page_table import Cell, PageColumn, PageRow, Title, draw_table
from reports.wording.amendment_words import STEPS, causes_text, reason_text
from reports.wording.numbers_and_dates import date_text

PAIR = ("negative", "right")


def draw_amended(paper: Paper, amendment: Amendment) -> None:
    """The table of what is amended."""
    paper.skip(7)
    rows = [
        _pair("수정사유", reason_text(amendment), "문서 구분", STEPS[amendment.step]),
        _pair(
            "당초 문서번호",
            amendment.amends or "-",
            "당초 작성연월일",
            date_text(amendment.original_written_on),
        ),
        _pair("달라진 것", causes_text(amendment) or "-", "정정 번호", str(amendment.adjustment)),
    ]
    columns = (PageColumn(24), PageColumn(76), PageColumn(27), PageColumn(53))
    draw_table(paper, columns, (), rows, size=8.5, title=Title("수정 내용"))
    paper.skip(6)


def _pair(label: str, text: str, other: str, more: str) -> PageRow:
    cells = (Cell(label, align="centre"), Cell(text), Cell(other, align="centre"), Cell(more))
    return PageRow(cells)


def amended_notes(amendment: Amendment) -> list[str]:
    """What a reader of the document has to know."""
    notes = []
    if amendment.step in PAIR:
        notes.append(
            "당초 문서를 취소하는 문서와 바른 금액의 문서가 함께 나가며,"
            " 더 내시거나 돌려받으실 금액은 두 문서의 합입니다."
        )
    if amendment.step == "difference":
        notes.append("당초 문서는 그대로 두고 차액만 적은 문서입니다. △는 줄어드는 금액입니다.")
    if amendment.step == "negative":
        notes.append("△는 취소하는 금액입니다.")
    return notes
