"""A change of the lake: partitions move to new manifests all together, or not at all."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace

import pyarrow as pa
import sqlalchemy as sa

from metering.database.tables import manifest_head as head
from metering.errors import ConflictError, ContractError, UnfitRowsError
from metering.lake import parquet
from metering.lake.contract import Contract, contract, hour_digests, row_digest
from metering.lake.manifest import (
    DataFile,
    Manifest,
    data_path,
    manifest_path,
    name_of,
    partition_of,
    path_of,
)
from metering.lake.manifest_store import ManifestStore, newest_version


class Change:
    """Partitions to be replaced or removed together, and what else that transaction records."""

    def __init__(self, lake: ManifestStore, began: int) -> None:
        self._lake = lake
        self._began = began
        self._seen: set[tuple[str, str]] = set()
        self._new: dict[tuple[str, str], Manifest | None] = {}
        self._placed: list[str] = []
        self._recorded: list[Callable[[sa.Connection], None]] = []

    def replace(
        self,
        table: str,
        partition: Mapping[str, object],
        data: pa.Table,
        inputs: Mapping[str, str] | None = None,
    ) -> Manifest:
        """Put rows in a partition's place; written now, in force at the end of the change.

        Rows and inputs that are in force already change no byte, but for files that are not what
        their digests say any more: those are written again. UnfitRowsError where the rows do not
        keep the table's contract.
        """
        kept = contract(table)
        values = partition_of(kept, partition)
        try:
            rows = kept.conform(data, values)
        except ContractError as error:
            raise UnfitRowsError(str(error)) from error
        digest = row_digest(rows)
        key = (table, path_of(values))
        head_digest = self._current(key)
        current = None if head_digest is None else self._lake.readable(*key, head_digest)
        if current is not None and current.row_digest == digest and self._whole(current):
            hours, files = current.hours, current.files
        else:
            hours, files = hour_digests(rows, kept), self._write(kept, values, rows)
        manifest = Manifest(
            table=table,
            partition=values,
            rows=rows.num_rows,
            row_digest=digest,
            hours=hours,
            inputs=dict(sorted((inputs or {}).items())),
            files=files,
        )
        manifest = replace(manifest, digest=name_of(manifest.document()))
        if current is None or current.digest != manifest.digest:
            document = pa.py_buffer(manifest.document())
            self._lake.store.place(manifest_path(manifest), document, self._lake.fault)
            self._placed.append(manifest_path(manifest))
        if head_digest != manifest.digest:
            self._new[key] = manifest
        return manifest

    def remove(self, table: str, partition: Mapping[str, object]) -> None:
        """Take a partition out of force; nothing happens where there is none."""
        values = partition_of(contract(table), partition)
        key = (table, path_of(values))
        if self._current(key) is not None:
            self._new[key] = None

    def record(self, write: Callable[[sa.Connection], None]) -> None:
        """Run a function in the transaction that ends the change."""
        self._recorded.append(write)

    def _current(self, key: tuple[str, str]) -> str | None:
        """The manifest in force at a place that this change is about to settle."""
        self._new.pop(key, None)
        self._seen.add(key)
        with self._lake.database.read() as connection:
            digest, _ = self._unmoved(connection, key)
        return digest

    def _unmoved(
        self, connection: sa.Connection, key: tuple[str, str]
    ) -> tuple[str | None, int | None]:
        """The head of a partition: its digest, and its version (None where it never had one)."""
        query = sa.select(head.c.digest, head.c.version).where(_at(key))
        row = connection.execute(query).one_or_none()
        if row is None:
            return None, None
        if row.version > self._began:
            raise ConflictError(f"{'/'.join(key)} was changed by another run; run this again")
        return row.digest, row.version

    def _whole(self, current: Manifest) -> bool:
        """Whether the files in force are what they were written as."""
        return all(
            self._lake.whole(data_path(current.table, current.partition, file), file.sha256)
            for file in current.files
        )

    def _write(
        self, kept: Contract, partition: Mapping[str, str], rows: pa.Table
    ) -> tuple[DataFile, ...]:
        if rows.num_rows == 0:
            return ()
        content = parquet.write(rows, kept)
        file = DataFile(hashlib.sha256(content).hexdigest(), content.size, rows.num_rows)
        path = data_path(kept.table, partition, file)
        self._lake.store.place(path, content, self._lake.fault)
        self._placed.append(path)
        return (file,)

    def commit(self) -> None:
        """Move every head, in one transaction, if none moved since the change began."""
        fault = self._lake.fault
        self._lake.store.settle(self._placed)
        if not self._new and not self._recorded:
            return
        fault("before the transaction")
        with self._lake.database.begin() as connection:
            version = newest_version(connection) + 1
            for key in sorted(self._seen):
                _, before = self._unmoved(connection, key)
                if key in self._new:
                    self._move(connection, key, before is not None, version)
                    fault(f"moved {'/'.join(key)}")
            for write in self._recorded:
                write(connection)
                fault("recorded")
            fault("before the commit")
        fault("after the transaction")

    def _still_there(self, manifest: Manifest | None) -> None:
        """Files that lay unnamed for long may have been swept between their writing and now."""
        if manifest is None:
            return
        for path in (
            manifest_path(manifest),
            *(data_path(manifest.table, manifest.partition, file) for file in manifest.files),
        ):
            if self._lake.store.size(path) is None:
                raise ConflictError(f"{path} was swept meanwhile; run this again")

    def _move(
        self, connection: sa.Connection, key: tuple[str, str], known: bool, version: int
    ) -> None:
        manifest = self._new[key]
        self._still_there(manifest)
        head_now = {"digest": manifest.digest if manifest else None, "version": version}
        if known:
            connection.execute(sa.update(head).where(_at(key)).values(head_now))
        else:
            row = {"table_name": key[0], "partition": key[1]} | head_now
            connection.execute(sa.insert(head), [row])


def _at(key: tuple[str, str]) -> sa.ColumnElement[bool]:
    return sa.and_(head.c.table_name == key[0], head.c.partition == key[1])
