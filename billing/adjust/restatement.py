"""Days of issued months whose usage is no longer what was billed: one open restatement each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from billing.bundle.bundle import read_bundle, read_index
from billing.document import canonical, sha256_hex
from billing.ledger.adjustment_ledger import standing_bundles
from billing.rulebook.rule_book import parse_rulebook
from metering.calendar import month_first_day, month_last_day
from metering.database.tables import restatement as table
from metering.lake.lake import Lake
from metering.lake.manifest import Manifest, parse_path, path_of
from metering.site.open_site import OpenSite

# What an amount follows from; the rest of a day's usage is evidence.
BILLED = ("company_id", "project_id", "source", "sku", "unit")


@dataclass(frozen=True, slots=True)
class Restatement:
    """A day of an issued month that was metered to something else after the issue.

    `billed` says whether quantities or owners differ, or only evidence (busy time, energy).
    """

    month: str
    day: date
    digest: str  # of the day's usage as it is now
    clusters: tuple[str, ...]
    billed: bool


def restatements(opened: OpenSite) -> tuple[Restatement, ...]:
    """The days of issued months that are neither what was billed nor what was adjusted since."""
    with opened.database.read() as connection:
        stands = standing_bundles(connection)
    return tuple(
        restatement
        for month in sorted(stands)
        for restatement in _changed(opened, month, stands[month])
    )


def restate(opened: OpenSite) -> tuple[Restatement, ...]:
    """The restatements that are open now, recorded: one a month and day (METERING 30).

    Call it after metering. A day that is again what was billed loses its own.
    """
    still = restatements(opened)
    with opened.database.begin() as connection:
        _record(connection, still)
    return still


def _record(connection: sa.Connection, still: Iterable[Restatement]) -> None:
    """Make these the open restatements; one that stays as it is keeps its row."""
    wanted = {(restatement.month, restatement.day): restatement.digest for restatement in still}
    rows = connection.execute(sa.select(table).where(sa.not_(table.c.consumed))).all()
    known = {(row.month, row.day): row for row in rows}
    for place, row in known.items():
        if wanted.get(place) != row.digest:
            connection.execute(sa.delete(table).where(table.c.sequence == row.sequence))
    new = [
        {"month": month, "day": day, "digest": digest, "consumed": False}
        for (month, day), digest in sorted(wanted.items())
        if (month, day) not in known or known[month, day].digest != digest
    ]
    if new:
        connection.execute(sa.insert(table), new)


def _changed(opened: OpenSite, month: str, bundle: str) -> list[Restatement]:
    """The days of a month whose usage differs from what its bundle pins."""
    lake = opened.lake
    pinned = {
        path: lake.manifest_named("usage_day", path, digest)
        for path, digest in read_index(lake, bundle)["usage"].items()
    }
    chosen = lake.select(
        "usage_day", date_from=month_first_day(month), date_to=month_last_day(month)
    )
    current = {path_of(manifest.partition): manifest for manifest in chosen.manifests}
    days: dict[date, list[str]] = {}
    for path in sorted(pinned.keys() | current.keys()):
        if _rows_digest(pinned.get(path)) != _rows_digest(current.get(path)):
            days.setdefault(date.fromisoformat(parse_path(path)["date"]), []).append(path)
    if not days:
        return []
    book = parse_rulebook(read_bundle(lake, bundle).documents["rules"])
    by_busy = frozenset(sku for sku, price in book.prices.items() if price.basis == "busy")

    def differs(path: str) -> bool:
        before, after = pinned.get(path), current.get(path)
        return _billed(lake, before, by_busy) != _billed(lake, after, by_busy)

    return [
        Restatement(
            month=month,
            day=day,
            digest=sha256_hex(canonical([_rows_digest(current.get(p)) for p in paths]).encode()),
            clusters=tuple(parse_path(path)["cluster"] for path in paths),
            billed=any(differs(path) for path in paths),
        )
        for day, paths in sorted(days.items())
    ]


def _rows_digest(manifest: Manifest | None) -> str:
    """What tells one day's usage from another; '' for none, and for a day without any row."""
    return manifest.row_digest if manifest is not None and manifest.rows else ""


def _billed(
    lake: Lake, manifest: Manifest | None, by_busy: frozenset[str]
) -> Mapping[tuple[object, ...], tuple[int, int]]:
    """Quantities by all that an amount follows from, and busy time where it is what is priced."""
    sums: dict[tuple[object, ...], tuple[int, int]] = {}
    if manifest is not None:
        for row in lake.rows(manifest).to_pylist():
            key = tuple(row[name] for name in BILLED)
            quantity, busy_ns = sums.get(key, (0, 0))
            own = row["busy_ns"] if row["sku"] in by_busy else 0
            sums[key] = (quantity + row["quantity"], busy_ns + own)
    return sums
