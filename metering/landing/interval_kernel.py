"""The loops over samples: their order, their copies, and intervals with their energy.

A missing value is -1 throughout. State is one row a device; its columns are named below.
"""

import numba as nb
import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Int8s = npt.NDArray[np.int8]
Number = int | np.int64

# columns of the state
SAMPLED_MS, POWER_MS, POWER_MW, COUNTER_MS, COUNTER_MJ, BUSY_CYCLES, TOTAL_CYCLES = range(7)
RESETS, IMPOSSIBLE, UNUSABLE = range(3)  # columns of the tally
HOUR_MS = 3_600_000
CLOCK_SLACK_MS = 60_000  # how far a counter may run ahead of its device's power limit
RISE_MJ_MAX = 9_000_000_000_000_000  # beyond this, uJ do not fit 64 bits
RISE_CYCLES_MAX = 900_000_000_000_000_000  # beyond this, tenfold does not fit 64 bits


@nb.njit(nogil=True, cache=True)
def scatter(device: Int32s, at: Int64s, devices: int) -> tuple[Int64s, Int64s, Int8s]:
    """Where the rows of each device lie, the rows in that order, and which of them stepped back.

    Rows of one device keep the order in which they came.
    """
    bounds = np.zeros(devices + 1, np.int64)
    for i in range(device.size):
        bounds[device[i] + 1] += 1
    for d in range(devices):
        bounds[d + 1] += bounds[d]
    place = bounds[:-1].copy()
    rows = np.empty(device.size, np.int64)
    latest = np.full(devices, -1, np.int64)
    back = np.zeros(device.size, np.int8)
    for i in range(device.size):
        d = device[i]
        rows[place[d]] = i
        place[d] += 1
        back[i] = at[i] < latest[d]
        latest[d] = at[i]
    return bounds, rows, back


@nb.njit(nogil=True, cache=True)
def collapse(
    device: Int32s,
    at: Int64s,
    busy: Int32s,
    power: Int64s,
    energy: Int64s,
    memory: Int32s,
    health: Int8s,
    workload: Int32s,
    cycles: Int64s,
    differing: Int64s,
    extra: Int64s,
) -> tuple[int, int]:
    """Collapse sorted rows in place to one a device and instant; the larger value wins.

    Returns the rows kept and the workloads to be united, which are left in `extra` as pairs of
    row and code. `differing` counts copies whose values differ, by device.
    """
    kept = 0
    pairs = 0
    for i in range(1, device.size):
        if device[i] != device[kept] or at[i] != at[kept]:
            kept += 1
            device[kept], at[kept], busy[kept], power[kept] = device[i], at[i], busy[i], power[i]
            energy[kept], memory[kept], health[kept] = energy[i], memory[i], health[i]
            workload[kept] = workload[i]
            cycles[kept] = cycles[i]
            continue
        unlike = _unlike(busy[kept], busy[i]) or _unlike(power[kept], power[i])
        unlike = unlike or _unlike(energy[kept], energy[i]) or _unlike(memory[kept], memory[i])
        for k in range(cycles.shape[1]):
            unlike = unlike or _unlike(cycles[kept, k], cycles[i, k])
            cycles[kept, k] = max(cycles[kept, k], cycles[i, k])
        if unlike or _unlike(health[kept], health[i]):
            differing[device[i]] += 1
        busy[kept] = max(busy[kept], busy[i])
        power[kept] = max(power[kept], power[i])
        energy[kept] = max(energy[kept], energy[i])
        memory[kept] = max(memory[kept], memory[i])
        health[kept] = max(health[kept], health[i])
        if workload[i] != workload[kept]:
            extra[2 * pairs], extra[2 * pairs + 1] = kept, workload[i]
            pairs += 1
    return kept + 1, pairs


@nb.njit(nogil=True, cache=True, inline="always")
def _unlike(a: Number, b: Number) -> bool:
    return bool(a >= 0 and b >= 0 and a != b)


@nb.njit(nogil=True, cache=True, inline="always")
def _share(total: Number, part: Number, whole: Number) -> Number:
    """The floor of total x part / whole, without a product that overflows."""
    return (total // whole) * part + (total % whole) * part // whole


@nb.njit(nogil=True, cache=True)
def derive(
    first: int,
    device: Int32s,
    at: Int64s,
    busy: Int32s,
    power: Int64s,
    energy: Int64s,
    cycles: Int64s,
    limit_w: Int64s,
    returns: Int64s,
    hold_ms: int,
    state: Int64s,
    tally: Int64s,
    out_row: Int64s,
    out_start: Int64s,
    out_held: Int32s,
    out_energy: Int64s,
    out_dark: Int8s,
) -> tuple[int, int]:
    """Intervals of the samples from row `first` on; returns the next sample and the rows written.

    It stops early when the next sample might not fit; the state is all that going on needs. In
    `returns` is when a device came back; `busy` is replaced where cycles tell the share worked.
    """
    n = 0
    for i in range(first, device.size):
        own = state[device[i]]
        t = at[i]
        for k in range(returns.shape[1]):
            if own[SAMPLED_MS] < returns[device[i], k] <= t:
                own[:] = -1  # the first sample of a stay vouches for nothing
        before = own[SAMPLED_MS]
        since = own[COUNTER_MS]
        room = 2 + hold_ms // HOUR_MS
        if since >= 0 and energy[i] >= 0:
            room += 2 + (t - since) // HOUR_MS
        if n + room > out_row.size:
            return i, n
        limit = limit_w[device[i]]
        if cycles.shape[1]:
            share = _worked(own, t, cycles[i], hold_ms, tally[device[i]])
            busy[i] = share if share >= 0 else busy[i]
        amount, hidden = _meter(own, t, power[i], energy[i], limit, hold_ms, tally[device[i]])
        own[SAMPLED_MS] = t
        if hidden >= 0:
            n = _cut(i, since, t, hidden, 1, n, out_row, out_start, out_held, out_energy, out_dark)
        if before >= 0:
            start = max(before, t - hold_ms)
            n = _cut(i, start, t, amount, 0, n, out_row, out_start, out_held, out_energy, out_dark)
    return device.size, n


@nb.njit(nogil=True, cache=True, inline="always")
def _meter(
    own: Int64s,
    t: Number,
    power: Number,
    energy: Number,
    limit_w: Number,
    hold_ms: int,
    tally: Int64s,
) -> tuple[Number, Number]:
    """Take a sample's power and counter into a device's state.

    Returns the energy in uJ since the reading before, -1 for none: seen, and hidden in the dark.
    """
    amount: Number = np.int64(-1)
    hidden: Number = np.int64(-1)
    since = own[COUNTER_MS]
    if since < 0 and power >= 0 and own[POWER_MS] >= 0 and t - own[POWER_MS] <= hold_ms:
        amount = (own[POWER_MW] + power) * (t - own[POWER_MS]) // 2
    if power >= 0:
        own[POWER_MS], own[POWER_MW] = t, power
    if energy < 0:
        return amount, hidden
    if since >= 0:
        fell = energy < own[COUNTER_MJ]
        rise = energy if fell else energy - own[COUNTER_MJ]
        if rise > RISE_MJ_MAX or (limit_w >= 0 and rise > limit_w * (t - since + CLOCK_SLACK_MS)):
            tally[IMPOSSIBLE] += 1
            return amount, hidden
        tally[RESETS] += fell
        if t - since <= hold_ms:
            amount = rise * 1000
        else:
            hidden = rise * 1000
    own[COUNTER_MS], own[COUNTER_MJ] = t, energy
    return amount, hidden


@nb.njit(nogil=True, cache=True, inline="always")
def _worked(own: Int64s, t: Number, cycles: Int64s, hold_ms: int, tally: Int64s) -> Number:
    """Take a sample's cycles into a device's state.

    Returns the share of the cycles since the sample before that were worked in ppm, -1 for none:
    a fall, cycles worked that there were not, and a rise over more than `hold` tell no share.
    """
    busy, total = cycles[0], cycles[1]
    before_busy, before_total = own[BUSY_CYCLES], own[TOTAL_CYCLES]
    known = busy >= 0 and total >= 0
    own[BUSY_CYCLES], own[TOTAL_CYCLES] = (busy, total) if known else (np.int64(-1), np.int64(-1))
    if not known or before_total < 0 or t - own[SAMPLED_MS] > hold_ms:
        return np.int64(-1)
    worked, there = busy - before_busy, total - before_total
    if worked < 0 or worked > there or there > RISE_CYCLES_MAX:
        tally[UNUSABLE] += 1
        return np.int64(-1)
    if there == 0:
        return np.int64(-1)
    ppm: Number = worked // there
    for _ in range(6):  # digit by digit, since a million times the cycles may not fit
        worked = worked % there * 10
        ppm = ppm * 10 + worked // there
    return ppm


@nb.njit(nogil=True, cache=True, inline="always")
def _cut(
    row: int,
    start: Number,
    end: Number,
    total: Number,
    dark: int,
    n: int,
    out_row: Int64s,
    out_start: Int64s,
    out_held: Int32s,
    out_energy: Int64s,
    out_dark: Int8s,
) -> int:
    """Write a span cut at hours; each part gets the floor of its share, the last the remainder."""
    left = total
    at = start
    while at < end:
        until = min(end, (at // HOUR_MS + 1) * HOUR_MS)
        part = left
        if until < end and total >= 0:
            part = _share(total, until - at, end - start)
            left -= part
        out_row[n], out_start[n], out_energy[n], out_dark[n] = row, at, part, dark
        out_held[n] = 0 if dark else until - at
        n += 1
        at = until
    return n
