"""Adjustments: what corrects issued months, kept as what it corrects is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

KEPT = ("adjustment", "adjusted_month", "claim_restatement")


def upgrade() -> None:
    """Make the tables and forbid changing what is issued; originals stay one a company's month."""
    op.add_column("invoice", sa.Column("adjustment", sa.Integer))
    op.add_column("posting", sa.Column("adjustment", sa.Integer))
    op.drop_index("uq_invoice_original", "invoice")
    op.create_index(
        "uq_invoice_original",
        "invoice",
        ["issuer", "month", "company_id", "tax_class"],
        unique=True,
        sqlite_where=sa.column("adjustment").is_(None),
        postgresql_where=sa.column("adjustment").is_(None),
    )
    tables()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in KEPT:
        for text in _SQLITE_KEEP if sqlite else _POSTGRES_KEEP:
            op.execute(_ddl(text, {"kept": table}))


def tables() -> None:
    """Make the adjustments, what stands after them, and the drafts of new ones."""
    op.create_table(
        "adjustment",
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("first_month", sa.String(7), nullable=False),
        sa.Column("last_month", sa.String(7), nullable=False),
        sa.Column("cascade", sa.Boolean, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("approved_by", sa.Text, nullable=False),
        sa.Column("issued_on", sa.Date, nullable=False),
        sa.Column("bundle", sa.String(64), nullable=False),
    )
    op.create_table(
        "adjusted_month",
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("bundle", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["sequence"], ["adjustment.sequence"], name="fk_adjusted_month_adjustment"
        ),
    )
    op.create_table(
        "claim_restatement",
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("programme", sa.Text, primary_key=True),
        sa.Column("funding", sa.Text, primary_key=True),
        sa.Column("company_id", sa.Text, primary_key=True),
        sa.Column("settled", sa.String(8), primary_key=True),
        sa.Column("difference_krw", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["sequence"], ["adjustment.sequence"], name="fk_claim_restatement_adjustment"
        ),
        sa.CheckConstraint(
            "settled IN ('claimed', 'advanced', 'in_kind')", name="ck_claim_restatement_settled"
        ),
    )
    op.create_table(
        "adjustment_draft",
        sa.Column("first_month", sa.String(7), primary_key=True),
        sa.Column("cascade", sa.Boolean, primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
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
)
_POSTGRES_KEEP = (
    """
CREATE TRIGGER %(kept)s_never_changes BEFORE UPDATE OR DELETE ON %(kept)s
FOR EACH ROW EXECUTE FUNCTION refuse_change()
""",
)
