"""Owns what was metered of a span of days line by line, whoever owns it, as the lake holds it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from metering.errors import ConflictError
from metering.lake.contract import contract
from metering.settings.sections import Section
from metering.site.open_site import OpenSite, Progress, silent
from metering.usage.duckdb_engine import Engine
from metering.usage.outdated_days import outdated, readings_only, section_inputs
from metering.usage.registry_inputs import MeterInputs

TABLE = "metered_line"
KEY = ("day", "company_id", "project_id", "source", "sku", "unit")  # of a row of usage_day
SectionDay = tuple[str, date]


@dataclass(frozen=True, slots=True)
class MeteredLines:
    """The lines of a span of days. `rows` has `cluster`, the section that a line came by, and the
    columns of sql/metered_line: quantities are whole, in `unit`. `complete_to_ms`: up to when each
    section is known, 0 where a source of it never was collected. `counted` are the section's days
    that were metered; `outdated` those that want metering, again or for the first time, so that
    their lines are not yet what is known."""

    rows: pa.Table
    complete_to_ms: Mapping[str, int]
    counted: tuple[SectionDay, ...]
    outdated: tuple[SectionDay, ...]


def metered_lines(
    opened: OpenSite,
    days: Sequence[date],
    sections: Collection[str] = (),
    progress: Progress = silent,
) -> MeteredLines:
    """What was metered of days that follow one another, in every section or in those named.

    JeongsanError where the site has no such section; ConflictError where a day's lines do not come
    to its usage_day, row by row.
    """
    inputs = list(_inputs(opened, sections))
    stale = _outdated(opened, days, {each.section.name for each in inputs})
    counted = [(own, day) for own in inputs for day in _counted(opened, own.section, days)]
    engine = Engine()
    tables = [_schema().empty_table()]
    try:
        for done, (own, day) in enumerate(counted):
            progress("계측한 날", done, len(counted))
            lines = _lines(opened, engine, own, day)
            if (own.section.name, day) not in stale:
                _hold_to_usage_day(opened, own.section, day, lines)
            tables.append(lines)
    finally:
        engine.close()
    if counted:
        progress("계측한 날", len(counted), len(counted))
    return MeteredLines(
        rows=pa.concat_tables(tables),
        complete_to_ms={own.section.name: own.complete_to_ms for own in inputs},
        counted=tuple((own.section.name, day) for own, day in counted),
        outdated=stale,
    )


def _inputs(opened: OpenSite, sections: Collection[str]) -> Iterator[MeterInputs]:
    """What the registry and the watermarks say of each section that is asked for."""
    site, registry = opened.site, opened.registry
    names = {site.section(name).name for name in sections}
    for section in site.sections:
        if not names or section.name in names:
            yield section_inputs(opened, registry, section)


def _outdated(
    opened: OpenSite, days: Sequence[date], names: Collection[str]
) -> tuple[SectionDay, ...]:
    return tuple(place for place in outdated(opened, days[0], days[-1]) if place[0] in names)


def _counted(opened: OpenSite, section: Section, days: Sequence[date]) -> list[date]:
    """The section's days that were metered."""
    parts = opened.lake.partitions(
        "usage_day", date_from=days[0], date_to=days[-1], cluster=section.name
    )
    return [date.fromisoformat(part["date"]) for part in parts]


def _schema() -> pa.Schema:
    return contract(TABLE).schema.insert(0, pa.field("cluster", pa.string()))


def _lines(opened: OpenSite, engine: Engine, inputs: MeterInputs, day: date) -> pa.Table:
    """The lines of a section's day."""
    name = inputs.section.name
    given = {
        table: opened.lake.read(table, date_from=day, date_to=day, cluster=name)
        for table in ("usage_hour", "reading")
        if table == "reading" or not readings_only(inputs.section)
    }
    given.setdefault("usage_hour", contract("usage_hour").schema.empty_table())
    owners = {
        table: inputs.given(table, day).rows for table in ("tenancy", "set_aside", "source_state")
    }
    lines = engine.run(TABLE, inputs.period(day), {**given, **owners})
    return lines.add_column(0, _schema().field("cluster"), pa.repeat(name, lines.num_rows))


def _hold_to_usage_day(opened: OpenSite, section: Section, day: date, lines: pa.Table) -> None:
    """Our own promise that the two queries add up the same; a run of `meter` may come between."""
    priced = opened.lake.read("usage_day", date_from=day, date_to=day, cluster=section.name)
    owned = lines.filter(pc.equal(lines.column("owner"), "project"))
    if _sums(owned) != _sums(priced):
        raise ConflictError(
            f"{section.name} {day}: the lines of the day do not come to its usage_day; was it"
            " metered meanwhile? Run this again"
        )


def _sums(rows: pa.Table) -> dict[tuple[object, ...], int]:
    """The quantity of each row of usage_day."""
    summed = rows.group_by(list(KEY)).aggregate([("quantity", "sum")])
    return {
        tuple(row[name] for name in KEY): int(row["quantity_sum"]) for row in summed.to_pylist()
    }
