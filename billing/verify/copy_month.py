"""A month as one self-contained file: the bundle's files and what the ledger recorded of it."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from billing.bundle.bundle import digest_named, read_bundle, whole_files
from billing.close.issued_month import next_step
from billing.document import canonical
from billing.ledger import adjustment_ledger, ledger
from billing.ledger.adjustment_ledger import RecordedAdjustment as Adjusted
from billing.ledger.ledger import RecordedMonth
from billing.rerating.adjustment_bundle import months_named
from billing.verify.zip_bytes import write_archive
from metering.errors import CloseError
from metering.lake.lake import Lake
from metering.site.open_site import OpenSite

RECORDED = "recorded.json"
ADJUSTED = "adjusted.json"  # only in the copy of a month that was adjusted
DOCUMENTS = "documents/"
NONE: Mapping[str, bytes] = MappingProxyType({})


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
    paths = files_copied(opened.lake, held, adjusted)

    def members() -> Iterator[tuple[str, bytes]]:
        for path in paths:
            yield path, opened.lake.content(path, digest_named(path)).to_pybytes()
        for path, content in sorted(documents.items()):
            yield f"{DOCUMENTS}{path}", content
        yield RECORDED, canonical(held).encode()
        if adjusted:
            yield ADJUSTED, canonical(adjusted).encode()

    return write_archive(target, members())


def files_copied(lake: Lake, held: RecordedMonth, adjusted: Iterable[Adjusted]) -> list[str]:
    """The files of the lake that a month and its adjustments are computed from; JeongsanError where
    one is damaged."""
    bundles = {name for adjustment in adjusted for name in _bundles(lake, adjustment)}
    if held.state.bundle is not None:
        bundles.add(held.state.bundle)
    return sorted({path for name in bundles for path in whole_files(lake, name)})


def _bundles(lake: Lake, adjusted: Adjusted) -> list[str]:
    """Every bundle that an adjustment is computed from."""
    own = adjusted.adjustment.bundle
    named = months_named(read_bundle(lake, own))
    return [own, *(digest for _, *two in named for digest in two)]
