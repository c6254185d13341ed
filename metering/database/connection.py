"""The one database: opened at the newest schema, read in snapshots, written by one at a time."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.schema import CreateTable

from metering.database.audit_trail import newest_ms
from metering.errors import DatabaseError, JeongsanError
from metering.paths import MIGRATIONS
from metering.secret import shown_address

WAIT_S = 60
# What the program asked wrongly of a database that answers: its own mistake, and no outage.
OURS = (
    sa.exc.DataError,
    sa.exc.IntegrityError,
    sa.exc.NotSupportedError,
    sa.exc.ProgrammingError,
)
TRIED = sa.Table("tried_and_taken_back", sa.MetaData(), sa.Column("x", sa.Integer))
NO_LEAVE = "42501"  # SQLSTATE insufficient_privilege, of who gave the leave and not of the program
ONE_WRITER = 0x6A656F6E6773616E  # any number that nobody else locks in the same PostgreSQL


class Database:
    """An opened database; writers follow one another on every store, readers see one snapshot."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self._sqlite = engine.dialect.name == "sqlite"

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """One transaction that may write; committed at the end, undone by any exception."""
        with self._connect() as connection:
            connection.execution_options(jeongsan_writes=True)
            with connection.begin():
                if not self._sqlite:
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ONE_WRITER)))
                yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One snapshot to read from; whatever it tries to write is refused."""
        with self._connect() as connection:
            if not self._sqlite:
                connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin() as transaction:
                yield connection
                transaction.rollback()

    @contextmanager
    def _connect(self) -> Iterator[sa.Connection]:
        try:
            with self.engine.connect() as connection:
                yield connection
        except (sa.exc.DBAPIError, sqlite3.DatabaseError) as error:
            reason = getattr(error, "orig", error)
            if isinstance(error, OURS) and getattr(reason, "sqlstate", None) != NO_LEAVE:
                raise
            place = self.engine.url.render_as_string(hide_password=True)
            raise DatabaseError(
                f"database {place}: {reason}; nothing was changed: see that "
                "it runs, has room, gives leave and is not held by another run, and run this again"
            ) from error

    def try_to_write(self) -> None:
        """Make a table and take it back; DatabaseError where that is refused. It waits for no
        writer of PostgreSQL, since nothing of it is kept."""
        with self._connect() as connection:
            connection.execution_options(jeongsan_writes=True)
            with connection.begin() as transaction:
                connection.execute(CreateTable(TRIED))
                transaction.rollback()

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Schema:
    """The schema that a database is at, None where nothing is in it yet, and this program's; and
    the latest instant of a decision in it (UTC ms)."""

    revision: str | None
    newest: str
    last_ms: int | None = None


def open_database(url: str) -> Database:
    """The database at an SQLAlchemy URL, made if it is not there, at the newest schema."""
    if (file := sqlite_file(url)) is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    database = Database(_engine(url))
    _upgrade(database)
    return database


def look(url: str, wait_s: int, *, writing: bool = True) -> Schema:
    """The schema of a database that can be read and, with `writing`, written, asked as it is:
    nothing is made, migrated or kept. DatabaseError where it does not answer in `wait_s` seconds or
    refuses. Without `writing` nobody who writes is kept waiting."""
    file = sqlite_file(url)
    if file is not None and not file.exists():
        return Schema(None, newest_revision())
    with Database(_engine(url, wait_s)) as database:
        with database.read() as connection:
            revision = _revision(connection)
            known = revision == newest_revision()
            last_ms = newest_ms(connection) if known else None
        if writing:
            database.try_to_write()
    return Schema(revision, newest_revision(), last_ms)


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite database, None for another one; JeongsanError where it has none."""
    parsed = _parsed(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    if not parsed.database or parsed.database == ":memory:":
        shown = shown_address(url)
        raise JeongsanError(f"{shown}: give SQLite a file; what is kept in memory is lost")
    return Path(parsed.database)


def _parsed(url: str) -> sa.URL:
    try:
        return sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):  # whose words may have any part of the address
        shown = shown_address(url)
        raise JeongsanError(
            f"{shown}: not the address of a database, like postgresql+psycopg://user@host/name"
        ) from None


def _engine(url: str, wait_s: int | None = None) -> sa.Engine:
    """The engine of a URL, not connected yet; without `wait_s` it waits as long as is usual."""
    parsed = _parsed(url)
    try:
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(parsed, WAIT_S if wait_s is None else wait_s)
        waiting = {} if wait_s is None else {"connect_timeout": wait_s}
        return sa.create_engine(parsed, pool_pre_ping=True, connect_args=waiting)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError) as error:
        shown = shown_address(url)
        raise JeongsanError(f"{shown}: not a database that can be opened here: {error}") from error


def _sqlite(url: sa.URL, wait_s: int) -> sa.Engine:
    """An engine whose transactions begin when SQLAlchemy says so, writers taking the lock first."""
    engine = sa.create_engine(url, connect_args={"timeout": wait_s})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("jeongsan_writes"):
            connection.exec_driver_sql("PRAGMA query_only = OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("PRAGMA query_only = ON")
            connection.exec_driver_sql("BEGIN")

    return engine


def newest_revision() -> str:
    """The revision that this program's migrations lead to (their files are named by revision)."""
    return max(path.name for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))[:4]


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    table = sa.table("alembic_version", sa.column("version_num"))
    return connection.execute(sa.select(table.c.version_num)).scalar()


def _upgrade(database: Database) -> None:
    """Run the missing migrations, all in one transaction; a second program waits for it."""
    with database.read() as connection:
        revision = _revision(connection)
    newest = newest_revision()
    if revision == newest:
        return
    if revision is not None and revision > newest:
        raise JeongsanError(
            f"the database is at schema {revision}, this program at {newest}: update the program"
        )
    from alembic import command
    from alembic.config import Config

    with database.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
