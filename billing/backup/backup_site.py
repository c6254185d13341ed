"""Saves a site: its database at one instant, every file that this names, and its own sheets.

The database comes first, so that each file that it names lies in the lake by then; its record comes
last, so that a backup that was killed is none. Of secrets nothing is saved: site.toml only names
them.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from billing.adjust.recalculations_file import NAME as RECALCULATIONS
from billing.backup.backup_record import (
    BEGUN,
    FORMAT,
    RECORDS,
    BackupRecord,
    SavedFile,
    SavedMonth,
    lake_path,
    object_path,
    stamp_of,
)
from billing.backup.copied_files import CopyTarget, digest_and_size, pieces_of
from billing.backup.named_files import NamedFile, named_files
from billing.bundle.versions import program_version
from billing.document import sha256_hex
from billing.ledger import ledger
from billing.ledger.number_register import NumberGiven, all_numbers
from billing.paths import PROJECT
from metering.database.saved_copy import saved
from metering.errors import DamageError, JeongsanError
from metering.lake.inspection import Read
from metering.lake.object_store import FileStore
from metering.registry.sheets import FOLDER as REGISTRY
from metering.site.open_site import OpenSite, Progress, silent

SITE = "site.toml"


@dataclass(frozen=True, slots=True)
class SavedSite:
    """A backup that was just made: how many files were copied, and how many were there."""

    record: BackupRecord
    copied: int
    kept: int


def backup_site(
    opened: OpenSite,
    place: Path,
    at_ms: int,
    read: Read,
    *,
    check: bool = False,
    progress: Progress = silent,
) -> SavedSite:
    """Save a site in a directory beside the backups that are there. What is there already is not
    copied again; with `check` it is read first, and copied again where it is damaged.

    A broken file of the lake stops nothing; the record names it. JeongsanError where the place lies
    in the site or cannot be written.
    """
    _outside(opened, place)
    target = CopyTarget(place.absolute(), read, opened.lake.fault)
    at = opened.site.calendar.iso(at_ms)
    with _begun(target, stamp_of(at)):
        record = _saved(opened, target, at, check, progress)
        target.settle()
        content = record.text.encode()
        target.take(f"{RECORDS}/{record.name}", sha256_hex(content), [content])
        target.settle()
    return SavedSite(record, target.copied - 1, target.kept)


def _saved(
    opened: OpenSite, target: CopyTarget, at: str, check: bool, progress: Progress
) -> BackupRecord:
    """All of the site copied; gives the record of it, which is not written yet."""
    part = target.part()
    try:
        with saved(opened.database, part) as connection:
            months = tuple(_months(connection))
            numbers = tuple(_last_numbers(all_numbers(connection)))
            named = list(named_files(connection, opened.lake))
        sha256, _ = digest_and_size(pieces_of(part))
        database = _take(target, object_path(sha256), sha256, part, check)
    finally:
        part.unlink(missing_ok=True)
    files = tuple(_own_files(opened, target, check))
    lake, broken = _lake(opened, target, named, check, progress)
    return BackupRecord(
        format=FORMAT, site=opened.site.name, at=at, program=program_version(PROJECT),
        kind="sqlite" if opened.database.engine.dialect.name == "sqlite" else "postgresql",
        database=database, files=files, lake_root=opened.site.lake.partition("?")[0],
        kept_lake="://" not in opened.site.lake, lake=lake, months=months, last_numbers=numbers,
        broken=broken,
    )  # fmt: skip


def _outside(opened: OpenSite, place: Path) -> None:
    site, lake = opened.site.directory, opened.site.lake
    inside = place.resolve().is_relative_to(site)
    if inside or ("://" not in lake and place.resolve().is_relative_to(Path(lake).resolve())):
        raise JeongsanError(
            f"{place}: lies in the site, and is lost with it; name a directory of another disk"
        )


@contextmanager
def _begun(target: CopyTarget, stamp: str) -> Iterator[None]:
    """A backup of a place, one at a time; word of it stays there for as long as none has ended
    after it, and what one that was killed left half written is taken away."""
    folder = target.root / RECORDS
    try:
        if not target.root.exists():
            target.root.mkdir(parents=True, mode=0o700)  # personal data of companies
        folder.mkdir(exist_ok=True)
        lock = os.open(target.root, os.O_RDONLY)
    except OSError as error:
        raise JeongsanError(f"{target.root}: no backup can be written there: {error}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for part in target.root.glob(".*.part"):
            part.unlink()
        (folder / f"{stamp}{BEGUN}").touch()
        yield
        for mark in folder.glob(f"*{BEGUN}"):
            mark.unlink()
    except BlockingIOError as error:
        raise JeongsanError(f"{target.root}: another backup is being written there") from error
    finally:
        os.close(lock)


def _take(target: CopyTarget, path: str, sha256: str, source: Path, check: bool) -> SavedFile:
    """A file of the site in the backup, copied unless it is there."""
    size = source.stat().st_size
    if target.has(path, sha256, None if check else size):
        target.kept += 1
    else:
        target.take(path, sha256, pieces_of(source))
    return SavedFile(path, sha256, size)


def _own_files(opened: OpenSite, target: CopyTarget, check: bool) -> Iterator[SavedFile]:
    """The files that people wrote or were sent: settings, sheets, rules, documents."""
    site = opened.site
    folders = [site.directory / REGISTRY, site.documents, *([site.rules] if site.rules else [])]
    single = [site.directory / SITE, site.directory / RECALCULATIONS]
    inside = [path for folder in folders for path in sorted(folder.rglob("*"))]
    for path in dict.fromkeys((*single, *inside)):
        if path.is_file() and not path.name.endswith(".part"):
            sha256, size = digest_and_size(pieces_of(path))
            _take(target, object_path(sha256), sha256, path, check)
            own = path.is_relative_to(site.directory)
            shown = path.relative_to(site.directory).as_posix() if own else str(path)
            yield SavedFile(shown, sha256, size)


def _lake(
    opened: OpenSite, target: CopyTarget, named: list[NamedFile], check: bool, progress: Progress
) -> tuple[tuple[SavedFile, ...], tuple[str, ...]]:
    """The lake's files in the backup (those of a bucket stay there), and the broken ones. Only a
    copy that is as long as the lake's file is taken for it; one of another length is not whole."""
    store, keeps = opened.lake.store, "://" not in opened.site.lake
    files: list[SavedFile] = []
    broken: list[str] = []
    for done, file in enumerate(named, start=1):
        try:
            size = _lake_file(store, target, file, check) if keeps else store.size(file.path)
        except DamageError:
            size = None
        if size is None:
            broken.append(file.path)
        else:
            files.append(SavedFile(file.path, file.sha256, size))
        progress("사본", done, len(named))
    return tuple(files), tuple(broken)


def _lake_file(store: FileStore, target: CopyTarget, file: NamedFile, check: bool) -> int:
    """The size of a file that is in the backup by then; DamageError where neither the lake nor the
    backup has it whole."""
    there = lake_path(file.path)
    copy, size = target.root / there, store.size(file.path)
    if target.has(there, file.sha256, None if check else size):
        target.kept += 1
        return copy.stat().st_size
    try:
        return target.take(there, file.sha256, store.pieces(file.path))
    except DamageError:
        if not target.has(there, file.sha256):
            raise
        target.kept += 1
        return copy.stat().st_size


def _months(connection: sa.Connection) -> Iterator[SavedMonth]:
    counts: dict[str, int] = {}
    for number in all_numbers(connection):
        counts[number.month] = counts.get(number.month, 0) + 1
    for state in ledger.month_states(connection):
        yield SavedMonth(state.month, state.state, counts.get(state.month, 0))


def _last_numbers(numbers: list[NumberGiven]) -> Iterator[str]:
    """The last number of each issuer and series."""
    last: dict[tuple[str, str], str] = {}
    for number in numbers:  # in the order of issuer and number
        last[number.issuer, number.series] = number.number
    yield from last.values()
