"""What a line of the bank says beside its sum, and the lines that wait for a person; all kept."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

KEYS = {"bank_line": "line_id", "bank_line_decision": "sequence"}


def upgrade() -> None:
    """Add what tells payments apart; of one that is kept nobody knows it, and its id stays."""
    op.add_column("payment", sa.Column("balance", sa.Text))
    op.add_column("payment", sa.Column("says", sa.Text))
    lines()
    decisions()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, key in KEYS.items():
        for text in _SQLITE_KEEP if sqlite else _POSTGRES_KEEP:
            op.execute(_ddl(text, {"kept": table, "key": key}))


def lines() -> None:
    """Make the lines that were not taken in."""
    op.create_table(
        "bank_line",
        sa.Column("line_id", sa.String(16), primary_key=True),
        sa.Column("file", sa.String(64), nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("paid_on", sa.Date),
        sa.Column("paid_at", sa.Text),
        sa.Column("payer", sa.Text),
        sa.Column("memo", sa.Text),
        sa.Column("amount_krw", sa.BigInteger),
        sa.Column("balance", sa.Text),
        sa.Column("says", sa.Text),
        sa.Column("payment_id", sa.String(16)),
        sa.CheckConstraint("kind IN ('reversal', 'odd', 'doubtful')", name="ck_bank_line_kind"),
        sa.CheckConstraint("(kind = 'odd') = (amount_krw IS NULL)", name="ck_bank_line_amount"),
        sa.ForeignKeyConstraint(["file"], ["bank_file.digest"], name="fk_bank_line_file"),
    )


def decisions() -> None:
    """Make what people decided of them."""
    op.create_table(
        "bank_line_decision",
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("line_id", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("payment_id", sa.String(16)),
        sa.Column("moved_krw", sa.BigInteger, nullable=False),
        sa.Column("decided_on", sa.Date, nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.CheckConstraint(
            "kind IN ('dropped', 'taken_back', 'taken_in', 'reopened')",
            name="ck_bank_line_decision_kind",
        ),
        sa.CheckConstraint(
            "moved_krw = 0 OR payment_id IS NOT NULL", name="ck_bank_line_decision_payment"
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["bank_line.line_id"], name="fk_bank_line_decision_line"
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.payment_id"], name="fk_bank_line_decision_payment"
        ),
    )


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
    """
    CREATE TRIGGER %(kept)s_never_replaced BEFORE INSERT ON %(kept)s
    WHEN EXISTS (
      SELECT 1 FROM %(kept)s AS kept
      WHERE kept.%(key)s = NEW.%(key)s OR kept.rowid = NEW.rowid
    )
    BEGIN SELECT RAISE(ABORT, 'what is issued never changes'); END
    """,
)
_POSTGRES_KEEP = (
    """
    CREATE TRIGGER %(kept)s_never_changes BEFORE UPDATE OR DELETE ON %(kept)s
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER %(kept)s_never_emptied BEFORE TRUNCATE ON %(kept)s
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
)
