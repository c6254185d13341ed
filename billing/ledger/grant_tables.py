"""Tables of settlements with the state, as migrations make them (see settlement_ledger.py)."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

grant_entry = Table(
    "grant_entry",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("programme", Text, nullable=False),
    Column("funding", Text, nullable=False),
    Column("year", Integer, nullable=False),  # of the budget
    Column("kind", String(17), nullable=False),
    Column("amount_krw", BigInteger, nullable=False),
    Column("moved_on", Date, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    CheckConstraint(
        "kind IN ('received', 'returned', 'interest', 'interest_returned')",
        name="ck_grant_entry_kind",
    ),
    CheckConstraint("amount_krw <> 0", name="ck_grant_entry_amount"),
    Index("ix_grant_entry_year", "programme", "year"),
)

grant_filing = Table(
    "grant_filing",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),  # sha256 of document
    Column("document", Text, nullable=False),  # canonical JSON of the settlement as filed
    Column("filed_on", Date, nullable=False),
    Column("filed_by", Text, nullable=False),
)
