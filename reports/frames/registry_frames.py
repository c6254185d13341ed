"""The registry in force, a table a sheet; a company has a row for each day on which it changes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa

from metering.registry.records import (
    Agreement,
    Award,
    Company,
    CompanyFacts,
    Device,
    Plan,
    Project,
    ProjectOutcome,
    SetAside,
    Tenancy,
)
from metering.registry.registry import Registry
from metering.site.open_site import OpenSite

SCALE: Final = 10  # of a quota, where its rows do not ask for more
NAMES: Final = {"start": "from"}  # as the sheets have it
KINDS: Final[Mapping[str, pa.DataType]] = {
    **dict.fromkeys(
        ("start", "until", "agreed_on", "announced_on", "started_on", "ended_on", "founded_on",
         "relocated_on", "recalled_on", "signed_on", "reached_on"),
        pa.date32(),
    ),
    **dict.fromkeys(
        ("installed_ms", "removed_ms", "power_limit_w", "shard", "cap_krw", "budget_year",
         "representative_birth_year", "amount"),
        pa.int64(),
    ),
    "youth": pa.bool_(),
}  # fmt: skip
SHEETS: Final[Mapping[str, tuple[type, str, Callable[[Registry], Sequence[Any]]]]] = {
    "companies": (Company, "Companies, a row from each day on.", lambda r: r.companies),
    "projects": (Project, "Projects of companies.", lambda r: r.projects),
    "tenancy": (Tenancy, "Which account was which project's, when.", lambda r: r.tenancies),
    "devices": (Device, "Devices, a row a stay in a cluster.", lambda r: r.devices),
    "awards": (Award, "What companies hold of programmes.", lambda r: r.awards),
    "agreements": (Agreement, "Agreements (MOU) with companies.", lambda r: r.agreements),
    "outcomes": (ProjectOutcome, "What projects brought about.", lambda r: r.outcomes),
    "plans": (Plan, "What is planned for a month.", lambda r: r.plans),
    "set_aside": (SetAside, "Accounts that nobody is billed for.", lambda r: r.set_asides),
}


def registry_tables() -> dict[str, str]:
    """The names of the sheets, and what each is."""
    return {name: description for name, (_, description, _) in SHEETS.items()}


def registry_rows(opened: OpenSite, sheet: str) -> pa.Table:
    """A sheet's rows in canonical order; instants in ms, a quota exactly as it was written."""
    kind, _, of = SHEETS[sheet]
    records = of(opened.registry)
    names = [field.name for field in fields(kind) if field.name not in ("facts", "printed")]
    if kind is Company:
        names += [field.name for field in fields(CompanyFacts)]
        rows = [row for record in records for row in _company_rows(record)]
    else:
        rows = [{name: getattr(record, name) for name in names} for record in records]
    columns = {
        NAMES.get(name, name): pa.array([row[name] for row in rows], _kind(name, rows))
        for name in names
    }
    return pa.table(columns)


def _company_rows(company: Company) -> Iterator[dict[str, Any]]:
    """What a company is and is called from each day on which either changes."""
    plain = {field.name: getattr(company, field.name) for field in fields(Company)}
    facts = {each.start or date.min for each in company.facts}
    for start in sorted(facts | {each.start or date.min for each in company.printed}):
        dated = asdict(company.printed_on(start)) | asdict(company.on(start))
        yield plain | dated | {"start": start if start != date.min else None}


def _kind(name: str, rows: Sequence[Mapping[str, Any]]) -> pa.DataType:
    if name != "quota":
        return KINDS.get(name, pa.string())
    written = [row[name] for row in rows if row[name] is not None]
    return pa.decimal128(38, max([SCALE, *map(_decimals, written)]))


def _decimals(quota: Decimal) -> int:
    exponent = quota.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0
