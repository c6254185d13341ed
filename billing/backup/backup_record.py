"""What a backup says of itself: every file by its digest, and what months and numbers it holds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from billing.document import canonical, from_document, parse, sha256_hex
from metering.errors import JeongsanError

FORMAT = 1
RECORDS = "backups"  # a record a backup, written last
OBJECTS = "objects"  # the database and the site's own files, by digest
LAKE = "lake"  # the lake's files under their own paths
BEGUN = ".begun"
NAME = re.compile(r"(\d{4}-\d\d-\d\dT\d{6})-([0-9a-f]{64})\.json")


@dataclass(frozen=True, slots=True)
class SavedFile:
    """A file of the site, by its path in the site (or a whole one where it lies elsewhere), or of
    the lake, by its path there."""

    path: str
    sha256: str
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class SavedMonth:
    """A month as it stood; numbers: how many documents have one, corrections among them."""

    month: str
    state: str
    numbers: int


@dataclass(frozen=True, slots=True)
class BackupRecord:
    """A whole backup. kept_lake: whether the lake's files are in it; else they are named only, as
    those of a bucket. numbers: the last of each issuer and series. broken: paths of the lake that
    were not what their digest says."""

    format: int
    site: str
    at: str  # ISO 8601 with the offset
    program: str
    kind: Literal["sqlite", "postgresql"]
    database: SavedFile
    files: tuple[SavedFile, ...]
    lake_root: str
    kept_lake: bool
    lake: tuple[SavedFile, ...]
    months: tuple[SavedMonth, ...]
    last_numbers: tuple[str, ...]
    broken: tuple[str, ...]

    @property
    def text(self) -> str:
        """What is written of it."""
        return canonical(self)

    @property
    def digest(self) -> str:
        """What it is known by elsewhere."""
        return sha256_hex(self.text.encode())

    @property
    def stamp(self) -> str:
        """The moment, as it stands in names of files."""
        return stamp_of(self.at)

    @property
    def name(self) -> str:
        """The name of its file, in the order of time."""
        return f"{self.stamp}-{self.digest}.json"

    @property
    def size(self) -> int:
        """The bytes of all its files."""
        return sum(file.size for file in (self.database, *self.files, *self.lake))


@dataclass(frozen=True, slots=True)
class Backups:
    """The backups of a place by their names, oldest first, and the moments of those that were begun
    and never ended: they are no backups."""

    whole: Mapping[str, BackupRecord]
    unended: tuple[str, ...]


def stamp_of(at: str) -> str:
    """A moment's name: 2025-11-03T091500."""
    return at[:19].replace(":", "")


def backups_in(place: Path) -> Backups:
    """What a place holds. JeongsanError where it holds none at all, or a record that is not as it
    was written."""
    folder = place / RECORDS
    if not folder.is_dir():
        raise JeongsanError(f"{place}: holds no backup (it has no directory {RECORDS})")
    whole = {
        path.name: _read(path, digest[2])
        for path in sorted(folder.iterdir())
        if (digest := NAME.fullmatch(path.name))
    }
    unended = tuple(sorted(path.name.removesuffix(BEGUN) for path in folder.glob(f"*{BEGUN}")))
    return Backups(whole, unended)


def chosen(place: Path, wanted: str) -> BackupRecord:
    """The newest backup of a place, or the one whose name begins so. JeongsanError where there is
    none, or where several begin so."""
    backups = backups_in(place)
    names = [name for name in backups.whole if name.startswith(wanted)]
    if not backups.whole:
        ended = ", ".join(backups.unended) or "none"
        raise JeongsanError(f"{place}: holds no whole backup; begun and never ended: {ended}")
    if not names:
        raise JeongsanError(
            f"{place}: no backup there begins with {wanted}; `jeongsan restore {place}` lists them"
        )
    if wanted and len(names) > 1:
        raise JeongsanError(f"{place}: {len(names)} backups begin with {wanted}; write more of it")
    return backups.whole[names[-1]]


def object_path(sha256: str) -> str:
    """Where a file lies that is not of the lake."""
    return f"{OBJECTS}/{sha256[:2]}/{sha256}"


def lake_path(path: str) -> str:
    """Where a file of the lake lies."""
    return f"{LAKE}/{path}"


def _read(path: Path, digest: str) -> BackupRecord:
    content = path.read_bytes()
    if sha256_hex(content) != digest:
        raise JeongsanError(f"{path}: is not what was written; it cannot be restored")
    document = parse(content, str(path))
    if document.get("format") != FORMAT:
        raise JeongsanError(f"{path}: format {document.get('format')} is not {FORMAT}")
    return from_document(BackupRecord, document, str(path))
