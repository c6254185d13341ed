"""Rows of a cloud's answer to meters: exact numbers, known counters, the reason of each refusal."""

from collections import Counter as Tally
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, NamedTuple

from metering.calendar import Calendar
from metering.errors import SourceError, TimeError
from metering.plain_text import flaw, tidy
from metering.settings.source_options.cloud import CloudOptions, Counter
from metering.settings.source_options.cloud_units import LEVELS_MAX, MEASURES, SPAN_S, STATUS
from metering.settings.source_options.limits import Limits
from metering.sources.reading import exact_numbers, files
from metering.sources.reading.batch import Batch, Note, Quarantined, shown
from metering.sources.reading.json_text import JsonTextError, read_json, written
from metering.sources.reading.schemas import CLOUD_METER, table_of
from metering.sources.reading.web import Answer

Row = Mapping[str, Any]
PARENT = "parent:"  # begins the id of a meter that has none of its own
DIGITS_MAX = 40  # before or behind the point; assumed to be beyond any meter


class CloudMeter(NamedTuple):
    """One meter, in the order of CLOUD_METER; a tuple, for it is a row of a table on both sides."""

    account: str
    counter: str
    app_key: str
    resource_id: str
    used_ms: int
    meter_id: str
    asked_ms: int
    counter_type: str
    volume: str
    sku: str
    measure: str

    @property
    def has_own_id(self) -> bool:
        """Whether its id is its own, and not only that of what its resource is part of."""
        return bool(self.meter_id) and not self.meter_id.startswith(PARENT)


class RowError(Exception):
    """A row that cannot be taken; the message is the reason."""


class UnknownCounterError(RowError):
    """A row of a counter that site.toml says nothing of, or something else of."""


class IgnoredError(Exception):
    """A row that is rightly left out; the message says as what it is counted."""


def document(answer: Answer, what: str, limits: Limits) -> Row:
    """The JSON object of an answer, its numbers exact; SourceError where it is none, or is nested
    deeper than the limits say."""
    files.refuse_depth(what, answer.content, limits)
    try:
        document = read_json(answer.content, parse_float=Decimal, parse_constant=_refuse)
    except JsonTextError as error:
        raise SourceError(f"{what}: the answer is no JSON: {_begun(answer)}") from error
    if not isinstance(document, dict):
        raise SourceError(f"{what}: the answer is no JSON object")
    return document


def _begun(answer: Answer) -> str:
    return shown(answer.content[:80].decode("utf-8", "replace"))


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def inside(row: Row, *path: str) -> object:
    """What a row holds under a path of keys, None where it has none."""
    value: object = row
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def text(row: Row, *path: str, needed: bool = True) -> str:
    """A text of a row (a whole number counts as one); RowError where it is missing or strange."""
    value = inside(row, *path)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is not None and not isinstance(value, str):
        raise RowError(f"{'.'.join(path)} is no text")
    tidied = tidy(value or "")
    if problem := flaw(tidied):
        raise RowError(f"{'.'.join(path)}: {problem}")
    if needed and not tidied:
        raise RowError(f"{'.'.join(path)} is empty")
    return tidied


def instant(row: Row, calendar: Calendar, *path: str) -> int:
    """An instant of a row, written with its offset."""
    try:
        instant_ms = calendar.instant(text(row, *path))
    except TimeError as error:
        raise RowError(f"{'.'.join(path)}: {error}") from error
    if not exact_numbers.FIRST_MS <= instant_ms < exact_numbers.LAST_MS:
        raise RowError(f"{'.'.join(path)} is an impossible instant")
    return instant_ms


def volume(row: Row, *path: str) -> str:
    """An amount from 0 on, exactly as written, in one form: 24, 0.5."""
    written = inside(row, *path)
    name = ".".join(path)
    if isinstance(written, bool) or not isinstance(written, (int, Decimal, str)):
        raise RowError(f"{name} is no number")
    try:
        value = exact_numbers.number(str(written)) if isinstance(written, str) else Decimal(written)
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite() or (value and abs(value.adjusted()) >= DIGITS_MAX):
        raise RowError(f"{name} is no number that can be counted")
    if value < 0:
        raise RowError(f"{name} {value} is below zero")
    plain = f"{value.copy_abs():f}" if value else "0"
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain) or "0"


def known(options: CloudOptions, name: str, kind: str, unit: str) -> Counter:
    """The counter of a name; a row that says another type or unit of it is no row of it.

    A row that matters to no bill is left out before anybody asks what it lacks.
    """
    if kind == STATUS:
        raise IgnoredError("status")
    if name in options.ignored:
        raise IgnoredError("ignored")
    if not name:
        raise RowError("has no name of its counter")
    counter = options.counters.get(name)
    if counter is None:
        raise UnknownCounterError(f"unknown counter {name} ({kind}, {unit})")
    if (counter.kind, counter.unit) != (kind, unit):
        raise UnknownCounterError(
            f"counter {name} is {kind} in {unit} here, but {counter.kind} in {counter.unit}"
            " in site.toml"
        )
    return counter


def bounded(volume: str, counter: Counter) -> str:
    """A volume that can be; RowError where it is more than anything holds at once."""
    measure = MEASURES[counter.measure]
    level = Fraction(volume) * measure.factor
    if not measure.level:
        level /= SPAN_S[counter.kind]
    if level > LEVELS_MAX[measure.unit]:
        raise RowError(f"{volume} is more than can be: {LEVELS_MAX[measure.unit]} {measure.unit}")
    return volume


@dataclass(slots=True)
class MeterReader:
    """The rows of one answer, taken one by one, to a batch. `day` is the day asked for: to collect
    it again is what mends a row that was refused, so findings are of it."""

    origin: str
    day: date
    take: Callable[[Row], CloudMeter]
    meters: list[CloudMeter] = field(default_factory=list)
    refused: list[Quarantined] = field(default_factory=list)
    skipped: Tally[str] = field(default_factory=Tally)
    notes: dict[Note, None] = field(default_factory=dict)

    def batch(self, rows: Sequence[object]) -> Batch:
        """The batch of all rows."""
        for row in rows:
            self._read(row)
        table = table_of(sorted(self.meters), CLOUD_METER)
        refused = tuple(sorted(self.refused, key=lambda row: (row.place, row.reason, row.text)))
        skipped, notes = dict(self.skipped), tuple(self.notes)
        return Batch(
            "reading", table, refused, len(rows), f"{self.origin} {self.day}", skipped, notes,
            taken=len(self.meters),
        )  # fmt: skip

    def _read(self, row: object) -> None:
        try:
            if not isinstance(row, dict):
                raise RowError("is no JSON object")
            self.meters.append(self.take(row))
        except IgnoredError as reason:
            self.skipped[str(reason)] += 1
        except RowError as reason:
            self.refused.append(
                Quarantined(f"{self.origin} {self.day}", str(reason), shown(written(row)))
            )
            if isinstance(reason, UnknownCounterError):
                detail = f"{reason}. site.toml 에 적고 {self.day} 을 다시 수집하세요."
                note = Note("fail", "unknown_counter", self.origin, detail, self.day)
                self.notes[note] = None
