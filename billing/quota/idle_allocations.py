"""Owns what idle allocations are worth: at list price, and of that the company's own part."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from billing.bundle.bundle import HOURS_PINNED, hours_named
from billing.draft.capacity_used import HOURS
from billing.month.list_price import list_price
from billing.rulebook.programme import COMPANY_IN_KIND
from billing.simulate.months_as_they_stand import ChainMonth
from metering.finding import Stake
from metering.lake.manifest import Manifest
from metering.registry.registry import Project, Registry
from metering.usage.low_activity import RunDay, idle_runs

ChargeKey = tuple[date, str, str]  # day, project, SKU


@dataclass(frozen=True, slots=True)
class Idle:
    """A run of an allocation that was seen to do little. Won are of its idle time alone, each the
    floor of an exact sum; None where the rules have no price. own_krw: what the company itself
    pays of that, as every hour of its day bears the same share."""

    company_id: str
    project_id: str
    cluster: str
    account: str
    allocation_id: str
    sku: str
    first: date
    last: date
    held_us: int
    seen_us: int
    busy_ns: int
    idle_us: int
    list_krw: int | None
    own_krw: int | None


def idle_of(month: ChainMonth, day: date, below: Decimal) -> tuple[Idle, ...]:
    """The idle runs of a month up to a day whose account is a project's, the dearest first."""
    runs: dict[tuple[str, str, int, int, str], list[RunDay]] = defaultdict(list)
    for idle_run in idle_runs(month.lake, _hours(month, day), below):
        runs[idle_run.run].append(idle_run)
    owners = _owners(month.registry)
    left = _company_share(month)
    allocations = []
    for days in runs.values():
        projects = {day.day: _project(owners, day) for day in days}
        project = next((of for of in projects.values() if of is not None), None)
        if project is not None:
            allocations.append(_idle(month, days, projects, project, left))
    return tuple(
        sorted(
            allocations,
            key=lambda allocation: (
                -(allocation.list_krw or 0),
                allocation.cluster,
                allocation.allocation_id,
            ),
        )
    )


def _hours(month: ChainMonth, day: date) -> list[Manifest]:
    """The hours of a month up to a day: of an issued one those that it was issued with, unless that
    was before bundles pinned them; of an open one those in force."""
    lake = month.lake
    if month.bundle is not None and HOURS_PINNED in month.bundle.index:
        named = hours_named(month.bundle.index)
        pinned = [lake.manifest_named(HOURS, *head) for head in named]
        return [
            manifest for manifest in pinned if date.fromisoformat(manifest.partition["date"]) <= day
        ]
    first = month.calendar.month_days(month.month)[0]
    return list(lake.select(HOURS, date_from=first, date_to=day).manifests)


def _owners(registry: Registry) -> dict[tuple[str, str], list[tuple[date, date | None, Project]]]:
    aside = {(set_aside.source, set_aside.account) for set_aside in registry.set_asides}
    owners: dict[tuple[str, str], list[tuple[date, date | None, Project]]] = defaultdict(list)
    for tenancy in registry.tenancies:
        if (tenancy.source, tenancy.account) not in aside:
            project = registry.project(tenancy.project_id)
            owners[tenancy.source, tenancy.account].append((tenancy.start, tenancy.until, project))
    return owners


def _project(
    owners: dict[tuple[str, str], list[tuple[date, date | None, Project]]], run_day: RunDay
) -> Project | None:
    """Whose account it was on the day; None for accounts that are nobody's or set aside."""
    for start, until, project in owners.get((run_day.source, run_day.account), ()):
        if start <= run_day.day and (until is None or run_day.day < until):
            return project
    return None


def _company_share(month: ChainMonth) -> dict[ChargeKey, Fraction]:
    """The share of each day's charge that is left to the company in cash and in kind."""
    charged: dict[ChargeKey, int] = defaultdict(int)
    for charge in month.charges:
        charged[charge.day, charge.project_id, charge.sku] += charge.charge_krw
    paid: dict[ChargeKey, int] = defaultdict(int)
    for subsidy in month.subsidies():
        if subsidy.funding != COMPANY_IN_KIND:
            paid[subsidy.day, subsidy.project_id, subsidy.sku] += subsidy.subsidy_krw
    return {key: Fraction(krw - paid[key], krw) for key, krw in charged.items() if krw}


def _idle(
    month: ChainMonth,
    days: list[RunDay],
    projects: dict[date, Project | None],
    project: Project,
    left: dict[ChargeKey, Fraction],
) -> Idle:
    days = sorted(days, key=lambda day: day.day)
    listed: Fraction | None = Fraction(0)
    own = Fraction(0)
    for day in days:
        owner = projects[day.day]
        price = month.book.prices.get(day.sku)
        if owner is None or (price is not None and price.basis == "busy"):
            continue  # nobody is billed for that time
        stake = Stake(day.sku, "device_us", day.idle_us)
        krw = list_price(stake, day.day, month.book, month.calendar)
        if krw is None or listed is None:
            listed = None
            continue
        listed += krw
        own += krw * left.get((day.day, owner.project_id, day.sku), Fraction(0))
    return Idle(
        company_id=project.company_id,
        project_id=project.project_id,
        cluster=days[0].cluster,
        account=days[0].account,
        allocation_id=days[0].allocation_id,
        sku=days[0].sku,
        first=days[0].day,
        last=days[-1].day,
        held_us=sum(day.held_us for day in days),
        seen_us=sum(min(day.observed_ms * 1000, day.held_us) for day in days),
        busy_ns=sum(day.busy_ns for day in days),
        idle_us=sum(day.idle_us for day in days),
        list_krw=None if listed is None else int(listed),
        own_krw=None if listed is None else int(own),
    )
