"""Every decision of a person in one list: what was done, by whom, from where, when and why."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

DAY_MS = 86_400_000
FIRST = date(1970, 1, 1)
STEPS = {"draft": "draft", "approved": "approve", "issued": "issue"}
Row = dict[str, Any]


def upgrade() -> None:
    """Make the list out of what was known of each decision so far; it holds the months' steps."""
    trail = op.create_table(
        "audit_trail",
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("month", sa.Text, nullable=True, index=True),
        sa.Column("by_whom", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("at_ms", sa.BigInteger),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("digest", sa.Text),
    )
    op.add_column("adjustment_draft", sa.Column("payable_krw", sa.BigInteger))
    connection = op.get_bind()
    known = list(_known(connection))
    known.sort(key=lambda row: row[0])
    if known:
        op.bulk_insert(trail, [row for _, row in known])
    op.drop_table("month_step")
    sqlite = connection.dialect.name == "sqlite"
    for text in _SQLITE_KEEP if sqlite else _POSTGRES_KEEP:
        op.execute(text)


def _known(connection: sa.Connection) -> Iterator[tuple[int, Row]]:
    """What was decided so far, each with the instant by which it is put in order: that of its day
    where only a day was written down, the beginning of time where nothing was."""
    for row in _rows(connection, "registry", "digest", order="sequence"):
        yield 0, _decision("load", digest=row.digest)
    for row in _rows(connection, "waived_day", "cluster", "day", "reason", "by", order="day"):
        of = f"{row.cluster} {row.day}"
        yield 0, _decision("waive", of, str(row.day)[:7], row.by, row.reason)
    names: tuple[str, ...] = ("finding_key", "effect", "reason", "by", "at_ms")
    for row in _rows(connection, "acknowledgement", *names, order="finding_key"):
        of = f"{row.finding_key} {row.effect}"
        decided = _decision("acknowledge", of, None, row.by, row.reason, at_ms=row.at_ms)
        yield row.at_ms or 0, decided
    names = ("month", "state", "digest", "by_whom", "at_ms")
    for row in _rows(connection, "month_step", *names, order="place"):
        act = STEPS[row.state]
        step = _decision(act, "", row.month, row.by_whom, "", row.digest, row.at_ms)
        yield row.at_ms or 0, step
    names = ("sequence", "first_month", "approved_by", "reason", "digest", "issued_on")
    for row in _rows(connection, "adjustment", *names, order="sequence"):
        named = (str(row.sequence), row.first_month, row.approved_by, row.reason, row.digest)
        yield _day_ms(row.issued_on), _decision("adjust", *named)
    names = ("programme", "year", "sequence", "filed_by", "digest", "filed_on")
    for row in _rows(connection, "grant_filing", *names, order="sequence"):
        of = f"{row.programme} {row.year}"
        yield _day_ms(row.filed_on), _decision("file", of, None, row.filed_by, "", row.digest)


def _rows(connection: sa.Connection, table: str, *names: str, order: str) -> list[Any]:
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in names]
    query = sa.select(*columns).select_from(sa.table(table)).order_by(sa.column(order))
    return list(connection.execute(query))


def _decision(
    act: str,
    subject: str = "",
    month: str | None = None,
    by: str = "",
    reason: str = "",
    digest: str | None = None,
    at_ms: int | None = None,
) -> Row:
    return {
        "act": act, "subject": subject, "month": month, "by_whom": by, "account": "",
        "at_ms": at_ms, "reason": reason, "digest": digest,
    }  # fmt: skip


def _day_ms(day: date | str) -> int:
    known = day if isinstance(day, date) else date.fromisoformat(day)
    return (known - FIRST).days * DAY_MS


_SQLITE_KEEP = (
    """
    CREATE TRIGGER audit_trail_never_changes BEFORE UPDATE ON audit_trail
    BEGIN SELECT RAISE(ABORT, 'what was decided never changes'); END
    """,
    """
    CREATE TRIGGER audit_trail_never_goes BEFORE DELETE ON audit_trail
    BEGIN SELECT RAISE(ABORT, 'what was decided never changes'); END
    """,
    """
    CREATE TRIGGER audit_trail_never_replaced BEFORE INSERT ON audit_trail
    WHEN EXISTS (SELECT 1 FROM audit_trail AS kept WHERE kept.place = NEW.place)
    BEGIN SELECT RAISE(ABORT, 'what was decided never changes'); END
    """,
)
_POSTGRES_KEEP = (
    """
    CREATE TRIGGER audit_trail_never_changes BEFORE UPDATE OR DELETE ON audit_trail
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER audit_trail_never_emptied BEFORE TRUNCATE ON audit_trail
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
)
