"""The chain of the audit trail: what is done to a row by hand shows in it, on both databases; it
has one end, however many write; and databases of before are chained from their migration on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from billing.verify.verify_audit import verify_audit
from metering.database.audit_chain import ChainEnd, broken_links, chain_end
from metering.database.audit_trail import Who, keep, trail
from metering.database.connection import Database, open_database
from tests.builders.servers.postgres import serving
from tests.metering.database.test_audit_trail import migrate

WRITERS, EACH = 6, 8
COPIED = (
    "INSERT INTO audit_trail SELECT 4, act, subject, month, by_whom, account, at_ms, reason,"
    " digest, {before}, row_hash FROM audit_trail WHERE place = 3"
)
BY_HAND = [
    ("UPDATE audit_trail SET by_whom = '최' WHERE place = 2", [(2, "row_hash")]),
    ("UPDATE audit_trail SET at_ms = NULL WHERE place = 3", [(3, "row_hash")]),
    (
        "UPDATE audit_trail SET row_hash = 'x' WHERE place = 1",
        [(1, "row_hash"), (2, "before_hash")],
    ),
    ("UPDATE audit_trail SET place = 9 WHERE place = 2", [(3, "before_hash"), (9, "both")]),
    ("DELETE FROM audit_trail WHERE place = 1", [(2, "before_hash")]),
    ("DELETE FROM audit_trail WHERE place = 2", [(3, "before_hash")]),
    (COPIED.format(before="row_hash"), [(4, "row_hash")]),
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Three decisions, kept by nothing any more: who may do so has taken the triggers away."""
    if request.param == "sqlite":
        yield opened(f"sqlite:///{tmp_path_factory.mktemp('chain') / 'jeongsan.db'}")
        return
    with serving() as server, opened(server.database()) as there:
        yield there


def opened(url: str) -> Database:
    database = open_database(url)
    with database.begin() as connection:
        for number in (1, 2, 3):
            keep(connection, "load", Who("이", number, "lee"), digest=str(number))
        if database.engine.dialect.name == "sqlite":
            for name in ("changes", "goes", "replaced"):
                connection.exec_driver_sql(f"DROP TRIGGER audit_trail_never_{name}")
        else:
            connection.exec_driver_sql("ALTER TABLE audit_trail DISABLE TRIGGER ALL")
    return database


def broken(connection: sa.Connection) -> list[tuple[int, str]]:
    return [(link.place, link.part) for link in broken_links(connection)]


@pytest.mark.parametrize(("change", "told"), BY_HAND)
def test_what_is_done_by_hand_is_told(
    database: Database, change: str, told: list[tuple[int, str]]
) -> None:
    parts = {"both": ("before_hash", "row_hash")}
    wanted = [(place, part) for place, said in told for part in parts.get(said, (said,))]

    with database.begin() as connection:
        assert broken(connection) == []
        with connection.begin_nested() as savepoint:
            connection.exec_driver_sql(change)
            assert broken(connection) == wanted
            savepoint.rollback()


def test_a_second_row_after_the_same_one_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError), database.begin() as connection:
        connection.exec_driver_sql(COPIED.format(before="before_hash"))


def test_many_writers_make_one_chain(database: Database) -> None:
    """Each holds the database's one lock from its beginning on, so none waits for another's row."""

    def write(writer: int) -> None:
        for number in range(EACH):
            with database.begin() as connection:
                keep(connection, "load", Who(str(writer), number), subject="many")

    with database.read() as connection:
        before = chain_end(connection)
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    with database.read() as connection:
        entries = [entry for entry in trail(connection) if entry.subject == "many"]
        assert broken(connection) == []
        end = chain_end(connection)
    assert end == ChainEnd(before.place + WRITERS * EACH, entries[-1].row_hash)
    for writer in range(WRITERS):
        own = [entry.who.at_ms for entry in entries if entry.who.by == str(writer)]
        assert own == list(range(EACH))


OLD = (
    "INSERT INTO bundle VALUES ('b', '2025-09')",
    "INSERT INTO month_state VALUES ('2025-09', 'issued', 'd1', '박', '2025-10-02', 'b')",
    "INSERT INTO month_state VALUES ('2025-10', 'approved', 'd2', '박', NULL, NULL)",
    "INSERT INTO month_state VALUES ('2025-11', 'draft', 'd3', NULL, NULL, NULL)",
    "INSERT INTO audit_trail VALUES (3, 'draft', '', '2025-10', 'kim', '', 10, '', 'd2')",
    "INSERT INTO audit_trail VALUES (7, 'approve', '', '2025-10', '박', '', 11, '', 'd2')",
    "INSERT INTO bank_file VALUES ('f', 'x.csv', '1', '2025-12-01', '이')",
    "INSERT INTO bank_line (line_id, file, line, kind, reason, text, account)"  # noqa: ISC004
    " VALUES ('l', 'f', 2, 'odd', 'r', 't', '1')",
    "INSERT INTO bank_line_decision VALUES (1, 'l', 'dropped', NULL, 0, '2025-12-02', '이', 'r')",
)


def test_a_database_of_before_is_chained_from_its_migration_on(tmp_path: Path) -> None:
    """It gets what the trail did not have, and a row that says what nothing vouches for."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        migrate(connection, "0016")
        for row in OLD:
            connection.exec_driver_sql(row)
    engine.dispose()
    with open_database(url) as migrated, migrated.read() as connection:
        assert broken(connection) == []
        assert [(e.place, e.act, e.subject, e.month, e.who.by) for e in trail(connection)] == [
            (3, "draft", "", "2025-10", "kim"),
            (7, "approve", "", "2025-10", "박"),
            (8, "approve", "", "2025-09", "박"),
            (9, "issue", "", "2025-09", ""),
            (10, "draft", "", "2025-11", ""),
            (11, "line", "l dropped", None, "이"),
            (12, "chain", "up to 11", None, ""),
        ]
        assert verify_audit(connection) == []


def test_a_new_database_has_nothing_before_its_first_decision(tmp_path: Path) -> None:
    with open_database(f"sqlite:///{tmp_path / 'new.db'}") as new, new.read() as connection:
        assert list(trail(connection)) == []
        assert chain_end(connection) == ChainEnd()
