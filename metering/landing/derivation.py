"""What a shard's new samples change: days derived again as far as the change reaches (METERING 4).

Derivation is a function of the samples alone; `carry` only saves reading older days.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from metering.calendar import HOUR_MS, Calendar
from metering.lake.change import Change
from metering.landing import interval_kernel as kernel
from metering.landing.intervals import Derived, Intervals, derive, no_intervals, no_state, settled
from metering.landing.samples import Samples, collapsed, order
from metering.landing.shard import Shard, ShardDay

DAYS_IN_MEMORY = 2


@dataclass(slots=True)
class Reached:
    """The days derived again, and by day each device's tally and differing copies."""

    begin: kernel.Int64s  # state before the first day
    end: kernel.Int64s  # state after the last day; of devices never seen if no day is left beyond
    to_the_last: bool = True
    states: dict[date, kernel.Int64s] = field(default_factory=dict)  # before each day
    tallies: dict[date, kernel.Int64s] = field(default_factory=dict)
    differing: dict[date, kernel.Int64s] = field(default_factory=dict)
    spilled: dict[date, Intervals] = field(default_factory=dict)  # out of later days, as it is now
    spilled_before: dict[date, Intervals] = field(default_factory=dict)  # as it was


class Derivation:
    """One shard's landing: `fresh` holds new samples by day, ordered and collapsed."""

    def __init__(
        self,
        shard: Shard,
        change: Change,
        fresh: Mapping[date, Samples],
        calendar: Calendar,
        hold_ms: int,
        whole: bool = False,
    ) -> None:
        """With `whole`, nothing derived before is kept; `fresh` names the first and last day."""
        self.shard, self.change, self.fresh = shard, change, fresh
        self.calendar, self.hold_ms, self.whole = calendar, hold_ms, whole
        self.stored_days = set(shard.days("sample", min(fresh)))
        self._near: dict[date, tuple[Samples, Derived]] = {}

    def run(self) -> Reached:
        """Derive as far as the change reaches and replace what differs."""
        reached = self._walk()
        touched = {*reached.spilled, *reached.spilled_before}
        if self.whole:
            touched |= set(self.shard.days("interval"))
        else:
            spills = (reached.spilled, reached.spilled_before)
            touched = {day for day in touched if _rows(spills[0], day) != _rows(spills[1], day)}
        for day in sorted({*reached.states, *touched}):
            self._write(day, reached)
        self.change.record(self.shard.guard)
        return reached

    def _walk(self) -> Reached:
        """Go forward until the state is the one that the next day was derived from before."""
        now = before = state_before(self.shard, self.change, min(self.fresh), self.hold_ms)
        reached = Reached(begin=now, end=no_state(len(now)))
        last = max(self.fresh)
        for day in sorted({*self.fresh, *self.stored_days}):
            if day > last and np.array_equal(now, before):
                reached.to_the_last = False
                break
            stored = self.shard.samples(day) if day in self.stored_days else None
            merged, differing = self._merged(day, stored)
            derived = self._derive(merged, now)
            if stored is not None:
                was = self._derive(stored, before)
                self._spill(day, was.intervals, reached.spilled_before)
                before = was.state
            self._spill(day, derived.intervals, reached.spilled)
            reached.states[day], reached.tallies[day] = now, derived.tally
            reached.differing[day] = differing
            now = derived.state
            self._near[day] = merged, derived
            if len(self._near) > DAYS_IN_MEMORY:
                del self._near[min(self._near)]
        if not reached.to_the_last:
            reached.end = now
        return reached

    def _merged(self, day: date, stored: Samples | None) -> tuple[Samples, kernel.Int64s]:
        """A day's samples in force with the new ones, and each device's copies that differ."""
        devices = len(self.shard.uids)
        fresh = self.fresh.get(day)
        if stored is None or fresh is None:
            only = stored if fresh is None else fresh
            assert only is not None
            return only, np.zeros(devices, np.int64)
        both = stored.joined(fresh)
        rows, _ = order(both.device, both.at, devices)
        return collapsed(both.take(rows), devices, self.shard.unite)

    def _spill(self, day: date, intervals: Intervals, into: dict[date, Intervals]) -> None:
        """Put what lies before a day with the day that it lies in."""
        start_ms = self.calendar.day(day).start_ms
        early = intervals.take(np.flatnonzero(intervals.start < start_ms))
        hours = early.start // HOUR_MS
        days = {int(hour): self.calendar.day_of(int(hour) * HOUR_MS) for hour in np.unique(hours)}
        for other in sorted(set(days.values())):
            own = np.isin(hours, [hour for hour, spilled_to in days.items() if spilled_to == other])
            into[other] = into.get(other, no_intervals()).joined(early.take(own))

    def _write(self, day: date, reached: Reached) -> None:
        """Replace a day: what is derived, and what is stored of samples outside the reach."""
        shard, parts = self.shard, [reached.spilled.get(day, no_intervals())]
        if day in reached.states:
            near = self._near.pop(day) if day in self._near else None
            samples, derived = near or self._again(day, reached)
            start_ms = self.calendar.day(day).start_ms
            own = derived.intervals.start >= start_ms
            parts.insert(0, derived.intervals if own.all() else derived.intervals.take(own))
            shard.write_carry(self.change, day, derived.state)
        else:
            samples = shard.samples(day)
        alone = self.whole or (day in reached.states and reached.to_the_last)
        if not alone:
            stored = shard.intervals(day)
            parts.append(stored.take(settled(stored, reached.begin, reached.end)))
        shard.write(self.change, day, ShardDay(samples, parts[0].joined(*parts[1:])))

    def _again(self, day: date, reached: Reached) -> tuple[Samples, Derived]:
        stored = self.shard.samples(day) if day in self.stored_days else None
        samples, _ = self._merged(day, stored)
        return samples, self._derive(samples, reached.states[day])

    def _derive(self, samples: Samples, state: kernel.Int64s) -> Derived:
        return derive(samples, state, self.shard.limit_w, self.hold_ms, self.shard.returns)


def state_before(shard: Shard, change: Change, day: date, hold_ms: int) -> kernel.Int64s:
    """The state that a day's samples follow: the last carry before it, rebuilt where it is lost."""
    earlier = [known for known in shard.days("sample") if known < day]
    lost: list[date] = []
    state = no_state(len(shard.uids))
    while earlier:
        carried = shard.carry(earlier[-1])
        if carried is not None:
            state = carried
            break
        lost.append(earlier.pop())
    for lost_day in reversed(lost):
        state = derive(shard.samples(lost_day), state, shard.limit_w, hold_ms, shard.returns).state
        shard.write_carry(change, lost_day, state)
    return state


def _rows(spilled: Mapping[date, Intervals], day: date) -> set[tuple[int, ...]]:
    return spilled.get(day, no_intervals()).rows()
