"""An exporter's Prometheus text: files of it, or the addresses that give it."""

from dataclasses import dataclass, replace

from metering.calendar import Calendar
from metering.paths import FAMILIES
from metering.settings.source_options.declared_source import DeclaredSource, Record
from metering.settings.source_options.location import Endpoint, check_files, read_endpoints
from metering.toml_reader import TomlTable

RECORDS: tuple[Record, ...] = ("sample",)


@dataclass(frozen=True, slots=True)
class Targets:
    """The exporters that a source asks, in the order of site.toml."""

    endpoints: tuple[Endpoint, ...]


def read_options(
    source: DeclaredSource, table: TomlTable, calendar: Calendar
) -> tuple[DeclaredSource, Targets | None]:
    """The source with its family, and its exporters where it has no files."""
    endpoints = read_endpoints(table)
    if source.paths and endpoints:
        key = "url" if table.has("url") else "targets"
        table.wrong(key, "stands beside `paths`; a source has one of them")
    elif not (table.has("url") or endpoints):
        check_files(table, source.paths)
    options = Targets(endpoints) if endpoints else None
    return replace(source, family=read_family(table)), options


def read_family(table: TomlTable) -> str:
    """The name of the vendor's family under sources/families."""
    known = sorted(path.stem for path in FAMILIES.glob("*.yaml"))
    return table.choice("family", known)
