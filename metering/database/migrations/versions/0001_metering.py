"""Registry, manifests in force, findings and what people decided about them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BYTEWISE = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables of metering."""
    registry()
    lake()
    findings()
    days()


def registry() -> None:
    """Make what `jeongsan load` stores."""
    op.create_table(
        "registry",
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_table(
        "registry_in_force",
        sa.Column("one", sa.Integer, sa.CheckConstraint("one = 1"), primary_key=True),
        sa.Column("sequence", sa.Integer, sa.ForeignKey("registry.sequence"), nullable=False),
    )
    op.create_table(
        "device_shard",
        sa.Column("cluster", sa.Text, primary_key=True),
        sa.Column("device_uid", sa.Text, primary_key=True),
        sa.Column("shard", sa.Integer, nullable=False),
    )


def lake() -> None:
    """Make the manifests in force and how far sources are complete."""
    op.create_table(
        "manifest_head",
        sa.Column("table_name", BYTEWISE, primary_key=True),
        sa.Column("partition", BYTEWISE, primary_key=True),
        sa.Column("digest", sa.Text, nullable=True),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_manifest_head_version", "manifest_head", ["version"])
    op.create_table(
        "watermark",
        sa.Column("cluster", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("complete_to_ms", sa.BigInteger, nullable=False),
    )


def findings() -> None:
    """Make the findings and the answers to them."""
    op.create_table(
        "finding",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("cluster", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_index("finding_place", "finding", ["stage", "cluster", "day"])
    op.create_table(
        "acknowledgement",
        sa.Column("finding_key", sa.Text, primary_key=True),
        sa.Column(
            "effect", sa.Text, sa.CheckConstraint("effect IN ('bill', 'exclude')"), nullable=False
        ),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
    )


def days() -> None:
    """Make what was decided, announced and changed of accounting days."""
    op.create_table(
        "waived_day",
        sa.Column("cluster", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
    )
    op.create_table(
        "announced_day",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
    )
    restatement = op.create_table(
        "restatement",
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("month", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("consumed", sa.Boolean, nullable=False),
    )
    still_open = sa.not_(restatement.c.consumed)
    op.create_index(
        "restatement_open",
        "restatement",
        ["month", "day"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
