"""Samples of a shard as columns of integers: read, ordered, and one row a device and instant."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from metering.landing import interval_kernel as kernel

Mask = npt.NDArray[np.bool_]
CYCLES = ("busy_cycles", "total_cycles")
Whole = TypeVar("Whole", bound=np.signedinteger)


@dataclass(frozen=True, slots=True)
class Samples:
    """Columns of equal length, -1 where a value is missing; names are codes of their shard."""

    device: kernel.Int32s
    at: kernel.Int64s  # instants, ms
    busy: kernel.Int32s
    power: kernel.Int64s
    energy: kernel.Int64s
    memory: kernel.Int32s
    health: kernel.Int8s
    workload: kernel.Int32s  # 0 for none
    cycles: kernel.Int64s  # a column each for those worked and for all; none where nobody has any

    def __len__(self) -> int:
        return int(self.at.size)

    def take(self, rows: npt.NDArray[np.int64] | Mask | slice) -> "Samples":
        """The rows asked for, in that order."""
        return Samples(*(getattr(self, column.name)[rows] for column in fields(self)))

    def joined(self, other: "Samples") -> "Samples":
        """These rows and then the other's."""
        if not len(other):
            return self
        pairs = [(getattr(self, c.name), getattr(other, c.name)) for c in fields(self)]
        pairs[-1] = (_with_cycles(self, other), _with_cycles(other, self))
        return Samples(*(np.concatenate(pair) for pair in pairs))


def _with_cycles(samples: Samples, other: Samples) -> kernel.Int64s:
    """The cycles of samples, missing ones where only the other has any."""
    if samples.cycles.shape[1] >= other.cycles.shape[1]:
        return samples.cycles
    return np.full((len(samples), len(CYCLES)), -1, np.int64)


def read_values(table: pa.Table, device: kernel.Int32s, workload: kernel.Int32s) -> Samples:
    """Samples out of a table with the value columns of `sample`, its names already coded."""
    return Samples(
        device=device,
        at=integers(table, "sampled_ms", np.int64),
        busy=integers(table, "busy_ppm", np.int32),
        power=integers(table, "power_mw", np.int64),
        energy=integers(table, "energy_mj", np.int64),
        memory=integers(table, "memory_mib", np.int32),
        health=integers(table, "health_ok", np.int8),
        workload=workload,
        cycles=_cycles(table),
    )


def _cycles(table: pa.Table) -> kernel.Int64s:
    """The counters of cycles side by side; no column at all where they are null throughout."""
    if all(table.column(name).null_count == table.num_rows for name in CYCLES):
        return np.empty((table.num_rows, 0), np.int64)
    return np.stack([integers(table, name, np.int64) for name in CYCLES], axis=1)


def integers(table: pa.Table, column: str, kind: type[Whole]) -> npt.NDArray[Whole]:
    """A column as integers, -1 for null."""
    values = table.column(column)
    if pa.types.is_boolean(values.type):
        values = values.cast(pa.int8())
    if values.null_count:
        values = pc.fill_null(values, -1)
    return np.asarray(values.to_numpy(), dtype=kind)


def order(
    device: kernel.Int32s, at: kernel.Int64s, devices: int
) -> tuple[kernel.Int64s, kernel.Int64s]:
    """The rows by device and instant, and those whose instant lay before the device's last."""
    bounds, rows, back = kernel.scatter(device, at, devices)
    stepped = np.flatnonzero(back)
    for stepping in np.unique(device[stepped]):
        own = slice(bounds[stepping], bounds[stepping + 1])
        rows[own] = rows[own][np.argsort(at[rows[own]], kind="stable")]
    return rows, stepped


def collapsed(
    samples: Samples, devices: int, unite: Callable[[int, int], int]
) -> tuple[Samples, kernel.Int64s]:
    """One row a device and instant out of ordered samples, and each device's differing copies.

    The larger value wins, field by field; `unite` gives the code of two workload sets together.
    """
    differing = np.zeros(devices, np.int64)
    same = (samples.at[1:] == samples.at[:-1]) & (samples.device[1:] == samples.device[:-1])
    copies = int(np.count_nonzero(same))
    if not copies:
        return samples, differing
    own = replace(samples, **{c.name: getattr(samples, c.name).copy() for c in fields(samples)})
    extra = np.empty(2 * copies, np.int64)
    columns = (own.device, own.at, own.busy, own.power, own.energy, own.memory)
    given = (*columns, own.health, own.workload, own.cycles)
    kept, pairs = kernel.collapse(*given, differing, extra)
    _unite(own.workload, extra[: 2 * pairs].reshape(-1, 2), unite)
    return own.take(slice(0, kept)), differing


def _unite(workload: kernel.Int32s, pairs: kernel.Int64s, unite: Callable[[int, int], int]) -> None:
    """Unite further workloads into their rows, one a row and round, each pair of sets once."""
    while len(pairs):
        _, first = np.unique(pairs[:, 0], return_index=True)
        rows, codes = pairs[first, 0], pairs[first, 1]
        known, which = np.unique(
            np.stack([workload[rows], codes], axis=1), axis=0, return_inverse=True
        )
        united = np.array([unite(int(a), int(b)) for a, b in known], np.int32)
        workload[rows] = united[which.reshape(-1)]
        pairs = np.delete(pairs, first, axis=0)
