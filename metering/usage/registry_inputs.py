"""What usage is made of besides the lake: devices, tenancies, set-asides, the state of sources."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import pairwise

import pyarrow as pa

from metering.calendar import Calendar, Period
from metering.errors import ContractError
from metering.lake.digest import row_digest
from metering.registry.registry import NO_SHARD, Device, Registry
from metering.settings.sections import Cluster, Section

ALWAYS_MS = 0  # what began before the day, so that one day's rows equal the next's
EVER_MS = 253_402_300_799_999  # what goes on after the day

INSTALLED = pa.schema(
    [
        ("device_uid", pa.string()),
        ("resource", pa.string()),
        ("model", pa.string()),  # as in SKU names
        ("node", pa.string()),
        ("milli", pa.int64()),  # of capacity: 0 for a board that is divided into slices
        ("power_limit_w", pa.int64()),  # as registered; 0 where nobody registered it
        ("installed_ms", pa.int64()),
        ("removed_ms", pa.int64()),
    ]
)
EVER_INSTALLED = pa.schema(
    [
        ("node", pa.string()),
        ("model", pa.string()),  # as in SKU names
    ]
)
TENANCY = pa.schema(
    [
        ("source", pa.string()),
        ("account", pa.string()),
        ("company_id", pa.string()),
        ("project_id", pa.string()),
        ("from_ms", pa.int64()),
        ("until_ms", pa.int64()),
    ]
)
SET_ASIDE = pa.schema([("source", pa.string()), ("account", pa.string()), ("reason", pa.string())])
SOURCE_STATE = pa.schema(
    [
        ("cluster", pa.string()),
        ("day", pa.date32()),
        ("complete_to_ms", pa.int64()),  # not beyond the day
        ("scrape_ms", pa.int64()),
        ("suspended_held", pa.bool_()),
        ("has_scheduler", pa.bool_()),
        ("has_exporter", pa.bool_()),
        ("has_node_states", pa.bool_()),
        ("carriers", pa.string()),  # no query asks; but a day is counted anew when they change
    ]
)
SCHEMAS: Mapping[str, pa.Schema] = {
    "installed": INSTALLED,
    "ever_installed": EVER_INSTALLED,
    "tenancy": TENANCY,
    "set_aside": SET_ASIDE,
    "source_state": SOURCE_STATE,
}


@dataclass(frozen=True, slots=True)
class Given:
    """A table that comes from no partition, and its digest."""

    rows: pa.Table
    digest: str


@dataclass(frozen=True, slots=True)
class _Spell:
    """A row that holds from an instant to another, and the shard that it belongs to."""

    from_ms: int
    until_ms: int
    values: tuple[object, ...]
    shard: int = NO_SHARD


@dataclass(slots=True)
class _Spells:
    """Dated rows; the table of a day is built once for all days on which it is the same."""

    schema: pa.Schema
    spells: Sequence[_Spell]
    _turns: list[int] = field(default_factory=list)
    _known: dict[tuple[object, ...], Given] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._turns = sorted({turn for s in self.spells for turn in (s.from_ms, s.until_ms)})

    def on(self, period: Period, shard: int | None = None) -> Given:
        """The rows that hold in the period, of one shard or of all."""
        first, last = (bisect_right(self._turns, at) for at in (period.start_ms, period.end_ms - 1))
        key = (shard, first, last)
        if key not in self._known:
            self._known[key] = _given(self.schema, self._rows(period, shard))
        return self._known[key]

    def _rows(self, period: Period, shard: int | None) -> list[tuple[object, ...]]:
        return sorted(
            (
                *spell.values,
                spell.from_ms if spell.from_ms > period.start_ms else ALWAYS_MS,
                spell.until_ms if spell.until_ms < period.end_ms else EVER_MS,
            )
            for spell in self.spells
            if spell.from_ms < period.end_ms
            and spell.until_ms > period.start_ms
            and shard in (None, spell.shard)
        )


class MeterInputs:
    """The tables of one section, day by day, out of the site and the registry."""

    def __init__(
        self,
        section: Section,
        registry: Registry,
        calendar: Calendar,
        watermarks: Mapping[str, int],
    ) -> None:
        self.section = section
        self._calendar = calendar
        self._watermarks = watermarks
        self._installed = _Spells(INSTALLED, _devices(section, registry))
        self._ever_installed = _given(EVER_INSTALLED, _places(section, registry))
        self._tenancy = _Spells(TENANCY, _tenancies(section, registry, calendar))
        asides = sorted((a.source, a.account, a.reason) for a in registry.set_asides)
        self._set_aside = _given(SET_ASIDE, [a for a in asides if _metered_by(section, a[0])])

    def period(self, day: date) -> Period:
        """The accounting day."""
        return self._calendar.day(day)

    def days(self, period: Period) -> list[date]:
        """The accounting days that a period touches."""
        return self._calendar.days_of(period)

    def given(self, table: str, day: date) -> Given:
        """One of the tables of SCHEMAS on a day."""
        match table:
            case "installed":
                return self.installed(day)
            case "ever_installed":
                return self._ever_installed
            case "tenancy":
                return self._tenancy.on(self.period(day))
            case "set_aside":
                return self._set_aside
            case "source_state":
                return self._source_state(day)
        raise ContractError(f"{table} is read from the lake, not from the registry")

    def installed(self, day: date, shard: int | None = None) -> Given:
        """The section's devices of a day, of one shard or of all."""
        return self._installed.on(self.period(day), shard)

    def shards(self, day: date) -> set[int]:
        """The shards that have a device installed on a day."""
        period = self.period(day)
        return {
            spell.shard
            for spell in self._installed.spells
            if spell.from_ms < period.end_ms and spell.until_ms > period.start_ms
        }

    def _source_state(self, day: date) -> Given:
        section, period = self.section, self.period(day)
        cluster = section if isinstance(section, Cluster) else Cluster(section.name)
        row = (
            section.name,
            day,
            max(min(self.complete_to_ms, period.end_ms), period.start_ms),
            cluster.scrape_ms,
            cluster.suspended_held,
            section.has_scheduler,
            section.has_exporter,
            section.node_states,
            " ".join(sorted(cluster.carrier_accounts)),
        )
        return _state(row)

    @property
    def complete_to_ms(self) -> int:
        """Up to when every source is known from which held time or readings are taken."""
        section = self.section
        billed = {"allocation", "reading"} if section.has_scheduler else {"sample", "reading"}
        return min(
            (
                self._watermarks.get(source.name, 0) - section.hold_ms_of(source)
                for source in section.sources
                if source.record in billed
            ),
            default=0,
        )


def sku_model(model: str, slice_profile: str) -> str:
    """The model as SKU names have it: h100, or h100.mig-1g.10gb for a slice of one."""
    return f"{model}.mig-{slice_profile}" if slice_profile else model


def _devices(section: Section, registry: Registry) -> list[_Spell]:
    own = [device for device in registry.devices if device.cluster == section.name]
    slices: dict[str, list[Device]] = {}
    for device in own:
        slices.setdefault(device.parent, []).append(device)
    return [spell for device in own for spell in _stay(device, slices.get(device.device_uid, ()))]


def _places(section: Section, registry: Registry) -> list[tuple[object, ...]]:
    """Where a device of each model ever stood. No day is counted anew for it: who mends what it
    shows registers a device of those days, which they are made from."""
    own = [device for device in registry.devices if device.cluster == section.name]
    return sorted({(device.node, sku_model(device.model, device.slice)) for device in own})


def _stay(device: Device, slices: Sequence[Device]) -> Iterator[_Spell]:
    """A device's stay; a board has no capacity of its own while it is divided into slices."""
    stay = Period(device.installed_ms, _removed_ms(device))
    turns = {turn for part in slices for turn in (part.installed_ms, _removed_ms(part))}
    inside = {turn for turn in turns if stay.start_ms < turn < stay.end_ms}
    for from_ms, until_ms in pairwise(sorted({stay.start_ms, stay.end_ms, *inside})):
        divided = any(part.installed_ms <= from_ms < _removed_ms(part) for part in slices)
        yield _Spell(
            from_ms,
            until_ms,
            (
                device.device_uid,
                device.resource,
                sku_model(device.model, device.slice),
                device.node,
                0 if divided else 1000,
                device.power_limit_w or 0,
            ),
            device.shard,
        )


def _removed_ms(device: Device) -> int:
    return EVER_MS if device.removed_ms is None else device.removed_ms


def _tenancies(section: Section, registry: Registry, calendar: Calendar) -> list[_Spell]:
    return [
        _Spell(
            calendar.day(row.start).start_ms,
            EVER_MS if row.until is None else calendar.day(row.until).start_ms,
            (
                row.source,
                row.account,
                registry.project(row.project_id).company_id,
                row.project_id,
            ),
        )
        for row in registry.tenancies
        if _metered_by(section, row.source)
    ]


def _metered_by(section: Section, source: str) -> bool:
    """Whether usage of that source can come by the section: its own, or any by readings."""
    return source == section.name or any(own.record == "reading" for own in section.sources)


@lru_cache(maxsize=4096)
def _state(row: tuple[object, ...]) -> Given:
    """The state of a section's sources on a day, which every look at a month asks for again."""
    return _given(SOURCE_STATE, [row])


def _given(schema: pa.Schema, rows: Iterable[tuple[object, ...]]) -> Given:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    table = pa.table(
        [pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)],
        schema=schema,
    )
    return Given(table, row_digest(table))
