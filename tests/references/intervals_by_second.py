"""Intervals as METERING 5 and 9-11 mean them, second by second, written apart from the code."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import groupby

from tests.builders.landing import CALENDAR, HOLD_S, MIDNIGHT

HOUR_S = 3600
FIELDS = (
    "busy_ppm", "power_mw", "energy_mj", "memory_mib", "health_ok", "busy_cycles", "total_cycles",
)  # fmt: skip
Row = Mapping[str, object]
Span = dict[str, object]


def united(rows: Iterable[Row]) -> list[dict[str, object]]:
    """One row an instant of one device, in order: the largest of each field, all workloads."""
    found: dict[int, dict[str, object]] = {}
    for row in rows:
        own = found.setdefault(int(str(row["sampled_ms"])), {"workload": ""})
        for name in FIELDS:
            values = [v for v in (own.get(name), row.get(name)) if v is not None]
            own[name] = max(values) if values else None  # type: ignore[type-var]
        names = {*str(own["workload"]).split("\n"), *str(row.get("workload") or "").split("\n")}
        own["workload"] = "\n".join(sorted(names - {""}))
    return [{**found[at], "at": (at - MIDNIGHT) // 1000} for at in sorted(found)]


def parts(start: int, end: int, total: int | None) -> list[tuple[int, int, int | None]]:
    """Every second marked with its hour; each hour's share of a total, what is left in the last."""
    marks = [(second, (second * 1000 + MIDNIGHT) // 3_600_000) for second in range(start, end)]
    hours = [[second for second, _ in own] for _, own in groupby(marks, key=lambda m: m[1])]
    shares: list[int | None] = [None] * len(hours)
    if total is not None:
        shares = [int(Fraction(total * len(own), end - start)) for own in hours]
        shares[-1] = total - sum(share or 0 for share in shares[:-1])
    return [(own[0], len(own), share) for own, share in zip(hours, shares, strict=True)]


def spans_of(uid: str, rows: Iterable[Row], limit_w: int) -> list[Span]:
    """Every interval of one device."""
    spans: list[Span] = []
    last: int | None = None
    gauge: tuple[int, int] | None = None
    counter: tuple[int, int] | None = None
    cycles: tuple[int, int] | None = None  # worked and all, as the sample before told them

    def add(start: int, end: int, total: int | None, dark: bool, row: Row) -> None:
        for first, seconds, share in parts(start, end, total):
            spans.append(
                {
                    "device": uid, "started_ms": first * 1000, "dark": dark, "energy_uj": share,
                    "held_ms": 0 if dark else seconds * 1000,
                    "workload": "" if dark else row["workload"],
                    "busy_ppm": None if dark else busy,
                    "memory_mib": None if dark else row["memory_mib"],
                    "day": CALENDAR.day_of(first * 1000 + MIDNIGHT).isoformat(),
                }
            )  # fmt: skip

    for row in united(rows):
        busy = row["busy_ppm"]
        at, power, energy = int(str(row["at"])), row["power_mw"], row["energy_mj"]
        amount: int | None = None
        measured = counter is None and gauge is not None and isinstance(power, int)
        if measured and at - gauge[0] <= HOLD_S:
            amount = (gauge[1] + power) * (at - gauge[0]) * 1000 // 2
        if isinstance(energy, int):
            if counter is None:
                counter = (at, energy)
            else:
                used = energy if energy < counter[1] else energy - counter[1]
                if used <= limit_w * 1000 * (at - counter[0] + 60):
                    if at - counter[0] > HOLD_S:
                        add(counter[0], at, used * 1000, True, row)
                    else:
                        amount = used * 1000
                    counter = (at, energy)
        worked, there = row["busy_cycles"], row["total_cycles"]
        told = (worked, there) if isinstance(worked, int) and isinstance(there, int) else None
        if told and cycles and last is not None and at - last <= HOLD_S:
            worked, there = told[0] - cycles[0], told[1] - cycles[1]
            if 0 <= worked <= there and there > 0:
                busy = int(Fraction(worked, there) * 1_000_000)
        cycles = told
        if last is not None:
            add(max(last, at - HOLD_S), at, amount, False, row)
        last, gauge = at, (at, power) if isinstance(power, int) else gauge
    return spans
