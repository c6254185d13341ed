"""The tables that metering keeps in the database; migrations/ makes the same ones, step by step."""

import sqlalchemy as sa

metadata = sa.MetaData()

# PostgreSQL sorts by the database's language unless told; ranges of partitions need plain bytes.
BYTEWISE = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

registry = sa.Table(
    "registry",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
)

registry_in_force = sa.Table(
    "registry_in_force",
    metadata,
    sa.Column("one", sa.Integer, sa.CheckConstraint("one = 1"), primary_key=True),
    sa.Column("sequence", sa.Integer, sa.ForeignKey("registry.sequence"), nullable=False),
)

device_shard = sa.Table(
    "device_shard",
    metadata,
    sa.Column("cluster", sa.Text, primary_key=True),
    sa.Column("device_uid", sa.Text, primary_key=True),
    sa.Column("shard", sa.Integer, nullable=False),
)

# A removed partition keeps its row with no digest, so that its version can still be compared.
manifest_head = sa.Table(
    "manifest_head",
    metadata,
    sa.Column("table_name", BYTEWISE, primary_key=True),
    sa.Column("partition", BYTEWISE, primary_key=True),
    sa.Column("digest", sa.Text, nullable=True),
    sa.Column("version", sa.BigInteger, nullable=False, index=True),
)

watermark = sa.Table(
    "watermark",
    metadata,
    sa.Column("cluster", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("complete_to_ms", sa.BigInteger, nullable=False),
)

# An input is known by its content: read again under any name, it is as complete as at first.
source_input = sa.Table(
    "source_input",
    metadata,
    sa.Column("cluster", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("complete_to_ms", sa.BigInteger, nullable=False),
)

finding = sa.Table(
    "finding",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("cluster", sa.Text, nullable=False),
    sa.Column("day", sa.Date, nullable=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("stake", sa.Text, nullable=False, server_default=""),
    sa.Index("finding_place", "stage", "cluster", "day"),
)

acknowledgement = sa.Table(
    "acknowledgement",
    metadata,
    sa.Column("finding_key", sa.Text, primary_key=True),
    sa.Column(
        "effect", sa.Text, sa.CheckConstraint("effect IN ('bill', 'exclude')"), nullable=False
    ),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False, server_default=""),
    sa.Column("at_ms", sa.BigInteger),
)

waived_day = sa.Table(
    "waived_day",
    metadata,
    sa.Column("cluster", sa.Text, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
)

# What people decided, in the order in which they did; only added to, each row after the last.
audit_trail = sa.Table(
    "audit_trail",
    metadata,
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),  # what it is about, '' for a month as such
    sa.Column("month", sa.Text, nullable=True, index=True),
    sa.Column("by_whom", sa.Text, nullable=False),  # '' where nobody said
    sa.Column("account", sa.Text, nullable=False),  # a login; '' where none was known
    sa.Column("at_ms", sa.BigInteger),  # null where no clock was read
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("digest", sa.Text),  # of what was looked at, drafted or put in force
    sa.Column("before_hash", sa.Text, nullable=False),  # of the row before: audit_chain.py
    sa.Column("row_hash", sa.Text, nullable=False),
)
sa.Index("uq_audit_trail_before_hash", audit_trail.c.before_hash, unique=True)  # one end

announced_day = sa.Table(
    "announced_day",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
)

restatement = sa.Table(
    "restatement",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("month", sa.Text, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("consumed", sa.Boolean, nullable=False),
)
sa.Index(
    "restatement_open",
    restatement.c.month,
    restatement.c.day,
    unique=True,
    sqlite_where=sa.not_(restatement.c.consumed),
    postgresql_where=sa.not_(restatement.c.consumed),
)

# Each limit, grant, mark and channel once: a grant that is raised may be reached anew.
quota_alarm = sa.Table(
    "quota_alarm",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("granted", sa.Text, primary_key=True),  # in whole units, which may pass 64 bits
    sa.Column("mark", sa.Integer, primary_key=True, autoincrement=False),  # percent
    sa.Column("channel", sa.Text, primary_key=True),  # mail, webhook
    sa.Column("day", sa.Date, nullable=False),
)
