"""Owns the shape of a limit in a month: what it counts, in which unit, over which years."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.rulebook.dated import Dated
from billing.rulebook.programme import FlatFee, Programme
from billing.rulebook.rule_book import RuleBook
from billing.subsidy.quotas import quota, quota_of, weights
from metering.registry.registry import Award

Step = tuple[date, Decimal | None]


@dataclass(frozen=True, slots=True)
class QuotaShape:
    """In which unit an award's use of devices is counted for the whole award, day by day ('' where
    it is not), and what a card weighs in each of the units."""

    first: date
    units: tuple[str, ...]
    weights: tuple[tuple[str, str, tuple[Step, ...]], ...]

    def on(self, day: date) -> str:
        """The unit of a day of the month."""
        return self.units[(day - self.first).days]


def quota_shape(award: Award | None, book: RuleBook, days: Sequence[date]) -> QuotaShape | None:
    """The shape of an award's quota on the days of a month; None where there is no such award.
    Storage, and all that is held at once, is counted for each day alone and opens with nothing."""
    programme = book.programme(award.programme) if award is not None else None
    if award is None or programme is None:
        return None
    units = [""] * len(days)
    if not isinstance(programme.basis, FlatFee):
        own = None
        if award.quota is not None and award.quota_unit is not None:
            own = quota(award.quota_unit, award.quota)
        for at, day in enumerate(days):
            limit = quota_of(programme, own, False, day)
            if limit is not None and limit.span == "award":
                units[at] = limit.unit
    weighed = tuple(
        (unit, sku, _until(value, days[-1]))
        for unit in sorted({*units} - {""})
        for sku, value in sorted(weights(unit, book).items())
    )
    return QuotaShape(days[0], tuple(units), weighed)


def budget_shapes(programme: Programme, year: int) -> frozenset[tuple[str, str]]:
    """The budgets of a year: funding source, and the years that it is for."""
    day = date(year, 1, 1)
    return frozenset(
        (source.name, budget.years)
        for source in programme.funding
        if (budget := source.budget(day)) is not None
    )


def split_shape(programme: Programme, last: date) -> tuple[tuple[str, tuple[Step, ...]], ...]:
    """Who bears which share, as far as is said of the days until one."""
    return tuple((source.name, _until(source.share, last)) for source in programme.funding)


def _until(value: Dated[Decimal], last: date) -> tuple[Step, ...]:
    return tuple((step.start, step.value) for step in value.steps if step.start <= last)
