"""Which observations are taken in: of registered devices, at possible instants, within range."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from metering.calendar import HOUR_MS, Calendar, Period
from metering.landing import interval_kernel as kernel
from metering.landing.anomalies import Anomalies
from metering.landing.samples import Mask, Samples, integers, read_values
from metering.registry.registry import Device
from metering.sources.reading.batch import Quarantined

COLLECTION_SLACK_MS = 60_000
INSTANT_MS_MAX = 4_102_444_800_000  # 2100
BUSY_PPM_MAX = 1_000_000
SHOWN = 1000  # refused rows of one reason that are kept one by one
VALUES = ("busy_ppm", "power_mw", "energy_mj", "memory_mib", "busy_cycles", "total_cycles")


@dataclass(frozen=True, slots=True)
class Bounds:
    """The instants that can be: from `first_ms` to `last_ms`, both allowed."""

    first_ms: int
    last_ms: int


def bounds(hold_ms: int, collected_to_ms: int | None, window: Period | None) -> Bounds:
    """From `hold` before the window to a minute after collection (METERING 7)."""
    first = 0 if window is None else window.start_ms - hold_ms
    last = INSTANT_MS_MAX if collected_to_ms is None else collected_to_ms + COLLECTION_SLACK_MS
    return Bounds(first, last)


@dataclass(frozen=True, slots=True)
class Admitted:
    """Samples as they came, their names numbered by `uids` and `sets` and their days by `days`."""

    samples: Samples
    day: npt.NDArray[np.int32]
    uids: Sequence[str]
    sets: Sequence[str]  # "" first
    days: Sequence[date]
    quarantined: Sequence[Quarantined]
    refused: int


def admit(
    observations: pa.Table,
    devices: Mapping[str, Sequence[Device]],
    between: Bounds,
    calendar: Calendar,
    anomalies: Anomalies,
) -> Admitted:
    """The observations of `devices` (stays by uid) that can be; the rest is refused and counted."""
    numbers, uids = _numbered(observations.column("device_uid"))
    at = integers(observations, "sampled_ms", np.int64)
    refusals = _Refusals(observations, at, anomalies, calendar)
    wild = (at < between.first_ms) | (at > between.last_ms)
    refusals.refuse("clock", wild)
    strange = ~wild & ~_registered(numbers, at, [devices.get(uid, ()) for uid in uids])
    refusals.refuse_devices(strange, numbers, uids)
    bad = ~wild & ~strange & _out_of_range(observations)
    refusals.refuse("range", bad)
    good = ~(wild | strange | bad)
    if not good.all():
        observations = observations.filter(pa.array(good))
        numbers = numbers[good]
    codes, names = _numbered(observations.column("workload"))
    sets = ["", *sorted({canonical(name) for name in names} - {""})]
    order = {name: code for code, name in enumerate(sets)}
    translate = np.array([order[canonical(name)] for name in names], np.int32)
    workload = translate[codes] if len(names) else codes
    samples = _board_only(read_values(observations, numbers, workload), uids, devices, anomalies)
    _other_models(observations, numbers, uids, devices, anomalies)
    day, days = _days(samples.at, calendar)
    return Admitted(samples, day, uids, sets, days, refusals.rows, refusals.count)


def canonical(workloads: str) -> str:
    """A workload set as sorted lines of `kind:name`, each once."""
    members = {member for member in workloads.split("\n") if member}
    return "\n".join(sorted(m if ":" in m else f":{m}" for m in members))


def _numbered(column: pa.ChunkedArray) -> tuple[kernel.Int32s, list[str]]:
    """A column of names as numbers and the names by number; null is the empty name."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(pa.string())
    encoded = pc.fill_null(column, "").combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    return np.asarray(encoded.indices.to_numpy(), np.int32), encoded.dictionary.to_pylist()


def _registered(
    numbers: kernel.Int32s, at: kernel.Int64s, stays: Sequence[Sequence[Device]]
) -> Mask:
    """Which rows lie in a stay of their device: from its installation to its removal."""
    inside = np.zeros(len(numbers), np.bool_)
    for turn in range(max(map(len, stays), default=0)):
        own = [stay[turn] if turn < len(stay) else None for stay in stays]
        since = np.array([d.installed_ms if d else INSTANT_MS_MAX for d in own], np.int64)
        until = np.array([_removed(d) if d else 0 for d in own], np.int64)
        inside |= (at >= since[numbers]) & (at < until[numbers])
    return inside


def _removed(device: Device) -> int:
    return INSTANT_MS_MAX + 1 if device.removed_ms is None else device.removed_ms


def _out_of_range(observations: pa.Table) -> Mask:
    wrong = np.zeros(observations.num_rows, np.bool_)
    for name in VALUES:
        column = observations.column(name)
        if column.null_count < len(column):
            wrong |= _true(pc.less(column, 0))
    return wrong | _true(pc.greater(observations.column("busy_ppm"), BUSY_PPM_MAX))


def _true(mask: pa.ChunkedArray) -> Mask:
    return np.asarray(pc.fill_null(mask, False).to_numpy(), np.bool_)


def _board_only(
    samples: Samples,
    uids: Sequence[str],
    devices: Mapping[str, Sequence[Device]],
    anomalies: Anomalies,
) -> Samples:
    """Energy and power belong to the board: a slice's copy of them is left out (METERING 5)."""
    is_slice = np.array([any(d.parent for d in devices.get(uid, ())) for uid in uids], np.bool_)
    if not is_slice.any():
        return samples
    copies = is_slice[samples.device] & ((samples.power >= 0) | (samples.energy >= 0))
    for number in np.unique(samples.device[copies]):
        count = int(np.count_nonzero(copies & (samples.device == number)))
        anomalies.count("slice_energy", None, uids[number], count)
    power, energy = np.where(copies, -1, samples.power), np.where(copies, -1, samples.energy)
    return replace(samples, power=power, energy=energy)


def _other_models(
    observations: pa.Table,
    numbers: kernel.Int32s,
    uids: Sequence[str],
    devices: Mapping[str, Sequence[Device]],
    anomalies: Anomalies,
) -> None:
    """Count the rows whose exporter names another model than the registry."""
    models, names = _numbered(observations.column("model"))
    if names in ([], [""]):
        return
    counts = np.bincount(numbers.astype(np.int64) * len(names) + models)
    pairs = np.flatnonzero(counts)
    for pair, count in zip(pairs.tolist(), counts[pairs].tolist(), strict=True):
        uid, said = uids[pair // len(names)], names[pair % len(names)]
        registered = {device.model for device in devices.get(uid, ())}
        if said and said not in registered:
            anomalies.count(
                "other_model", None, uid, count, said=said, own=", ".join(sorted(registered))
            )


def _days(at: kernel.Int64s, calendar: Calendar) -> tuple[npt.NDArray[np.int32], list[date]]:
    """Each instant's accounting day, as a number into the days."""
    if not len(at):
        return np.empty(0, np.int32), []
    hours = at // HOUR_MS
    first = int(hours.min())
    present = np.flatnonzero(np.bincount(hours - first))
    of_hour = [calendar.day_of((first + int(hour)) * HOUR_MS) for hour in present]
    days = sorted(set(of_hour))
    number = {day: n for n, day in enumerate(days)}
    table = np.zeros(int(present[-1]) + 1, np.int32)
    table[present] = [number[day] for day in of_hour]
    return table[hours - first], days


class _Refusals:
    """Rows not taken, with their place and reason."""

    def __init__(
        self, observations: pa.Table, at: kernel.Int64s, anomalies: Anomalies, calendar: Calendar
    ) -> None:
        self.observations, self.at = observations, at
        self.anomalies, self.calendar = anomalies, calendar
        self.rows: list[Quarantined] = []
        self.count = 0

    def refuse(self, reason: str, mask: Mask) -> None:
        """Refuse rows one by one; beyond SHOWN they are only counted."""
        places = np.flatnonzero(mask)
        if not len(places):
            return
        self.count += len(places)
        self.anomalies.count("quarantined_samples", None, reason, len(places))
        for row in self.observations.take(pa.array(places[:SHOWN])).to_pylist():
            text = " ".join(f"{k}={v}" for k, v in row.items() if v not in (None, ""))
            self.rows.append(Quarantined(f"{row['device_uid']} {row['sampled_ms']}", reason, text))
        if len(places) > SHOWN:
            self.rows.append(Quarantined("", reason, f"and {len(places) - SHOWN} rows more"))

    def refuse_devices(self, mask: Mask, numbers: kernel.Int32s, uids: Sequence[str]) -> None:
        """Refuse the rows of devices not registered at that instant, a device at a time."""
        devices, counts = np.unique(numbers[mask], return_counts=True)
        for number, count in zip(devices.tolist(), counts.tolist(), strict=True):
            own = self.at[mask & (numbers == number)]
            first, last = self.calendar.iso(int(own.min())), self.calendar.iso(int(own.max()))
            text = f"{count} samples from {first} to {last}"
            self.rows.append(Quarantined(uids[number], "unregistered device", text))
            self.anomalies.count("unregistered_device", None, uids[number], count)
            self.count += count
