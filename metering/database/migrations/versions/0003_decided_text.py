"""A decision remembers the text of the finding that it was made about."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the text; a decision made before has none, so it is asked for again."""
    op.add_column(
        "acknowledgement", sa.Column("detail", sa.Text, nullable=False, server_default="")
    )
