"""What a day of usage is made from: landed partitions, the registry, the state of sources."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from metering.calendar import HOUR_MS, Period, days_after
from metering.collect.watermark import watermarks
from metering.lake.lake import Lake, Selection
from metering.lake.manifest import Manifest, path_of
from metering.registry.registry import Registry
from metering.settings.sections import Section
from metering.site.open_site import OpenSite
from metering.usage.registry_inputs import MeterInputs

RAW = (
    "allocation", "node_state", "reading", "control_total", "interval", "device", "workload"
)  # fmt: skip
LABELS = "label_allocation"  # in place of allocations where no scheduler says what was held
SIGHT = ("interval", "device", "workload")
BROKEN = {"manifest": "broken"}  # which is no digest of anything


def usage_tables(section: Section) -> dict[str, tuple[str, ...]]:
    """The tables of a section's usage, each with what it is made from at the bottom."""
    held: tuple[str, ...] = ("allocation",)
    if labelled(section):
        held = (*SIGHT, "installed", "source_state")
    owned = ("reading", "tenancy", "set_aside", "source_state")
    if readings_only(section):
        return {"usage_day": owned}
    tables = {
        "device_hour": (*held, *SIGHT),
        "evidence_hour": (*SIGHT, "installed", "source_state"),
        "capacity_hour": (*held, "node_state", "control_total", "installed", "source_state"),
        "usage_hour": (*held, *SIGHT, "source_state"),
        "usage_day": (*held, *SIGHT, *owned),
    }
    return {LABELS: held, **tables} if labelled(section) else tables


def readings_only(section: Section) -> bool:
    """Whether a section has neither jobs nor devices to be seen: storage, clouds, bookings."""
    return not section.has_scheduler and not section.has_exporter


def labelled(section: Section) -> bool:
    """Whether held time is taken from labels, because nobody else tells of it (METERING 13)."""
    return section.has_exporter and not section.has_scheduler


@dataclass(frozen=True, slots=True)
class LandedPartitions:
    """The landed partitions of a section over some days, as they were in force at one time."""

    lake: Lake
    by_day: Mapping[str, Mapping[str, Sequence[Manifest]]]  # table -> day -> manifests
    first: date
    last: date

    @classmethod
    def between(cls, lake: Lake, section: str, first: date, last: date) -> "LandedPartitions":
        """What is in force from the first to the last day, and the sight of the days beside."""
        by_day: dict[str, dict[str, list[Manifest]]] = {}
        for table in RAW:
            wider = 1 if table in SIGHT else 0
            since, until = days_after(first, -wider), days_after(last, wider)
            chosen = lake.select(table, date_from=since, date_to=until, cluster=section)
            days = by_day.setdefault(table, {})
            for manifest in chosen.manifests:
                days.setdefault(manifest.partition["date"], []).append(manifest)
        return cls(lake, by_day, first, last)

    def on(self, table: str, day: date, shard: int | None = None) -> Selection:
        """A table's partitions of a day, of one shard or of all."""
        manifests = self.by_day[table].get(day.isoformat(), [])
        kept = [m for m in manifests if shard is None or m.partition["shard"] == str(shard)]
        return Selection(self.lake, table, tuple(kept))

    def days(self) -> set[date]:
        """The days, from the first to the last, on which anything has landed."""
        landed = {date.fromisoformat(day) for days in self.by_day.values() for day in days}
        return {day for day in landed if self.first <= day <= self.last}

    def edges(self, day: date, period: Period) -> dict[str, str]:
        """The digests of what the days beside a day saw in the hours that border on it."""
        digests: dict[str, str] = {}
        hours = {-1: period.start_ms - HOUR_MS, 1: period.end_ms}
        for days, hour in hours.items():
            neighbour = days_after(day, days)
            for table in ("device", "workload"):
                digests |= self.on(table, neighbour).digests()
            for manifest in self.on("interval", neighbour).manifests:
                if hour in manifest.hours:
                    digests[f"interval/{path_of(manifest.partition)}/{hour}"] = manifest.hours[hour]
        return digests

    def shards(self, day: date) -> set[int]:
        """The shards of which a device was seen on a day."""
        return {int(manifest.partition["shard"]) for manifest in self.on("device", day).manifests}


def made_from(
    landed: LandedPartitions, inputs: MeterInputs, day: date
) -> dict[str, dict[str, str]]:
    """For each table of usage of a section's day, the digests of all that it is made from now."""

    def digests(reads: Sequence[str]) -> dict[str, str]:
        by_name: dict[str, str] = {}
        for name in reads:
            if name in RAW:
                by_name |= landed.on(name, day).digests()
            else:
                by_name[name] = inputs.given(name, day).digest
        if labelled(inputs.section) and "interval" in reads:
            by_name |= landed.edges(day, inputs.period(day))
        return by_name

    return {table: digests(reads) for table, reads in usage_tables(inputs.section).items()}


def changed_days(
    landed: LandedPartitions, inputs: MeterInputs, first: date, last: date
) -> list[date]:
    """The days counted before whose usage was made from something else than lies there now, or says
    no more what it was made from."""
    counted_from: dict[date, dict[str, Mapping[str, str]]] = {}
    for table in usage_tables(inputs.section):
        place = {"date_from": first, "date_to": last}
        for keys, manifest in landed.lake.manifests(table, cluster=inputs.section.name, **place):
            inputs_then = BROKEN if manifest is None else manifest.inputs
            counted_from.setdefault(date.fromisoformat(keys["date"]), {})[table] = inputs_then
    return [
        day for day in sorted(counted_from) if counted_from[day] != made_from(landed, inputs, day)
    ]


def outdated(
    opened: OpenSite, first: date, last: date, registry: Registry | None = None
) -> list[tuple[str, date]]:
    """The sections' days, from the first to the last, that want metering before they are priced:
    those that have landed and were never counted, and those counted from something else. Under
    another registry than the one in force: those that would."""
    registry, days = registry or opened.registry, []
    for section in opened.site.sections:
        inputs = section_inputs(opened, registry, section)
        landed = LandedPartitions.between(opened.lake, section.name, first, last)
        counted = landed.lake.select(
            "usage_day", date_from=first, date_to=last, cluster=section.name
        )
        known = {date.fromisoformat(manifest.partition["date"]) for manifest in counted.manifests}
        wanted = {*changed_days(landed, inputs, first, last), *(landed.days() - known)}
        days += [(section.name, day) for day in sorted(wanted)]
    return days


def section_inputs(opened: OpenSite, registry: Registry, section: Section) -> MeterInputs:
    """What the registry, the site and the watermarks say of a section at this time."""
    with opened.database.read() as connection:
        reached = watermarks(connection, section.name)
    return MeterInputs(section, registry, opened.site.calendar, reached)
