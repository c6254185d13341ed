"""Samples to intervals: takes observations in, refuses what cannot be, lands shard by shard."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import numpy as np
import pyarrow as pa

from metering.calendar import Period
from metering.errors import JeongsanError
from metering.finding import Finding
from metering.lake.change import Change
from metering.lake.lake import Lake
from metering.landing import interval_kernel as kernel
from metering.landing.admission import Admitted, admit, bounds
from metering.landing.anomalies import Anomalies
from metering.landing.derivation import Derivation, Reached
from metering.landing.samples import Samples, collapsed, order
from metering.landing.shard import DeviceFacts, Shard
from metering.registry.registry import NO_SHARD, Device, Registry
from metering.settings.sections import Cluster
from metering.settings.site_toml import Site
from metering.sources.families.family import family
from metering.sources.reading.batch import Quarantined


@dataclass(frozen=True, slots=True)
class Landed:
    """What came of observations; rows refused for one reason are summed up when they are many."""

    odd: Anomalies
    quarantined: tuple[Quarantined, ...]
    rows: int  # taken in, copies included
    refused: int  # not taken in

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found odd."""
        return self.odd.findings()


def land_samples(
    lake: Lake,
    change: Change,
    cluster: Cluster,
    site: Site,
    registry: Registry,
    observations: pa.Table,
    collected_to_ms: int | None,
    window: Period | None = None,
) -> Landed:
    """Land observations (sources/reading/schemas.py) and derive every interval that they change.

    `collected_to_ms` is the moment of collection and `window` the time asked for; instants far
    outside them are refused (METERING 7). Any order and any batching give the same partitions.
    """
    calendar = site.calendar
    day = None if window is None else calendar.day_of(window.start_ms)
    anomalies = Anomalies(cluster.name, day)
    devices = stays(registry, cluster)
    between = bounds(cluster.hold_ms, collected_to_ms, window)
    admitted = admit(observations, devices, between, calendar, anomalies)
    landing = _Landing(lake, change, cluster, site, devices, anomalies)
    shards = np.array(
        [devices[u][0].shard if u in devices else -1 for u in admitted.uids], np.int64
    )
    present = np.bincount(admitted.samples.device, minlength=len(shards)) > 0
    for number in np.unique(shards[present]).tolist():
        landing.land(number, admitted, shards)
    taken = len(admitted.samples)
    return Landed(anomalies, tuple(admitted.quarantined), taken, admitted.refused)


def rederive(
    lake: Lake,
    change: Change,
    cluster: Cluster,
    site: Site,
    registry: Registry,
    shards: Collection[int] | None = None,
) -> tuple[Finding, ...]:
    """Derive every interval and carry of a cluster, or of some of its shards, again from its
    samples alone."""
    anomalies = Anomalies(cluster.name, None)
    landing = _Landing(lake, change, cluster, site, stays(registry, cluster), anomalies)
    sampled = {int(p["shard"]) for p in lake.partitions("sample", cluster=cluster.name)}
    for number in sorted(sampled if shards is None else sampled & {*shards}):
        landing.again(number)
    return anomalies.findings()


def stays(registry: Registry, cluster: Cluster) -> dict[str, list[Device]]:
    """The registered stays of a cluster's devices, by uid."""
    by_place: dict[str, list[Device]] = {}
    for device in registry.devices:
        if device.cluster != cluster.name:
            continue
        if device.shard == NO_SHARD:
            raise JeongsanError(f"device {device.device_uid} has no shard: run `jeongsan load`")
        by_place.setdefault(device.device_uid, []).append(device)
    return by_place


class _Landing:
    """Where one cluster's samples go."""

    def __init__(
        self,
        lake: Lake,
        change: Change,
        cluster: Cluster,
        site: Site,
        devices: Mapping[str, Sequence[Device]],
        anomalies: Anomalies,
    ) -> None:
        self.lake, self.change, self.cluster = lake, change, cluster
        self.calendar, self.devices, self.anomalies = site.calendar, devices, anomalies
        self.limits = power_limits(cluster)

    def land(self, number: int, admitted: Admitted, shards: kernel.Int64s) -> None:
        """Land what was admitted of one shard."""
        own = np.flatnonzero(shards[admitted.samples.device] == number)
        day = admitted.day[own]
        present = np.flatnonzero(np.bincount(day)).tolist()
        shard = self._shard(number, admitted.days[present[0]])
        code = np.array([shard.code.get(uid, -1) for uid in admitted.uids], np.int32)
        device = code[admitted.samples.device[own]]
        rows, stepped = order(device, admitted.samples.at[own], len(shard.uids))
        fresh = {}
        for present_day in present:
            counts = np.bincount(device[stepped[day[stepped] == present_day]])
            self._count("clock_step_back", shard, admitted.days[present_day], counts)
            some = rows if len(present) == 1 else rows[day[rows] == present_day]
            coded = self._coded(shard, admitted, own[some], device[some])
            unique, differing = collapsed(coded, len(shard.uids), shard.unite)
            self._count("differing_copies", shard, admitted.days[present_day], differing)
            fresh[admitted.days[present_day]] = unique
        run = Derivation(shard, self.change, fresh, self.calendar, self.cluster.hold_ms)
        self._report(shard, run.run())
        self._unlimited(shard, fresh)

    def _coded(
        self, shard: Shard, admitted: Admitted, rows: kernel.Int64s, device: kernel.Int32s
    ) -> Samples:
        """Admitted rows with their names by the shard's codes."""
        some = admitted.samples.take(rows)
        workload = np.array([shard.set_of(name) for name in admitted.sets], np.int32)
        return replace(some, device=device, workload=workload[some.workload])

    def again(self, number: int) -> None:
        """Derive all of one shard again."""
        shard = self._shard(number, date.min)
        days = shard.days("sample")
        none = shard.samples(days[0]).take(slice(0, 0))
        edges = {days[0]: none, days[-1]: none}
        run = Derivation(shard, self.change, edges, self.calendar, self.cluster.hold_ms, whole=True)
        self._report(shard, run.run())

    def _shard(self, number: int, since: date) -> Shard:
        own = [stays for stays in self.devices.values() if stays[0].shard == number]
        facts = [_facts(stays, self.limits) for stays in own]
        return Shard(self.lake, self.cluster.name, number, facts, since)

    def _report(self, shard: Shard, reached: Reached) -> None:
        for day, tally in reached.tallies.items():
            self._count("counter_reset", shard, day, tally[:, kernel.RESETS])
            self._count("impossible_counter", shard, day, tally[:, kernel.IMPOSSIBLE])
            self._count("unusable_cycles", shard, day, tally[:, kernel.UNUSABLE])
            self._count("differing_copies", shard, day, reached.differing[day])

    def _unlimited(self, shard: Shard, fresh: Mapping[date, Samples]) -> None:
        """Say which models' counters could not be checked against a power limit."""
        for day, samples in fresh.items():
            metered = np.unique(samples.device[samples.energy >= 0])
            for code in metered[shard.limit_w[metered] < 0]:
                self.anomalies.count("power_limit_unknown", day, shard.facts[code].model, 1)

    def _count(self, kind: str, shard: Shard, day: date, counts: kernel.Int64s) -> None:
        for code in np.flatnonzero(counts):
            self.anomalies.count(kind, day, shard.uids[code], int(counts[code]))


def power_limits(cluster: Cluster) -> Mapping[str, int]:
    """Watts by model, as the families of a cluster's exporters know them."""
    names = {s.family for s in cluster.sources if s.record == "sample" and s.family}
    return {model: w for name in sorted(names) for model, w in family(name).power_limit_w.items()}


def _facts(own: Sequence[Device], limits: Mapping[str, int]) -> DeviceFacts:
    """The registry's facts of a device, of several stays the last; a limit may be its model's."""
    last = max(own, key=lambda device: device.installed_ms)
    names = (last.device_uid, last.parent, last.slice, last.model, last.node)
    limit_w = limits.get(last.model) if last.power_limit_w is None else last.power_limit_w
    stays = sorted(own, key=lambda device: device.installed_ms)
    returned = tuple(b.installed_ms for a, b in pairwise(stays) if a.removed_ms != b.installed_ms)
    return DeviceFacts(*names, power_limit_w=limit_w, returned_ms=returned)
