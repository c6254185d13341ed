"""What the report of a corrected month says beside its figures: that it is restated, why, and what
is different from the report before it. That one stays as it was sent."""

from dataclasses import replace

from billing.records import Invoice
from reports.government.monthly_report import GovernmentReport, ReportSection, government_report
from reports.layout.report_table import ReportColumn, ReportRow, ReportTable, totalled
from reports.month.month_view import MonthView
from reports.month.sums import paid_by_source
from reports.wording.amendment_words import CAUSES
from reports.wording.numbers_and_dates import date_text

FUNDS = (
    ReportColumn("사업", "text", 62),
    ReportColumn("재원", "text", 34),
    ReportColumn("직전 보고", "krw", 28),
    ReportColumn("정정", "krw", 28),
    ReportColumn("증감", "krw", 28),
)
COMPANIES = (
    ReportColumn("기업", "text", 48),
    ReportColumn("정가 증감", "krw", 26),
    ReportColumn("지원 증감", "krw", 26),
    ReportColumn("자부담 증감", "krw", 26),
    ReportColumn("부가세 증감", "krw", 26),
    ReportColumn("정정 뒤 자부담", "krw", 28),
)
Sums = tuple[int, int, int, int]  # charge, support, company, VAT
NOTHING: Sums = (0, 0, 0, 0)


def restated_report(view: MonthView, after: MonthView, before: MonthView) -> GovernmentReport:
    """The report of a month as it stands after an adjustment. `view` is the month with the
    documents of all its adjustments, `before` what was reported last."""
    report = government_report(after)
    day = date_text(after.adjusted_on) if after.adjusted_on else "-"
    first, *others = report.sections
    return replace(
        report,
        title=f"{report.title} (정정 {after.adjustment})",
        subtitle=f"{report.subtitle} · {day} 정정",
        sections=(first, _changes(view, after, before), *others),
        closing=(
            f"{_name(before)}는 보낸 대로 두며, 이 보고가 그것을 대신함.",
            *report.closing,
        ),
    )


def _name(before: MonthView) -> str:
    return f"정정 {before.adjustment} 보고" if before.adjustment else "당초 보고"


def _changes(view: MonthView, after: MonthView, before: MonthView) -> ReportSection:
    own = [amendment for amendment in view.amendments if amendment.adjustment == after.adjustment]
    causes = [CAUSES[kind] for kind in CAUSES if any(kind in amendment.causes for amendment in own)]
    sentences = (
        ("□", f"{_name(before)} 뒤에 정정한 것"),
        ("○", f"(사유) {after.adjusted_because or '-'}"),
        ("○", f"(원인) {', '.join(causes) or '-'}"),
        ("○", f"(문서) 수정 문서 {len(own):,}건"),
    )
    notes = ("직전 보고와 금액이 같은 재원과 기업은 적지 않음",)
    return ReportSection(
        "정정 내용", sentences, (_funds(after, before), _companies(after, before)), notes
    )


def _funds(after: MonthView, before: MonthView) -> ReportTable:
    titles = {
        programme.programme: programme for programme in (*before.programmes, *after.programmes)
    }
    old, new = paid_by_source(before), paid_by_source(after)
    rows = []
    for programme, funding in sorted({*old, *new}):
        was, now = old.get((programme, funding), 0), new.get((programme, funding), 0)
        if was == now:
            continue
        known = titles.get(programme)
        sources = known.funding if known else ()
        source = next((fund.title for fund in sources if fund.funding == funding), funding)
        title = known.title if known else programme
        rows.append(ReportRow((title, source, was, now, now - was)))
    whole = (sum(old.values()), sum(new.values()))
    total = ("지원 합계", "", *whole, whole[1] - whole[0])
    return ReportTable("재원별 당월 집행", FUNDS, totalled(rows, total))


def _companies(after: MonthView, before: MonthView) -> ReportTable:
    old, new = _owed(before.invoices), _owed(after.invoices)
    rows = []
    for company_id in sorted({*old, *new}):
        was, now = old.get(company_id, NOTHING), new.get(company_id, NOTHING)
        if was == now:
            continue
        known = after.companies.get(company_id) or before.companies.get(company_id)
        more = [b - a for a, b in zip(was, now, strict=True)]
        rows.append(ReportRow((known.name if known else company_id, *more, now[2])))
    whole, since = (_whole(month.invoices) for month in (before, after))
    more = [b - a for a, b in zip(whole, since, strict=True)]
    return ReportTable("기업별 증감", COMPANIES, totalled(rows, ("합계", *more, since[2])))


def _owed(invoices: tuple[Invoice, ...]) -> dict[str, Sums]:
    sums: dict[str, Sums] = {}
    for invoice in invoices:
        a, b, c, d = sums.get(invoice.company_id, NOTHING)
        sums[invoice.company_id] = (
            a + invoice.charge_krw, b + invoice.subsidy_krw,
            c + invoice.company_krw, d + invoice.vat_krw,
        )  # fmt: skip
    return sums


def _whole(invoices: tuple[Invoice, ...]) -> Sums:
    sums = zip(*(NOTHING, *_owed(invoices).values()), strict=True)
    charge, support, company, vat = (sum(column) for column in sums)
    return charge, support, company, vat
