"""The sections of site.toml: clusters and stores, each with its sources, read strictly."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import cast

from metering.calendar import Calendar
from metering.errors import JeongsanError
from metering.settings.source_options.cloud_units import CAPACITY_BYTES
from metering.settings.source_options.declared_source import DeclaredSource, Kind, Record
from metering.settings.source_options.kinds import READERS, RECORDS
from metering.settings.source_options.limits import SCRAPE, read_limits
from metering.settings.source_options.source_config import SourceConfig
from metering.settings.source_options.storage import StorageOptions, read_capacity_bytes
from metering.toml_reader import TomlTable

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?", re.ASCII)
QUARANTINE_SHARE_MAX = Decimal("0.01")
HOLD_MS_MAX = 300_000  # METERING 9
HOLD_SCRAPES = 4
RECORD_NAMES = frozenset(record for records in RECORDS.values() for record in records)


@dataclass(frozen=True, slots=True)
class Section:
    """What a cluster and a store have in common: a name, and the sources that it is metered by."""

    name: str
    title: str = ""
    quarantine_share_max: Decimal = QUARANTINE_SHARE_MAX
    sources: tuple[SourceConfig, ...] = ()
    capacity_bytes: int = CAPACITY_BYTES  # what it can store, in the bytes that are billed

    @property
    def has_scheduler(self) -> bool:
        """Whether a source says what was allocated."""
        return self._has("allocation")

    @property
    def has_exporter(self) -> bool:
        """Whether a source says what devices did."""
        return self._has("sample")

    @property
    def node_states(self) -> bool:
        """Whether a source says which nodes were out of use."""
        return self._has("node_state")

    def _has(self, record: Record) -> bool:
        return any(source.record == record for source in self.sources)

    def hold_ms_of(self, source: SourceConfig) -> int:
        """How long, in ms, a row of the source vouches for what follows it; only samples do."""
        return 0


@dataclass(frozen=True, slots=True)
class Cluster(Section):
    """A cluster: what its devices did, who held them, and which node was out of use."""

    hold_ms: int = 0
    scrape_ms: int = 0
    suspended_held: bool = True
    partition_models: Mapping[str, str] = field(default_factory=dict)
    node_models: Mapping[str, str] = field(default_factory=dict)
    gpu_partitions: tuple[str, ...] = ()  # where a run holds devices, beside partition_models
    carrier_accounts: tuple[str, ...] = ()
    model: str = ""  # of every device whose type, node and partition say none

    def hold_ms_of(self, source: SourceConfig) -> int:
        """How long, in ms, a sample vouches for what follows it; 0 for a source of other rows."""
        return self.hold_ms if source.record == "sample" else 0


@dataclass(frozen=True, slots=True)
class Store(Section):
    """A store, a cloud or a room of equipment: its sources give readings only."""


def as_cluster(section: Section) -> Cluster:
    """The section as a cluster; JeongsanError for a store, which has readings only."""
    if not isinstance(section, Cluster):
        raise JeongsanError(f"{section.name} is no cluster: it has readings only")
    return section


def read_cluster(name: str, table: TomlTable, calendar: Calendar) -> Cluster:
    """A cluster out of its table; mistakes are kept with the table."""
    title, quarantine_share_max = _head(name, table)
    sources = _sources(table, calendar, None)
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
        model=table.text("model", ""),
        quarantine_share_max=quarantine_share_max,
        sources=sources,
        capacity_bytes=read_capacity_bytes(table),
    )
    table.close()
    return cluster


def read_store(name: str, table: TomlTable, calendar: Calendar) -> Store:
    """A store out of its table; mistakes are kept with the table."""
    title, quarantine_share_max = _head(name, table)
    sources = _sources(table, calendar, ("reading",))
    capacity_bytes = read_capacity_bytes(table)
    table.close()
    return Store(name, title, quarantine_share_max, sources, capacity_bytes)


def _head(name: str, table: TomlTable) -> tuple[str, Decimal]:
    """The title of a section, and which share of its rows may be bad."""
    if not NAME.fullmatch(name):
        table.wrong(None, "its name may have letters, digits, - and _ only")
    title = table.printed("title", name)
    return title, table.share("quarantine_share_max", QUARANTINE_SHARE_MAX)


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
    for source_table in tables:
        source = _source(source_table, calendar)
        if not NAME.fullmatch(source.name):
            source_table.wrong("name", "may have letters, digits, - and _ only")
        if source.name in names:
            source_table.wrong(
                "name", f"{source.name!r} is the name of another source of this section"
            )
        if records is not None and source.record not in records:
            source_table.wrong("record", f"a store has {' and '.join(records)} sources only")
        names.add(source.name)
        sources.append(source)
    return tuple(sources)


def _source(table: TomlTable, calendar: Calendar) -> SourceConfig:
    kind = cast(Kind, table.choice("kind", RECORDS))
    record = cast(Record, table.choice("record", RECORD_NAMES))
    if kind in RECORDS and record in RECORD_NAMES and record not in RECORDS[kind]:
        table.wrong("record", f"a {kind} source has {' or '.join(RECORDS[kind])} records only")
    paths = table.texts("paths")
    usual = SCRAPE if kind == "exposition" and not paths else None
    declared = DeclaredSource(
        table.text("name"), kind, record, paths=paths, limits=read_limits(table, usual)
    )
    options = None
    if kind in READERS:
        declared, options = READERS[kind](declared, table, calendar)
    table.close()
    return SourceConfig(
        name=declared.name,
        kind=declared.kind,
        record=declared.record,
        family=declared.family,
        paths=declared.paths,
        file_name=declared.file_name,
        endpoint=declared.endpoint,
        late_ms=declared.late_ms,
        limits=declared.limits,
        options=options,
    )


def mixed_figures(sections: Iterable[Section]) -> Iterator[str]:
    """Each SKU that means one thing in one source and another in the next."""
    first: dict[str, tuple[str, StorageOptions]] = {}
    for section in sections:
        for source in section.sources:
            options = source.options
            if not isinstance(options, StorageOptions):
                continue
            name = f"{section.name}.{source.name}"
            other, before = first.setdefault(options.sku, (name, options))
            if options.basis != before.basis:
                yield (
                    f"{options.sku} is {before.figure} of {other} and {options.figure} of {name};"
                    " a SKU has one figure, copies counted or not"
                )
