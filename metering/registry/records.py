"""What the registry holds: companies, projects, tenancies, devices, awards, accounts set aside."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from metering.errors import JeongsanError

OrgType = Literal[
    "startup", "sme", "mid", "large", "university", "institute", "public", "association"
]
Size = Literal["micro", "small", "medium", "mid", "large", "none"]
Resource = Literal["gpu", "npu"]
# device_hours, pf_hours, devices, pf or gb; device_hours:TABLE and devices:TABLE count cards by a
# table of equals, which the rules have
QuotaUnit = str
QUOTA_UNITS = ("device_hours", "pf_hours", "devices", "pf", "gb")
SWAPPED_UNIT = re.compile(r"(device_hours|devices):[a-z0-9][a-z0-9-]*", re.ASCII)

# Why a person recalled an award: used too little, used commercially, or for another purpose.
RecallReason = Literal["low_use", "commercial", "other_use"]
RECALL = ("recalled_on", "recalled_for", "recalled_by", "recall_note")  # all of them, or none

NO_SHARD = -1  # a device that was never loaded


@dataclass(frozen=True, slots=True)
class CompanyFacts:
    """What a company is from a day on (None: from its beginning); programmes ask for it."""

    start: date | None
    org_type: OrgType
    size: Size
    place: str


@dataclass(frozen=True, slots=True)
class PrintedAs:
    """What documents call a company from a day on (None: from its beginning)."""

    start: date | None
    business_number: str
    name: str
    representative: str
    address: str
    business_type: str
    business_item: str


@dataclass(frozen=True, slots=True)
class Company:
    """A company with the facts that eligibility asks for; type, size and place have days, and what
    documents call it. The plain fields say what it is called last; `printed` all of it by day,
    empty where it was never called anything else."""

    company_id: str
    business_number: str  # 000-00-00000
    name: str
    representative: str
    address: str
    business_type: str
    business_item: str
    facts: tuple[CompanyFacts, ...]  # by day
    founded_on: date | None = None
    representative_birth_year: int | None = None
    youth: bool | None = None  # a mark that stands above founding day and birth year
    relocated_on: date | None = None
    printed: tuple[PrintedAs, ...] = ()

    def on(self, day: date) -> CompanyFacts:
        """The facts that hold on a day; JeongsanError before the first of them."""
        begun = [facts for facts in self.facts if facts.start is None or facts.start <= day]
        if not begun:
            raise JeongsanError(
                f"company {self.company_id}: the registry does not say what it was on {day};"
                " add a row to companies with an earlier `from`"
            )
        return begun[-1]

    def printed_on(self, day: date) -> PrintedAs:
        """What documents of a day call it; before the first day that is told, as on that."""
        begun = [called for called in self.printed if called.start is None or called.start <= day]
        if begun or self.printed:
            return (begun or self.printed[:1])[-1]
        return PrintedAs(
            None, self.business_number, self.name, self.representative, self.address,
            self.business_type, self.business_item,
        )  # fmt: skip

    @property
    def business_numbers(self) -> frozenset[str]:
        """Every number that it has had."""
        return frozenset(
            {self.business_number, *(called.business_number for called in self.printed)}
        )


@dataclass(frozen=True, slots=True)
class Project:
    """A project of a company. ended_on is its last day, None while it runs."""

    project_id: str
    company_id: str
    name: str
    started_on: date
    ended_on: date | None

    def runs(self, day: date) -> bool:
        """Whether a day is one of its own; the last one is."""
        return self.started_on <= day and (self.ended_on is None or day <= self.ended_on)


@dataclass(frozen=True, slots=True)
class Tenancy:
    """That an account of a source belonged to a project, from `start` to the day before `until`."""

    source: str
    account: str
    project_id: str
    start: date
    until: date | None

    def holds(self, day: date) -> bool:
        """Whether the account was the project's on a day."""
        return self.start <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Device:
    """One stay of a device in a cluster; a board and its slices are different devices."""

    cluster: str
    device_uid: str
    model: str
    resource: Resource
    node: str
    parent: str  # uid of the board, '' for a board
    slice: str  # e.g. 1g.10gb, '' for a whole board
    installed_ms: int
    removed_ms: int | None
    power_limit_w: int | None
    shard: int = NO_SHARD  # where the lake keeps it: given by `load`, no fact of the registry


@dataclass(frozen=True, slots=True)
class Award:
    """What a company holds of a programme, from `start` to the day before `until`. A recall says
    why it ends there: the day and the person that decided it, and what was found."""

    award_id: str
    programme: str
    company_id: str
    project_id: str  # '' for every project of the company
    agreed_on: date
    announced_on: date | None
    start: date
    until: date | None
    agreement_number: str
    quota: Decimal | None  # exactly as written, in quota_unit
    quota_unit: QuotaUnit | None
    cap_krw: int | None
    referrer: str
    budget_year: int | None
    recalled_on: date | None = None
    recalled_for: RecallReason | None = None
    recalled_by: str = ""
    recall_note: str = ""

    def holds(self, day: date) -> bool:
        """Whether the award's window holds a day."""
        return self.start <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class SetAside:
    """An account whose use nobody is billed for, with the reason and who said so."""

    source: str
    account: str
    reason: str
    by: str


# What a project brought about: models trained, models sold or in service, papers, patents, sales,
# people taken on, money invested. Sales and money are in won, the others are counted.
OutcomeKind = Literal["model", "commercial", "paper", "patent", "sales", "hire", "investment"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement (MOU) of the centre with a company: its number, its day, and the partner body
    that brought them together ('' for none)."""

    company_id: str
    number: str
    signed_on: date
    partner: str


@dataclass(frozen=True, slots=True)
class ProjectOutcome:
    """What a project brought about by a day, how much of it, and what shows it."""

    project_id: str
    kind: OutcomeKind
    reached_on: date
    amount: int  # how many, or won
    evidence: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What the centre plans for a month: when in it, what, and a remark ('' for none)."""

    month: str  # 2025-11
    when: str
    what: str
    note: str
