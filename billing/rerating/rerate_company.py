"""Owns the months of one company rated anew: by the close's own function, with all that others hold
of a shared budget taken as it is (SETTLEMENT 26)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from billing.month.pure_month import MonthResult, compute_month
from billing.month.use_before import PastMonth, opening_under
from billing.records import Claim, Filed, Party, Usage
from billing.rulebook.rule_book import RuleBook
from billing.subsidy.balance import Balance, BalanceKey
from metering.calendar import Calendar, month_first_day
from metering.registry.registry import Award, Company, Registry

Cause = Literal["registry", "usage", "price", "rule"]
CAUSES: tuple[Cause, ...] = ("registry", "usage", "price", "rule")  # SETTLEMENT 24: in this order


@dataclass(frozen=True, slots=True)
class Truth:
    """What a month is rated from, apart from what the months before it leave."""

    month: str
    usages: tuple[Usage, ...]  # that is priced
    registry: Registry
    book: RuleBook
    issuer: Party
    calendar: Calendar
    usage_digest: str
    filed: tuple[Filed, ...] = ()  # settled with the state; no cause of a difference by itself


@dataclass(frozen=True, slots=True)
class CompanyRerating:
    """A company's months as they were rated, and as they would be by what is known now."""

    company_id: str
    before: tuple[Truth, ...]
    now: tuple[Truth, ...]

    def causes(self) -> tuple[Cause, ...]:
        """What has changed of all that its amounts follow from, in the order of attribution."""
        pairs = tuple(zip(self.before, self.now, strict=True))
        return tuple(cause for cause in CAUSES if any(_differs(cause, *pair) for pair in pairs))

    def rated(self, causes: Collection[Cause], opening: Balance) -> tuple[MonthResult, ...]:
        """Its months with only these changes made, each opening with what the one before leaves."""
        every = set(causes) >= set(self.causes())
        months = self.now if every else self.before if not causes else self._mixed(causes)
        results: list[MonthResult] = []
        for truth in months:
            if results:
                opening = opening_after(results[-1], months[len(results) - 1], truth)
            results.append(_computed(truth, opening))
        return tuple(results)

    def rated_each(self, openings: Sequence[Balance]) -> tuple[MonthResult, ...]:
        """Its months as they were known, each with an opening of its own."""
        return tuple(map(_computed, self.before, openings))

    def _mixed(self, causes: Collection[Cause]) -> tuple[Truth, ...]:
        return tuple(_mix(*pair, causes) for pair in zip(self.before, self.now, strict=True))


def opening_after(left: MonthResult, before: Truth, now: Truth) -> Balance:
    """What a month opens with after another one that was rated: what that left, and of a limit that
    it did not count as this one does what it opened with and used (SETTLEMENT 39)."""
    past = PastMonth(
        before.month, before.registry, before.book, before.calendar,
        lambda: (left.opening, left.balance), lambda: (left.charges, left.subsidies),
    )  # fmt: skip
    used = opening_under(left.balance, [past], now.registry, now.book, now.month, left.opening)
    return used.balance


def together(before: Truth, now: Truth, causes: Collection[Cause], opening: Balance) -> MonthResult:
    """Everybody's month with only these changes made: nobody's support is fixed by an issue yet."""
    return _computed(_mix(before, now, causes), opening)


def _computed(truth: Truth, opening: Balance) -> MonthResult:
    return compute_month(
        truth.usages, truth.book, truth.registry, opening, truth.month, truth.issuer,
        truth.calendar, truth.usage_digest, truth.filed,
    )  # fmt: skip


def changes(before: Sequence[Truth], now: Sequence[Truth]) -> list[CompanyRerating]:
    """Both truths of some months, taken apart by company, in order of company."""
    old, new = ([_by_company(truth) for truth in truths] for truths in (before, now))
    companies = {name for month in (*old, *new) for name in month}
    return [
        CompanyRerating(name, _of_company(name, before, old), _of_company(name, now, new))
        for name in sorted(companies)
    ]


Own = tuple[list[Usage], list[Award]]
NONE: Own = ([], [])


def _by_company(truth: Truth) -> dict[str, Own]:
    own: dict[str, Own] = {}
    for usage in truth.usages:
        own.setdefault(usage.company_id, ([], []))[0].append(usage)
    for award in truth.registry.awards:
        own.setdefault(award.company_id, ([], []))[1].append(award)
    return own


def _of_company(
    name: str, truths: Sequence[Truth], parts: Sequence[Mapping[str, Own]]
) -> tuple[Truth, ...]:
    pairs = zip(truths, parts, strict=True)
    return tuple(_narrowed(truth, *part.get(name, NONE)) for truth, part in pairs)


def _narrowed(truth: Truth, usages: list[Usage], awards: list[Award]) -> Truth:
    """Awards of others are left out: they claim nothing here, but a flat fee would be owed."""
    registry = replace(truth.registry, awards=tuple(awards))
    return replace(truth, usages=tuple(usages), registry=registry)


def _differs(cause: Cause, before: Truth, now: Truth) -> bool:
    match cause:
        case "registry":
            projects = {usage.project_id for truth in (before, now) for usage in truth.usages}
            pair = [
                supported(truth.registry, truth.calendar, truth.month, projects)
                for truth in (before, now)
            ]
            return pair[0] != pair[1]
        case "usage":
            return _billed(before.usages) != _billed(now.usages)
        case "price":
            return _prices(before.book) != _prices(now.book)
        case "rule":
            return _rules(before.book) != _rules(now.book)


def supported(
    registry: Registry, calendar: Calendar, month: str, projects: Collection[str]
) -> tuple[object, ...]:
    """The awards, of their companies all that support follows from (no name, no address), and of
    projects that used anything the days of the month that are not theirs."""
    days = calendar.month_days(month)
    awards = [award for award in registry.awards if any(award.holds(day) for day in days)]
    facts = [
        (company.company_id, company.facts, company.founded_on,
         company.representative_birth_year, company.youth, company.relocated_on)
        for company in _companies(registry, awards)
    ]  # fmt: skip
    outside = [
        (project, *others)
        for project in sorted(projects)
        if (others := [day for day in days if not registry.runs(project, day)])
    ]
    return (*sorted(awards, key=lambda award: award.award_id), *facts, *outside)


def _companies(registry: Registry, awards: Iterable[Award]) -> list[Company]:
    return [registry.company(name) for name in sorted({award.company_id for award in awards})]


def _billed(usages: Iterable[Usage]) -> Mapping[tuple[object, ...], tuple[int, int]]:
    """Quantities and busy time by what an amount follows from; sources and evidence do not count.
    Busy time that no price goes by makes no difference to what is rated, and so to nothing."""
    sums: dict[tuple[object, ...], tuple[int, int]] = {}
    for usage in usages:
        key = (usage.day, usage.project_id, usage.sku, usage.unit)
        quantity, busy_ns = sums.get(key, (0, 0))
        sums[key] = (quantity + usage.quantity, busy_ns + usage.busy_ns)
    return sums


def _prices(book: RuleBook) -> dict[str, str]:
    return {name: text for name, text in book.texts.items() if _is_price(name)}


def _rules(book: RuleBook) -> dict[str, str]:
    return {name: text for name, text in book.texts.items() if not _is_price(name)}


def _is_price(name: str) -> bool:
    return name.startswith("prices/") or name in ("tax.yaml", "market.yaml")


def _mix(before: Truth, now: Truth, causes: Collection[Cause]) -> Truth:
    """A month with some of the changes. Names of projects and companies are always today's, since
    what is billed in either truth has to have one."""
    new, old = now.registry, before.registry
    named = {project.project_id: project for project in (*old.projects, *new.projects)}
    if "registry" not in causes:
        named |= {
            project.project_id: replace(
                named[project.project_id], started_on=project.started_on, ended_on=project.ended_on
            )
            for project in old.projects
        }
    if "registry" in causes:
        awards, companies = new.awards, (*old.companies, *new.companies)
    else:
        awards, companies = old.awards, (*new.companies, *old.companies)
    known = {company.company_id: company for company in companies}
    registry = replace(
        new, awards=awards, projects=tuple(named.values()), companies=tuple(known.values())
    )
    prices = now.book if "price" in causes else before.book
    rules = now.book if "rule" in causes else before.book
    book = replace(rules, prices=prices.prices, tax=prices.tax, market=prices.market)
    usage = now if "usage" in causes else before
    filed = now.filed if causes else before.filed
    return replace(usage, registry=registry, book=book, filed=filed)


def budgets_used(claims: Iterable[Claim], book: RuleBook) -> dict[BalanceKey, int]:
    """How much of every budget some untruncated claims use, by the budgets of a rule book."""
    used: dict[BalanceKey, int] = {}
    for claim in claims:
        programme = book.programme(claim.programme)
        sources = programme.funding if programme else ()
        for source in sources:
            budget = source.budget(month_first_day(claim.month))
            if source.name == claim.funding and budget is not None:
                key = ("budget", claim.programme, claim.funding, budget.years)
                used[key] = used.get(key, 0) + claim.claim_krw
    return used
