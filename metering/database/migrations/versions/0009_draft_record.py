"""What a month's last two drafts were made from."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the table; a new draft takes the place of the old one in it."""
    op.create_table(
        "draft_record",
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("draft", sa.String(64), nullable=False),
        sa.Column("record", sa.String(64), nullable=False),
        sa.Column("before", sa.String(64)),
    )
