"""A finding says how much of what it is about, so that its worth can be told."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the stake; findings found before have none until their stage runs again."""
    op.add_column("finding", sa.Column("stake", sa.Text, nullable=False, server_default=""))
