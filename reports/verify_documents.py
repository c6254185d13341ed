"""An issued month proved with its documents: drawn again and compared byte by byte, in its site or
from a copy of it in one file; and that copy made."""

from collections.abc import Collection, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from billing.close.issued_month import IssuedMonth, issued_month
from billing.verify.copy_month import copy_month
from billing.verify.differences import Discrepancy
from billing.verify.verify import Verification, verify
from billing.verify.verify_copy import verify_file
from metering.site.open_site import OpenSite, Progress, silent
from reports.documents import DRAFTS, documents
from reports.explain.dispute_file import DISPUTES
from reports.layout.file_names import Document, drawing_command
from reports.layout.write_files import ENDING
from reports.month.build_month_view import issued_view
from reports.tax.drafts import FOLDER, as_drafted, tax_drafts


def verify_month(opened: OpenSite, month: str, progress: Progress = silent) -> Verification:
    """Everything of an issued month computed again, its documents drawn again, byte by byte; its
    tax invoices where `jeongsan tax` has written them, less their signatures."""
    folder = opened.site.documents / month

    def compare(issued: IssuedMonth) -> Iterator[Discrepancy]:
        explained: set[Path] = set()
        for drawn in documents(issued_view(issued), None, progress):
            path = folder / drawn.path
            explained.add(path)
            actual = path.read_bytes() if path.is_file() else None
            yield from _differs(path, drawn, actual, drawing_command(month, [drawn.path]))
        if (folder / FOLDER).is_dir():
            for drawn in tax_drafts(issued):
                path = folder / drawn.path
                explained.add(path)
                yield from _differs(path, drawn, as_drafted(path), f"jeongsan tax {month}")
        yield from _unexplained(folder, explained)

    return verify(opened, month, compare)


def _unexplained(folder: Path, explained: Collection[Path]) -> Iterator[Discrepancy]:
    """Files among a month's documents that do not follow from it. What is no document of the month
    stays out of it: drafts, which say so and have no number, files for disputes, and what a run
    that was killed has half written."""
    for path in sorted(folder.rglob("*")):
        no_document = path.relative_to(folder).parts[0] in (DRAFTS, DISPUTES)
        half_written = path.name.startswith(".") and path.name.endswith(ENDING)
        if path.is_file() and path not in explained and not no_document and not half_written:
            yield Discrepancy(str(path), "no such file", _digest(path.read_bytes()))


def copy_whole_month(
    opened: OpenSite, month: str, target: Path, progress: Progress = silent
) -> int:
    """Writes an issued month with its documents to one file; gives how many files that holds."""
    drawn = {
        document.path: document.content
        for document in _every(issued_month(opened, month), progress)
    }
    return copy_month(opened, month, target, drawn)


def _every(issued: IssuedMonth, progress: Progress) -> Iterator[Document]:
    """The month's documents, and its tax invoices as nobody has signed them yet."""
    yield from documents(issued_view(issued), None, progress)
    yield from tax_drafts(issued)


def verify_copy(source: Path, progress: Progress = silent) -> Verification:
    """A month's copy computed again away from any site, its documents drawn again byte by byte."""

    def compare(issued: IssuedMonth, held: Mapping[str, bytes]) -> Iterator[Discrepancy]:
        drawn = {document.path: document.content for document in _every(issued, progress)}
        for path in sorted(drawn.keys() | held.keys()):
            expected, actual = (_digest(side.get(path)) for side in (drawn, held))
            if expected != actual:
                yield Discrepancy(f"documents/{path}", expected, actual)

    return verify_file(source, compare)


def _differs(
    path: Path, drawn: Document, actual: bytes | None, command: str
) -> Iterator[Discrepancy]:
    if actual != drawn.content:
        yield Discrepancy(str(path), _digest(drawn.content), _digest(actual), command)


def _digest(content: bytes | None) -> str:
    return "missing" if content is None else f"sha256 {sha256(content).hexdigest()}"
