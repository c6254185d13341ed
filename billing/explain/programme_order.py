"""Owns what would have been paid with the programmes in another order."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import permutations

from billing.explain.explanation import OtherOrder
from billing.records import Charge, Subsidy
from billing.rulebook.programme import COMPANY_IN_KIND
from billing.rulebook.rule_book import RuleBook
from billing.simulate.months_as_they_stand import ChainMonth
from billing.subsidy.subsidise import subsidise
from metering.site.open_site import Progress, silent

ORDERS_MAX = 24  # four programmes in every order; each order runs the whole month again


def other_orders(
    month: ChainMonth,
    company_id: str,
    charges: Sequence[Charge],
    paid: Iterable[Subsidy],
    progress: Progress = silent,
) -> tuple[tuple[OtherOrder, ...], int]:
    """The order in force and every other of the programmes that the company has awards in, and how
    many are left out because there are too many. Everybody's month is run again, since what one
    company does not take of a budget another one gets. None where there is only one programme."""
    names = _programmes(month, company_id, {charge.project_id for charge in charges})
    if len(names) < 2:
        return (), 0
    rows = {(c.day, c.project_id, c.sku) for c in charges}
    charge_krw = sum(charge.charge_krw for charge in charges)

    def outcome(order: tuple[str, ...], subsidies: Iterable[Subsidy], actual: bool) -> OtherOrder:
        sums: dict[str, int] = dict.fromkeys(order, 0)
        left = charge_krw
        for subsidy in subsidies:
            if (
                subsidy.company_id == company_id
                and (subsidy.day, subsidy.project_id, subsidy.sku) in rows
            ):
                left -= subsidy.subsidy_krw
                if subsidy.funding != COMPANY_IN_KIND:
                    sums[subsidy.programme] = sums.get(subsidy.programme, 0) + subsidy.subsidy_krw
        return OtherOrder(order, tuple(sums.items()), left, actual)

    every = list(_orders(names))
    shown = every[:ORDERS_MAX]
    outcomes = [outcome(shown[0], paid, True)]
    for done, order in enumerate(shown[1:], start=1):
        progress("다른 순서", done, len(shown) - 1)
        book = reordered(month.book, order)
        again = subsidise(
            month.charges, book, month.registry, month.opening, month.month, month.calendar,
            month.filed,
        )  # fmt: skip
        outcomes.append(outcome(order, again.subsidies, False))
    return tuple(outcomes), len(every) - len(shown)


def _programmes(month: ChainMonth, company_id: str, projects: set[str]) -> tuple[str, ...]:
    """The programmes of the company's awards that hold on some day of the month, in order."""
    days = month.calendar.month_days(month.month)
    held: dict[str, bool] = defaultdict(bool)
    for award in month.registry.awards:
        if award.company_id == company_id and (
            not award.project_id or award.project_id in projects
        ):
            held[award.programme] |= any(award.holds(day) for day in days)
    return tuple(
        programme.programme for programme in month.book.programmes if held[programme.programme]
    )


def _orders(names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The order in force, then those that put another programme first, then all others."""
    firsts = [(name, *(other for other in names if other != name)) for name in names]
    yield from firsts
    if len(names) > 2:
        known = set(firsts)
        yield from (order for order in permutations(names) if order not in known)


def reordered(book: RuleBook, order: Sequence[str]) -> RuleBook:
    """The rule book with these programmes in this order, in the places that they have between
    them; every other programme keeps its own."""
    named = {programme.programme: programme for programme in book.programmes}
    wanted = iter(order)
    programmes = tuple(
        named[next(wanted)] if programme.programme in order else programme
        for programme in book.programmes
    )
    return replace(book, programmes=programmes)
