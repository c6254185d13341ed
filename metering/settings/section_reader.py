"""Reads the clusters and stores of site.toml, each with its sources, strictly."""

import re
from typing import cast

from metering.period import Calendar
from metering.settings.source_options import RECORDS, SETTLE
from metering.settings.source_options.source_config import (
    QUARANTINE_SHARE_MAX,
    Cluster,
    Kind,
    Record,
    SourceConfig,
)
from metering.toml_reader import TomlTable

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?", re.ASCII)
HOLD_MS_MAX = 300_000  # METERING 9
HOLD_SCRAPES = 4
RECORD_NAMES = frozenset(record for records in RECORDS.values() for record in records)


def read_section(name: str, table: TomlTable, calendar: Calendar, store: bool) -> Cluster:
    """A cluster, or a store, out of its table; mistakes are kept with the table."""
    if not NAME.fullmatch(name):
        table.wrong(None, "its name may have letters, digits, - and _ only")
    title = table.text("title", name)
    quarantine_share_max = table.share("quarantine_share_max", QUARANTINE_SHARE_MAX)
    sources = _sources(table, calendar, ("reading",) if store else None)
    if store:
        table.close()
        return Cluster(name, title, quarantine_share_max=quarantine_share_max, sources=sources)
    hold_ms, scrape_ms = _hold(table, any(source.record == "sample" for source in sources))
    cluster = Cluster(
        name=name,
        title=title,
        hold_ms=hold_ms,
        scrape_ms=scrape_ms,
        suspended_held=table.flag("suspended_held", True),
        partition_models=table.texts_by_name("partition_models"),
        node_models=table.texts_by_name("node_models"),
        gpu_partitions=table.texts("gpu_partitions"),
        carrier_accounts=table.texts("carrier_accounts"),
        quarantine_share_max=quarantine_share_max,
        sources=sources,
    )
    table.close()
    return cluster


def _hold(table: TomlTable, sampled: bool) -> tuple[int, int]:
    """hold and scrape period in ms; a section without samples needs neither."""
    scrape_ms, hold_ms = table.duration_ms("scrape"), table.duration_ms("hold")
    if scrape_ms is None:
        if sampled and not table.has("scrape"):
            table.wrong(None, 'has samples, so it needs `scrape`, the time between two, like "30s"')
        return hold_ms or 0, 0
    if hold_ms is None:
        hold_ms = min(HOLD_SCRAPES * scrape_ms, HOLD_MS_MAX)
    if hold_ms > HOLD_MS_MAX:
        table.wrong("hold", "must be 5min at most")
    if 2 * scrape_ms > hold_ms:
        table.wrong("scrape", f"must be half of hold ({hold_ms} ms) at most, is {scrape_ms} ms")
    return hold_ms, scrape_ms


def _sources(
    table: TomlTable, calendar: Calendar, records: tuple[Record, ...] | None
) -> tuple[SourceConfig, ...]:
    tables = table.list_of_tables("source")
    if not tables:
        table.wrong(None, "needs at least one source, written as [[....source]]")
    sources = []
    names: set[str] = set()
    for one in tables:
        source = _source(one, calendar)
        if not NAME.fullmatch(source.name):
            one.wrong("name", "may have letters, digits, - and _ only")
        if source.name in names:
            one.wrong("name", f"{source.name!r} is the name of another source of this section")
        if records is not None and source.record not in records:
            one.wrong("record", f"a store has {' and '.join(records)} sources only")
        names.add(source.name)
        sources.append(source)
    return tuple(sources)


def _source(table: TomlTable, calendar: Calendar) -> SourceConfig:
    kind = cast(Kind, table.choice("kind", RECORDS))
    record = cast(Record, table.choice("record", RECORD_NAMES))
    if kind in RECORDS and record in RECORD_NAMES and record not in RECORDS[kind]:
        table.wrong("record", f"a {kind} source has {' or '.join(RECORDS[kind])} records only")
    source = SourceConfig(table.text("name"), kind, record, paths=table.texts("paths"))
    if kind in SETTLE:
        source = SETTLE[kind](source, table, calendar)
    table.close()
    return source
