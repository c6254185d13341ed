"""A month of money measured: 2,000 projects, 31 days, 3 SKUs, against a bare Decimal loop."""

import random
import resource
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from bench.clock import cpu_s
from billing.month.pure_month import compute_month
from billing.month.rating import rate
from billing.records import Party, Usage
from billing.rulebook.rule_book import read_rulebook
from billing.subsidy.balance import Balance
from billing.subsidy.subsidise import subsidise
from metering.calendar import Calendar
from metering.registry.registry import Award, Company, CompanyFacts, Project, Registry

MONTH = "2025-10"
CALENDAR = Calendar("Asia/Seoul")
SKUS = (("gpu.h100", "device_us"), ("npu.rngd", "device_us"), ("storage.parallel", "mib_s"))
PROGRAMMES = ("AIDC-BASE", "AICA-2025R", "NPU-DEMO")
PARTY = Party("124-81-00998", "centre", "name", "place", "type", "item")


def registry(projects: int) -> Registry:
    """250 companies that share the projects, each project with an award, some with limits."""
    chance = random.Random(1)
    day = date(2025, 9, 1)
    companies = tuple(
        Company(
            f"C-{n:03d}", "124-81-00998", "n", "r", "a", "b", "i",
            (CompanyFacts(None, "startup", "small", "광주"),),
        )
        for n in range(250)
    )  # fmt: skip
    awards = tuple(
        Award(
            f"A-{n:04d}", PROGRAMMES[n % 3], f"C-{n % 250:03d}", f"P-{n:04d}", day, None, day, None,
            "agreement", Decimal(chance.randint(10, 3000)) if n % 3 == 0 else None,
            "device_hours" if n % 3 == 0 else None, 20_000_000 if n % 5 == 0 else None, "", None,
        )
        for n in range(projects)
    )  # fmt: skip
    made = tuple(
        Project(f"P-{n:04d}", f"C-{n % 250:03d}", "p", date(2025, 1, 1), None)
        for n in range(projects)
    )
    return Registry(companies=companies, projects=made, awards=awards)


def usage(known: Registry) -> list[Usage]:
    """A row for each project, day and SKU."""
    chance = random.Random(2)
    return [
        Usage(
            day, project.company_id, project.project_id, "hpc", sku,
            quantity := chance.randint(0, 10**11), unit, quantity * 500, 1, False, False,
        )
        for day in CALENDAR.month_days(MONTH)
        for project in known.projects
        for sku, unit in SKUS
    ]  # fmt: skip


def bare(rows: list[Usage]) -> Decimal:
    """What the rows cost at one price, by a loop that does nothing else."""
    price, hour = Decimal("6000"), Decimal(3_600_000_000)
    return sum((price * row.quantity / hour for row in rows), Decimal(0))


def main() -> None:
    """Print what a month costs."""
    known, book = registry(2_000), read_rulebook()
    rows = usage(known)
    charges = rate(rows, book, MONTH, CALENDAR).charges
    floor = cpu_s(lambda: bare(rows))
    steps: dict[str, Callable[[], object]] = {
        "rate": lambda: rate(rows, book, MONTH, CALENDAR),
        "subsidise": lambda: subsidise(charges, book, known, Balance(), MONTH, CALENDAR),
        "whole month": lambda: compute_month(
            rows, book, known, Balance(), MONTH, PARTY, CALENDAR, "digest"
        ),
    }
    print(f"{len(rows):,} usage rows of 2,000 projects; a bare Decimal loop: {floor:.2f} s cpu")
    for label, work in steps.items():
        cpu = cpu_s(work)
        print(f"{label}: {cpu:.2f} s cpu, {len(rows) / cpu:,.0f} rows/s, {cpu / floor:.0f} x bare")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak memory: {peak:,} MiB")


if __name__ == "__main__":
    main()
