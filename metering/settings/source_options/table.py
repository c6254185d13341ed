"""A table of the operator's own: CSV or Parquet, with a map of its columns."""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from metering.errors import TimeError
from metering.period import Calendar, Naive
from metering.settings.source_options.location import check_files
from metering.settings.source_options.source_config import Record, SourceConfig, TimeUnit
from metering.toml_reader import TomlTable

RECORDS: tuple[Record, ...] = ("allocation", "sample", "reading", "node_state")
ENDINGS = (".csv", ".csv.gz", ".parquet")

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


def settle(source: SourceConfig, table: TomlTable, calendar: Calendar) -> SourceConfig:
    """The source with its map: every field that the record needs from one place."""
    mapped = replace(
        source,
        columns=table.texts_by_name("columns"),
        constants=table.texts_by_name("constants"),
        epoch_ms=_epoch_ms(table, calendar),
        time_unit=cast(TimeUnit, table.choice("time_unit", ("s", "ms", "iso"), "iso")),
        naive=_naive(table),
        multiply=_products(table),
        scale=_scale(table),
    )
    check_files(table, source)
    for path in source.paths:
        if not path.endswith(ENDINGS):
            table.wrong("paths", f"{path!r} must end in {', '.join(ENDINGS)}")
    if source.record in NEEDED:
        _check_fields(table, mapped)
    return mapped


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
