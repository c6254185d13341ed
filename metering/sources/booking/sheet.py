"""Bookings in a CSV or Parquet table of any booking system, by the map of columns."""

from collections.abc import Iterator, Sequence

from metering.calendar import Calendar
from metering.plain_text import tidy
from metering.settings.source_options.booking import NEEDED, SPANS, BookingOptions, State
from metering.sources.booking.reservation import Booking, RefusedBookingError
from metering.sources.table.cells import NULL, Cells
from metering.sources.table.sheet import TableSheet

Row = tuple[int, Booking | RefusedBookingError]


def bookings(sheet: TableSheet, options: BookingOptions, calendar: Calendar) -> Iterator[Row]:
    """The booking of every row, or why it has none."""
    cells = Cells(options.mapped, sheet, calendar)
    ids, equipment, accounts = (cells.text(name).to_pylist() for name in NEEDED)
    words = cells.text("state").to_pylist()
    spans = {name: [cells.instant(field).tolist() for field in SPANS[name]] for name in SPANS}
    cancelled = cells.instant("cancelled_at").tolist()
    for row in range(len(cells)):
        try:
            if row in cells.bad:
                raise RefusedBookingError(cells.bad[row])
            booking = Booking(
                ids[row],
                equipment[row],
                accounts[row],
                booked=_span("booked", [column[row] for column in spans["booked"]]),
                used=_span("used", [column[row] for column in spans["used"]]),
                state=_state(words[row], options),
                cancelled_ms=None if cancelled[row] == NULL else cancelled[row],
            )
        except RefusedBookingError as reason:
            yield row, reason
        else:
            yield row, booking


def _span(name: str, instants: Sequence[int]) -> tuple[int, int | None] | None:
    start_ms, end_ms = instants
    if start_ms == NULL:
        if end_ms != NULL:
            begin, end = SPANS[name]
            raise RefusedBookingError(f"has {end} without {begin}")
        return None
    return start_ms, None if end_ms == NULL else end_ms


def _state(word: str, options: BookingOptions) -> State:
    if not options.states:
        return "kept"
    if tidy(word) not in options.states:
        raise RefusedBookingError(f"the state {word!r} is none of `states`")
    return options.states[tidy(word)]
