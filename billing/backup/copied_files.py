"""Owns how a file is copied whole by its digest: under its name once every byte is held to it."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from uuid import uuid4

from metering.errors import CHANGED, DamageError, JeongsanError
from metering.lake.inspection import Read
from metering.lake.object_store import PIECE, Fault, LocalStore


def pieces_of(path: Path) -> Iterator[bytes]:
    """The bytes of a file, some at a time."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def digest_and_size(pieces: Iterable[bytes]) -> tuple[str, int]:
    """The sha256 and how many bytes there are."""
    read, size = hashlib.sha256(), 0
    for piece in pieces:
        read.update(piece)
        size += len(piece)
    return read.hexdigest(), size


class CopyTarget:
    """A directory that files are copied into; what was copied is there for good after `settle`."""

    def __init__(self, root: Path, read: Read, fault: Fault) -> None:
        self.root, self.copied, self.kept = root, 0, 0
        self._read, self.fault = read, fault
        self._store = LocalStore(root)
        self._new: list[str] = []

    def part(self) -> Path:
        """A new name in the directory that no reader takes for a file."""
        return self.root / f".{uuid4().hex}.part"

    def has(self, path: str, sha256: str, size: int | None = None) -> bool:
        """Whether a file is there: of that size, or where none is given with that digest."""
        target = self.root / path
        if not target.is_file():
            return False
        if size is not None:
            return target.stat().st_size == size
        return digest_and_size(self._told(pieces_of(target)))[0] == sha256

    def take(self, path: str, sha256: str, pieces: Iterable[bytes]) -> int:
        """Copy a file in; gives its size in bytes. DamageError where the bytes are not those of the
        digest, and nothing is there then; JeongsanError where it cannot be written."""
        target, part = self.root / path, self.part()
        self.fault(f"before {path}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                there, size = digest_and_size(self._through(pieces, file.write))
            if there != sha256:
                raise DamageError(path, CHANGED)
            self.fault(f"written {path}")
            part.replace(target)
        except OSError as error:
            raise JeongsanError(
                f"{self.root}: cannot be written: {error}; make room or give leave, and run this "
                "again: what is there already is not copied again"
            ) from error
        finally:
            part.unlink(missing_ok=True)
        self._new.append(path)
        self.copied += 1
        return size

    def settle(self) -> None:
        """Come back when all that was copied is there for good."""
        self._store.settle(self._new)
        self._new.clear()

    def _told(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._read(len(piece))
            yield piece

    def _through(self, pieces: Iterable[bytes], write: Callable[[bytes], int]) -> Iterator[bytes]:
        for piece in self._told(pieces):
            write(piece)
            yield piece
