"""Where the lake's bytes lie: files written once, whole, under the name of their content."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa
from pyarrow import fs

from metering.errors import JeongsanError

Fault = Callable[[str], None]  # called before and after every write; a test dies in it

# Trailing checksums make some S3 stores keep the framing with the bytes.
S3_DEFAULTS = {
    "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
    "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True, slots=True)
class Stored:
    """A file as the store lists it."""

    path: str
    size: int  # bytes
    changed_ms: int


class Store(Protocol):
    """Files under a root. Nothing asks more of it than whole reads and whole writes."""

    def put(self, path: str, content: pa.Buffer, fault: Fault) -> None:
        """Write a file so that it is there whole, for good, or not at all."""

    def get(self, path: str) -> pa.Buffer:
        """The bytes of a file."""

    def size(self, path: str) -> int | None:
        """The size of a file in bytes; None where there is none."""

    def delete(self, path: str) -> None:
        """Remove a file that may be gone already."""

    def files(self) -> Iterator[Stored]:
        """Every file, folder by folder; a store may list late, so only the sweep looks."""

    def address(self, path: str) -> str:
        """The name by which an engine opens a file."""


def open_store(root: str) -> Store:
    """The store at a directory or at s3://bucket/prefix (with the options of pyarrow)."""
    if "://" not in root:
        return LocalStore(Path(root))
    for name, setting in S3_DEFAULTS.items():
        os.environ.setdefault(name, setting)
    try:
        filesystem, prefix = fs.FileSystem.from_uri(root)
    except (pa.ArrowInvalid, OSError) as error:
        raise JeongsanError(f"lake {root.split('?')[0]}: cannot be opened: {error}") from error
    return ObjectStore(filesystem, prefix, root)


class LocalStore:
    """A directory; a file appears by a rename after its bytes are on the disk."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    def put(self, path: str, content: pa.Buffer, fault: Fault) -> None:
        """See Store.put."""
        target = self.root / path
        _make_directories(target.parent)
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        fault(f"before {path}")
        with part.open("wb") as file:
            fault(f"opened {path}")
            file.write(content)
            file.flush()
            fault(f"written {path}")
            os.fsync(file.fileno())
        fault(f"on disk {path}")
        part.replace(target)
        _sync(target.parent)
        fault(f"named {path}")

    def get(self, path: str) -> pa.Buffer:
        """See Store.get."""
        try:
            with pa.memory_map(str(self.root / path)) as file:
                return file.read_buffer()
        except FileNotFoundError as error:
            raise _lost(path) from error

    def size(self, path: str) -> int | None:
        """See Store.size."""
        target = self.root / path
        return target.stat().st_size if target.is_file() else None

    def delete(self, path: str) -> None:
        """See Store.delete."""
        (self.root / path).unlink(missing_ok=True)

    def files(self) -> Iterator[Stored]:
        """See Store.files."""
        for folder, _, names in os.walk(self.root):
            for name in sorted(names):
                full = Path(folder, name)
                facts = full.stat()
                path = full.relative_to(self.root).as_posix()
                yield Stored(path, facts.st_size, facts.st_mtime_ns // 1_000_000)

    def address(self, path: str) -> str:
        """See Store.address."""
        return str(self.root / path)


class ObjectStore:
    """A bucket: one PUT an object, which is there whole or not at all."""

    def __init__(self, filesystem: fs.FileSystem, prefix: str, root: str) -> None:
        self._filesystem = filesystem
        self._prefix = prefix.rstrip("/")
        self._root, _, self._options = root.partition("?")

    def put(self, path: str, content: pa.Buffer, fault: Fault) -> None:
        """See Store.put. What the store then says of the size must be what was sent."""
        fault(f"before {path}")
        with self._filesystem.open_output_stream(self._full(path)) as stream:
            stream.write(content)
        if self.size(path) != content.size:
            raise JeongsanError(
                f"{self._root}: keeps {self.size(path)} of {content.size} bytes of {path}; "
                "switch its trailing checksums off"
            )
        fault(f"named {path}")

    def get(self, path: str) -> pa.Buffer:
        """See Store.get."""
        try:
            with self._filesystem.open_input_stream(self._full(path)) as stream:
                return stream.read_buffer()
        except FileNotFoundError as error:
            raise _lost(path) from error

    def size(self, path: str) -> int | None:
        """See Store.size."""
        facts = self._filesystem.get_file_info(self._full(path))
        return facts.size if facts.type == fs.FileType.File else None

    def delete(self, path: str) -> None:
        """See Store.delete."""
        if self.size(path) is not None:
            self._filesystem.delete_file(self._full(path))

    def files(self) -> Iterator[Stored]:
        """See Store.files."""
        everything = fs.FileSelector(self._prefix, recursive=True, allow_not_found=True)
        found = self._filesystem.get_file_info(everything)
        for facts in sorted(found, key=lambda one: one.path.rpartition("/")):
            if facts.type == fs.FileType.File:
                path = facts.path[len(self._prefix) + 1 :]
                yield Stored(path, facts.size, facts.mtime_ns // 1_000_000)

    def address(self, path: str) -> str:
        """See Store.address."""
        return "?".join(
            part for part in (f"{self._root.rstrip('/')}/{path}", self._options) if part
        )

    def _full(self, path: str) -> str:
        return f"{self._prefix}/{path}"


def _lost(path: str) -> JeongsanError:
    return JeongsanError(f"{path}: is missing from the lake; restore it or run its stage again")


def _make_directories(folder: Path) -> None:
    """Make a directory and those above it, each named on the disk in the one above."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        _sync(one.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
