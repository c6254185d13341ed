"""Findings as stored: replaced by stage, section and day, read back gravest first."""

from collections.abc import Collection, Iterable
from datetime import date

import sqlalchemy as sa

from metering.database.tables import finding as table
from metering.finding import Finding, Severity


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
    wanted = {finding.key: finding for finding in merged(new)}
    for finding in wanted.values():
        inside = days is None or finding.day in days
        if (finding.stage, finding.cluster) != (stage, cluster) or not inside:
            raise ValueError(f"{finding} lies outside {stage}, {cluster!r}, {days}")
    place = sa.and_(table.c.stage == stage, table.c.cluster == cluster)
    if days is not None:
        dated = sorted(day for day in days if day is not None)
        inside_days = table.c.day.in_(dated)
        place = sa.and_(
            place, sa.or_(inside_days, table.c.day.is_(None)) if None in days else inside_days
        )
    stored = {row.key: _finding(row) for row in connection.execute(sa.select(table).where(place))}
    gone = sorted(key for key, old in stored.items() if wanted.get(key) != old)
    rows = [_row(finding) for key, finding in sorted(wanted.items()) if stored.get(key) != finding]
    for start in range(0, len(gone), 10_000):
        chunk = gone[start : start + 10_000]
        connection.execute(sa.delete(table).where(table.c.key.in_(chunk)))
    if rows:
        connection.execute(sa.insert(table), rows)


def merged(several: Iterable[Finding]) -> list[Finding]:
    """One finding a key: the graver severity, the details that differ one after another."""
    groups: dict[tuple[str, str, str, date | None, str], list[Finding]] = {}
    for finding in several:
        place = (finding.kind, finding.stage, finding.cluster, finding.day, finding.subject)
        groups.setdefault(place, []).append(finding)
    return [
        Finding(
            severity="fail" if any(finding.severity == "fail" for finding in group) else "warn",
            kind=kind,
            stage=stage,
            cluster=cluster,
            day=day,
            subject=subject,
            detail="; ".join(sorted({finding.detail for finding in group})),
            stake=" ".join(sorted({finding.stake for finding in group if finding.stake})),
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
    query = sa.select(table)
    if stage is not None:
        query = query.where(table.c.stage == stage)
    if cluster is not None:
        query = query.where(table.c.cluster == cluster)
    if severity is not None:
        query = query.where(table.c.severity == severity)
    if date_from is not None:
        query = query.where(table.c.day >= date_from)
    if date_to is not None:
        query = query.where(table.c.day <= date_to)
    return sorted(
        (_finding(row) for row in connection.execute(query)),
        key=lambda finding: (
            finding.severity,
            finding.day or date.min,
            finding.cluster,
            finding.kind,
            finding.subject,
        ),
    )


def _finding(row: sa.Row[tuple[object, ...]]) -> Finding:
    place = (row.severity, row.kind, row.stage, row.cluster, row.day, row.subject)
    return Finding(*place, row.detail, row.stake)


def _row(finding: Finding) -> dict[str, object]:
    return {
        "key": finding.key,
        "severity": finding.severity,
        "kind": finding.kind,
        "stage": finding.stage,
        "cluster": finding.cluster,
        "day": finding.day,
        "subject": finding.subject,
        "detail": finding.detail,
        "stake": finding.stake,
    }
