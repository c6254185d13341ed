"""What every month went through: drafted, approved, issued, by whom and when."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the table, which the database keeps as it keeps postings."""
    op.create_table(
        "month_step",
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("by_whom", sa.Text, nullable=False),
        sa.Column("at_ms", sa.BigInteger),
        sa.CheckConstraint("state IN ('draft', 'approved', 'issued')", name="ck_month_step_state"),
    )
    keep = _SQLITE_KEEP if op.get_bind().dialect.name == "sqlite" else _POSTGRES_KEEP
    for text in keep:
        op.execute(text)


_SQLITE_KEEP = (
    """
    CREATE TRIGGER month_step_never_changes BEFORE UPDATE ON month_step
    BEGIN SELECT RAISE(ABORT, 'what is issued never changes'); END
    """,
    """
    CREATE TRIGGER month_step_never_goes BEFORE DELETE ON month_step
    BEGIN SELECT RAISE(ABORT, 'what is issued never changes'); END
    """,
    """
    CREATE TRIGGER month_step_never_replaced BEFORE INSERT ON month_step
    WHEN EXISTS (
      SELECT 1 FROM month_step AS kept
      WHERE (kept.month = NEW.month AND kept.place = NEW.place) OR kept.rowid = NEW.rowid
    )
    BEGIN SELECT RAISE(ABORT, 'what is issued never changes'); END
    """,
)
_POSTGRES_KEEP = (
    """
    CREATE TRIGGER month_step_never_changes BEFORE UPDATE OR DELETE ON month_step
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER month_step_never_emptied BEFORE TRUNCATE ON month_step
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
)
