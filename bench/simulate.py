"""What-if measured: months of 2,000 projects and 3 SKUs under other rules, on two cores.

`make bench` runs a quarter, which takes a quarter of the time of a year, which is to stay under a
minute: `python -m bench.simulate --months 12`.
"""

import argparse
import json
import resource
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from bench.month import CALENDAR, registry, usage
from billing.draft.lake_rows import to_table
from billing.month.totals import InvoiceSums
from billing.records import Usage
from billing.rulebook.rule_book import RuleBook, parse_rulebook, read_rulebook
from billing.simulate.simulate import simulate
from metering.calendar import next_month
from metering.database.connection import open_database
from metering.database.tables import registry as registry_table
from metering.database.tables import registry_in_force
from metering.lake.lake import Lake
from metering.registry.registry import Registry
from metering.settings.sections import Cluster
from metering.settings.site_toml import Issuer, Site
from metering.site.open_site import OpenSite
from reports.simulation.figures import month_rows

FIRST = "2025-10"
YEAR_MONTHS = 12
YEAR_S = 60


def site(folder: Path) -> OpenSite:
    """A site of one cluster in a folder."""
    issuer = Issuer("124-81-00998", "centre", "name", "place", "type", "item")
    made = Site(
        folder, "bench", CALENDAR, str(folder / "lake"), f"sqlite:///{folder / 'site.db'}",
        "duckdb", FIRST, issuer, (Cluster("hpc"),), (), None, folder,
    )  # fmt: skip
    database = open_database(made.database)
    return OpenSite(made, database, Lake(made.lake, database))


def store(opened: OpenSite, known: Registry) -> None:
    """Put the registry in force."""
    text = json.dumps(
        known.to_document(), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    row = {"sequence": 1, "digest": known.digest, "document": text}
    with opened.database.begin() as connection:
        connection.execute(sa.insert(registry_table), [row])
        connection.execute(sa.insert(registry_in_force), [{"only": 1, "sequence": 1}])


def fill(opened: OpenSite, rows: list[Usage], months: int) -> str:
    """The same month of usage again and again; gives the last one."""
    month = FIRST
    for number in range(months):
        month = next_month(month) if number else FIRST
        days = CALENDAR.month_days(month)
        with opened.lake.change() as change:
            for at, day in enumerate(days):
                of_day = [replace(row, day=day) for row in rows if row.day.day == at + 1]
                place = {"cluster": "hpc", "date": day}
                change.replace("usage_day", place, to_table(Usage, of_day), {})
    return month


def other_rules(book: RuleBook) -> RuleBook:
    """The rules with an H100 at 16,000 won in place of 6,000."""
    name = "prices/gpu.h100.yaml"
    dearer = book.texts[name].replace('value: "6000"', 'value: "16000"')
    return parse_rulebook({**book.texts, name: dearer})


def main() -> None:
    """Print what the months cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--months", type=int, default=3)
    parser.add_argument("--projects", type=int, default=2_000)
    options = parser.parse_args()
    known, book = registry(options.projects), read_rulebook()
    rows = usage(known)
    count = len(rows)
    with TemporaryDirectory() as folder:
        opened = site(Path(folder))
        store(opened, known)
        last = fill(opened, rows, options.months)
        del rows
        begun, own = time.perf_counter(), time.process_time()
        done = simulate(opened, other_rules(book), FIRST, last)
        wall, own = time.perf_counter() - begun, time.process_time() - own
    here, there = (
        resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    change = sum((row.change for row in month_rows(done)), InvoiceSums())
    assert change.charge_krw == change.support_krw + change.company_krw > 0
    print(
        f"{options.months} open months of {count:,} rows of {options.projects:,} projects:"
        f" {wall:.1f} s, {wall / options.months:.1f} s a month; cpu as they stand {own:.1f} s,"
        f" under other rules {there.ru_utime + there.ru_stime:.1f} s"
    )
    year = wall / options.months * YEAR_MONTHS
    print(f"a year at that pace: {year:.0f} s; it is to stay under {YEAR_S} s on two free cores")
    print(f"peak memory: {here.ru_maxrss >> 10:,} + {there.ru_maxrss >> 10:,} MiB")


if __name__ == "__main__":
    main()
