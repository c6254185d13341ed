"""The one database: opened at the newest schema, read in snapshots, written by one at a time."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa
from sqlalchemy import event

from metering.errors import JeongsanError, StoreError
from metering.paths import MIGRATIONS

WAIT_S = 60
# What a database says of what it was asked or given, not of itself.
OUR_OWN = (
    sa.exc.DataError, sa.exc.IntegrityError, sa.exc.ProgrammingError, sa.exc.NotSupportedError,
    sqlite3.DataError, sqlite3.IntegrityError, sqlite3.ProgrammingError,
    sqlite3.NotSupportedError,
)  # fmt: skip
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
        except (sa.exc.DatabaseError, sa.exc.InterfaceError, sqlite3.DatabaseError) as error:
            if isinstance(error, OUR_OWN):
                raise
            place = self.engine.url.render_as_string(hide_password=True)
            raise StoreError(
                f"database {place}: {getattr(error, 'orig', error)}; nothing was changed: see that "
                "it runs, is whole, has room and is not held by another run, and run this again"
            ) from error

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


def open_database(url: str) -> Database:
    """The database at an SQLAlchemy URL, made if it is not there, at the newest schema."""
    try:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "sqlite":
            if not parsed.database or parsed.database == ":memory:":
                raise JeongsanError(f"{url}: give SQLite a file; what is kept in memory is lost")
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            engine = _sqlite(parsed)
        else:
            engine = sa.create_engine(parsed, pool_pre_ping=True)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError) as error:
        raise JeongsanError(f"{url}: not a database that can be opened here: {error}") from error
    database = Database(engine)
    _upgrade(database)
    return database


def _sqlite(url: sa.URL) -> sa.Engine:
    """An engine whose transactions begin when SQLAlchemy says so, writers taking the lock first."""
    engine = sa.create_engine(url, connect_args={"timeout": WAIT_S})

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
