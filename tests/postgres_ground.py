"""A real PostgreSQL server on the loopback, made in a folder of its own and ended with the test."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

READY = b"database system is ready to accept connections"
NEEDED = "no PostgreSQL server on this machine (Debian package postgresql)"
# A server is not run by root: Debian's package makes this user.
OWNER = "postgres" if os.geteuid() == 0 else None


def binaries() -> Path | None:
    """Where the server's programs are: on the path, or where Debian puts them."""
    found = shutil.which("postgres")
    if found:
        return Path(found).parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


@dataclass(frozen=True)
class Postgres:
    """A running server; every `database` is a new and empty one."""

    port: int
    _numbers: Iterator[int] = field(default_factory=count)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://jeongsan@127.0.0.1:{self.port}/{name}"

    def database(self, like: str = "") -> str:
        """The address of a new database, or of a copy of one to which nobody is connected."""
        name = f"site_{next(self._numbers)}"
        template = sa.make_url(like).database if like else "template1"
        engine = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        engine.dispose()
        return self.url(name)


@contextmanager
def serving() -> Iterator[Postgres]:
    """A server that is there for the block; skips where there is none to run."""
    programs = binaries()
    if programs is None:
        pytest.skip(NEEDED)
    with tempfile.TemporaryDirectory(prefix="postgres-") as name:
        folder = Path(name)
        if OWNER:
            shutil.chown(folder, OWNER)
        made = [programs / "initdb", "-D", folder / "store", "-U", "jeongsan", "--auth=trust",
                "--no-sync", "--encoding=UTF8", "--locale=C"]  # fmt: skip
        subprocess.run(made, check=True, capture_output=True, user=OWNER, cwd=folder)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        command = [programs / "postgres", "-D", folder / "store", "-F", "-h", "127.0.0.1",
                   "-p", str(port), "-k", folder, "-c", "max_connections=200"]  # fmt: skip
        running = subprocess.Popen(command, stderr=subprocess.PIPE, user=OWNER, cwd=folder)
        assert running.stderr is not None
        try:
            said = b""
            for line in running.stderr:
                said += line
                if READY in line:
                    break
            else:
                raise AssertionError(said.decode())
            yield Postgres(port)
        finally:
            running.send_signal(signal.SIGINT)  # at once, whoever is still connected
            running.stderr.read()
            running.wait()
            running.stderr.close()
