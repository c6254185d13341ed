"""A Slurm source: dumps of sacct."""

from metering.kinds.place import check_files
from metering.period import Calendar
from metering.section import Record, SourceConfig
from metering.toml_reader import TomlTable

RECORDS: tuple[Record, ...] = ("allocation",)


def settle(source: SourceConfig, table: TomlTable, calendar: Calendar) -> SourceConfig:
    """The source; it needs nothing but its files."""
    check_files(table, source)
    return source
