"""A company's month, row by row: its usage, charges and subsidies joined by day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from billing.records import Charge, Invoice, Subsidy, Usage
from billing.rulebook.programme import COMPANY_IN_KIND
from reports.month.month_view import MonthView

Support = tuple[str, bool]  # programme, whether it is what the company brings in kind
RowKey = tuple[date, str, str, str]  # day, project, SKU, unit


@dataclass(frozen=True, slots=True)
class DailyRow:
    """A company's day of one project and SKU. price and charge None: nothing was charged."""

    day: date
    project_id: str
    sku: str
    unit: str
    quantity: int
    busy_ns: int | None  # None, as energy_uj, where nobody saw the day's work
    energy_uj: int | None
    price_krw: Decimal | None
    charge_krw: int | None
    support_krw: Mapping[Support, int]
    estimated: bool
    provisional: bool

    @property
    def company_krw(self) -> int | None:
        """What is left to the company in cash."""
        if self.charge_krw is None:
            return None
        return self.charge_krw - sum(self.support_krw.values())


@dataclass(slots=True)
class CompanyMonth:
    """The rows of one company."""

    company_id: str
    usages: list[Usage] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)
    subsidies: list[Subsidy] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)


def by_company(view: MonthView) -> dict[str, CompanyMonth]:
    """Every company with any row in the month, in order of id."""
    months: dict[str, CompanyMonth] = {}

    def of(company_id: str) -> CompanyMonth:
        return months.setdefault(company_id, CompanyMonth(company_id))

    for usage in view.usages:
        of(usage.company_id).usages.append(usage)
    for charge in view.charges:
        of(charge.company_id).charges.append(charge)
    for subsidy in view.subsidies:
        of(subsidy.company_id).subsidies.append(subsidy)
    for invoice in view.invoices:
        of(invoice.company_id).invoices.append(invoice)
    return dict(sorted(months.items()))


def supports_of(subsidies: Iterable[Subsidy]) -> dict[Support, int]:
    """Won by programme, what companies bring in kind apart; in order of programme."""
    sums: dict[Support, int] = defaultdict(int)
    for subsidy in subsidies:
        sums[subsidy.programme, subsidy.funding == COMPANY_IN_KIND] += subsidy.subsidy_krw
    return dict(sorted(sums.items()))


def daily_rows(view: MonthView, company: CompanyMonth) -> list[DailyRow]:
    """The company's days, in order of day, project and SKU; sources are added up."""
    used: dict[RowKey, list[Usage]] = defaultdict(list)
    charged: dict[RowKey, Charge] = {}
    paid: dict[tuple[date, str, str], list[Subsidy]] = defaultdict(list)
    for usage in company.usages:
        used[usage.day, usage.project_id, usage.sku, usage.unit].append(usage)
    for charge in company.charges:
        charged[charge.day, charge.project_id, charge.sku, charge.unit] = charge
    for subsidy in company.subsidies:
        paid[subsidy.day, subsidy.project_id, subsidy.sku].append(subsidy)
    return [
        _daily_row(view, key, used.get(key, []), charged.get(key), paid.get(key[:3], []))
        for key in sorted(used.keys() | charged.keys())
    ]


def _daily_row(
    view: MonthView, key: RowKey, used: list[Usage], charge: Charge | None, paid: list[Subsidy]
) -> DailyRow:
    day, project_id, sku, unit = key
    counted = sum(usage.quantity for usage in used)
    seen = all(map(view.saw, used))
    return DailyRow(
        day=day,
        project_id=project_id,
        sku=sku,
        unit=unit,
        quantity=charge.quantity if charge else counted,
        busy_ns=sum(usage.busy_ns for usage in used) if seen else None,
        energy_uj=sum(usage.energy_uj for usage in used) if seen else None,
        price_krw=charge.price_krw if charge else None,
        charge_krw=charge.charge_krw if charge else None,
        support_krw=supports_of(paid) if charge else {},
        estimated=any(usage.estimated for usage in used),
        provisional=any(usage.provisional for usage in used),
    )
