"""Owns what-if: months as they stand beside the same usage under another rule book. It only reads;
nothing in force changes.

Usage, registry and decisions are those of each month: out of its bundle where it is issued, as
metered so far where it is not. The first month opens with what had been used by then; from there on
each side carries its own quotas, caps and budgets from month to month.
"""

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from billing.adjust.correction_inputs import corrected_alone
from billing.bundle.bundle import findings_of, invoices_of
from billing.draft.draft import issuer_party
from billing.garbage_collection import uncollected
from billing.ledger.adjustment_ledger import adjustments
from billing.ledger.ledger import State
from billing.month.invoices import invoice
from billing.month.totals import InvoiceSums, Outcome, outcome
from billing.rulebook.rule_book import RuleBook
from billing.simulate.month_under_rules import Material, under, under_there
from billing.simulate.months_as_they_stand import ChainMonth, chain
from billing.subsidy.balance import Balance
from metering.errors import JeongsanError
from metering.finding import Finding
from metering.settings.site_toml import Site
from metering.site.open_site import OpenSite, Progress, silent

Begin = Callable[[ChainMonth, RuleBook, Balance], Future[Outcome]]

# From so many months on the two sides are worked out at once, each in a process of its own: to
# begin one takes about a second, a month of 2,000 projects several.
APART_MONTHS = 3


@dataclass(frozen=True, slots=True)
class MonthChange:
    """A month as it stands and as it would be. `missing` are section-days without usage.

    `billed` is None where `before` is what documents say. Where companies were corrected one by
    one, nobody was given what was set free; there both sides are everybody rated together, so that
    only the rules make a difference, and `billed` is the sum of what documents say."""

    state: State
    before: Outcome
    after: Outcome
    missing: tuple[tuple[str, date], ...]
    billed: InvoiceSums | None = None

    @property
    def month(self) -> str:
        """2025-10."""
        return self.before.month

    def new_findings(self) -> tuple[Finding, ...]:
        """What only the other rules lead to."""
        known = {(finding.kind, finding.subject) for finding in self.before.findings}
        return tuple(
            finding
            for finding in self.after.findings
            if (finding.kind, finding.subject) not in known
        )


@dataclass(frozen=True, slots=True)
class Simulation:
    """The months in order; the rules of the last of them as they stand, and the other rules."""

    months: tuple[MonthChange, ...]
    standing: RuleBook
    other: RuleBook
    names: dict[str, str]  # of companies


def simulate(
    opened: OpenSite,
    other: RuleBook,
    first: str,
    last: str,
    progress: Progress = silent,
    *,
    apart: bool | None = None,
) -> Simulation:
    """The months from the first to the last under both rule books; CloseError before the site's
    first month. `apart`: in two processes; by default where there is enough to do."""
    changes: list[MonthChange] = []
    names: dict[str, str] = {}
    standing = other
    waiting: tuple[ChainMonth, Outcome, InvoiceSums | None, Future[Outcome]] | None = None
    alone = _corrected_alone(opened)
    together: Balance | None = None

    def take(
        month: ChainMonth, before: Outcome, billed: InvoiceSums | None, working: Future[Outcome]
    ) -> Balance:
        after = working.result()
        changes.append(MonthChange(month.state, before, after, month.missing, billed))
        return after.balance

    two = _many(first, last) if apart is None else apart
    with uncollected(), _beside(opened.site, two) as begin:
        # a month is read and rated here while the one before is still worked out over there
        for month in chain(opened, first, last, progress):
            opening = month.opening_under(other) if waiting is None else take(*waiting)
            working = begin(month, other, opening)
            before, billed = _as_it_stands(month), None
            if together is not None or (month.bundle is not None and month.month >= alone):
                billed = sum(before.due.values(), InvoiceSums())
                before = under(month.whole_inputs(), month.book, together or month.opening)
                together = before.balance
            waiting = (month, before, billed, working)
            standing = month.book
            names |= {company.company_id: company.name for company in month.registry.companies}
        assert waiting is not None, "a chain has a month"
        take(*waiting)
    return Simulation(tuple(changes), standing, other, names)


def _corrected_alone(opened: OpenSite) -> str:
    """The first month from which issued ones are corrected company by company; after all months
    where none is."""
    with opened.database.read() as connection:
        return min(corrected_alone(adjustments(connection)), default="~")


def _many(first: str, last: str) -> bool:
    months = [int(text[:4]) * 12 + int(text[5:]) for text in (first, last)]
    return months[1] - months[0] + 1 >= APART_MONTHS and (os.cpu_count() or 1) > 1


def _as_it_stands(month: ChainMonth) -> Outcome:
    """Of an issued month what its invoices say; of another one what they would say."""
    if month.bundle is not None:
        findings = findings_of(month.bundle)
        return outcome(month.month, invoices_of(month.bundle), month.balance(), findings)
    done = month.subsidised()
    invoices = invoice(
        month.charges, done.subsidies, month.book, month.registry,
        issuer_party(month.whole_inputs().issuer), month.month, month.calendar, "",
    )  # fmt: skip
    return outcome(month.month, invoices, done.balance, (*month.unpriced, *done.findings))


@contextmanager
def _beside(site: Site, apart: bool) -> Iterator[Begin]:
    """Where months are worked out under the other rules: in a process beside this one, or here."""

    def here(month: ChainMonth, other: RuleBook, opening: Balance) -> Future[Outcome]:
        done: Future[Outcome] = Future()
        done.set_result(under(month.whole_inputs(), other, opening))
        return done

    if not apart:
        yield here
        return
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawning, initializer=gc.disable) as pool:

        def there(month: ChainMonth, other: RuleBook, opening: Balance) -> Future[Outcome]:
            material = Material.of(site, month)
            return pool.submit(under_there, material, other, opening)

        try:
            yield there
        except BrokenProcessPool as error:
            raise JeongsanError(
                "the process that worked out the other rules was ended from outside: free memory"
                " and run this again, or ask for fewer months"
            ) from error
