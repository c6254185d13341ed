"""Readings and node states: spans of other meters, kept by accounting day as allocations are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from metering.calendar import Calendar, Period
from metering.collect.spans import (
    SEPARATOR,
    Int64s,
    Mask,
    by_day,
    cut,
    integers,
    keys,
    replace_days,
)
from metering.finding import Finding, Severity
from metering.lake.change import Change
from metering.lake.contract import contract
from metering.lake.lake import Lake
from metering.settings.sections import Section
from metering.settings.site_toml import Site
from metering.settings.source_options.booking import BookingOptions
from metering.settings.source_options.cloud import CloudOptions
from metering.settings.source_options.storage import StorageOptions
from metering.settings.source_options.table import ColumnMap
from metering.sources.reading.batch import Whole

STAGE = "collect"


@dataclass(frozen=True, slots=True)
class _Kind:
    """A table of spans, the columns that name what it is about, and how its overlaps are judged."""

    table: str
    subject: tuple[str, ...]
    severity: Severity
    overlap: str  # the kind of the finding
    detail: str  # Korean: what overlaps


READINGS = _Kind(
    "reading", ("source", "account", "sku", "resource_id"), "fail", "overlapping_reading",
    "같은 자원의 계량 구간이 겹칩니다",
)  # fmt: skip
NODE_STATES = _Kind(
    "node_state", ("node",), "warn", "overlapping_node_state", "같은 노드의 상태 구간이 겹칩니다"
)


def land_readings(
    lake: Lake,
    change: Change,
    section: Section,
    site: Site,
    rows: pa.Table,
    window: Period,
    complete_to_ms: int | None = None,
    whole: Whole | None = None,
) -> list[Finding]:
    """Put readings (READING) in the days that the window touches and in the days before.

    What is in force of one resource within the window, or under a span that came, is replaced; a
    resource that did not come stays, and so does what lies outside. A span that lasts on ends for
    now with the window, or at `complete_to_ms` if that is earlier, or where its input is complete
    (`as_of_ms`, where the rows have it), which also says which of two spans of one start is later.
    What is said to be whole takes away what it lacks, where no other source gives its SKU.
    """
    asked = window, complete_to_ms
    return _land(lake, change, section, site.calendar, rows, asked, READINGS, whole)


def land_node_states(
    lake: Lake,
    change: Change,
    section: Section,
    site: Site,
    rows: pa.Table,
    window: Period,
    complete_to_ms: int | None = None,
) -> list[Finding]:
    """Put node states (NODE_STATE) in the days, in the same way as readings."""
    return _land(lake, change, section, site.calendar, rows, (window, complete_to_ms), NODE_STATES)


def _land(
    lake: Lake,
    change: Change,
    section: Section,
    calendar: Calendar,
    rows: pa.Table,
    asked: tuple[Period, int | None],
    kind: _Kind,
    whole: Whole | None = None,
) -> list[Finding]:
    window, complete_to_ms = asked
    days = calendar.days_of(window)
    if not days:
        return []
    if "as_of_ms" not in rows.column_names:
        rows = rows.append_column("as_of_ms", pa.repeat(window.end_ms, rows.num_rows))
    horizon_ms = calendar.day(days[-1]).end_ms
    known_to_ms = window.end_ms if complete_to_ms is None else min(window.end_ms, complete_to_ms)
    voids = _Voids(whole, section)
    starts = [pc.min(rows.column("started_ms")).as_py(), voids.first_ms]
    first = min([days[0], *(calendar.day_of(start) for start in starts if start is not None)])
    in_force = lake.read(kind.table, cluster=section.name, date_from=first, date_to=days[-1])
    spans = _ended(rows, in_force, known_to_ms, horizon_ms, kind)
    spans, differing = _one_a_start(spans, kind)
    lasting = spans.filter(pc.greater(spans.column("ended_ms"), spans.column("started_ms")))
    fresh = _cut_by_day(lasting, section.name, calendar, kind)
    staying, cut_into = _staying(in_force, spans, window, kind, voids)
    changed = set(by_day(fresh)) | set(by_day(in_force.filter(pa.array(cut_into))))
    merged = pa.concat_tables([staying, fresh])
    replace_days(change, kind.table, section.name, merged, changed)
    with_differing = pa.concat_tables(
        [merged, _cut_by_day(differing, section.name, calendar, kind)]
    )
    return [
        finding
        for day, own in by_day(with_differing).items()
        if day in set(days)
        for finding in _overlaps(day, own, section, kind)
    ]


def _ended(
    rows: pa.Table, in_force: pa.Table, known_to_ms: int, horizon_ms: int, kind: _Kind
) -> pa.Table:
    """Spans with an end and whether they last on, up to the end of the window's last day.

    One that lasts on ends at `known_to_ms`, or where it is already known to have lasted to. One
    that ends where it starts is no time, and still says so of its subject.
    """
    open_end = pc.is_null(rows.column("ended_ms"))
    known = _known_ends(rows, in_force, kind)
    said_to = np.minimum(integers(rows, "as_of_ms"), known_to_ms)
    lasting = np.maximum(known, said_to)
    ended = pc.if_else(open_end, pa.array(lasting), rows.column("ended_ms"))
    ended = pc.min_element_wise(ended, pa.scalar(horizon_ms))
    rows = rows.set_column(rows.column_names.index("ended_ms"), "ended_ms", ended)
    rows = rows.append_column("open", open_end)
    return rows.filter(pc.greater_equal(rows.column("ended_ms"), rows.column("started_ms")))


def _one_a_start(rows: pa.Table, kind: _Kind) -> tuple[pa.Table, pa.Table]:
    """One span a subject and start: of the input that is complete to the latest instant, an end
    before none and the later end; and those that differ.

    Spans of one start and end that say different things contradict each other: the first is taken.
    """
    names = [*kind.subject, "started_ms"]
    other = (*names, "as_of_ms", "open", "ended_ms")
    rest = [name for name in rows.column_names if name not in other]
    order = [(name, "ascending") for name in names]
    order += [("as_of_ms", "descending"), ("open", "ascending")]
    order += [(name, "descending") for name in ("ended_ms", *rest)]
    rows = rows.sort_by(order)
    key = keys(rows, names).combine_chunks().dictionary_encode()
    first = np.diff(key.indices.to_numpy(), prepend=-1) != 0
    lead = np.maximum.accumulate(np.where(first, np.arange(len(first)), 0))
    said = keys(rows, ["as_of_ms", "open", "ended_ms"]), keys(rows, rest)
    ends, rests = (np.asarray(texts.to_pylist(), np.str_) for texts in said)
    differing = (ends == ends[lead]) & (rests != rests[lead])
    return rows.filter(pa.array(first)), rows.filter(pa.array(differing))


def _known_ends(rows: pa.Table, in_force: pa.Table, kind: _Kind) -> Int64s:
    """How far each row's span is in force from its start on without a gap; 0 where it is not."""
    pieces = _by_subject(in_force, kind)
    ends = np.zeros(rows.num_rows, np.int64)
    starts = rows.column("started_ms").to_pylist()
    for row, subject in enumerate(keys(rows, kind.subject).to_pylist()):
        end = starts[row]
        for piece_start, piece_end in pieces.get(subject, ()):
            if piece_start <= end < piece_end:
                end = piece_end
        ends[row] = end
    return ends


class _Voids:
    """Where what is said to be whole leaves nothing of a source's own readings."""

    def __init__(self, whole: Whole | None, section: Section) -> None:
        self._whole = whole
        self._own = (section.name, whole.sku if whole else "")
        self._alone = whole is not None and _gives_alone(section, whole.sku)
        self._of: dict[str, list[tuple[int, int]]] = {}
        for resource_id, start_ms, end_ms in whole.voids if whole else ():
            self._of.setdefault(resource_id, []).append((start_ms, end_ms))
        self.first_ms = min((start for own in self._of.values() for start, _ in own), default=None)

    def of(self, source: str, sku: str, resource_id: str) -> list[tuple[int, int]]:
        """The stretches that nothing of a resource stays in, save what came."""
        if self._whole is None or (source, sku) != self._own:
            return []
        period = self._whole.period
        return [*self._of.get(resource_id, ())] + (
            [(period.start_ms, period.end_ms)] if self._alone else []
        )


def _gives_alone(section: Section, sku: str) -> bool:
    """Whether one source of a section gives a SKU, so that all its readings are that source's."""
    givers = 0
    for source in section.sources:
        match source.options:
            case StorageOptions():
                givers += source.options.sku == sku
            case ColumnMap() if source.record == "reading":
                givers += source.options.constants.get("sku", sku) == sku
            case CloudOptions():
                givers += any(counter.sku == sku for counter in source.options.counters.values())
            case BookingOptions():
                givers += any(sku.startswith(own) for own in source.options.equipment.values())
    return givers == 1


def _staying(
    in_force: pa.Table, spans: pa.Table, window: Period, kind: _Kind, voids: _Voids
) -> tuple[pa.Table, Mask]:
    """What stays of the rows in force, and which of them were cut: of a subject that came, only
    what lies outside the window and outside its spans; nothing of a void."""
    came = _by_subject(spans, kind)
    rows: list[tuple[int, int, int]] = []
    cut_into = np.zeros(in_force.num_rows, np.bool_)
    starts, ends = integers(in_force, "started_ms"), integers(in_force, "ended_ms")
    subjects = keys(in_force, kind.subject).to_pylist()
    empty: list[list[tuple[int, int]]] = [[]] * in_force.num_rows
    if kind is READINGS:
        names = (in_force.column(name).to_pylist() for name in ("source", "sku", "resource_id"))
        empty = [voids.of(*own) for own in zip(*names, strict=True)]
    for row, own in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        newer = came.get(subjects[row])
        asked = [] if newer is None else [(window.start_ms, window.end_ms), *newer]
        asked = [*asked, *empty[row]]
        left = _without(own, asked)
        cut_into[row] = left != [own]
        rows += [(row, *piece) for piece in left]
    taken, started, ended = np.array(rows, np.int64).reshape(-1, 3).T
    staying = in_force.take(pa.array(taken))
    for name, instants in (("started_ms", started), ("ended_ms", ended)):
        place = staying.column_names.index(name)
        staying = staying.set_column(place, staying.schema.field(place), pa.array(instants))
    return staying, cut_into


def _without(own: tuple[int, int], taken: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts of a span that lie in none of the others, in order of time."""
    left = [own]
    for start, end in taken:
        parts = [part for a, b in left for part in ((a, min(b, start)), (max(a, end), b))]
        left = [(a, b) for a, b in parts if a < b]
    return left


def _by_subject(rows: pa.Table, kind: _Kind) -> dict[str, list[tuple[int, int]]]:
    """Start and end of every row, in order of time, by subject."""
    by_subject: dict[str, list[tuple[int, int]]] = {}
    spans = zip(
        integers(rows, "started_ms").tolist(), integers(rows, "ended_ms").tolist(), strict=True
    )
    for subject, span in zip(keys(rows, kind.subject).to_pylist(), spans, strict=True):
        by_subject.setdefault(subject, []).append(span)
    return {subject: sorted(own) for subject, own in by_subject.items()}


def _cut_by_day(spans: pa.Table, cluster: str, calendar: Calendar, kind: _Kind) -> pa.Table:
    """Spans as rows of the table, one an accounting day."""
    pieces = cut(integers(spans, "started_ms"), integers(spans, "ended_ms"), calendar)
    columns = {
        "cluster": pa.array([cluster] * len(pieces.row), pa.string()),
        "date": pieces.dates(),
        "started_ms": pa.array(pieces.start_ms),
        "ended_ms": pa.array(pieces.end_ms),
    }
    taken = spans.take(pa.array(pieces.row))
    schema = contract(kind.table).schema
    return pa.table(
        [columns[name] if name in columns else taken.column(name) for name in schema.names],
        schema=schema,
    )


def _overlaps(day: date, rows: pa.Table, section: Section, kind: _Kind) -> list[Finding]:
    """A finding for each subject of the day that two spans claim at once."""
    findings = []
    for subject, spans in sorted(_by_subject(rows, kind).items()):
        count = sum(later[0] < earlier[1] for earlier, later in pairwise(spans))
        if count:
            name = " ".join(part for part in subject.split(SEPARATOR) if part)
            detail = (
                f"{section.title}: {kind.detail} ({name}, {count}곳). 원본을 고쳐 다시 수집하세요."
            )
            findings.append(
                Finding(kind.severity, kind.overlap, STAGE, section.name, day, name, detail)
            )
    return findings
