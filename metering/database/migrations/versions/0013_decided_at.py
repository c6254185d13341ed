"""A decision remembers when it was made."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the instant; of a decision made before nobody knows it."""
    op.add_column("acknowledgement", sa.Column("at_ms", sa.BigInteger))
