"""Findings as stored, and what people decided about them: acknowledgements and waived days."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

import sqlalchemy as sa

from metering.database.tables import acknowledgement, finding, waived_day
from metering.errors import JeongsanError
from metering.finding import Finding, Severity

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


def replace_findings(
    connection: sa.Connection,
    stage: str,
    cluster: str,
    days: Collection[date | None] | None,
    new: Iterable[Finding],
) -> None:
    """Make `new` the only findings of the stage, cluster and days (None: all, dated or not).

    Findings of one key become one; what is stored already is not touched.
    """
    wanted = {one.key: one for one in merged(new)}
    for one in wanted.values():
        inside = days is None or one.day in days
        if (one.stage, one.cluster) != (stage, cluster) or not inside:
            raise ValueError(f"{one} lies outside {stage}, {cluster!r}, {days}")
    place = sa.and_(finding.c.stage == stage, finding.c.cluster == cluster)
    if days is not None:
        dated = sorted(day for day in days if day is not None)
        inside_days = finding.c.day.in_(dated)
        place = sa.and_(
            place, sa.or_(inside_days, finding.c.day.is_(None)) if None in days else inside_days
        )
    stored = {row.key: _finding(row) for row in connection.execute(sa.select(finding).where(place))}
    gone = sorted(key for key, old in stored.items() if wanted.get(key) != old)
    rows = [_row(one) for key, one in sorted(wanted.items()) if stored.get(key) != one]
    for start in range(0, len(gone), 10_000):
        chunk = gone[start : start + 10_000]
        connection.execute(sa.delete(finding).where(finding.c.key.in_(chunk)))
    if rows:
        connection.execute(sa.insert(finding), rows)


def merged(some: Iterable[Finding]) -> list[Finding]:
    """One finding a key: the graver severity, the details that differ one after another."""
    groups: dict[tuple[str, str, str, date | None, str], list[Finding]] = {}
    for one in some:
        place = (one.kind, one.stage, one.cluster, one.day, one.subject)
        groups.setdefault(place, []).append(one)
    return [
        Finding(
            severity="fail" if any(one.severity == "fail" for one in group) else "warn",
            kind=kind,
            stage=stage,
            cluster=cluster,
            day=day,
            subject=subject,
            detail="; ".join(sorted({one.detail for one in group})),
            stake=" ".join(sorted({one.stake for one in group if one.stake})),
        )
        for (kind, stage, cluster, day, subject), group in groups.items()
    ]


def findings(
    connection: sa.Connection,
    *,
    stage: str | None = None,
    cluster: str | None = None,
    date_from: date | None = None,
    date_to: date | None = None,
    severity: Severity | None = None,
) -> list[Finding]:
    """The stored findings that fit, `fail` first, then by day, cluster, kind and subject."""
    query = sa.select(finding)
    if stage is not None:
        query = query.where(finding.c.stage == stage)
    if cluster is not None:
        query = query.where(finding.c.cluster == cluster)
    if severity is not None:
        query = query.where(finding.c.severity == severity)
    if date_from is not None:
        query = query.where(finding.c.day >= date_from)
    if date_to is not None:
        query = query.where(finding.c.day <= date_to)
    found = [_finding(row) for row in connection.execute(query)]
    return sorted(
        found,
        key=lambda one: (one.severity, one.day or date.min, one.cluster, one.kind, one.subject),
    )


def acknowledge(
    connection: sa.Connection, finding_key: str, effect: str, reason: str, by: str
) -> Acknowledgement:
    """Store what a person decided about a finding; a later decision replaces an earlier one."""
    detail = connection.execute(
        sa.select(finding.c.detail).where(finding.c.key == finding_key)
    ).scalar()
    if detail is None:
        raise JeongsanError(f"no finding {finding_key}; `jeongsan status` lists them")
    if effect not in get_args(Effect):
        raise JeongsanError(f"effect {effect}: write bill or exclude")
    _signed(reason, by)
    row = {"finding_key": finding_key, "effect": effect, "reason": reason, "by": by}
    row["detail"] = detail
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


def _finding(row: sa.Row[tuple[object, ...]]) -> Finding:
    place = (row.severity, row.kind, row.stage, row.cluster, row.day, row.subject)
    return Finding(*place, row.detail, row.stake)


def _row(one: Finding) -> dict[str, object]:
    return {
        "key": one.key,
        "severity": one.severity,
        "kind": one.kind,
        "stage": one.stage,
        "cluster": one.cluster,
        "day": one.day,
        "subject": one.subject,
        "detail": one.detail,
        "stake": one.stake,
    }
