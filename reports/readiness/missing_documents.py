"""Documents of issued months that are not where `report` writes them: a run that was ended between
the issue and its documents has left them out, or somebody took them away."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import sqlalchemy as sa

from billing.adjust.recalculations_file import NAME, recalculations
from billing.ledger import ledger
from billing.ledger.adjustment_ledger import adjustments, restated_claims
from metering.site.open_site import OpenSite
from reports.layout.file_names import FOLDERS, kind_of, report_stem


def missing_documents(opened: OpenSite) -> dict[str, list[str]]:
    """By issued month, the paths below its folder, of invoices up to their number. Of statements
    none: no ledger names them. They are drawn before the report, so that a run that was ended among
    them lacks the report as well."""
    with opened.database.read() as connection:
        states = ledger.month_states(connection)
        months = [state.month for state in states if state.state == "issued"]
        expected = {month: list(_expected(connection, month)) for month in months}
    missing = {
        month: [path for path in paths if not _lies(opened.site.documents / month, path)]
        for month, paths in expected.items()
    }
    return {month: paths for month, paths in missing.items() if paths}


def record_is_old(opened: OpenSite) -> str | None:
    """The last month of the adjustments, where their record is not of all of them; else None."""
    with opened.database.read() as connection:
        done = adjustments(connection)
    if not done:
        return None
    path = opened.site.directory / NAME
    written = path.read_text(encoding="utf-8") if path.is_file() else ""
    return None if written == recalculations(opened) else done[-1].last_month


def _expected(connection: sa.Connection, month: str) -> Iterator[str]:
    """What `report` draws of a month, as far as the ledger names it."""
    folder, endings = FOLDERS["government"], ("pdf", "xlsx")
    for number, _, _ in ledger.invoice_documents(connection, month):
        yield f"{FOLDERS['invoice']}/{number}"
    yield from (f"{folder}/{report_stem(month)}.{ending}" for ending in endings)
    for adjustment in adjustments(connection):
        sequence = adjustment.sequence
        numbers = ledger.amended_documents(connection, [month], sequence)
        yield from (f"{FOLDERS['amended']}/{number}" for number, _, _ in numbers)
        if numbers or any(claim.month == month for claim in restated_claims(connection, sequence)):
            stem = report_stem(month, sequence)
            yield from (f"{folder}/{stem}.{ending}" for ending in endings)


def _lies(folder: Path, path: str) -> bool:
    """Whether a document is there; one that is named up to its number, with any company's name."""
    if (folder / path).suffix:
        return (folder / path).is_file()
    return any((folder / path).parent.glob(f"{Path(path).name}_*.pdf"))


def with_statements(paths: Sequence[str]) -> list[str]:
    """All that has to be drawn where these are missing: statements too, save where only a
    correction's documents are, which come with statements of their own."""
    corrected = all(kind_of(path) == "amended" for path in paths)
    return [*paths, *([] if corrected else [f"{FOLDERS['statement']}/"])]


def listed(paths: Sequence[str]) -> str:
    """How many documents are missing, and the first of them."""
    more = f" 외 {len(paths) - 1:,}" if len(paths) > 1 else ""
    return f"{len(paths):,}: {paths[0]}{more}"
