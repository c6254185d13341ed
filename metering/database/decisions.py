"""What people decided: findings acknowledged (bill or leave out), and days waived."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

import sqlalchemy as sa

from metering.calendar import month_of
from metering.database.audit_trail import Who, keep
from metering.database.tables import acknowledgement, finding, waived_day
from metering.errors import JeongsanError
from metering.finding import Finding

Effect = Literal["bill", "exclude"]


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What a person decided about a finding: bill what it is about, or leave it out.

    `detail` is the finding's text as it was decided on: where the text has changed since (other
    figures, another cause), nobody has decided yet.
    """

    finding_key: str
    effect: Effect
    reason: str
    by: str
    detail: str

    def answers(self, finding: Finding) -> bool:
        """Whether this decision is about the finding as it reads now."""
        return (self.finding_key, self.detail) == (finding.key, finding.detail)


@dataclass(frozen=True, slots=True)
class WaivedDay:
    """A day of a cluster that a person lets pass although its sources are not complete."""

    cluster: str
    day: date
    reason: str
    by: str


def acknowledge(
    connection: sa.Connection,
    finding_key: str,
    effect: str,
    reason: str,
    by: str,
    at_ms: int | None = None,
    account: str = "",
) -> Acknowledgement:
    """Store what a person decided about a finding, when and from which login; a later decision
    replaces an earlier one, and both stay in the audit trail. Neither instant nor login is a part
    of what a month is made of."""
    row = connection.execute(
        sa.select(finding.c.detail, finding.c.day).where(finding.c.key == finding_key)
    ).one_or_none()
    if row is None:
        raise JeongsanError(f"no finding {finding_key}; `jeongsan status` lists them")
    if effect not in get_args(Effect):
        raise JeongsanError(f"effect {effect}: write bill or exclude")
    _signed(reason, by)
    values: dict[str, object] = {"finding_key": finding_key, "effect": effect, "reason": reason}
    values |= {"by": by, "detail": row.detail, "at_ms": at_ms}
    connection.execute(
        sa.delete(acknowledgement).where(acknowledgement.c.finding_key == finding_key)
    )
    connection.execute(sa.insert(acknowledgement), [values])
    month = month_of(row.day) if row.day else None
    keep(
        connection, "acknowledge", Who(by, at_ms, account), subject=f"{finding_key} {effect}",
        month=month, reason=reason, digest=hashlib.sha256(row.detail.encode()).hexdigest(),
    )  # fmt: skip
    return acknowledgements(connection)[finding_key]


def take_back_acknowledgement(
    connection: sa.Connection, finding_key: str, reason: str, who: Who
) -> None:
    """Let a finding be undecided again; JeongsanError where nobody decided about it."""
    _signed(reason, who.by)
    answer = acknowledgements(connection).get(finding_key)
    if answer is None:
        raise JeongsanError(f"nobody decided about a finding {finding_key}")
    day = finding_day(connection, finding_key)
    connection.execute(
        sa.delete(acknowledgement).where(acknowledgement.c.finding_key == finding_key)
    )
    what = f"{finding_key} {answer.effect} ({answer.by})"
    month = month_of(day) if day else None
    keep(connection, "withdraw", who, subject=what, month=month, reason=reason)


def finding_day(connection: sa.Connection, finding_key: str) -> date | None:
    """The day that a finding belongs to; None where there is none, or the finding has gone."""
    query = sa.select(finding.c.day).where(finding.c.key == finding_key)
    day: date | None = connection.execute(query).scalar()
    return day


def acknowledgements(connection: sa.Connection) -> dict[str, Acknowledgement]:
    """What was decided, by the finding's key."""
    return {
        row.finding_key: Acknowledgement(
            row.finding_key, row.effect, row.reason, row.by, row.detail
        )
        for row in connection.execute(sa.select(acknowledgement))
    }


def decided_at(connection: sa.Connection) -> dict[str, int | None]:
    """When each decision was made, by the finding's key; None where nobody knows."""
    rows = connection.execute(sa.select(acknowledgement.c.finding_key, acknowledgement.c.at_ms))
    return {row.finding_key: row.at_ms for row in rows}


def waive(
    connection: sa.Connection,
    cluster: str,
    day: date,
    reason: str,
    by: str,
    at_ms: int | None = None,
    account: str = "",
) -> WaivedDay:
    """Let a cluster's day pass as it is; a later reason replaces an earlier one, and both stay in
    the audit trail."""
    _signed(reason, by)
    same = sa.and_(waived_day.c.cluster == cluster, waived_day.c.day == day)
    connection.execute(sa.delete(waived_day).where(same))
    row = {"cluster": cluster, "day": day, "reason": reason, "by": by}
    connection.execute(sa.insert(waived_day), [row])
    who, what = Who(by, at_ms, account), f"{cluster} {day}"
    keep(connection, "waive", who, subject=what, month=month_of(day), reason=reason)
    return WaivedDay(cluster, day, reason, by)


def take_back_waiver(
    connection: sa.Connection, cluster: str, day: date, reason: str, who: Who
) -> None:
    """Let a waived day be wanted again; JeongsanError where nobody waived it."""
    _signed(reason, who.by)
    same = sa.and_(waived_day.c.cluster == cluster, waived_day.c.day == day)
    done = connection.execute(sa.select(waived_day.c.by).where(same)).scalar()
    if done is None:
        raise JeongsanError(f"nobody waived {cluster} {day}")
    connection.execute(sa.delete(waived_day).where(same))
    what = f"{cluster} {day} ({done})"
    keep(connection, "withdraw", who, subject=what, month=month_of(day), reason=reason)


def waived_days(connection: sa.Connection, cluster: str | None = None) -> list[WaivedDay]:
    """The days that were waived, by day and cluster."""
    query = sa.select(waived_day).order_by(waived_day.c.day, waived_day.c.cluster)
    if cluster is not None:
        query = query.where(waived_day.c.cluster == cluster)
    return [
        WaivedDay(row.cluster, row.day, row.reason, row.by) for row in connection.execute(query)
    ]


def _signed(reason: str, by: str) -> None:
    if not reason.strip() or not by.strip():
        raise JeongsanError("a decision needs its reason and the name of who made it")
