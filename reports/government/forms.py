"""The tables of the government's report that a person fills in, as nothing here knows them."""

from billing.subsidy.recalls import Recall
from reports.layout.report_table import TO_FILL, Grid, GridColumn, GridRow
from reports.layout.workbook import Value
from reports.month.month_view import MonthView
from reports.wording.limit_words import RECALL_REASONS, quota_text

BY_HAND = "(담당자 기재)"


def recalls_table(view: MonthView) -> Grid:
    """Ⅳ: the month's recalls; warnings and changes (and recalls, where none was recorded) are to be
    filled in by hand."""
    columns = (
        GridColumn("구분", "text", 24),
        GridColumn("기업·과제", "text", 52),
        GridColumn("사유", "text", 60),
        GridColumn("조치", "text", 44),
    )
    recorded = tuple(GridRow(_recalled(view, recall), keep=True) for recall in view.recalls)
    by_hand = ("경고", "변경") if recorded else ("회수", "경고", "변경")
    rows = (*recorded, *_blank(columns, by_hand))
    return Grid("회수·경고·변경", columns, rows, remark=BY_HAND)


def _recalled(view: MonthView, recall: Recall) -> tuple[Value, ...]:
    """A recall: the award, why, and what was decided."""
    company = view.companies[recall.company_id].name
    project = f" {recall.project_id}" if recall.project_id else ""
    size = "" if recall.quota is None else f", 배정 {quota_text(recall.quota, recall.quota_unit)}"
    return (
        "회수",
        f"{company}{project} ({recall.programme} {recall.award_id})",
        f"{RECALL_REASONS[recall.reason]}: {recall.note}",
        f"{recall.until} 회수 ({recall.decided_on} {recall.by} 결정){size}",
    )


def outcomes_table() -> Grid:
    """Ⅵ: to be filled in by hand."""
    columns = (
        GridColumn("구분", "text", 48),
        GridColumn("당월", "text", 30),
        GridColumn("누계", "text", 30),
        GridColumn("비고", "text", 72),
    )
    kinds = ("AI 모델(건)", "상용화(건)", "논문(편)", "매출(백만원)", "신규 고용(명)")
    return Grid("", columns, _blank(columns, kinds), remark=BY_HAND)


def plans_table() -> Grid:
    """Ⅶ: to be filled in by hand."""
    columns = (
        GridColumn("일정", "text", 36),
        GridColumn("내용", "text", 100),
        GridColumn("비고", "text", 44),
    )
    rows = tuple(GridRow((TO_FILL, TO_FILL, TO_FILL), keep=at < 2) for at in range(3))
    return Grid("", columns, rows, remark=BY_HAND)


def _blank(columns: tuple[GridColumn, ...], firsts: tuple[str, ...]) -> tuple[GridRow, ...]:
    return tuple(
        GridRow((first, *[TO_FILL] * (len(columns) - 1)), keep=first != firsts[-1])
        for first in firsts
    )
