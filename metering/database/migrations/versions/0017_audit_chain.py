"""The audit trail as a chain: each row holds the hash of the row before, and its own."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from metering.database.audit_chain import BEGINNING, FIELDS, row_hash

revision = "0017"
down_revision = "0016"

Row = dict[str, Any]
# Which decisions of a month leave it in which state.
ACTS = {"draft": ("draft", "withdraw"), "approved": ("approve",), "issued": ("issue",)}
TRAIL = sa.table("audit_trail", *(sa.column(name) for name in (*FIELDS, "before_hash", "row_hash")))
LINE = ("sequence", "line_id", "kind", "payment_id", "moved_krw")
DECIDED = ("decided_on", "decided_by", "reason")


def upgrade() -> None:
    """Chain what is there, after what the trail lacked of months and lines of the bank; a last row
    says that the chain was begun with them, since nothing vouches for what was before it."""
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"
    for text in _SQLITE_OPEN if sqlite else _POSTGRES_OPEN:
        op.execute(text)
    for name in ("before_hash", "row_hash"):
        op.add_column("audit_trail", sa.Column(name, sa.Text, nullable=False, server_default=""))
    before, place = BEGINNING, 0
    kept = sa.select(TRAIL).order_by(TRAIL.c.place)
    for row in [dict(row._mapping) for row in connection.execute(kept)]:
        place, chained = row["place"], _chained(before, row)
        where = TRAIL.c.place == place
        connection.execute(sa.update(TRAIL).where(where).values(**chained))
        before = chained["row_hash"]
    lacked = [*_months(connection), *_lines(connection)]
    if place or lacked:
        lacked.append(_row("chain", f"up to {place + len(lacked)}"))
    for added in lacked:
        place += 1
        row = {**added, "place": place}
        row |= _chained(before, row)
        connection.execute(sa.insert(TRAIL).values(**row))
        before = row["row_hash"]
    op.create_index("uq_audit_trail_before_hash", "audit_trail", ["before_hash"], unique=True)
    for text in _SQLITE_KEEP if sqlite else _POSTGRES_KEEP:
        op.execute(text)


def _chained(before: str, row: Row) -> Row:
    return {"before_hash": before, "row_hash": row_hash(before, row)}


def _months(connection: sa.Connection) -> Iterator[Row]:
    """The steps of months that came to their state before steps were kept (0011), or in another
    order than their instants say (0015)."""
    state = sa.table(
        "month_state", *(sa.column(name) for name in ("month", "state", "digest", "approved_by"))
    )
    for month in connection.execute(sa.select(state).order_by(state.c.month)).all():
        if month.state == "open":
            continue
        of_month = sa.and_(TRAIL.c.month == month.month, TRAIL.c.subject == "")
        acts = sa.and_(of_month, TRAIL.c.act.in_([act for acts in ACTS.values() for act in acts]))
        newest = sa.select(TRAIL).where(acts).order_by(TRAIL.c.place.desc())
        steps = connection.execute(newest).all()
        last = steps[0] if steps else None
        approved = next((step.by_whom for step in steps if step.act == "approve"), None)
        known = last is not None and last.act in ACTS[month.state] and last.digest == month.digest
        if known and month.approved_by in (None, approved):
            continue
        named = {"month": month.month, "digest": month.digest}
        if month.state == "draft":
            yield _row("draft", **named)
            continue
        yield _row("approve", by_whom=month.approved_by, **named)
        if month.state == "issued":
            yield _row("issue", **named)


def _lines(connection: sa.Connection) -> Iterator[Row]:
    """What was decided of lines of the bank, which the trail did not have so far."""
    names = (*LINE, *DECIDED)
    decision = sa.table("bank_line_decision", *(sa.column(name) for name in names))
    for row in connection.execute(sa.select(decision).order_by(decision.c.sequence)).all():
        said = {name: getattr(row, name) for name in LINE}
        said |= {"on": str(row.decided_on), "by": row.decided_by, "reason": row.reason}
        text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n"
        yield _row(
            "line", f"{row.line_id} {row.kind}", by_whom=row.decided_by, reason=row.reason,
            digest=hashlib.sha256(text.encode()).hexdigest(),
        )  # fmt: skip


def _row(
    act: str,
    subject: str = "",
    *,
    month: str | None = None,
    by_whom: str = "",
    reason: str = "",
    digest: str | None = None,
) -> Row:
    return {
        "act": act, "subject": subject, "month": month, "by_whom": by_whom, "account": "",
        "at_ms": None, "reason": reason, "digest": digest,
    }  # fmt: skip


_SQLITE_OPEN = ("DROP TRIGGER audit_trail_never_changes",)
_POSTGRES_OPEN = ("ALTER TABLE audit_trail DISABLE TRIGGER audit_trail_never_changes",)
_SQLITE_KEEP = (
    """
    CREATE TRIGGER audit_trail_never_changes BEFORE UPDATE ON audit_trail
    BEGIN SELECT RAISE(ABORT, 'what was decided never changes'); END
    """,
    "DROP TRIGGER audit_trail_never_replaced",
    """
    CREATE TRIGGER audit_trail_never_replaced BEFORE INSERT ON audit_trail
    WHEN EXISTS (
      SELECT 1 FROM audit_trail AS kept
      WHERE kept.place = NEW.place OR kept.before_hash = NEW.before_hash
    )
    BEGIN SELECT RAISE(ABORT, 'what was decided never changes'); END
    """,
)
_POSTGRES_KEEP = ("ALTER TABLE audit_trail ENABLE TRIGGER audit_trail_never_changes",)
