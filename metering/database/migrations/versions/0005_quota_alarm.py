"""Which alarms about limits have been sent, so that each is sent once."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table; on an old site the first run sends what is reached by then."""
    op.create_table(
        "quota_alarm",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("granted", sa.Text, primary_key=True),
        sa.Column("mark", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
    )
