"""A month as one self-contained file: the bundle's files and what the ledger recorded of it."""

import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa

from billing import adjustment_ledger, ledger
from billing.adjustment_bundle import months_named
from billing.adjustment_ledger import Recorded as Adjusted
from billing.adjustment_verify import verify_adjustment
from billing.bundle import read_bundle, records_of, whole_files
from billing.differing import Difference
from billing.document import canonical, from_document, parse
from billing.issued import Issued, IssuedMonth, next_step, out_of_bundle
from billing.ledger import Recorded
from billing.verify import Verification, verify_recorded
from metering.database import open_database
from metering.errors import CloseError, JeongsanError
from metering.lake import Lake
from metering.opened import OpenSite

RECORDED = "recorded.json"
ADJUSTED = "adjusted.json"  # only in the copy of a month that was adjusted
DOCUMENTS = "documents/"
NAME = re.compile(r"[a-z_]+(/[A-Za-z0-9][A-Za-z0-9_.=-]*)+\.(json|parquet)")
FILES_MAX = 100_000
BYTES_MAX = 4 << 30
NONE: Mapping[str, bytes] = MappingProxyType({})
Compare = Callable[[IssuedMonth, Mapping[str, bytes]], Iterable[Difference]]
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # no file of a copy has a date, so that its bytes are the same


def copy_month(
    opened: OpenSite, month: str, target: Path, documents: Mapping[str, bytes] = NONE
) -> int:
    """Write an issued month to a file, the same bytes each time; gives how many files it holds.
    `documents` are the month's, by path, made by who calls.

    CloseError if it is not issued; JeongsanError names a file of the bundle that is damaged.
    """
    with opened.database.read() as connection:
        held = ledger.recorded(connection, month)
        adjusted = adjustment_ledger.recorded(connection, month)
    if held.state.bundle is None:
        raise CloseError(f"{month} is {held.state.state}; {next_step(held.state)}")
    bundles = {
        held.state.bundle,
        *(name for one in adjusted for name in _bundles(opened.lake, one)),
    }
    paths = sorted({path for name in bundles for path in whole_files(opened.lake, name)})
    part = target.with_name(f".{target.name}.part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        for path in paths:
            archive.writestr(plain_member(path), opened.lake.store.get(path).to_pybytes())
        for path, content in sorted(documents.items()):
            archive.writestr(plain_member(f"{DOCUMENTS}{path}"), content)
        archive.writestr(plain_member(RECORDED), canonical(held).encode())
        if adjusted:
            archive.writestr(plain_member(ADJUSTED), canonical(adjusted).encode())
    part.replace(target)
    return len(paths) + len(documents) + 1 + bool(adjusted)


def _bundles(lake: Lake, adjusted: Adjusted) -> list[str]:
    """Every bundle that an adjustment is computed from."""
    own = adjusted.adjustment.bundle
    named = months_named(read_bundle(lake, own))
    return [own, *(digest for _, *two in named for digest in two)]


def plain_member(path: str) -> zipfile.ZipInfo:
    """A file of an archive of which nothing but its name and bytes is told."""
    member = zipfile.ZipInfo(path, LONG_AGO)
    member.external_attr = 0o644 << 16
    return member


def verify_file(source: Path, compare: Compare | None = None) -> Verification:
    """A month's copy against itself: computed again from its inputs, away from any site, and its
    documents by the caller's function, since those are made above billing."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(
            f"sqlite:///{folder}/none.db"
        )  # a lake wants one, nothing is in it
        try:
            lake = Lake(f"{folder}/lake", database)
            held, adjusted, documents = _unpack(source, lake)
            done = verify_recorded(lake, held)
            if adjusted and not done.differences:
                wrong = tuple(bad for one in adjusted for bad in verify_adjustment(lake, one))
                done = replace(done, checked=(*done.checked, "adjustments"), differences=wrong)
            if compare is None or done.differences:
                return done
            found = tuple(compare(out_of_bundle(lake, _issued(held), adjusted), documents))
            return replace(done, checked=(*done.checked, "documents"), differences=found)
        finally:
            database.close()


def _issued(held: Recorded) -> Issued:
    state = held.state
    if not (state.bundle and state.digest and state.issued_on and state.approved_by):
        raise JeongsanError(f"{RECORDED}: {state.month} is not recorded as issued")
    return Issued(
        state.month, state.bundle, state.digest, ledger.read_invoices(held.invoices), held.claims,
        state.issued_on, state.approved_by,
    )  # fmt: skip


def _unpack(source: Path, lake: Lake) -> tuple[Recorded, tuple[Adjusted, ...], Mapping[str, bytes]]:
    """Put a copy's files into an empty lake; its documents stay in memory. JeongsanError where it
    is no copy of a month."""
    held: Recorded | None = None
    adjusted: tuple[Adjusted, ...] = ()
    documents: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
            if len(members) > FILES_MAX or sum(one.file_size for one in members) > BYTES_MAX:
                raise JeongsanError(f"{source}: is larger than a month can be")
            for member in members:
                content = archive.read(member)
                if member.filename == RECORDED:
                    held = from_document(Recorded, parse(content, RECORDED), RECORDED)
                elif member.filename == ADJUSTED:
                    adjusted = records_of(Adjusted, parse(content, ADJUSTED), ADJUSTED)
                elif member.filename.startswith(DOCUMENTS):
                    documents[member.filename.removeprefix(DOCUMENTS)] = content
                elif NAME.fullmatch(member.filename):
                    lake.store.put(member.filename, pa.py_buffer(content), lake.fault)
                else:
                    raise JeongsanError(f"{source}: {member.filename!r} is no file of a bundle")
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise JeongsanError(f"{source}: is not a copy of a month ({error})") from error
    if held is None or held.state.bundle is None:
        raise JeongsanError(f"{source}: does not say what was recorded ({RECORDED})")
    return held, adjusted, documents
