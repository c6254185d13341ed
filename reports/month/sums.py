"""The sums that documents show: added up from the rows of a month, deciding nothing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from billing.records import Subsidy, Usage
from billing.rulebook.programme import COMPANY_IN_KIND
from reports.month.daily_rows import CompanyMonth
from reports.month.month_view import CapacityView, MonthView, ProgrammeView
from reports.wording.numbers_and_dates import DEVICE_US_OF_HOUR, MILLI_MS_OF_HOUR


@dataclass(slots=True)
class DeviceTime:
    """Held and busy time of devices, and PF-hours where the device has a PF value."""

    held: Fraction = Fraction(0)  # device-hours
    busy: Fraction | None = Fraction(0)  # device-hours; None where nobody saw some of it
    pf: Fraction | None = None  # PF-hours

    def add(self, view: MonthView, usage: Usage) -> None:
        """Counts a row of usage; storage and other readings are not device time."""
        if usage.unit != "device_us":
            return
        hours = Fraction(usage.quantity, DEVICE_US_OF_HOUR)
        self.held += hours
        if self.busy is not None and view.saw(usage):
            self.busy += Fraction(usage.busy_ns, DEVICE_US_OF_HOUR * 1000)
        elif usage.quantity:
            self.busy = None
        sku = view.skus.get(usage.sku)
        if sku is not None and sku.pf is not None:
            self.pf = (self.pf or Fraction(0)) + hours * sku.pf


@dataclass(frozen=True, slots=True)
class ProgrammeFigures:
    """A programme's month. budget and cumulative None: not every source has a known one."""

    programme: ProgrammeView
    budget_krw: int | None
    month_krw: int
    cumulative_krw: int | None
    companies: int
    projects: int
    use: DeviceTime


def programme_figures(view: MonthView) -> list[ProgrammeFigures]:
    """Every programme of the rules; usage counts for each programme that paid some of it."""
    paid: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    reached: dict[str, set[tuple[date, str, str]]] = defaultdict(set)
    helped: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for subsidy in view.subsidies:
        if subsidy.funding == COMPANY_IN_KIND:
            continue
        paid[subsidy.programme][subsidy.funding] += subsidy.subsidy_krw
        if subsidy.subsidy_krw:
            reached[subsidy.programme].add((subsidy.day, subsidy.project_id, subsidy.sku))
            helped[subsidy.programme].add((subsidy.company_id, subsidy.project_id))
    uses = {name: _use_of(view, rows) for name, rows in reached.items()}
    return [
        ProgrammeFigures(
            programme=programme,
            budget_krw=_sum(source.budget_krw for source in programme.funding),
            month_krw=sum(paid[programme.programme].values()),
            cumulative_krw=_sum(
                cumulative(source.used_before_krw, paid[programme.programme][source.funding])
                for source in programme.funding
            ),
            companies=len({company for company, _ in helped[programme.programme]}),
            projects=len(helped[programme.programme]),
            use=uses.get(programme.programme, DeviceTime()),
        )
        for programme in view.programmes
    ]


def paid_by_source(view: MonthView) -> dict[tuple[str, str], int]:
    """Won that each funding source of each programme paid, what companies bring in kind too."""
    paid: dict[tuple[str, str], int] = defaultdict(int)
    for subsidy in view.subsidies:
        paid[subsidy.programme, subsidy.funding] += subsidy.subsidy_krw
    return dict(paid)


def support_by_company(view: MonthView) -> dict[str, int]:
    """Won that programmes paid for each company; what it brings in kind itself is none."""
    paid: dict[str, int] = defaultdict(int)
    for subsidy in view.subsidies:
        if subsidy.funding != COMPANY_IN_KIND:
            paid[subsidy.company_id] += subsidy.subsidy_krw
    return dict(paid)


def cumulative(before_krw: int | None, month_krw: int) -> int | None:
    """Used with this month; None where what was used before is not known."""
    return None if before_krw is None else before_krw + month_krw


def _sum(amounts: Iterable[int | None]) -> int | None:
    total = 0
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total


def _use_of(view: MonthView, rows: set[tuple[date, str, str]]) -> DeviceTime:
    use = DeviceTime()
    for usage in view.usages:
        if (usage.day, usage.project_id, usage.sku) in rows:
            use.add(view, usage)
    return use


def supported(view: MonthView) -> tuple[int, int, DeviceTime]:
    """Companies, projects and use that any programme paid some of, each counted once."""
    rows = {
        (subsidy.day, subsidy.project_id, subsidy.sku)
        for subsidy in view.subsidies
        if subsidy.subsidy_krw and subsidy.funding != COMPANY_IN_KIND
    }
    projects = {project for _, project, _ in rows}
    companies = {view.projects[project].company_id for project in projects}
    return len(companies), len(projects), _use_of(view, rows)


@dataclass(frozen=True, slots=True)
class ProjectFigures:
    """A project's month: use, list price, support, what the company brings in kind and in cash."""

    project_id: str
    company_id: str
    use: DeviceTime
    charge_krw: int
    support_krw: int
    in_kind_krw: int

    @property
    def company_krw(self) -> int:
        """What is left to the company in cash."""
        return self.charge_krw - self.support_krw - self.in_kind_krw


def project_figures(company: CompanyMonth, view: MonthView) -> list[ProjectFigures]:
    """The company's projects with any use or charge, in order of id."""
    uses: dict[str, DeviceTime] = defaultdict(DeviceTime)
    charged: dict[str, int] = defaultdict(int)
    paid: dict[tuple[str, bool], int] = defaultdict(int)
    for usage in company.usages:
        uses[usage.project_id].add(view, usage)
    for charge in company.charges:
        charged[charge.project_id] += charge.charge_krw
    for subsidy in company.subsidies:
        paid[subsidy.project_id, subsidy.funding == COMPANY_IN_KIND] += subsidy.subsidy_krw
    return [
        ProjectFigures(
            project_id=project_id,
            company_id=company.company_id,
            use=uses[project_id],
            charge_krw=charged[project_id],
            support_krw=paid[project_id, False],
            in_kind_krw=paid[project_id, True],
        )
        for project_id in sorted(uses.keys() | charged.keys())
    ]


@dataclass(frozen=True, slots=True)
class CapacityFigures:
    """Device-hours of a cluster and model, and its three rates; None where not known."""

    installed: Fraction
    down: Fraction | None
    held: Fraction
    busy: Fraction | None
    energy_uj: int | None
    pf: Fraction | None  # PF installed, over the month's mean

    @property
    def up_rate(self) -> Fraction | None:
        """Device-hours not down, of those installed."""
        return None if self.down is None else _ratio(self.installed - self.down, self.installed)

    @property
    def held_rate(self) -> Fraction | None:
        """Device-hours allocated, of those installed."""
        return _ratio(self.held, self.installed)

    @property
    def busy_rate(self) -> Fraction | None:
        """Device-hours of work seen, of those allocated."""
        return None if self.busy is None else _ratio(self.busy, self.held)


def _ratio(part: Fraction, whole: Fraction) -> Fraction | None:
    return part / whole if whole else None


def capacity_figures(rows: Iterable[CapacityView], seconds: int) -> CapacityFigures:
    """One or several rows of capacity added up; a figure that one of them lacks is None."""
    rows = list(rows)
    busy = _sum(row.busy_ns for row in rows)
    down = _sum(row.down for row in rows)
    pf = [
        None if row.pf is None else row.pf * row.installed / (seconds * 1_000_000) for row in rows
    ]
    return CapacityFigures(
        installed=Fraction(sum(row.installed for row in rows), MILLI_MS_OF_HOUR),
        down=None if down is None else Fraction(down, MILLI_MS_OF_HOUR),
        held=Fraction(sum(row.held for row in rows), MILLI_MS_OF_HOUR),
        busy=None if busy is None else Fraction(busy, DEVICE_US_OF_HOUR * 1000),
        energy_uj=_sum(row.energy_uj for row in rows),
        pf=None if None in pf else sum((value for value in pf if value is not None), Fraction(0)),
    )


@dataclass(frozen=True, slots=True)
class ReportedLimitHit:
    """A limit that cut subsidies, of device time or of storage: whose, from which day on, on how
    many days."""

    stopped_by: str
    programme: str
    storage: bool
    companies: tuple[str, ...]
    first: date
    days: int


def limit_hits(view: MonthView) -> list[ReportedLimitHit]:
    """Every limit that was reached in the month, in order of its name."""
    hit: dict[tuple[str, str, bool], list[Subsidy]] = defaultdict(list)
    for subsidy in view.subsidies:
        if subsidy.stopped_by:
            quota = subsidy.stopped_by.startswith("quota:")  # an award has one for each
            storage = quota and view.is_storage(subsidy.sku)
            hit[subsidy.stopped_by, subsidy.programme, storage].append(subsidy)
    return [
        ReportedLimitHit(
            stopped_by=stopped_by,
            programme=programme,
            storage=storage,
            companies=tuple(sorted({row.company_id for row in rows})),
            first=min(row.day for row in rows),
            days=len({row.day for row in rows}),
        )
        for (stopped_by, programme, storage), rows in sorted(hit.items())
    ]
