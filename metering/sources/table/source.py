"""CSV and Parquet tables of any origin, read by the map of columns that site.toml gives."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from metering.calendar import HOUR_MS, Calendar, Period
from metering.errors import JeongsanError, SourceError
from metering.settings.sections import Section, as_cluster
from metering.settings.site_toml import Site
from metering.settings.source_options.source_config import SourceConfig
from metering.settings.source_options.table import ColumnMap
from metering.sources.reading import bounds, exact_numbers, files
from metering.sources.reading.accelerator_models import Models
from metering.sources.reading.batch import Batch, Note, Quarantined
from metering.sources.reading.file_names import file_parts
from metering.sources.reading.schemas import NAME, SCHEMAS
from metering.sources.table.cells import BAD, NULL, Cells, Int64s, Mask, columns_of
from metering.sources.table.sheet import TableSheet, sheets

INT32_MAX = 2**31 - 1
POWER_MW_MAX = 10**9  # a megawatt: no device
ENERGY_MJ_MAX = 10**16
UNITS = ("mib", "milli_device")
RELEVANCE = ("not_started", "other_cluster")  # judged before a row is refused for what it lacks
STATES = ("down", "drained", "up")


@dataclass(slots=True)
class _Rows:
    """A record's columns, and which rows are rightly none, by what they are counted as."""

    columns: dict[str, pa.Array]
    skipped: dict[str, Mask] = field(default_factory=dict)


def read(source: SourceConfig, section: Section, site: Site, window: Period) -> Iterator[Batch]:
    """The rows that touch the window, a batch a file (large Parquet files: several).

    SourceError where every row says another cluster than ours: then it is ours that is misspelt.
    """
    own = others = 0
    for name, path in files.files(source, site):
        digest = files.digest_of(name, path, source.limits)
        named = _named(source, section, name, site)
        for sheet in sheets(name, path, columns_of(_map_of(source)), source.limits):
            batch = parse(sheet, named, section, site.calendar, window)
            strange = batch.skipped.get("other_cluster", 0)
            own += batch.rows_read - strange - len(batch.quarantined)
            others += strange
            yield replace(batch, digest=digest)
    if others and not own:
        name = _map_of(source).cluster_name or section.name
        raise SourceError(
            f"source {source.name}: all of its {others:,} rows are of other clusters than {name!r};"
            " say what they call this one in `cluster_name`"
        )


def _named(source: SourceConfig, section: Section, name: str, site: Site) -> SourceConfig:
    """The source with what the file's name says of its rows as constants."""
    if not source.file_name:
        return source
    mapped = _map_of(source)
    own = mapped.cluster_name or section.name
    parts = file_parts(name, source.file_name, site.calendar, own)
    said = {"account": parts.account, "cluster": parts.cluster}
    constants = {**mapped.constants, **{part: text for part, text in said.items() if text}}
    return replace(source, options=replace(mapped, constants=constants))


def _map_of(source: SourceConfig) -> ColumnMap:
    if not isinstance(source.options, ColumnMap):
        raise JeongsanError(f"{source.name}: is no table")
    return source.options


def parse(
    sheet: TableSheet,
    source: SourceConfig,
    section: Section,
    calendar: Calendar,
    window: Period | None,
) -> Batch:
    """The rows of a sheet that touch the window (None: all), in the schema of their record."""
    cells = Cells(_map_of(source), sheet, calendar)
    if source.record not in RECORDS:
        raise JeongsanError(f"{source.record}: not a kind of record")
    rows = RECORDS[source.record](cells, section, window)
    if cells.has("cluster"):
        rows.skipped = {"other_cluster": _others(cells, section), **rows.skipped}
    kept = np.ones(len(cells), np.bool_)
    counts: Counter[str] = Counter()
    for reason, mask in rows.skipped.items():
        mask = mask & kept
        if reason not in RELEVANCE and cells.bad:
            mask[list(cells.bad)] = False
        counts[reason] = int(np.count_nonzero(mask))
        kept &= ~mask
    refused = [row for row in sorted(cells.bad) if kept[row]]
    kept[refused] = False
    quarantined = tuple(
        Quarantined(f"{sheet.origin}:{sheet.lines[row]}", cells.bad[row], sheet.text(row))
        for row in refused
    )
    schema = SCHEMAS[source.record]
    table = pa.table([rows.columns[name] for name in schema.names], schema=schema)
    sound = np.ones(len(cells), np.bool_)
    sound[list(cells.bad)] = False
    sound &= ~rows.skipped.get("other_cluster", np.zeros(len(cells), np.bool_))
    corrections = _corrections(source.record, table, rows, sound & ~kept)
    places: list[str] = []
    if source.record != "sample":
        places = [f"{sheet.origin}:{sheet.lines[row]}" for row in np.flatnonzero(kept).tolist()]
    table = table if kept.all() else table.filter(pa.array(kept))
    return Batch(
        source.record,
        table,
        (*sheet.quarantined, *quarantined),
        sheet.rows_read,
        sheet.origin,
        {reason: count for reason, count in counts.items() if count},
        _notes(cells, rows, kept),
        places=places,
        corrections=corrections,
        taken=table.num_rows,
    )


def _corrections(record: str, table: pa.Table, rows: _Rows, left_out: Mask) -> pa.Table | None:
    """What rightly is no row and may take back what another input said: a run outside the window
    or that holds nothing, and what lasted no time."""
    match record:
        case "sample":
            return None
        case "allocation":
            nothing = np.zeros(len(left_out), np.bool_)
            for reason in ("not_started", "no_device", "no_time"):
                nothing |= rows.skipped[reason]
            place = table.column_names.index("quantity_milli")
            held = pc.if_else(pa.array(nothing), 0, table.column("quantity_milli"))
            table = table.set_column(place, table.schema.field(place), held)
            return table.filter(pa.array(left_out))
        case _:
            return table.filter(pa.array(left_out & rows.skipped["no_time"]))


def _others(cells: Cells, section: Section) -> Mask:
    """The rows that say another cluster than ours."""
    own = cells.mapped.cluster_name or section.name
    named = cells.text("cluster", needed=True)
    others: Mask = pc.invert(pc.is_in(named, value_set=pa.array([own, ""]))).to_numpy(
        zero_copy_only=False
    )
    return others


def _notes(cells: Cells, rows: _Rows, kept: Mask) -> tuple[Note, ...]:
    """What was let fall or left out of rows that were taken."""
    notes = []
    origin = cells.sheet.origin
    fallen = {row: part for row, part in cells.remainders.items() if kept[row]}
    if fallen:
        first = min(fallen)
        unit = rows.columns["unit"][first].as_py()
        detail = (
            f"행 {len(fallen):,}건의 수량에서 단위({unit})에 못 미치는 "
            f"나머지를 내렸습니다. 내린 양은 모두 {_unit_hours(fallen, rows)} 단위·시간, "
            f"처음은 {origin}:{cells.sheet.lines[first]}. 더 잔 단위로 적힌 표를 받으십시오."
        )
        notes.append(Note("warn", "below_unit", origin, detail))
    if cells.not_finite:
        detail = f"값 {cells.not_finite:,}개가 NaN 또는 무한대여서 그 값만 뺐습니다."
        notes.append(Note("warn", "not_a_number", origin, detail))
    return tuple(notes)


def _unit_hours(fallen: Mapping[int, Decimal], rows: _Rows) -> str:
    """How much fell, over the time of rows that have an end."""
    started, ended = (rows.columns[name].to_pylist() for name in ("started_ms", "ended_ms"))
    sums = Decimal(0)
    for row, part in fallen.items():
        if ended[row] is not None:
            sums += exact_numbers.product(part, Decimal(ended[row] - started[row]))
    thousandths = -exact_numbers.floored(-sums * 1000 / HOUR_MS)
    return f"{thousandths // 1000:,}.{thousandths % 1000:03d}"


def _allocations(cells: Cells, section: Section, window: Period | None) -> _Rows:
    started = cells.instant("started_ms")
    ended = _end(cells, started)
    quantity = cells.count("quantity_milli")
    most = bounds.most(section, "milli_device")
    cells.refuse_where(quantity > most, f"quantity_milli {bounds.beyond(section, 'milli_device')}")
    _refuse_overflow(cells, "milli_device", started, ended, quantity)
    submitted = cells.instant("submitted_ms")
    names = cells.text("allocation_id", needed=True)
    workload = cells.text("workload")
    partition, node = cells.text("partition"), cells.text("node")
    resource = cells.text("resource", default="gpu")
    _refuse_unless(cells, "resource", resource, ("gpu", "npu"))
    kind = cells.text("source", default="slurm")
    _refuse_unless(cells, "source", kind, ("slurm", "pod"))
    cells.refuse_where((quantity == NULL) & (started != NULL), "quantity_milli is empty")
    columns = {
        "allocation_id": names,
        "source": kind,
        "workload": pc.if_else(pc.equal(workload, ""), names, workload),
        "account": cells.text("account", needed=True),
        "user": cells.text("user"),
        "partition": partition,
        "resource": resource,
        "model": _modelled(cells.text("model"), partition, node, Models(as_cluster(section))),
        "quantity_milli": _nullable(quantity),
        "submitted_ms": _nullable(np.where(submitted == NULL, started, submitted)),
        "started_ms": _nullable(started),
        "ended_ms": _nullable(ended),
        "suspended_ms": _nullable(cells.length("suspended_ms")),
        "state": cells.text("state"),
        "node": node,
    }
    skipped = {
        "not_started": started == NULL,
        "no_device": quantity == 0,
        "no_time": ended == started,
        "outside_window": _outside(started, ended, window),
    }
    return _Rows(columns, skipped)


def _samples(cells: Cells, section: Section, window: Period | None) -> _Rows:
    at = cells.instant("sampled_ms", needed=True)
    workload = cells.text("workload")
    named = pc.binary_join_element_wise(cells.text("workload_kind", "slurm"), workload, ":")
    columns: dict[str, pa.Array] = {
        "sampled_ms": pa.array(at),
        "busy_ppm": _nullable(cells.measure("busy_ppm", 1_000_000), pa.int32()),
        "power_mw": _nullable(cells.measure("power_mw", POWER_MW_MAX)),
        "energy_mj": _nullable(cells.measure("energy_mj", ENERGY_MJ_MAX)),
        "memory_mib": _nullable(cells.measure("memory_mib", INT32_MAX), pa.int32()),
        "workload": pc.if_else(pc.equal(workload, ""), "", named).cast(NAME),
        "health_ok": _nullable(cells.truth("health_ok")).cast(pa.bool_()),
        "busy_cycles": pa.nulls(len(at), pa.int64()),
        "total_cycles": pa.nulls(len(at), pa.int64()),
        "device_uid": cells.text("device_uid", needed=True).cast(NAME),
    }
    for name in ("parent", "slice", "model", "node"):
        columns[name] = cells.text(name).cast(NAME)
    if window is None:
        return _Rows(columns)
    hold_ms = as_cluster(section).hold_ms
    outside = (at < window.start_ms - hold_ms) | (at > window.end_ms + hold_ms)
    return _Rows(columns, {"outside_window": outside})


def _readings(cells: Cells, section: Section, window: Period | None) -> _Rows:
    started = cells.instant("started_ms", needed=True)
    ended = _end(cells, started)
    for name, instant in (("started_ms", started), ("ended_ms", ended)):
        broken = (instant != NULL) & (instant % 1000 != 0)
        cells.refuse_where(broken, f"{name} is no whole second")
    quantity = cells.floor("quantity")
    cells.refuse_where(quantity == NULL, "quantity is empty")
    unit = cells.text("unit", needed=True)
    _refuse_unless(cells, "unit", unit, UNITS)
    for name in UNITS:
        own = pc.equal(unit, name).to_numpy(zero_copy_only=False)
        large = own & (quantity > bounds.most(section, name))
        cells.refuse_where(large, f"quantity {bounds.beyond(section, name)}")
        _refuse_overflow(cells, name, started, ended, np.where(own, quantity, NULL))
    columns = {
        "source": cells.text("source", default=section.name),
        "account": cells.text("account", needed=True),
        "sku": cells.text("sku", needed=True),
        "resource_id": cells.text("resource_id"),
        "started_ms": pa.array(started),
        "ended_ms": _nullable(ended),
        "quantity": _nullable(quantity),
        "unit": unit,
    }
    outside = _outside(started, ended, window)
    return _Rows(columns, {"no_time": ended == started, "outside_window": outside})


def _node_states(cells: Cells, section: Section, window: Period | None) -> _Rows:
    started = cells.instant("started_ms", needed=True)
    ended = _end(cells, started)
    state = pc.utf8_lower(cells.text("state", needed=True))
    _refuse_unless(cells, "state", state, STATES)
    columns = {
        "node": cells.text("node", needed=True),
        "started_ms": pa.array(started),
        "ended_ms": _nullable(ended),
        "state": state,
    }
    outside = _outside(started, ended, window)
    return _Rows(columns, {"no_time": ended == started, "outside_window": outside})


RECORDS: Mapping[str, Callable[[Cells, Section, Period | None], _Rows]] = {
    "allocation": _allocations,
    "sample": _samples,
    "reading": _readings,
    "node_state": _node_states,
}


def _refuse_overflow(
    cells: Cells, unit: str, started: Int64s, ended: Int64s, quantity: Int64s
) -> None:
    """Refuse the rows with which a sum of what stands at once would not fit 64 bits."""
    sound = (quantity > 0) & (started > BAD)
    if cells.bad:
        sound[list(cells.bad)] = False
    rows = np.flatnonzero(sound)
    ends = (None if end <= BAD else end for end in ended[rows].tolist())
    amounts = quantity[rows].tolist()
    if bounds.fits(amounts, unit):
        return
    spans = list(zip(started[rows].tolist(), ends, strict=True))
    for row in bounds.overflowing(spans, amounts, unit):
        mask = np.zeros(len(cells), np.bool_)
        mask[rows[row]] = True
        cells.refuse_where(mask, f"with it more {unit} stands at once than 64 bits add")


def _end(cells: Cells, started: Int64s) -> Int64s:
    """When each row ends, NULL while it lasts: as it says, or so long after its start."""
    if cells.has("duration"):
        lasted = cells.duration("duration")
        known = (started > BAD) & (lasted > BAD)
        cells.refuse_where((started > BAD) & (lasted == NULL), "duration is empty")
        ended = np.where(known, started + np.where(known, lasted, 0), NULL)
        cells.refuse_where(ended >= exact_numbers.LAST_MS, "ends at an impossible instant")
        return ended
    ended = cells.instant("ended_ms")
    both = (ended != NULL) & (started != NULL)
    cells.refuse_where(both & (ended < started), "ends before it starts")
    return ended


def _outside(started: Int64s, ended: Int64s, window: Period | None) -> Mask:
    if window is None:
        return np.zeros(len(started), np.bool_)
    before = (ended != NULL) & (ended <= window.start_ms)
    outside: Mask = before | (started >= window.end_ms)
    return outside


def _refuse_unless(cells: Cells, name: str, texts: pa.Array, allowed: tuple[str, ...]) -> None:
    known = pc.is_in(texts, value_set=pa.array(allowed)).to_numpy(zero_copy_only=False)
    cells.refuse_where(~known, f"{name} is none of {', '.join(allowed)}")


def _modelled(model: pa.Array, partition: pa.Array, node: pa.Array, models: Models) -> pa.Array:
    """The models, empty ones by node or partition."""
    rows = zip(model.to_pylist(), partition.to_pylist(), node.to_pylist(), strict=True)
    return pa.array([own or models.of(queue, nodes) for own, queue, nodes in rows], pa.string())


def _nullable(values: Int64s, kind: pa.DataType | None = None) -> pa.Array:
    return pa.array(values, kind or pa.int64(), mask=values <= BAD)
