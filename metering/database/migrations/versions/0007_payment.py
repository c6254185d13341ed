"""Payments: lists of the bank, what each payment is used for, and its postings; all kept."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

KEPT = ("bank_file", "payment", "payment_use", "payment_posting")


def upgrade() -> None:
    """Make the tables, and forbid changing or deleting what stands in them."""
    payments()
    uses()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in KEPT:
        for text in _SQLITE_KEEP if sqlite else _POSTGRES_KEEP:
            op.execute(_ddl(text, {"kept": table}))


def payments() -> None:
    """Make the bank's lists and the payments out of them."""
    op.create_table(
        "bank_file",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("imported_on", sa.Date, nullable=False),
        sa.Column("imported_by", sa.Text, nullable=False),
    )
    op.create_table(
        "payment",
        sa.Column("payment_id", sa.String(16), primary_key=True),
        sa.Column("file", sa.String(64), nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("paid_on", sa.Date, nullable=False),
        sa.Column("paid_at", sa.Text, nullable=False),
        sa.Column("payer", sa.Text, nullable=False),
        sa.Column("memo", sa.Text, nullable=False),
        sa.Column("amount_krw", sa.BigInteger, nullable=False),
        sa.CheckConstraint("amount_krw > 0", name="ck_payment_amount"),
        sa.ForeignKeyConstraint(["file"], ["bank_file.digest"], name="fk_payment_file"),
    )


def uses() -> None:
    """Make what payments are used for, and the postings."""
    op.create_table(
        "payment_use",
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(11), nullable=False),
        sa.Column("payment_id", sa.String(16)),
        sa.Column("company_id", sa.Text, nullable=False),
        sa.Column("number", sa.String(16)),
        sa.Column("amount_krw", sa.BigInteger, nullable=False),
        sa.Column("used_on", sa.Date, nullable=False),
        sa.Column("how", sa.String(6), nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("undoes", sa.Integer),
        sa.CheckConstraint(
            "kind IN ('matched', 'credit', 'refund', 'set_against')", name="ck_payment_use_kind"
        ),
        sa.CheckConstraint("amount_krw > 0", name="ck_payment_use_amount"),
        sa.CheckConstraint(
            "(kind IN ('matched', 'credit')) = (payment_id IS NOT NULL)",
            name="ck_payment_use_payment",
        ),
        sa.CheckConstraint(
            "(kind IN ('matched', 'set_against')) = (number IS NOT NULL)",
            name="ck_payment_use_number",
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.payment_id"], name="fk_payment_use_payment"
        ),
        sa.ForeignKeyConstraint(["undoes"], ["payment_use.sequence"], name="fk_payment_use_undoes"),
        sa.UniqueConstraint("undoes", name="uq_payment_use_undoes"),
    )
    op.create_table(
        "payment_posting",
        sa.Column("group_id", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("amount_krw", sa.BigInteger, nullable=False),
        sa.Column("memo", sa.Text, nullable=False),
    )
    op.create_index("ix_payment_posting_account", "payment_posting", ["account"])


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
