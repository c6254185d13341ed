"""What the DAG tasks run: the command line's functions, their findings in the task log."""

import logging
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

log = logging.getLogger("jeongsan")


def _open() -> Any:
    from metering.opened import open_site

    return open_site(Path(os.environ.get("JEONGSAN_SITE", ".")))


def _show(findings: Sequence[Any]) -> None:
    for finding in findings:
        line = (
            f"{finding.kind} {finding.cluster} {finding.day or ''} {finding.detail} [{finding.key}]"
        )
        if finding.severity == "fail":
            log.error(line)
        else:
            log.warning(line)


def _progress(what: str, done: int, total: int) -> None:
    if done == total:
        log.info("%s: %s/%s", what, done, total)


def _key(dag_run: Any, shape: str) -> str:
    key = dag_run.partition_key or (dag_run.conf or {}).get(shape)
    if not key:
        raise ValueError(
            f'give the {shape} as the partition key of the run, or as {{"{shape}": ...}}'
        )
    return str(key)


def day_of(dag_run: Any) -> str:
    """The accounting day of a run: its partition key, or `day` given by hand."""
    return _key(dag_run, "day")[:10]


def month_of(dag_run: Any) -> str:
    """The month of a run: its partition key (2025-10 or 2025-10-01), or `month` given by hand."""
    return _key(dag_run, "month")[:7]


def hour_window(
    params: dict[str, Any], start: datetime | None, end: datetime | None
) -> tuple[str, str]:
    """The instants from and to which a run collects: given by hand, else its data interval."""
    if params.get("from") and params.get("to"):
        return params["from"], params["to"]
    if start is None or end is None:
        raise ValueError("give `from` and `to`: this run has no data interval")
    return start.isoformat(), end.isoformat()


def sections() -> list[str]:
    """The clusters and stores of the site, one mapped task each."""
    site = _open().site
    return [section.name for section in (*site.clusters, *site.stores)]


def collect(section: str, window: tuple[str, str], complete_to: str | None) -> None:
    """Collects one section; fails the task when a source gave nothing."""
    from metering.collect import collect as run
    from metering.errors import CheckError
    from metering.period import Period

    opened = _open()
    instant = opened.site.calendar.instant
    period = Period(instant(window[0]), instant(window[1]))
    limit = instant(complete_to) if complete_to else None
    for collected in run(opened, period, [section], limit, _progress):
        log.info("%s: %s, %s quarantined", section, collected.rows, collected.quarantined)
        _show(collected.findings)
        if collected.failed:
            raise CheckError(f"{section}: a source failed; the findings above say which")


def meter(section: str, day: str) -> None:
    """Meters one section's day; `fail` findings are shown and stop the month, not the night."""
    from metering.meter import meter as run
    from metering.period import read_date

    opened = _open()
    _show(run(opened, [read_date(day)], [section], _progress))


def announce() -> list[str]:
    """The days that have become complete since the last announcement, recorded as announced."""
    from metering.announce import announce_days

    return [str(day) for day in announce_days(_open())]


def draft(month: str) -> dict[str, str]:
    """Drafts the month; gives the digest that an approval binds to, and what the approver reads."""
    from billing.close import draft as run
    from reports.readiness import readiness

    made = run(_open(), month)
    _show(made.findings)
    return {"digest": made.digest, "body": readiness(made)}


def approve_and_issue(month: str, digest: str, by: str, on: str | None) -> str:
    """Approves the draft that the person saw, issues the month, and gives it back."""
    from billing.close import approve, issue
    from metering.period import read_date
    from reports.command import today

    opened = _open()
    approve(opened, month, by=by, digest=digest)
    day = read_date(on) if on else today(opened.site)
    issued = issue(opened, month, day)
    log.info("%s issued: %s invoices", month, len(issued.invoices))
    return month


def report(month: str) -> list[str]:
    """Renders the month's documents and gives their paths."""
    from reports.month import render_month

    paths = [str(path) for path in render_month(_open(), month, _progress)]
    for path in paths:
        log.info(path)
    return paths
