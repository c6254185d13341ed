"""The table of the steps of months; migrations/ makes the same one, month_history.py writes it."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, MetaData, String, Table, Text

metadata = MetaData()

month_step = Table(
    "month_step",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),  # from 1 on
    Column("state", String(8), nullable=False),
    Column("digest", String(64), nullable=False),  # of the draft that it was of
    Column("by_whom", Text, nullable=False),  # '' where nobody said
    Column("at_ms", BigInteger),  # null where no clock was read
    CheckConstraint("state IN ('draft', 'approved', 'issued')", name="ck_month_step_state"),
)
