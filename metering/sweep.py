"""Sweeping: removes the lake's files that nothing names any more."""

import itertools
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

import sqlalchemy as sa

from metering.schema import manifest_head as head
from metering.store import Stored

if TYPE_CHECKING:
    from metering.lake import Lake

BATCH = 200


def sweep(lake: "Lake", older_than_ms: int, now_ms: int, keep: Collection[str]) -> list[str]:
    """See Lake.sweep. `keep` holds digests of manifests (their files stay too) or of files."""
    old = (one for one in lake.store.files() if now_ms - one.changed_ms > older_than_ms)
    removed: list[str] = []
    while batch := list(itertools.islice(old, BATCH)):
        # Writers look, in their own transaction, whether their files are still there: theirs
        # and this one follow one another, so a file that is being named again is never lost.
        with lake.database.begin() as connection:
            named = _named(lake, connection, keep)
            for one in _unnamed(batch, named):
                if lake.store.size(one.path) is not None:
                    lake.store.delete(one.path)
                    removed.append(one.path)
    return removed


def _unnamed(batch: list[Stored], named: set[str]) -> Iterator[Stored]:
    for one in batch:
        name = one.path.rsplit("/", 1)[-1]
        digest, _, ending = name.partition(".")
        if name.endswith(".part") or (ending in ("parquet", "json") and digest not in named):
            yield one


def _named(lake: "Lake", connection: sa.Connection, keep: Collection[str]) -> set[str]:
    """Every digest of a manifest in force or kept, and of the files that these name."""
    named = set(keep)
    query = sa.select(head.c.table_name, head.c.partition, head.c.digest)
    for row in connection.execute(query.where(head.c.digest.is_not(None))):
        named.add(row.digest)
        manifest = lake.manifest_named(row.table_name, row.partition, row.digest)
        named.update(file.sha256 for file in manifest.files)
    return named
