"""Owns how a whole database is saved as one file, and made again of it in an empty place."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from metering.database.connection import Database, open_database, sqlite_file
from metering.errors import DatabaseError, JeongsanError

DEBIAN = Path("/usr/lib/postgresql")  # where Debian has each version's programs
PAGES = 10_000  # of SQLite, copied between two looks for other writers


@contextmanager
def saved(database: Database, file: Path) -> Iterator[sa.Connection]:
    """The database written to a file, and a connection that reads what the file holds, whoever
    writes meanwhile. The file has its last bytes after the block.

    DatabaseError where it cannot be saved; JeongsanError without PostgreSQL's pg_dump.
    """
    if database.engine.dialect.name == "sqlite":
        _copy_sqlite(database.engine.url, file)
        with open_database(f"sqlite:///{file}") as copy, copy.read() as connection:
            yield connection
        return
    with database.read() as connection:
        snapshot = connection.execute(sa.select(sa.func.pg_export_snapshot())).scalar_one()
        url = database.engine.url
        shape = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
        _run("pg_dump", url, [*shape, f"--file={file}", f"--dbname={_address(url)}"])
        yield connection


def is_empty(url: str) -> bool:
    """Whether a database has no table yet; an SQLite file that is not there has none."""
    file = sqlite_file(url)
    if file is not None and not file.exists():
        return True
    with Database(sa.create_engine(url)) as database, database.read() as connection:
        return not sa.inspect(connection).get_table_names()


def make_again(url: str, file: Path, kind: str) -> None:
    """Make a database what a saved file holds, in the place of whatever is there: whole, or not
    at all. JeongsanError where the file is of another kind (`sqlite`, `postgresql`)."""
    wanted = sa.make_url(url)
    if wanted.get_backend_name() != kind:
        raise JeongsanError(
            f"the backup holds a database of {kind}, site.toml names {wanted.get_backend_name()}; "
            f"name an empty database of {kind}"
        )
    target = sqlite_file(url)
    if target is None:
        shape = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
        again = [] if is_empty(url) else ["--clean", "--if-exists"]
        _run("pg_restore", wanted, [*shape, *again, f"--dbname={_address(wanted)}", str(file)])
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    for ending in ("-wal", "-shm"):  # of what stood there, which would be read into the new file
        target.with_name(f"{target.name}{ending}").unlink(missing_ok=True)
    part = target.with_name(f".{target.name}.part")
    shutil.copyfile(file, part)
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(target)


def _copy_sqlite(url: sa.URL, file: Path) -> None:
    """SQLite's online backup: one state, also while somebody writes."""
    try:
        with (
            closing(sqlite3.connect(str(url.database))) as source,
            closing(sqlite3.connect(file)) as target,
        ):
            source.backup(target, pages=PAGES)
    except sqlite3.DatabaseError as error:
        raise DatabaseError(f"database {url}: cannot be saved: {error}") from error


def _address(url: sa.URL) -> str:
    """The database's address as libpq reads it, without the password."""
    plain = url.set(drivername="postgresql", password=None)
    return plain.render_as_string(hide_password=False)


def _run(program: str, url: sa.URL, arguments: Sequence[str]) -> None:
    """Run one of PostgreSQL's own programs; the password goes by the environment."""
    secret: Mapping[str, str] = {} if url.password is None else {"PGPASSWORD": str(url.password)}
    done = subprocess.run(
        [_program(program), *arguments],
        env={**os.environ, **secret}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        place = url.render_as_string(hide_password=True)
        raise DatabaseError(f"database {place}: {program} says: {done.stderr.strip()}")


def _program(name: str) -> str:
    """Where one of PostgreSQL's programs is: on the path, or the newest that Debian has."""
    known = shutil.which(name)
    if known is None and (versions := list(DEBIAN.glob(f"*/bin/{name}"))):
        known = str(max(versions, key=lambda path: int(path.parent.parent.name)))
    if known is None:
        raise JeongsanError(
            f"{name} is not here: install PostgreSQL's client programs "
            "(postgresql-client), not older than the server"
        )
    return known
