"""Files of resource claims and slices, as `kubectl get -o json` writes them, each of an instant."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from metering.calendar import Calendar
from metering.settings.source_options.limits import Limits
from metering.sources.exposition.source import instant_of
from metering.sources.kubernetes.resource_slices import WRONG, Pools, name_text, quantity
from metering.sources.reading.batch import Quarantined, shown
from metering.sources.reading.files import content
from metering.sources.reading.json_text import read_json, written

EXTENDED = "resource.kubernetes.io/extended-resource-claim"
CLAIM, SLICE = "ResourceClaim", "ResourceSlice"


@dataclass(frozen=True, slots=True)
class HeldDevice:
    """One device that a claim was given, and what of its capacity it takes (None: all of it)."""

    driver: str
    pool: str
    device: str
    share_id: str
    taken: tuple[tuple[str, Fraction], ...] | None


@dataclass(frozen=True, slots=True)
class ResourceClaim:
    """An allocated claim; `extended` is one that the scheduler made of a pod's request."""

    uid: str
    namespace: str
    name: str
    pod: str  # of its pods the first by name; the claim's own name where none is known
    allocated_ms: int | None
    extended: bool
    devices: tuple[HeldDevice, ...]  # those that it alone sees as monitoring left out


@dataclass(slots=True)
class ClaimList:
    """What one file lists. `whole` says that it lists all claims, so that others are gone; a list
    with one that could not be read is not whole."""

    origin: str
    at_ms: int
    claims: dict[str, ResourceClaim] = field(default_factory=dict)
    slices: list[Mapping[str, Any]] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    whole: bool = False
    rows_read: int = 0
    watching: int = 0  # claims that hold devices as admins only
    idle: int = 0  # claims that hold none


class _BadListError(Exception):
    """The file is no list of an instant; the message is the reason."""


def read_list(
    name: str, path: Path, calendar: Calendar, limits: Limits | None = None
) -> ClaimList | Quarantined:
    """What a file lists; refused as a whole where it cannot be read, or says that it is a part."""
    raw = content(name, path, limits)
    try:
        return _listed(name, path, raw, calendar)
    except WRONG as error:
        reason = f"is not written as a list of claims or slices: {type(error).__name__} {error}"
    except _BadListError as error:
        reason = str(error)
    return Quarantined(name, shown(reason), shown(raw[:500].decode("utf-8", "replace")))


def _listed(name: str, path: Path, raw: bytes, calendar: Calendar) -> ClaimList:
    at_ms = instant_of(path.name)
    if at_ms is None:
        raise _BadListError("has no instant in the file's name (<epoch_ms>)")
    body = read_json(raw, parse_float=Decimal)
    if body.get("metadata", {}).get("continue"):
        raise _BadListError("says itself that it is a part of a list (continue)")
    listed = ClaimList(name, at_ms)
    kind = body["kind"]
    for each, own in _items(body):
        listed.rows_read += 1
        if own == SLICE:
            _slice_or_refuse(listed, each)
        elif own == CLAIM:
            _take_or_refuse(listed, each, calendar)
        else:
            raise _BadListError(f"lists {own}, neither claims nor slices")
    claims = listed.rows_read > len(listed.slices)
    empty = not listed.rows_read and "slice" not in path.name
    listed.whole = (claims or empty or kind == f"{CLAIM}List") and not listed.quarantined
    return listed


def _items(body: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The objects of a list, each with its kind; an object alone is a list of one."""
    kind = body["kind"]
    if "items" not in body:
        yield body, kind
        return
    for each in body["items"] or ():
        yield each, each.get("kind") or kind.removesuffix("List")


def _slice_or_refuse(listed: ClaimList, body: Mapping[str, Any]) -> None:
    try:
        Pools([body])
        listed.slices.append(body)
    except WRONG as error:
        _refuse(listed, body, f"is not written as a slice: {type(error).__name__} {error!s:.200}")


def _refuse(listed: ClaimList, body: Mapping[str, Any], reason: str) -> None:
    place = f"{listed.origin}:{listed.rows_read}"
    listed.quarantined.append(Quarantined(place, shown(reason), shown(written(body))))


def _take_or_refuse(listed: ClaimList, body: Mapping[str, Any], calendar: Calendar) -> None:
    try:
        _take(listed, body, calendar)
    except WRONG as error:
        _refuse(listed, body, f"is not written as a claim: {type(error).__name__} {error!s:.200}")


def _take(listed: ClaimList, body: Mapping[str, Any], calendar: Calendar) -> None:
    allocation = body.get("status", {}).get("allocation")
    results = ((allocation or {}).get("devices") or {}).get("results") or ()
    devices = tuple(_device(result) for result in results if not result.get("adminAccess"))
    if not devices:
        listed.watching += bool(results)
        listed.idle += not results
        return
    metadata = body["metadata"]
    owners = [own["name"] for own in metadata.get("ownerReferences", ()) if own["kind"] == "Pod"]
    users = [own["name"] for own in body["status"].get("reservedFor", ())
             if own.get("resource") == "pods"]  # fmt: skip
    stamp = allocation.get("allocationTimestamp")
    uid = name_text(metadata["uid"])
    if uid in listed.claims:
        raise ValueError(f"{uid} is in this list twice")
    listed.claims[uid] = ResourceClaim(
        uid=uid,
        namespace=name_text(metadata["namespace"]),
        name=name_text(metadata["name"]),
        pod=min(map(name_text, owners or users or [metadata["name"]])),
        allocated_ms=None if stamp is None else calendar.instant(stamp),
        extended=metadata.get("annotations", {}).get(EXTENDED) == "true",
        devices=devices,
    )


def _device(result: Mapping[str, Any]) -> HeldDevice:
    taken = result.get("consumedCapacity")
    return HeldDevice(
        name_text(result["driver"]), name_text(result["pool"]), name_text(result["device"]),
        name_text(result.get("shareID") or ""),
        None if taken is None
        else tuple((name, quantity(value)) for name, value in sorted(taken.items())),
    )  # fmt: skip
