"""The settlement of a programme's year as a report: revenue, expenditure, returns, who used it,
what differs from the last filing, and how the books agree."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Final

from billing.grant.reconciliation import Tie
from billing.grant.settlement import GrantSource, used_by_company
from billing.grant.settlement_ledger import Settlement
from billing.money import format_krw
from metering.calendar import months_of_year
from reports.government.monthly_report import ROUNDING, GovernmentReport, ReportSection
from reports.layout.report_table import ReportColumn, ReportRow, ReportTable, totalled
from reports.layout.workbook import Value
from reports.wording.labels import SETTLED
from reports.wording.numbers_and_dates import date_text

SELF: Final = "기업 자부담(현금)"
NOTES: Final = (
    "예산연도는 이용한 날이 속한 해이며, 부가가치세는 들어 있지 않음",
    "자부담은 이 사업이 지원한 명세의 기업 현금 부담이며, 여러 사업이 지원한 명세는 사업마다 셈",
)
RETURN_NOTES: Final = (
    "집행잔액 = 실제수입 - 이미 반납한 금액 - 집행액. 양수는 반납할 돈, △는 받을 돈",
    "제출한 뒤 줄어든 집행액은 반납하며, 늘어난 금액은 새로 청구하지 않음",
)


def grant_report(
    settlement: Settlement, names: Mapping[str, str], centre: str, *, full: bool
) -> GovernmentReport:
    """The report of a year. `full` lists every company and month of the proof, as a spreadsheet
    can; in the PDF only what does not agree."""
    grant, filed = settlement.grant, settlement.filed
    sections = [
        _summary(settlement),
        ReportSection("Ⅱ. 세입", tables=(_revenue(settlement),), notes=(ROUNDING, *NOTES)),
        ReportSection(
            "Ⅲ. 세출", tables=(_expenditure(settlement), *_origins(settlement)), notes=(ROUNDING,)
        ),
        ReportSection("Ⅳ. 이자와 반납", tables=(_returns(settlement),), notes=RETURN_NOTES),
        ReportSection("Ⅴ. 기업·월별 집행", tables=(_companies(settlement, names),), landscape=True),
    ]
    if filed is not None:
        sections.append(
            ReportSection("Ⅵ. 지난 제출과의 차이", tables=(_differences(settlement, names),))
        )
    sections.append(
        ReportSection(
            f"{'Ⅶ' if filed else 'Ⅵ'}. 장부 대조", tables=(_proof(settlement, names, full),)
        )
    )
    day = date_text(filed.filed_on) if filed and _as_filed(settlement) else "제출 전"
    return GovernmentReport(
        title=f"{grant_title(settlement)} 정산보고서",
        subtitle=" · ".join((centre, grant.authority, day)),
        draft=not (filed and _as_filed(settlement)),
        sections=tuple(sections),
        closing=(
            "붙임 기업·월별 집행 명세(엑셀) 1부. 끝.",
            f"규칙집 sha256 {grant.rules_digest}",
        ),
    )


def _as_filed(settlement: Settlement) -> bool:
    """Whether what stands is what was filed last."""
    return settlement.filed is not None and settlement.filed.grant == settlement.grant


def grant_title(settlement: Settlement) -> str:
    """The year and the programme, which may have the year in its name."""
    year, title = settlement.grant.year, settlement.grant.title
    return title if title.startswith(f"{year}년") else f"{year}년도 {title}"


def created_on(settlement: Settlement) -> date:
    """A day for the files that follows from what they say."""
    return settlement.filed.filed_on if settlement.filed else date(settlement.grant.year, 12, 31)


def _sum(sources: tuple[GrantSource, ...], name: str) -> int:
    return sum(getattr(source, name) or 0 for source in sources)


def _summary(settlement: Settlement) -> ReportSection:
    grant = settlement.grant
    money = tuple(source for source in grant.sources if source.settled != "in_kind")
    used, came, interest, back, more = (
        format_krw(_sum(sources, name))
        for sources, name in (
            (grant.sources, "used_krw"),
            (money, "received_krw"),
            (money, "interest_krw"),
            (money, "to_return_krw"),
            (money, "to_receive_krw"),
        )
    )
    companies = len({row.company_id for row in grant.rows})
    sentences = [
        ("□", f"{grant.title} ({grant.programme})"),
        ("○", f"(기간) {grant.year}년 이용분, 발행한 달 {len(grant.months)}개월"),
        ("○", f"(집행) {used}원 (기업 {companies:,}개사)"),
        ("○", f"(수입) {came}원, 이자 {interest}원"),
        ("○", f"(반납할 금액) {back}원, (받을 금액) {more}원"),
    ]
    if grant.open_months:
        sentences.append(("○", f"(유의) 아직 발행하지 않은 달: {', '.join(grant.open_months)}"))
    if odd := sum(not tie.holds for tie in settlement.ties):
        sentences.append(("○", f"(유의) 청구서·원장·지원금 청구가 맞지 않는 곳 {odd}건"))
    return ReportSection("Ⅰ. 총괄", tuple(sentences))


def _named(source: GrantSource) -> str:
    return f"{source.title} ({source.years})" if source.budget_krw is not None else source.title


def _revenue(settlement: Settlement) -> ReportTable:
    """구분, 예산액(A), 실제수입(B), 증감(B-A), 이자."""
    columns = (
        ReportColumn("구분", "text", 52),
        ReportColumn("정산", "text", 20, centred=True),
        ReportColumn("예산액(A)", "krw", 28),
        ReportColumn("실제수입(B)", "krw", 28),
        ReportColumn("증감(B-A)", "krw", 28),
        ReportColumn("이자", "krw", 24),
    )
    rows: list[ReportRow] = []
    for source in settlement.grant.sources:
        kind = source.settled == "in_kind"
        came = source.used_krw if kind else source.received_krw
        budget = None if source.budget_krw is None else source.budget_krw - source.before_krw
        more = None if budget is None else came - budget
        interest = None if kind else source.interest_krw
        rows.append(
            ReportRow((_named(source), SETTLED[source.settled], budget, came, more, interest))
        )
    cash = settlement.grant.self_pay_krw
    rows.append(ReportRow((SELF, "현금", None, cash, None, None)))
    came = sum(row.values[3] for row in rows if isinstance(row.values[3], int))
    total = ("합계", "", None, came, None, _sum(settlement.grant.sources, "interest_krw"))
    return ReportTable("", columns, totalled(rows, total), thousands=True)


def _expenditure(settlement: Settlement) -> ReportTable:
    """비목, 예산액(C), 집행액(D), 잔액(C-D), 집행률."""
    columns = (
        ReportColumn("비목 / 재원", "text", 66),
        ReportColumn("예산액(C)", "krw", 31),
        ReportColumn("집행액(D)", "krw", 31),
        ReportColumn("잔액(C-D)", "krw", 31),
        ReportColumn("집행률", "percent", 21),
    )
    rows = []
    for source in settlement.grant.sources:
        budget = None if source.budget_krw is None else source.budget_krw - source.before_krw
        left = None if budget is None else budget - source.used_krw
        rate = Fraction(source.used_krw, budget) if budget else None
        label = f"컴퓨팅 자원 이용료 / {_named(source)}"
        rows.append(ReportRow((label, budget, source.used_krw, left, rate)))
    cash = settlement.grant.self_pay_krw
    rows.append(ReportRow((f"컴퓨팅 자원 이용료 / {SELF}", None, cash, None, None)))
    used = _sum(settlement.grant.sources, "used_krw") + cash
    return ReportTable(
        "", columns, totalled(rows, ("합계", None, used, None, None)), "%", thousands=True
    )


def _origins(settlement: Settlement) -> tuple[ReportTable, ...]:
    """예산연도별 집행: 이월된 돈이 있을 때만."""
    columns = (
        ReportColumn("재원", "text", 66),
        ReportColumn("예산연도", "text", 31, centred=True),
        ReportColumn("예산액", "krw", 31),
        ReportColumn("집행액", "krw", 31),
        ReportColumn("잔액", "krw", 21),
    )
    rows = [
        ReportRow((origin.title, origin.year, origin.budget_krw, origin.used_krw, origin.left_krw))
        for origin in settlement.origins
    ]
    return (ReportTable("예산연도별 집행", columns, tuple(rows), thousands=True),) if rows else ()


def _returns(settlement: Settlement) -> ReportTable:
    columns = (
        ReportColumn("재원", "text", 30),
        ReportColumn("실제수입", "krw", 20),
        ReportColumn("반납함", "krw", 18),
        ReportColumn("집행액", "krw", 20),
        ReportColumn("집행잔액", "krw", 20),
        ReportColumn("이자", "krw", 17),
        ReportColumn("이자 반납함", "krw", 17),
        ReportColumn("반납할 금액", "krw", 20),
        ReportColumn("받을 금액", "krw", 18),
    )
    names = (
        "received_krw", "returned_krw", "used_krw", "left_krw", "interest_krw",
        "interest_returned_krw", "to_return_krw", "to_receive_krw",
    )  # fmt: skip
    money = tuple(source for source in settlement.grant.sources if source.settled != "in_kind")
    rows = [
        ReportRow((_named(source), *(getattr(source, name) for name in names))) for source in money
    ]
    total: tuple[Value, ...] = ("합계", *(_sum(money, name) for name in names))
    return ReportTable("", columns, totalled(rows, total))


def _company_text(names: Mapping[str, str], company_id: str) -> str:
    return f"{names.get(company_id, company_id)} ({company_id})"


def _companies(settlement: Settlement, names: Mapping[str, str]) -> ReportTable:
    months = months_of_year(settlement.grant.year)
    columns = (
        ReportColumn("기업", "text", 46),
        *(ReportColumn(f"{int(month[5:])}월", "krw", 16) for month in months),
        ReportColumn("합계", "krw", 24),
    )
    rows = []
    sums = [0] * len(months)
    for company, by_month in used_by_company(settlement.grant.rows).items():
        own = [by_month.get(month, 0) for month in months]
        sums = [sum_krw + own_krw for sum_krw, own_krw in zip(sums, own, strict=True)]
        rows.append(ReportRow((_company_text(names, company), *own, sum(own))))
    total: tuple[Value, ...] = ("합계", *sums, sum(sums))
    return ReportTable("", columns, totalled(rows, total), thousands=True)


def _differences(settlement: Settlement, names: Mapping[str, str]) -> ReportTable:
    columns = (
        ReportColumn("월", "text", 18, centred=True),
        ReportColumn("기업", "text", 44),
        ReportColumn("재원", "text", 22),
        ReportColumn("제출한 금액", "krw", 25),
        ReportColumn("지금", "krw", 25),
        ReportColumn("차이", "krw", 22),
        ReportColumn("처리", "text", 24),
    )
    titles = {source.funding: source.title for source in settlement.grant.sources}
    rows = [
        ReportRow(
            (
                difference.month,
                _company_text(names, difference.company_id),
                titles.get(difference.funding, difference.funding),
                difference.filed_krw,
                difference.now_krw,
                difference.now_krw - difference.filed_krw,
                "반납" if difference.now_krw < difference.filed_krw else "청구하지 않음",
            )
        )
        for difference in settlement.differences
    ]
    if not rows:
        return ReportTable("", columns, (ReportRow(("차이 없음", "", "", None, None, None, "")),))
    filed, now = (
        sum(getattr(difference, name) for difference in settlement.differences)
        for name in ("filed_krw", "now_krw")
    )
    return ReportTable("", columns, totalled(rows, ("합계", "", "", filed, now, now - filed, "")))


def _proof(settlement: Settlement, names: Mapping[str, str], full: bool) -> ReportTable:
    """Invoices, ledger and claims by company and month."""
    columns = (
        ReportColumn("월", "text", 16, centred=True),
        ReportColumn("기업", "text", 46),
        ReportColumn("청구서의 지원금", "krw", 28),
        ReportColumn("원장", "krw", 26),
        ReportColumn("단수 차이", "krw", 20),
        ReportColumn("지원금 청구", "krw", 28),
        ReportColumn("대조", "text", 16, centred=True),
    )
    shown = [tie for tie in settlement.ties if full or not tie.holds]
    rows = [ReportRow(_tie_values(tie, names)) for tie in shown]
    sums = [
        sum(getattr(tie, name) for tie in settlement.ties)
        for name in ("invoiced_krw", "posted_krw", "rounding_krw", "claimed_krw")
    ]
    odd = sum(not tie.holds for tie in settlement.ties)
    verdict = f"맞지 않음 {odd}건" if odd else "모두 맞음"
    label = f"{len(settlement.ties):,}건 합계"
    return ReportTable("", columns, totalled(rows, (label, "기업·월마다 견줌", *sums, verdict)))


def _tie_values(tie: Tie, names: Mapping[str, str]) -> tuple[Value, ...]:
    name = _company_text(names, tie.company_id)
    amounts = (tie.invoiced_krw, tie.posted_krw, tie.rounding_krw, tie.claimed_krw)
    return (tie.month, name, *amounts, "맞음" if tie.holds else "다름")
