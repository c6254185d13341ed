"""The rows behind a line of an invoice, cut out of the lake: the company's own and no others."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from billing.explain.evidence import Evidence
from billing.explain.explanation import Line
from billing.simulate.months_as_they_stand import ChainMonth
from metering.calendar import Calendar
from metering.errors import CloseError
from metering.lake import parquet
from metering.lake.contract import contract
from metering.lake.manifest import Manifest, data_path, path_of
from metering.usage.evidence import RUN
from metering.usage.outdated_days import LABELS
from reports.layout.csv_file import csv_bytes, formula_free

INSTANTS: Final = {  # what a person reads beside the exact milliseconds
    "hour_ms": "hour_at",
    "submitted_ms": "submitted_at",
    "started_ms": "started_at",
    "ended_ms": "ended_at",
}
TABLES: Final = (
    "charge", "subsidy", "usage_day", "usage_hour", "allocation", LABELS, "device_hour", "reading"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OwnRows:
    """A company's rows of one partition, and the files of the lake that they were cut from."""

    table: str
    partition: Mapping[str, str]
    rows: pa.Table
    taken_from: tuple[str, ...]

    @property
    def path(self) -> str:
        """Where they lie in the archive."""
        return f"parquet/{self.table}/{path_of(self.partition)}/rows.parquet"

    def parquet(self) -> bytes:
        """As the lake would have written them."""
        kept = contract(self.table)
        content: bytes = parquet.write(self.rows.select(kept.schema.names), kept).to_pybytes()
        return content


def own_rows(month: ChainMonth, company_id: str, line: Line, evidence: Evidence) -> list[OwnRows]:
    """All that an issued line follows from, in the order from won to rows. Rows are told by the
    accounts of that very day: an account may have been another company's before or after."""
    rows = [*_priced(month, company_id, line, evidence), *_counted(month, line, evidence)]
    return sorted(rows, key=lambda part: (TABLES.index(part.table), path_of(part.partition)))


def _priced(
    month: ChainMonth, company_id: str, line: Line, evidence: Evidence
) -> Iterator[OwnRows]:
    """Charges, subsidies and the usage of days, as the month's bundle pins them."""
    if month.bundle is None:
        raise CloseError(f"{month.month} is {month.state}; a dispute is about what was issued")
    index, lake = month.bundle.index, month.lake
    of_month = f"month={month.month}"
    whose = (company_id, line.project_id, line.sku)
    days = {(charged.day, *whose) for charged in line.days}
    columns = ("day", "company_id", "project_id", "sku")
    for table in ("charge", "subsidy"):
        manifest = lake.manifest_named(table, of_month, index[table])
        yield from _cut(lake.rows(manifest), manifest, columns, days)
    used = {(row.day, *whose, row.source) for row in evidence.rows}
    dates = {str(row.day) for row in evidence.rows}
    for partition, digest in sorted(index["usage"].items()):
        if partition.rpartition("date=")[2] in dates:
            manifest = lake.manifest_named("usage_day", partition, digest)
            yield from _cut(lake.rows(manifest), manifest, (*columns, "source"), used)


def _counted(month: ChainMonth, line: Line, evidence: Evidence) -> Iterator[OwnRows]:
    """Hours, allocations, what was seen of devices, readings, as they are in force."""
    sources = {source for source, _ in evidence.accounts}
    places = sorted(
        {(allocation.cluster, allocation.day) for allocation in evidence.held}
        | {(reading.cluster, reading.day) for reading in evidence.readings}
    )
    for cluster, day in places:
        here = [
            allocation
            for allocation in evidence.held
            if (allocation.cluster, allocation.day) == (cluster, day)
        ]
        runs = {
            (allocation.allocation_id, allocation.submitted_ms, allocation.started_ms)
            for allocation in here
        }
        held = {
            (
                allocation.account,
                allocation.allocation_id,
                allocation.submitted_ms,
                allocation.started_ms,
            )
            for allocation in here
        }
        hours = {(*run, line.sku, source) for run in held for source in sources}
        read = {
            (reading.account, reading.resource_id, reading.started_ms, line.sku, source)
            for reading in evidence.readings
            if (reading.cluster, reading.day) == (cluster, day)
            for source in sources
        }
        wanted: dict[str, tuple[Sequence[str], Collection[tuple[object, ...]]]] = {
            "usage_hour": (("account", *RUN, "sku", "source"), hours),
            "allocation": (("account", *RUN), held),
            LABELS: (("account", *RUN), held),
            "device_hour": (RUN, runs),
            "reading": (("account", "resource_id", "started_ms", "sku", "source"), read),
        }
        for table, (columns, keys) in wanted.items():
            if keys:
                chosen = month.lake.select(table, cluster=cluster, date_from=day, date_to=day)
                for manifest in chosen.manifests:
                    yield from _cut(month.lake.rows(manifest), manifest, columns, keys)


def _cut(
    rows: pa.Table,
    manifest: Manifest,
    columns: Sequence[str],
    keys: Collection[tuple[object, ...]],
) -> Iterator[OwnRows]:
    """The rows with one of the keys, if there are any."""
    for at, name in enumerate(columns):  # column by column: a partition may have many rows
        values = pa.array({key[at] for key in keys}, rows.schema.field(name).type)
        rows = rows.filter(pc.is_in(rows.column(name), values))
    if rows.num_rows:
        given = zip(*(rows.column(name).to_pylist() for name in columns), strict=True)
        rows = rows.filter(pa.array([key in keys for key in given]))
    if rows.num_rows:
        files = (data_path(manifest.table, manifest.partition, file) for file in manifest.files)
        yield OwnRows(manifest.table, manifest.partition, rows, tuple(files))


def columns_of(table: str) -> list[str]:
    """The columns of a table's CSV: where it lies, its own, and instants for a person."""
    kept = contract(table)
    own = list(kept.schema.names)
    place = [key for key in kept.partition if key not in own]
    return [*place, *own, *(at for name, at in INSTANTS.items() if name in own)]


def rows_csv(table: str, parts: Sequence[OwnRows], calendar: Calendar) -> bytes:
    """The rows of a table for a spreadsheet, every number exact."""
    named = columns_of(table)
    back = {at: name for name, at in INSTANTS.items()}
    lines: list[list[object]] = []
    for part in parts:
        for row in part.rows.to_pylist():
            row = {**part.partition, **row}
            lines.append(
                [
                    calendar.iso(row[back[name]]) if name in back else _text(row[name])
                    for name in named
                ]
            )
    return csv_bytes(named, lines)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return formula_free(value) if isinstance(value, str) else "" if value is None else str(value)
