"""A month as one self-contained file: the bundle's files and what the ledger recorded of it."""

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa

from billing.bundle.bundle import read_bundle, records_of, whole_files
from billing.close.issued import Issued, IssuedMonth, next_step, out_of_bundle
from billing.document import canonical, from_document, parse
from billing.ledger import adjustment_ledger, ledger
from billing.ledger.adjustment_ledger import RecordedAdjustment as Adjusted
from billing.ledger.ledger import RecordedMonth
from billing.rerating.adjustment_bundle import months_named
from billing.verify.differences import Discrepancy
from billing.verify.verify import Verification, verify_recorded
from billing.verify.verify_adjustment import verify_adjustment
from billing.verify.zip_archive import read_archive, write_archive
from metering.database.connection import open_database
from metering.errors import CloseError, JeongsanError
from metering.lake.lake import Lake
from metering.site.open_site import OpenSite

RECORDED = "recorded.json"
ADJUSTED = "adjusted.json"  # only in the copy of a month that was adjusted
DOCUMENTS = "documents/"
NAME = re.compile(r"[a-z_]+(/[A-Za-z0-9][A-Za-z0-9_.=-]*)+\.(json|parquet)")
NONE: Mapping[str, bytes] = MappingProxyType({})
Compare = Callable[[IssuedMonth, Mapping[str, bytes]], Iterable[Discrepancy]]


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
        *(name for adjustment in adjusted for name in _bundles(opened.lake, adjustment)),
    }
    paths = sorted({path for name in bundles for path in whole_files(opened.lake, name)})

    def members() -> Iterator[tuple[str, bytes]]:
        for path in paths:
            yield path, opened.lake.store.get(path).to_pybytes()
        for path, content in sorted(documents.items()):
            yield f"{DOCUMENTS}{path}", content
        yield RECORDED, canonical(held).encode()
        if adjusted:
            yield ADJUSTED, canonical(adjusted).encode()

    return write_archive(target, members())


def _bundles(lake: Lake, adjusted: Adjusted) -> list[str]:
    """Every bundle that an adjustment is computed from."""
    own = adjusted.adjustment.bundle
    named = months_named(read_bundle(lake, own))
    return [own, *(digest for _, *two in named for digest in two)]


def verify_file(source: Path, compare: Compare | None = None) -> Verification:
    """A month's copy against itself: every byte of the file, the month computed again from its
    inputs, away from any site, and its documents by the caller's function, since those are made
    above billing. What is told of a file that cannot be read any further has no month."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(
            f"sqlite:///{folder}/none.db"
        )  # a lake wants one, nothing is in it
        try:
            lake = Lake(f"{folder}/lake", database)
            copied, wrong = _unpack(source, lake)
            try:
                return _verify(lake, copied, wrong, compare)
            except JeongsanError:
                if not wrong:
                    raise
                return Verification("", "", ("files",), tuple(wrong))
        finally:
            database.close()


def _verify(
    lake: Lake, copied: "_Copied", wrong: list[Discrepancy], compare: Compare | None
) -> Verification:
    held, adjusted = copied.recorded(), copied.adjusted()
    done = verify_recorded(lake, held)
    differences = list(done.differences)
    if adjusted and not differences:
        differences = [
            difference
            for adjustment in adjusted
            for difference in verify_adjustment(lake, adjustment)
        ]
        done = replace(done, checked=(*done.checked, "adjustments"))
    places = {difference.place for difference in differences}
    differences += [difference for difference in wrong if difference.place not in places]
    if compare is not None and not differences:
        differences += compare(out_of_bundle(lake, _issued(held), adjusted), copied.documents)
        done = replace(done, checked=(*done.checked, "documents"))
    return replace(done, differences=tuple(differences))


def _issued(held: RecordedMonth) -> Issued:
    state = held.state
    if not (state.bundle and state.digest and state.issued_on and state.approved_by):
        raise JeongsanError(f"{RECORDED}: {state.month} is not recorded as issued")
    return Issued(
        state.month, state.bundle, state.digest, ledger.read_invoices(held.invoices), held.claims,
        state.issued_on, state.approved_by,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Copied:
    """What stays in memory of a copy: what was recorded, and the documents."""

    source: Path
    texts: Mapping[str, bytes]
    documents: Mapping[str, bytes]

    def recorded(self) -> RecordedMonth:
        """What the ledger recorded of the month."""
        content = self.texts.get(RECORDED)
        if content is not None:
            held = from_document(RecordedMonth, parse(content, RECORDED), RECORDED)
            if held.state.bundle is not None:
                return held
        raise JeongsanError(f"{self.source}: {RECORDED} is of no month that was issued")

    def adjusted(self) -> tuple[Adjusted, ...]:
        """What it recorded of the month's adjustments."""
        content = self.texts.get(ADJUSTED)
        return records_of(Adjusted, parse(content, ADJUSTED), ADJUSTED) if content else ()


def _unpack(source: Path, lake: Lake) -> tuple[_Copied, list[Discrepancy]]:
    """Put a copy's files into an empty lake; what is damaged of it. JeongsanError where it is no
    copy of a month."""
    texts: dict[str, bytes] = {}
    documents: dict[str, bytes] = {}

    def take(name: str, content: bytes) -> None:
        if name in (RECORDED, ADJUSTED):
            texts[name] = content
        elif name.startswith(DOCUMENTS):
            documents[name.removeprefix(DOCUMENTS)] = content
        elif NAME.fullmatch(name):
            lake.store.put(name, pa.py_buffer(content), lake.fault)
        else:
            raise JeongsanError(f"{source}: {name!r} is no file of a bundle")

    wrong = read_archive(source, take)
    if RECORDED not in texts and RECORDED not in {difference.place for difference in wrong}:
        raise JeongsanError(f"{source}: does not say what was recorded ({RECORDED})")
    return _Copied(source, texts, documents), wrong
