"""Least privileges on a real PostgreSQL: the night meters and touches no money, the closer issues
and changes nothing that is kept, the reader writes nothing, and triggers are the owner's alone."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from billing.ledger.tables import metadata as money
from billing.paths import POSTGRESQL_ROLES
from metering.database.connection import open_database
from metering.database.tables import metadata as metering
from tests.builders.servers.postgres import Postgres, serving
from tests.builders.sites.command_line import (
    MONTH,
    Said,
    approve,
    collect,
    meter,
    run,
    write_site,
)

pytestmark = pytest.mark.breadth

ROLES = ("reader", "night", "closer")
BY = ("--by", "김정산", "--reason", "r")
KEPT = {"audit_trail", "registry"}
REPLACED = (
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql"
    " AS 'BEGIN RETURN NEW; END'"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def urls(server: Postgres) -> dict[str, str]:
    """The address of the site's database for the owner and for a login of each role."""
    owner = sa.make_url(server.database())
    open_database(owner.render_as_string(False)).close()
    script = POSTGRESQL_ROLES.read_text(encoding="utf-8")
    engine = sa.create_engine(owner)
    urls = {"owner": owner.render_as_string(False)}
    with engine.begin() as connection:
        for _ in range(2):  # again after an upgrade
            connection.exec_driver_sql(script)
        for role in ROLES:
            login = f"{owner.database}_{role}"[-60:]
            connection.exec_driver_sql(f'CREATE ROLE "{login}" LOGIN IN ROLE jeongsan_{role}')
            # nobody reads the server's log, which would be full of refusals and stop it
            connection.exec_driver_sql(f'ALTER ROLE "{login}" SET log_min_messages = panic')
            urls[role] = owner.set(username=login).render_as_string(False)
    engine.dispose()
    return urls


Refused = Callable[[str, str], bool]


@pytest.fixture(scope="module")
def refused(urls: dict[str, str]) -> Iterator[Refused]:
    """Whether the database gives a role no leave for a statement, which is taken back."""
    engines = {role: sa.create_engine(url) for role, url in urls.items()}
    opened = {role: engine.connect() for role, engine in engines.items()}

    def ask(role: str, statement: str) -> bool:
        try:
            opened[role].exec_driver_sql(statement)
        except sa.exc.DBAPIError as error:
            return getattr(error.orig, "sqlstate", None) == "42501"
        finally:
            opened[role].rollback()
        return False

    yield ask
    for connection in opened.values():
        connection.close()
    for engine in engines.values():
        engine.dispose()


def test_a_month_goes_through_by_the_roles_that_it_needs(
    urls: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = write_site(tmp_path / "site")
    toml = (site / "site.toml").read_text(encoding="utf-8")
    named = toml.replace("[issuer]", 'database_env = "DATABASE"\n[issuer]', 1)
    (site / "site.toml").write_text(named, encoding="utf-8")

    def as_role(role: str, *done: Callable[[], Said]) -> list[int]:
        monkeypatch.setenv("DATABASE", urls[role])
        return [do().code for do in done]

    def does(*arguments: str) -> Callable[[], Said]:
        return lambda: run(site, *arguments)

    assert as_role("night", does("load")) == [1]
    assert as_role("closer", does("load")) == [0]
    night = (lambda: collect(site), lambda: meter(site), does("quota", MONTH))
    assert as_role("night", *night, does("draft", MONTH)) == [0, 0, 0, 1]
    issue = does("issue", MONTH, "--on", "2025-11-03")
    assert as_role("closer", does("draft", MONTH), lambda: approve(site), issue) == [0, 0, 0]
    read = (does("status"), does("verify", MONTH), does("audit", "--check"), does("ledger"))
    assert as_role("reader", *read, does("waive", "hpc", "2025-10-05", *BY)) == [0, 0, 0, 0, 1]
    waive = does("waive", "hpc", "2025-10-05", *BY)
    assert as_role("night", waive) == [1]
    assert as_role("closer", waive, does("audit", "--check")) == [0, 0]


def test_nobody_but_the_owner_changes_what_is_kept(refused: Refused) -> None:
    of_money = {table.name for table in money.sorted_tables}
    of_night = {"manifest_head", "watermark", "source_input", "finding", "quota_alarm"}
    noted = {"draft_record", "adjustment_draft"}
    for table in sorted(of_money | {table.name for table in metering.sorted_tables}):
        delete, insert = f"DELETE FROM {table}", f"INSERT INTO {table} DEFAULT VALUES"  # noqa: S608
        assert refused("reader", delete)
        assert refused("reader", insert)
        assert (refused("night", delete), refused("night", insert)) == (table not in of_night,) * 2
        assert refused("closer", delete) == (table in of_money - noted or table in KEPT)
        assert not refused("closer", insert)
        for role in ROLES:
            assert refused(role, f"TRUNCATE {table}")
            assert refused(role, f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    for role in ROLES:
        assert refused(role, "UPDATE audit_trail SET reason = 'x'")
        assert refused(role, "DROP TRIGGER audit_trail_never_changes ON audit_trail")
        assert refused(role, "CREATE TABLE mine (x integer)")
        assert refused(role, REPLACED)
    assert not refused("owner", "DROP TRIGGER audit_trail_never_changes ON audit_trail")
