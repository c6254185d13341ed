"""An exporter's Prometheus text: files of it, or the address that gives it."""

from dataclasses import replace
from pathlib import Path

from metering.kinds.place import check_files, read_url
from metering.period import Calendar
from metering.section import Record, SourceConfig
from metering.toml_reader import TomlTable

RECORDS: tuple[Record, ...] = ("sample",)
FAMILIES = Path(__file__).resolve().parents[1] / "sources" / "families"


def settle(source: SourceConfig, table: TomlTable, calendar: Calendar) -> SourceConfig:
    """The source with its family, and its address where it has no files."""
    url = read_url(table)
    if source.paths and url is not None:
        table.wrong("url", "stands beside `paths`; a source has one of them")
    elif url is None and not table.has("url"):
        check_files(table, source)
    return replace(source, family=read_family(table), url=url)


def read_family(table: TomlTable) -> str:
    """The name of the vendor's family under sources/families."""
    known = sorted(path.stem for path in FAMILIES.glob("*.yaml"))
    return table.choice("family", known)
