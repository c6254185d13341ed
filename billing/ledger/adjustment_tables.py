"""The tables of adjustments; migrations/ makes the same ones, adjustment_ledger.py writes them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

# An adjustment corrects the months from its first to the last that was issued then.
adjustment = Table(
    "adjustment",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("first_month", String(7), nullable=False),
    Column("last_month", String(7), nullable=False),
    Column("cascade", Boolean, nullable=False),
    Column("digest", String(64), nullable=False),  # of what was approved
    Column("reason", Text, nullable=False),
    Column("approved_by", Text, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("bundle", String(64), nullable=False),
)

# What stands for a month after an adjustment: a bundle of the month, as of an issued one.
adjusted_month = Table(
    "adjusted_month",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("month", String(7), primary_key=True),
    Column("bundle", String(64), nullable=False),
    ForeignKeyConstraint(
        ["sequence"], ["adjustment.sequence"], name="fk_adjusted_month_adjustment"
    ),
)

claim_restatement = Table(
    "claim_restatement",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("month", String(7), primary_key=True),
    Column("programme", Text, primary_key=True),
    Column("funding", Text, primary_key=True),
    Column("company_id", Text, primary_key=True),
    Column("settled", String(8), primary_key=True),
    Column("difference_krw", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["sequence"], ["adjustment.sequence"], name="fk_claim_restatement_adjustment"
    ),
    CheckConstraint(
        "settled IN ('claimed', 'advanced', 'in_kind')", name="ck_claim_restatement_settled"
    ),
)

# What somebody looked at last, so that an approval is of that and of nothing else.
adjustment_draft = Table(
    "adjustment_draft",
    metadata,
    Column("first_month", String(7), primary_key=True),
    Column("cascade", Boolean, primary_key=True),
    Column("digest", String(64), nullable=False),
)
