"""Ceph's own JSON: buckets (`radosgw-admin bucket stats`) and pools (`ceph df detail`)."""

from collections.abc import Mapping
from typing import Any

from metering.settings.source_options.storage import StorageOptions
from metering.sources.reading.json_text import JsonTextError, read_json, written
from metering.sources.storage.snapshot import Level, RefusedLevelError, StoreReport, checked


def report(raw: bytes, origin: str, options: StorageOptions) -> StoreReport:
    """The levels of one bucket, or of a list of them; places are counted by bucket.

    A list is of all buckets, or where site.toml says `whole = false` of those of the owners that it
    names. One bucket by itself is never a list.
    """
    report = StoreReport(origin)
    content = _content(raw, report)
    if report.quarantined:
        return report
    buckets = content if isinstance(content, list) else [content]
    listed: set[str] = {""} if options.whole else set()
    for number, bucket in enumerate(buckets, start=1):
        report.rows_read += 1
        try:
            level = _level(bucket, options)
        except RefusedLevelError as reason:
            report.refuse(number, str(reason), written(bucket))
            continue
        listed.add(level.scope)
        report.levels.append(level)
    report.list_whole(listed if isinstance(content, list) else ())
    return report


def pools(raw: bytes, origin: str, options: StorageOptions) -> StoreReport:
    """The levels of a cluster's pools; places are counted by pool."""
    report = StoreReport(origin)
    content = _content(raw, report)
    listed = content.get("pools") if isinstance(content, Mapping) else None
    if not report.quarantined and not isinstance(listed, list):
        report.rows_read = 1
        report.refuse(1, "has no list of pools", "")
    for number, pool in enumerate(listed if isinstance(listed, list) else (), start=1):
        report.rows_read += 1
        try:
            level = _pool(pool, options)
        except RefusedLevelError as reason:
            report.refuse(number, str(reason), written(pool))
            continue
        if options.only and level.resource_id not in options.only:
            report.skipped["not_billed"] += 1
        else:
            report.levels.append(level)
    report.list_whole([""] if options.whole and isinstance(listed, list) else ())
    return report


def _content(raw: bytes, report: StoreReport) -> Any:
    try:
        return read_json(raw)
    except JsonTextError as error:
        report.rows_read = 1
        report.refuse(1, f"is no JSON: {error}", "")
        return None


def _pool(pool: Any, options: StorageOptions) -> Level:
    name = pool.get("name") if isinstance(pool, Mapping) else None
    if not isinstance(name, str) or not name:
        raise RefusedLevelError("names no pool")
    stats = pool.get("stats")
    count = stats.get(options.figure) if isinstance(stats, Mapping) else None
    if not isinstance(count, int) or isinstance(count, bool):
        raise RefusedLevelError(f"has no {options.figure}; ask with `ceph df detail --format json`")
    return checked(Level(name, name, "", count), options)


def _level(bucket: Any, options: StorageOptions) -> Level:
    """A bucket's level. Two tenants may have a bucket of one name; where the gateway is too old to
    say the tenant, it stands in the owner's name, as in `ta$user`."""
    if not isinstance(bucket, Mapping):
        raise RefusedLevelError("is no bucket")
    names = {key: bucket.get(key) or "" for key in ("bucket", "owner", "tenant")}
    if not all(isinstance(name, str) for name in names.values()):
        raise RefusedLevelError("has a name that is no text")
    for key in ("bucket", "owner"):
        if not names[key]:
            raise RefusedLevelError(f"names no {key}")
    usage = bucket.get("usage")
    if not isinstance(usage, Mapping):
        raise RefusedLevelError("has no `usage`")
    tenant, dollar, _ = names["owner"].partition("$")
    if "tenant" in bucket or not dollar:
        tenant = names["tenant"]
    own = f"{tenant}/{names['bucket']}" if tenant else names["bucket"]
    held_bytes = sum(_bytes(usage, name, options.figure) for name in options.categories)
    account = own if options.account == "bucket" else names["owner"]
    scope = "" if options.whole else names["owner"]
    return checked(Level(own, account, scope, held_bytes), options)


def _bytes(usage: Mapping[str, Any], category: str, figure: str) -> int:
    """A category's bytes; the gateway leaves out a category in which a bucket has nothing."""
    if category not in usage:
        return 0
    own = usage[category]
    count = own.get(figure) if isinstance(own, Mapping) else None
    if not isinstance(count, int) or isinstance(count, bool):
        raise RefusedLevelError(f"has no {figure} of {category}")
    return count
