"""A copy of a site beside it: it begins with what the site has, and what it writes stays in it."""

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import sqlalchemy as sa

from metering.database.connection import Database, open_database
from metering.database.tables import manifest_head as head
from metering.database.tables import metadata
from metering.lake.inspection import Partition
from metering.lake.lake import Lake
from metering.lake.manifest_store import newest_version
from metering.lake.object_store import Fault, FileStore, LocalStore, Stored
from metering.site.open_site import OpenSite

ROWS = 1_000  # copied at once


@dataclass(frozen=True, slots=True)
class ScratchSite:
    """A site to try things in; `began` is the newest change that it knows of."""

    site: OpenSite
    began: int

    def take_out(self, partitions: Collection[Partition]) -> None:
        """Take partitions out of force, here alone."""
        with self.site.database.begin() as connection:
            for partition in partitions:
                where = sa.and_(
                    head.c.table_name == partition.table, head.c.partition == partition.path
                )
                connection.execute(sa.update(head).where(where).values(digest=None))


class OverlaidStore:
    """Files of one store before those of another, which is never written."""

    def __init__(self, own: LocalStore, under: FileStore) -> None:
        self._own = own
        self._under = under

    def _of(self, path: str) -> FileStore:
        return self._under if self._own.size(path) is None else self._own

    def put(self, path: str, content: pa.Buffer, fault: Fault) -> None:
        """See Store.put."""
        self._own.place(path, content, fault)

    def place(self, path: str, content: pa.Buffer, fault: Fault) -> None:
        """See Store.place."""
        self._own.place(path, content, fault)

    def settle(self, paths: Collection[str]) -> None:
        """See Store.settle: what is tried need not outlive a loss of power."""

    def get(self, path: str) -> pa.Buffer:
        """See Store.get."""
        return self._of(path).get(path)

    def pieces(self, path: str) -> Iterator[bytes]:
        """See Store.pieces."""
        return self._of(path).pieces(path)

    def version(self, path: str) -> tuple[int, ...] | None:
        """See Store.version."""
        return self._of(path).version(path)

    def local_path(self, path: str) -> str | None:
        """See Store.local_path."""
        return self._of(path).local_path(path)

    def size(self, path: str) -> int | None:
        """See Store.size."""
        return self._of(path).size(path)

    def delete(self, path: str) -> None:
        """See Store.delete."""
        self._own.delete(path)

    def files(self) -> Iterator[Stored]:
        """See Store.files: those that were written here."""
        return self._own.files()

    def reach(self) -> str:
        """See Store.reach."""
        return self._under.reach()

    def address(self, path: str) -> str:
        """See Store.address."""
        return self._of(path).address(path)


@contextmanager
def scratch_site(opened: OpenSite) -> Iterator[ScratchSite]:
    """A copy of a site; gone at the end."""
    with tempfile.TemporaryDirectory(prefix="jeongsan-") as folder:
        own = LocalStore(Path(folder) / "lake")
        with open_database(f"sqlite:///{folder}/scratch.db") as database:
            began = _copy(opened.database, database)
            lake = Lake(str(own.root), database)
            lake.store = OverlaidStore(own, opened.lake.store)
            yield ScratchSite(OpenSite(opened.site, database, lake), began)


def _copy(site: Database, scratch: Database) -> int:
    """Copy what metering keeps; gives the number of the newest change."""
    with site.read() as source, scratch.begin() as target:
        for table in metadata.sorted_tables:
            rows = source.execute(sa.select(table)).mappings()
            while some := rows.fetchmany(ROWS):
                target.execute(sa.insert(table), [dict(row) for row in some])
        return newest_version(source)
