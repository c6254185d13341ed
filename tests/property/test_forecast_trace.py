"""The forecast on real use: 15 tenants of the Philly trace, its last weeks held out.

At the end of every third week the question is when as much would be used as was then used in the
next two weeks. The straight line goes on at the mean rate since the first use, the other guess at
the rate of the last seven days.
"""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from metering.calendar import Calendar, Period
from metering.settings.sections import Cluster
from metering.sources.slurm.source import parse
from reports.quota.forecast import LEAST_DAYS, EndDays, end_days

CALENDAR = Calendar("Asia/Seoul")
DAY_MS = 86_400_000
HOLD_OUT = 14  # days
LATEST = 56  # where a guess ends later, this is its answer: no guess is punished without end
LEAST_HOURS = 1_000  # tenants below used GPUs on a few days only


def daily_seconds(trace: Path) -> dict[str, list[int]]:
    """GPU-seconds of each day of each tenant, from the first day of the trace to its last."""
    raw = gzip.decompress(trace.read_bytes())
    window = Period(CALENDAR.month("2026-07").start_ms, CALENDAR.month("2026-11").end_ms)
    runs = parse(raw, "sacct.psv", Cluster("hpc"), CALENDAR, window).table
    start, end, milli = (
        runs.column(name).to_numpy() for name in ("started_ms", "ended_ms", "quantity_milli")
    )
    names, who = np.unique(np.array(runs.column("account").to_pylist()), return_inverse=True)
    first = CALENDAR.day(CALENDAR.day_of(int(start.min()))).start_ms
    days = range(first, int(end.max()), DAY_MS)
    held = [
        np.bincount(
            who, np.clip(np.minimum(end, at + DAY_MS) - np.maximum(start, at), 0, None) * milli
        )
        for at in days
    ]
    return {
        name: [int(of_day[number]) // 10**6 for of_day in held] for number, name in enumerate(names)
    }


@dataclass(frozen=True)
class Case:
    """What was known by a day, and what came then."""

    known: list[int]
    came: list[int]

    @property
    def left(self) -> int:
        return sum(self.came[:HOLD_OUT])

    @property
    def true(self) -> int:
        """On which day so much was used."""
        return ended(np.cumsum(self.came), self.left)


def cases(daily: dict[str, list[int]], least: int) -> Iterator[Case]:
    for used in daily.values():
        if sum(used) < LEAST_HOURS * 3600:
            continue
        begun = next(at for at, amount in enumerate(used) if amount)
        for today in range(35, len(used) - HOLD_OUT, 21):
            case = Case(used[begun:today], used[today:])
            if len(case.known) >= least and case.left:
                yield case


def ended(total: "np.ndarray", left: int) -> int:
    return min(int(np.searchsorted(total, left)) + 1, LATEST)


def at_rate(used: list[int], left: int) -> int:
    rate = Fraction(sum(used), len(used))
    return min(-(-left // rate), LATEST) if rate else LATEST


def within(forecast_days: EndDays, true: int) -> bool:
    return (forecast_days.early or LATEST) <= true <= (forecast_days.late or LATEST)


@pytest.mark.breadth
@pytest.mark.shared_data
def test_on_real_use_it_is_nearer_than_a_straight_line_and_than_last_week(traces: Path) -> None:
    daily = daily_seconds(traces / "philly-as-sacct" / "sacct.psv.gz")
    assert sum(sum(used) for used in daily.values()) == pytest.approx(3_521_082_502, abs=15 * 110)
    asked = list(cases(daily, LEAST_DAYS))
    forecasts = [end_days(case.known, case.left, LATEST) for case in asked]

    def missed(days: list[int]) -> float:
        return sum(abs(day - case.true) for day, case in zip(days, asked, strict=True)) / len(asked)

    forecast = missed([days.likely or LATEST for days in forecasts])
    straight = missed([at_rate(case.known, case.left) for case in asked])
    last_week = missed([at_rate(case.known[-7:], case.left) for case in asked])
    inside = sum(within(days, case.true) for days, case in zip(forecasts, asked, strict=True))
    assert len(asked) == 24
    assert (forecast, straight, last_week) == (
        pytest.approx(4.3, abs=0.4), pytest.approx(148 / 24), pytest.approx(133 / 24)
    )  # fmt: skip
    assert 16 <= inside <= 21, "about 80 % are meant to lie in the range"
