"""The loop that joins a device's series, each in order of time, into rows of one instant."""

# mypy: disallow-untyped-decorators=False

import numba as nb
import numpy as np

from metering.sources.reading.number_kernel import Int8s, Int64s

DEVICE, FIELD, RANK, WORKLOAD, PART = range(5)  # columns of a series
PLAIN, STUCK, UNLIKE = range(3)  # what a device is found to be; UNLIKE is left to be compared
ABSENT = -1
NEVER = 2**63 - 1


@nb.njit(nogil=True, cache=True)
def by_series(code: Int64s, at: Int64s, value: Int64s, count: int) -> tuple[Int64s, Int64s, Int64s]:
    """Where the values of each series lie, then instants and values in that order."""
    bounds = np.zeros(count + 1, np.int64)
    for i in range(code.size):
        bounds[code[i] + 1] += 1
    for n in range(count):
        bounds[n + 1] += bounds[n]
    place = bounds[:-1].copy()
    instants, values = np.empty_like(at), np.empty_like(value)
    for i in range(code.size):
        instants[place[code[i]]], values[place[code[i]]] = at[i], value[i]
        place[code[i]] += 1
    return bounds, instants, values


@nb.njit(nogil=True, cache=True)
def merge(
    series: Int64s, order: Int64s, bounds: Int64s, at: Int64s, value: Int64s, limits: Int64s
) -> tuple[int, Int64s, Int64s, Int64s, Int64s, Int8s]:
    """Join series into rows; `order` has them device by device. `limits` are the numbers of devices
    and of fields, the field of busy, and what its value is at half load.

    Gives how many rows there are; their devices, instants, values by field and workloads; and
    what each device is. A device has no rows here where copies must be compared: two values of one
    field, rank and instant, two workloads of one instant, parts of a mean, or steps back in time.
    """
    states = np.zeros(limits[0], np.int8)
    device, instant = np.empty(at.size, np.int64), np.empty(at.size, np.int64)
    workload, values = np.empty(at.size, np.int64), np.empty((limits[1], at.size), np.int64)
    rows = 0
    begin = 0
    while begin < order.size:
        own = series[order[begin], DEVICE]
        end = begin
        while end < order.size and series[order[end], DEVICE] == own:
            end += 1
        many, states[own] = _merge_device(
            series, order[begin:end], bounds, at, value, limits, rows, instant, workload, values
        )
        device[rows : rows + many] = own
        rows += many
        begin = end
    return rows, device, instant, values, workload, states


@nb.njit(nogil=True, cache=True)
def _earliest(own: Int64s, head: Int64s, bounds: Int64s, at: Int64s) -> int:
    now = NEVER
    for n in range(own.size):
        if head[n] < bounds[own[n] + 1] and at[head[n]] < now:
            now = at[head[n]]
    return now


@nb.njit(nogil=True, cache=True)
def _merge_device(
    series: Int64s,
    own: Int64s,
    bounds: Int64s,
    at: Int64s,
    value: Int64s,
    limits: Int64s,
    row: int,
    instant: Int64s,
    workload: Int64s,
    values: Int64s,
) -> tuple[int, int]:
    """Write one device's rows from `row` on; how many there are, and what the device is."""
    first = row
    head = bounds[own].copy()
    rank = np.empty(limits[1], np.int64)
    doubted = moved = False
    while True:
        now = _earliest(own, head, bounds, at)
        if now == NEVER:
            break
        instant[row], workload[row] = now, 0
        values[:, row] = ABSENT
        highest = np.int64(ABSENT)
        for n in range(own.size):
            i = head[n]
            if i == bounds[own[n] + 1] or at[i] != now:
                continue
            column = series[own[n]]
            field = column[FIELD]
            if column[PART] > 0:
                return 0, UNLIKE
            if values[field, row] == ABSENT or column[RANK] < rank[field]:
                values[field, row], rank[field] = value[i], column[RANK]
            elif column[RANK] == rank[field] and values[field, row] != value[i]:
                return 0, UNLIKE
            if field == limits[2]:
                highest = max(highest, value[i])
            if column[WORKLOAD] > 0 and workload[row] > 0 and column[WORKLOAD] != workload[row]:
                return 0, UNLIKE
            workload[row] = max(workload[row], column[WORKLOAD])
            head[n] += 1
            if head[n] < bounds[own[n] + 1] and at[head[n]] <= now:
                return 0, UNLIKE
        doubted = doubted or (values[limits[2], row] == 0 and highest >= limits[3])
        moved = moved or values[limits[2], row] > 0
        row += 1
    return row - first, STUCK if doubted and not moved else PLAIN
