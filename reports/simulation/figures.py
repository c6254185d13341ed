"""What a simulation comes to, by month, programme, company and budget: the figures that the
terminal, the spreadsheet and the picture show."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from billing.month.totals import InvoiceSums, Outcome
from billing.rulebook.rule_book import RuleBook
from billing.simulate.simulate import Simulation
from billing.subsidy.balance import Balance
from metering.calendar import month_last_day
from metering.finding import Finding


@dataclass(frozen=True, slots=True)
class DueRow:
    """What a month or a company comes to as it stands and under the other rules."""

    key: str
    label: str
    before: InvoiceSums
    after: InvoiceSums

    @property
    def change(self) -> InvoiceSums:
        """After less before."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class PaidRow:
    """What a programme pays. The keys say of which month and company, '' for all of them."""

    month: str
    programme: str
    company_id: str
    before_krw: int
    after_krw: int

    @property
    def change_krw(self) -> int:
        """After less before."""
        return self.after_krw - self.before_krw


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """A budget at the end of the span; granted is None where the rules have no such budget."""

    programme: str
    funding: str
    years: str
    before_granted_krw: int | None
    before_used_krw: int
    after_granted_krw: int | None
    after_used_krw: int


def months_text(simulation: Simulation) -> str:
    """2025-10..2026-09, or the one month."""
    first, last = simulation.months[0].month, simulation.months[-1].month
    return first if first == last else f"{first}..{last}"


def month_rows(simulation: Simulation) -> list[DueRow]:
    """A row a month, in order."""
    return [
        DueRow(
            month.month,
            month.state,
            _sum(month.before.due.values()),
            _sum(month.after.due.values()),
        )
        for month in simulation.months
    ]


def total(rows: Iterable[DueRow]) -> DueRow:
    """All rows added up."""
    every = list(rows)
    return DueRow("", "", _sum(row.before for row in every), _sum(row.after for row in every))


def company_rows(simulation: Simulation) -> list[DueRow]:
    """A row a company over the whole span; whose due changes most comes first."""
    before = [outcome.before for outcome in simulation.months]
    after = [outcome.after for outcome in simulation.months]
    rows = [
        DueRow(name, simulation.names.get(name, name), _of(before, name), _of(after, name))
        for name in sorted({name for outcome in (*before, *after) for name in outcome.due})
    ]
    return sorted(rows, key=lambda row: (-abs(row.change.company_krw), row.key))


def together_note(simulation: Simulation) -> str:
    """What to know of months that were corrected company by company; '' where there are none."""
    rows = [month for month in simulation.months if month.billed is not None]
    if not rows:
        return ""
    billed = sum((month.billed for month in rows if month.billed is not None), InvoiceSums())
    before = _sum(due for month in rows for due in month.before.due.values())
    return (
        f"{rows[0].month}부터 기업별로 정정하여(연쇄 없이) '지금'은 모든 기업을 함께 계산한 값이고 "
        f"변화는 규칙만의 것입니다. 청구된 기업 부담 {billed.company_krw:,}원, "
        f"함께 계산하면 {before.company_krw:,}원"
    )


def paid_rows(simulation: Simulation, *, every: bool = False) -> list[PaidRow]:
    """A row a programme over the whole span; with `every` one a month, programme and company."""
    sums: dict[tuple[str, str, str], list[int]] = {}
    for month in simulation.months:
        for side, outcome in enumerate((month.before, month.after)):
            for (programme, company), krw in outcome.paid.items():
                key = (month.month, programme, company) if every else ("", programme, "")
                sums.setdefault(key, [0, 0])[side] += krw
    return [PaidRow(*key, *krw) for key, krw in sorted(sums.items())]


def titles(simulation: Simulation) -> dict[str, str]:
    """The programmes' titles, those of the rules in force first."""
    both = (*simulation.other.programmes, *simulation.standing.programmes)
    return {programme.programme: programme.title for programme in both}


def budget_rows(simulation: Simulation) -> list[BudgetRow]:
    """Every budget of the years of the span, under either of the rules."""
    last = simulation.months[-1]
    before = dict(_budgets(simulation, simulation.standing, last.before.balance))
    after = dict(_budgets(simulation, simulation.other, last.after.balance))
    return [
        BudgetRow(*key, *before.get(key, (None, 0)), *after.get(key, (None, 0)))
        for key in sorted(before.keys() | after.keys())
    ]


def new_findings(simulation: Simulation) -> list[Finding]:
    """What only the other rules lead to, once for each month."""
    return [finding for month in simulation.months for finding in month.new_findings()]


def _budgets(
    simulation: Simulation, book: RuleBook, balance: Balance
) -> Iterator[tuple[tuple[str, str, str], tuple[int, int]]]:
    for month in simulation.months:
        for programme in book.programmes:
            for source in programme.funding:
                budget = source.budget(month_last_day(month.month))
                if budget is not None:
                    key = (programme.programme, source.name, budget.years)
                    yield key, (budget.krw, balance.of("budget", *key))


def _of(outcomes: Iterable[Outcome], company_id: str) -> InvoiceSums:
    return _sum(outcome.due.get(company_id, InvoiceSums()) for outcome in outcomes)


def _sum(dues: Iterable[InvoiceSums]) -> InvoiceSums:
    return sum(dues, InvoiceSums())


Amount = Callable[[InvoiceSums], int]
AMOUNTS: tuple[tuple[str, str, Amount], ...] = (
    ("charge_krw", "정가", lambda due: due.charge_krw),
    ("support_krw", "지원", lambda due: due.support_krw),
    ("in_kind_krw", "기업 현물", lambda due: due.in_kind_krw),
    ("company_krw", "기업 부담", lambda due: due.company_krw),
    ("vat_krw", "부가세", lambda due: due.vat_krw),
)
