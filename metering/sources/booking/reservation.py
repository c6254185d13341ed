"""One booking as its system tells of it, and what it comes to: booked, used, missed, late."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from metering.calendar import DAY_MS, SECOND_MS
from metering.plain_text import flaw, tidy
from metering.settings.source_options.booking import BookingOptions, State
from metering.sources.reading.unowned import NOBODY

FactName = Literal["booked", "used", "missed", "late_cancelled"]
# Missed and late-cancelled time has SKUs of its own: what it costs, if anything, is its price's.
SUFFIX = {"missed": ".missed", "late_cancelled": ".late-cancelled"}
# Assumed: nobody books for longer than a year; more is a year that was mistyped.
BOOKED_MS_MAX = 366 * DAY_MS
UNREADABLE_MS = -1  # an instant that is there and cannot be read


class RefusedBookingError(Exception):
    """This booking cannot be taken; the message is the reason."""


class UnknownEquipmentError(RefusedBookingError):
    """This booking is of equipment that site.toml does not name."""


class SkippedError(Exception):
    """This row is rightly nothing; the message is what it is counted as."""


@dataclass(frozen=True, slots=True)
class Booking:
    """A row: a reservation, a use, or both. A span's end is None while it lasts.

    `wrong` is the first thing that could not be read of it. It matters only where the row does: a
    row that is cancelled, moved or of something that is not billed comes to nothing in any case.
    """

    booking_id: str
    equipment: str
    account: str
    booked: tuple[int, int | None] | None = None
    used: tuple[int, int | None] | None = None
    state: State = "kept"
    cancelled_ms: int | None = None
    waived: bool = False
    wrong: str = ""

    @property
    def started_ms(self) -> int | None:
        """The first of its starts."""
        spans = (span for span in (self.booked, self.used) if span is not None)
        return min((span[0] for span in spans if span[0] != UNREADABLE_MS), default=None)


class Fact(NamedTuple):
    """A stretch of time of a booking, in the order of the schema BOOKING."""

    account: str
    equipment: str
    booking_id: str
    fact: FactName
    waived: bool
    sku: str
    started_ms: int
    ended_ms: int | None  # None: it lasts on


def facts_of(booking: Booking, options: BookingOptions) -> tuple[Fact, ...]:
    """What a booking comes to; RefusedError or SkippedError where it comes to nothing.

    Whether it matters is asked before what it lacks.
    """
    if booking.state == "moved":  # the booking that it became is a row of its own
        raise SkippedError("moved")
    if tidy(booking.equipment) in options.ignored:
        raise SkippedError("ignored")
    if booking.state == "cancelled" and _in_time(booking, options):
        raise SkippedError("cancelled")
    if booking.wrong:
        raise RefusedBookingError(booking.wrong)
    booking = _tidied(booking)
    sku = options.equipment.get(booking.equipment)
    if sku is None:
        raise UnknownEquipmentError(f"unknown equipment {booking.equipment!r}")
    if booking.booked is None and booking.used is None:
        raise RefusedBookingError("says neither when it was booked nor when it was used")
    waived = booking.waived or booking.state == "waived"
    facts = [
        Fact(
            booking.account, booking.equipment, booking.booking_id, fact, waived,
            sku + SUFFIX.get(fact, ""), *_whole_seconds(span, fact),
        )
        for fact, span in _spans(booking, options)
    ]  # fmt: skip
    return tuple(fact for fact in facts if fact.ended_ms is None or fact.ended_ms > fact.started_ms)


def _tidied(booking: Booking) -> Booking:
    """The booking with tidy names; one without an account is nobody's, and so unowned."""
    names = {name: tidy(getattr(booking, name)) for name in ("booking_id", "equipment", "account")}
    names["account"] = names["account"] or NOBODY
    for name, text in names.items():
        if not text:
            raise RefusedBookingError(f"{name} is empty")
        if wrong := flaw(text):
            raise RefusedBookingError(f"{name} {text[:80]!r}: {wrong}")
    return replace(booking, **names)  # type: ignore[arg-type]


def _spans(
    booking: Booking, options: BookingOptions
) -> Iterator[tuple[FactName, tuple[int, int | None]]]:
    """The stretches by what they are."""
    booked, used = booking.booked, booking.used
    if booking.state in ("cancelled", "missed"):
        if used is not None or booked is None:
            other = "was used" if used is not None else "was never booked"
            raise RefusedBookingError(f"is {booking.state}, but {other}")
        yield "missed" if booking.state == "missed" else "late_cancelled", booked
    elif booked is not None:
        yield "booked", booked
    if used is not None:
        yield "used", used


def _in_time(booking: Booking, options: BookingOptions) -> bool:
    """Whether a cancelled booking was cancelled early enough, so that it is nothing at all."""
    if booking.used is not None or booking.cancelled_ms == UNREADABLE_MS:
        return False
    if booking.cancelled_ms is None:
        if options.late_cancel_ms:
            raise RefusedBookingError(booking.wrong or "is cancelled, but nobody says when")
        return True
    if booking.booked is None or booking.booked[0] == UNREADABLE_MS:
        return False
    return booking.cancelled_ms <= booking.booked[0] - options.late_cancel_ms


def _whole_seconds(span: tuple[int, int | None], fact: str) -> tuple[int, int | None]:
    """Both ends rounded down, so that what follows at once still does not overlap."""
    start_ms, end_ms = span
    if end_ms is None:
        if fact != "used":
            raise RefusedBookingError(f"is {fact}, but has no end")
        return start_ms // SECOND_MS * SECOND_MS, None
    if end_ms < start_ms:
        raise RefusedBookingError("ends before it starts")
    if end_ms - start_ms > BOOKED_MS_MAX:
        raise RefusedBookingError("lasts for more than a year")
    return start_ms // SECOND_MS * SECOND_MS, end_ms // SECOND_MS * SECOND_MS
