"""Loads the registry: shows what differs from the one in force, stores it whole or not at all."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from metering.business_number import business_number_digits
from metering.calendar import Calendar
from metering.database.audit_trail import NOBODY, Who, keep
from metering.database.connection import Database
from metering.database.tables import device_shard, registry, registry_in_force
from metering.errors import ConflictError, JeongsanError
from metering.registry.checks import SiteNames
from metering.registry.records import RECALL
from metering.registry.registry import NO_SHARD, Device, Registry, read_registry
from metering.settings.site_toml import Site

SHARD_DEVICES_MAX = 2000  # METERING 27
UTC = Calendar("UTC")

# The sheets as a person knows them, the fields that name a row, and columns by their own names.
KEYS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "companies": ("companies", ("company_id",)),
    "projects": ("projects", ("project_id",)),
    "tenancies": ("tenancy", ("source", "account", "start")),
    "devices": ("devices", ("cluster", "device_uid", "installed_ms")),
    "awards": ("awards", ("award_id",)),
    "set_asides": ("set_aside", ("source", "account")),
    "agreements": ("agreements", ("number",)),
    "outcomes": ("outcomes", ("project_id", "kind", "reached_on", "evidence")),
    "plans": ("plans", ("month", "when", "what")),
}
COLUMNS = {
    "start": "from",
    "installed_ms": "installed_at",
    "removed_ms": "removed_at",
    "facts": "org_type, size, place",
    "printed": "from: business_number, name, representative, address",
}


@dataclass(frozen=True, slots=True)
class ChangedCell:
    """A cell that differs, its old and its new text."""

    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RegistryDifference:
    """A row of a sheet that was added, changed or removed, with the cells that say how."""

    sheet: str
    key: str
    change: Literal["added", "changed", "removed"]
    cells: tuple[ChangedCell, ...]

    @property
    def before(self) -> str:
        """The cells as they were, those that were empty left out."""
        return ", ".join(f"{cell.column}={cell.old}" for cell in self.cells if cell.old)

    @property
    def after(self) -> str:
        """The cells as they are now, those that are empty left out."""
        return ", ".join(f"{cell.column}={cell.new}" for cell in self.cells if cell.new)


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a load changed; `stored` is False if the registry in force was the same."""

    differences: tuple[RegistryDifference, ...]
    registry: Registry
    stored: bool

    @property
    def rewritten(self) -> tuple[str, ...]:
        """Awards that are no longer what they were from their first day on. A change is a dated
        addition: the award ends by its `until`, recalled or not, and a new one begins."""
        return tuple(
            difference.key
            for difference in self.differences
            if difference.sheet == "awards"
            and difference.change != "added"
            and not (difference.cells and all(_added(cell) for cell in difference.cells))
        )


def _added(cell: ChangedCell) -> bool:
    """Whether a cell only adds to what an award was: its end, or why it was recalled."""
    return cell.column == "until" or (cell.column in RECALL and not cell.old)


def compare(
    old: Registry | None, new: Registry, calendar: Calendar = UTC
) -> tuple[RegistryDifference, ...]:
    """The rows that differ, by sheet and key; instants are written in the calendar's time."""
    before = (old or Registry()).to_document()
    after = new.to_document()
    differences: list[RegistryDifference] = []
    for field, (sheet, names) in KEYS.items():
        own = {_key(row, names, calendar): row for row in before.get(field, ())}
        others = {_key(row, names, calendar): row for row in after.get(field, ())}
        for key in sorted(own.keys() | others.keys()):
            cells = _cells(own.get(key, {}), others.get(key, {}), names, calendar)
            if key not in own:
                differences.append(RegistryDifference(sheet, key, "added", cells))
            elif key not in others:
                differences.append(RegistryDifference(sheet, key, "removed", cells))
            elif cells:
                differences.append(RegistryDifference(sheet, key, "changed", cells))
    return tuple(differences)


def _key(row: Mapping[str, Any], names: tuple[str, ...], calendar: Calendar) -> str:
    return " ".join(_text(name, row[name], calendar) for name in names)


def _cells(
    old: Mapping[str, Any], new: Mapping[str, Any], names: tuple[str, ...], calendar: Calendar
) -> tuple[ChangedCell, ...]:
    """The cells that differ, other than those which name the row."""
    pairs = (
        (name, _text(name, old.get(name), calendar), _text(name, new.get(name), calendar))
        for name in {**old, **new}
        if name not in names
    )
    return tuple(
        ChangedCell(COLUMNS.get(name, name), was, becomes)
        for name, was, becomes in pairs
        if was != becomes
    )


def _text(name: str, value: Any, calendar: Calendar) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "Y" if value else "N"
        case int() if name.endswith("_ms"):
            return calendar.iso(value)
        case list():
            each = _called if name == "printed" else _facts
            return "; ".join(each(row) for row in value)
        case _:
            return str(value)


def _facts(facts: Mapping[str, Any]) -> str:
    since = f"{facts['start']}: " if facts["start"] else ""
    return f"{since}{facts['org_type']}, {facts['size']}, {facts['place']}"


def _called(called: Mapping[str, Any]) -> str:
    since = f"{called['start']}: " if called["start"] else ""
    names = ("business_number", "name", "representative", "address")
    return since + ", ".join(called[name] for name in names)


def load(
    site: Site,
    database: Database,
    programmes: Iterable[str] | None = None,
    who: Who = NOBODY,
    seen: str | None = None,
) -> LoadResult:
    """Check the site's registry and put it in force, in one transaction; Mistakes if it has any,
    ConflictError if its digest is not the one that somebody has `seen`.

    Awards have to be of one of the programmes, where these are given.
    """
    new = checked_registry(site, programmes)
    if seen not in (None, new.digest):
        raise ConflictError("the registry's files have changed meanwhile; look at them again")
    with database.begin() as connection:
        old = _in_force(connection)
        if old is not None and old.digest == new.digest:
            return LoadResult((), old, stored=False)
        shards = _shards(connection)
        given = give_shards(shards, new.devices)
        if given:
            rows = [
                {"cluster": cluster, "device_uid": uid, "shard": shard}
                for (cluster, uid), shard in sorted(given.items())
            ]
            connection.execute(sa.insert(device_shard), rows)
        _store(connection, new)
        keep(connection, "load", who, digest=new.digest)
    differences = compare(old, new, site.calendar)
    return LoadResult(differences, new.sharded({**shards, **given}), stored=True)


def checked_registry(site: Site, programmes: Iterable[str] | None = None) -> Registry:
    """The registry of the site's directory, held against its names; Mistakes if it has any."""
    names = SiteNames(
        clusters=frozenset(cluster.name for cluster in site.clusters),
        sources=site.usage_sources(),
        programmes=None if programmes is None else frozenset(programmes),
        issuer=business_number_digits(site.issuer.business_number),
    )
    return read_registry(site.directory, site.calendar, names)


def stored_registry(database: Database) -> Registry:
    """The registry in force, every device with its shard; JeongsanError if none was loaded."""
    with database.read() as connection:
        in_force = _in_force(connection)
    if in_force is None:
        raise JeongsanError("there is no registry in the database yet; run `jeongsan load` first")
    return in_force


def _boards_first(device: Device) -> tuple[str, str, bool, str]:
    """A cluster's devices by board, each board before its slices."""
    board = device.parent or device.device_uid
    return device.cluster, board, bool(device.parent), device.device_uid


def give_shards(
    shards: Mapping[tuple[str, str], int], devices: tuple[Device, ...]
) -> dict[tuple[str, str], int]:
    """Shards for the devices that have none: with their board if it has room, else the last one.

    A shard that was given is never changed, and a bucket never holds more than 2,000 (METERING 27).
    """
    sizes = Counter((cluster, shard) for (cluster, _), shard in shards.items())
    last: dict[str, int] = {}
    for cluster, shard in sizes:
        last[cluster] = max(shard, last.get(cluster, 0))
    given: dict[tuple[str, str], int] = {}
    for device in sorted(devices, key=_boards_first):
        cluster, key = device.cluster, (device.cluster, device.device_uid)
        if key in shards or key in given:
            continue
        board = (cluster, device.parent)
        shard = shards.get(board, given.get(board, last.get(cluster, 0)))
        if sizes[cluster, shard] >= SHARD_DEVICES_MAX:
            shard = last.get(cluster, 0)
        if sizes[cluster, shard] >= SHARD_DEVICES_MAX:
            shard = last.get(cluster, 0) + 1
        last[cluster] = max(shard, last.get(cluster, 0))
        sizes[cluster, shard] += 1
        given[key] = shard
    return given


def _in_force(connection: sa.Connection) -> Registry | None:
    query = sa.select(registry.c.digest, registry.c.document).join(
        registry_in_force, registry_in_force.c.sequence == registry.c.sequence
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    if hashlib.sha256(row.document.encode()).hexdigest() != row.digest:
        raise JeongsanError(
            f"the registry in the database is not the one that was stored ({row.digest[:12]});"
            " restore the database from its backup"
        )
    document, shards = json.loads(row.document), _shards(connection)
    for device in document["devices"]:
        device["shard"] = shards.get((device["cluster"], device["device_uid"]), NO_SHARD)
    return Registry.from_document(document)


def _shards(connection: sa.Connection) -> dict[tuple[str, str], int]:
    rows = connection.execute(sa.select(device_shard))
    return {(row.cluster, row.device_uid): row.shard for row in rows}


def _store(connection: sa.Connection, new: Registry) -> None:
    """Add the registry and let it be the one in force."""
    newest = connection.execute(sa.select(sa.func.max(registry.c.sequence))).scalar()
    sequence = (newest or 0) + 1
    values = {"sequence": sequence, "digest": new.digest, "document": new.to_text()}
    connection.execute(sa.insert(registry), values)
    connection.execute(sa.delete(registry_in_force))
    connection.execute(sa.insert(registry_in_force), {"one": 1, "sequence": sequence})
