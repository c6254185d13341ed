"""A site of a few rows a month, for the tests of corrections: every other day is waived."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa
import sqlalchemy as sa

from billing.adjust.adjust import Adjusted, adjust, look
from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.close.issued_month import Issued
from billing.records import Usage
from metering.calendar import month_last_day, next_month, tax_invoice_deadline
from metering.database.tables import waived_day
from metering.lake.object_store import Fault
from metering.registry.registry import Registry
from metering.site.open_site import OpenSite
from tests.builders.rules_and_usage import HOUR_US, award, book, caps, programme, registry, source
from tests.builders.rules_and_usage import used as used_hours
from tests.builders.sites.close_site import CALENDAR, open_ground, put_days, store_registry
from tests.builders.sites.once import copy_of

OCT, NOV, DEC = "2025-10", "2025-11", "2025-12"
ON, LATER = date(2026, 1, 5), date(2026, 1, 20)
BUDGET = {"2025": 100_000}
BOTH = (source("national", "0.7", {"2025": 70_000}), source("city", "0.3", {"2025": 30_000}))
# Half is paid out of a budget that companies share; A has a cap of its own beside it.
RULES = book(programme("P", "0.5", funding=BOTH, more=caps(award=40_000)))
HELD = registry([award("WA", "P", "A"), award("WB", "P", "B")])
Rows = Mapping[str, Iterable[Usage]]  # by month


def hours(project: str, count: int, day: str) -> Usage:
    """Use of so many hours at 6,000 an hour."""
    return used_hours(day, project, count * HOUR_US)


OCTOBER = (hours("A-1", 5, f"{OCT}-05"), hours("B-1", 10, f"{OCT}-06"))
NOVEMBER = (
    hours("A-1", 5, f"{NOV}-05"),
    hours("B-1", 4, f"{NOV}-06"),
    hours("C-1", 1, f"{NOV}-06"),
)
LATE = (*OCTOBER, hours("A-1", 5, f"{OCT}-07"))  # what October turns out to have been
ROWS: Rows = {OCT: OCTOBER, NOV: NOVEMBER}


def write_rules(root: Path, texts: Mapping[str, str]) -> Path:
    """Rule files in a folder of the site."""
    for name, text in texts.items():
        path = root / "rules" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root / "rules"


def make_site(
    root: Path, url: str = "", fault: Fault | None = None, held: Registry = HELD
) -> OpenSite:
    """A site without usage; the days on which nothing will be put are waived."""
    root.mkdir(parents=True, exist_ok=True)
    opened = open_ground(root, fault, write_rules(root, RULES.texts), url)
    store_registry(opened, held)
    return opened


def again(root: Path, url: str = "", fault: Fault | None = None) -> OpenSite:
    """The same site, opened once more."""
    return open_ground(root, fault, root / "rules", url)


def import_late() -> None:
    """Import what libraries do when it is first needed, so that no fork has to."""
    pa.array(["x"])  # pandas, where it is
    sa.create_engine("postgresql+psycopg://")  # connects to nothing
    tax_invoice_deadline(OCT, {})  # the holidays of a country


def put(opened: OpenSite, month: str, rows: Iterable[Usage]) -> None:
    """Make these the whole usage of a month."""
    by_day: dict[date, list[Usage]] = {}
    for row in rows:
        by_day.setdefault(row.day, []).append(row)
    held = opened.lake.partitions("usage_day", cluster="gpu")
    known = {date.fromisoformat(part["date"]) for part in held}
    gone = {day: [] for day in CALENDAR.month_days(month) if day in known}
    if days := {**gone, **by_day}:
        put_days(opened, {day: {"gpu": list(of)} for day, of in days.items()})
    with opened.database.begin() as connection:
        waived = set(connection.execute(sa.select(waived_day.c.day)).scalars())
        new = [day for day in CALENDAR.month_days(month) if day not in waived]
        rows_of = [{"cluster": "gpu", "day": day, "reason": "쉼", "by": "김"} for day in new]
        if rows_of:
            connection.execute(sa.insert(waived_day), rows_of)


def close(opened: OpenSite, month: str, on: date = ON) -> Issued:
    """Draft, approve and issue a month."""
    draft(opened, month)
    approve(opened, month, "박승인")
    return issue(opened, month, on, late=True)


def closed(root: Path, rows: Rows = ROWS, url: str = "") -> OpenSite:
    """A site whose months are issued."""
    if not url and rows is ROWS:
        copy_of(_closed, root)
        return again(root)
    return _closed(root, rows, url)


def _closed(root: Path, rows: Rows = ROWS, url: str = "") -> OpenSite:
    opened = make_site(root, url)
    for month in sorted(rows):
        put(opened, month, rows[month])
        close(opened, month)
    return opened


def corrected(
    opened: OpenSite, month: str | None = None, cascade: bool = False, on: date = LATER
) -> Adjusted | None:
    """A correction looked at and issued."""
    look(opened, month, cascade)
    return adjust(opened, month, "박승인", "늦은 자료", on, cascade=cascade)


def months(first: str, count: int) -> list[str]:
    """So many months in a row."""
    row = [first]
    while len(row) < count:
        row.append(next_month(row[-1]))
    return row


def after(month: str) -> date:
    """A day on which a month may be issued."""
    return month_last_day(next_month(month))
