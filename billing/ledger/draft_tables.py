"""The table of drafts, as migrations make it; draft_history.py writes it."""

from sqlalchemy import Column, MetaData, String, Table

metadata = MetaData()

draft_record = Table(
    "draft_record",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("draft", String(64), nullable=False),  # digest of the last draft
    Column("record", String(64), nullable=False),  # digest of what it was made from
    Column("before", String(64)),  # the same of the last draft that was another one
)
