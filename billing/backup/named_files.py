"""Which files of a lake a database names: what is in force, what issued months and drafts are made
from, and the register of numbers."""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from billing.bundle.bundle import path_of, pinned
from billing.close.draft_history import records
from billing.document import parse
from billing.ledger import number_register
from billing.ledger.adjustment_ledger import bundles_by_month
from metering.database.tables import manifest_head as head
from metering.errors import DamageError
from metering.lake.manifest import data_path
from metering.lake.manifest_store import ManifestStore


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file and the digest of its bytes."""

    path: str
    sha256: str


def named_files(connection: sa.Connection, lake: ManifestStore) -> Iterator[NamedFile]:
    """Every file once. What a broken file names is not known, and not given."""
    seen: set[str] = set()
    for named in _all(connection, lake):
        if named.path not in seen:
            seen.add(named.path)
            yield named


def _all(connection: sa.Connection, lake: ManifestStore) -> Iterator[NamedFile]:
    query = sa.select(head.c.table_name, head.c.partition, head.c.digest)
    for row in connection.execute(query.where(head.c.digest.is_not(None))):
        yield from _partition(lake, row.table_name, row.partition, row.digest)
    for digest in sorted({*bundles_by_month(connection), *records(connection)}):
        yield from _bundle(lake, digest)
    for entry in number_register.entries(connection):
        yield NamedFile(number_register.path_of(entry.sequence), entry.digest)


def _partition(lake: ManifestStore, table: str, path: str, digest: str) -> Iterator[NamedFile]:
    yield NamedFile(f"{table}/{path}/{digest}.json", digest)
    try:
        manifest = lake.manifest_named(table, path, digest)
    except DamageError:
        return
    for file in manifest.files:
        yield NamedFile(data_path(table, manifest.partition, file), file.sha256)


def _bundle(lake: ManifestStore, digest: str) -> Iterator[NamedFile]:
    path = path_of(digest)
    yield NamedFile(path, digest)
    try:
        index = parse(lake.content(path, digest).to_pybytes(), path)
    except DamageError:
        return
    for document in sorted(set(index["documents"].values())):
        yield NamedFile(path_of(document), document)
    for table, partition, manifest in pinned(index):
        yield from _partition(lake, table, partition, manifest)
