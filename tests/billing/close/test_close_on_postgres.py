"""The close on a real PostgreSQL: the same documents, one writer at a time, clear errors."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from billing.adjust.restatement import restate
from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.grant.settlement import GrantEntry
from billing.grant.settlement_ledger import record_entry, settlement
from billing.ledger import ledger, tables
from billing.rulebook.rule_book import read_rulebook
from metering.database.connection import newest_revision
from metering.database.decisions import waive
from metering.database.findings import findings
from metering.database.tables import manifest_head
from metering.errors import ConflictError, DatabaseError, JeongsanError
from metering.site.open_site import OpenSite
from reports.documents import render_month
from reports.verify_documents import verify_month
from tests.builders.payments import check_books, paid, take, two_months
from tests.builders.servers.postgres import Postgres, serving
from tests.builders.sites.close_site import (
    FIRST,
    MONTH,
    ON,
    make_ground,
    open_ground,
    put_day,
    usual,
)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with serving() as running:
        yield running


def closed(root: Path, url: str = "") -> OpenSite:
    root.mkdir()
    opened = make_ground(root, url)
    draft(opened, MONTH)
    approve(opened, MONTH, "박승인")
    issue(opened, MONTH, ON)
    return opened


def test_a_month_closed_on_postgresql_is_the_month_closed_on_sqlite(
    server: Postgres, tmp_path: Path
) -> None:
    here = closed(tmp_path / "sqlite")
    there = closed(tmp_path / "postgres", server.database())
    recorded = []
    documents = []
    for opened in (here, there):
        with opened.database.read() as connection:
            recorded.append((ledger.recorded(connection, MONTH), findings(connection)))
        paths = render_month(opened, MONTH)
        root = opened.site.documents
        documents.append({path.relative_to(root): path.read_bytes() for path in paths})
        assert verify_month(opened, MONTH).differences == ()
    assert recorded[0] == recorded[1]
    assert documents[0] == documents[1]
    assert len(documents[0]) > 3
    there.database.close()


def test_of_two_writers_of_a_partition_one_loses_and_nothing_of_it_is_there(
    server: Postgres, tmp_path: Path
) -> None:
    opened = make_ground(tmp_path, server.database())
    place = {"cluster": "gpu", "date": FIRST}
    rows = opened.lake.read("usage_day", cluster="gpu", date_from=FIRST, date_to=FIRST)

    def lose() -> None:
        with opened.lake.change() as late:
            late.replace("usage_day", place, rows.slice(0, 1))
            put_day(opened, FIRST, {"gpu": usual(FIRST)["gpu"][:2]})

    with pytest.raises(ConflictError):
        lose()
    kept = opened.lake.read("usage_day", cluster="gpu", date_from=FIRST, date_to=FIRST)
    assert kept.num_rows == 2
    opened.database.close()


def test_a_reader_sees_one_snapshot_and_cannot_write(server: Postgres, tmp_path: Path) -> None:
    opened = make_ground(tmp_path, server.database())
    with opened.database.read() as connection:
        before = sorted(connection.execute(sa.select(manifest_head.c.digest)).scalars())
        put_day(opened, FIRST, {"gpu": usual(FIRST)["gpu"][:1]})
        assert sorted(connection.execute(sa.select(manifest_head.c.digest)).scalars()) == before
    with pytest.raises(DatabaseError, match="read-only"), opened.database.read() as connection:
        waive(connection, "gpu", FIRST, "정전", "김운영")
    opened.database.close()


@pytest.mark.breadth
def test_payments_are_the_same_on_postgresql_and_kept_by_it(
    server: Postgres, tmp_path: Path
) -> None:
    here = two_months(tmp_path / "sqlite")
    there = two_months(tmp_path / "postgres", server.database())
    rows = (paid(9, "x", "T2025-000001"), paid(40_000_000, "x", "T2025-000002"), paid(1, "?"))
    assert take(here, *rows) == take(there, *rows)
    assert take(there, *rows).new == ()
    assert check_books(here) == check_books(there)
    entry = GrantEntry("AICA-2025R", "national", 2025, "received", 9, ON, "김정산", "교부")
    for opened in (here, there):
        with opened.database.begin() as connection:
            record_entry(connection, read_rulebook(), entry)
            filed = {"sequence": 1, "digest": "d", "document": "{}", "filed_on": ON}
            named = {"programme": "Q", "year": 2025, "filed_by": "김정산"}
            connection.execute(sa.insert(tables.grant_filing).values(**filed, **named))
    assert settlement(here, "AICA-2025R", 2025) == settlement(there, "AICA-2025R", 2025)
    kept = [
        table
        for table in tables.metadata.sorted_tables
        if table.name.startswith(("bank_file", "payment", "grant_"))
    ]
    assert len(kept) == 6
    for table in kept:
        with pytest.raises(exc.DBAPIError), there.database.begin() as connection:
            connection.execute(sa.delete(table))
    there.database.close()


def test_a_late_row_leaves_its_restatement_on_postgresql_too(
    server: Postgres, tmp_path: Path
) -> None:
    opened = closed(tmp_path / "site", server.database())
    put_day(opened, FIRST, {"gpu": usual(FIRST)["gpu"][:1]})
    assert restate(opened) == restate(opened) != ()
    opened.database.close()


def test_a_database_that_is_away_is_one_clear_error(server: Postgres, tmp_path: Path) -> None:
    url = server.url("nobody_made_this")
    with pytest.raises(JeongsanError, match=r"nobody_made_this.*run this again"):
        open_ground(tmp_path, url=url)


def test_a_database_of_a_newer_program_is_refused(server: Postgres, tmp_path: Path) -> None:
    url = server.database()
    opened = open_ground(tmp_path, url=url)
    with opened.database.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    opened.database.close()
    with pytest.raises(JeongsanError, match=f"schema 9999, this program at {newest_revision()}"):
        open_ground(tmp_path, url=url)
