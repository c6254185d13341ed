"""Bookings in a CSV or Parquet table of any booking system, by the map of columns."""

from collections.abc import Iterator

from metering.calendar import Calendar
from metering.plain_text import tidy
from metering.settings.source_options.booking import NEEDED, SPANS, BookingOptions, State
from metering.sources.booking.reservation import UNREADABLE_MS, Booking, RefusedBookingError
from metering.sources.table.cells import BAD, NULL, Cells
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
        wrong = cells.bad.get(row, "")
        own = {name: (columns[0][row], columns[1][row]) for name, columns in spans.items()}
        try:
            state = _state(words[row], options, wrong)
        except RefusedBookingError as reason:  # whether the row comes to anything is unknown
            yield row, reason
            continue
        yield (
            row,
            Booking(
                ids[row],
                equipment[row],
                accounts[row],
                booked=_span(own["booked"]),
                used=_span(own["used"]),
                state=state,
                cancelled_ms=_instant(cancelled[row]),
                wrong=wrong or "".join(_endless(name, own[name]) for name in own),
            ),
        )


def _span(instants: tuple[int, int]) -> tuple[int, int | None] | None:
    start_ms, end_ms = (_instant(instant_ms) for instant_ms in instants)
    if start_ms is None:
        return None if end_ms is None else (UNREADABLE_MS, None)
    return start_ms, end_ms


def _endless(name: str, instants: tuple[int, int]) -> str:
    begin, end = SPANS[name]
    without = instants[0] == NULL and instants[1] != NULL
    return f"has {end} without {begin}" if without else ""


def _instant(instant_ms: int) -> int | None:
    if instant_ms == NULL:
        return None
    return UNREADABLE_MS if instant_ms == BAD else instant_ms


def _state(word: str, options: BookingOptions, wrong: str) -> State:
    """What a row's word means; RefusedBookingError where it is none, as it may come to nothing."""
    if not options.states:
        return "kept"
    if tidy(word) not in options.states:
        raise RefusedBookingError(wrong or f"the state {word!r} is none of `states`")
    return options.states[tidy(word)]
