"""Owns how fast limits are used: what was used of each day by day, of late. It only reads."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from billing.quota.limits_on_day import LimitState
from billing.simulate.months_as_they_stand import ChainMonth, chain
from billing.subsidy.award_terms import grants
from billing.subsidy.caps import RunningUse
from billing.subsidy.subsidise import MonthRun
from metering.calendar import days_after, month_of
from metering.site.open_site import OpenSite, Progress, silent

PaceKey = tuple[str, ...]  # of a balance, without the year: a pace goes on over the year's end

HISTORY_DAYS = 84  # twelve weeks; longer histories told no more on a real trace (DECISIONS)


@dataclass(frozen=True, slots=True)
class Paces:
    """What was used of limits from a day on, day by day, in their whole units. `unknown` are the
    days on which usage of some section is missing."""

    first: date
    last: date
    unknown: frozenset[date]
    used: Mapping[PaceKey, Mapping[date, int]]

    def of(self, state: LimitState) -> tuple[int | None, ...] | None:
        """Daily use of a limit since its first use, None on unknown days; None for a limit that
        begins anew each day or month, and so has no end to tell."""
        key = _key_of(state)
        if key is None:
            return None
        used = self.used.get(key, {})
        begun = min((day for day, amount in used.items() if amount), default=None)
        if begun is None:
            return ()
        days = (date.fromordinal(n) for n in range(begun.toordinal(), self.last.toordinal() + 1))
        return tuple(None if day in self.unknown else used.get(day, 0) for day in days)


def paces(opened: OpenSite, last: date, progress: Progress = silent) -> Paces:
    """The use of all limits in the days up to one."""
    first = days_after(last, 1 - HISTORY_DAYS)
    begins = max(month_of(first), opened.site.first_month)
    return paces_of(chain(opened, begins, month_of(last), progress), first, last)


def paces_of(months: Iterable[ChainMonth], first: date, last: date) -> Paces:
    """The same, of months in a row that hold these days or some of them."""
    used: dict[PaceKey, dict[date, int]] = defaultdict(dict)
    unknown: set[date] = set()
    for month in months:
        unknown |= {day for _, day in month.missing}
        in_force, _ = grants(month.registry, month.book, month.calendar.month_days(month.month))
        run = MonthRun(month.book, in_force, RunningUse.opening(month.opening, month.filed))
        before = dict(run.standing.used)
        charges = sorted(month.charges, key=lambda charge: charge.day)
        for day, of_day in groupby(charges, key=lambda charge: charge.day):
            if day > last:
                break
            run.advance(of_day)
            if day >= first:
                for key, amount in run.standing.used.items():
                    if gone := amount - before.get(key, 0):
                        days = used[_pace_key(key)]
                        days[day] = days.get(day, 0) + gone
            before = dict(run.standing.used)
    return Paces(first, last, frozenset(unknown), used)


def _pace_key(key: tuple[str, ...]) -> PaceKey:
    return key[:-1] if key[0] in ("company_year", "budget") else key


def _key_of(state: LimitState) -> PaceKey | None:
    match state.kind:
        case "quota":
            return ("quota", state.award_id, state.unit)
        case "award":
            return ("award", state.award_id)
        case "company_year":
            return ("company_year", state.programme, state.company_id)
        case "budget":
            return ("budget", state.programme, state.funding)
        case "level" | "award_month" | "programme":
            return None
