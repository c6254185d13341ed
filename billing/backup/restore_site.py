"""Makes a site again of a backup in an empty place, and reads all of it against its digests.

site.toml gets its name last, so that a restore that was killed leaves no site; run again, it goes
on with what is there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from billing.backup.backup_record import BackupRecord, SavedFile, lake_path, object_path
from billing.backup.backup_site import SITE
from billing.backup.copied_files import CopyTarget, digest_and_size, pieces_of
from billing.ledger import ledger
from billing.verify.check_site import CheckedSite, check_site
from billing.verify.differences import Discrepancy
from billing.verify.verify_register import verify_register
from metering.database.connection import open_database
from metering.database.saved_copy import is_empty, make_again
from metering.errors import JeongsanError
from metering.lake.inspection import Read
from metering.lake.lake import Lake
from metering.lake.object_store import Fault
from metering.settings.site_toml import Site, read_site
from metering.site.open_site import OpenSite, Progress, silent

UNENDED = f"{SITE}.restoring"


@dataclass(frozen=True, slots=True)
class RestoredSite:
    """A site that was made again: the files that were copied, what was read of it afterwards, what
    is not as the record says, and the files that neither the backup nor the lake has."""

    record: BackupRecord
    copied: int
    checked: CheckedSite
    differences: tuple[Discrepancy, ...]

    @property
    def whole(self) -> bool:
        """Whether every file is there and everything as the record says."""
        return not self.differences and not self.checked.broken


def restore_site(
    place: Path,
    record: BackupRecord,
    directory: Path,
    read: Read,
    fault: Fault = lambda _: None,
    progress: Progress = silent,
) -> RestoredSite:
    """Make a site again in a directory that has none. Nothing that is there is written over, but by
    the same restore run again.

    JeongsanError where something is in the way, or where a file of the backup is not as it was
    written; a file of the lake that is damaged is told at the end instead.
    """
    directory = directory.absolute()
    if (directory / SITE).exists():
        raise JeongsanError(f"{directory}: is a site already; restore into an empty directory")
    target = CopyTarget(directory, read, fault)
    again = (directory / UNENDED).exists()
    _own_files(place, record, target, again)
    site = read_site(directory, file_name=UNENDED)
    if not again and not is_empty(site.database):
        (directory / UNENDED).unlink()
        raise JeongsanError(
            "the database that site.toml names is not empty; name an empty one, and restore again"
        )
    lake = CopyTarget(Path(site.lake), read, fault) if record.kept_lake else None
    if lake is not None:
        _lake(place, record, lake, progress)
        lake.settle()
    _database(place, record, site)
    target.settle()
    checked, differences = _verified(site, record, read, progress)
    (directory / UNENDED).replace(directory / SITE)
    copied = target.copied + (lake.copied if lake is not None else 0)
    return RestoredSite(record, copied, checked, differences)


def _own_files(place: Path, record: BackupRecord, target: CopyTarget, again: bool) -> None:
    """The site's own files, settings first under another name."""
    order = sorted(record.files, key=lambda file: file.path != SITE)
    if not again:
        for file in order:
            there = target.root / file.path
            if there.is_file() and not target.has(file.path, file.sha256):
                raise JeongsanError(
                    f"{there}: is there already and is another; restore writes over nothing"
                )
    for file in order:
        name = UNENDED if file.path == SITE else file.path
        if not target.has(name, file.sha256):
            target.take(name, file.sha256, _saved(place, file))


def _saved(place: Path, file: SavedFile) -> Iterator[bytes]:
    """The bytes of an own file or the database; JeongsanError where the backup has lost it."""
    path = place / object_path(file.sha256)
    if not path.is_file():
        raise JeongsanError(f"{path}: is missing from the backup; restore another one")
    return pieces_of(path)


def _lake(place: Path, record: BackupRecord, lake: CopyTarget, progress: Progress) -> None:
    """The lake's files; one that is damaged in the backup too is left out, and told when all is
    read."""
    for done, file in enumerate(record.lake, start=1):
        source = place / lake_path(file.path)
        whole = source.is_file() and digest_and_size(pieces_of(source))[0] == file.sha256
        if whole and not lake.has(file.path, file.sha256):
            lake.take(file.path, file.sha256, pieces_of(source))
        progress("되살림", done, len(record.lake))


def _database(place: Path, record: BackupRecord, site: Site) -> None:
    source = place / object_path(record.database.sha256)
    if digest_and_size(_saved(place, record.database))[0] != record.database.sha256:
        raise JeongsanError(
            f"{source}: the database in the backup was changed; restore another backup"
        )
    make_again(site.database, source, record.kind)


def _verified(
    site: Site, record: BackupRecord, read: Read, progress: Progress
) -> tuple[CheckedSite, tuple[Discrepancy, ...]]:
    """Every file that the restored database names, and its months against the record."""
    with open_database(site.database) as database:
        opened = OpenSite(site, database, Lake(site.lake, database))
        with database.read() as connection:
            states = {state.month: state.state for state in ledger.month_states(connection)}
            differences = verify_register(connection, opened.lake)
        said = {month.month: month.state for month in record.months}
        differences += [
            Discrepancy(month, str(said.get(month)), str(states.get(month)))
            for month in sorted({*said, *states})
            if said.get(month) != states.get(month)
        ]
        return check_site(opened, read, progress), tuple(differences)
