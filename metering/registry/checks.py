"""What rows of the registry owe to each other: ids once, references kept, no day told two ways."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, TypeVar

from metering.business_number import business_number_digits, written_business_number
from metering.errors import Mistake
from metering.registry import mig
from metering.registry.records import (
    RECALL,
    Award,
    Company,
    Device,
    Project,
    ProjectOutcome,
    SetAside,
    Tenancy,
)
from metering.registry.rows import Placed, Records

FOREVER = date.max
Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class SiteNames:
    """What site.toml calls its clusters and sources of usage (None where data name their source),
    the rules their programmes (None where they are not known), and the number of who issues."""

    clusters: frozenset[str]
    sources: frozenset[str] | None
    programmes: frozenset[str] | None = None
    issuer: str = ""  # its business number, in digits alone


def check_records(records: Records, names: SiteNames | None) -> list[Mistake]:
    """Every mistake that shows only when rows are held against each other, and against the site."""
    sound = Records(
        companies=_sound(records.companies),
        projects=_sound(records.projects),
        tenancies=_sound(records.tenancies),
        devices=_sound(records.devices),
        awards=_sound(records.awards),
        set_asides=_sound(records.set_asides),
        agreements=_sound(records.agreements),
        outcomes=_sound(records.outcomes),
        plans=_sound(records.plans),
    )
    return [
        *_numbers(records.companies),
        *_once(records.projects, "project_id", lambda row: row.project_id),
        *_once(records.awards, "award_id", lambda row: row.award_id),
        *_once(records.set_asides, "account", lambda row: (row.source, row.account)),
        *_once(records.agreements, "number", lambda row: row.number),
        *_once(records.outcomes, "evidence", _outcome_key),
        *_once(records.plans, "what", lambda row: (row.month, row.when, row.what)),
        *_references(records),
        *(_names(records, names) if names else ()),
        *(_issuer(records, names.issuer) if names else ()),
        *(_programmes(records, names.programmes) if names and names.programmes is not None else ()),
        *_windows(sound),
        *_recalls(sound),
        *_tenancies(sound),
        *_devices(sound.devices),
        *_beginnings(sound),
    ]


def _outcome_key(row: ProjectOutcome) -> tuple[object, ...]:
    return row.project_id, row.kind, row.reached_on, row.evidence


def _sound(rows: tuple[Placed[Record], ...]) -> tuple[Placed[Record], ...]:
    return tuple(placed for placed in rows if placed.sound)


def _wrong(placed: Placed[Any], column: str, message: str) -> Mistake:
    return Mistake(placed.row.place(column), message)


def _once(
    rows: Sequence[Placed[Record]], column: str, key: Callable[[Record], object]
) -> Iterable[Mistake]:
    """Every row whose key another row has had before."""
    seen: dict[object, Placed[Record]] = {}
    for placed in rows:
        first = seen.setdefault(key(placed.record), placed)
        if first is not placed and placed.row.cells[column]:
            text = placed.row.cells[column]
            yield _wrong(placed, column, f"{text!r} is in row {first.row.number} already")


def _numbers(companies: Sequence[Placed[Company]]) -> Iterable[Mistake]:
    """No two companies ever have the same business number."""
    seen: dict[str, Placed[Company]] = {}
    for placed in companies:
        for number in sorted(placed.record.business_numbers - {""}):
            first = seen.setdefault(number, placed)
            if first is not placed:
                said = placed.row.cells["business_number"] or number
                text = said if written_business_number(said) == number else number
                message = f"{text!r} is in row {first.row.number} already"
                yield _wrong(placed, "business_number", message)


def _references(records: Records) -> Iterable[Mistake]:
    companies = {placed.record.company_id for placed in records.companies}
    projects = {placed.record.project_id: placed.record for placed in records.projects}
    for project in records.projects:
        yield from _known(project, "company_id", project.record.company_id, companies)
    for tenancy in records.tenancies:
        yield from _known(tenancy, "project_id", tenancy.record.project_id, projects)
    for agreement in records.agreements:
        yield from _known(agreement, "company_id", agreement.record.company_id, companies)
    for outcome in records.outcomes:
        yield from _known(outcome, "project_id", outcome.record.project_id, projects)
    for award in records.awards:
        yield from _known(award, "company_id", award.record.company_id, companies)
        if not award.record.project_id:
            continue
        yield from _known(award, "project_id", award.record.project_id, projects)
        own = projects.get(award.record.project_id)
        if own is None or not {own.company_id, award.record.company_id} <= companies:
            continue
        if own.company_id != award.record.company_id:
            yield _wrong(
                award, "project_id", f"{own.project_id} is a project of {own.company_id}, not of"
                f" {award.record.company_id}",
            )  # fmt: skip


def _names(records: Records, names: SiteNames) -> Iterable[Mistake]:
    """Clusters and sources have to be those of site.toml."""
    for device in records.devices:
        cluster = device.record.cluster
        if cluster and cluster not in names.clusters:
            yield _wrong(device, "cluster", f"site.toml has no cluster {cluster!r}")
    if names.sources is None:
        return
    placed: list[Placed[Tenancy] | Placed[SetAside]] = [*records.tenancies, *records.set_asides]
    for named in placed:
        source = named.record.source
        if source and source not in names.sources:
            yield _wrong(named, "source", f"site.toml has no cluster, store or source {source!r}")


def _programmes(records: Records, known: frozenset[str]) -> Iterable[Mistake]:
    """An award is of a programme that the rules have."""
    for award in records.awards:
        programme = award.record.programme
        if programme and programme not in known:
            names = ", ".join(sorted(known)) or "none"
            message = f"the rules have no programme {programme!r}; they have {names}"
            yield _wrong(award, "programme", message)


def _issuer(records: Records, issuer: str) -> Iterable[Mistake]:
    """Nobody issues an invoice to itself."""
    for company in records.companies:
        for number in sorted(company.record.business_numbers):
            if not issuer or business_number_digits(number) != issuer:
                continue
            message = f"{number} is the issuer's own (site.toml): nobody sends itself an invoice"
            yield _wrong(company, "business_number", f"{message}; write its accounts to set_aside")


def _known(placed: Placed[Any], column: str, name: str, known: Iterable[str]) -> Iterable[Mistake]:
    if name and name not in known:
        yield _wrong(placed, column, f"there is no {column.removesuffix('_id')} {name!r}")


def _windows(records: Records) -> Iterable[Mistake]:
    """What ends has begun before; an award is announced, then agreed; a quota has its unit."""
    for project in records.projects:
        ended = project.record.ended_on
        if ended is not None and ended < project.record.started_on:
            yield _wrong(project, "ended_on", f"{ended} is before {project.record.started_on}")
    windows: list[Placed[Tenancy] | Placed[Award]] = [*records.tenancies, *records.awards]
    for placed in windows:
        until = placed.record.until
        if until is not None and until <= placed.record.start:
            message = f"{until} is not after {placed.record.start}; it is the first day without"
            yield _wrong(placed, "until", message)
    for award in records.awards:
        announced = award.record.announced_on
        if announced is not None and announced > award.record.agreed_on:
            message = f"{announced} is after the agreement of {award.record.agreed_on}"
            yield _wrong(award, "announced_on", message)
        cells = award.row.cells
        if bool(cells["quota"]) != bool(cells["quota_unit"]):
            yield _wrong(award, "quota_unit", "a quota and its unit stand together or not at all")


def _recalls(records: Records) -> Iterable[Mistake]:
    """A recall ends its award, and says all that somebody may ask about it."""
    for award in records.awards:
        cells = award.row.cells
        if not any(cells[name] for name in RECALL):
            continue
        for name in RECALL:
            if not cells[name]:
                yield _wrong(award, name, f"a recall says {', '.join(RECALL)}, all of them")
        if not cells["until"]:
            yield _wrong(award, "until", "a recalled award ends; write the first day without it")
        decided = award.record.recalled_on
        if decided is not None and decided < award.record.start:
            yield _wrong(award, "recalled_on", f"{decided} is before {award.record.start}")


def _tenancies(records: Records) -> Iterable[Mistake]:
    """No account has two owners on one day, or an owner and a reason not to be billed."""
    owned: dict[tuple[str, str], list[Placed[Tenancy]]] = defaultdict(list)
    for placed in records.tenancies:
        owned[placed.record.source, placed.record.account].append(placed)
    for (source, account), rows in owned.items():
        rows.sort(key=lambda placed: placed.record.start)
        last = rows[0]
        for placed in rows[1:]:
            if placed.record.start < (last.record.until or FOREVER):
                yield _wrong(
                    placed, "from", f"account {account!r} of {source} has an owner already on"
                    f" {placed.record.start}, by row {last.row.number}",
                )  # fmt: skip
            if (placed.record.until or FOREVER) > (last.record.until or FOREVER):
                last = placed
    for placed_aside in records.set_asides:
        key = (placed_aside.record.source, placed_aside.record.account)
        if key in owned and all(key):
            row = owned[key][0].row
            message = f"{key[1]!r} of {key[0]} is owned by row {row.number} of tenancy"
            yield _wrong(placed_aside, "account", message)


def _devices(rows: Sequence[Placed[Device]]) -> Iterable[Mistake]:
    """One stay of a device at a time, and only boards are parents."""
    stays: dict[tuple[str, str], list[Placed[Device]]] = defaultdict(list)
    for placed in rows:
        stays[placed.record.cluster, placed.record.device_uid].append(placed)
    for placed in rows:
        yield from _device(placed, stays)
    for (cluster, uid), own in stays.items():
        own.sort(key=lambda placed: placed.record.installed_ms)
        for before, after in pairwise(own):
            end_ms = before.record.removed_ms
            if end_ms is None or after.record.installed_ms < end_ms:
                message = (
                    f"{uid!r} is in {cluster} at that time already, by row {before.row.number}"
                )
                yield _wrong(after, "installed_at", message)
    yield from _divided(rows, stays)


def _divided(
    rows: Sequence[Placed[Device]], stays: dict[tuple[str, str], list[Placed[Device]]]
) -> Iterable[Mistake]:
    """At no time has a board more instances than compute and memory slices (METERING 18)."""
    parts: dict[tuple[str, str], list[Placed[Device]]] = defaultdict(list)
    for placed in rows:
        if placed.record.slice:
            parts[placed.record.cluster, placed.record.parent].append(placed)
    for key, own in parts.items():
        if key not in stays:
            continue
        own.sort(key=lambda placed: placed.record.installed_ms)
        model = stays[key][0].record.model
        whole = mig.board(model)
        reported: set[str] = set()
        for place, last in enumerate(own, 1):  # they become more only where one comes
            there = [other.record.slice for other in own[:place] if _there(other, last)]
            taken = mig.taken(model, there)
            counts = (
                ("compute", taken.compute, whole.compute),
                ("memory", taken.memory, whole.memory),
            )
            for kind, many, most in counts:
                if many > most and kind not in reported:
                    reported.add(kind)
                    message = (
                        f"{key[1]!r} has {most} {kind} slices, its instances would take {many}"
                    )
                    yield _wrong(last, "slice", message)


def _there(device: Placed[Device], last: Placed[Device]) -> bool:
    """Whether a device is there at the moment at which another comes."""
    ended_ms = device.record.removed_ms
    at_ms = last.record.installed_ms
    return device.record.installed_ms <= at_ms and (ended_ms is None or at_ms < ended_ms)


def _device(
    placed: Placed[Device], stays: dict[tuple[str, str], list[Placed[Device]]]
) -> Iterable[Mistake]:
    device = placed.record
    if device.removed_ms is not None and device.removed_ms <= device.installed_ms:
        yield _wrong(placed, "removed_at", "is not after installed_at")
    if device.slice and not device.parent:
        yield _wrong(placed, "parent", "a slice needs the board that it is a part of")
    if not device.parent:
        return
    boards = stays.get((device.cluster, device.parent))
    if boards is None:
        message = f"there is no device {device.parent!r} in {device.cluster}"
        yield _wrong(placed, "parent", message)
    elif any(board.record.parent for board in boards):
        yield _wrong(placed, "parent", f"{device.parent!r} is a slice itself")
    elif not device.slice:
        yield _wrong(placed, "slice", "a part of a board needs its profile, like 1g.10gb")


def _beginnings(records: Records) -> Iterable[Mistake]:
    """A company's first facts reach back to the first day on which something asks for them."""
    asked: dict[str, tuple[date, Placed[Any]]] = {}
    company_of: dict[str, Project] = {
        project.record.project_id: project.record for project in records.projects
    }

    def ask(company_id: str, day: date, placed: Placed[Any]) -> None:
        if company_id not in asked or day < asked[company_id][0]:
            asked[company_id] = (day, placed)

    for award in records.awards:
        days = [award.record.agreed_on, award.record.start, award.record.announced_on]
        ask(award.record.company_id, min(day for day in days if day), award)
    for tenancy in records.tenancies:
        if tenancy.record.project_id in company_of:
            owner = company_of[tenancy.record.project_id].company_id
            ask(owner, tenancy.record.start, tenancy)
    for placed in records.companies:
        company: Company = placed.record
        first = company.facts[0].start
        if first is None or company.company_id not in asked:
            continue
        day, by = asked[company.company_id]
        if day < first:
            message = f"{first} is too late: {by.row.sheet} row {by.row.number} needs {day}"
            yield _wrong(placed, "from", f"{message}; leave the first `from` empty")
