"""Checks: runs the fail_ and warn_ queries of a table and gathers every finding at once."""

from collections.abc import Mapping
from datetime import date

from metering.calendar import Period
from metering.finding import Finding
from metering.lake.contract import checks
from metering.usage.duckdb_engine import Engine, Input


def run_checks(
    engine: Engine,
    table: str,
    period: Period,
    inputs: Mapping[str, Input],
    stage: str,
    cluster: str,
    day: date | None,
) -> list[Finding]:
    """What the checks of a table find; `inputs` holds the table itself and what it reads.

    A finding's kind is its file's name without fail_ or warn_. A query gives the columns subject
    and detail, and stake where it knows how much usage it is about.
    """
    return [
        Finding(
            severity=check.severity,
            kind=check.name,
            stage=stage,
            cluster=cluster,
            day=day,
            subject=row["subject"],
            detail=row["detail"],
            stake=row.get("stake") or "",
        )
        for check in checks(table)
        for row in engine.check(check.sql, period, inputs).to_pylist()
    ]
