"""Intervals of a shard: derived from ordered samples and the state before them (METERING 9-11)."""

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from metering.landing import interval_kernel as kernel
from metering.landing.samples import Mask, Samples


@dataclass(frozen=True, slots=True)
class Intervals:
    """Columns of equal length, -1 where a value is missing; a dark row holds no time."""

    device: kernel.Int32s
    start: kernel.Int64s
    held: kernel.Int32s
    workload: kernel.Int32s
    busy: kernel.Int32s
    energy: kernel.Int64s  # uJ
    memory: kernel.Int32s
    dark: kernel.Int8s

    def __len__(self) -> int:
        return int(self.start.size)

    def take(self, rows: npt.NDArray[np.int64] | Mask) -> "Intervals":
        """The rows asked for, in that order."""
        return Intervals(*(getattr(self, column.name)[rows] for column in fields(self)))

    def joined(self, *others: "Intervals") -> "Intervals":
        """These rows and then the others'."""
        parts = [part for part in (self, *others) if len(part)]
        if len(parts) < 2:
            return parts[0] if parts else self
        return Intervals(
            *(np.concatenate([getattr(p, c.name) for p in parts]) for c in fields(self))
        )

    def ordered(self) -> "Intervals":
        """The rows by device, start and darkness."""
        if not len(self):
            return self
        base = int(self.start.min())
        span = int(self.start.max()) - base + 1
        key = (self.device.astype(np.int64) * span + (self.start - base)) * 2 + self.dark
        if bool(np.all(key[1:] > key[:-1])):
            return self
        rows = np.argsort(key, kind="stable")
        moved = np.flatnonzero(rows != np.arange(rows.size))  # mostly few
        columns = [getattr(self, column.name).copy() for column in fields(self)]
        for column in columns:
            column[moved] = column[rows[moved]]
        return Intervals(*columns)

    def rows(self) -> set[tuple[int, ...]]:
        """Every row as a tuple: for a few rows only."""
        return set(zip(*(getattr(self, c.name).tolist() for c in fields(self)), strict=True))


def no_intervals() -> Intervals:
    """No row."""
    wide, narrow, tiny = np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.int8)
    return Intervals(narrow, wide, narrow, narrow, narrow, wide, narrow, tiny)


def no_state(devices: int) -> kernel.Int64s:
    """The state of devices never seen."""
    return np.full((devices, 7), -1, np.int64)


@dataclass(frozen=True, slots=True)
class Derived:
    """A day's intervals, the state after it, and each device's tally (columns of the kernel)."""

    intervals: Intervals
    state: kernel.Int64s
    tally: kernel.Int64s


def derive(
    samples: Samples,
    state: kernel.Int64s,
    limit_w: kernel.Int64s,
    hold_ms: int,
    returns: kernel.Int64s | None = None,
) -> Derived:
    """The intervals that ordered, unique samples vouch for after `state`, which is not changed.

    `returns` has a row a device: when it came back after it was removed, -1 where it did not.
    """
    returns = np.full((len(state), 0), -1, np.int64) if returns is None else returns
    after = state.copy()
    tally = np.zeros((len(state), 3), np.int64)
    filled = replace(samples, busy=samples.busy.copy())  # with what cycles tell, where they do
    parts: list[Intervals] = []
    first, room = 0, len(samples) + len(samples) // 50 + 4 * len(state) + 64
    while first < len(samples):
        out_row, out_start = np.empty(room, np.int64), np.empty(room, np.int64)
        out_held, out_energy = np.empty(room, np.int32), np.empty(room, np.int64)
        out_dark = np.empty(room, np.int8)
        out = (out_row, out_start, out_held, out_energy, out_dark)
        given = (filled.device, filled.at, filled.busy, filled.power, filled.energy, filled.cycles)
        upto, n = kernel.derive(first, *given, limit_w, returns, hold_ms, after, tally, *out)
        parts.append(
            _gathered(
                filled, out_row[:n], out_start[:n], out_held[:n], out_energy[:n], out_dark[:n]
            )
        )
        room = room if upto > first else room * 2
        first = upto
    if not samples.cycles.shape[1]:
        _forget_cycles(after, samples)
    return Derived(no_intervals().joined(*parts), after, tally)


def _forget_cycles(state: kernel.Int64s, samples: Samples) -> None:
    """Devices whose samples tell no cycles have none, as one such sample among others does."""
    cycles = state[:, kernel.BUSY_CYCLES :]
    if (cycles >= 0).any():
        seen = np.zeros(len(state), np.bool_)
        seen[samples.device] = True
        cycles[seen] = -1


def _gathered(
    samples: Samples,
    row: kernel.Int64s,
    start: kernel.Int64s,
    held: kernel.Int32s,
    energy: kernel.Int64s,
    dark: kernel.Int8s,
) -> Intervals:
    """The rows with what their samples say; on a dark row only the energy is known."""
    workload, busy, memory = samples.workload[row], samples.busy[row], samples.memory[row]
    hidden = np.flatnonzero(dark)
    workload[hidden], busy[hidden], memory[hidden] = 0, -1, -1
    return Intervals(samples.device[row], start, held, workload, busy, energy, memory, dark)


def settled(intervals: Intervals, begin: kernel.Int64s, end: kernel.Int64s) -> Mask:
    """Which stored rows stem from samples up to `begin` or after `end`, and so still hold.

    What lies between is derived again. A dark row reaches back to the counter before it, any other
    row to the sample before it.
    """
    marks = np.where(intervals.dark == 1, kernel.COUNTER_MS, kernel.SAMPLED_MS)
    before = begin[intervals.device, marks]
    after = end[intervals.device, marks]
    return np.asarray((intervals.start < before) | ((after >= 0) & (intervals.start >= after)))
