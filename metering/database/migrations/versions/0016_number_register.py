"""The register of numbers: every issue and adjustment with what it gave, as the lake has it too."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """One empty table, whose rows the database keeps; what was given so far is entered when the
    site is opened, since the lake has to have it as well."""
    op.create_table(
        "number_register",
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for text in _SQLITE_KEEP if sqlite else _POSTGRES_KEEP:
        op.execute(text)


_SQLITE_KEEP = (
    """
    CREATE TRIGGER number_register_never_changes BEFORE UPDATE ON number_register
    BEGIN SELECT RAISE(ABORT, 'what is issued never changes'); END
    """,
    """
    CREATE TRIGGER number_register_never_goes BEFORE DELETE ON number_register
    BEGIN SELECT RAISE(ABORT, 'what is issued never changes'); END
    """,
    """
    CREATE TRIGGER number_register_never_replaced BEFORE INSERT ON number_register
    WHEN EXISTS (SELECT 1 FROM number_register AS kept WHERE kept.sequence = NEW.sequence)
    BEGIN SELECT RAISE(ABORT, 'what is issued never changes'); END
    """,
)
_POSTGRES_KEEP = (
    """
    CREATE TRIGGER number_register_never_changes BEFORE UPDATE OR DELETE ON number_register
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER number_register_never_emptied BEFORE TRUNCATE ON number_register
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
)
