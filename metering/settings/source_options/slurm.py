"""A Slurm source: dumps of its accounting."""

from dataclasses import dataclass
from typing import cast

from metering.calendar import Calendar, Naive
from metering.settings.source_options.declared_source import DeclaredSource, Record
from metering.settings.source_options.location import check_files
from metering.toml_reader import TomlTable

RECORDS: tuple[Record, ...] = ("allocation", "node_state", "control_total")


@dataclass(frozen=True, slots=True)
class SlurmOptions:
    """What a source of Slurm says of itself."""

    naive: Naive = "utc"  # whose clock times without an offset are


def read_options(
    source: DeclaredSource, table: TomlTable, calendar: Calendar
) -> tuple[DeclaredSource, SlurmOptions]:
    """The source with its files; texts without an offset are UTC unless `naive` says otherwise."""
    check_files(table, source.paths)
    naive = table.choice("naive", ("utc", "site"), "")
    return source, SlurmOptions(cast(Naive, naive)) if naive else SlurmOptions()
