"""The month's report to the authorities as sections and tables, before they become PDF or XLSX."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from billing.rulebook.programme import COMPANY_IN_KIND
from reports.government.monthly_tables import (
    awards_table,
    capacity_table,
    companies_table,
    funding_table,
    limit_hits_table,
    overview_table,
    recalls_table,
    unclaimed_by_source,
)
from reports.government.registered_tables import (
    agreements_table,
    month_outcomes_table,
    outcomes_table,
    partners_table,
    plans_table,
)
from reports.layout.report_table import ReportTable
from reports.month.daily_rows import by_company
from reports.month.month_view import MonthView
from reports.month.sums import DeviceTime, capacity_figures, supported
from reports.wording.numbers_and_dates import date_text, month_text, number, percent, thousand_krw

ROUNDING: Final = "천원 단위는 표시할 때 반올림한 것으로, 끝수 조정으로 합계가 다를 수 있음"
BUDGETS: Final = "누계는 예산연도의 처음부터 이 달까지이며, 예산을 모르는 재원이 있으면 '-'"
COUNTED: Final = (
    "배정·PF·h는 사업이 일부라도 지원한 사용량 전부이며,"
    " 둘 이상이 지원하면 사업마다 세고 합계에서는 한 번만 셈"
)
RATES: Final = (
    "보유: 등록된 장치의 시간, 정지: 점검·고장으로 쓸 수 없던 시간",
    "배정: 스케줄러가 과제에 준 시간, 사용: 계측으로 확인한 작동 시간",
    "가동률 = (보유-정지)÷보유, 배정률 = 배정÷보유, 이용률 = 사용÷배정",
    "'-'는 노드 상태나 계측 자료가 없어 알 수 없음(0과 다름); 그런 것이 든 합계도 '-'",
)


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A chapter: its sentences by mark (□ ○ -), its tables, and notes under them (※)."""

    heading: str
    sentences: tuple[tuple[str, str], ...] = ()
    tables: tuple[ReportTable, ...] = ()
    notes: tuple[str, ...] = ()
    landscape: bool = False


@dataclass(frozen=True, slots=True)
class GovernmentReport:
    """The whole report."""

    title: str
    subtitle: str
    draft: bool
    sections: tuple[ReportSection, ...]
    closing: tuple[str, ...]


def government_report(view: MonthView) -> GovernmentReport:
    """The report of a month; where nothing is known or registered, it says so."""
    day = date_text(view.issued_on) if view.issued_on else "발행 전"
    return GovernmentReport(
        title=f"{month_text(view.month)} AI 데이터센터 지원사업 운영·집행 현황",
        subtitle=" · ".join(text for text in (view.centre, view.desk.department, day) if text),
        draft=view.draft,
        sections=(
            _summary(view),
            _overview(view),
            _capacity(view),
            _companies(view),
            _events(view),
            _funding(view),
            _outcomes(view),
            ReportSection("Ⅶ. 익월 계획", tables=(plans_table(view),)),
        ),
        closing=(
            "붙임 기업별 청구서 겸 거래명세서 및 이용명세서(엑셀) 각 1부. 끝.",
            f"규칙집 sha256 {view.rules_digest}",
            f"사용량 sha256 {view.usage_digest}",
        ),
    )


def _summary(view: MonthView) -> ReportSection:
    companies, projects, use = supported(view)
    used = {usage.project_id for usage in view.usages}
    sentences = [
        ("□", "운영 총괄"),
        ("○", f"(이용) 기업 {len(by_company(view)):,}개사, 과제 {len(used):,}건"),
        ("○", f"(지원) 기업 {companies:,}개사, 과제 {projects:,}건, {_use_text(use)}"),
        ("○", f"(금액) {_amounts_text(view)}"),
    ]
    if view.capacity:
        whole = capacity_figures(view.capacity, view.seconds)
        rates = (
            ("가동률", whole.up_rate),
            ("배정률", whole.held_rate),
            ("이용률", whole.busy_rate),
        )
        text = ", ".join(f"{name} {_rate_text(rate)}" for name, rate in rates)
        sentences.append(("○", f"(자원) {text}"))
    if view.notes:
        sentences.append(("□", "자료의 유의사항"))
        sentences += [("○", note) for note in view.notes]
    return ReportSection("요약", tuple(sentences))


def _amounts_text(view: MonthView) -> str:
    in_kind_krw = sum(s.subsidy_krw for s in view.subsidies if s.funding == COMPANY_IN_KIND)
    support_krw = sum(invoice.subsidy_krw for invoice in view.invoices) - in_kind_krw
    parts = [
        ("지원금", support_krw),
        ("자부담", sum(invoice.company_krw for invoice in view.invoices)),
    ]
    if in_kind_krw:
        parts.insert(1, ("현물", in_kind_krw))
    whole = thousand_krw(sum(invoice.charge_krw for invoice in view.invoices))
    sums = " + ".join(f"{name} {thousand_krw(krw)}천원" for name, krw in parts)
    vat = thousand_krw(sum(invoice.vat_krw for invoice in view.invoices))
    return f"정가 {whole}천원 = {sums}, 부가가치세 {vat}천원 별도"


def _use_text(use: DeviceTime) -> str:
    text = f"배정 {number(use.held, 1)} 장·시간"
    return text if use.pf is None else f"{text}({number(use.pf, 2)} PF·h)"


def _rate_text(rate: Fraction | None) -> str:
    return "미상" if rate is None else f"{percent(rate)}%"


def _overview(view: MonthView) -> ReportSection:
    used = sorted({usage.sku for usage in view.usages if usage.unit == "device_us"})
    unknown = [sku for sku in used if sku not in view.skus or view.skus[sku].pf is None]
    notes = [ROUNDING, BUDGETS, COUNTED]
    if unknown:
        notes.append(f"PF 환산값이 없어 PF·h에서 제외한 자원: {', '.join(unknown)}")
    return ReportSection("Ⅰ. 총괄표", tables=(overview_table(view),), notes=tuple(notes))


def _capacity(view: MonthView) -> ReportSection:
    return ReportSection("Ⅱ. 자원별 이용률", tables=(capacity_table(view),), notes=RATES)


def _companies(view: MonthView) -> ReportSection:
    notes = (
        "배정·사용은 장·시간이며 저장공간 등은 금액에만 포함. 부가세는 기업별 문서의 합",
        "정가 = 지원금 + 현물 + 자부담",
    )
    tables = (
        companies_table(view),
        awards_table(view),
        agreements_table(view),
        partners_table(view),
    )
    return ReportSection("Ⅲ. 기업·과제별 현황", tables=tables, notes=notes, landscape=True)


def _events(view: MonthView) -> ReportSection:
    tables = (limit_hits_table(view), recalls_table(view))
    return ReportSection("Ⅳ. 회수·경고·변경", tables=tables)


def _outcomes(view: MonthView) -> ReportSection:
    """The sums, and where something is registered, what they are made of."""
    if not view.outcomes:
        return ReportSection("Ⅵ. 성과", tables=(outcomes_table(view),))
    notes = ("누계는 등록부에 적힌 처음부터 이 달까지이며, 매출과 투자 유치는 원",)
    tables = (outcomes_table(view), month_outcomes_table(view))
    return ReportSection("Ⅵ. 성과", tables=tables, notes=notes)


def _funding(view: MonthView) -> ReportSection:
    notes = [ROUNDING, "당월 합계는 정가 합계와 같음(부가가치세 제외)"]
    if cut := unclaimed_by_source(view):
        listed = ", ".join(f"{title} {krw:,}원" for title, krw in cut)
        notes.append(f"기업별 청구에서 버린 10원 미만(단수 차이)을 포함: {listed}")
    return ReportSection("Ⅴ. 재원별 집행", tables=(funding_table(view),), notes=tuple(notes))
