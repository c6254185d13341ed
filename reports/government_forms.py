"""The tables of the government's report that a person fills in, as nothing here knows them."""

from reports.grid import TO_FILL, Grid, GridColumn, GridRow

BY_HAND = "(담당자 기재)"


def recalls_table() -> Grid:
    """Ⅳ: to be filled in by hand; the system records no recalls, warnings or changes."""
    columns = (
        GridColumn("구분", "text", 24),
        GridColumn("기업·과제", "text", 52),
        GridColumn("사유", "text", 60),
        GridColumn("조치", "text", 44),
    )
    return Grid(
        "회수·경고·변경", columns, _blank(columns, ("회수", "경고", "변경")), remark=BY_HAND
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
