"""All tables of money, as the migrations make them; each is written by one module."""

from sqlalchemy import (
    BigInteger,
    Boolean,
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

# The close: written by ledger.py.

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

# What every issue and adjustment gave, in a row; the lake has the same: written by
# number_register.py.

number_register = Table(
    "number_register",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),  # sha256 of document
    Column("document", Text, nullable=False),  # canonical JSON of the entry
)

# What a month's last two drafts were made from: written by close/draft_history.py.

draft_record = Table(
    "draft_record",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("draft", String(64), nullable=False),  # digest of the last draft
    Column("record", String(64), nullable=False),  # digest of what it was made from
    Column("before", String(64)),  # the same of the last draft that was another one
)

# Adjustments: written by adjustment_ledger.py.

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
    Column("payable_krw", BigInteger),  # of its documents; null where it was noted before 0015
)

# Payments: written by payment/payment_ledger.py.

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
    Column("balance", Text),  # as the bank writes it; null before 0014
    Column("says", Text),  # memo, second: what the line had; null before 0014
    CheckConstraint("amount_krw > 0", name="ck_payment_amount"),
    ForeignKeyConstraint(["file"], ["bank_file.digest"], name="fk_payment_file"),
)

# Lines of the bank that were not taken in, and what people decided of them: written by
# payment/bank_line_ledger.py.

bank_line = Table(
    "bank_line",
    metadata,
    Column("line_id", String(16), primary_key=True),
    Column("file", String(64), nullable=False),
    Column("line", Integer, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("reason", Text, nullable=False),
    Column("text", Text, nullable=False),  # of the line, as it is shown
    Column("account", Text, nullable=False),
    Column("paid_on", Date),  # null from here on where the line cannot be read
    Column("paid_at", Text),
    Column("payer", Text),
    Column("memo", Text),
    Column("amount_krw", BigInteger),
    Column("balance", Text),
    Column("says", Text),
    Column("payment_id", String(16)),  # that it takes back, or may be
    CheckConstraint("kind IN ('reversal', 'odd', 'doubtful')", name="ck_bank_line_kind"),
    CheckConstraint("(kind = 'odd') = (amount_krw IS NULL)", name="ck_bank_line_amount"),
    ForeignKeyConstraint(["file"], ["bank_file.digest"], name="fk_bank_line_file"),
)

bank_line_decision = Table(
    "bank_line_decision",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("line_id", String(16), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("payment_id", String(16)),  # that it changes, by moved_krw
    Column("moved_krw", BigInteger, nullable=False),
    Column("decided_on", Date, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    CheckConstraint(
        "kind IN ('dropped', 'taken_back', 'taken_in', 'reopened')",
        name="ck_bank_line_decision_kind",
    ),
    CheckConstraint(
        "moved_krw = 0 OR payment_id IS NOT NULL", name="ck_bank_line_decision_payment"
    ),
    ForeignKeyConstraint(["line_id"], ["bank_line.line_id"], name="fk_bank_line_decision_line"),
    ForeignKeyConstraint(
        ["payment_id"], ["payment.payment_id"], name="fk_bank_line_decision_payment"
    ),
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

# Settlements with the state: written by grant/settlement_ledger.py.

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
