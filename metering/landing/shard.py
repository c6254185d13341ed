"""One shard of a cluster: codes for its names, and its days read from and written to the lake.

In memory a name is a code; in a partition it is the rank among the names of that day, with the
dictionary beside it, so that bytes do not depend on what came when.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from metering.database.tables import manifest_head as head
from metering.errors import ConflictError
from metering.lake.change import Change
from metering.lake.lake import Lake
from metering.lake.manifest import parse_path
from metering.lake.manifest_store import newest_version
from metering.landing import interval_kernel as kernel
from metering.landing.intervals import Intervals, no_state
from metering.landing.samples import CYCLES, Mask, Samples, integers, read_values

READ = ("sample", "interval", "carry")


class ShardGuard:
    """What was read of one shard from a day on; called in the transaction that ends the change.

    A lake compares the partitions that a change writes; a derivation also rests on days that it
    only read, and on days that were not there.
    """

    def __init__(self, lake: Lake, cluster: str, shard: int) -> None:
        """Make it before reading."""
        self._key = {"cluster": cluster, "shard": str(shard)}
        self.since = date.min
        with lake.database.read() as connection:
            self._began = newest_version(connection)

    def __call__(self, connection: sa.Connection) -> None:
        """ConflictError if another change moved one of the shard's partitions meanwhile."""
        own = newest_version(connection)  # every head that the change itself moved carries it
        query = sa.select(head.c.table_name, head.c.partition).where(
            head.c.table_name.in_(READ), head.c.version > self._began, head.c.version < own
        )
        for row in connection.execute(query):
            partition = parse_path(row.partition)
            day = partition.pop("date")
            if partition == self._key and day >= self.since.isoformat():
                raise ConflictError(
                    f"{row.table_name}/{row.partition} was changed by another run; run this again"
                )


STATE_COLUMNS = ("sampled_ms", "power_ms", "power_mw", "counter_ms", "counter_mj", *CYCLES)
TABLES = ("sample", "interval", "device", "workload", "carry")


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What is known of a device beside its samples; power_limit_w is None where nobody says.

    returned_ms are the instants at which it came back after it was removed.
    """

    device_uid: str
    parent: str
    slice: str
    model: str
    node: str
    power_limit_w: int | None
    returned_ms: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ShardDay:
    """A day's samples and intervals, by the shard's codes."""

    samples: Samples
    intervals: Intervals


class Shard:
    """The names and the days of one shard."""

    def __init__(
        self, lake: Lake, cluster: str, number: int, known: Iterable[DeviceFacts], since: date
    ) -> None:
        """Codes cover the devices known, and those that days from `since` on or carry name."""
        self.lake, self.cluster, self.number = lake, cluster, number
        self.guard = ShardGuard(lake, cluster, number)
        facts = {device.device_uid: device for device in known}
        before = self._last_day_before(since)
        if before is not None and lake.manifest("carry", **self.partition(before)) is None:
            before = self.days("sample")[0]  # the cache is lost: older days are read again
        self.guard.since = before or since
        stored = lake.read("device", **self._key, date_from=before or since)
        names = ["device_uid", "parent", "slice", "model", "node"]
        for row in stored.select(names).to_pylist():
            facts.setdefault(row["device_uid"], DeviceFacts(**row, power_limit_w=None))
        for uid in self._carried(before).column("device_uid").to_pylist():
            facts.setdefault(uid, DeviceFacts(uid, "", "", "", "", None))
        self.uids = sorted(facts)
        self.code = {uid: code for code, uid in enumerate(self.uids)}
        self.facts = [facts[uid] for uid in self.uids]
        limits = (fact.power_limit_w for fact in self.facts)
        self.limit_w = np.array([-1 if w is None else w for w in limits], np.int64)
        most = max((len(fact.returned_ms) for fact in self.facts), default=0)
        self.returns = np.full((len(self.facts), most), -1, np.int64)
        for row, fact in zip(self.returns, self.facts, strict=True):
            row[: len(fact.returned_ms)] = fact.returned_ms
        self.sets = [""]
        self.set_code = {"": 0}

    @property
    def _key(self) -> dict[str, str]:
        return {"cluster": self.cluster, "shard": str(self.number)}

    def partition(self, day: date) -> dict[str, str]:
        """The partition of a day."""
        return {**self._key, "date": day.isoformat()}

    def set_of(self, name: str) -> int:
        """The code of a workload set, written as sorted lines."""
        if name not in self.set_code:
            self.set_code[name] = len(self.sets)
            self.sets.append(name)
        return self.set_code[name]

    def unite(self, a: int, b: int) -> int:
        """The code of two sets together."""
        members = {*self.sets[a].split("\n"), *self.sets[b].split("\n")} - {""}
        return self.set_of("\n".join(sorted(members)))

    def days(self, table: str, since: date | None = None) -> list[date]:
        """The days in force of a table."""
        partitions = self.lake.partitions(table, **self._key, date_from=since)
        return sorted(date.fromisoformat(partition["date"]) for partition in partitions)

    def samples(self, day: date) -> Samples:
        """A day's samples in force."""
        key = self.partition(day)
        table = self.lake.read("sample", **key)
        devices, sets = self._dictionaries(day)
        return read_values(
            table,
            devices[integers(table, "device_id", np.int32)],
            sets[integers(table, "workload_id", np.int32)],
        )

    def intervals(self, day: date) -> Intervals:
        """A day's intervals in force."""
        table = self.lake.read("interval", **self.partition(day))
        devices, sets = self._dictionaries(day)
        return Intervals(
            device=devices[integers(table, "device_id", np.int32)],
            start=integers(table, "started_ms", np.int64),
            held=integers(table, "held_ms", np.int32),
            workload=sets[integers(table, "workload_id", np.int32)],
            busy=integers(table, "busy_ppm", np.int32),
            energy=integers(table, "energy_uj", np.int64),
            memory=integers(table, "memory_mib", np.int32),
            dark=integers(table, "dark", np.int8),
        )

    def _dictionaries(self, day: date) -> tuple[kernel.Int32s, kernel.Int32s]:
        """The codes of a day's device ids and workload ids, by id."""
        device = self.lake.read("device", **self.partition(day))
        codes = np.zeros(device.num_rows + 1, np.int32)
        uids = device.column("device_uid").to_pylist()
        codes[integers(device, "device_id", np.int32)] = [self.code[uid] for uid in uids]
        workload = self.lake.read("workload", **self.partition(day))
        members: dict[int, list[str]] = {}
        columns = (workload.column(name).to_pylist() for name in ("workload_id", "kind", "name"))
        for number, kind, name in zip(*columns, strict=True):
            members.setdefault(number, []).append(f"{kind}:{name}")
        sets = np.zeros(len(members) + 1, np.int32)
        for number, names in members.items():
            sets[number] = self.set_of("\n".join(sorted(names)))
        return codes, sets

    def _last_day_before(self, day: date) -> date | None:
        earlier = [sampled for sampled in self.days("sample") if sampled < day]
        return earlier[-1] if earlier else None

    def _carried(self, day: date | None) -> pa.Table:
        if day is None:
            return self.lake.read("carry", **self._key, date_to="0001-01-01")
        return self.lake.read("carry", **self.partition(day))

    def carry(self, day: date) -> kernel.Int64s | None:
        """The state after a day as it is cached, or None."""
        table = self._carried(day)
        if not table.num_rows:
            return None
        state = no_state(len(self.uids))
        rows = [self.code[uid] for uid in table.column("device_uid").to_pylist()]
        for number, name in enumerate(STATE_COLUMNS):
            state[rows, number] = integers(table, name, np.int64)
        return state

    def write_carry(self, change: Change, day: date, state: kernel.Int64s) -> None:
        """Cache the state after a day."""
        seen = np.flatnonzero(state[:, kernel.SAMPLED_MS] >= 0)
        columns = {"device_uid": pa.array([self.uids[code] for code in seen], pa.string())}
        for number, name in enumerate(STATE_COLUMNS):
            columns[name] = nullable(state[seen, number])
        change.replace("carry", self.partition(day), pa.table(columns))

    def write(self, change: Change, day: date, derived: ShardDay) -> None:
        """Replace a day's tables; a table without rows is no partition."""
        samples, intervals = derived.samples, derived.intervals.ordered()
        used = _used(len(self.uids), samples.device, intervals.device)
        sets = _used(len(self.sets), samples.workload, intervals.workload)
        named = [code for code in np.flatnonzero(sets).tolist() if code]
        named.sort(key=self.sets.__getitem__)
        device_id = np.cumsum(used, dtype=np.int32)
        workload_id = np.zeros(len(self.sets), np.int32)
        workload_id[named] = np.arange(1, len(named) + 1)
        tables = {
            "device": self._device_table(np.flatnonzero(used).tolist()),
            "workload": self._workload_table(named),
            "sample": _sample_table(samples, device_id, workload_id),
            "interval": _interval_table(intervals, device_id, workload_id),
        }
        for table, rows in tables.items():
            if rows.num_rows:
                change.replace(table, self.partition(day), rows)
            else:
                change.remove(table, self.partition(day))

    def _device_table(self, codes: Sequence[int]) -> pa.Table:
        facts = [self.facts[code] for code in codes]
        names = ("device_uid", "parent", "slice", "model", "node")
        columns: Mapping[str, pa.Array] = {
            name: pa.array([getattr(fact, name) for fact in facts], pa.string()) for name in names
        }
        return pa.table({"device_id": pa.array(range(1, len(facts) + 1), pa.int32()), **columns})

    def _workload_table(self, codes: Sequence[int]) -> pa.Table:
        rows = [
            (number, *member.split(":", 1))
            for number, code in enumerate(codes, start=1)
            for member in self.sets[code].split("\n")
        ]
        names = (("workload_id", pa.int32()), ("kind", pa.string()), ("name", pa.string()))
        return pa.table(
            {name: pa.array([row[i] for row in rows], kind) for i, (name, kind) in enumerate(names)}
        )


def _used(size: int, *codes: kernel.Int32s) -> Mask:
    used = np.zeros(size, np.bool_)
    for some in codes:
        used[some] = True
    return used


def nullable(values: kernel.Int64s | kernel.Int32s) -> pa.Array:
    """An Arrow column, null where a value is -1."""
    missing = values < 0
    return pa.array(values, mask=missing if missing.any() else None)


def _sample_table(
    samples: Samples, device_id: kernel.Int32s, workload_id: kernel.Int32s
) -> pa.Table:
    return pa.table(
        {
            "device_id": device_id[samples.device],
            "sampled_ms": samples.at,
            "busy_ppm": nullable(samples.busy),
            "power_mw": nullable(samples.power),
            "energy_mj": nullable(samples.energy),
            "memory_mib": nullable(samples.memory),
            "workload_id": workload_id[samples.workload],
            "health_ok": pa.array(samples.health == 1, mask=samples.health < 0),
            **_cycle_columns(samples),
        }
    )


def _cycle_columns(samples: Samples) -> dict[str, pa.Array]:
    if not samples.cycles.shape[1]:
        return {name: pa.nulls(len(samples), pa.int64()) for name in CYCLES}
    return {name: nullable(samples.cycles[:, n]) for n, name in enumerate(CYCLES)}


def _interval_table(
    intervals: Intervals, device_id: kernel.Int32s, workload_id: kernel.Int32s
) -> pa.Table:
    return pa.table(
        {
            "device_id": device_id[intervals.device],
            "started_ms": intervals.start,
            "held_ms": intervals.held,
            "workload_id": workload_id[intervals.workload],
            "busy_ppm": nullable(intervals.busy),
            "energy_uj": nullable(intervals.energy),
            "memory_mib": nullable(intervals.memory),
            "dark": intervals.dark == 1,
        }
    )
