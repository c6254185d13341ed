"""How much a quantity can be at most (METERING 38): what its section holds, as site.toml says, else
what none does; and how much may stand at once, so that sums stay within 64 bits."""

import heapq
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from metering.calendar import HOUR_MS, SECOND_MS
from metering.settings.sections import Section
from metering.settings.source_options.cloud_units import LEVELS_MAX
from metering.sources.reading.exact_numbers import INT64_MAX

MIB = 1024**2
# What an hour of a unit comes to in the amounts that are added: MiB x s, milli-devices x ms.
HOURLY: Mapping[str, int] = MappingProxyType({"mib": HOUR_MS // SECOND_MS, "milli_device": HOUR_MS})


def most(section: Section, unit: str) -> int:
    """The largest quantity of a unit that a row of the section may have."""
    return section.capacity_bytes // MIB if unit == "mib" else LEVELS_MAX[unit]


def beyond(section: Section, unit: str) -> str:
    """Why a larger quantity is refused."""
    if most(section, unit) < LEVELS_MAX[unit]:
        return f"is more than {section.name} holds by `capacity`, {most(section, unit):,} {unit}"
    return f"is more than any section holds, {most(section, unit):,} {unit}"


def fits(quantities: Sequence[int], unit: str) -> bool:
    """Whether all of them together stay within 64 bits, whenever they stand."""
    return sum(quantities) <= INT64_MAX // HOURLY[unit]


def overflowing(
    spans: Sequence[tuple[int, int | None]], quantities: Sequence[int], unit: str
) -> list[int]:
    """The rows, by their place, with which what stands at once comes to more in an hour than 64
    bits hold."""
    limit = INT64_MAX // HOURLY[unit]
    ends: list[tuple[int, int]] = []
    standing, refused = 0, []
    for row in sorted(range(len(spans)), key=lambda row: spans[row][0]):
        start_ms, end_ms = spans[row]
        while ends and ends[0][0] + HOUR_MS <= start_ms:
            standing -= heapq.heappop(ends)[1]
        if standing + quantities[row] > limit:
            refused.append(row)
            continue
        standing += quantities[row]
        if end_ms is not None:
            heapq.heappush(ends, (end_ms, quantities[row]))
    return sorted(refused)
