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
from billing.rulebook.programme import Programme, QuotaUnit
from metering.calendar import month_first_day, month_of

SECONDS_OF_DAY = 86_400
HOURS_OF_DAY = 24
MICRO = 1_000_000  # PF-hours are counted in millionths of PF x device_us


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit of use on one day, counted in whole units.

    device_hours counts device_us and pf_hours counts micro-PF x device_us, over the whole award.
    devices, pf and gb are levels: what is held at once, weighed by time, counted for each day alone
    in device_us, micro-PF x device_us and mib_s; a flat fee may make one pool of a month of it."""

    unit: QuotaUnit
    limit: int
    span: Literal["award", "month", "day"]

    def level_day(self, day: date) -> date | None:
        """The first day that use of a day is counted with; None for the whole award."""
        match self.span:
            case "award":
                return None
            case "month":
                return month_first_day(month_of(day))
            case "day":
                return day


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
            return None if amount is None else quota(rule.unit, amount)
    return None


@lru_cache(maxsize=256)
def quota(unit: QuotaUnit, amount: Decimal) -> Quota:
    """An amount as people write it, in whole units."""
    exact = Fraction(amount)
    match unit:
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
    span: Literal["award", "day"] = "award" if unit.endswith("_hours") else "day"
    return Quota(unit, exact.numerator // exact.denominator, span)


def weight(unit: QuotaUnit, sku: str, day: date, pf: Mapping[str, Dated[Decimal]]) -> int:
    """Units of quota that one unit of usage takes; raises KeyError or NoValueError without PF."""
    if unit not in ("pf_hours", "pf"):
        return 1
    scaled = pf[sku].on(day) * MICRO
    assert scaled == int(scaled), "PF per card have six decimals at most"
    return int(scaled)
