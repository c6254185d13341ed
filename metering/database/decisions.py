"""What people decided: findings acknowledged (bill or leave out), and days waived."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

import sqlalchemy as sa

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
) -> Acknowledgement:
    """Store what a person decided about a finding, and when; a later decision replaces an earlier
    one. The instant is no part of what a month is made of."""
    detail = connection.execute(
        sa.select(finding.c.detail).where(finding.c.key == finding_key)
    ).scalar()
    if detail is None:
        raise JeongsanError(f"no finding {finding_key}; `jeongsan status` lists them")
    if effect not in get_args(Effect):
        raise JeongsanError(f"effect {effect}: write bill or exclude")
    _signed(reason, by)
    row: dict[str, object] = {"finding_key": finding_key, "effect": effect, "reason": reason}
    row |= {"by": by, "detail": detail, "at_ms": at_ms}
    connection.execute(
        sa.delete(acknowledgement).where(acknowledgement.c.finding_key == finding_key)
    )
    connection.execute(sa.insert(acknowledgement), [row])
    return acknowledgements(connection)[finding_key]


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


def waive(connection: sa.Connection, cluster: str, day: date, reason: str, by: str) -> WaivedDay:
    """Let a cluster's day pass as it is; a later reason replaces an earlier one."""
    _signed(reason, by)
    same = sa.and_(waived_day.c.cluster == cluster, waived_day.c.day == day)
    connection.execute(sa.delete(waived_day).where(same))
    row = {"cluster": cluster, "day": day, "reason": reason, "by": by}
    connection.execute(sa.insert(waived_day), [row])
    return WaivedDay(cluster, day, reason, by)


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
