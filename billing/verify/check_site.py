"""A whole site against its digests: what is in force, and what issued months and drafts name."""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from billing.bundle.bundle import FOLDER, path_of, pinned
from billing.close.draft_history import records
from billing.document import parse
from billing.ledger.adjustment_ledger import bundles_by_month
from metering.database.tables import manifest_head as head
from metering.lake.contract import tables
from metering.lake.inspection import BrokenFile, Inspection, Partition, Read
from metering.lake.object_store import Stored
from metering.site.open_site import OpenSite, Progress, silent


@dataclass(frozen=True, slots=True)
class CheckedSite:
    """What was read of a site. `months` are the issued months that a broken file proves, by its
    path; `unnamed` is what nothing names: writing left it behind, and it goes after a week."""

    files: int
    size: int  # bytes
    broken: tuple[BrokenFile, ...]
    months: dict[str, tuple[str, ...]]
    in_force: frozenset[Partition]
    unnamed: tuple[Stored, ...]


def check_site(opened: OpenSite, read: Read, progress: Progress = silent) -> CheckedSite:
    """Read every file that the site names against its digest; `read` is told the bytes of each
    piece and may wait, so that others can use the disk."""
    with opened.database.read() as connection:
        heads = frozenset(_in_force(connection))
        bundles = bundles_by_month(connection)
        drafts = sorted(records(connection) - bundles.keys())
    looked = Inspection(opened.lake, read)
    total, done = len(heads) + len(bundles) + len(drafts), 0
    proves: dict[str, set[str]] = {}
    for digest, month in [*sorted(bundles.items()), *((draft, "") for draft in drafts)]:
        for path in _bundle(looked, digest):
            proves.setdefault(path, set()).update({month} - {""})
        done += 1
        progress("대조", done, total)
    for partition in sorted(heads):
        looked.partition(partition)
        done += 1
        progress("대조", done, total)
    months = {broken.path: tuple(sorted(_months(broken, proves))) for broken in looked.broken}
    unnamed = tuple(_unnamed(opened, looked))
    return CheckedSite(looked.files, looked.size, looked.broken, months, heads, unnamed)


def _in_force(connection: sa.Connection) -> Iterator[Partition]:
    query = sa.select(head.c.table_name, head.c.partition, head.c.digest)
    for row in connection.execute(query.where(head.c.digest.is_not(None))):
        yield Partition(row.table_name, row.partition, row.digest)


def _bundle(looked: Inspection, digest: str) -> Iterator[str]:
    """Looks a bundle through; gives what it is made of: its documents, and the names of manifests
    that it pins. What a broken index names cannot be followed."""
    path = path_of(digest)
    yield path
    index = None if path in looked.named else looked.document(path, digest)
    if index is None:
        return
    named = parse(index, path)
    for document in sorted(set(named["documents"].values())):
        yield path_of(document)
        if path_of(document) not in looked.named:
            looked.document(path_of(document), document)
    for table, partition, manifest in pinned(named):
        yield manifest
        looked.partition(Partition(table, partition, manifest))


def _months(broken: BrokenFile, proves: dict[str, set[str]]) -> set[str]:
    names = [broken.path, *(partition.manifest for partition in broken.partitions)]
    return {month for name in names for month in proves.get(name, ())}


def _unnamed(opened: OpenSite, looked: Inspection) -> Iterator[Stored]:
    """Files of tables and bundles that nothing names; what a broken file may have named is not
    among them."""
    if any(broken.path.startswith(f"{FOLDER}/") for broken in looked.broken):
        return  # an index may have named anything
    folders = {partition.folder for broken in looked.broken for partition in broken.partitions}
    known = {*tables(), FOLDER}
    for stored in opened.lake.store.files():
        folder = stored.path.rpartition("/")[0]
        of_lake = stored.path.partition("/")[0] in known and folder not in folders
        if of_lake and stored.path not in looked.named:
            yield stored
