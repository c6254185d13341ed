"""The registry as one immutable whole: looked up by id, known by its digest."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Self, TypeVar

from metering.business_number import business_number_ok
from metering.calendar import Calendar
from metering.errors import JeongsanError, Mistake, Mistakes
from metering.registry.checks import SiteNames, check_records
from metering.registry.records import (
    NO_SHARD,
    RECALL,
    Agreement,
    Award,
    Company,
    CompanyFacts,
    Device,
    Plan,
    PrintedAs,
    Project,
    ProjectOutcome,
    SetAside,
    Tenancy,
)
from metering.registry.rows import read_records
from metering.registry.sheets import read_sheets

__all__ = [
    "NO_SHARD",
    "Award",
    "Company",
    "CompanyFacts",
    "Device",
    "PrintedAs",
    "Project",
    "Registry",
    "SetAside",
    "Tenancy",
    "business_number_ok",
    "read_registry",
]

DATES = {
    "start", "until", "agreed_on", "announced_on", "started_on", "ended_on", "founded_on",
    "relocated_on", "recalled_on", "signed_on", "reached_on",
}  # fmt: skip
ORDER: Mapping[str, Callable[[Any], tuple[Any, ...]]] = {
    "companies": lambda row: (row.company_id,),
    "projects": lambda row: (row.project_id,),
    "tenancies": lambda row: (row.source, row.account, row.start),
    "devices": lambda row: (row.cluster, row.device_uid, row.installed_ms),
    "awards": lambda row: (row.award_id,),
    "set_asides": lambda row: (row.source, row.account),
    "agreements": lambda row: (row.company_id, row.signed_on, row.number),
    "outcomes": lambda row: (row.project_id, row.reached_on, row.kind, row.evidence),
    "plans": lambda row: (row.month, row.when, row.what),
}
# Registries that had none of them before keep their digests.
LATER_SHEETS = frozenset({"agreements", "outcomes", "plans"})
LATER_COLUMNS = frozenset({*RECALL, "printed"})
Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Registry:
    """Who uses what and what is installed, every sheet in canonical order."""

    companies: tuple[Company, ...] = ()
    projects: tuple[Project, ...] = ()
    tenancies: tuple[Tenancy, ...] = ()
    devices: tuple[Device, ...] = ()
    awards: tuple[Award, ...] = ()
    set_asides: tuple[SetAside, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    outcomes: tuple[ProjectOutcome, ...] = ()
    plans: tuple[Plan, ...] = ()
    _digest: str = field(default="", init=False, repr=False, compare=False)
    _company: Mapping[str, Company] = field(init=False, repr=False, compare=False)
    _project: Mapping[str, Project] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for sheet, key in ORDER.items():
            object.__setattr__(self, sheet, tuple(sorted(getattr(self, sheet), key=key)))
        object.__setattr__(self, "_company", {row.company_id: row for row in self.companies})
        object.__setattr__(self, "_project", {row.project_id: row for row in self.projects})

    def company(self, company_id: str) -> Company:
        """The company of an id; JeongsanError if there is none."""
        company = self._company.get(company_id)
        if company is None:
            raise JeongsanError(f"the registry has no company {company_id!r}")
        return company

    def project(self, project_id: str) -> Project:
        """The project of an id; JeongsanError if there is none."""
        project = self._project.get(project_id)
        if project is None:
            raise JeongsanError(f"the registry has no project {project_id!r}")
        return project

    def runs(self, project_id: str, day: date) -> bool:
        """Whether a day is one of a project's own; of a project that it does not have, any is."""
        project = self._project.get(project_id)
        return project is None or project.runs(day)

    @property
    def digest(self) -> str:
        """The sha256 of the canonical document, in hex; shards are no part of it."""
        if not self._digest:
            text = self.to_text()
            object.__setattr__(self, "_digest", hashlib.sha256(text.encode()).hexdigest())
        return self._digest

    def to_text(self) -> str:
        """The canonical document as JSON text, of which the digest is made."""
        return json.dumps(
            self.to_document(), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )

    def to_document(self) -> dict[str, Any]:
        """The registry as plain JSON values, the same for the same facts in any order."""
        return {
            sheet.name: [encode(row) for row in getattr(self, sheet.name)]
            for sheet in fields(self)
            if sheet.init and (getattr(self, sheet.name) or sheet.name not in LATER_SHEETS)
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """The registry that to_document wrote."""
        companies = (
            {
                **row,
                "facts": tuple(_decode(CompanyFacts, facts) for facts in row["facts"]),
                "printed": tuple(_decode(PrintedAs, called) for called in row.get("printed", ())),
            }
            for row in document["companies"]
        )
        return cls(
            companies=tuple(_decode(Company, row) for row in companies),
            projects=tuple(_decode(Project, row) for row in document["projects"]),
            tenancies=tuple(_decode(Tenancy, row) for row in document["tenancies"]),
            devices=tuple(_decode(Device, row) for row in document["devices"]),
            awards=tuple(_decode(Award, row) for row in document["awards"]),
            set_asides=tuple(_decode(SetAside, row) for row in document["set_asides"]),
            agreements=tuple(_decode(Agreement, row) for row in document.get("agreements", ())),
            outcomes=tuple(_decode(ProjectOutcome, row) for row in document.get("outcomes", ())),
            plans=tuple(_decode(Plan, row) for row in document.get("plans", ())),
        )

    def sharded(self, shards: Mapping[tuple[str, str], int]) -> Self:
        """The same registry with the shard of every device, by (cluster, device_uid)."""
        devices = (
            replace(row, shard=shards.get((row.cluster, row.device_uid), NO_SHARD))
            for row in self.devices
        )
        return replace(self, devices=tuple(devices))


def read_registry(directory: Path, calendar: Calendar, names: SiteNames | None = None) -> Registry:
    """The registry of a site's directory; Mistakes with the file, row and column of each.

    With the site's names, clusters and sources have to be among them.
    """
    mistakes: list[Mistake] = []
    records = read_records(read_sheets(directory, mistakes), calendar, mistakes)
    mistakes += check_records(records, names)
    if mistakes:
        raise Mistakes(mistakes)
    return Registry(
        companies=tuple(placed.record for placed in records.companies),
        projects=tuple(placed.record for placed in records.projects),
        tenancies=tuple(placed.record for placed in records.tenancies),
        devices=tuple(placed.record for placed in records.devices),
        awards=tuple(placed.record for placed in records.awards),
        set_asides=tuple(placed.record for placed in records.set_asides),
        agreements=tuple(placed.record for placed in records.agreements),
        outcomes=tuple(placed.record for placed in records.outcomes),
        plans=tuple(placed.record for placed in records.plans),
    )


def encode(row: Any) -> dict[str, Any]:
    """A record as plain JSON values, without the shard, and without a recall or an earlier name
    that there is not: there were none before, and those registries keep their digests."""
    return {
        column.name: _plain(value)
        for column in fields(row)
        if column.name != "shard"
        and ((value := getattr(row, column.name)) or column.name not in LATER_COLUMNS)
    }


def _plain(value: Any) -> Any:
    match value:
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case tuple():
            return [encode(inner) for inner in value]
        case _:
            return value


def _decode(kind: type[Record], row: Mapping[str, Any]) -> Record:
    values = dict(row)
    for name in DATES & values.keys():
        if values[name] is not None:
            values[name] = date.fromisoformat(values[name])
    if values.get("quota") is not None:
        values["quota"] = Decimal(values["quota"])
    return kind(**values)
