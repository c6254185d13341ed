"""NEMO's own JSON: reservations (`/api/reservations/`) and usage events (`/api/usage_events/`)."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from metering.calendar import Calendar
from metering.errors import TimeError
from metering.settings.source_options.booking import State
from metering.sources.booking.reservation import Booking, RefusedBookingError
from metering.sources.reading import exact_numbers

Row = Mapping[str, Any]


def rows(raw: bytes) -> Iterator[tuple[int, object]]:
    """The rows of an answer with their numbers: a list, or a page that holds one as `results`.

    RefusedError where it is neither.
    """
    try:
        content = json.loads(raw)
    except ValueError as error:  # no JSON, or no UTF-8
        raise RefusedBookingError(f"is no JSON: {error}") from error
    listed = content.get("results") if isinstance(content, dict) else content
    if not isinstance(listed, list):
        raise RefusedBookingError("is no list of reservations or usage events")
    yield from enumerate(listed, start=1)


def booking(row: object, calendar: Calendar) -> tuple[str, Booking]:
    """A row's booking, and which of the two lists it is of: their ids are apart."""
    if not isinstance(row, dict):
        raise RefusedBookingError("is no JSON object")
    if "cancelled" in row and "missed" in row:
        return "reservation", _reservation(row, calendar)
    if "operator" in row:
        return "use", _use(row, calendar)
    raise RefusedBookingError("is neither a reservation nor a usage event of NEMO")


def _reservation(row: Row, calendar: Calendar) -> Booking:
    return Booking(
        booking_id=_id(row, "id"),
        equipment=_id(row, "tool") or _prefixed("area:", _id(row, "area")),
        account=_id(row, "project"),
        booked=(_instant(row, "start", calendar), _end(row, calendar)),
        state=_state(row),
        cancelled_ms=(
            _instant(row, "cancellation_time", calendar) if row.get("cancellation_time") else None
        ),
        waived=_flag(row, "waived"),
    )


def _use(row: Row, calendar: Calendar) -> Booking:
    return Booking(
        booking_id=_id(row, "id"),
        equipment=_id(row, "tool"),
        account=_id(row, "project"),
        used=(_instant(row, "start", calendar), _end(row, calendar)),
        waived=_flag(row, "waived"),
    )


def _state(row: Row) -> State:
    """Moving or shortening a reservation cancels it and makes a new row, its descendant."""
    if row.get("descendant") is not None:
        return "moved"
    if _flag(row, "cancelled"):
        return "cancelled"
    return "missed" if _flag(row, "missed") else "kept"


def _id(row: Row, key: str) -> str:
    """An id as text, '' where there is none; `?expand=` puts the whole object in its place."""
    value = row.get(key)
    if isinstance(value, dict):
        value = value.get("id")
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int):
        raise RefusedBookingError(f"{key} {value!r} is no id")
    return str(value)


def _prefixed(prefix: str, name: str) -> str:
    return prefix + name if name else ""


def _flag(row: Row, key: str) -> bool:
    value = row.get(key, False)
    if not isinstance(value, bool):
        raise RefusedBookingError(f"{key} {value!r} is neither true nor false")
    return value


def _end(row: Row, calendar: Calendar) -> int | None:
    return None if row.get("end") is None else _instant(row, "end", calendar)


def _instant(row: Row, key: str, calendar: Calendar) -> int:
    value = row.get(key)
    if not isinstance(value, str):
        raise RefusedBookingError(f"{key} {value!r} is no instant")
    try:
        instant_ms = calendar.instant(value)
    except TimeError as error:
        raise RefusedBookingError(f"{key}: {error}") from error
    if not exact_numbers.FIRST_MS <= instant_ms < exact_numbers.LAST_MS:
        raise RefusedBookingError(f"{key} {value!r} is an impossible instant")
    return instant_ms
