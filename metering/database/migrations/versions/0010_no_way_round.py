"""What is kept has no way round: no TRUNCATE, no INSERT OR REPLACE, no number taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

# What tells two rows of a kept table apart, key by key. INSERT OR REPLACE of SQLite deletes the
# rows that a new one meets, and runs no trigger of a DELETE for them.
KEYS = {
    "bundle": (("digest",),),
    "invoice": (("issuer", "number"),),
    "claim": (("month", "programme", "funding", "company_id"),),
    "posting": (("group_id", "seq"),),
    "adjustment": (("sequence",),),
    "adjusted_month": (("sequence", "month"),),
    "claim_restatement": (("sequence", "month", "programme", "funding", "company_id", "settled"),),
    "bank_file": (("digest",),),
    "payment": (("payment_id",),),
    "payment_use": (("sequence",), ("undoes",)),
    "payment_posting": (("group_id", "seq"),),
    "grant_entry": (("sequence",),),
    "grant_filing": (("programme", "year", "sequence"),),
    "invoice_number_series": (("issuer", "year", "series"),),
}
# one original a company's month and tax class, as uq_invoice_original has it
ORIGINAL = (
    "kept.adjustment IS NULL AND NEW.adjustment IS NULL AND kept.issuer = NEW.issuer AND "
    "kept.month = NEW.month AND kept.company_id = NEW.company_id AND "
    "kept.tax_class = NEW.tax_class"
)
# a number that is taken back, or given to another series
BACK = (
    "NEW.last < OLD.last OR NEW.issuer <> OLD.issuer OR NEW.year <> OLD.year "
    "OR NEW.series <> OLD.series"
)


def upgrade() -> None:
    """Add what the triggers of before leave open on each database."""
    if op.get_bind().dialect.name == "sqlite":
        for table, keys in KEYS.items():
            op.execute(_ddl(_NEVER_REPLACED, {"kept": table, "same": _same(table, keys)}))
        for text in (_MONTH_REPLACED, _MONTH_RENAMED, _NUMBERS_BACK, _NUMBERS_GONE):
            op.execute(_ddl(text, {"back": BACK}))
        return
    for table in (*KEYS, "month_state"):
        op.execute(_ddl(_NEVER_EMPTIED, {"kept": table}))
    for text in (_POSTGRES_NUMBERS_BACK, _POSTGRES_NUMBERS_GONE):
        op.execute(_ddl(text, {"back": BACK}))


def _same(table: str, keys: tuple[tuple[str, ...], ...]) -> str:
    """When a row that is there is in the way of a new one, by a key or by its place."""
    ways = [" AND ".join(f"kept.{name} = NEW.{name}" for name in key) for key in keys]
    if table == "invoice":
        ways.append(ORIGINAL)
    return " OR ".join(f"({way})" for way in (*ways, "kept.rowid = NEW.rowid"))


def _ddl(text: str, context: dict[str, str]) -> sa.DDL:
    """A statement with the names of `context`, all of them ours, filled in by SQLAlchemy."""
    return sa.DDL(text, context=context)  # type: ignore[no-untyped-call]


_NEVER_REPLACED = """
CREATE TRIGGER %(kept)s_never_replaced BEFORE INSERT ON %(kept)s
WHEN EXISTS (SELECT 1 FROM %(kept)s AS kept WHERE %(same)s)
BEGIN SELECT RAISE(ABORT, 'what is issued never changes'); END
"""
_MONTH_REPLACED = """
CREATE TRIGGER month_state_never_replaced BEFORE INSERT ON month_state
WHEN EXISTS (
  SELECT 1 FROM month_state AS kept
  WHERE kept.state = 'issued' AND (kept.month = NEW.month OR kept.rowid = NEW.rowid)
)
BEGIN SELECT RAISE(ABORT, 'what is issued never changes'); END
"""
_MONTH_RENAMED = """
CREATE TRIGGER month_state_never_renamed BEFORE UPDATE ON month_state
WHEN NEW.month <> OLD.month OR NEW.rowid <> OLD.rowid
BEGIN SELECT RAISE(ABORT, 'what is issued never changes'); END
"""
_NUMBERS_BACK = """
CREATE TRIGGER invoice_number_series_never_back BEFORE UPDATE ON invoice_number_series
WHEN %(back)s OR NEW.rowid <> OLD.rowid
BEGIN SELECT RAISE(ABORT, 'what is issued never changes'); END
"""
_NUMBERS_GONE = """
CREATE TRIGGER invoice_number_series_never_goes BEFORE DELETE ON invoice_number_series
BEGIN SELECT RAISE(ABORT, 'what is issued never changes'); END
"""
_NEVER_EMPTIED = """
CREATE TRIGGER %(kept)s_never_emptied BEFORE TRUNCATE ON %(kept)s
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""
_POSTGRES_NUMBERS_BACK = """
CREATE TRIGGER invoice_number_series_never_back BEFORE UPDATE ON invoice_number_series
FOR EACH ROW WHEN (%(back)s) EXECUTE FUNCTION refuse_change()
"""
_POSTGRES_NUMBERS_GONE = """
CREATE TRIGGER invoice_number_series_never_goes BEFORE DELETE ON invoice_number_series
FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""
