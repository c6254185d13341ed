"""A Slurm source: dumps of its accounting."""

from dataclasses import replace
from typing import cast

from metering.period import Calendar, Naive
from metering.settings.source_options.location import check_files
from metering.settings.source_options.source_config import Record, SourceConfig
from metering.toml_reader import TomlTable

RECORDS: tuple[Record, ...] = ("allocation", "node_state", "control_total")


def settle(source: SourceConfig, table: TomlTable, calendar: Calendar) -> SourceConfig:
    """The source with its files; texts without an offset are UTC unless `naive` says otherwise."""
    check_files(table, source)
    naive = table.choice("naive", ("utc", "site"), "")
    return replace(source, naive=cast(Naive, naive)) if naive else source
