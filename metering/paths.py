"""Where the files lie that belong to the code: the tables' SQL, the migrations, the families."""

from pathlib import Path

_METERING = Path(__file__).resolve().parent

ROOT = _METERING.parent
SQL = ROOT / "sql"
MIGRATIONS = _METERING / "database" / "migrations"
FAMILIES = _METERING / "sources" / "families"
