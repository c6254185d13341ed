"""The lake: tables whose partitions are what their manifest in force says."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import sqlalchemy as sa

from metering.database.connection import Database
from metering.database.tables import manifest_head as head
from metering.errors import ContractError
from metering.lake import parquet
from metering.lake.change import Change
from metering.lake.contract import Contract, contract
from metering.lake.manifest import (
    Manifest,
    data_path,
    parse_path,
    partition_of,
    path_of,
    value_of,
)
from metering.lake.manifest_store import ManifestStore, newest_version
from metering.lake.object_store import Fault, open_store
from metering.lake.sweep import sweep

AFTER = "~"  # sorts after every character of a partition's name
# Made once: a statement is asked thousands of times a month.
HEAD_OF = sa.select(head.c.digest).where(
    head.c.table_name == sa.bindparam("table"), head.c.partition == sa.bindparam("path")
)
HEADS_BETWEEN = (
    sa.select(head.c.partition, head.c.digest)
    .where(head.c.table_name == sa.bindparam("table"), head.c.digest.is_not(None))
    .where(head.c.partition >= sa.bindparam("first"), head.c.partition <= sa.bindparam("last"))
)


class HasLake(Protocol):
    """A site, as far as its lake goes."""

    @property
    def directory(self) -> Path:
        """What paths are relative to."""

    @property
    def lake(self) -> str:
        """A directory or s3://bucket/prefix."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Partitions as they were in force at one instant, to be read at any later one."""

    lake: "Lake"
    table: str
    manifests: tuple[Manifest, ...]

    def read(self) -> pa.Table:
        """The rows, partition after partition in the order of their keys."""
        kept = contract(self.table)
        tables = [self.lake.rows(manifest) for manifest in self.manifests]
        return pa.concat_tables([kept.schema.empty_table(), *tables])

    def files(self) -> list[str | pa.Buffer]:
        """The Parquet files for an engine, each held to its digest: by its name where it lies on
        this machine, out of a bucket the very bytes that were held."""
        return [self.lake.opened(path, sha256) for path, sha256 in self._named()]

    def paths(self) -> list[str]:
        """The addresses of the Parquet files for people, each held to its digest."""
        for path, sha256 in self._named():
            self.lake.hold(path, sha256)
        return [self.lake.store.address(path) for path, _ in self._named()]

    def _named(self) -> list[tuple[str, str]]:
        """The path and the digest of each file."""
        return [
            (data_path(manifest.table, manifest.partition, file), file.sha256)
            for manifest in self.manifests
            for file in manifest.files
        ]

    def digests(self) -> dict[str, str]:
        """Row digests by `table/partition`: what is made from these rows keeps them as inputs."""
        return {
            f"{self.table}/{path_of(manifest.partition)}": manifest.row_digest
            for manifest in self.manifests
        }


class Lake(ManifestStore):
    """Tables at a directory or bucket; which manifest is in force stands in the database."""

    def __init__(
        self, site_or_root: str | Path | HasLake, database: Database, fault: Fault = lambda _: None
    ) -> None:
        if isinstance(site_or_root, (str, Path)):
            root = str(site_or_root)
        elif "://" in site_or_root.lake:
            root = site_or_root.lake
        else:
            root = str(site_or_root.directory / site_or_root.lake)
        super().__init__(open_store(root), database, fault)

    def select(
        self,
        table: str,
        *,
        date_from: date | str | None = None,
        date_to: date | str | None = None,
        **filters: object,
    ) -> Selection:
        """The partitions in force whose keys equal `filters`, dated within the inclusive range."""
        heads = self._heads(contract(table), filters, date_from, date_to)
        return Selection(
            self, table, tuple(self.manifest_named(table, path, digest) for path, digest in heads)
        )

    def manifests(
        self,
        table: str,
        *,
        date_from: date | str | None = None,
        date_to: date | str | None = None,
        **filters: object,
    ) -> list[tuple[dict[str, str], Manifest | None]]:
        """The partitions that `select` would give with their manifests; None where one is broken,
        for who would write the partition anew."""
        heads = self._heads(contract(table), filters, date_from, date_to)
        return [(parse_path(path), self.readable(table, path, digest)) for path, digest in heads]

    def partitions(
        self,
        table: str,
        *,
        date_from: date | str | None = None,
        date_to: date | str | None = None,
        **filters: object,
    ) -> list[dict[str, str]]:
        """The keys of the partitions that `select` would give."""
        heads = self._heads(contract(table), filters, date_from, date_to)
        return [parse_path(path) for path, _ in heads]

    def read(
        self,
        table: str,
        *,
        date_from: date | str | None = None,
        date_to: date | str | None = None,
        **filters: object,
    ) -> pa.Table:
        """The rows of the partitions that `select` would give, checked against the contract."""
        return self.select(table, date_from=date_from, date_to=date_to, **filters).read()

    def paths(
        self,
        table: str,
        *,
        date_from: date | str | None = None,
        date_to: date | str | None = None,
        **filters: object,
    ) -> list[str]:
        """The Parquet files of the partitions that `select` would give."""
        return self.select(table, date_from=date_from, date_to=date_to, **filters).paths()

    def _heads(
        self,
        kept: Contract,
        filters: Mapping[str, object],
        date_from: date | str | None,
        date_to: date | str | None,
    ) -> list[tuple[str, str]]:
        """Names of partitions and digests of their manifests, in the order of their keys."""
        wanted = {key: value_of(key, value) for key, value in filters.items()}
        if unknown := set(wanted) - set(kept.partition):
            raise ContractError(f"table {kept.table} has no partition key {', '.join(unknown)}")
        low = "" if date_from is None else value_of("date", date_from)
        high = AFTER if date_to is None else value_of("date", date_to)
        first, last = _range(kept, wanted, low, high)
        asked = {"table": kept.table, "first": first, "last": last}
        with self.database.read() as connection:
            heads = [
                (parse_path(path), path, digest)
                for path, digest in connection.execute(HEADS_BETWEEN, asked)
            ]
        chosen = [
            (values, path, digest)
            for values, path, digest in heads
            if low <= values.get("date", low) <= high
            and all(values[key] == value for key, value in wanted.items())
        ]
        chosen.sort(key=lambda named: _order(named[0]))
        return [(path, digest) for _, path, digest in chosen]

    def manifest(self, table: str, **partition: object) -> Manifest | None:
        """The manifest in force of one partition."""
        path = path_of(partition_of(contract(table), partition))
        with self.database.read() as connection:
            digest = connection.execute(HEAD_OF, {"table": table, "path": path}).scalar()
        return None if digest is None else self.manifest_named(table, path, digest)

    def rows(self, manifest: Manifest) -> pa.Table:
        """The rows that a manifest names; DamageError where a file is not what was written."""
        kept = contract(manifest.table)
        own = [field for field in kept.schema if field.name not in kept.partition]
        tables = [pa.schema(own).empty_table()]
        for file in manifest.files:
            path = data_path(manifest.table, manifest.partition, file)
            content = self.content(path, file.sha256)
            tables.append(parquet.read(content, kept).cast(pa.schema(own)))
        return kept.conform(pa.concat_tables(tables), manifest.partition)

    def opened(self, path: str, sha256: str) -> str | pa.Buffer:
        """A file held to its digest, as an engine opens it (see Selection.files)."""
        local = self.store.local_path(path)
        if local is None:
            return self.content(path, sha256)
        self.hold(path, sha256)
        return local

    @contextmanager
    def change(self, began: int | None = None) -> Iterator[Change]:
        """A change of several partitions: all of it is in force at the end, or none of it.

        ConflictError if another writer moved one of them after the change began: now, or with the
        change of that number.
        """
        if began is None:
            with self.database.read() as connection:
                began = newest_version(connection)
        change = Change(self, began)
        yield change
        change.commit()

    def sweep(self, older_than_ms: int, now_ms: int, keep: Collection[str] = ()) -> list[str]:
        """Remove files older than so many ms that no manifest in force and none of `keep` names."""
        return sweep(self, older_than_ms, now_ms, keep)


def _order(partition: Mapping[str, str]) -> list[tuple[int, str]]:
    """Partitions follow one another by the values of their keys, numbers as numbers."""
    return [(int(value), "") if value.isdecimal() else (0, value) for value in partition.values()]


def _range(kept: Contract, wanted: Mapping[str, str], low: str, high: str) -> tuple[str, str]:
    """The first and the last name that a partition can have, by the leading keys that are known."""
    known = ""
    for key in kept.partition:
        if key not in wanted:
            if key == "date":
                return f"{known}date={low}", f"{known}date={high}{AFTER}"
            return known, f"{known}{AFTER}"
        known += f"{key}={wanted[key]}/"
    return known.rstrip("/"), known.rstrip("/")
