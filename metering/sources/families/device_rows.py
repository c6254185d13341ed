"""Values of series, gathered into rows of one device and instant."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from metering.sources.families.device_rows_kernel import DEVICE, STUCK, UNLIKE, by_series, merge
from metering.sources.families.family import FIELDS
from metering.sources.families.series import ExportedDevice, Series
from metering.sources.reading.schemas import OBSERVATION

Int64s = npt.NDArray[np.int64]
BUSY = FIELDS.index("busy_ppm")
HALF_BUSY_PPM = 500_000
ATTRIBUTES = ("parent", "slice", "model", "node")


@dataclass(frozen=True, slots=True)
class Outside:
    """A device, and one of its metrics that was out of its range."""

    uid: str
    metric: str
    bounds: str


class Observed:
    """What an exposition says, value by value; `table` makes rows of it.

    Copies of one value become one; a copy that differs gets a row of its own, so that landing
    can take the larger and say so. The workloads of all copies make one sorted set. What is told
    core by core becomes the mean of the cores that spoke, or their sum where all of them did.
    """

    def __init__(self) -> None:
        self.stuck: tuple[str, ...] = ()  # after `table`: devices whose best busy metric may lie
        self.incomplete = 0  # after `table`: values of sums that lack a core, or have one too many
        self.outside: dict[Outside, int] = {}  # since it was last told: when each was first so
        self._code, self._at, self._value = array("q"), array("q"), array("q")
        self._many: list[tuple[Int64s, Int64s, Int64s]] = []
        self._series: list[tuple[int, int, int, int, int, int]] = []
        self._devices: list[ExportedDevice] = []
        self._by_uid: dict[str, list[int]] = {}
        self._workloads: dict[str, int] = {"": 0}
        self._parts: dict[str, int] = {"": 0}

    def series(self, series: Series) -> int:
        """The number under which the values of a series are added."""
        device = self._device(series.device)
        workload = self._workloads.setdefault(series.workload, len(self._workloads))
        part = self._parts.setdefault(series.part, len(self._parts))
        field = FIELDS.index(series.metric.field)
        cores = series.metric.cores.get(series.device.model, 0)
        self._series.append((device, field, series.metric.rank, workload, part, cores))
        return len(self._series) - 1

    def add(self, series: int, at_ms: int, value: int) -> None:
        """Add one value, in its field's unit."""
        self._code.append(series)
        self._at.append(at_ms)
        self._value.append(value)

    def add_many(self, series: Int64s, at_ms: Int64s, values: Int64s) -> None:
        """Add values, in their fields' units."""
        self._many.append((series, at_ms, values))

    def refuse(self, series: Series, at_ms: int) -> None:
        """Note that a device said something out of a metric's range."""
        outside = Outside(series.device.uid, series.metric.name, series.range_text)
        self.outside[outside] = min(at_ms, self.outside.get(outside, at_ms))

    def __len__(self) -> int:
        return len(self._code) + sum(len(code) for code, _, _ in self._many)

    def table(self) -> pa.Table:
        """The rows since the last call, in an observation's schema, by device and instant."""
        self.stuck, self.incomplete = (), 0
        if not len(self):
            return OBSERVATION.empty_table()
        code, at, value = self._taken()
        series = np.array(self._series, np.int64)
        bounds, moments, ordered = by_series(code, at, value, len(series))
        order = np.argsort(series[:, DEVICE], kind="stable")
        limits = np.array([len(self._devices), self._fields, BUSY, HALF_BUSY_PPM], np.int64)
        rows, *columns, states = merge(series, order, bounds, moments, ordered, limits)
        device, instant, values, workload = (column[..., :rows] for column in columns)
        uids = {self._devices[number].uid for number in np.flatnonzero(states == STUCK).tolist()}
        self.stuck = tuple(sorted(uids))
        names: Sequence[str] = list(self._workloads)
        unlike = (states == UNLIKE)[series[code, DEVICE]]
        if unlike.any():
            compared = self._compared(series.T, code[unlike], at[unlike], value[unlike])
            *others, names = compared
            device, instant, values, workload = (
                np.concatenate(both, axis=-1)
                for both in zip((device, instant, values, workload), others, strict=True)
            )
        sets = pa.DictionaryArray.from_arrays(pa.array(workload, pa.int32()), pa.array(names))
        return self._columns(device, instant, values, sets)

    def _compared(
        self, series: Int64s, code: Int64s, at: Int64s, value: Int64s
    ) -> tuple[Int64s, Int64s, Int64s, Int64s, Sequence[str]]:
        """Devices, instants, values and workloads of rows whose copies have to be compared, and
        the names of the workloads."""
        device, field, rank, workload, part, cores = series
        row, first = _rows(device[code], at)
        sets, names = self._sets(row, workload[code], len(first))
        rows = [np.arange(len(first))]
        values = np.full((self._fields, len(first)), -1, np.int64)
        extra: list[Int64s] = []
        field = field[code]
        for number in range(self._fields):
            own = np.flatnonzero(field == number)
            which = code[own]
            joint, odd = _joint(row[own], rank[which], part[which], cores[which], value[own])
            own_row, own_rank, own_value = joint
            self.incomplete += odd
            best, others = _preferred(own_row, own_rank, own_value)
            values[number, own_row[best]] = own_value[best]
            if number == BUSY:
                self._find_stuck(device[code][first], values[number], *joint)
            if len(others):
                copies = np.full((self._fields, len(others)), -1, np.int64)
                copies[number] = own_value[others]
                extra.append(copies)
                rows.append(own_row[others])
        which = np.concatenate(rows)
        columns = (device[code][first][which], at[first][which])
        return *columns, np.concatenate([values, *extra], axis=1), sets[which], names

    @property
    def _fields(self) -> int:
        """How many of the fields may have values: those after the last that has are left out."""
        return 1 + max(field for _, field, *_ in self._series)

    def _device(self, device: ExportedDevice) -> int:
        """The number of a device; what one series leaves out of it another may say."""
        known = self._by_uid.setdefault(device.uid, [])
        for number in known:
            joined = _joined(self._devices[number], device)
            if joined is not None:
                self._devices[number] = joined
                return number
        known.append(len(self._devices))
        self._devices.append(device)
        return known[-1]

    def _taken(self) -> tuple[Int64s, Int64s, Int64s]:
        """All that was added, taken out: numbers of series, instants, values."""
        singly = tuple(np.array(column, np.int64) for column in (self._code, self._at, self._value))
        code, at, value = (np.concatenate(parts) for parts in zip(singly, *self._many, strict=True))
        self._code, self._at, self._value = array("q"), array("q"), array("q")
        self._many = []
        return code, at, value

    def _find_stuck(
        self, device: Int64s, chosen: Int64s, row: Int64s, rank: Int64s, value: Int64s
    ) -> None:
        """Devices whose preferred busy metric only ever said 0 where another said half or more.

        Such a metric may have stopped counting; which of the two is right nobody can tell here.
        """
        highest = np.full(len(chosen), -1, np.int64)
        np.maximum.at(highest, row, value)
        doubted = np.unique(device[(chosen == 0) & (highest >= HALF_BUSY_PPM)])
        moved = np.unique(device[chosen > 0])
        uids = {self._devices[number].uid for number in np.setdiff1d(doubted, moved).tolist()}
        self.stuck = tuple(sorted({*self.stuck, *uids}))

    def _columns(
        self, device: Int64s, at: Int64s, values: Int64s, workload: pa.DictionaryArray
    ) -> pa.Table:
        columns: dict[str, pa.Array] = {"sampled_ms": pa.array(at), "workload": workload}
        for attribute, column in zip(("uid", *ATTRIBUTES), OBSERVATION.names[:5], strict=True):
            names = pa.array([getattr(device, attribute) for device in self._devices], pa.string())
            coded = names.dictionary_encode()
            codes = coded.indices.to_numpy()[device]
            columns[column] = pa.DictionaryArray.from_arrays(pa.array(codes), coded.dictionary)
        for number, name in enumerate(FIELDS):
            kind = OBSERVATION.field(name).type
            if number >= len(values):
                columns[name] = pa.nulls(len(at), kind)
                continue
            own = values[number]
            whole = pa.int8() if kind == pa.bool_() else kind
            columns[name] = pa.array(own, whole, mask=own < 0).cast(kind)
        return pa.table([columns[name] for name in OBSERVATION.names], schema=OBSERVATION)

    def _sets(self, row: Int64s, workload: Int64s, rows: int) -> tuple[Int64s, Sequence[str]]:
        """Each row's set of workloads as a number, and the sets by number."""
        names = list(self._workloads)
        sets = np.zeros(rows, np.int64)
        named = workload > 0
        sets[row[named]] = workload[named]
        several = np.zeros(rows, np.bool_)
        several[row[named & (sets[row] != workload)]] = True
        named &= several[row]
        own, member = np.divmod(np.unique(row[named] * len(names) + workload[named]), len(names))
        starts = np.flatnonzero(np.diff(own, prepend=-1))
        known = {name: number for number, name in enumerate(names)}
        for start, length in zip(starts, np.diff(starts, append=len(own)), strict=True):
            members = sorted(names[code] for code in member[start : start + length])
            sets[own[start]] = known.setdefault("\n".join(members), len(known))
        return sets, list(known)


def _joined(device: ExportedDevice, other: ExportedDevice) -> ExportedDevice | None:
    """Two descriptions of a device as one, None where they contradict each other."""
    if device == other:
        return device
    pairs = {name: (getattr(device, name), getattr(other, name)) for name in ATTRIBUTES}
    if any(a and b and a != b for a, b in pairs.values()):
        return None
    return replace(device, **{name: a or b for name, (a, b) in pairs.items()})


def _rows(device: Int64s, at: Int64s) -> tuple[Int64s, Int64s]:
    """The row of each value, one a device and instant, and the first value of each row."""
    span = int(at.max() - at.min()) + 1  # 2000 to 2100 at most, times millions of devices: 64 bits
    key = device * span + (at - at.min())
    order = np.argsort(key, kind="stable")
    fresh = np.ones(len(order), np.bool_)
    fresh[1:] = np.diff(key[order]) != 0
    row = np.empty(len(order), np.int64)
    row[order] = np.cumsum(fresh) - 1
    return row, order[fresh]


def _joint(
    row: Int64s, rank: Int64s, part: Int64s, cores: Int64s, value: Int64s
) -> tuple[tuple[Int64s, Int64s, Int64s], int]:
    """Rows, ranks and values, what is told by part as one value a row and rank; and how many
    values are left out for that.

    That is the mean, rounded down; or the sum where `cores` says how many parts it has, and none
    where more or fewer spoke. Of copies of one part, as pods of a card have one, the larger counts.
    """
    cut = part > 0
    if not cut.any():
        return (row, rank, value), 0
    order = np.lexsort((-value[cut], part[cut], rank[cut], row[cut]))
    keys = np.stack([column[cut][order] for column in (row, rank, part)])
    amount, wanted = value[cut][order], cores[cut][order]
    single = np.ones(len(order), np.bool_)
    single[1:] = (np.diff(keys) != 0).any(axis=0)
    keys, amount, wanted = keys[:2, single], amount[single], wanted[single]
    head = np.ones(len(amount), np.bool_)
    head[1:] = (np.diff(keys) != 0).any(axis=0)
    starts = np.flatnonzero(head)
    sums, spoke = np.add.reduceat(amount, starts), np.diff(starts, append=len(amount))
    wanted = wanted[starts]
    joint = np.where(wanted == 0, sums // spoke, sums)
    good = (wanted == 0) | (wanted == spoke)
    columns = (
        np.concatenate([row[~cut], keys[0, starts][good]]),
        np.concatenate([rank[~cut], keys[1, starts][good]]),
        np.concatenate([value[~cut], joint[good]]),
    )
    return columns, int(spoke[~good].sum())


def _preferred(row: Int64s, rank: Int64s, value: Int64s) -> tuple[Int64s, Int64s]:
    """Of the values of one field: each row's best (smallest rank, then largest), and others.

    Others are of the same rank and another value, each value once; further ranks are left out.
    """
    if len(row) == 0 or np.bincount(row).max() == 1:
        return np.arange(len(row)), np.zeros(0, np.int64)
    order = np.lexsort((-value, rank, row))
    row, rank, value = row[order], rank[order], value[order]
    head = np.diff(row, prepend=-1) != 0
    lead = np.maximum.accumulate(np.where(head, np.arange(len(row)), 0))
    repeated = np.zeros(len(row), np.bool_)
    repeated[1:] = (row[1:] == row[:-1]) & (value[1:] == value[:-1])
    others = ~head & (rank == rank[lead]) & ~repeated
    return order[head], order[others]
