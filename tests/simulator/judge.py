"""Holds what came out to what is true: every unit, every won, and that nothing is silent."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from billing.ledger import ledger
from billing.ledger.adjustment_ledger import chains, claims_standing
from billing.ledger.invoice_numbers import numbers_given
from billing.ledger.tables import posting
from metering.database.tables import finding
from metering.site.open_site import OpenSite, open_site
from tests.simulator import hazards, money, telling
from tests.simulator.centre import World
from tests.simulator.plan import Plan


def in_child(act: Callable[..., Any], *arguments: object) -> Any:
    """What a function gives, in a process that has opened nothing and keeps nothing."""
    outcome = hazards.end(hazards.start(lambda: act(*arguments)))
    assert not isinstance(outcome, hazards.Outcome), outcome.err
    return outcome


def state(site: Path, month: str) -> str:
    """What a month is at."""
    opened = open_site(site)
    with opened.database.read() as connection:
        return str(ledger.month_state(connection, month).state)


def judge(
    site: Path, world: World, plan: Plan, stages: dict[str, int], owners: dict[str, str]
) -> list[str]:  # fmt: skip
    """Everything that the judge has against a site; nothing where all is as it has to be."""
    opened = open_site(site)
    told = {
        month: _owned(telling.quantities(world, plan, month, stage), owners)
        for month, stage in stages.items()
    }
    return [
        *_usage(opened, told),
        *_books(opened, list(told)),
        *_sums(opened, money.reckon(world, told)),
        *(
            text
            for month, stage in stages.items()
            for text in _silent(opened, world, plan, month, stage)
        ),
    ]


def _silent(opened: OpenSite, world: World, plan: Plan, month: str, stage: int) -> Iterator[str]:
    """What is lacking of a month and nobody says so: rows, runs, levels and samples."""
    with opened.database.read() as connection:
        findings = connection.execute(
            sa.select(finding.c.kind, finding.c.cluster, finding.c.day, finding.c.detail)
        ).all()
    told = {(row.kind, row.cluster) for row in findings if str(row.day or month).startswith(month)}
    refused = [row["place"] for row in opened.lake.read("quarantine").to_pylist()]
    known = telling.known(world, plan, month, stage)
    for cluster, number in sorted(known.refused - known.jobs.keys()):
        if not any(f"{cluster}-{month}" in place for place in refused):
            yield f"the row of {cluster} job {number} was refused and is in no quarantine"
    runs = {row.detail for row in findings if row.kind == "vanished_run"}
    for _, number in sorted(known.vanished):
        if not any(str(number) in detail for detail in runs):
            yield f"run {number} vanished in silence, {runs} were told"
    if telling.gap(world, plan, month, stage) and ("reading_gap", "disk") not in told:
        yield f"snapshots of {month} are missing in silence"
    if plan.dark[month] and ("dark", "gpu") not in told:
        yield f"{plan.dark[month]} was dark in silence"


def _owned(quantities: dict[tuple[str, str, str], int], owners: dict[str, str]) -> Counter[Any]:
    sums: Counter[tuple[str, str, str]] = Counter()
    for (day, account, sku), quantity in quantities.items():
        sums[day, owners[account], sku] += quantity
    return sums


def _usage(opened: OpenSite, told: dict[str, Counter[Any]]) -> list[str]:
    """What is metered is what is known, to the unit."""
    metered: Counter[tuple[str, str, str]] = Counter()
    for row in opened.lake.read("usage_day").to_pylist():
        metered[str(row["day"]), row["project_id"], row["sku"]] += int(row["quantity"])
    known = sum(told.values(), Counter())
    return [
        f"usage of {key}: {metered[key]} is metered, {known[key]} is known"
        for key in sorted({*metered, *known})
        if metered[key] != known[key]
    ]


def _books(opened: OpenSite, months: list[str]) -> list[str]:
    """What holds of the ledger whatever was used: groups, numbers, one month as another."""
    wrong = []
    with opened.database.read() as connection:
        given = numbers_given(connection)
        sums = connection.execute(
            sa.select(posting.c.group_id, sa.func.sum(posting.c.amount_krw)).group_by(
                posting.c.group_id
            )
        ).all()
        revenue = connection.execute(
            sa.select(sa.func.sum(posting.c.amount_krw)).where(posting.c.account == "revenue")
        ).scalar()
        documents = chains(connection, tuple(months))
        claims = [claim for month in months for claim in claims_standing(connection, month)]
    wrong += [f"postings of {group} sum to {krw}" for group, krw in sums if krw]
    for last, numbers in given.values():
        if [int(number.rsplit("-", 1)[1]) for number in numbers] != list(range(1, last + 1)):
            wrong.append(f"numbers are {numbers}, the last is {last}")
    invoices = [document.invoice for chain in documents.values() for document in chain]
    charge = sum(invoice.charge_krw for invoice in invoices)
    company = sum(invoice.company_krw for invoice in invoices)
    claimed = sum(claim.claim_krw for claim in claims)
    if charge != company + claimed:
        wrong.append(f"charges {charge} are not invoices {company} and claims {claimed}")
    if -(revenue or 0) != charge:
        wrong.append(f"revenue {revenue} is not charges {charge}")
    return wrong


def _sums(opened: OpenSite, due: dict[tuple[str, str], money.Sums]) -> list[str]:
    """What documents ask is what is due, to the won."""
    asked: dict[tuple[str, str], money.Sums] = {}
    with opened.database.read() as connection:
        documents = chains(connection, tuple(sorted({month for month, _ in due})))
    for (company, _, month), chain in documents.items():
        sums = [
            sum(getattr(document.invoice, name) for document in chain)
            for name in ("charge_krw", "subsidy_krw", "company_krw", "vat_krw")
        ]
        if any(sums):
            asked[month, company] = money.Sums(*sums)
    return [
        f"{key}: documents say {asked.get(key)}, due is {due.get(key)}"
        for key in sorted({*asked, *due})
        if key not in due or not due[key].is_due(asked.get(key))
    ]
