"""The store of manifests: files and manifests by name, and which change was the newest."""

import sqlalchemy as sa

from metering.database.connection import Database
from metering.database.tables import manifest_head as head
from metering.lake.manifest import Manifest, from_document
from metering.lake.object_store import Fault, FileStore

REMEMBERED = 10_000  # manifests


class ManifestStore:
    """Files and manifests of a lake by name, and the database that says which are in force."""

    def __init__(self, store: FileStore, database: Database, fault: Fault) -> None:
        self.store = store
        self.database = database
        self.fault = fault
        self._manifests: dict[str, Manifest] = {}

    def manifest_named(self, table: str, path: str, digest: str) -> Manifest:
        """A manifest by its digest, in force or not."""
        known = self._manifests.get(digest)
        if known is None:
            content = self.store.get(f"{table}/{path}/{digest}.json").to_pybytes()
            known = from_document(content, digest)
            if len(self._manifests) >= REMEMBERED:
                self._manifests.clear()
            self._manifests[digest] = known
        return known


def newest_version(connection: sa.Connection) -> int:
    """The number of the newest change; a head carries the number of the one that moved it."""
    return connection.execute(sa.select(sa.func.max(head.c.version))).scalar() or 0
