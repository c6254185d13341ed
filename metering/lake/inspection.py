"""Looking a lake through: every file that somebody names, read against its digest."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from metering.errors import CHANGED, DamageError
from metering.lake.manifest import data_path, from_document
from metering.lake.manifest_store import ManifestStore

Read = Callable[[int], None]  # called with the bytes just read; may wait


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """A partition as a manifest has it, in force or not."""

    table: str
    path: str  # cluster=a/date=2025-10-01
    manifest: str  # digest

    @property
    def folder(self) -> str:
        """Where its files lie."""
        return f"{self.table}/{self.path}"


@dataclass(frozen=True, slots=True)
class BrokenFile:
    """A named file that is missing or not what its digest says. `partitions` are those that cannot
    be read without it; a document of a bundle is of none."""

    path: str
    sha256: str
    what: str
    partitions: tuple[Partition, ...] = ()


@dataclass(slots=True)
class Inspection:
    """What was read so far, each file once, and what of it is broken."""

    lake: ManifestStore
    read: Read
    files: int = 0  # that are there
    size: int = 0  # bytes
    named: set[str] = field(default_factory=set)  # the paths of all that was looked for
    _partitions: set[Partition] = field(default_factory=set)
    _broken: dict[str, BrokenFile] = field(default_factory=dict)

    @property
    def broken(self) -> tuple[BrokenFile, ...]:
        """The broken files by path."""
        return tuple(self._broken[path] for path in sorted(self._broken))

    def partition(self, partition: Partition) -> None:
        """Read a partition's manifest and, if that is whole, its files."""
        if partition in self._partitions:
            return
        self._partitions.add(partition)
        path = f"{partition.folder}/{partition.manifest}.json"
        document = self.document(path, partition.manifest)
        if document is None:
            self._note(path, partition)
            return
        manifest = from_document(document, partition.manifest)
        for file in manifest.files:
            data = data_path(manifest.table, manifest.partition, file)
            if data not in self.named:
                self._look(data, file.sha256, None)
            self._note(data, partition)

    def document(self, path: str, sha256: str) -> bytes | None:
        """The bytes of a small file that was not looked for before; None where it is broken."""
        pieces: list[bytes] = []
        whole = self._look(path, sha256, pieces)
        return b"".join(pieces) if whole else None

    def _look(self, path: str, sha256: str, keep: list[bytes] | None) -> bool:
        """Whether a file is whole; its bytes are put into `keep`."""
        self.named.add(path)
        read, what = hashlib.sha256(), CHANGED
        try:
            for piece in self.lake.store.pieces(path):
                read.update(piece)
                self.size += len(piece)
                self.read(len(piece))
                if keep is not None:
                    keep.append(piece)
            self.files += 1
        except DamageError as error:
            what = error.what
        if read.hexdigest() == sha256:
            return True
        self._broken[path] = BrokenFile(path, sha256, what)
        return False

    def _note(self, path: str, partition: Partition) -> None:
        """A partition cannot be read without a file, if that is broken."""
        broken = self._broken.get(path)
        if broken is not None:
            partitions = (*broken.partitions, partition)
            self._broken[path] = replace(broken, partitions=partitions)
