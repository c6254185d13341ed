"""The example centre's month, collected and metered once for all tests that need it."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from billing.ledger import ledger
from billing.records import Posting
from example.generate import MONTH, TAKEN, generate
from metering.calendar import Period
from metering.collect.collect import collect
from metering.database.tables import manifest_head
from metering.finding import Finding
from metering.site.load_registry import load
from metering.site.open_site import OpenSite, open_site
from metering.usage.meter import meter
from tests.references.example_truth import SEOUL


def metered_once(shared: Path) -> Path:
    """The site, made by the first test process that asks; the others wait for it."""
    site = shared / "example-month"
    with _lock(shared / "example-month.lock"):
        if not (site / "ready").exists():
            shutil.rmtree(site, ignore_errors=True)
            _make(site)
            (site / "ready").touch()
    return site


def _make(site: Path) -> None:
    generate(site)
    opened = open_site(site)
    try:
        load(opened.site, opened.database)
        for one in collect_all(opened):
            assert not one.failed, one.findings
        found = meter(opened, opened.site.calendar.month_days(MONTH), None)
        assert [finding for finding in found if finding.severity == "fail"] == []
    finally:
        opened.database.close()


def collect_all(opened: OpenSite, window: Period | None = None) -> list[Any]:
    """Collects the month, or a part of it, from every source."""
    calendar = opened.site.calendar
    return collect(opened, window or calendar.month(MONTH), None, calendar.instant(TAKEN))


def copy_site(site: Path, to: Path) -> Path:
    """A copy that a test may change, also while another test reads what is copied."""
    shutil.copytree(site, to, ignore=shutil.ignore_patterns("*.db", "*.db-wal", "*.db-shm"))
    for path in site.rglob("*.db"):
        copied = to / path.relative_to(site)
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copied)) as copy:
            source.backup(copy)
    return to


@contextmanager
def _lock(path: Path) -> Any:
    """One process at a time; the lock falls with the process."""
    import fcntl

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def tree_bytes(root: Path, skip: Callable[[Path], bool] = lambda _: False) -> dict[str, bytes]:
    """Every file below a directory by its relative name."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not skip(path)
    }


if os.name != "posix":
    raise RuntimeError("the tests need file locks of a POSIX system")


def heads(opened: OpenSite) -> list[tuple[object, ...]]:
    """Which manifest is in force for each partition of the lake."""
    with opened.database.read() as connection:
        rows = connection.execute(sa.select(manifest_head).order_by(*manifest_head.c[:2]))
        return [tuple(row) for row in rows]


def places(listed: list[Finding], kind: str) -> list[tuple[str, str]]:
    """Section and day of the findings of a kind."""
    return sorted(
        {(finding.cluster, str(finding.day)) for finding in listed if finding.kind == kind}
    )


def days_of(first_s: int, last_s: int) -> list[date]:
    """The days in Korea that a half-open span of epoch seconds touches."""
    if first_s >= last_s:
        return []
    first = datetime.fromtimestamp(first_s, SEOUL).date()
    last = datetime.fromtimestamp(last_s - 1, SEOUL).date()
    return [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]


def postings(opened: OpenSite) -> tuple[Posting, ...]:
    """The postings of the month as issued."""
    with opened.database.read() as connection:
        return tuple(ledger.postings_of(connection, MONTH))
