"""The tables of the close; migrations make the same ones, ledger.py alone writes them."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

month_state = Table(
    "month_state",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("state", String(8), nullable=False),
    Column("digest", String(64)),  # of the draft: names every input and the result
    Column("approved_by", Text),
    Column("issued_on", Date),
    Column("bundle", String(64)),
    CheckConstraint(
        "state IN ('open', 'draft', 'approved', 'issued')", name="ck_month_state_state"
    ),
    CheckConstraint("state = 'open' OR digest IS NOT NULL", name="ck_month_state_digest"),
    CheckConstraint(
        "(state IN ('approved', 'issued')) = (approved_by IS NOT NULL)",
        name="ck_month_state_approved",
    ),
    CheckConstraint(
        "(state = 'issued') = (issued_on IS NOT NULL)", name="ck_month_state_issued_on"
    ),
    CheckConstraint("(state = 'issued') = (bundle IS NOT NULL)", name="ck_month_state_bundle"),
    ForeignKeyConstraint(["bundle"], ["bundle.digest"], name="fk_month_state_bundle"),
)

bundle = Table(
    "bundle",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("month", String(7), nullable=False),
)

invoice = Table(
    "invoice",
    metadata,
    Column("issuer", String(10), primary_key=True),  # business number
    Column("number", String(16), primary_key=True),
    Column("month", String(7), nullable=False),
    Column("company_id", Text, nullable=False),
    Column("tax_class", String(8), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("document", Text, nullable=False),  # canonical JSON of the numbered invoice
    Column("digest", String(64), nullable=False),  # sha256 of document
    Column("issued_on", Date, nullable=False),
    Column("adjustment", Integer),  # that made it; its document is an amendment then
    CheckConstraint("tax_class IN ('taxable', 'exempt')", name="ck_invoice_tax_class"),
    CheckConstraint("kind IN ('tax', 'statement')", name="ck_invoice_kind"),
    Index("ix_invoice_month", "month"),
)
Index(  # SETTLEMENT 20: one original; amendments come beside it
    "uq_invoice_original",
    invoice.c.issuer,
    invoice.c.month,
    invoice.c.company_id,
    invoice.c.tax_class,
    unique=True,
    sqlite_where=invoice.c.adjustment.is_(None),
    postgresql_where=invoice.c.adjustment.is_(None),
)

invoice_number_series = Table(
    "invoice_number_series",
    metadata,
    Column("issuer", String(10), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),  # of the issue date
    Column("series", String(10), primary_key=True),
    Column("last", Integer, nullable=False),
    CheckConstraint("series IN ('tax', 'statement')", name="ck_invoice_number_series_series"),
    CheckConstraint("last > 0", name="ck_invoice_number_series_last"),
)

claim = Table(
    "claim",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("programme", Text, primary_key=True),
    Column("funding", Text, primary_key=True),
    Column("company_id", Text, primary_key=True),
    Column("settled", String(8), nullable=False),
    Column("claim_krw", BigInteger, nullable=False),
    CheckConstraint("settled IN ('claimed', 'advanced', 'in_kind')", name="ck_claim_settled"),
)

posting = Table(
    "posting",
    metadata,
    Column("group_id", Text, primary_key=True),  # e.g. 2025-10/C-001
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("month", String(7), nullable=False),
    Column("account", Text, nullable=False),
    Column("amount_krw", BigInteger, nullable=False),  # debit positive, credit negative
    Column("memo", Text, nullable=False),
    Column("adjustment", Integer),  # that posted it
    Index("ix_posting_month", "month"),
    Index("ix_posting_account", "account"),
)
