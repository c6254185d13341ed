"""NEMO's own JSON: reservations (`/api/reservations/`) and usage events (`/api/usage_events/`)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from metering.calendar import Calendar
from metering.errors import TimeError
from metering.settings.source_options.booking import State
from metering.sources.booking.reservation import UNREADABLE_MS, Booking, RefusedBookingError
from metering.sources.reading import exact_numbers, listed
from metering.sources.reading.json_text import JsonTextError, read_json

Row = Mapping[str, Any]
T = TypeVar("T")


class PartialListError(RefusedBookingError):
    """This answer says itself that it is not the whole list; `rows` is how many it has."""

    def __init__(self, words: str, rows: int) -> None:
        super().__init__(words)
        self.rows = rows


def rows(raw: bytes) -> Iterator[tuple[int, object]]:
    """The rows of an answer with their numbers: a list, or a page that holds one as `results`.

    RefusedBookingError where it is neither, PartialListError where it is one page of several.
    """
    try:
        content = read_json(raw)
    except JsonTextError as error:
        raise RefusedBookingError(f"is no JSON: {error}") from error
    rows = content.get("results") if isinstance(content, dict) else content
    if not isinstance(rows, list):
        raise RefusedBookingError("is no list of reservations or usage events")
    if isinstance(content, dict) and (words := listed.partial(content, rows)):
        raise PartialListError(words, len(rows))
    yield from enumerate(rows, start=1)


def booking(row: object, calendar: Calendar) -> tuple[str, Booking]:
    """A row's booking, and which of the two lists it is of: their ids are apart."""
    if not isinstance(row, dict):
        raise RefusedBookingError("is no JSON object")
    if "cancelled" in row and "missed" in row:
        return "reservation", _Fields(row, calendar).reservation()
    if "operator" in row:
        return "use", _Fields(row, calendar).use()
    raise RefusedBookingError("is neither a reservation nor a usage event of NEMO")


@dataclass(slots=True)
class _Fields:
    """A row read field by field; the first that cannot be read is kept, for it may not matter."""

    row: Row
    calendar: Calendar
    wrong: str = ""

    def reservation(self) -> Booking:
        state: State = self._read(partial(_state, self.row), "kept")
        booking = Booking(
            booking_id=self._id("id"),
            equipment=self._id("tool") or _prefixed("area:", self._id("area")),
            account=self._account(),
            booked=self._span(),
            state=state,
            cancelled_ms=(
                self._instant("cancellation_time") if self.row.get("cancellation_time") else None
            ),
            waived=self._read(partial(_flag, self.row, "waived"), False),
        )
        return replace(booking, wrong=self.wrong)

    def use(self) -> Booking:
        booking = Booking(
            booking_id=self._id("id"),
            equipment=self._id("tool"),
            account=self._account(),
            used=self._span(),
            waived=self._read(partial(_flag, self.row, "waived"), False),
        )
        return replace(booking, wrong=self.wrong)

    def _account(self) -> str:
        """The project; of a reservation without one (staff may make it) the user, who is unowned
        unless the registry knows him."""
        return self._id("project") or _prefixed("user:", self._id("user"))

    def _span(self) -> tuple[int, int | None]:
        start_ms = self._instant("start")
        return start_ms, None if self.row.get("end") is None else self._instant("end")

    def _id(self, key: str) -> str:
        return self._read(partial(_id, self.row, key), "")

    def _instant(self, key: str) -> int:
        return self._read(partial(_instant, self.row, key, self.calendar), UNREADABLE_MS)

    def _read(self, read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except RefusedBookingError as reason:
            self.wrong = self.wrong or str(reason)
            return otherwise


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
