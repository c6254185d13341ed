"""Owns the utilisation test: awards that are used too little, and what is proposed for them.

Nothing here changes an amount. A person who follows a proposal ends the award in the registry, and
adds a smaller one where that is meant; both hold from the day that the person writes."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from billing.records import Usage
from billing.rulebook.dated import NoValueError
from billing.rulebook.programme import FlatFee, Programme, UtilisationTest
from billing.rulebook.rule_book import RuleBook
from billing.subsidy.quotas import Quota, quota, weight
from metering.calendar import days_after
from metering.registry.registry import Award, Registry

Stage = Literal["warning", "recall", "smaller"]
DayUse = Mapping[date, int]


@dataclass(frozen=True, slots=True)
class LowUse:
    """An award whose use is too low. granted and used are of the days from first to last, in whole
    units of `unit` (billing/subsidy/quotas.py); proposed is the size of a smaller award."""

    award_id: str
    programme: str
    company_id: str
    project_id: str
    stage: Stage
    first: date
    last: date
    unit: str
    granted: int
    used: int
    proposed: Decimal | None = None

    @property
    def share(self) -> Fraction:
        """How much of what is granted was used."""
        return Fraction(self.used, self.granted)


def days_looked_at(book: RuleBook) -> int:
    """How many days back the longest test of any programme looks."""
    tests = [rule.utilisation for rule in book.programmes if rule.utilisation is not None]
    return max((test.warn_days + test.grace_days for test in tests), default=0)


def low_uses(
    usages: Iterable[Usage],
    known: Collection[date],
    book: RuleBook,
    registry: Registry,
    day: date,
    unseen: Collection[tuple[str, date, str]] = (),
) -> tuple[LowUse, ...]:
    """The awards of low use on a day. `usages` reach back as far as the tests look; a day that is
    not among the `known` ones has no usage yet, and no award is judged by it. Nor is one by work on
    days on which nobody saw any (`unseen`: source, day, SKU)."""
    by_company: dict[str, list[Usage]] = defaultdict(list)
    for usage in usages:
        by_company[usage.company_id].append(usage)
    lows = []
    for award in registry.awards:
        programme = book.programme(award.programme)
        test = None if programme is None else programme.utilisation
        if programme is None or test is None or not award.holds(day):
            continue
        granted = daily(award)
        if granted is None or not granted.limit:
            continue
        try:
            used = _used(award, programme, by_company[award.company_id], granted, book)
        except (KeyError, NoValueError):
            continue  # a SKU without PF: the month's own no_pf stops it
        seen = known
        if test.measure == "busy":
            blind = {
                usage.day
                for usage in _own(award, programme, by_company[award.company_id])
                if (usage.source, usage.day, usage.sku) in unseen
            }
            seen = set(known) - blind
        low = _judge(award, programme, test, granted, used, seen, day)
        lows += [low] if low else []
    return tuple(lows)


def daily(award: Award) -> Quota | None:
    """What an award grants for each day; None where that cannot be told, or it is storage."""
    if award.quota is None or award.quota_unit in (None, "gb"):
        return None
    assert award.quota_unit is not None, "the registry gives every quota a unit"
    whole = quota(award.quota_unit, award.quota)
    if whole.span == "day":
        return whole
    if award.until is None:
        return None  # hours over an award without an end are no rate
    days = (award.until - award.start).days
    return Quota(whole.unit, whole.limit // days, "day")


def _used(
    award: Award, programme: Programme, usages: Sequence[Usage], granted: Quota, book: RuleBook
) -> DayUse:
    """Use of each day that the award may be for, in units of what it grants."""
    assert programme.utilisation is not None, "only programmes with a test are judged"
    busy = programme.utilisation.measure == "busy"
    used: dict[date, int] = defaultdict(int)
    for usage in _own(award, programme, usages):
        amount = usage.busy_ns // 1000 if busy else usage.quantity
        used[usage.day] += amount * weight(granted.unit, usage.sku, usage.day, book)
    return used


def _own(award: Award, programme: Programme, usages: Sequence[Usage]) -> list[Usage]:
    """The device time that an award may be for."""
    return [
        usage
        for usage in usages
        if usage.unit == "device_us"
        and award.project_id in ("", usage.project_id)
        and programme.covers(usage.sku)
    ]


def _judge(
    award: Award,
    programme: Programme,
    test: UtilisationTest,
    granted: Quota,
    used: DayUse,
    known: Collection[date],
    day: date,
) -> LowUse | None:
    below = test.below.or_none(day)
    if below is None:
        return None

    def window(last: date, days: int) -> list[date]:
        """The days up to the last; none where not all of them are known days of the award."""
        of_window = [days_after(last, -n) for n in range(days)]
        return of_window if all(award.start <= on and on in known for on in of_window) else []

    def low(days: list[date]) -> bool:
        return bool(days) and sum(used.get(day, 0) for day in days) < (
            Fraction(below) * granted.limit * len(days)
        )

    warned = window(days_after(day, -test.grace_days), test.warn_days)
    grace = window(day, test.grace_days)
    stage: Stage = "warning"
    if low(warned) and low(grace):
        days, stage = grace + warned, test.propose
    elif low(window(day, test.warn_days)):
        days = window(day, test.warn_days)
    else:
        return None
    proposed = _smaller(award, programme, max(used.get(day, 0) for day in days), granted)
    if stage == "smaller" and proposed is None:
        stage = "warning"
    return LowUse(
        award_id=award.award_id,
        programme=award.programme,
        company_id=award.company_id,
        project_id=award.project_id,
        stage=stage,
        first=min(days),
        last=day,
        unit=granted.unit,
        granted=granted.limit * len(days),
        used=sum(used.get(day, 0) for day in days),
        proposed=proposed if stage == "smaller" else None,
    )


def _smaller(award: Award, programme: Programme, most: int, granted: Quota) -> Decimal | None:
    """The smallest size that the programme has which holds the most that was used on a day; None
    where that is no smaller."""
    assert award.quota is not None, "an award without a quota is not judged"
    match programme.basis:
        case FlatFee():
            step = min(bundle.size for bundle in programme.basis.bundles)
        case _:
            step = Decimal(1)
    if (award.quota_unit or "").partition(":")[0] not in ("devices", "pf"):
        return None
    step_limit = Fraction(step) / Fraction(award.quota) * granted.limit
    number = max(-(-most // step_limit), 1)
    return step * number if step * number < award.quota else None
