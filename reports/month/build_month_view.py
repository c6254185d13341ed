"""The view of a month, gathered from what was issued, or from a draft."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import TypedDict

from billing.close.issued_month import IssuedMonth
from billing.draft.capacity_used import Resource
from billing.draft.draft import Draft
from billing.draft.unseen_use import UseOfDay, unseen_days, watched_clusters
from billing.month.pure_month import MonthResult
from billing.records import Party, Usage
from billing.rulebook.price import DEVICE_US_OF_HOUR
from billing.rulebook.programme import FundingSource
from billing.rulebook.rule_book import SWAP_UNITS, RuleBook, read_rulebook
from billing.subsidy.award_terms import grants
from billing.subsidy.balance import Balance
from billing.subsidy.eligibility import is_youth
from billing.subsidy.quotas import MICRO, Quota
from billing.subsidy.recalls import recalls
from metering.calendar import month_of, next_month
from metering.database.decisions import waived_days
from metering.finding import Finding
from metering.registry.records import Agreement, Plan, ProjectOutcome
from metering.registry.registry import Company, Registry
from metering.settings.site_toml import Issuer
from metering.site.open_site import OpenSite
from reports.month.capacity import capacity_views, pf_of, seen_capacity
from reports.month.month_view import (
    CapacityView,
    CompanyView,
    Desk,
    FundingView,
    LimitView,
    MonthView,
    ProgrammeView,
    ProjectView,
    Referral,
    SkuView,
)
from reports.month.notes import notes_of


def issued_view(issued: IssuedMonth) -> MonthView:
    """The view of an issued month, out of its bundle alone; its invoices carry their numbers."""
    inputs = issued.inputs
    sources = _MonthSources(
        inputs.site, inputs.issuer, inputs.registry, inputs.book, inputs.resources
    )
    view = _view(issued.closing, sources, inputs.calendar.month_days(issued.month))
    return replace(
        view,
        draft=False,
        issued_on=issued.issued_on,
        invoices=issued.invoices,
        claims=issued.claims,
        amendments=issued.amendments,
        revised=tuple(
            replace(issued_view(month), adjustment=sequence) for sequence, month in issued.revised
        ),
        adjusted_on=issued.adjusted_on,
        adjusted_because=issued.adjusted_because,
        **_seen(view, _unseen(issued.closing.usages, inputs.resources, issued.findings)),
        notes=notes_of(
            issued.closing.usages,
            issued.findings,
            inputs.acknowledged,
            inputs.waived,
            inputs.registry.set_asides,
        ),
    )


def draft_view(opened: OpenSite, draft: Draft) -> MonthView:
    """The view of a draft, from the registry and rules that are in force."""
    site, registry = opened.site, opened.registry
    sources = _MonthSources(
        site.name, site.issuer, registry, read_rulebook(site.rules), draft.resources
    )
    view = _view(draft.closing, sources, site.calendar.month_days(draft.month))
    with opened.database.read() as connection:
        waived = [waiver for waiver in waived_days(connection) if waiver.day in view.days]
    usages = draft.closing.usages
    notes = notes_of(usages, draft.findings, draft.acknowledged, waived, registry.set_asides)
    unseen = _unseen(usages, draft.resources, draft.findings)
    return replace(view, notes=notes, **_seen(view, unseen))


class _Seen(TypedDict):
    unseen: frozenset[UseOfDay]
    capacity: tuple[CapacityView, ...]


def _seen(view: MonthView, unseen: frozenset[UseOfDay]) -> _Seen:
    return _Seen(unseen=unseen, capacity=seen_capacity(view.capacity, view.usages, unseen))


def _unseen(
    usages: Sequence[Usage], resources: Sequence[Resource], findings: Iterable[Finding]
) -> frozenset[UseOfDay]:
    return unseen_days(usages, watched_clusters(resources), findings)


@dataclass(frozen=True, slots=True)
class _MonthSources:
    """What a month was made from, in force or as issued."""

    centre: str
    issuer: Issuer
    registry: Registry
    book: RuleBook
    resources: tuple[Resource, ...]


def _view(result: MonthResult, sources: _MonthSources, days: Sequence[date]) -> MonthView:
    """What both views have in common; as a draft, without notes."""
    issuer, registry, book = sources.issuer, sources.registry, sources.book
    printed = {invoice.company_id: invoice.company for invoice in result.invoices}
    return MonthView(
        month=result.month,
        days=tuple(days),
        centre=sources.centre,
        issuer=issuer.name,
        desk=Desk(issuer.department, issuer.contact, issuer.bank_account),
        draft=True,
        issued_on=None,
        companies={
            company.company_id: _company(company, days[-1], printed.get(company.company_id))
            for company in registry.companies
        },
        projects={
            project.project_id: ProjectView(project.project_id, project.company_id, project.name)
            for project in registry.projects
        },
        skus=_skus(book, days[-1]),
        programmes=_programmes(registry, book, result.opening, days),
        capacity=capacity_views(sources.resources, registry, book, days[-1]),
        limits=_limits(registry, book, result, days),
        **_told_by_registry(registry, days),
        recalls=tuple(recall for recall in recalls(registry, book) if recall.until in days),
        usages=result.usages,
        charges=result.charges,
        subsidies=result.subsidies,
        invoices=result.invoices,
        claims=result.claims,
        notes=(),
        rules_digest=book.digest,
        usage_digest=next((invoice.usage_digest for invoice in result.invoices), "-"),
    )


class _Told(TypedDict):
    agreements: tuple[Agreement, ...]
    referrals: tuple[Referral, ...]
    outcomes: tuple[ProjectOutcome, ...]
    plans: tuple[Plan, ...]


def _told_by_registry(registry: Registry, days: Sequence[date]) -> _Told:
    """What people wrote down for the report, as far as the month goes."""
    last = days[-1]
    agreements = tuple(signed for signed in registry.agreements if signed.signed_on <= last)
    referred = {(signed.partner, signed.company_id) for signed in agreements}
    referred |= {
        (award.referrer, award.company_id)
        for award in registry.awards
        if any(map(award.holds, days))
    }
    after = next_month(month_of(last))
    return _Told(
        agreements=agreements,
        referrals=tuple(Referral(*pair) for pair in sorted(referred) if pair[0]),
        outcomes=tuple(reached for reached in registry.outcomes if reached.reached_on <= last),
        plans=tuple(plan for plan in registry.plans if plan.month == after),
    )


def _company(company: Company, day: date, printed: Party | None) -> CompanyView:
    """A company on a day, called what the month's invoices call it."""
    known = [facts for facts in company.facts if facts.start is None or facts.start <= day]
    facts = (known or list(company.facts))[-1 if known else 0]
    called = printed or company.printed_on(day)
    return CompanyView(
        company_id=company.company_id,
        name=called.name,
        business_number=called.business_number,
        place=facts.place,
        org_type=facts.org_type,
        youth=bool(is_youth(company, day)),
    )


def _skus(book: RuleBook, day: date) -> dict[str, SkuView]:
    return {
        sku: SkuView(sku, price.title, price.unit, pf_of(book.pf, sku, day))
        for sku, price in sorted(book.prices.items())
    }


def _programmes(
    registry: Registry, book: RuleBook, opening: Balance, days: Sequence[date]
) -> tuple[ProgrammeView, ...]:
    """The programmes that concern the month: somebody has an award, or a budget is for its year."""
    day = days[-1]
    held = {award.programme for award in registry.awards if any(map(award.holds, days))}
    return tuple(
        ProgrammeView(
            programme=programme.programme,
            title=programme.title,
            authority=programme.authority,
            funding=tuple(
                _funding(programme.programme, source, opening, day) for source in programme.funding
            ),
        )
        for programme in book.programmes
        if programme.programme in held or any(source.budget(day) for source in programme.funding)
    )


def _funding(programme: str, source: FundingSource, opening: Balance, day: date) -> FundingView:
    """A source with the budget of the day's year; a year without one has a budget of nothing."""
    budget = source.budget(day)
    limited = source.budgets is not None
    years = budget.years if budget else str(day.year)
    return FundingView(
        funding=source.name,
        title=source.title,
        settled=source.settled,
        years=years if limited else "",
        budget_krw=budget.krw if budget else 0 if limited else None,
        used_before_krw=(opening.of("budget", programme, source.name, years) if limited else None),
    )


def _limits(
    registry: Registry, book: RuleBook, result: MonthResult, days: Sequence[date]
) -> tuple[LimitView, ...]:
    """The quota and the cap of every award that holds in the month, and a company's yearly cap."""
    limits: list[LimitView] = []
    balance, day = result.balance, days[-1]
    for grant in grants(registry, book, days)[0]:
        award, programme = grant.award, grant.programme
        where = (award.award_id, programme.programme, award.company_id)
        if grant.quota is not None and grant.quota.span == "award":
            limit = _in_units(grant.quota, grant.quota.limit)
            used = _in_units(grant.quota, balance.of("quota", award.award_id, grant.quota.unit))
            limits.append(LimitView(*where, "quota", grant.quota.unit, limit, used))
        caps = programme.caps
        own = caps.award.or_none(day) if caps.award else None
        totals = [cap for cap in (award.cap_krw, own) if cap is not None]
        if totals:
            spent = Fraction(balance.of("award", award.award_id))
            limits.append(LimitView(*where, "award", "krw", Fraction(min(totals)), spent))
        yearly = caps.company_year.or_none(day) if caps.company_year else None
        if yearly is not None:
            key = ("company_year", programme.programme, award.company_id, str(day.year))
            spent = Fraction(balance.of(*key))
            limits.append(LimitView(*where, "company_year", "krw", Fraction(yearly), spent))
    return tuple(limits)


def _in_units(quota: Quota, amount: int) -> Fraction:
    """An amount of a quota's whole units in device-hours or PF-hours."""
    if ":" in quota.unit:
        return Fraction(amount, DEVICE_US_OF_HOUR * SWAP_UNITS)
    return Fraction(amount, DEVICE_US_OF_HOUR * (MICRO if quota.unit == "pf_hours" else 1))
