"""A simulation as a spreadsheet: what changes by month, programme and company, and each of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from billing.month.totals import InvoiceSums
from billing.simulate.simulate import Simulation
from metering.calendar import month_last_day
from reports.layout.workbook import Kind, SheetColumn, Value, Workbook
from reports.simulation.figures import (
    AMOUNTS,
    DueRow,
    budget_rows,
    company_rows,
    month_rows,
    months_text,
    new_findings,
    paid_rows,
    titles,
    together_note,
    total,
)
from reports.wording.finding_titles import LEVELS, kind_text
from reports.wording.labels import FUNDINGS, MONTH_STATES
from reports.wording.shown_text import korean

Row = Sequence[Value]

SIDES: Final = ("지금", "새 규칙", "변화")
MONTH: Final = SheetColumn("월", "text", 10)
STATE: Final = SheetColumn("상태", "text", 8)
PROGRAMME: Final = SheetColumn("사업", "text", 14)
TITLE: Final = SheetColumn("사업명", "text", 34)
COMPANY: Final = SheetColumn("기업번호", "text", 11)
NAME: Final = SheetColumn("기업", "text", 28)
DUES: Final = tuple(
    SheetColumn(f"{label} ({side})", "krw", 17) for _, label, _ in AMOUNTS for side in SIDES
)
PAIDS: Final = tuple(SheetColumn(f"지원 ({side})", "krw", 17) for side in SIDES)
BUDGETS: Final = (
    PROGRAMME,
    TITLE,
    SheetColumn("재원", "text", 14),
    SheetColumn("기간", "text", 12),
    *(
        SheetColumn(f"{what} ({side})", "krw", 17)
        for side in SIDES[:2]
        for what in ("예산", "사용")
    ),
)
FINDINGS: Final = (
    SheetColumn("수준", "text", 8),
    SheetColumn("종류", "text", 30),
    SheetColumn("날짜", "date", 12),
    SheetColumn("대상", "text", 20),
    SheetColumn("내용", "text", 90),
)


@dataclass(frozen=True, slots=True)
class _Sheets:
    """The sheets of one workbook, which all begin alike."""

    workbook: Workbook
    title: str
    subtitle: str
    note: str = ""

    def add(
        self, name: str, columns: Sequence[SheetColumn], rows: Sequence[Row], sums: Row = ()
    ) -> None:
        """A sheet of one table, filtered and frozen below its head."""
        sheet = self.workbook.sheet(name, footer=f"{self.title} · {self.subtitle}")
        sheet.widths(columns)
        sheet.line(f"{self.title}: {name}", "title")
        sheet.line(f"{self.subtitle} · 단위: 원 · 발행한 달과 시행 중인 규칙은 바뀌지 않았습니다")
        if self.note:
            sheet.line(self.note)
        kinds: list[Kind] = [column.kind for column in columns]
        sheet.head(columns, freeze=True, rows=len(rows))
        for row in rows:
            sheet.cells(row, kinds)
        if sums:
            sheet.cells(sums, kinds, "total")


def simulation_xlsx(simulation: Simulation, subtitle: str, author: str) -> bytes:
    """The XLSX: 달별, 사업별, 기업별, 예산, 달·기업, 달·사업·기업, 확인할 사항."""
    title = f"규칙 모의 적용 {months_text(simulation)}"
    workbook = Workbook(title, author, month_last_day(simulation.months[-1].month))
    sheets = _Sheets(workbook, title, subtitle, together_note(simulation))
    months, named = month_rows(simulation), titles(simulation)
    every = _dues(total(months))
    rows: list[Row] = [(row.key, MONTH_STATES.get(row.label, ""), *_dues(row)) for row in months]
    sheets.add("달별", (MONTH, STATE, *DUES), rows, ("합계", "", *every))
    paid = [(row.before_krw, row.after_krw, row.change_krw) for row in paid_rows(simulation)]
    names = [(row.programme, named.get(row.programme, "")) for row in paid_rows(simulation)]
    rows = [(*name, *krw) for name, krw in zip(names, paid, strict=True)]
    sums = tuple(sum(side) for side in zip(*paid, strict=True)) or (0, 0, 0)
    sheets.add("사업별", (PROGRAMME, TITLE, *PAIDS), rows, ("합계", "", *sums))
    rows = [(row.key, row.label, *_dues(row)) for row in company_rows(simulation)]
    sheets.add("기업별", (COMPANY, NAME, *DUES), rows, ("합계", "", *every))
    rows = [
        (row.programme, named.get(row.programme, ""), FUNDINGS.get(row.funding, row.funding),
         row.years, row.before_granted_krw, row.before_used_krw, row.after_granted_krw,
         row.after_used_krw)
        for row in budget_rows(simulation)
    ]  # fmt: skip
    sheets.add("예산", BUDGETS, rows)
    _each(sheets, simulation)
    rows = [
        (
            LEVELS[finding.severity],
            kind_text(finding.kind),
            finding.day,
            finding.subject,
            korean(finding.detail),
        )
        for finding in new_findings(simulation)
    ]
    sheets.add("확인할 사항", FINDINGS, rows)
    return workbook.render()


def _each(sheets: _Sheets, simulation: Simulation) -> None:
    """Every month's companies and programmes row by row, to be filtered and added up."""
    rows: list[Row] = []
    for month in simulation.months:
        for name in sorted(month.before.due.keys() | month.after.due.keys()):
            sides = (
                month.before.due.get(name, InvoiceSums()),
                month.after.due.get(name, InvoiceSums()),
            )
            rows.append(
                (month.month, name, simulation.names.get(name, ""), *_dues(DueRow("", "", *sides)))
            )
    sheets.add("달·기업", (MONTH, COMPANY, NAME, *DUES), rows)
    rows = [
        (row.month, row.programme, row.company_id, simulation.names.get(row.company_id, ""),
         row.before_krw, row.after_krw, row.change_krw)
        for row in paid_rows(simulation, every=True)
    ]  # fmt: skip
    sheets.add("달·사업·기업", (MONTH, PROGRAMME, COMPANY, NAME, *PAIDS), rows)


def _dues(row: DueRow) -> tuple[int, ...]:
    """Each amount now, under the new rules, and its change."""
    sides = (row.before, row.after, row.change)
    return tuple(amount(side) for _, _, amount in AMOUNTS for side in sides)
