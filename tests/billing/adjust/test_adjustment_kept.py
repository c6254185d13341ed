"""An adjustment that is issued: nothing changes it, and what was changed is named."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from billing.close.issued_month import kept_files
from billing.ledger import tables
from billing.ledger.adjustment_ledger import adjustments
from billing.verify.verify import verify
from metering.site.open_site import OpenSite
from tests.builders.sites.adjust_site import NOV, OCT, OCTOBER, again, corrected, hours, put

LATE = hours("A-1", 2, f"{OCT}-07")


@pytest.fixture(scope="module")
def adjusted_site(issued_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a correction of October; nobody writes to it."""
    root = tmp_path_factory.mktemp("adjusted") / "site"
    shutil.copytree(issued_site, root)
    opened = again(root)
    put(opened, OCT, [*OCTOBER, LATE])
    corrected(opened)
    opened.database.close()
    return root


@pytest.fixture
def adjusted(adjusted_site: Path, tmp_path: Path) -> Iterator[OpenSite]:
    root = tmp_path / "site"
    shutil.copytree(adjusted_site, root)
    opened = again(root)
    yield opened
    opened.database.close()


def test_the_database_itself_keeps_an_adjustment(adjusted: OpenSite) -> None:
    for table in ("adjustment", "adjusted_month", "claim_restatement"):
        columns = tables.metadata.tables[table]
        for change in (columns.delete(), columns.update().values(sequence=9)):
            refused = pytest.raises(sa.exc.IntegrityError, match="what is issued never changes")
            with refused, adjusted.database.begin() as connection:
                connection.execute(change)


def test_sweeping_keeps_what_an_adjustment_names(adjusted: OpenSite) -> None:
    put(adjusted, OCT, OCTOBER)
    adjusted.lake.sweep(0, 1 << 50, kept_files(adjusted))
    assert verify(adjusted, OCT).differences == ()


@pytest.mark.parametrize(
    ("trigger", "change", "place"),
    [
        ("claim_restatement_never_changes", "UPDATE claim_restatement SET difference_krw = 1",
         "ledger: adjustment 1: claim"),
        ("posting_never_changes", "UPDATE posting SET amount_krw = 1 WHERE adjustment = 1",
         "ledger: adjustment 1: posting"),
        ("invoice_never_changes",
         "UPDATE invoice SET document = replace(document, '-15000', '-1') WHERE adjustment = 1",
         "ledger: T2026-000006: digest"),
        ("adjustment_never_changes", "UPDATE adjustment SET issued_on = '2026-01-21'",
         "ledger: T2026-000006"),
    ],
)  # fmt: skip
def test_a_changed_row_of_an_adjustment_is_named(
    adjusted: OpenSite, trigger: str, change: str, place: str
) -> None:
    with adjusted.database.begin() as connection:
        connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        connection.exec_driver_sql(change)
    assert any(
        difference.place.startswith(place) for difference in verify(adjusted, NOV).differences
    )


def test_a_changed_file_of_an_adjustment_is_named(adjusted: OpenSite) -> None:
    with adjusted.database.read() as connection:
        (done,) = adjustments(connection)
    path = Path(adjusted.site.lake) / "bundles" / f"{done.bundle}.json"
    path.write_bytes(path.read_bytes().replace(b'"cascade":false', b'"cascade":true'))
    (difference,) = verify(adjusted, OCT).differences
    assert (difference.place, difference.found) == (
        f"bundles/{done.bundle}.json",
        "missing or changed bytes",
    )
