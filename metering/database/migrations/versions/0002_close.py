"""Months, bundles, invoices and numbers, claims, postings; what is issued is kept as it is."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

KEPT = ("bundle", "invoice", "claim", "posting")


def upgrade() -> None:
    """Make the tables of the close and forbid changing what is issued."""
    months()
    invoices()
    money()
    keep()


def months() -> None:
    """Make the bundles and the state of every month."""
    op.create_table(
        "bundle",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("month", sa.String(7), nullable=False),
    )
    op.create_table(
        "month_state",
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("digest", sa.String(64)),
        sa.Column("approved_by", sa.Text),
        sa.Column("issued_on", sa.Date),
        sa.Column("bundle", sa.String(64)),
        sa.CheckConstraint(
            "state IN ('open', 'draft', 'approved', 'issued')", name="ck_month_state_state"
        ),
        sa.CheckConstraint("state = 'open' OR digest IS NOT NULL", name="ck_month_state_digest"),
        sa.CheckConstraint(
            "(state IN ('approved', 'issued')) = (approved_by IS NOT NULL)",
            name="ck_month_state_approved",
        ),
        sa.CheckConstraint(
            "(state = 'issued') = (issued_on IS NOT NULL)", name="ck_month_state_issued_on"
        ),
        sa.CheckConstraint(
            "(state = 'issued') = (bundle IS NOT NULL)", name="ck_month_state_bundle"
        ),
        sa.ForeignKeyConstraint(["bundle"], ["bundle.digest"], name="fk_month_state_bundle"),
    )


def invoices() -> None:
    """Make the invoices and the last number of every series."""
    op.create_table(
        "invoice",
        sa.Column("issuer", sa.String(10), primary_key=True),
        sa.Column("number", sa.String(16), primary_key=True),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("company_id", sa.Text, nullable=False),
        sa.Column("tax_class", sa.String(8), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("issued_on", sa.Date, nullable=False),
        sa.CheckConstraint("tax_class IN ('taxable', 'exempt')", name="ck_invoice_tax_class"),
        sa.CheckConstraint("kind IN ('tax', 'statement')", name="ck_invoice_kind"),
    )
    op.create_index(
        "uq_invoice_original",
        "invoice",
        ["issuer", "month", "company_id", "tax_class"],
        unique=True,
    )
    op.create_index("ix_invoice_month", "invoice", ["month"])
    op.create_table(
        "invoice_number_series",
        sa.Column("issuer", sa.String(10), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("series", sa.String(10), primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
        sa.CheckConstraint(
            "series IN ('tax', 'statement')", name="ck_invoice_number_series_series"
        ),
        sa.CheckConstraint("last > 0", name="ck_invoice_number_series_last"),
    )


def money() -> None:
    """Make the claims and the postings."""
    op.create_table(
        "claim",
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("programme", sa.Text, primary_key=True),
        sa.Column("funding", sa.Text, primary_key=True),
        sa.Column("company_id", sa.Text, primary_key=True),
        sa.Column("settled", sa.String(8), nullable=False),
        sa.Column("claim_krw", sa.BigInteger, nullable=False),
        sa.CheckConstraint(
            "settled IN ('claimed', 'advanced', 'in_kind')", name="ck_claim_settled"
        ),
    )
    op.create_table(
        "posting",
        sa.Column("group_id", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("amount_krw", sa.BigInteger, nullable=False),
        sa.Column("memo", sa.Text, nullable=False),
    )
    op.create_index("ix_posting_month", "posting", ["month"])
    op.create_index("ix_posting_account", "posting", ["account"])


def keep() -> None:
    """Refuse, in the database itself, to change or delete what is issued."""
    if op.get_bind().dialect.name == "sqlite":
        for table in KEPT:
            op.execute(_ddl(_REFUSE_UPDATE, context={"kept": table}))
            op.execute(_ddl(_REFUSE_DELETE, context={"kept": table}))
        op.execute(_ddl(_REFUSE_REOPEN))
        op.execute(_ddl(_REFUSE_FORGET))
        return
    op.execute(_ddl(_POSTGRES_REFUSE))
    for table in KEPT:
        op.execute(_ddl(_POSTGRES_KEEP, context={"kept": table}))
    op.execute(_ddl(_POSTGRES_KEEP_MONTH))


def _ddl(text: str, context: dict[str, str] | None = None) -> sa.DDL:
    """A statement with the names of `context`, all of them ours, filled in by SQLAlchemy."""
    return sa.DDL(text, context=context)  # type: ignore[no-untyped-call]


_REFUSE_UPDATE = """
CREATE TRIGGER %(kept)s_never_changes BEFORE UPDATE ON %(kept)s
BEGIN SELECT RAISE(ABORT, 'what is issued never changes'); END
"""
_REFUSE_DELETE = """
CREATE TRIGGER %(kept)s_never_goes BEFORE DELETE ON %(kept)s
BEGIN SELECT RAISE(ABORT, 'what is issued never changes'); END
"""
_REFUSE_REOPEN = """
CREATE TRIGGER month_state_never_changes BEFORE UPDATE ON month_state WHEN OLD.state = 'issued'
BEGIN SELECT RAISE(ABORT, 'what is issued never changes'); END
"""
_REFUSE_FORGET = """
CREATE TRIGGER month_state_never_goes BEFORE DELETE ON month_state WHEN OLD.state = 'issued'
BEGIN SELECT RAISE(ABORT, 'what is issued never changes'); END
"""
_POSTGRES_REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'what is issued never changes'; END $$
"""
_POSTGRES_KEEP = """
CREATE TRIGGER %(kept)s_never_changes BEFORE UPDATE OR DELETE ON %(kept)s
FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""
_POSTGRES_KEEP_MONTH = """
CREATE TRIGGER month_state_never_changes BEFORE UPDATE OR DELETE ON month_state
FOR EACH ROW WHEN (OLD.state = 'issued') EXECUTE FUNCTION refuse_change()
"""
