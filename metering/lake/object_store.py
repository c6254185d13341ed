"""Where the lake's bytes lie: files written once, whole, under the name of their content."""

import errno
import os
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pyarrow as pa
from pyarrow import fs

from metering.disk_places import write_refusal
from metering.errors import MISSING, DamageError, JeongsanError, StoreError

WAITING = 16  # files that are waited for at once
PIECE = 1 << 20  # bytes read at a time
LOST = (errno.EIO, errno.EISDIR)  # what a disk says of a file that is no more what it was

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


class FileStore(Protocol):
    """Files under a root. Nothing asks more of it than whole reads and whole writes."""

    def put(self, path: str, content: pa.Buffer, fault: Fault) -> None:
        """Write a file so that it is there whole, for good, or not at all."""

    def place(self, path: str, content: pa.Buffer, fault: Fault) -> None:
        """Write a file whole; it need not outlive a loss of power before `settle`."""

    def settle(self, paths: Collection[str]) -> None:
        """Come back when files that were placed are there for good."""

    def get(self, path: str) -> pa.Buffer:
        """The bytes of a file; DamageError where there is none that can be read."""

    def pieces(self, path: str) -> Iterator[bytes]:
        """The bytes of a file, some at a time; DamageError as `get` has it."""

    def version(self, path: str) -> tuple[int, ...] | None:
        """What tells a file from what is written in its place later; None where there is none.
        A bucket is not asked: what it keeps changes by a new put alone."""

    def local_path(self, path: str) -> str | None:
        """By which name the machine's own file system opens a file; None for what a bucket has."""

    def size(self, path: str) -> int | None:
        """The size of a file in bytes; None where there is none."""

    def delete(self, path: str) -> None:
        """Remove a file that may be gone already."""

    def files(self) -> Iterator[Stored]:
        """Every file, folder by folder; a store may list late, so only the sweep looks."""

    def reach(self) -> str:
        """Whether the place is there and answers, asked without leaving anything; what could not
        be tried without that, in words, else ''. JeongsanError where it does not answer."""

    def address(self, path: str) -> str:
        """The name by which an engine opens a file."""


def open_store(root: str) -> FileStore:
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
    """A directory; a file appears whole, by a rename."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    def put(self, path: str, content: pa.Buffer, fault: Fault) -> None:
        """See Store.put."""
        self.place(path, content, fault)
        self.settle([path])
        fault(f"settled {path}")

    def place(self, path: str, content: pa.Buffer, fault: Fault) -> None:
        """See Store.place. A torn file under a right name is harmless until something names it."""
        target = self.root / path
        # Threads, processes and machines that share the directory may write the same file at once.
        part = target.with_name(f".{target.name}.{uuid4().hex}.part")
        fault(f"before {path}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                fault(f"opened {path}")
                file.write(content)
            fault(f"written {path}")
            part.replace(target)
        except OSError as error:
            with suppress(OSError):  # what is in the way is told below
                part.unlink(missing_ok=True)
            raise _unwritten(self.root, error) from error
        fault(f"named {path}")

    def settle(self, paths: Collection[str]) -> None:
        """See Store.settle. Many wait at once, since a disk writes many as fast as one."""
        files = {self.root / path for path in paths}
        folders = {folder for file in files for folder in file.parents if self._own(folder)}
        try:
            if len(files) <= 1:  # threads would take longer than they spare
                for path in (*files, *sorted(folders)):
                    _sync(path)
                return
            with ThreadPoolExecutor(min(len(files), WAITING)) as waiting:
                list(waiting.map(_sync, sorted(files)))
                list(waiting.map(_sync, sorted(folders)))
        except OSError as error:
            raise _unwritten(self.root, error) from error

    def _own(self, folder: Path) -> bool:
        """Whether a folder is the root, under it, or the one that names the root."""
        return folder.is_relative_to(self.root) or folder == self.root.parent

    def get(self, path: str) -> pa.Buffer:
        """See Store.get. A map of the file would end the program where a disk cannot be read."""
        try:
            return pa.py_buffer((self.root / path).read_bytes())
        except OSError as error:
            raise _unread(self.root, path, error) from error

    def pieces(self, path: str) -> Iterator[bytes]:
        """See Store.pieces."""
        try:
            with (self.root / path).open("rb", buffering=0) as file:
                while piece := file.read(PIECE):
                    yield piece
        except OSError as error:
            raise _unread(self.root, path, error) from error

    def version(self, path: str) -> tuple[int, ...] | None:
        """See Store.version."""
        try:
            facts = (self.root / path).stat()
        except OSError:
            return None
        return facts.st_ino, facts.st_size, facts.st_mtime_ns

    def local_path(self, path: str) -> str | None:
        """See Store.local_path."""
        return str(self.root / path)

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

    def reach(self) -> str:
        """See Store.reach."""
        if refusal := write_refusal(self.root):
            raise JeongsanError(f"lake {self.root}: cannot be written: {refusal}")
        return ""

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
        try:
            with self._filesystem.open_output_stream(self._full(path)) as stream:
                stream.write(content)
        except OSError as error:
            raise _unwritten(self._root, error) from error
        if self.size(path) != content.size:
            raise JeongsanError(
                f"{self._root}: keeps {self.size(path)} of {content.size} bytes of {path}; "
                "switch its trailing checksums off"
            )
        fault(f"named {path}")

    def place(self, path: str, content: pa.Buffer, fault: Fault) -> None:
        """See Store.place."""
        self.put(path, content, fault)

    def settle(self, paths: Collection[str]) -> None:
        """See Store.settle: a bucket answers when it has the object for good."""

    def get(self, path: str) -> pa.Buffer:
        """See Store.get."""
        try:
            with self._filesystem.open_input_stream(self._full(path)) as stream:
                return stream.read_buffer()
        except OSError as error:
            raise _unread(self._root, path, error) from error

    def pieces(self, path: str) -> Iterator[bytes]:
        """See Store.pieces."""
        try:
            with self._filesystem.open_input_stream(self._full(path)) as stream:
                while piece := stream.read(PIECE):
                    yield piece
        except OSError as error:
            raise _unread(self._root, path, error) from error

    def version(self, path: str) -> tuple[int, ...] | None:
        """See Store.version."""
        return ()

    def local_path(self, path: str) -> str | None:
        """See Store.local_path."""
        return None

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
        listed = self._filesystem.get_file_info(everything)
        for facts in sorted(listed, key=lambda info: info.path.rpartition("/")):
            if facts.type == fs.FileType.File:
                path = facts.path[len(self._prefix) + 1 :]
                yield Stored(path, facts.size, facts.mtime_ns // 1_000_000)

    def reach(self) -> str:
        """See Store.reach. A bucket keeps what is written to it, so that is not tried."""
        bucket = self._prefix.partition("/")[0]
        try:
            kind = self._filesystem.get_file_info(bucket).type
        except OSError as error:
            raise JeongsanError(f"lake {self._root}: does not answer: {error}") from error
        if kind == fs.FileType.NotFound:
            raise JeongsanError(f"lake {self._root}: there is no bucket {bucket}")
        return "writing"

    def address(self, path: str) -> str:
        """See Store.address."""
        return "?".join(
            part for part in (f"{self._root.rstrip('/')}/{path}", self._options) if part
        )

    def _full(self, path: str) -> str:
        return f"{self._prefix}/{path}"


def _unread(root: Path | str, path: str, error: OSError) -> StoreError:
    """What cannot be read: a file that is gone or that the disk has lost is damage; a store that is
    away, or gives no leave, is not."""
    if isinstance(error, FileNotFoundError):
        return DamageError(path, MISSING)
    if error.errno in LOST:
        return DamageError(path, f"cannot be read: {os.strerror(error.errno)}")
    return StoreError(f"lake {root}: {path} cannot be read: {error}; mend it and run this again")


def _unwritten(root: Path | str, error: OSError) -> StoreError:
    return StoreError(
        f"lake {root}: cannot be written: {error}; nothing was changed: make room or give leave, "
        "and run this again"
    )


def _sync(path: Path) -> None:
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return  # swept meanwhile, which the transaction that would name it finds out
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
