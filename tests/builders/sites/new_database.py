"""A site's new SQLite database, its tables made once for all tests of a process."""

import tempfile
from functools import cache
from pathlib import Path

from metering.database.connection import Database, open_database


def open_at(path: Path) -> Database:
    """The database of a file; where there is none, a copy of a new one is put there first."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_new_file())
    return open_database(f"sqlite:///{path}")


@cache
def _new_file() -> bytes:
    """What the file of a new database holds, by the product's own migrations."""
    with tempfile.TemporaryDirectory(prefix="new-database-") as folder:
        path = Path(folder) / "new.db"
        open_database(f"sqlite:///{path}").close()
        return path.read_bytes()
