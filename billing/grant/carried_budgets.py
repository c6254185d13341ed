"""Owns of which year's budget the money is that a year spends: its own, or carried into it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from billing.grant.settlement import GrantSource
from billing.rulebook.programme import Programme


@dataclass(frozen=True, slots=True)
class BudgetOrigin:
    """What is spent of a budget by the years that it is from. year: 2025, or 2025-2027. More than
    there is only where the rules were lowered after the months were issued."""

    funding: str
    title: str
    year: str
    budget_krw: int
    used_krw: int

    @property
    def left_krw(self) -> int:
        """What is not spent."""
        return self.budget_krw - self.used_krw


def budget_origins(
    programme: Programme, year: int, sources: Iterable[GrantSource]
) -> tuple[BudgetOrigin, ...]:
    """The budgets into which money was carried, each by the years that it is from, since years are
    settled apart. Assumed: the oldest money is spent first, as it lapses first."""
    spent = {source.funding: source.before_krw + source.used_krw for source in sources}
    origins: list[BudgetOrigin] = []
    for source in programme.funding:
        budget = source.budget(date(year, 12, 31))
        if budget is None or not budget.carried:
            continue
        left, where = spent.get(source.name, 0), (source.name, source.title)
        for carried in sorted(budget.carried, key=lambda carried: carried.from_year):
            used = min(left, carried.krw)
            origins.append(BudgetOrigin(*where, str(carried.from_year), carried.krw, used))
            left -= used
        own = budget.own_krw - budget.carried_on_krw
        origins.append(BudgetOrigin(*where, budget.years, own, left))
    return tuple(origins)
