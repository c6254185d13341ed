"""Owns the audit trail: every decision of a person, in the order in which they were made."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from metering.database.audit_chain import chain_end, row_hash
from metering.database.tables import audit_trail as table

Act = Literal[
    "load", "rules", "acknowledge", "waive", "withdraw", "draft", "approve", "issue", "look",
    "adjust", "fund", "file", "pay", "line", "match", "credit", "chain",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Who:
    """Who does something, and when; only the command line and the DAGs know.

    `by` is the name that a person gives, `account` the login under which it was done: of the
    operating system, or of who is signed in to Airflow. '' where nobody said.
    """

    by: str = ""
    at_ms: int | None = None
    account: str = ""

    def same_person(self, other: "Who") -> bool:
        """Whether two decisions were made under one name or from one login."""
        names = self.by.strip().casefold(), other.by.strip().casefold()
        logins = self.account, other.account
        return any(own and own == his for own, his in (names, logins))


NOBODY = Who()


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A decision: what was done, about what, of which month, with the digest of what was seen."""

    place: int
    act: Act
    subject: str
    month: str | None
    who: Who
    reason: str
    digest: str | None
    row_hash: str


def keep(
    connection: sa.Connection,
    act: Act,
    who: Who,
    *,
    subject: str = "",
    month: str | None = None,
    reason: str = "",
    digest: str | None = None,
) -> None:
    """Add a decision on the caller's transaction, after the last one; nothing of it is ever
    changed."""
    end = chain_end(connection)
    values: dict[str, Any] = {
        "place": end.place + 1, "act": act, "subject": subject, "month": month,
        "by_whom": who.by.strip(), "account": who.account, "at_ms": who.at_ms, "reason": reason,
        "digest": digest,
    }  # fmt: skip
    values |= {"before_hash": end.row_hash, "row_hash": row_hash(end.row_hash, values)}
    connection.execute(sa.insert(table).values(**values))


def trail(connection: sa.Connection, month: str | None = None) -> Iterator[AuditEntry]:
    """Every decision (of a month), oldest first."""
    query = sa.select(table).order_by(table.c.place)
    if month is not None:
        query = query.where(table.c.month == month)
    yield from map(_entry, connection.execute(query))


def last_of(connection: sa.Connection, act: Act, digest: str | None = None) -> AuditEntry | None:
    """The newest decision of a kind (about a digest); None where there is none."""
    query = sa.select(table).where(table.c.act == act)
    if digest is not None:
        query = query.where(table.c.digest == digest)
    row = connection.execute(query.order_by(table.c.place.desc()).limit(1)).one_or_none()
    return None if row is None else _entry(row)


def newest_ms(connection: sa.Connection) -> int | None:
    """The latest instant of any decision, in UTC ms; None where none has one."""
    return connection.execute(sa.select(sa.func.max(table.c.at_ms))).scalar()


def _entry(row: Any) -> AuditEntry:
    who = Who(row.by_whom, row.at_ms, row.account)
    said = (row.place, row.act, row.subject, row.month, who, row.reason, row.digest)
    return AuditEntry(*said, row.row_hash)
