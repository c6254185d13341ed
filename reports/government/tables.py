"""Tables Ⅰ to Ⅳ of the government's report, each made from the month's figures."""

from fractions import Fraction

from reports.layout.report_table import TO_FILL, Grid, GridColumn, GridRow, totalled
from reports.layout.workbook import Value
from reports.month.daily_rows import CompanyMonth, by_company
from reports.month.month_view import CapacityView, MonthView
from reports.month.sums import (
    ProjectFigures,
    capacity_figures,
    programme_figures,
    project_figures,
    stops,
    supported,
)
from reports.wording.labels import ORG_TYPES
from reports.wording.limit_words import stop_text
from reports.wording.numbers_and_dates import MICROJOULES_OF_KWH

NONE = "해당 없음"
NAMED = 6  # companies that a limit lists by name
LIMIT_KINDS = {"quota": "사용량", "award": "지원금", "company_year": "기업 연간"}
QUOTA_UNITS = {"device_hours": "장·시간", "pf_hours": "PF·h", "gb": "GB", "krw": "원"}


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
