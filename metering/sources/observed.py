"""Values of series, gathered into rows of one device and instant."""

from array import array
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from metering.sources.family import FIELDS
from metering.sources.schemas import OBSERVATION
from metering.sources.series import Device, Series

Int64s = npt.NDArray[np.int64]


class Observed:
    """What an exposition says, value by value; `table` makes rows of it.

    Copies of one value become one; a copy that differs gets a row of its own, so that landing
    can take the larger and say so. The workloads of all copies make one sorted set.
    """

    def __init__(self) -> None:
        self._code = array("q")
        self._at = array("q")
        self._value = array("q")
        self._series: list[tuple[int, int, int, int]] = []  # device, field, rank, workload
        self._devices: dict[Device, int] = {}
        self._workloads: dict[str, int] = {"": 0}

    def series(self, series: Series) -> int:
        """The number under which the values of a series are added."""
        device = self._devices.setdefault(series.device, len(self._devices))
        workload = self._workloads.setdefault(series.workload, len(self._workloads))
        field = FIELDS.index(series.metric.field)
        self._series.append((device, field, series.metric.rank, workload))
        return len(self._series) - 1

    def add(self, series: int, at_ms: int, value: int) -> None:
        """Add one value, in its field's unit."""
        self._code.append(series)
        self._at.append(at_ms)
        self._value.append(value)

    def table(self) -> pa.Table:
        """The rows, in the schema of an observation, by device and instant."""
        if not self._code:
            return OBSERVATION.empty_table()
        code, at, value = (np.array(one, np.int64) for one in (self._code, self._at, self._value))
        device, field, rank, workload = np.array(self._series, np.int64)[code].T
        order = np.lexsort((at, device))
        fresh = np.ones(len(order), np.bool_)
        fresh[1:] = (np.diff(at[order]) != 0) | (np.diff(device[order]) != 0)
        row = np.empty(len(order), np.int64)
        row[order] = np.cumsum(fresh) - 1
        first = order[fresh]
        sets, names = self._sets(row, workload, len(first))
        rows = [np.arange(len(first))]
        values = np.full((len(FIELDS), len(first)), -1, np.int64)
        extra: list[Int64s] = []
        for number in range(len(FIELDS)):
            own = np.flatnonzero(field == number)
            best, others = _preferred(row[own], rank[own], value[own])
            values[number, row[own[best]]] = value[own[best]]
            if len(others):
                copies = np.full((len(FIELDS), len(others)), -1, np.int64)
                copies[number] = value[own[others]]
                extra.append(copies)
                rows.append(row[own[others]])
        which = np.concatenate(rows)
        return self._columns(
            device[first][which],
            at[first][which],
            np.concatenate([values, *extra], axis=1),
            pa.DictionaryArray.from_arrays(pa.array(sets[which], pa.int32()), pa.array(names)),
        )

    def _columns(
        self, device: Int64s, at: Int64s, values: Int64s, workload: pa.DictionaryArray
    ) -> pa.Table:
        codes = pa.array(device, pa.int32())
        columns: dict[str, pa.Array] = {"sampled_ms": pa.array(at), "workload": workload}
        for attribute, column in zip(
            ("uid", "parent", "slice", "model", "node"), OBSERVATION.names[:5], strict=True
        ):
            names = [getattr(one, attribute) for one in self._devices]
            columns[column] = pa.array(names, pa.string()).take(codes).dictionary_encode()
        for name, own in zip(FIELDS, values, strict=True):
            columns[name] = pa.array(own, OBSERVATION.field(name).type, mask=own < 0)
        columns["health_ok"] = pa.nulls(len(at), pa.bool_())
        return pa.table([columns[name] for name in OBSERVATION.names], schema=OBSERVATION)

    def _sets(self, row: Int64s, workload: Int64s, rows: int) -> tuple[Int64s, Sequence[str]]:
        """Each row's set of workloads as a number, and the sets by number."""
        names = list(self._workloads)
        sets = np.zeros(rows, np.int64)
        named = workload > 0
        pairs = np.unique(np.stack([row[named], workload[named]], axis=1), axis=0)
        starts = np.flatnonzero(np.diff(pairs[:, 0], prepend=-1))
        lengths = np.diff(starts, append=len(pairs))
        sets[pairs[starts, 0]] = pairs[starts, 1]
        known = {name: number for number, name in enumerate(names)}
        for start, length in zip(starts[lengths > 1], lengths[lengths > 1], strict=True):
            members = sorted(names[code] for code in pairs[start : start + length, 1])
            united = "\n".join(members)
            sets[pairs[start, 0]] = known.setdefault(united, len(known))
        return sets, list(known)


def _preferred(row: Int64s, rank: Int64s, value: Int64s) -> tuple[Int64s, Int64s]:
    """Of the values of one field: each row's best (smallest rank, then largest), and others.

    Others are of the same rank and another value, each value once; further ranks are left out.
    """
    order = np.lexsort((-value, rank, row))
    row, rank, value = row[order], rank[order], value[order]
    head = np.diff(row, prepend=-1) != 0
    lead = np.maximum.accumulate(np.where(head, np.arange(len(row)), 0))
    repeated = np.zeros(len(row), np.bool_)
    repeated[1:] = (row[1:] == row[:-1]) & (value[1:] == value[:-1])
    others = ~head & (rank == rank[lead]) & ~repeated
    return order[head], order[others]
