"""Sweeping: removes the lake's files that nothing names any more."""

from collections.abc import Collection, Sequence
from itertools import groupby

import sqlalchemy as sa

from metering.database.tables import manifest_head as head
from metering.lake.contract import tables
from metering.lake.manifest_store import ManifestStore, newest_version
from metering.lake.object_store import Stored

BATCH = 200


def sweep(lake: ManifestStore, older_than_ms: int, now_ms: int, keep: Collection[str]) -> list[str]:
    """See Lake.sweep. `keep` holds digests of manifests (their files stay too) or of files."""
    with lake.database.read() as connection:
        began = newest_version(connection)
        in_force = _moved_after(connection, 0)
    wanted = set(keep) | set(in_force)
    unnamed = [
        file
        for folder, files in groupby(lake.store.files(), key=lambda stored: _split(stored.path)[0])
        for file in _unnamed(lake, folder, list(files), wanted)
        if now_ms - file.changed_ms > older_than_ms
    ]
    removed: list[str] = []
    for start in range(0, len(unnamed), BATCH):
        # A writer looks in its transaction whether its files are there. Its transaction and this
        # one follow one another, so that a file which is being named again is not lost.
        with lake.database.begin() as connection:
            again = _files_of(lake, _moved_after(connection, began))
            for file in unnamed[start : start + BATCH]:
                if _split(file.path)[1] not in again:
                    lake.store.delete(file.path)
                    removed.append(file.path)
    return removed


def _moved_after(connection: sa.Connection, version: int) -> dict[str, tuple[str, str]]:
    """Manifests in force that a later change put there: digest -> table and partition."""
    query = sa.select(head.c.table_name, head.c.partition, head.c.digest)
    query = query.where(head.c.digest.is_not(None), head.c.version > version)
    return {row.digest: (row.table_name, row.partition) for row in connection.execute(query)}


def _files_of(lake: ManifestStore, manifests: dict[str, tuple[str, str]]) -> set[str]:
    named = set(manifests)
    for digest, (table, path) in manifests.items():
        named.update(file.sha256 for file in lake.manifest_named(table, path, digest).files)
    return named


def _unnamed(
    lake: ManifestStore, folder: str, files: Sequence[Stored], wanted: Collection[str]
) -> list[Stored]:
    """The files of a partition's folder that neither `wanted` nor a wanted manifest of it names."""
    table, _, path = folder.partition("/")
    names = [_split(file.path)[1:] for file in files]
    manifests = [digest for digest, ending in names if ending == "json" and digest in wanted]
    if table not in tables() or (len(files) <= 2 and len(manifests) == 1):
        return []  # not a table's, or just a manifest and its file, as nearly everywhere
    stay = set(wanted) | _files_of(lake, dict.fromkeys(manifests, (table, path)))
    return [
        file
        for file, (digest, ending) in zip(files, names, strict=True)
        if ending == "part" or (ending in ("json", "parquet") and digest not in stay)
    ]


def _split(path: str) -> tuple[str, str, str]:
    """A path as folder, digest and ending (a file half written is a `part`)."""
    folder, _, name = path.rpartition("/")
    digest, _, ending = name.partition(".")
    return folder, digest, "part" if name.startswith(".") and name.endswith(".part") else ending
