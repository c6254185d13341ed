"""Tables Ⅰ to Ⅶ of a month's report to the authorities: from the month's figures, and where nothing
here knows them, left to be filled in by hand."""

from fractions import Fraction

from billing.rulebook.programme import COMPANY_IN_KIND
from billing.subsidy.recalls import Recall
from reports.layout.report_table import TO_FILL, Grid, GridColumn, GridRow, totalled
from reports.layout.workbook import Value
from reports.month.daily_rows import CompanyMonth, by_company
from reports.month.month_view import CapacityView, FundingView, MonthView
from reports.month.sums import (
    ProjectFigures,
    capacity_figures,
    cumulative,
    paid_by_source,
    programme_figures,
    project_figures,
    stops,
    supported,
)
from reports.wording.labels import ORG_TYPES, SETTLED
from reports.wording.limit_words import RECALL_REASONS, quota_text, stop_text
from reports.wording.numbers_and_dates import MICROJOULES_OF_KWH

NONE = "해당 없음"
NAMED = 6  # companies that a limit lists by name
LIMIT_KINDS = {"quota": "사용량", "award": "지원금", "company_year": "기업 연간"}
QUOTA_UNITS = {"device_hours": "장·시간", "pf_hours": "PF·h", "gb": "GB", "krw": "원"}
BY_HAND = "(담당자 기재)"
FUNDING_COLUMNS = (
    GridColumn("사업", "text", 46),
    GridColumn("재원", "text", 25),
    GridColumn("정산", "text", 15, centred=True),
    GridColumn("예산(C)", "krw", 22),
    GridColumn("당월", "krw", 19),
    GridColumn("누계(D)", "krw", 20),
    GridColumn("잔액(C-D)", "krw", 21),
    GridColumn("집행률", "percent", 12),
)


def _ratio(part: int | None, whole: int | None) -> Fraction | None:
    return Fraction(part, whole) if part is not None and whole else None


def overview_table(view: MonthView) -> Grid:
    """Ⅰ: every programme's budget, month, cumulative use, and whom it reached."""
    columns = (
        GridColumn("사업명", "text", 47),
        GridColumn("예산", "krw", 22),
        GridColumn("당월 집행", "krw", 20),
        GridColumn("누계 집행", "krw", 21),
        GridColumn("집행률", "percent", 13),
        GridColumn("기업", "count", 10),
        GridColumn("과제", "count", 10),
        GridColumn("배정", "hours", 20),
        GridColumn("PF·h", "pf", 17),
    )
    programmes = programme_figures(view)
    rows = [
        GridRow(
            (
                f"{figures.programme.title} ({figures.programme.programme})",
                figures.budget_krw,
                figures.month_krw,
                figures.cumulative_krw,
                _ratio(figures.cumulative_krw, figures.budget_krw),
                figures.companies,
                figures.projects,
                figures.use.held,
                figures.use.pf,
            )
        )
        for figures in programmes
    ]
    budgets = [figures.budget_krw for figures in programmes]
    spent = [figures.cumulative_krw for figures in programmes]
    budget_krw = None if None in budgets else sum(krw or 0 for krw in budgets)
    spent_krw = None if None in spent else sum(krw or 0 for krw in spent)
    companies, projects, use = supported(view)
    month_krw = sum(figures.month_krw for figures in programmes)
    total = ("합계", budget_krw, month_krw, spent_krw, _ratio(spent_krw, budget_krw))
    whole = (*total, companies, projects, use.held, use.pf)
    return Grid("", columns, totalled(rows, whole), "장·시간, %", thousands=True)


def capacity_table(view: MonthView) -> Grid:
    """Ⅱ: what there was, what was allocated, what worked, and the three rates."""
    columns = (
        GridColumn("클러스터", "text", 31),
        GridColumn("기종", "text", 19),
        GridColumn("보유", "hours", 20),
        GridColumn("정지", "hours", 15),
        GridColumn("배정", "hours", 19),
        GridColumn("사용", "hours", 19),
        GridColumn("PF", "pf", 12),
        GridColumn("전력량\n(kWh)", "kwh", 15),
        GridColumn("가동률", "percent", 10),
        GridColumn("배정률", "percent", 10),
        GridColumn("이용률", "percent", 10),
    )
    rows = [
        GridRow((row.cluster_title, row.model, *_capacity_values([row], view.seconds)))
        for row in view.capacity
    ]
    if not rows:
        return Grid("", columns, (_none(columns, "자료 없음"),), "장·시간, %")
    whole = ("합계", "", *_capacity_values(list(view.capacity), view.seconds))
    return Grid("", columns, totalled(rows, whole), "장·시간, PF, %")


def _capacity_values(rows: list[CapacityView], seconds: int) -> tuple[Value, ...]:
    capacity = capacity_figures(rows, seconds)
    energy = capacity.energy_uj
    return (
        capacity.installed,
        capacity.down,
        capacity.held,
        capacity.busy,
        capacity.pf,
        None if energy is None else Fraction(energy, MICROJOULES_OF_KWH),
        capacity.up_rate,
        capacity.held_rate,
        capacity.busy_rate,
    )


def _none(columns: tuple[GridColumn, ...], text: str = NONE) -> GridRow:
    return GridRow((text, *[TO_FILL] * (len(columns) - 1)))


def companies_table(view: MonthView) -> Grid:
    """Ⅲ: a line a company with its sums, and a line a project below it."""
    columns = (
        GridColumn("기업 / 과제", "text", 66),
        GridColumn("소재지", "text", 15, centred=True),
        GridColumn("유형", "text", 18, centred=True),
        GridColumn("청년", "text", 10, centred=True),
        GridColumn("배정", "hours", 21),
        GridColumn("사용", "hours", 21),
        GridColumn("정가", "krw", 25),
        GridColumn("지원금", "krw", 25),
        GridColumn("현물", "krw", 18),
        GridColumn("자부담", "krw", 25),
        GridColumn("부가세", "krw", 23),
    )
    rows: list[GridRow] = []
    everything: list[ProjectFigures] = []
    for company in by_company(view).values():
        projects = project_figures(company, view)
        everything += projects
        rows.append(GridRow(_company_values(view, company, projects), "group", keep=True))
        for project in projects:
            name = view.projects[project.project_id].name
            label = f"· [{project.project_id}] {name}"
            rows.append(GridRow((label, "", "", "", *_sums([project]), TO_FILL)))
    vat_krw = sum(invoice.vat_krw for invoice in view.invoices)
    total: tuple[Value, ...] = ("합계", "", "", "", *_sums(everything), vat_krw)
    return Grid("기업·과제별 이용과 부담", columns, totalled(rows, total), "장·시간")


def _company_values(
    view: MonthView, company: CompanyMonth, projects: list[ProjectFigures]
) -> tuple[Value, ...]:
    facts = view.companies[company.company_id]
    kind = ORG_TYPES.get(facts.org_type, facts.org_type)
    vat_krw = sum(invoice.vat_krw for invoice in company.invoices)
    youth = "청년" if facts.youth else "-"
    name = f"{facts.name} ({facts.company_id})"
    return (name, facts.place, kind, youth, *_sums(projects), vat_krw)


def _sums(projects: list[ProjectFigures]) -> tuple[Value, ...]:
    return (
        sum((project.use.held for project in projects), Fraction(0)),
        sum((project.use.busy for project in projects), Fraction(0)),
        sum(project.charge_krw for project in projects),
        sum(project.support_krw for project in projects),
        sum(project.in_kind_krw for project in projects),
        sum(project.company_krw for project in projects),
    )


def awards_table(view: MonthView) -> Grid:
    """Ⅲ: each award's limit and what of it is used with this month."""
    columns = (
        GridColumn("협약", "text", 28),
        GridColumn("사업", "text", 34),
        GridColumn("기업", "text", 75),
        GridColumn("한도", "text", 24, centred=True),
        GridColumn("단위", "text", 20, centred=True),
        GridColumn("한도량", "amount", 32),
        GridColumn("누계", "amount", 32),
        GridColumn("소진율", "percent", 22),
    )
    rows = [
        GridRow(
            (
                limit.award_id,
                limit.programme,
                view.companies[limit.company_id].name,
                LIMIT_KINDS[limit.kind],
                QUOTA_UNITS.get(limit.unit, limit.unit),
                _whole(limit.limit),
                _whole(limit.used),
                limit.used / limit.limit if limit.limit else None,
            )
        )
        for limit in view.limits
    ]
    return Grid("협약별 한도와 누계", columns, tuple(rows) or (_none(columns),), "%")


def _named(view: MonthView, companies: tuple[str, ...]) -> str:
    names = ", ".join(view.companies[company].name for company in companies[:NAMED])
    more = len(companies) - NAMED
    return f"{names} 외 {more}개사" if more > 0 else names


def _whole(amount: Fraction) -> int | Fraction:
    return int(amount) if amount.denominator == 1 else amount


def stops_table(view: MonthView) -> Grid:
    """Ⅳ: limits that were reached, as the settlement recorded them."""
    columns = (
        GridColumn("도달한 한도", "text", 62),
        GridColumn("사업", "text", 28),
        GridColumn("기업", "text", 58),
        GridColumn("처음", "date", 16),
        GridColumn("일수", "count", 16),
    )
    rows = [
        GridRow(
            (
                stop_text(stop.stopped_by),
                stop.programme,
                _named(view, stop.companies),
                stop.first,
                stop.days,
            )
        )
        for stop in stops(view)
    ]
    return Grid("한도 도달 (정산 기록)", columns, tuple(rows) or (_none(columns),))


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


def funding_table(view: MonthView) -> Grid:
    """Ⅴ: every funding source's budget, month, use so far and rest; then what companies bear."""
    paid = paid_by_source(view)
    rows = [
        _source_row(programme.title, source, paid.get((programme.programme, source.funding), 0))
        for programme in view.programmes
        for source in programme.funding
    ]
    in_kind = sum(krw for (_, funding), krw in paid.items() if funding == COMPANY_IN_KIND)
    cash = sum(invoice.company_krw for invoice in view.invoices)
    rows += [_company_row("현금", cash), _company_row("현물", in_kind)]
    whole = ("합계", "", "", None, sum(paid.values()) + cash, None, None, None)
    return Grid("", FUNDING_COLUMNS, totalled(rows, whole), "%", thousands=True)


def _source_row(title: str, source: FundingView, month_krw: int) -> GridRow:
    budget_krw = source.budget_krw
    spent_krw = cumulative(source.used_before_krw, month_krw)
    rest_krw: int | None = None
    rate: Fraction | None = None
    if budget_krw is not None and spent_krw is not None:
        rest_krw = budget_krw - spent_krw
        rate = Fraction(spent_krw, budget_krw) if budget_krw else None
    named = f"{source.title} ({source.years})" if source.years else source.title
    how = SETTLED[source.settled]
    return GridRow((title, named, how, budget_krw, month_krw, spent_krw, rest_krw, rate))


def _company_row(how: str, month_krw: int) -> GridRow:
    return GridRow(("자부담", "기업", how, None, month_krw, None, None, None))


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
