"""Settlements with the state: money that came and went, and settlements as they were filed."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

KEPT = ("grant_entry", "grant_filing")


def upgrade() -> None:
    """Make the tables, and forbid changing or deleting what stands in them."""
    op.create_table(
        "grant_entry",
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("programme", sa.Text, nullable=False),
        sa.Column("funding", sa.Text, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(17), nullable=False),
        sa.Column("amount_krw", sa.BigInteger, nullable=False),
        sa.Column("moved_on", sa.Date, nullable=False),
        sa.Column("recorded_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.CheckConstraint(
            "kind IN ('received', 'returned', 'interest', 'interest_returned')",
            name="ck_grant_entry_kind",
        ),
        sa.CheckConstraint("amount_krw <> 0", name="ck_grant_entry_amount"),
    )
    op.create_index("ix_grant_entry_year", "grant_entry", ["programme", "year"])
    op.create_table(
        "grant_filing",
        sa.Column("programme", sa.Text, primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("filed_on", sa.Date, nullable=False),
        sa.Column("filed_by", sa.Text, nullable=False),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in KEPT:
        for text in _SQLITE_KEEP if sqlite else _POSTGRES_KEEP:
            op.execute(_ddl(text, {"kept": table}))


def _ddl(text: str, context: dict[str, str]) -> sa.DDL:
    """A statement with the names of `context`, all of them ours, filled in by SQLAlchemy."""
    return sa.DDL(text, context=context)  # type: ignore[no-untyped-call]


_SQLITE_KEEP = (
    """
    CREATE TRIGGER %(kept)s_never_changes BEFORE UPDATE ON %(kept)s
    BEGIN SELECT RAISE(ABORT, 'what is issued never changes'); END
    """,
    """
    CREATE TRIGGER %(kept)s_never_goes BEFORE DELETE ON %(kept)s
    BEGIN SELECT RAISE(ABORT, 'what is issued never changes'); END
    """,
)
_POSTGRES_KEEP = (
    """
    CREATE TRIGGER %(kept)s_never_changes BEFORE UPDATE OR DELETE ON %(kept)s
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
)
