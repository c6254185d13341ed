"""Owns what stands behind a line of charge: usage rows, hours, allocations, readings, files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from billing.draft.draft import exclude
from billing.draft.month_inputs import Inputs, UsagePart
from billing.explain.explanation import Line
from billing.records import Usage
from billing.simulate.months_as_they_stand import ChainMonth
from metering.lake.lake import Selection
from metering.registry.registry import Registry
from metering.site.open_site import Progress, silent
from metering.usage.evidence import DayEvidence, DayReading, HeldAllocation, day_evidence


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is behind a line. `rows` are the usage rows that were priced; `counted` is what their
    hours and readings come to as they are in force; `changed` are the section-days where that is
    not what was priced (they were metered again since). `files` are Parquet files by table: of
    `usage_day` and, for an issued month, of `charge` and `subsidy`, the ones that are pinned."""

    rows: tuple[Usage, ...]
    counted: int
    held: tuple[HeldAllocation, ...]
    readings: tuple[DayReading, ...]
    accounts: tuple[tuple[str, str], ...]
    changed: tuple[tuple[str, date], ...]
    files: dict[str, tuple[str, ...]]

    @property
    def quantity(self) -> int:
        """What was priced, in the unit of usage."""
        return sum(row.quantity for row in self.rows)


def evidence_of(
    month: ChainMonth, lines: Sequence[Line], progress: Progress = silent
) -> tuple[Evidence, ...]:
    """The evidence of each line, in their order."""
    inputs = month.whole_inputs()
    kept = list(zip(inputs.usage, exclude(inputs)[0], strict=True))
    evidence = []
    for done, line in enumerate(lines):
        progress("증빙", done, len(lines))
        evidence.append(_of_line(month, inputs, kept, line))
    progress("증빙", len(lines), len(lines))
    return tuple(evidence)


def _of_line(
    month: ChainMonth,
    inputs: Inputs,
    kept: Sequence[tuple[UsagePart, Sequence[Usage]]],
    line: Line,
) -> Evidence:
    days = {day.day for day in line.days}
    rows: list[Usage] = []
    held: list[HeldAllocation] = []
    readings: list[DayReading] = []
    changed: list[tuple[str, date]] = []
    accounts: set[tuple[str, str]] = set()
    paths: dict[str, dict[str, None]] = {}
    for part, of_part in kept:
        mine = [row for row in of_part if (row.project_id, row.sku) == (line.project_id, line.sku)]
        if part.day not in days or not mine:
            continue
        rows += mine
        _add(paths, "usage_day", _pinned(month, "usage_day", part.partition, part.manifest))
        for row in mine:
            named = _accounts(inputs.registry, row)
            accounts |= {(row.source, account) for account in named}
            evidence = day_evidence(month.lake, part.cluster, part.day, row.source, named, row.sku)
            held += evidence.held
            readings += evidence.readings
            for table, files in evidence.paths.items():
                _add(paths, table, files)
            if evidence.counted != row.quantity or not _same(month, part, evidence):
                changed.append((part.cluster, part.day))
    for table in ("charge", "subsidy"):
        _add(paths, table, _money(month, table))
    return Evidence(
        rows=tuple(rows),
        counted=sum(span.held_us for span in held) + sum(reading.counted for reading in readings),
        held=tuple(held),
        readings=tuple(readings),
        accounts=tuple(sorted(accounts)),
        changed=tuple(dict.fromkeys(changed)),
        files={table: tuple(files) for table, files in sorted(paths.items())},
    )


def _accounts(registry: Registry, row: Usage) -> list[str]:
    """The accounts that were the project's on the day."""
    aside = {
        set_aside.account for set_aside in registry.set_asides if set_aside.source == row.source
    }
    return [
        tenancy.account
        for tenancy in registry.tenancies
        if tenancy.source == row.source
        and tenancy.project_id == row.project_id
        and tenancy.holds(row.day)
        if tenancy.account not in aside
    ]


def _same(month: ChainMonth, part: UsagePart, evidence: DayEvidence) -> bool:
    """Whether what is in force was counted from the rows that the priced usage was."""
    made_from = month.lake.manifest_named("usage_day", part.partition, part.manifest).inputs
    return all(made_from.get(name, digest) == digest for name, digest in evidence.made_of.items())


def _pinned(month: ChainMonth, table: str, partition: str, digest: str) -> list[str]:
    """The files of a partition's manifest."""
    manifest = month.lake.manifest_named(table, partition, digest)
    return Selection(month.lake, table, (manifest,)).paths()


def _money(month: ChainMonth, table: str) -> list[str]:
    """The month's own rows: as its bundle pins them, or those of its draft in force."""
    if month.bundle is not None:
        return _pinned(month, table, f"month={month.month}", month.bundle.index[table])
    return month.lake.select(table, month=month.month).paths()


def _add(paths: dict[str, dict[str, None]], table: str, files: Iterable[str]) -> None:
    paths.setdefault(table, {}).update(dict.fromkeys(files))
