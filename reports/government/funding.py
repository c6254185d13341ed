"""Table Ⅴ of the government's report: who paid the month, out of which budget."""

from fractions import Fraction

from billing.rulebook.programme import COMPANY_IN_KIND
from reports.layout.report_table import Grid, GridColumn, GridRow, totalled
from reports.month.month_view import FundingView, MonthView
from reports.month.sums import cumulative
from reports.wording.labels import SETTLED

COLUMNS = (
    GridColumn("사업", "text", 46),
    GridColumn("재원", "text", 25),
    GridColumn("정산", "text", 15, centred=True),
    GridColumn("예산(C)", "krw", 22),
    GridColumn("당월", "krw", 19),
    GridColumn("누계(D)", "krw", 20),
    GridColumn("잔액(C-D)", "krw", 21),
    GridColumn("집행률", "percent", 12),
)


def funding_table(view: MonthView) -> Grid:
    """Every funding source's budget, month, cumulative use and rest; then what companies bear."""
    paid: dict[tuple[str, str], int] = {}
    for subsidy in view.subsidies:
        key = (subsidy.programme, subsidy.funding)
        paid[key] = paid.get(key, 0) + subsidy.subsidy_krw
    rows = [
        _source_row(programme.title, source, paid.get((programme.programme, source.funding), 0))
        for programme in view.programmes
        for source in programme.funding
    ]
    in_kind = sum(krw for (_, funding), krw in paid.items() if funding == COMPANY_IN_KIND)
    cash = sum(invoice.company_krw for invoice in view.invoices)
    rows += [_company_row("현금", cash), _company_row("현물", in_kind)]
    whole = ("합계", "", "", None, sum(paid.values()) + cash, None, None, None)
    return Grid("", COLUMNS, totalled(rows, whole), "%", thousands=True)


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
