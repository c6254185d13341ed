"""The audit trail: what it keeps, that it only grows, and what older databases bring into it."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from metering.database.audit_trail import Who, keep, last_of, trail
from metering.database.connection import MIGRATIONS, Database, open_database

DIGEST = "d" * 64


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return open_database(f"sqlite:///{tmp_path / 'jeongsan.db'}")


def test_decisions_are_listed_in_the_order_in_which_they_were_made(database: Database) -> None:
    with database.begin() as connection:
        keep(connection, "draft", Who("김", 9, "kim"), month="2025-10", digest=DIGEST)
        keep(connection, "load", Who("이", 3, "lee"), digest="e" * 64)
        keep(connection, "draft", Who("박"), month="2025-11", reason="다시", digest=DIGEST)
    with database.read() as connection:
        assert [entry.act for entry in trail(connection)] == ["draft", "load", "draft"]
        (november,) = trail(connection, "2025-11")
        assert (november.who, november.reason) == (Who("박"), "다시")
        last = last_of(connection, "draft", DIGEST)
        assert last == november
        assert last_of(connection, "draft", "0" * 64) is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_trail SET by_whom = 'x'",
        "DELETE FROM audit_trail",
        "INSERT OR REPLACE INTO audit_trail SELECT * FROM audit_trail",
    ],
)
def test_what_was_decided_never_changes(database: Database, change: str) -> None:
    with database.begin() as connection:
        keep(connection, "load", Who("이", 3, "lee"))
    with (
        pytest.raises(sa.exc.IntegrityError, match="what was decided never changes"),
        database.begin() as connection,
    ):
        connection.exec_driver_sql(change)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Who("김"), Who("김 "), True),
        (Who("Kim"), Who("kim"), True),
        (Who("김", account="kim"), Who("이", account="kim"), True),
        (Who("김"), Who("이"), False),
        (Who(""), Who(""), False),
        (Who("김", account=""), Who("이", account=""), False),
    ],
)
def test_a_person_is_the_same_by_name_or_by_login(one: Who, other: Who, same: bool) -> None:
    assert one.same_person(other) is same


def migrate(connection: sa.Connection, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, to)


OLD = (
    "INSERT INTO registry (sequence, digest, document) VALUES (1, 'r1', '{}')",
    "INSERT INTO waived_day VALUES ('hpc', '2025-10-09', '정전', '김')",
    "INSERT INTO acknowledgement VALUES ('f1', 'bill', '확인', '이', '', 20)",
    "INSERT INTO month_step VALUES ('2025-10', 1, 'draft', 'd1', 'kim', 10)",
    "INSERT INTO month_step VALUES ('2025-10', 2, 'approved', 'd1', '박', 30)",
)


def test_what_an_older_database_knew_of_decisions_is_kept(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        migrate(connection, "0013")
        for row in OLD:
            connection.exec_driver_sql(row)
    engine.dispose()
    with open_database(url) as database, database.read() as connection:
        kept = [(e.act, e.subject, e.month, e.who.by, e.who.at_ms) for e in trail(connection)]
    assert kept == [
        ("load", "", None, "", None),
        ("waive", "hpc 2025-10-09", "2025-10", "김", None),
        ("draft", "", "2025-10", "kim", 10),
        ("acknowledge", "f1 bill", None, "이", 20),
        ("approve", "", "2025-10", "박", 30),
        ("chain", "up to 5", None, "", None),
    ]
