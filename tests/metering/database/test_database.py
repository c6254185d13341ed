"""The database: at the newest schema, one writer at a time; findings and decisions in it."""

import multiprocessing
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import billing.ledger.tables
import metering.database.tables
from metering.database.connection import Database, newest_revision, open_database
from metering.database.decisions import (
    Acknowledgement,
    WaivedDay,
    acknowledge,
    acknowledgements,
    waive,
    waived_days,
)
from metering.database.findings import findings, replace_findings
from metering.database.tables import finding, restatement, watermark
from metering.errors import JeongsanError
from metering.finding import Finding

DAY = date(2025, 10, 1)
NEXT = date(2025, 10, 2)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/deep/jeongsan.db"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    with open_database(url) as opened:
        yield opened


def test_migrations_lead_to_exactly_the_tables_that_the_code_knows(database: Database) -> None:
    both = [
        metering.database.tables.metadata,
        billing.ledger.tables.metadata,
    ]
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, both) == []


def test_migrations_run_once_and_a_second_opening_changes_nothing(url: str, tmp_path: Path) -> None:
    with open_database(url) as database, database.begin() as connection:
        mark(connection, "s")
    before = (tmp_path / "deep" / "jeongsan.db").read_bytes()
    with open_database(url) as database, database.read() as connection:
        version = sa.table("alembic_version", sa.column("version_num"))
        assert connection.execute(sa.select(version.c.version_num)).all() == [(newest_revision(),)]
        assert len(connection.execute(sa.select(watermark)).all()) == 1
    assert (tmp_path / "deep" / "jeongsan.db").read_bytes() == before


def open_and_close(url: str) -> None:
    open_database(url).close()


@pytest.mark.breadth
def test_processes_that_open_a_new_database_at_once_all_find_it_whole(url: str) -> None:
    context = multiprocessing.get_context("spawn")
    openers = [context.Process(target=open_and_close, args=(url,)) for _ in range(3)]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join()
    assert [opener.exitcode for opener in openers] == [0, 0, 0]


def test_a_database_of_a_newer_program_is_refused(url: str, database: Database) -> None:
    version = sa.table("alembic_version", sa.column("version_num"))
    with database.begin() as connection:
        connection.execute(sa.update(version).values(version_num="9999"))
    with pytest.raises(JeongsanError, match=r"schema 9999.*update the program"):
        open_database(url)


@pytest.mark.parametrize("wrong", ["no url", "nothing://x/y", "sqlite://", "sqlite:///:memory:"])
def test_what_is_no_lasting_database_is_refused(wrong: str) -> None:
    with pytest.raises(JeongsanError, match=wrong):
        open_database(wrong)


def test_a_database_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    with pytest.raises(JeongsanError, match="unable to open database file; nothing was changed"):
        open_database(f"sqlite:///{tmp_path}")


def test_sqlite_keeps_a_log_ahead_and_keeps_to_foreign_keys(database: Database) -> None:
    with database.read() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
        ]
    assert settings == ["wal", 1, 60_000, 2]


def mark(connection: sa.Connection, source: str) -> None:
    row = {"cluster": "a", "source": source, "complete_to_ms": 1}
    connection.execute(sa.insert(watermark), [row])


def marks(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(sa.select(watermark.c.source)).scalars())


def test_a_transaction_is_kept_whole_or_not_at_all(database: Database) -> None:
    with database.begin() as connection:
        mark(connection, "kept")

    def fail() -> None:
        with database.begin() as connection:
            mark(connection, "lost")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert marks(database) == ["kept"]


def test_a_reader_cannot_write_and_the_next_writer_can(database: Database) -> None:
    with (
        pytest.raises(JeongsanError, match="attempt to write a readonly database"),
        database.read() as connection,
    ):
        mark(connection, "refused")
    with database.begin() as connection:
        mark(connection, "kept")
    assert marks(database) == ["kept"]


def test_a_reader_sees_one_instant_while_a_writer_goes_on(database: Database) -> None:
    with database.read() as reading:
        assert reading.execute(sa.select(watermark)).all() == []
        with database.begin() as writing:
            mark(writing, "new")
        assert reading.execute(sa.select(watermark)).all() == []
    assert marks(database) == ["new"]


def test_a_writer_holds_the_lock_from_its_beginning(url: str, database: Database) -> None:
    """A lock taken only at the first write would let two writers read the same old state."""
    other = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=0, isolation_level=None)
    with database.begin(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()


def test_a_changed_day_of_an_issued_month_is_open_once(database: Database) -> None:
    row = {"month": "2025-10", "day": DAY, "digest": "a", "consumed": False}
    with database.begin() as connection:
        connection.execute(sa.insert(restatement), [row | {"consumed": True}] * 2 + [row])
    with pytest.raises(sa.exc.IntegrityError), database.begin() as connection:
        connection.execute(sa.insert(restatement), [row | {"digest": "b"}])


def one(subject: str, day: date | None = DAY, detail: str = "d", **other: str) -> Finding:
    facts = {"severity": "warn", "kind": "dark", "stage": "meter", "cluster": "a"} | other
    return Finding(day=day, subject=subject, detail=detail, **facts)  # type: ignore[arg-type]


def stored(database: Database, **filters: object) -> list[Finding]:
    with database.read() as connection:
        return findings(connection, **filters)  # type: ignore[arg-type]


def replace(database: Database, days: set[date | None] | None, *new: Finding) -> None:
    with database.begin() as connection:
        replace_findings(connection, "meter", "a", days, new)


def test_findings_of_a_stage_cluster_and_day_are_replaced_and_others_stay(
    database: Database,
) -> None:
    with database.begin() as connection:
        replace_findings(connection, "collect", "a", None, [one("c", stage="collect")])
        replace_findings(connection, "meter", "b", None, [one("b", cluster="b")])
    replace(database, None, one("x"), one("y"), one("next", NEXT), one("undated", None))
    replace(database, {DAY}, one("y"), one("z"))
    assert stored(database) == [
        one("undated", None),
        one("c", stage="collect"),
        one("y"),
        one("z"),
        one("b", cluster="b"),
        one("next", NEXT),
    ]
    replace(database, {None})
    replace(database, {NEXT, DAY})
    assert stored(database) == [one("c", stage="collect"), one("b", cluster="b")]


def test_replacing_every_day_removes_what_has_no_day_too(database: Database) -> None:
    replace(database, None, one("x"), one("undated", None))
    replace(database, None)
    assert stored(database) == []


def test_the_same_findings_again_write_nothing(database: Database) -> None:
    replace(database, {DAY}, one("x"), one("y"))
    statements: list[str] = []
    with database.begin() as connection:
        sa.event.listen(
            connection, "before_cursor_execute", lambda *given: statements.append(given[2])
        )
        replace_findings(connection, "meter", "a", {DAY}, [one("y"), one("x")])
    assert [text.split()[0] for text in statements] == ["SELECT"]


def test_findings_of_one_key_become_one_with_both_details_and_the_graver_severity(
    database: Database,
) -> None:
    replace(database, {DAY}, one("x", detail="2"), one("x", detail="1", severity="fail"), one("x"))
    assert stored(database) == [one("x", detail="1; 2; d", severity="fail")]


@pytest.mark.parametrize(
    "outside", [one("x", NEXT), one("x", None), one("x", cluster="b"), one("x", stage="draft")]
)
def test_a_finding_of_another_place_is_a_mistake_of_the_caller(
    database: Database, outside: Finding
) -> None:
    with pytest.raises(ValueError, match="lies outside"):
        replace(database, {DAY}, outside)


def test_findings_are_asked_for_by_place_severity_and_days(database: Database) -> None:
    replace(database, None, one("x"), one("y", NEXT, severity="fail"), one("z", None))
    assert stored(database, severity="fail") == [one("y", NEXT, severity="fail")]
    assert stored(database, date_to=DAY) == [one("x")]
    assert stored(database, date_from=NEXT) == [one("y", NEXT, severity="fail")]
    assert stored(database, cluster="b") == stored(database, stage="draft") == []
    assert len(stored(database, stage="meter", cluster="a")) == 3


def test_many_findings_are_replaced_at_once(database: Database) -> None:
    replace(database, {DAY}, *(one(str(number)) for number in range(25_000)))
    replace(database, {DAY}, one("last"))
    assert stored(database) == [one("last")]


def test_a_decision_answers_the_finding_as_it_read_and_no_other(database: Database) -> None:
    replace(database, {DAY}, one("x"))
    with database.begin() as connection:
        made = acknowledge(connection, one("x").key, "bill", "측정기 고장", "김")
    assert made.answers(one("x"))
    assert not made.answers(one("x", detail="other figures"))
    assert not made.answers(one("y", detail=one("x").detail))


def test_a_finding_is_acknowledged_and_the_later_decision_holds(database: Database) -> None:
    replace(database, {DAY}, one("x"))
    key = one("x").key
    with database.begin() as connection:
        acknowledge(connection, key, "bill", "측정기 고장", "김")
        acknowledge(connection, key, "exclude", "시험 가동", "이")
    replace(database, {DAY}, one("x", detail="seen again"))
    with database.read() as connection:
        assert acknowledgements(connection) == {
            key: Acknowledgement(key, "exclude", "시험 가동", "이", one("x").detail)
        }


@pytest.mark.parametrize(
    ("key", "effect", "reason", "by", "message"),
    [
        ("0" * 12, "bill", "r", "b", "no finding 000000000000"),
        (one("x").key, "ignore", "r", "b", "write bill or exclude"),
        (one("x").key, "bill", " ", "b", "needs its reason"),
        (one("x").key, "bill", "r", "", "the name of who made it"),
    ],
)
def test_a_decision_without_finding_effect_reason_or_name_is_refused(
    database: Database, key: str, effect: str, reason: str, by: str, message: str
) -> None:
    replace(database, {DAY}, one("x"))
    with pytest.raises(JeongsanError, match=message), database.begin() as connection:
        acknowledge(connection, key, effect, reason, by)
    with database.read() as connection:
        assert acknowledgements(connection) == {}


def test_a_day_is_waived_with_reason_and_name(database: Database) -> None:
    with database.begin() as connection:
        waive(connection, "b", NEXT, "정전", "김")
        waive(connection, "a", NEXT, "정전", "김")
        waive(connection, "a", DAY, "점검", "김")
        waive(connection, "a", DAY, "점검 연장", "이")
    with database.read() as connection:
        assert waived_days(connection) == [
            WaivedDay("a", DAY, "점검 연장", "이"),
            WaivedDay("a", NEXT, "정전", "김"),
            WaivedDay("b", NEXT, "정전", "김"),
        ]
        assert waived_days(connection, "b") == [WaivedDay("b", NEXT, "정전", "김")]
    with pytest.raises(JeongsanError, match="needs its reason"), database.begin() as connection:
        waive(connection, "a", DAY, "", "김")


def test_findings_are_kept_by_their_key(database: Database) -> None:
    replace(database, {DAY}, one("x"))
    with database.read() as connection:
        assert connection.execute(sa.select(finding.c.key)).scalars().all() == [one("x").key]
