"""Corrections on a real PostgreSQL: the same documents, kept, and one of many at once."""

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import exc

import metering.database.tables
from billing.adjust.adjust import look
from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.grant.settlement import GrantEntry
from billing.grant.settlement_ledger import file_settlement, record_entry
from billing.ledger import ledger, tables
from billing.ledger.adjustment_ledger import adjustments, recorded
from billing.ledger.invoice_numbers import numbers_given
from billing.ledger.tables import posting
from billing.payment.bank_line_decisions import drop
from billing.payment.matches_and_credits import Decision
from billing.rulebook.rule_book import read_rulebook
from billing.verify.verify import verify
from metering.site.open_site import OpenSite
from reports.documents import render_month
from reports.tax.signature import own_test_signer
from reports.tax.view import TaxWanted, write_tax
from reports.verify_documents import copy_whole_month
from tests.builders.payments import paid, take
from tests.builders.servers.fork_server import run_forked
from tests.builders.servers.postgres import Postgres, serving
from tests.builders.sites.adjust_site import (
    DEC,
    LATE,
    LATER,
    NOV,
    NOVEMBER,
    OCT,
    OCTOBER,
    ROWS,
    again,
    close,
    closed,
    corrected,
    put,
)  # fmt: skip

pytestmark = pytest.mark.breadth

Both = tuple[OpenSite, OpenSite]
RACES = 10  # a test of them; the soak has twenty such tests
# What is being worked on, and made anew by every draft.
WORK_IN_HAND = {"adjustment_draft", "draft_record"}


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with serving() as running:
        yield running


def ledger_of(opened: OpenSite) -> object:
    with opened.database.read() as connection:
        held = [ledger.recorded(connection, month) for month in (OCT, NOV)]
        return held, recorded(connection, OCT), numbers_given(connection)


@pytest.fixture(scope="module")
def both(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """The same site on SQLite and on PostgreSQL: two months issued and corrected, a payment taken
    in, money of a programme recorded, a settlement filed."""
    sites = []
    for name, url in (("sqlite", ""), ("postgres", server.database())):
        opened = closed(tmp_path_factory.mktemp(name), ROWS, url)
        put(opened, OCT, LATE)
        corrected(opened)
        put(opened, DEC, ())
        close(opened, DEC, LATER)
        [line] = take(opened, paid(20_000, "x", "T2026-000001"), "no row").lines
        with opened.database.begin() as connection:
            drop(connection, line.line_id, Decision("김정산", LATER, "빈 줄"))
        entry = GrantEntry("P", "national", 2025, "received", 9, LATER, "김정산", "교부")
        with opened.database.begin() as connection:
            record_entry(connection, read_rulebook(opened.site.rules), entry)
        file_settlement(opened, "P", 2025, "김정산", date(2026, 3, 31))
        sites.append(opened)
    yield sites[0], sites[1]
    for opened in sites:
        opened.database.close()


def test_a_correction_on_postgresql_is_the_correction_on_sqlite(both: Both) -> None:
    for opened in both:
        assert corrected(opened) is None
        assert verify(opened, NOV).differences == ()
    assert ledger_of(both[0]) == ledger_of(both[1])


@pytest.mark.breadth
def test_its_documents_tax_invoices_and_copy_have_the_same_bytes(both: Both) -> None:
    key = own_test_signer(both[0].site.directory)
    documents = []
    for opened in both:
        folder = opened.site.documents
        for month in (OCT, NOV):
            render_month(opened, month)
            write_tax(opened, TaxWanted(month, None, None, None, "", True), key)
        copy_whole_month(opened, OCT, folder / "copy.zip")
        files = (path for path in folder.rglob("*") if path.is_file())
        documents.append({str(path.relative_to(folder)): path.read_bytes() for path in files})
    assert documents[0] == documents[1]
    endings = Counter(name.rpartition(".")[2] for name in documents[0])
    assert endings == {"pdf": 13, "xlsx": 11, "xml": 9, "zip": 1}
    assert any(name.startswith(f"{OCT}/amended/") for name in documents[0])


def everything(opened: OpenSite, tables: Iterable[sa.Table]) -> dict[str, list[tuple[object, ...]]]:
    with opened.database.read() as connection:
        rows = {table.name: connection.execute(sa.select(table)).all() for table in tables}
    return {name: sorted(map(tuple, some), key=str) for name, some in rows.items()}


def replacing(table: sa.Table, other: Mapping[str, sa.ColumnElement[object]]) -> sa.Insert:
    """SQLite's way to lay a row over the one that is there, by its key or by its place."""
    values = {**{column.name: column for column in table.columns}, **other}
    over = sa.table(table.name, *(sa.column(name) for name in values))
    rows = sa.select(*values.values()).select_from(table)
    return over.insert().prefix_with("OR REPLACE").from_select(list(values), rows)


def ways(table: sa.Table, dialect: str) -> Iterator[sa.Executable]:
    """Every way to change a row that is there."""
    if table.name == "invoice_number_series":  # grows, and nothing else
        yield table.update().values(last=table.c.last - 1)
        yield table.update().values(year=table.c.year + 1)
    elif table.name == "month_state":
        yield table.update().values(month="2031-01")
        yield table.update().values(state="approved", issued_on=None, bundle=None)
    else:
        for column in table.columns:
            yield table.update().values({column.name: column})
    yield table.delete()
    if dialect == "postgresql":
        yield sa.DDL("TRUNCATE %(kept)s CASCADE", context={"kept": table.name})
        return
    yield replacing(table, {})
    first = next(iter(table.primary_key))
    if isinstance(first.type, sa.String):  # else its key is its place
        place = {"rowid": sa.literal_column("rowid"), first.name: sa.literal("x")}
        yield replacing(table, place)


def test_no_statement_changes_what_is_issued_or_posted_on_either_database(both: Both) -> None:
    kept = [t for t in tables.metadata.sorted_tables if t.name not in WORK_IN_HAND]
    for opened in both:
        dialect = opened.database.engine.dialect.name
        before = everything(opened, kept)
        assert all(before.values()), "every kept table has a row to change"
        for table in kept:
            for way in ways(table, dialect):
                refused = pytest.raises(exc.DBAPIError, match="what is issued never changes")
                with refused, opened.database.begin() as connection:
                    connection.execute(way)
        assert everything(opened, kept) == before


def test_both_databases_have_exactly_the_tables_that_the_code_knows(both: Both) -> None:
    every = [metering.database.tables.metadata, tables.metadata]
    for opened in both:
        with opened.database.read() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, every) == []


def test_every_amount_is_kept_as_an_integer(both: Both) -> None:
    for opened in both:
        with opened.database.read() as connection:
            seen = sa.inspect(connection)
            types = {
                (table.name, column["name"]): column["type"]
                for table in tables.metadata.sorted_tables
                for column in seen.get_columns(table.name)
            }
        amounts = [kind for (_, name), kind in types.items() if name.endswith("_krw")]
        assert len(amounts) >= 7
        assert all(isinstance(kind, sa.BigInteger) for kind in amounts)
        assert not any(isinstance(kind, sa.Numeric) for kind in types.values())


@pytest.fixture(scope="module")
def racing(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A site whose November is approved and whose October has a correction that was looked at."""
    root, url = tmp_path_factory.mktemp("racing") / "site", server.database()
    opened = closed(root, {OCT: OCTOBER}, url)
    put(opened, NOV, NOVEMBER)
    draft(opened, NOV)
    approve(opened, NOV, "박승인")
    put(opened, OCT, LATE)
    look(opened)
    opened.database.close()
    return root, url


@pytest.mark.breadth
@pytest.mark.parametrize(
    ("runs", "seed"),
    [
        (3, 0),
        *(pytest.param(50, seed, marks=pytest.mark.soak) for seed in range(1, 21)),
    ],
)
def test_of_many_who_issue_and_adjust_at_once_one_makes_each(
    server: Postgres, racing: tuple[Path, str], tmp_path: Path, runs: int, seed: int
) -> None:
    site, url = racing
    places = []
    for number in range(RACES):
        shutil.copytree(site, tmp_path / str(number))
        places.append((tmp_path / str(number), server.database(like=url)))
    given = [part for place in places for part in place]
    said = run_forked("tests.crash.race_issue_and_adjust", runs, seed, *given).splitlines()
    assert len(said) == RACES
    for number, (line, place) in enumerate(zip(said, places, strict=True), start=seed):
        issuing = sum((process + number) % 2 == 0 for process in range(runs))
        assert Counter(line.split(", ")) == Counter(
            {
                "issue first": 1,
                "issue again": issuing - 1,
                "adjust first": 1,
                "adjust again": runs - issuing - 1,
            }
        )
        opened = again(*place)
        with opened.database.read() as connection:
            (adjustment,) = adjustments(connection)
            given = numbers_given(connection)
            total = connection.execute(sa.select(sa.func.sum(posting.c.amount_krw))).scalar()
        assert (adjustment.issued_on, total) == (LATER, 0)
        for last, numbers in given.values():
            assert [int(name.rsplit("-", 1)[1]) for name in numbers] == list(range(1, last + 1))
        if place is places[-1]:
            assert verify(opened, OCT).differences == verify(opened, NOV).differences == ()
            assert corrected(opened) is None
        opened.database.close()
