"""What one unit of a cloud's counter is, and how its volumes add up: fixed words, exact factors."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

# NHN Cloud's guide to its public API, product metadata, counterTypeCode: DELTA adds up by hours,
# GAUGE is the sum of hourly maxima, HOURLY_LATEST the sum of each hour's latest, DAILY_MAX the sum
# of daily maxima, MONTHLY_MAX the month's maximum, STATUS a state and no amount.
# DAY is our own word for Naver Cloud's rows, each of which is the amount of a day.
CounterType = Literal["DELTA", "GAUGE", "HOURLY_LATEST", "DAILY_MAX", "MONTHLY_MAX", "DAY"]
METER_TYPES: tuple[CounterType, ...] = (
    "DELTA", "GAUGE", "HOURLY_LATEST", "DAILY_MAX", "MONTHLY_MAX",
)  # fmt: skip
STATUS = "STATUS"
# Over how many seconds at most a volume of a type was counted; a month has 31 days.
SPAN_S: Mapping[CounterType, int] = MappingProxyType(
    {
        "DELTA": 3600, "GAUGE": 3600, "HOURLY_LATEST": 3600, "DAILY_MAX": 86_400, "DAY": 86_400,
        "MONTHLY_MAX": 31 * 86_400,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measure:
    """One unit of a volume in `unit` x seconds; a level, in `unit`, is still to last for a time."""

    unit: Literal["milli_device", "mib"]
    factor: Fraction
    level: bool = False


BYTES: Mapping[str, int] = {
    "byte": 1,
    **{name: 1000**n for n, name in enumerate(("kb", "mb", "gb", "tb", "pb"), start=1)},
    **{name: 1024**n for n, name in enumerate(("kib", "mib", "gib", "tib", "pib"), start=1)},
}
# Assumed, where site.toml says no `capacity` of a store: an exbibyte. The centre's whole storage is
# 107 PB, and what one resource is said to hold beyond ten times of it is a mistyped figure.
CAPACITY_BYTES = 2**60
# The most that any reading says of one resource at once, by its unit. Assumed: nobody holds a
# million devices.
LEVELS_MAX: Mapping[str, int] = MappingProxyType(
    {"mib": CAPACITY_BYTES // 1024**2, "milli_device": 10**9}
)
LENGTHS_S: Mapping[str, int] = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}


def _measures() -> dict[str, Measure]:
    measures = {"device": Measure("milli_device", Fraction(1000), level=True)}
    for length, seconds in LENGTHS_S.items():
        measures[f"device_{length}"] = Measure("milli_device", Fraction(1000 * seconds))
    for name, count in BYTES.items():
        size = Fraction(count, 1024**2)
        measures[name] = Measure("mib", size, level=True)
        for length, seconds in LENGTHS_S.items():
            measures[f"{name}_{length}"] = Measure("mib", size * seconds)
    return measures


MEASURES: Mapping[str, Measure] = MappingProxyType(_measures())
