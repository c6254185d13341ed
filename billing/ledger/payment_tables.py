"""The tables of payments; migrations/ makes the same ones, payment_ledger.py writes them."""

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
    UniqueConstraint,
)

metadata = MetaData()

bank_file = Table(
    "bank_file",
    metadata,
    Column("digest", String(64), primary_key=True),  # sha256 of the file
    Column("name", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("imported_on", Date, nullable=False),
    Column("imported_by", Text, nullable=False),
)

payment = Table(
    "payment",
    metadata,
    Column("payment_id", String(16), primary_key=True),
    Column("file", String(64), nullable=False),
    Column("line", Integer, nullable=False),
    Column("account", Text, nullable=False),
    Column("paid_on", Date, nullable=False),
    Column("paid_at", Text, nullable=False),
    Column("payer", Text, nullable=False),
    Column("memo", Text, nullable=False),
    Column("amount_krw", BigInteger, nullable=False),
    CheckConstraint("amount_krw > 0", name="ck_payment_amount"),
    ForeignKeyConstraint(["file"], ["bank_file.digest"], name="fk_payment_file"),
)

payment_use = Table(
    "payment_use",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(11), nullable=False),
    Column("payment_id", String(16)),
    Column("company_id", Text, nullable=False),
    Column("number", String(16)),  # of the invoice
    Column("amount_krw", BigInteger, nullable=False),
    Column("used_on", Date, nullable=False),
    Column("how", String(6), nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("undoes", Integer),
    CheckConstraint(
        "kind IN ('matched', 'credit', 'refund', 'set_against')", name="ck_payment_use_kind"
    ),
    CheckConstraint("amount_krw > 0", name="ck_payment_use_amount"),
    CheckConstraint(
        "(kind IN ('matched', 'credit')) = (payment_id IS NOT NULL)", name="ck_payment_use_payment"
    ),
    CheckConstraint(
        "(kind IN ('matched', 'set_against')) = (number IS NOT NULL)", name="ck_payment_use_number"
    ),
    ForeignKeyConstraint(["payment_id"], ["payment.payment_id"], name="fk_payment_use_payment"),
    ForeignKeyConstraint(["undoes"], ["payment_use.sequence"], name="fk_payment_use_undoes"),
    UniqueConstraint("undoes", name="uq_payment_use_undoes"),
)

payment_posting = Table(
    "payment_posting",
    metadata,
    Column("group_id", Text, primary_key=True),  # payment/<id> or use/<sequence>
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("day", Date, nullable=False),
    Column("account", Text, nullable=False),
    Column("amount_krw", BigInteger, nullable=False),  # debit positive, credit negative
    Column("memo", Text, nullable=False),
    Index("ix_payment_posting_account", "account"),
)
