"""Owns what issued months used of limits as they are now, whatever their shape was then: a quota or
budget that is new, or has another unit, other years or another source, opens with what was used
before it (SETTLEMENT 39)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from billing.month.covered_use import CoveredUse, covered_use
from billing.month.limit_shapes import QuotaShape, budget_shapes, quota_shape, split_shape
from billing.records import Charge, Subsidy
from billing.rulebook.dated import NoValueError
from billing.rulebook.programme import COMPANY_IN_KIND, Programme
from billing.rulebook.rule_book import RuleBook
from billing.subsidy.balance import Balance, BalanceKey
from billing.subsidy.funding_split import Split
from billing.subsidy.quotas import weight
from metering.calendar import Calendar, month_first_day, month_last_day
from metering.registry.registry import Award, Registry

NOTHING = Balance()
Rows = tuple[Sequence[Charge], Sequence[Subsidy]]


@dataclass(frozen=True, slots=True)
class PastMonth:
    """A month that stands, by what it was rated from: `limits` gives the balances that it opened
    and closed with, `rows` its charges and subsidies; neither is read where nothing asks for it."""

    month: str
    registry: Registry
    book: RuleBook
    calendar: Calendar
    limits: Callable[[], tuple[Balance, Balance]]
    rows: Callable[[], Rows]

    @property
    def days(self) -> Sequence[date]:
        """The days of the month."""
        return self.calendar.month_days(self.month)

    def moved(self, key: BalanceKey) -> int:
        """What it used of a limit that it counted itself."""
        opening, balance = self.limits()
        return balance.of(*key) - opening.of(*key)


@dataclass(frozen=True, slots=True)
class Opening:
    """The balance that a month opens with. `unknown`: awards, each with an issued month of which
    nobody can say what it used of the quota that the award has now."""

    balance: Balance
    unknown: tuple[tuple[str, str], ...] = ()


def opening_under(
    left: Balance,
    past: Sequence[PastMonth],
    registry: Registry,
    book: RuleBook,
    month: str,
    earlier: Balance = NOTHING,
) -> Opening:
    """What a month opens with under a registry and rules: what the month before left, and of limits
    that had another shape in any month so far what all of these used. `earlier` is what these
    limits had been used of before the first of them."""
    now = (registry.digest, book.digest)
    if all((m.registry.digest, m.book.digest) == now for m in past):
        return Opening(left)
    used, reshaped = dict(left.used), dict[BalanceKey, int]()
    unknown: list[tuple[str, str]] = []
    uses = _Uses(book)
    known = [{award.award_id: award for award in m.registry.awards} for m in past]
    days = past[-1].calendar.month_days(month)
    for award in registry.awards:
        if any(award.holds(day) for day in days):
            then = [awards.get(award.award_id) for awards in known]
            reshaped |= uses.of_award(award, then, past, unknown)
    for programme in book.programmes:
        reshaped |= _of_budgets(programme, past, month)
    used |= {key: amount + earlier.of(*key) for key, amount in reshaped.items()}
    return Opening(Balance({key: amount for key, amount in used.items() if amount}), (*unknown,))


@dataclass(slots=True)
class _Uses:
    """What past months used of quotas, each rated again at most once."""

    book: RuleBook
    covered: dict[str, CoveredUse] = field(default_factory=dict)

    def of_award(
        self,
        award: Award,
        then: Sequence[Award | None],
        past: Sequence[PastMonth],
        unknown: list[tuple[str, str]],
    ) -> Mapping[BalanceKey, int]:
        """Its use of a quota that some month counted otherwise; nothing where all counted alike.
        `then` is the award as each of the months knew it."""
        months = [
            (m, now, before)
            for m, old in zip(past, then, strict=True)
            if (before := quota_shape(old, m.book, m.days)) is not None
            and (now := quota_shape(award, self.book, m.days)) is not None
        ]
        if all(now == before for _, now, before in months):
            return {}
        sums: dict[BalanceKey, int] = {}
        for unit in {unit for _, now, _ in months for unit in now.units} - {""}:
            key = ("quota", award.award_id, unit)
            sums[key] = 0
            for m, now, before in months:
                used = m.moved(key) if now == before else self._of_covered(m, key, now)
                sums[key] += used or 0
                if used is None:
                    unknown.append((award.award_id, m.month))
        return sums

    def _of_covered(self, past: PastMonth, key: BalanceKey, now: QuotaShape) -> int | None:
        """What a month used, by today's shape, of a limit that it did not count so."""
        _, award_id, unit = key
        if past.month not in self.covered:
            opening, _ = past.limits()
            self.covered[past.month] = covered_use(
                *past.rows(), past.book, past.registry, opening, past.days
            )
        covered = self.covered[past.month]
        if award_id in covered.unknown:
            return None
        try:
            return sum(
                quantity * weight(unit, sku, day, self.book)
                for (sku, day, storage), quantity in covered.of.get(award_id, {}).items()
                if not storage and now.on(day) == unit
            )
        except (KeyError, NoValueError):
            return None


def _of_budgets(
    programme: Programme, past: Sequence[PastMonth], month: str
) -> Mapping[BalanceKey, int]:
    """What the budgets of a month's year have been used of, where one had another shape before."""
    year = month_first_day(month).year
    wanted = {
        source.name: budget
        for source in programme.funding
        if (budget := source.budget(date(year, 1, 1))) is not None
    }
    reshaped: dict[BalanceKey, int] = {}
    for name, budget in wanted.items():
        months = [m for m in past if budget.first_year <= int(m.month[:4]) <= budget.last_year]
        if all(_same_budget(programme, name, budget.years, m) for m in months):
            continue
        key = ("budget", programme.programme, name, budget.years)
        reshaped[key] = sum(paid_by(m, programme).get(name, 0) for m in months)
    return reshaped


def _same_budget(programme: Programme, name: str, years: str, past: PastMonth) -> bool:
    before = past.book.programme(programme.programme)
    if before is None:
        return False
    last = month_last_day(past.month)
    same_split = split_shape(before, last) == split_shape(programme, last)
    return same_split and (name, years) in budget_shapes(before, last.year)


def paid_by(past: PastMonth, programme: Programme) -> Mapping[str, int]:
    """What each funding source bears of a programme's subsidies in a month: as they stand, or split
    anew where the shares of that month are said otherwise by now."""
    _, subsidies = past.rows()
    mine = [
        row
        for row in subsidies
        if row.programme == programme.programme and row.funding != COMPANY_IN_KIND
    ]
    sums: dict[str, int] = defaultdict(int)
    before = past.book.programme(programme.programme)
    last = month_last_day(past.month)
    if before is None or split_shape(before, last) == split_shape(programme, last):
        for row in mine:
            sums[row.funding] += row.subsidy_krw
        return sums
    for of_day in _by_company(mine).values():
        split = Split((0,) * len(programme.funding))
        for day, krw in sorted(of_day.items()):
            parts = split.part(krw, programme.shares(day))
            for source, part in zip(programme.funding, parts, strict=True):
                sums[source.name] += part
    return sums


def _by_company(subsidies: Iterable[Subsidy]) -> Mapping[str, Mapping[date, int]]:
    sums: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for row in subsidies:
        sums[row.company_id][row.day] += row.subsidy_krw
    return sums
