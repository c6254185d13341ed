"""The store of manifests: files and manifests by name, and which change was the newest.

Here every byte of the lake is held to the digest that names it, before anybody reads it
(METERING 42).
"""

import hashlib

import pyarrow as pa
import sqlalchemy as sa

from metering.database.connection import Database
from metering.database.tables import manifest_head as head
from metering.errors import CHANGED, MISSING, DamageError
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
        self._held: dict[str, tuple[int, ...] | None] = {}  # by path, which version of the file

    def content(self, path: str, sha256: str) -> pa.Buffer:
        """The bytes of a file; DamageError where they are not those of its digest."""
        version = self.store.version(path)
        content = self.store.get(path)
        self._compare(path, sha256, hashlib.sha256(content).hexdigest(), version)
        return content

    def hold(self, path: str, sha256: str) -> None:
        """Read a file against its digest, once for as long as it is not written again;
        DamageError where it is not what its digest says."""
        version = self.store.version(path)
        if version is not None and self._held.get(path) == version:
            return
        read = hashlib.sha256()
        for piece in self.store.pieces(path):
            read.update(piece)
        self._compare(path, sha256, read.hexdigest(), version)

    def readable(self, table: str, path: str, digest: str) -> Manifest | None:
        """A manifest by its digest; None where it is broken."""
        try:
            return self.manifest_named(table, path, digest)
        except DamageError:
            return None

    def whole(self, path: str, sha256: str) -> bool:
        """Whether a file is there and what its digest says."""
        try:
            self.hold(path, sha256)
        except DamageError:
            return False
        return True

    def wrong(self, path: str) -> str:
        """What is wrong with a file that is not whole."""
        return MISSING if self.store.size(path) is None else CHANGED

    def _compare(self, path: str, wanted: str, read: str, version: tuple[int, ...] | None) -> None:
        if read != wanted:
            self._held.pop(path, None)
            raise DamageError(path, CHANGED)
        self._held[path] = version

    def manifest_named(self, table: str, path: str, digest: str) -> Manifest:
        """A manifest by its digest, in force or not."""
        known = self._manifests.get(digest)
        if known is None:
            content = self.content(f"{table}/{path}/{digest}.json", digest)
            known = from_document(content.to_pybytes(), digest)
            if len(self._manifests) >= REMEMBERED:
                self._manifests.clear()
            self._manifests[digest] = known
        return known


def newest_version(connection: sa.Connection) -> int:
    """The number of the newest change; a head carries the number of the one that moved it."""
    return connection.execute(sa.select(sa.func.max(head.c.version))).scalar() or 0
