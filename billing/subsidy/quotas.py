"""Owns quotas: amounts of use, shared in their own units among a day's claims."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from billing.rulebook.dated import Dated
from billing.rulebook.price import DEVICE_US_OF_HOUR, GB_OF_MIB
from billing.rulebook.programme import Programme, QuotaPer
from billing.rulebook.rule_book import SWAP_UNITS, RuleBook
from metering.calendar import month_first_day, month_of
from metering.registry.records import QuotaUnit
from metering.registry.registry import Award

SECONDS_OF_DAY = 86_400
HOURS_OF_DAY = 24
LevelKey = tuple[str, str, date]  # award or project, unit, and the day or the month's first
MICRO = 1_000_000  # PF-hours are counted in millionths of PF x device_us


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit of use on one day, counted in whole units.

    device_hours counts device_us and pf_hours counts micro-PF x device_us, over the whole award.
    devices, pf and gb are levels: what is held at once, weighed by time, counted for each day alone
    in device_us, micro-PF x device_us and mib_s; by a table of equals a device_us counts SWAP_UNITS
    divided by how many of its card are one (SETTLEMENT 38); a flat fee may make one pool of a month
    of it."""

    unit: QuotaUnit
    limit: int
    span: Literal["award", "month", "day"]
    per: QuotaPer = "award"  # a level may be one of all awards of a project

    def level_day(self, day: date) -> date | None:
        """The first day that use of a day is counted with; None for the whole award."""
        match self.span:
            case "award":
                return None
            case "month":
                return month_first_day(month_of(day))
            case "day":
                return day


def level_key(award: Award, limit: Quota, from_day: date) -> LevelKey:
    """What a level is counted by: its award, or the project that the award is for."""
    if limit.per == "project" and award.project_id:
        return f"{award.programme}:{award.project_id}", limit.unit, from_day
    return award.award_id, limit.unit, from_day


def is_storage(usage_unit: str) -> bool:
    """Whether usage in a unit counts towards a quota of storage; all other use is of devices."""
    return usage_unit == "mib_s"


def quota_of(programme: Programme, own: Quota | None, storage: bool, day: date) -> Quota | None:
    """The quota that limits usage of storage, or of devices, on a day: the award's own, else the
    programme's."""
    if own is not None and (own.unit == "gb") == storage:
        return own
    for rule in programme.quotas:
        if (rule.unit == "gb") == storage:
            amount = rule.amount.or_none(day)
            return None if amount is None else quota(rule.unit, amount, rule.per)
    return None


@lru_cache(maxsize=256)
def quota(unit: QuotaUnit, amount: Decimal, per: QuotaPer = "award") -> Quota:
    """An amount as people write it, in whole units."""
    counted, _, table = unit.partition(":")
    exact = Fraction(amount) * (SWAP_UNITS if table else 1)
    match counted:
        case "device_hours":
            exact *= DEVICE_US_OF_HOUR
        case "pf_hours":
            exact *= DEVICE_US_OF_HOUR * MICRO
        case "devices":
            exact *= DEVICE_US_OF_HOUR * HOURS_OF_DAY
        case "pf":
            exact *= DEVICE_US_OF_HOUR * HOURS_OF_DAY * MICRO
        case "gb":
            exact *= SECONDS_OF_DAY / GB_OF_MIB
    span: Literal["award", "day"] = "award" if counted.endswith("_hours") else "day"
    return Quota(unit, exact.numerator // exact.denominator, span, per)


def weights(unit: str, book: RuleBook) -> Mapping[str, Dated[Decimal]]:
    """What a card counts in a unit that does not count all alike, by SKU: its PF, or how many of
    it are one; nothing of a table that the rules do not have."""
    counted, _, table = unit.partition(":")
    if table:
        return book.swap.get(table, {})
    return book.pf if counted in ("pf_hours", "pf") else {}


def weight(unit: str, sku: str, day: date, book: RuleBook) -> int:
    """Units of quota that one unit of usage takes; raises KeyError or NoValueError where its PF, or
    its place in the table of equals, is not known."""
    counted, _, table = unit.partition(":")
    if table:
        exact = SWAP_UNITS / Fraction(weights(unit, book)[sku].on(day))
        assert exact.denominator == 1, "the reader lets no other number in"
        return exact.numerator
    if counted not in ("pf_hours", "pf"):
        return 1
    scaled = book.pf[sku].on(day) * MICRO
    assert scaled == int(scaled), "PF per card have six decimals at most"
    return int(scaled)
