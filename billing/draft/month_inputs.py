"""What a month is closed from: read from the stores, checked for gaps, and named by digests."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from billing.draft.capacity_used import HOURS, TABLES, Resource, month_resources
from billing.draft.lake_rows import from_table
from billing.ledger.filings import filed_of
from billing.records import Filed, Usage
from billing.rulebook.rule_book import RuleBook, read_rulebook
from billing.subsidy.balance import Balance
from metering.calendar import Calendar
from metering.database.decisions import Acknowledgement, WaivedDay, acknowledgements, waived_days
from metering.database.findings import findings
from metering.database.tables import manifest_head, registry, registry_in_force
from metering.errors import CloseError, ConflictError
from metering.finding import Finding
from metering.lake.lake import Lake
from metering.lake.manifest import parse_path
from metering.registry.registry import Registry
from metering.settings.site_toml import Issuer
from metering.site.open_site import OpenSite

SHOWN = 12  # cluster-days that a message names
OWN_STAGES = frozenset({"draft", "program"})  # found by rating a month, not before it


@dataclass(frozen=True, slots=True)
class UsagePart:
    """The usage of a cluster's day, as its manifest names it."""

    cluster: str
    day: date
    manifest: str
    row_digest: str
    rows: tuple[Usage, ...]

    @property
    def partition(self) -> str:
        """cluster=a/date=2025-10-01."""
        return f"cluster={self.cluster}/date={self.day}"


@dataclass(frozen=True, slots=True)
class HourPart:
    """The hours of a section's day by their manifest: what runs held and were seen to do."""

    partition: str
    manifest: str
    row_digest: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that a month's result follows from, and nothing else.

    `previous` is the digest of the bundle of the month before, None in a site's first month.
    `findings` are those of collecting and metering for the month's days. No amount follows from
    `resources`, but the government report does, nor from `hours`, but the idle list does.
    """

    month: str
    site: str
    timezone: str
    issuer: Issuer
    registry: Registry
    book: RuleBook
    opening: Balance
    previous: str | None
    usage: tuple[UsagePart, ...]
    resources: tuple[Resource, ...]
    findings: tuple[Finding, ...]
    acknowledged: tuple[Acknowledgement, ...]
    waived: tuple[WaivedDay, ...]
    holidays: Mapping[date, bool]  # declared late; they move what falls due
    hours: tuple[HourPart, ...] = ()  # none of a month that was issued before they were pinned
    filed: tuple[Filed, ...] = ()  # what was settled with the state of its budget year

    @property
    def calendar(self) -> Calendar:
        """The site's calendar."""
        return Calendar(self.timezone, self.holidays)


@dataclass(frozen=True, slots=True)
class InputsInForce:
    """What stands in the database for a month at one instant; issuing checks that it still does."""

    heads: tuple[tuple[str, str], ...]  # usage partition, manifest
    hours: tuple[tuple[str, str, str], ...]  # table, partition, manifest of what resources add up
    registry: str
    findings: tuple[Finding, ...]
    acknowledged: tuple[Acknowledgement, ...]
    waived: tuple[WaivedDay, ...]
    filed: tuple[Filed, ...]


def standing(connection: sa.Connection, calendar: Calendar, month: str) -> InputsInForce:
    """What the database says of a month on this connection, as one snapshot."""
    days = calendar.month_days(month)
    first, last = days[0], days[-1]
    of_month = findings(connection, date_from=first, date_to=last)
    upstream = tuple(finding for finding in of_month if finding.stage not in OWN_STAGES)
    return InputsInForce(
        heads=tuple(sorted(_heads(connection, "usage_day", first, last))),
        hours=tuple(
            (table, *head)
            for table in TABLES
            for head in sorted(_heads(connection, table, first, last))
        ),
        registry=_registry_digest(connection),
        findings=upstream,
        acknowledged=tuple(acknowledgements(connection).values()),
        waived=tuple(
            waived_day for waived_day in waived_days(connection) if first <= waived_day.day <= last
        ),
        filed=filed_of(connection, month),
    )


@dataclass(frozen=True, slots=True)
class MonthSoFar:
    """What stands for a month, the registry in force, and its section-days without usage."""

    in_force: InputsInForce
    registry: Registry
    gaps: tuple[tuple[str, date], ...]  # waived ones among them

    @property
    def undecided_gaps(self) -> list[tuple[str, date]]:
        """The gaps that nobody let pass by name."""
        waived = {(waiver.cluster, waiver.day) for waiver in self.in_force.waived}
        return [gap for gap in self.gaps if gap not in waived]


def month_so_far(opened: OpenSite, month: str) -> MonthSoFar:
    """How a month stands in the database by now; JeongsanError when no registry was loaded yet."""
    calendar = opened.site.calendar
    with opened.database.read() as connection:
        in_force = standing(connection, calendar, month)
        began = first_days(connection)
    stored = opened.registry
    covered = {
        (part["cluster"], date.fromisoformat(part["date"])) for part in _parts(in_force.heads)
    }
    sections = [section.name for section in opened.site.sections]
    spans = {name: ran(name, began, stored, calendar) for name in sections}
    gaps = missing_days(calendar.month_days(month), spans, covered)
    return MonthSoFar(in_force, stored, tuple(gaps))


def read_inputs(
    opened: OpenSite, month: str, opening: Balance, previous: str | None
) -> tuple[Inputs, InputsInForce]:
    """A month's inputs and where they stood; CloseError for days without usage, ConflictError
    when the registry was loaded meanwhile."""
    so_far = month_so_far(opened, month)
    in_force, lake = so_far.in_force, opened.lake
    if so_far.registry.digest != in_force.registry:
        raise ConflictError("the registry was loaded meanwhile; run this again")
    if gaps := so_far.undecided_gaps:
        raise CloseError(_gaps_text(month, gaps))
    inputs = dataclasses.replace(
        _inputs(opened, month, opening, previous, so_far),
        resources=month_resources(lake, opened.site.clusters, in_force.hours),
        hours=read_hours(lake, (head for table, *head in in_force.hours if table == HOURS)),
    )
    return inputs, in_force


def inputs_so_far(
    opened: OpenSite, month: str, opening: Balance, previous: str | None
) -> tuple[Inputs, tuple[tuple[str, date], ...]]:
    """The inputs of a month that is not issued, as they are by now, and the section-days that have
    no usage yet. It has no resources and no hours: no amount follows from them."""
    so_far = month_so_far(opened, month)
    return _inputs(opened, month, opening, previous, so_far), so_far.gaps


def _inputs(
    opened: OpenSite, month: str, opening: Balance, previous: str | None, so_far: MonthSoFar
) -> Inputs:
    site, in_force = opened.site, so_far.in_force
    return Inputs(
        month=month,
        site=site.name,
        timezone=site.timezone,
        issuer=site.issuer,
        registry=so_far.registry,
        book=read_rulebook(site.rules),
        opening=opening,
        previous=previous,
        usage=read_usage(opened.lake, in_force.heads),
        resources=(),
        findings=in_force.findings,
        acknowledged=in_force.acknowledged,
        waived=in_force.waived,
        holidays=site.holidays,
        filed=in_force.filed,
    )


def read_usage(lake: Lake, heads: Iterable[tuple[str, str]]) -> tuple[UsagePart, ...]:
    """The usage that manifests name, checked against the contract and the manifests' digests."""
    parts = []
    for partition, digest in heads:
        manifest = lake.manifest_named("usage_day", partition, digest)
        keys = manifest.partition
        rows = from_table(Usage, lake.rows(manifest))
        day = date.fromisoformat(keys["date"])
        parts.append(UsagePart(keys["cluster"], day, digest, manifest.row_digest, rows))
    return tuple(parts)


def read_hours(lake: Lake, heads: Iterable[Sequence[str]]) -> tuple[HourPart, ...]:
    """The hours that manifests name; their rows are read by nobody who prices."""
    named = ((path, digest, lake.manifest_named(HOURS, path, digest)) for path, digest in heads)
    return tuple(HourPart(path, digest, manifest.row_digest) for path, digest, manifest in named)


def missing_days(
    days: Sequence[date],
    ran: Mapping[str, tuple[date, date | None] | None],
    known: Iterable[tuple[str, date]],
) -> list[tuple[str, date]]:
    """The cluster-days without usage and without a waiver, of the days on which each cluster ran.

    `ran` gives a cluster's first and last day, None for a last day to come; None if it never ran.
    """
    there = set(known)
    return [
        (cluster, day)
        for cluster, span in sorted(ran.items())
        for day in days
        if span is not None and span[0] <= day <= (span[1] or day) and (cluster, day) not in there
    ]


def ran(
    cluster: str, first_usage: Mapping[str, date], stored: Registry, calendar: Calendar
) -> tuple[date, date | None] | None:
    """From the first device's installation (or the first usage) to the last device's removal."""
    devices = [device for device in stored.devices if device.cluster == cluster]
    days = [calendar.day_of(device.installed_ms) for device in devices]
    days += [first_usage[cluster]] if cluster in first_usage else []
    if not days:
        return None
    removed = [d.removed_ms for d in devices if d.removed_ms is not None]
    gone = bool(devices) and len(removed) == len(devices)
    return min(days), calendar.day_of(max(removed) - 1) if gone else None


def _gaps_text(month: str, gaps: Sequence[tuple[str, date]]) -> str:
    shown = ", ".join(f"{cluster} {day}" for cluster, day in gaps[:SHOWN])
    more = f" and {len(gaps) - SHOWN} more" if len(gaps) > SHOWN else ""
    cluster, day = gaps[0]
    return (
        f"{month} has {len(gaps)} cluster-days without usage: {shown}{more}. "
        f"Meter them (`jeongsan meter {day}`), or let a day pass by name "
        f"(`jeongsan waive {cluster} {day} --reason ... --by ...`)"
    )


def _parts(heads: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [parse_path(path) for path, _ in heads]


def _heads(connection: sa.Connection, table: str, first: date, last: date) -> list[tuple[str, str]]:
    query = sa.select(manifest_head.c.partition, manifest_head.c.digest).where(
        manifest_head.c.table_name == table, manifest_head.c.digest.is_not(None)
    )
    heads = [(row.partition, row.digest) for row in connection.execute(query)]
    days = (part["date"] for part in _parts(heads))
    low, high = first.isoformat(), last.isoformat()
    return [head for head, day in zip(heads, days, strict=True) if low <= day <= high]


def first_days(connection: sa.Connection) -> dict[str, date]:
    """The first day of usage of every cluster that has any."""
    query = sa.select(manifest_head.c.partition, manifest_head.c.digest).where(
        manifest_head.c.table_name == "usage_day", manifest_head.c.digest.is_not(None)
    )
    first: dict[str, date] = {}
    for part in _parts((row.partition, row.digest) for row in connection.execute(query)):
        day = date.fromisoformat(part["date"])
        first[part["cluster"]] = min(day, first.get(part["cluster"], day))
    return first


def _registry_digest(connection: sa.Connection) -> str:
    query = sa.select(registry.c.digest).join(
        registry_in_force, registry_in_force.c.sequence == registry.c.sequence
    )
    digest = connection.execute(query).scalar()
    if digest is None:
        raise CloseError("no registry is stored; run `jeongsan load` first")
    return str(digest)
