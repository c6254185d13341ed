"""Where the files lie that belong to the code: the packaged rules, the
roles of PostgreSQL, the project's description."""

from pathlib import Path

_BILLING = Path(__file__).resolve().parent

PACKAGED_RULES = _BILLING / "rules"
POSTGRESQL_ROLES = _BILLING / "ledger" / "postgresql_roles.sql"
PROJECT = _BILLING.parent / "pyproject.toml"  # absent where the program was installed
