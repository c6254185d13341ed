"""A table of the operator's own: CSV or Parquet, with a map of its columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, cast, get_args

from metering.calendar import Calendar, Naive
from metering.errors import TimeError
from metering.settings.source_options.declared_source import DeclaredSource, Record
from metering.settings.source_options.location import check_files, read_file_name
from metering.toml_reader import TomlTable

TimeUnit = Literal["s", "ms", "iso"]
DurationUnit = Literal["clock", "ms", "s", "min", "h"]

RECORDS: tuple[Record, ...] = ("allocation", "sample", "reading", "node_state")
DURATION_UNITS: tuple[str, ...] = get_args(DurationUnit)
FILE_PARTS = ("account", "cluster", "as_of")
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
        | {"suspended_ms", "state", "node", "duration", "cluster"}
    ),
    "sample": frozenset(
        {"parent", "slice", "model", "node", "busy_ppm", "power_mw", "energy_mj", "memory_mib"}
        | {"workload", "workload_kind", "health_ok", "cluster"}
    ),
    "reading": frozenset({"source", "resource_id", "duration", "cluster"}),
    "node_state": frozenset({"duration", "cluster"}),
}
MEASURED = {"busy_ppm", "power_mw", "energy_mj", "memory_mib", "health_ok"}
NUMBERS = {"quantity_milli", "busy_ppm", "power_mw", "energy_mj", "memory_mib", "quantity"}


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which column of a table each field comes from, and how its cells are read."""

    columns: Mapping[str, str] = field(default_factory=dict)  # field -> column
    constants: Mapping[str, str] = field(default_factory=dict)  # field -> text
    epoch_ms: int | None = None  # what relative times count from
    time_unit: TimeUnit = "iso"
    naive: Naive | None = None  # whose clock times without an offset are
    multiply: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # field -> columns
    scale: Mapping[str, int] = field(default_factory=dict)  # field -> factor
    duration_unit: DurationUnit = "clock"  # of numbers under `duration`; else [D-]HH:MM:SS only
    cluster_name: str = ""  # what the rows call this section; '' for its name


def read_options(
    source: DeclaredSource, table: TomlTable, calendar: Calendar
) -> tuple[DeclaredSource, ColumnMap]:
    """The source with its map: every field that the record needs from one place."""
    mapped = ColumnMap(
        columns=table.texts_by_name("columns"),
        constants=table.texts_by_name("constants"),
        epoch_ms=_epoch_ms(table, calendar),
        time_unit=cast(TimeUnit, table.choice("time_unit", ("s", "ms", "iso"), "iso")),
        naive=_naive(table),
        multiply=_products(table),
        scale=_scale(table),
        duration_unit=cast(DurationUnit, table.choice("duration_unit", DURATION_UNITS, "clock")),
        cluster_name=table.text("cluster_name", ""),
    )
    file_name = read_file_name(table, FILE_PARTS)
    check_files(table, source.paths)
    for path in source.paths:
        if not path.endswith(ENDINGS):
            table.wrong("paths", f"{path!r} must end in {', '.join(ENDINGS)}")
    if source.record in NEEDED:
        _check_fields(table, source.record, mapped, file_name)
    return replace(source, file_name=file_name), mapped


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
    products = {name: inner.texts(name) for name in inner.names()}
    for name, columns in products.items():
        if len(columns) < 2:
            inner.wrong(name, "must list the two or more columns that are multiplied")
    return products


def _scale(table: TomlTable) -> dict[str, int]:
    inner = table.table("scale")
    return {name: inner.whole(name, 1) or 1 for name in inner.names()}


def _check_fields(table: TomlTable, record: Record, mapped: ColumnMap, file_name: str) -> None:
    """Every field that the record needs, each from one place, and no other."""
    needed = NEEDED[record]
    known = needed | ALLOWED[record]
    named = [part for part in ("account", "cluster") if f"{{{part}}}" in file_name]
    given = [*mapped.columns, *mapped.constants, *mapped.multiply, *named]
    if "duration" in given:
        needed -= {"ended_ms"}
        if "ended_ms" in given:
            table.wrong("columns", "has `ended_ms` beside `duration`; a row has one of them")
    elif mapped.duration_unit != "clock":
        table.wrong("duration_unit", "is of `duration`, which no column is")
    if mapped.cluster_name and "cluster" not in given:
        table.wrong("cluster_name", "says what a column or file name calls it; neither has cluster")
    for part in named:
        if part not in known:
            table.wrong("file_name", f"a {record} has no field {part!r}")
    for key in ("columns", "constants", "multiply", "scale"):
        for name in getattr(mapped, key):
            if name not in known:
                table.wrong(key, f"a {record} has no field {name!r}")
            elif key != "scale" and given.count(name) > 1:
                table.wrong(key, f"{name} is given more than once")
    for name in sorted(needed - set(given)):
        table.wrong(None, f"says nothing of the field {name}; map it in `columns` or `constants`")
    for name in mapped.scale:
        if name not in NUMBERS or name in mapped.constants or name not in given:
            table.wrong("scale", f"{name} must be a number that comes from a column")
    for name in mapped.multiply:
        if name in known and name not in NUMBERS:
            table.wrong("multiply", f"{name} is no number")
    if record == "sample" and not MEASURED & set(given):
        table.wrong("columns", f"a sample needs one of {', '.join(sorted(MEASURED))}")
    if mapped.epoch_ms is not None and mapped.time_unit == "iso":
        table.wrong("epoch", 'counts from a moment, so time_unit must be "s" or "ms"')
    if mapped.naive is not None and mapped.time_unit != "iso":
        table.wrong("naive", 'is for texts, so time_unit must be "iso"')
