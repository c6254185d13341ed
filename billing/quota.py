"""Owns quotas: amounts of use, shared in their own units among a day's claims."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from billing.dated import Dated
from billing.price import DEVICE_US_OF_HOUR, GB_OF_MIB
from billing.programme import Programme, QuotaUnit

SECONDS_OF_DAY = 86_400
MICRO = 1_000_000  # PF-hours are counted in millionths of PF x device_us


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit of use on one day, counted in whole units.

    device_hours counts device_us and pf_hours counts micro-PF x device_us, over the whole award;
    gb counts mib_s of one day: a level weighed by time, new every day."""

    unit: QuotaUnit
    limit: int

    @property
    def daily(self) -> bool:
        """Whether use is counted for each day alone."""
        return self.unit == "gb"


def quota_of(programme: Programme, own: Quota | None, usage_unit: str, day: date) -> Quota | None:
    """The quota that limits usage of a unit on a day: the award's own, else the programme's."""
    storage = usage_unit == "mib_s"
    if own is not None and own.daily == storage:
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
        case "gb":
            exact *= SECONDS_OF_DAY / GB_OF_MIB
    return Quota(unit, exact.numerator // exact.denominator)


def weight(unit: QuotaUnit, sku: str, day: date, pf: Mapping[str, Dated[Decimal]]) -> int:
    """Units of quota that one unit of usage takes; raises KeyError or NoValueError without PF."""
    if unit != "pf_hours":
        return 1
    scaled = pf[sku].on(day) * MICRO
    assert scaled == int(scaled), "PF per card have six decimals at most"
    return int(scaled)
