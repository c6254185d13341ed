"""Up to when each input was complete when it was first read."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the table; an input that was read before it is first read from now on."""
    op.create_table(
        "source_input",
        sa.Column("cluster", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("complete_to_ms", sa.BigInteger, nullable=False),
    )
