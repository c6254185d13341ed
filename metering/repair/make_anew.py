"""Makes broken partitions anew in a copy of the site: collected, derived and metered again."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from metering.calendar import days_after
from metering.collect.collect import collect
from metering.database.tables import manifest_head as head
from metering.errors import JeongsanError
from metering.lake.inspection import Partition
from metering.lake.lake import Lake
from metering.lake.manifest import Manifest, parse_path
from metering.landing.land import rederive
from metering.landing.shard import TABLES as BY_SHARD
from metering.settings.sections import Cluster
from metering.site.open_site import OpenSite, Progress, silent
from metering.usage.meter import meter
from metering.usage.outdated_days import LABELS

NAMES = ("sample", "device", "workload")  # of which none can be read without the others
DERIVED = ("interval", "carry")  # of samples alone
USAGE = (LABELS, "device_hour", "evidence_hour", "capacity_hour", "usage_hour", "usage_day")
MONEY = ("charge", "subsidy")


@dataclass(frozen=True, slots=True)
class Anew:
    """What a partition came to when it was made again; None where nothing came."""

    partition: Partition
    manifest: Manifest | None

    @property
    def same(self) -> bool:
        """Whether it is what it was, byte for byte."""
        return self.manifest is not None and self.manifest.digest == self.partition.manifest

    @property
    def landed(self) -> bool:
        """Whether it comes from sources, and is not counted or priced from them."""
        return self.partition.table not in (*USAGE, *MONEY)


def reached(broken: Iterable[Partition], in_force: Collection[Partition]) -> set[Partition]:
    """The broken partitions, and those in force that cannot be read without one of them: samples
    name devices and workloads by numbers that are local to their day (METERING 27)."""
    broken = set(broken)
    days = {partition.path for partition in broken if partition.table in NAMES}
    shards = {p for p in in_force if p.table in BY_SHARD and p.path in days}
    return broken | shards


def make_anew(
    scratch: OpenSite, lost: Collection[Partition], progress: Progress = silent
) -> tuple[list[Anew], list[str]]:
    """What partitions that are not in force in a copy of a site come to, in their order; and what
    went wrong with sources. Money is made anew by who knows months."""
    problems: list[str] = []
    names = {section.name for section in scratch.site.sections}
    for cluster in sorted(_clusters(lost) & names):
        own = [partition for partition in lost if _cluster(partition) == cluster]
        problems += _collect(scratch, cluster, own, progress)
        problems += _derive(scratch, cluster, own)
        problems += _meter(scratch, cluster, own, progress)
    entries = [Anew(partition, _now(scratch.lake, partition)) for partition in sorted(lost)]
    return _with_ground(entries), problems


def _with_ground(entries: Sequence[Anew]) -> list[Anew]:
    """The same, but that what was made without something that is gone, and is not what it was, is
    made of too little: it is gone too."""
    gone = [entry.partition for entry in entries if entry.manifest is None and entry.landed]
    shards = _shards(gone)
    days = {
        (_cluster(partition), days_after(day, step))
        for partition in gone
        if (day := _day(partition)) is not None
        for step in (-1, 0, 1)  # a day beside may be counted from it too
    }
    return [
        Anew(entry.partition, None)
        if not entry.same
        and (
            _shards([entry.partition]) & shards
            or (not entry.landed and (_cluster(entry.partition), _day(entry.partition)) in days)
        )
        else entry
        for entry in entries
    ]


def moved(site: OpenSite, scratch: OpenSite, anew: Iterable[Anew]) -> Iterator[Partition]:
    """The landed partitions that a copy has otherwise than the site, of the sections of which some
    were made again; none of a shard of which something is gone."""
    landed = [entry for entry in anew if entry.landed]
    sections = {_cluster(entry.partition) for entry in landed}
    gone = _shards(entry.partition for entry in landed if entry.manifest is None)
    before, after = _heads(site), _heads(scratch)
    for (table, path), digest in sorted(after.items()):
        if digest is None or before.get((table, path)) == digest:
            continue
        partition = Partition(table, path, digest)
        own = table not in (*USAGE, *MONEY) and _cluster(partition) in sections
        if own and not _shards([partition]) & gone:
            yield partition


def _shards(partitions: Iterable[Partition]) -> set[tuple[str, str]]:
    """The shards that partitions are of, with their clusters."""
    keys = (parse_path(partition.path) for partition in partitions)
    return {(key["cluster"], key["shard"]) for key in keys if "shard" in key}


def _heads(opened: OpenSite) -> dict[tuple[str, str], str | None]:
    with opened.database.read() as connection:
        rows = connection.execute(sa.select(head.c.table_name, head.c.partition, head.c.digest))
        return {(row.table_name, row.partition): row.digest for row in rows}


def _collect(
    scratch: OpenSite, cluster: str, lost: Sequence[Partition], progress: Progress
) -> Iterator[str]:
    """Collects the days of raw partitions again from what their sources have now."""
    raw = {_day(p) for p in lost if p.table not in (*DERIVED, *USAGE, *MONEY)} - {None}
    for day in sorted(day for day in raw if day is not None):
        window = scratch.site.calendar.day(day)
        try:
            for collected in collect(scratch, window, [cluster], None, progress, "others"):
                for finding in collected.findings:
                    if finding.kind == "source_unavailable":
                        yield f"{cluster} {day}: {finding.detail}"
        except JeongsanError as error:
            yield f"{cluster} {day}: {error}"


def _derive(scratch: OpenSite, cluster: str, lost: Sequence[Partition]) -> Iterator[str]:
    """Derives the shards of lost partitions again from their samples."""
    section = scratch.site.section(cluster)
    shards = {int(parse_path(p.path)["shard"]) for p in lost if p.table in BY_SHARD}
    if not shards or not isinstance(section, Cluster):
        return
    try:
        with scratch.lake.change() as change:
            rederive(scratch.lake, change, section, scratch.site, scratch.registry, shards)
    except JeongsanError as error:
        yield f"{cluster}: {error}"


def _meter(
    scratch: OpenSite, cluster: str, lost: Sequence[Partition], progress: Progress
) -> Iterator[str]:
    """Counts the days of lost usage again."""
    days = {_day(partition) for partition in lost if partition.table in USAGE}
    try:
        meter(scratch, [day for day in days if day is not None], [cluster], progress)
    except JeongsanError as error:
        yield f"{cluster}: {error}"


def _now(lake: Lake, partition: Partition) -> Manifest | None:
    return lake.manifest(partition.table, **parse_path(partition.path))


def _clusters(partitions: Iterable[Partition]) -> set[str]:
    return {_cluster(partition) for partition in partitions}


def _cluster(partition: Partition) -> str:
    return parse_path(partition.path).get("cluster", "")


def _day(partition: Partition) -> date | None:
    written = parse_path(partition.path).get("date")
    return None if written is None else date.fromisoformat(written)
