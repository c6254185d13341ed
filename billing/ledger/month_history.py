"""Owns what a month went through: each state with its draft, by whom and when; only added to."""

from dataclasses import dataclass

import sqlalchemy as sa

from billing.ledger.ledger import MonthState
from billing.ledger.tables import month_step as table


@dataclass(frozen=True, slots=True)
class Who:
    """Who does something, and when; only the command line and the DAGs know."""

    by: str = ""
    at_ms: int | None = None


NOBODY = Who()


@dataclass(frozen=True, slots=True)
class MonthStep:
    """A state that a month came to."""

    month: str
    state: str
    digest: str
    by: str
    at_ms: int | None


def note(connection: sa.Connection, before: MonthState, after: MonthState, who: Who) -> None:
    """Add a step where the month came to another state, or to another draft."""
    if (before.state, before.digest) == (after.state, after.digest):
        return
    last = sa.select(sa.func.max(table.c.place)).where(table.c.month == after.month)
    place = (connection.execute(last).scalar() or 0) + 1
    values = {
        "month": after.month, "place": place, "state": after.state, "digest": after.digest,
        "by_whom": who.by, "at_ms": who.at_ms,
    }  # fmt: skip
    connection.execute(sa.insert(table).values(**values))


def steps(connection: sa.Connection) -> tuple[MonthStep, ...]:
    """Every step, by month and in order."""
    rows = connection.execute(sa.select(table).order_by(table.c.month, table.c.place))
    return tuple(MonthStep(r.month, r.state, r.digest, r.by_whom, r.at_ms) for r in rows)
