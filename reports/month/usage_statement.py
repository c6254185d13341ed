"""A company's usage statement: a spreadsheet in which its invoice can be checked day by day."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from billing.records import Subsidy
from billing.rulebook.programme import CENTRE, COMPANY_IN_KIND
from reports.layout.workbook import Kind, SheetColumn, Value, Workbook, WorkbookSheet
from reports.month.daily_rows import CompanyMonth, DailyRow, Support, daily_rows, supports_of
from reports.month.month_view import MonthView
from reports.wording.labels import FUNDINGS, VAT_BASES, invoice_title
from reports.wording.limit_words import limit_text
from reports.wording.numbers_and_dates import (
    MICROJOULES_OF_KWH,
    NANOSECONDS_OF_HOUR,
    month_text,
    price_unit_label,
    priced_quantity,
)

SUMMARY = (
    SheetColumn("과제번호", "text", 11),
    SheetColumn("과제명", "text", 34),
    SheetColumn("자원", "text", 26),
    SheetColumn("SKU", "text", 20),
    SheetColumn("수량", "quantity", 16),
    SheetColumn("단위", "text", 10),
    SheetColumn("정가 금액(A)", "krw", 17),
    SheetColumn("지원금(B)", "krw", 17),
    SheetColumn("기업 부담(A-B)", "krw", 17),
)
DAILY = (
    SheetColumn("날짜", "date", 12),
    SheetColumn("과제번호", "text", 11),
    SheetColumn("과제명", "text", 30),
    SheetColumn("자원", "text", 24),
    SheetColumn("SKU", "text", 18),
    SheetColumn("수량", "quantity", 14),
    SheetColumn("단위", "text", 10),
    SheetColumn("실사용(장·시간)", "quantity", 15),
    SheetColumn("전력량(kWh)", "kwh", 13),
    SheetColumn("단가(원)", "price", 11),
    SheetColumn("정가 금액(원)", "krw", 15),
)
DAILY_END = (
    SheetColumn("기업 부담(원)", "krw", 15),
    SheetColumn("비고", "text", 12),
    SheetColumn("정수 수량", "count", 20),
    SheetColumn("정수 단위", "text", 11),
)
SUPPORT = (
    SheetColumn("날짜", "date", 12),
    SheetColumn("과제번호", "text", 11),
    SheetColumn("SKU", "text", 18),
    SheetColumn("사업", "text", 14),
    SheetColumn("사업명", "text", 34),
    SheetColumn("협약", "text", 12),
    SheetColumn("재원", "text", 16),
    SheetColumn("지원금(원)", "krw", 15),
    SheetColumn("과세 기준", "text", 12),
    SheetColumn("한도 도달", "text", 30),
    SheetColumn("근거 규칙", "text", 42),
)


def usage_statement_xlsx(view: MonthView, company: CompanyMonth) -> bytes:
    """The XLSX of one company's month: 요약, 일별 사용, 지원 내역, 안내."""
    facts = view.companies[company.company_id]
    title = f"{month_text(view.month)} 이용명세서"
    workbook = Workbook(f"{title} {facts.name}", view.issuer, view.days[-1])
    rows = daily_rows(view, company)
    footer = f"{view.issuer} · {facts.name} · {title}" + (" · 초안 (DRAFT)" if view.draft else "")
    _write_summary(workbook.sheet("요약", footer=footer), view, company, title)
    _write_daily(workbook.sheet("일별 사용", footer=footer), view, company, rows)
    _write_support(workbook.sheet("지원 내역", footer=footer), view, company.subsidies)
    _write_notes(workbook.sheet("안내", landscape=False, footer=footer), view)
    return workbook.render()


def _mark(view: MonthView) -> str:
    if view.adjustment:
        return f" [정정 {view.adjustment} 반영]"
    return " [초안 (DRAFT) · 효력 없음]" if view.draft else ""


def _write_summary(
    sheet: WorkbookSheet, view: MonthView, company: CompanyMonth, title: str
) -> None:
    facts = view.companies[company.company_id]
    sheet.widths(SUMMARY)
    sheet.line(title + _mark(view), "title")
    sheet.line(f"{facts.name} ({facts.company_id}) · 등록번호 {facts.business_number}")
    sheet.line(f"공급자 {view.issuer} · 문의 {view.desk.department} {view.desk.contact}")
    sheet.row += 1
    kinds: list[Kind] = [column.kind for column in SUMMARY]
    lines = [line for invoice in company.invoices for line in invoice.lines]
    sheet.head(SUMMARY, freeze=False)
    for line in lines:
        quantity = priced_quantity(line.quantity, line.price_unit, view.seconds)
        support_krw = line.charge_krw - line.company_krw
        values: tuple[Value, ...] = (
            line.project_id,
            line.project_name,
            line.sku_title,
            line.sku,
            quantity,
            price_unit_label(line.price_unit),
            line.charge_krw,
            support_krw,
            line.company_krw,
        )
        sheet.cells(values, kinds)
    charge_krw = sum(line.charge_krw for line in lines)
    company_krw = sum(line.company_krw for line in lines)
    amounts = (charge_krw, charge_krw - company_krw, company_krw)
    total: tuple[Value, ...] = ("합계", "", "", "", "", "", *amounts)
    sheet.cells(total, kinds, "total")
    sheet.row += 1
    unnumbered = f"정정 {view.adjustment} 후 합계" if view.adjustment else "(발행 전)"
    _write_documents(sheet, company, unnumbered)


def _write_documents(sheet: WorkbookSheet, company: CompanyMonth, unnumbered: str) -> None:
    """The documents of the month and how each comes to its amount due."""
    head = ("문서번호", "구분", "기업 부담", "과세표준", "부가가치세", "", "합계 청구액")
    kinds: tuple[Kind, ...] = ("text", "text", "krw", "krw", "krw", "text", "krw")
    sheet.head([SheetColumn(title) for title in head], freeze=False)
    for invoice in company.invoices:
        name = invoice_title(invoice)
        values: tuple[Value, ...] = (
            invoice.number or unnumbered,
            name + (" (면세)" if invoice.tax_class == "exempt" else ""),
            invoice.company_krw,
            invoice.taxable_krw,
            invoice.vat_krw,
            "",
            invoice.payable_krw,
        )
        sheet.cells(values, kinds)


def _support_title(view: MonthView, support: Support) -> str:
    programme, in_kind = support
    titles = {programme.programme: programme.title for programme in view.programmes}
    title = titles.get(programme, programme)
    return f"현물(기업)\n{title}" if in_kind else f"지원(원)\n{title}"


def _write_daily(
    sheet: WorkbookSheet, view: MonthView, company: CompanyMonth, rows: Sequence[DailyRow]
) -> None:
    sums = supports_of(company.subsidies)
    supports = tuple(SheetColumn(_support_title(view, support), "krw", 18) for support in sums)
    columns = (*DAILY, *supports, *DAILY_END)
    kinds: list[Kind] = [column.kind for column in columns]
    sheet.widths(columns)
    sheet.line("일별 사용" + _mark(view), "title")
    sheet.line("하루는 한국 시각 0시부터 24시까지이며, 합계는 필터와 관계없이 한 달 전체입니다.")
    charged = sum(row.charge_krw or 0 for row in rows)
    total: list[Value] = ["합계", *[""] * 7]
    total += [_scaled(_energy_uj(rows), MICROJOULES_OF_KWH), "", charged]
    total += [*sums.values(), sum(row.company_krw or 0 for row in rows), "", "", ""]
    sheet.cells(total, kinds, "total")
    sheet.head(columns, freeze=True, rows=len(rows))
    for row in rows:
        sheet.cells(_daily_cells(view, row, tuple(sums)), kinds)


def _daily_cells(view: MonthView, row: DailyRow, supports: Sequence[Support]) -> list[Value]:
    sku = view.skus.get(row.sku)
    unit = sku.price_unit if sku else row.unit
    marks = [mark for mark, on in (("추정", row.estimated), ("잠정", row.provisional)) if on]
    return [
        row.day,
        row.project_id,
        view.projects[row.project_id].name,
        sku.title if sku else row.sku,
        row.sku,
        priced_quantity(row.quantity, unit, view.seconds),
        price_unit_label(unit),
        _scaled(row.busy_ns, NANOSECONDS_OF_HOUR) if row.unit == "device_us" else None,
        _scaled(row.energy_uj, MICROJOULES_OF_KWH) if row.unit == "device_us" else None,
        row.price_krw,
        row.charge_krw,
        *(row.support_krw.get(support, 0) for support in supports),
        row.company_krw,
        ", ".join(marks),
        row.quantity,
        row.unit,
    ]


def _energy_uj(rows: Iterable[DailyRow]) -> int | None:
    """The energy of the rows; None where nobody saw the work of some."""
    energies = [row.energy_uj for row in rows]
    return None if None in energies else sum(energy for energy in energies if energy is not None)


def _scaled(amount: int | None, of: int) -> Fraction | None:
    return None if amount is None else Fraction(amount, of)


def _write_support(sheet: WorkbookSheet, view: MonthView, subsidies: Sequence[Subsidy]) -> None:
    titles = {programme.programme: programme for programme in view.programmes}
    kinds: list[Kind] = [column.kind for column in SUPPORT]
    sheet.widths(SUPPORT)
    sheet.line("지원 내역" + _mark(view), "title")
    total: list[Value] = [
        "합계",
        *[""] * 6,
        sum(subsidy.subsidy_krw for subsidy in subsidies),
        "",
        "",
        "",
    ]
    sheet.cells(total, kinds, "total")
    sheet.head(SUPPORT, freeze=True, rows=len(subsidies))
    for subsidy in sorted(subsidies, key=lambda s: (s.day, s.project_id, s.sku, s.programme)):
        programme = titles.get(subsidy.programme)
        sources = {COMPANY_IN_KIND: "기업 현물", CENTRE: FUNDINGS[CENTRE]}
        if programme:
            sources |= {each.funding: each.title for each in programme.funding}
        values: tuple[Value, ...] = (
            subsidy.day,
            subsidy.project_id,
            subsidy.sku,
            subsidy.programme,
            programme.title if programme else subsidy.programme,
            subsidy.award_id,
            sources.get(subsidy.funding, subsidy.funding),
            subsidy.subsidy_krw,
            VAT_BASES[subsidy.vat_base],
            _stop_text(view, subsidy),
            subsidy.rule,
        )
        sheet.cells(values, kinds)


def _stop_text(view: MonthView, subsidy: Subsidy) -> str:
    if not subsidy.stopped_by:
        return ""
    return limit_text(subsidy.stopped_by, storage=view.is_storage(subsidy.sku))


def _write_notes(sheet: WorkbookSheet, view: MonthView) -> None:
    sheet.widths([SheetColumn("", "text", 96)])
    sheet.line("안내" + _mark(view), "title")
    for text in NOTES:  # the month's own notes may be about other companies
        sheet.line(f"• {text}", "wrapped")
    sheet.row += 1
    sheet.line(f"규칙집 sha256 {view.rules_digest}")
    sheet.line(f"사용량 sha256 {view.usage_digest}")


NOTES = (
    "수량은 정수로 세며, 소수 수량은 단가의 단위로 바꾸어 반올림해 보인 것입니다.",
    "device_us는 장치 1장을 1마이크로초 배정한 것, mib_s는 1MiB를 1초 저장한 것입니다.",
    "정가 금액은 과제·자원별로 쌓인 정확한 금액에서 1원 미만을 버린 것입니다.",
    "하루의 금액은 그날까지의 누계와 전날까지의 누계의 차이이므로 날마다 1원씩 다를 수 있습니다.",
    "지원금은 한도를 적용한 뒤의 금액이며, 한도에 도달한 줄에는 그 한도를 적었습니다.",
    "실사용과 전력량은 장치를 계측한 값으로, 실사용으로 청구하는 자원이 아니면 참고입니다.",
    "'-'는 그날 그 클러스터를 본 계측 자료가 없어 알 수 없다는 뜻이며, 0과 다릅니다.",
    "추정: 자료에서 사라진 작업이나, 스케줄러 기록 대신 장치에 붙은 이름표로 셈한 것이 있습니다.",
    "잠정: 아직 바뀔 수 있습니다.",
    "기업 부담에는 부가가치세가 들어 있지 않으며, 부가가치세는 요약에 문서별로 있습니다.",
)
