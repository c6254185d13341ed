"""Rows of the registry's sheets as records, every cell read strictly, each with its row."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Generic, TypeVar, cast, get_args

from metering.calendar import Calendar
from metering.errors import Mistake
from metering.registry.records import (
    QUOTA_UNITS,
    SWAPPED_UNIT,
    Agreement,
    Award,
    Company,
    CompanyFacts,
    Device,
    OrgType,
    OutcomeKind,
    Plan,
    PrintedAs,
    Project,
    ProjectOutcome,
    RecallReason,
    Resource,
    SetAside,
    Size,
    Tenancy,
)
from metering.registry.row_reader import RowReader
from metering.registry.sheets import SheetRow

KRW_MAX = 10**15
POWER_W_MAX = 100_000
BIRTH_FIRST, BIRTH_LAST = 1900, 2020
BUDGET_FIRST, BUDGET_LAST = 2000, 2100
# What a company has once, however many rows say what it is from when on.
LASTING = ("founded_on", "representative_birth_year", "youth", "relocated_on")
# What documents call it: a row may say something else from its day on; blank is as before.
PRINTED = (
    "business_number", "name", "representative", "address", "business_type", "business_item",
)  # fmt: skip
Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Placed(Generic[Record]):
    """A record and the row that it was read from (its first, where it has several).

    One with a mistake of its own is not `sound`: what it says is not held against others.
    """

    record: Record
    row: SheetRow
    sound: bool


@dataclass(frozen=True, slots=True)
class Records:
    """The records of all sheets, not yet held against each other."""

    companies: tuple[Placed[Company], ...]
    projects: tuple[Placed[Project], ...]
    tenancies: tuple[Placed[Tenancy], ...]
    devices: tuple[Placed[Device], ...]
    awards: tuple[Placed[Award], ...]
    set_asides: tuple[Placed[SetAside], ...]
    agreements: tuple[Placed[Agreement], ...]
    outcomes: tuple[Placed[ProjectOutcome], ...]
    plans: tuple[Placed[Plan], ...]


def read_records(
    sheets: dict[str, list[SheetRow]], calendar: Calendar, mistakes: list[Mistake]
) -> Records:
    """The records of every sheet; what cannot be read is added to the mistakes."""

    def each(sheet: str, read: Callable[[RowReader], Record]) -> tuple[Placed[Record], ...]:
        records = []
        for row in sheets.get(sheet, []):
            before = len(mistakes)
            record = read(RowReader(row, mistakes))
            records.append(Placed(record, row, sound=len(mistakes) == before))
        return tuple(records)

    return Records(
        companies=_companies(sheets.get("companies", []), mistakes),
        projects=each("projects", _project),
        tenancies=each("tenancy", _tenancy),
        devices=each("devices", lambda reader: _device(reader, calendar)),
        awards=each("awards", _award),
        set_asides=each("set_aside", _set_aside),
        agreements=each("agreements", _agreement),
        outcomes=each("outcomes", _outcome),
        plans=each("plans", _plan),
    )


def _companies(rows: list[SheetRow], mistakes: list[Mistake]) -> tuple[Placed[Company], ...]:
    """One company for all rows of an id; the rows differ in what has a `from`."""
    of_company: dict[str, list[SheetRow]] = defaultdict(list)
    for row in rows:
        of_company[row.cells["company_id"] or str(row.number)].append(row)
    companies = []
    for own in of_company.values():
        before, first = len(mistakes), own[0]
        readers = [RowReader(row, mistakes) for row in own]
        for reader in readers[1:]:
            _same_company(reader, first)
        facts = [_facts(reader) for reader in readers]
        _facts_in_order(readers, facts)
        called = _printed(readers, facts)
        facts.sort(key=lambda fact: fact.start or date.min)
        company = _company(readers[0], tuple(facts), called)
        companies.append(Placed(company, first, sound=len(mistakes) == before))
    return tuple(companies)


def _company(
    reader: RowReader, facts: tuple[CompanyFacts, ...], called: list[PrintedAs]
) -> Company:
    last = called[-1]
    return Company(
        company_id=reader.identity("company_id"),
        business_number=last.business_number,
        name=last.name,
        representative=last.representative,
        address=last.address,
        business_type=last.business_type,
        business_item=last.business_item,
        facts=facts,
        founded_on=reader.day_or_none("founded_on"),
        representative_birth_year=reader.whole(
            "representative_birth_year", BIRTH_FIRST, BIRTH_LAST
        ),
        youth=reader.mark("youth"),
        relocated_on=reader.day_or_none("relocated_on"),
        printed=tuple(called) if len(called) > 1 else (),
    )


def _printed(readers: list[RowReader], facts: list[CompanyFacts]) -> list[PrintedAs]:
    """What documents call a company, by day. A blank cell is as the row of the day before it says,
    one before all that say anything as the first that does."""
    order = sorted(range(len(readers)), key=lambda at: facts[at].start or date.min)
    columns: list[list[str]] = []
    for column in PRINTED:
        texts = [_called(readers[at], column) for at in order]
        if not any(texts):
            readers[0].text(column)
        before = next((text for text in texts if text), "")
        filled = []
        for text in texts:
            before = text or before
            filled.append(before)
        columns.append(filled)
    called: list[PrintedAs] = []
    for at, cells in zip(order, zip(*columns, strict=True), strict=True):
        since = PrintedAs(facts[at].start, *cells)
        if not called or replace(called[-1], start=since.start) != since:
            called.append(since)
    return called


def _called(reader: RowReader, column: str) -> str:
    if not reader.row.cells[column]:
        return ""
    if column == "business_number":
        return reader.business_number(column)
    return reader.printed(column)


def _facts(reader: RowReader) -> CompanyFacts:
    return CompanyFacts(
        start=reader.day_or_none("from"),
        org_type=cast(OrgType, reader.choice("org_type", get_args(OrgType))),
        size=cast(Size, reader.choice("size", get_args(Size))),
        place=reader.printed("place"),
    )


def _same_company(reader: RowReader, first: SheetRow) -> None:
    for column in LASTING:
        text = reader.row.cells[column]
        if text and text != first.cells[column]:
            before = f"row {first.number} says {first.cells[column]!r}"
            reader.wrong(column, f"{text!r}, but {before} of the same company")


def _facts_in_order(readers: list[RowReader], facts: list[CompanyFacts]) -> None:
    seen: dict[date | None, int] = {}
    for reader, fact in zip(readers, facts, strict=True):
        if fact.start in seen:
            since = fact.start or "the beginning"
            reader.wrong(
                "from", f"row {seen[fact.start]} says as well what the company is from {since} on"
            )
        seen.setdefault(fact.start, reader.row.number)


def _project(reader: RowReader) -> Project:
    return Project(
        project_id=reader.identity("project_id"),
        company_id=reader.identity("company_id"),
        name=reader.printed("name"),
        started_on=reader.day("started_on"),
        ended_on=reader.day_or_none("ended_on"),
    )


def _tenancy(reader: RowReader) -> Tenancy:
    return Tenancy(
        source=reader.text("source"),
        account=reader.text("account"),
        project_id=reader.identity("project_id"),
        start=reader.day("from"),
        until=reader.day_or_none("until"),
    )


def _device(reader: RowReader, calendar: Calendar) -> Device:
    reader.text("installed_at")
    return Device(
        cluster=reader.text("cluster"),
        device_uid=reader.text("device_uid"),
        model=reader.model("model"),
        resource=cast(Resource, reader.choice("resource", get_args(Resource))),
        node=reader.text("node", needed=False),
        parent=reader.text("parent", needed=False),
        slice=reader.text("slice", needed=False),
        installed_ms=reader.instant_or_none("installed_at", calendar) or 0,
        removed_ms=reader.instant_or_none("removed_at", calendar),
        power_limit_w=reader.whole("power_limit_w", 1, POWER_W_MAX),
    )


def _award(reader: RowReader) -> Award:
    unit = reader.choice("quota_unit", QUOTA_UNITS, needed=False, also=SWAPPED_UNIT)
    reason = reader.choice("recalled_for", get_args(RecallReason), needed=False)
    return Award(
        award_id=reader.identity("award_id"),
        programme=reader.identity("programme"),
        company_id=reader.identity("company_id"),
        project_id=reader.identity("project_id", needed=False),
        agreed_on=reader.day("agreed_on"),
        announced_on=reader.day_or_none("announced_on"),
        start=reader.day("from"),
        until=reader.day_or_none("until"),
        agreement_number=reader.printed("agreement_number", needed=False),
        quota=reader.exact("quota"),
        quota_unit=unit or None,
        cap_krw=reader.whole("cap_krw", 0, KRW_MAX),
        referrer=reader.printed("referrer", needed=False),
        budget_year=reader.whole("budget_year", BUDGET_FIRST, BUDGET_LAST),
        recalled_on=reader.day_or_none("recalled_on"),
        recalled_for=cast(RecallReason, reason) if reason else None,
        recalled_by=reader.printed("recalled_by", needed=False),
        recall_note=reader.printed("recall_note", needed=False),
    )


def _set_aside(reader: RowReader) -> SetAside:
    return SetAside(
        source=reader.text("source"),
        account=reader.text("account"),
        reason=reader.printed("reason"),
        by=reader.printed("by"),
    )


def _agreement(reader: RowReader) -> Agreement:
    return Agreement(
        company_id=reader.identity("company_id"),
        number=reader.printed("number"),
        signed_on=reader.day("signed_on"),
        partner=reader.printed("partner", needed=False),
    )


def _outcome(reader: RowReader) -> ProjectOutcome:
    reader.text("amount")
    return ProjectOutcome(
        project_id=reader.identity("project_id"),
        kind=cast(OutcomeKind, reader.choice("kind", get_args(OutcomeKind))),
        reached_on=reader.day("reached_on"),
        amount=reader.whole("amount", 1, KRW_MAX) or 0,
        evidence=reader.printed("evidence"),
    )


def _plan(reader: RowReader) -> Plan:
    return Plan(
        month=reader.month("month"),
        when=reader.printed("when"),
        what=reader.printed("what"),
        note=reader.printed("note", needed=False),
    )
