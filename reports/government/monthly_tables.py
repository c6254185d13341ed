"""Tables Ⅰ to Ⅴ of a month's report to the authorities, from the month's figures."""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction

from billing.rulebook.programme import COMPANY_IN_KIND
from billing.subsidy.recalls import Recall
from reports.layout.report_table import ReportColumn, ReportRow, ReportTable, totalled
from reports.layout.workbook import Value
from reports.month.daily_rows import CompanyMonth, by_company
from reports.month.month_view import CapacityView, FundingView, MonthView
from reports.month.sums import (
    ProjectFigures,
    capacity_figures,
    cumulative,
    limit_hits,
    paid_by_source,
    programme_figures,
    project_figures,
    supported,
)
from reports.wording.labels import ORG_TYPES, SETTLED
from reports.wording.limit_words import RECALL_REASONS, limit_text, quota_text, unit_text
from reports.wording.numbers_and_dates import MICROJOULES_OF_KWH

NONE = "해당 없음"
NOTHING_TOLD = "등록된 내용 없음"
NAMED = 6  # companies that a limit lists by name
LIMIT_KINDS = {"quota": "사용량", "award": "지원금", "company_year": "기업 연간"}
QUOTA_UNITS = {"device_hours": "장·시간", "pf_hours": "PF·h", "gb": "GB", "krw": "원"}
FUNDING_COLUMNS = (
    ReportColumn("사업", "text", 46),
    ReportColumn("재원", "text", 25),
    ReportColumn("정산", "text", 15, centred=True),
    ReportColumn("예산(C)", "krw", 22),
    ReportColumn("당월", "krw", 19),
    ReportColumn("누계(D)", "krw", 20),
    ReportColumn("잔액(C-D)", "krw", 21),
    ReportColumn("집행률", "percent", 12),
)


def _ratio(part: int | None, whole: int | None) -> Fraction | None:
    return Fraction(part, whole) if part is not None and whole else None


def overview_table(view: MonthView) -> ReportTable:
    """Ⅰ: every programme's budget, month, cumulative use, and whom it reached."""
    columns = (
        ReportColumn("사업명", "text", 47),
        ReportColumn("예산", "krw", 22),
        ReportColumn("당월 집행", "krw", 20),
        ReportColumn("누계 집행", "krw", 21),
        ReportColumn("집행률", "percent", 13),
        ReportColumn("기업", "count", 10),
        ReportColumn("과제", "count", 10),
        ReportColumn("배정", "hours", 20),
        ReportColumn("PF·h", "pf", 17),
    )
    programmes = programme_figures(view)
    rows = [
        ReportRow(
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
    return ReportTable("", columns, totalled(rows, whole), "장·시간, %", thousands=True)


def capacity_table(view: MonthView) -> ReportTable:
    """Ⅱ: what there was, what was allocated, what worked, and the three rates."""
    columns = (
        ReportColumn("클러스터", "text", 31),
        ReportColumn("기종", "text", 19),
        ReportColumn("보유", "hours", 20),
        ReportColumn("정지", "hours", 15),
        ReportColumn("배정", "hours", 19),
        ReportColumn("사용", "hours", 19),
        ReportColumn("PF", "pf", 12),
        ReportColumn("전력량\n(kWh)", "kwh", 15),
        ReportColumn("가동률", "percent", 10),
        ReportColumn("배정률", "percent", 10),
        ReportColumn("이용률", "percent", 10),
    )
    rows = [
        ReportRow((row.cluster_title, row.model, *_capacity_values([row], view.seconds)))
        for row in view.capacity
    ]
    if not rows:
        return ReportTable("", columns, (none_row(columns, "자료 없음"),), "장·시간, %")
    whole = ("합계", "", *_capacity_values(list(view.capacity), view.seconds))
    return ReportTable("", columns, totalled(rows, whole), "장·시간, PF, %")


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


def none_row(columns: tuple[ReportColumn, ...], text: str = NONE) -> ReportRow:
    """The one row of a table that has nothing to list, which says so."""
    return ReportRow((text, *[""] * (len(columns) - 1)))


def companies_table(view: MonthView) -> ReportTable:
    """Ⅲ: a line a company with its sums, and a line a project below it."""
    columns = (
        ReportColumn("기업 / 과제", "text", 66),
        ReportColumn("소재지", "text", 15, centred=True),
        ReportColumn("유형", "text", 18, centred=True),
        ReportColumn("청년", "text", 10, centred=True),
        ReportColumn("배정", "hours", 21),
        ReportColumn("사용", "hours", 21),
        ReportColumn("정가", "krw", 25),
        ReportColumn("지원금", "krw", 25),
        ReportColumn("현물", "krw", 18),
        ReportColumn("자부담", "krw", 25),
        ReportColumn("부가세", "krw", 23),
    )
    rows: list[ReportRow] = []
    everything: list[ProjectFigures] = []
    for company in by_company(view).values():
        projects = project_figures(company, view)
        everything += projects
        rows.append(ReportRow(_company_values(view, company, projects), "group", keep=True))
        for project in projects:
            name = view.projects[project.project_id].name
            label = f"· [{project.project_id}] {name}"
            rows.append(ReportRow((label, "", "", "", *_sums([project]), "")))
    vat_krw = sum(invoice.vat_krw for invoice in view.invoices)
    total: tuple[Value, ...] = ("합계", "", "", "", *_sums(everything), vat_krw)
    return ReportTable("기업·과제별 이용과 부담", columns, totalled(rows, total), "장·시간")


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
        _known_sum(project.use.busy for project in projects),
        sum(project.charge_krw for project in projects),
        sum(project.support_krw for project in projects),
        sum(project.in_kind_krw for project in projects),
        sum(project.company_krw for project in projects),
    )


def _known_sum(parts: Iterable[Fraction | None]) -> Fraction | None:
    """The sum; None where a part is not known."""
    whole = Fraction(0)
    for part in parts:
        if part is None:
            return None
        whole += part
    return whole


def awards_table(view: MonthView) -> ReportTable:
    """Ⅲ: each award's limit and what of it is used with this month."""
    columns = (
        ReportColumn("협약", "text", 28),
        ReportColumn("사업", "text", 34),
        ReportColumn("기업", "text", 75),
        ReportColumn("한도", "text", 24, centred=True),
        ReportColumn("단위", "text", 20, centred=True),
        ReportColumn("한도량", "amount", 32),
        ReportColumn("누계", "amount", 32),
        ReportColumn("소진율", "percent", 22),
    )
    rows = [
        ReportRow(
            (
                limit.award_id,
                limit.programme,
                view.companies[limit.company_id].name,
                LIMIT_KINDS[limit.kind],
                QUOTA_UNITS.get(limit.unit) or unit_text(limit.unit),
                _whole(limit.limit),
                _whole(limit.used),
                limit.used / limit.limit if limit.limit else None,
            )
        )
        for limit in view.limits
    ]
    return ReportTable("협약별 한도와 누계", columns, tuple(rows) or (none_row(columns),), "%")


def _named(view: MonthView, companies: tuple[str, ...]) -> str:
    names = ", ".join(view.companies[company].name for company in companies[:NAMED])
    more = len(companies) - NAMED
    return f"{names} 외 {more}개사" if more > 0 else names


def _whole(amount: Fraction) -> int | Fraction:
    return int(amount) if amount.denominator == 1 else amount


def limit_hits_table(view: MonthView) -> ReportTable:
    """Ⅳ: limits that were reached, as the settlement recorded them."""
    columns = (
        ReportColumn("도달한 한도", "text", 62),
        ReportColumn("사업", "text", 28),
        ReportColumn("기업", "text", 58),
        ReportColumn("처음", "date", 16),
        ReportColumn("일수", "count", 16),
    )
    rows = [
        ReportRow(
            (
                limit_text(stop.stopped_by, storage=stop.storage),
                stop.programme,
                _named(view, stop.companies),
                stop.first,
                stop.days,
            )
        )
        for stop in limit_hits(view)
    ]
    return ReportTable("한도 도달 (정산 기록)", columns, tuple(rows) or (none_row(columns),))


def recalls_table(view: MonthView) -> ReportTable:
    """Ⅳ: the month's recalls, as people decided them."""
    columns = (
        ReportColumn("구분", "text", 24),
        ReportColumn("기업·과제", "text", 52),
        ReportColumn("사유", "text", 60),
        ReportColumn("조치", "text", 44),
    )
    rows = tuple(ReportRow(_recalled(view, recall)) for recall in view.recalls)
    return ReportTable("회수", columns, rows or (none_row(columns, NOTHING_TOLD),))


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


def funding_table(view: MonthView) -> ReportTable:
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
    return ReportTable("", FUNDING_COLUMNS, totalled(rows, whole), "%", thousands=True)


def unclaimed_by_source(view: MonthView) -> list[tuple[str, int]]:
    """What sources bear and are not asked for, as truncation cuts it off: title of the programme
    and source, and won; only where it is anything."""
    cut = Counter(paid_by_source(view))
    for claim in view.claims:
        cut[claim.programme, claim.funding] -= claim.claim_krw
    return [
        (f"{programme.title} {source.title}", krw)
        for programme in view.programmes
        for source in programme.funding
        if (krw := cut[programme.programme, source.funding])
    ]


def _source_row(title: str, source: FundingView, month_krw: int) -> ReportRow:
    budget_krw = source.budget_krw
    spent_krw = cumulative(source.used_before_krw, month_krw)
    rest_krw: int | None = None
    rate: Fraction | None = None
    if budget_krw is not None and spent_krw is not None:
        rest_krw = budget_krw - spent_krw
        rate = Fraction(spent_krw, budget_krw) if budget_krw else None
    named = f"{source.title} ({source.years})" if source.years else source.title
    how = SETTLED[source.settled]
    return ReportRow((title, named, how, budget_krw, month_krw, spent_krw, rest_krw, rate))


def _company_row(how: str, month_krw: int) -> ReportRow:
    return ReportRow(("자부담", "기업", how, None, month_krw, None, None, None))
