"""A month as one self-contained file: the bundle's files and what the ledger recorded of it."""

import re
import tempfile
import zipfile
from pathlib import Path

import pyarrow as pa

from billing import ledger
from billing.bundle import whole_files
from billing.document import canonical, from_document, parse
from billing.issued import next_step
from billing.ledger import Recorded
from billing.verify import Verification, verify_recorded
from metering.database import open_database
from metering.errors import CloseError, JeongsanError
from metering.lake import Lake
from metering.opened import OpenSite

RECORDED = "recorded.json"
NAME = re.compile(r"[a-z_]+(/[A-Za-z0-9][A-Za-z0-9_.=-]*)+\.(json|parquet)")
FILES_MAX = 100_000
BYTES_MAX = 4 << 30
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # no file of a copy has a date, so that its bytes are the same


def copy_month(opened: OpenSite, month: str, target: Path) -> int:
    """Write an issued month to a file, the same bytes each time; gives how many files it holds.

    CloseError if it is not issued; JeongsanError names a file of the bundle that is damaged.
    """
    with opened.database.read() as connection:
        held = ledger.recorded(connection, month)
    if held.state.bundle is None:
        raise CloseError(f"{month} is {held.state.state}; {next_step(held.state)}")
    paths = sorted(whole_files(opened.lake, held.state.bundle))
    part = target.with_name(f".{target.name}.part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        for path in paths:
            archive.writestr(_member(path), opened.lake.store.get(path).to_pybytes())
        archive.writestr(_member(RECORDED), canonical(held).encode())
    part.replace(target)
    return len(paths) + 1


def _member(path: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(path, LONG_AGO)
    member.external_attr = 0o644 << 16
    return member


def verify_file(source: Path) -> Verification:
    """A month's copy against itself: computed again from its inputs, away from any site."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(
            f"sqlite:///{folder}/none.db"
        )  # a lake wants one, nothing is in it
        try:
            lake = Lake(f"{folder}/lake", database)
            held = _unpack(source, lake)
            return verify_recorded(lake, held)
        finally:
            database.close()


def _unpack(source: Path, lake: Lake) -> Recorded:
    """Put a copy's files into an empty lake; JeongsanError where it is no copy of a month."""
    held: Recorded | None = None
    try:
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
            if len(members) > FILES_MAX or sum(one.file_size for one in members) > BYTES_MAX:
                raise JeongsanError(f"{source}: is larger than a month can be")
            for member in members:
                content = archive.read(member)
                if member.filename == RECORDED:
                    held = from_document(Recorded, parse(content, RECORDED), RECORDED)
                elif NAME.fullmatch(member.filename):
                    lake.store.put(member.filename, pa.py_buffer(content), lake.fault)
                else:
                    raise JeongsanError(f"{source}: {member.filename!r} is no file of a bundle")
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise JeongsanError(f"{source}: is not a copy of a month ({error})") from error
    if held is None or held.state.bundle is None:
        raise JeongsanError(f"{source}: does not say what was recorded ({RECORDED})")
    return held
