"""Reads the clusters and stores of site.toml, each with its sources, strictly."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from metering.errors import TimeError
from metering.period import Calendar, Naive
from metering.section import QUARANTINE_SHARE_MAX, Cluster, Kind, Record, SourceConfig, TimeUnit
from metering.toml_reader import TomlTable

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?", re.ASCII)
HOLD_MS_MAX = 300_000  # METERING 9
HOLD_SCRAPES = 4
FAMILIES = Path(__file__).resolve().parent / "sources" / "families"
TABLE_ENDINGS = (".csv", ".csv.gz", ".parquet")

# What a record needs, and what else it may have. Times are read with time_unit and epoch.
NEEDED: Mapping[Record, frozenset[str]] = {
    "allocation": frozenset(
        {"allocation_id", "account", "quantity_milli", "started_ms", "ended_ms"}
    ),
    "sample": frozenset({"device_uid", "sampled_ms"}),
    "reading": frozenset({"account", "sku", "started_ms", "ended_ms", "quantity", "unit"}),
    "node_state": frozenset({"node", "started_ms", "ended_ms", "state"}),
}
ALLOWED: Mapping[Record, frozenset[str]] = {
    "allocation": frozenset(
        {"source", "workload", "user", "partition", "resource", "model", "submitted_ms"}
        | {"suspended_ms", "state", "node"}
    ),
    "sample": frozenset(
        {"parent", "slice", "model", "node", "busy_ppm", "power_mw", "energy_mj", "memory_mib"}
        | {"workload", "workload_kind", "health_ok"}
    ),
    "reading": frozenset({"source", "resource_id"}),
    "node_state": frozenset(),
}
MEASURED = {"busy_ppm", "power_mw", "energy_mj", "memory_mib", "health_ok"}
NUMBERS = {"quantity_milli", "busy_ppm", "power_mw", "energy_mj", "memory_mib", "quantity"}
RECORDS_OF: Mapping[Kind, tuple[Record, ...]] = {
    "slurm": ("allocation",),
    "exposition": ("sample",),
    "table": ("allocation", "sample", "reading", "node_state"),
}


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
    kind = cast(Kind, table.choice("kind", RECORDS_OF))
    record = cast(Record, table.choice("record", NEEDED))
    if kind in RECORDS_OF and record in NEEDED and record not in RECORDS_OF[kind]:
        table.wrong("record", f"a {kind} source has {' or '.join(RECORDS_OF[kind])} records only")
    is_table = kind == "table"
    source = SourceConfig(
        name=table.text("name"),
        kind=kind,
        record=record,
        family=_family(table) if kind == "exposition" else None,
        paths=table.texts("paths"),
        url=_url(table) if kind == "exposition" else None,
        columns=table.texts_by_name("columns") if is_table else {},
        constants=table.texts_by_name("constants") if is_table else {},
        epoch_ms=_epoch_ms(table, calendar) if is_table else None,
        time_unit=cast(TimeUnit, table.choice("time_unit", ("s", "ms", "iso"), "iso"))
        if is_table
        else "iso",
        naive=_naive(table) if is_table else None,
        multiply=_products(table) if is_table else {},
        scale=_scale(table) if is_table else {},
    )
    table.close()
    _check_place(table, source)
    if is_table and record in NEEDED:
        _check_fields(table, source)
    return source


def _family(table: TomlTable) -> str:
    known = sorted(path.stem for path in FAMILIES.glob("*.yaml"))
    return table.choice("family", known)


def _url(table: TomlTable) -> str | None:
    url = table.text("url", "")
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError as error:
        table.wrong("url", str(error))
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        table.wrong("url", f"must begin with http:// or https:// and a host, not {url!r}")
    if parts.username or parts.password:
        table.wrong("url", "must not hold a user or a password; site.toml has no secrets")
    return url


def _epoch_ms(table: TomlTable, calendar: Calendar) -> int | None:
    text = table.moment("epoch")
    if text is None:
        return None
    try:
        return calendar.instant(text)
    except TimeError as error:
        table.wrong("epoch", str(error))
        return None


def _naive(table: TomlTable) -> Naive | None:
    naive = table.choice("naive", ("utc", "site"), "")
    return cast(Naive, naive) if naive else None


def _products(table: TomlTable) -> dict[str, tuple[str, ...]]:
    inner = table.table("multiply")
    found = {name: inner.texts(name) for name in inner.names()}
    for name, columns in found.items():
        if len(columns) < 2:
            inner.wrong(name, "must list the two or more columns that are multiplied")
    return found


def _scale(table: TomlTable) -> dict[str, int]:
    inner = table.table("scale")
    return {name: inner.whole(name, 1) or 1 for name in inner.names()}


def _check_place(table: TomlTable, source: SourceConfig) -> None:
    """Files or a URL, one of them; tables end in a known format."""
    if not source.paths and source.url is None and not table.has("url"):
        table.wrong(None, "needs the key `paths`")
    if source.paths and source.url is not None:
        table.wrong("url", "stands beside `paths`; a source has one of them")
    if source.kind == "table":
        for path in source.paths:
            if not path.endswith(TABLE_ENDINGS):
                table.wrong("paths", f"{path!r} must end in {', '.join(TABLE_ENDINGS)}")


def _check_fields(table: TomlTable, source: SourceConfig) -> None:
    """Every field that the record needs, each from one place, and no other."""
    needed = NEEDED[source.record]
    known = needed | ALLOWED[source.record]
    given = [*source.columns, *source.constants, *source.multiply]
    for key in ("columns", "constants", "multiply", "scale"):
        for field in getattr(source, key):
            if field not in known:
                table.wrong(key, f"a {source.record} has no field {field!r}")
            elif key != "scale" and given.count(field) > 1:
                table.wrong(key, f"{field} is given more than once")
    for field in sorted(needed - set(given)):
        table.wrong(None, f"says nothing of the field {field}; map it in `columns` or `constants`")
    for field in source.scale:
        if field not in NUMBERS or field in source.constants or field not in given:
            table.wrong("scale", f"{field} must be a number that comes from a column")
    for field in source.multiply:
        if field in known and field not in NUMBERS:
            table.wrong("multiply", f"{field} is no number")
    if source.record == "sample" and not MEASURED & set(given):
        table.wrong("columns", f"a sample needs one of {', '.join(sorted(MEASURED))}")
    if source.epoch_ms is not None and source.time_unit == "iso":
        table.wrong("epoch", 'counts from a moment, so time_unit must be "s" or "ms"')
    if source.naive is not None and source.time_unit != "iso":
        table.wrong("naive", 'is for texts, so time_unit must be "iso"')
