"""Bookings of equipment: which equipment there is, whether booked or used time is billed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal, cast

from metering.calendar import Calendar, Naive
from metering.plain_text import tidy
from metering.settings.source_options.declared_source import DeclaredSource, Record
from metering.settings.source_options.location import check_files
from metering.settings.source_options.table import ENDINGS, ColumnMap
from metering.toml_reader import TomlTable

Format = Literal["table", "nemo"]
Bill = Literal["booked", "used", "either"]
State = Literal["kept", "cancelled", "missed", "moved", "waived"]

RECORDS: tuple[Record, ...] = ("reading",)
FORMATS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"table": ENDINGS, "nemo": (".json", ".json.gz")}
)
# Which spans are billed as the equipment itself; `either` is the time that is in one of the two.
BILLS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"booked": ("booked",), "used": ("used",), "either": ("booked", "used")}
)
STATES = ("kept", "cancelled", "missed", "moved", "waived")
NEEDED = ("booking_id", "equipment", "account")
SPANS = {"booked": ("booked_from", "booked_until"), "used": ("used_from", "used_until")}
ALLOWED = (*NEEDED, *SPANS["booked"], *SPANS["used"], "state", "cancelled_at")
TABLE_ONLY = ("columns", "states", "naive")


@dataclass(frozen=True, slots=True)
class BookingOptions:
    """What a source of bookings says of itself; site.toml has a key for each."""

    format: Format
    bill: Bill
    equipment: Mapping[str, str]  # the booking system's name of it -> SKU
    ignored: tuple[str, ...] = ()  # what can be booked and is not billed, by name
    late_cancel_ms: int = 0  # a cancellation later than so long before the start is late
    states: Mapping[str, State] = field(default_factory=dict)  # the table's words
    mapped: ColumnMap = field(default_factory=ColumnMap)  # the table's columns
    whole: bool = False  # whether each file lists all bookings from its first one on


def read_options(
    source: DeclaredSource, table: TomlTable, calendar: Calendar
) -> tuple[DeclaredSource, BookingOptions]:
    """The source with its options."""
    check_files(table, source.paths)
    format_ = cast(Format, table.choice("format", FORMATS))
    for path in source.paths:
        if not path.endswith(FORMATS.get(format_, path)):
            table.wrong("paths", f"{path!r} must end in {', '.join(FORMATS[format_])}")
    naive = table.choice("naive", ("utc", "site"), "")
    options = BookingOptions(
        format=format_,
        bill=cast(Bill, table.choice("bill", BILLS)),
        equipment=_equipment(table),
        ignored=tuple(tidy(name) for name in table.texts("ignored")),
        late_cancel_ms=table.duration_ms("late_cancel") or 0,
        states=_states(table),
        mapped=ColumnMap(
            table.texts_by_name("columns"), naive=cast(Naive, naive) if naive else None
        ),
        whole=table.flag("whole", False),
    )
    for name in sorted(set(options.ignored) & set(options.equipment)):
        table.wrong("ignored", f"{name} is under `equipment` as well")
    declared = replace(source, late_ms=table.duration_ms("late") or 0)
    if format_ == "table":
        _check_columns(table, options.mapped.columns, options)
    for key in TABLE_ONLY:
        if format_ == "nemo" and table.has(key):
            table.wrong(key, 'is for the format "table" only')
    return declared, options


def _equipment(table: TomlTable) -> dict[str, str]:
    equipment = {tidy(name): sku.strip() for name, sku in table.texts_by_name("equipment").items()}
    if not equipment:
        table.wrong(None, "needs [....source.equipment]: each name with its SKU")
    for name, sku in equipment.items():
        if not sku:
            table.wrong("equipment", f"{name} has no SKU")
    return equipment


def _states(table: TomlTable) -> dict[str, State]:
    states = {tidy(word): state for word, state in table.texts_by_name("states").items()}
    for word, state in states.items():
        if state not in STATES:
            table.wrong("states", f"{word} must be one of {', '.join(STATES)}, not {state!r}")
    return cast(dict[str, State], states)


def _check_columns(table: TomlTable, columns: Mapping[str, str], options: BookingOptions) -> None:
    """Every field that is needed has its column, and both instants of a span."""
    for name in columns:
        if name not in ALLOWED:
            table.wrong("columns", f"a booking has no field {name!r}")
    missing = [name for name in NEEDED if name not in columns]
    for span in BILLS.get(options.bill, ()):
        missing += [name for name in SPANS[span] if name not in columns]
    for begin, end in SPANS.values():
        if (begin in columns) != (end in columns):
            missing.append(end if begin in columns else begin)
    if options.late_cancel_ms and "state" in columns:
        missing += ["cancelled_at"] if "cancelled_at" not in columns else []
    for name in dict.fromkeys(missing):
        table.wrong("columns", f"says nothing of the field {name}")
    if ("state" in columns) != bool(options.states):
        table.wrong(None, "needs a column `state` and `states`, its words, together, or neither")
