"""A month's copy, which is one file, held against itself: every byte, and all computed again."""

import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from billing.bundle.bundle import records_of
from billing.close.issued_month import Issued, IssuedMonth, out_of_bundle
from billing.document import from_document, parse
from billing.ledger import ledger
from billing.ledger.adjustment_ledger import RecordedAdjustment as Adjusted
from billing.ledger.ledger import RecordedMonth
from billing.verify.copy_month import ADJUSTED, DOCUMENTS, RECORDED, files_copied
from billing.verify.differences import Discrepancy
from billing.verify.verify import Verification, verify_recorded
from billing.verify.verify_adjustment import verify_adjustment
from billing.verify.zip_bytes import read_archive
from metering.database.connection import open_database
from metering.errors import JeongsanError
from metering.lake.lake import Lake

NAME = re.compile(r"[a-z_]+(/[A-Za-z0-9][A-Za-z0-9_.=-]*)+\.(json|parquet)")
Compare = Callable[[IssuedMonth, Mapping[str, bytes]], Iterable[Discrepancy]]


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
    if not differences:
        explained = {*files_copied(lake, held, adjusted)}
        differences = [
            Discrepancy(stored.path, "no such file", f"{stored.size} bytes that nothing names")
            for stored in lake.store.files()
            if stored.path not in explained
        ]
    if compare is not None and not differences:
        differences += compare(out_of_bundle(lake, _issued(held), adjusted), copied.documents)
        done = replace(done, checked=(*done.checked, "documents"))
    return replace(done, differences=tuple(replace(d, command="") for d in differences))


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
