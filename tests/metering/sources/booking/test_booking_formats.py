"""What each row of a booking system comes to, and why some come to nothing."""

from pathlib import Path

import pytest

from metering.calendar import DAY_MS, HOUR_MS, SECOND_MS
from metering.settings.source_options.booking import BookingOptions
from metering.sources.booking import nemo
from metering.sources.booking.reservation import (
    BOOKED_MS_MAX,
    Booking,
    Fact,
    RefusedBookingError,
    SkippedError,
    facts_of,
)
from tests.builders.bookings import NEMO, SIM, TABLE, Lab, clock, reservation, row, use
from tests.builders.sites.metering_site import CALENDAR, MIDNIGHT

SPAN = (MIDNIGHT, MIDNIGHT + HOUR_MS)


def outcome(booking: Booking, options: BookingOptions = TABLE) -> object:
    """The facts' names and SKUs, or the reason why there is none."""
    try:
        return [(one.fact, one.sku.removeprefix(SIM)) for one in facts_of(booking, options)]
    except (RefusedBookingError, SkippedError) as reason:
        return str(reason)


def from_nemo(said: object) -> object:
    try:
        return outcome(nemo.booking(said, CALENDAR)[1], NEMO)
    except RefusedBookingError as reason:
        return str(reason)


@pytest.mark.parametrize(
    ("cancelled_ms", "expected"),
    [
        (MIDNIGHT - 2 * HOUR_MS, "cancelled"),
        (MIDNIGHT - 2 * HOUR_MS + 1, [("late_cancelled", ".late-cancelled")]),
        (MIDNIGHT + 1, [("late_cancelled", ".late-cancelled")]),
        (None, "is cancelled, but nobody says when"),
    ],
)
def test_a_cancellation_is_late_within_the_time_that_the_site_says(
    cancelled_ms: int | None, expected: object
) -> None:
    one = Booking("1", "sim", "lab", SPAN, state="cancelled", cancelled_ms=cancelled_ms)
    assert outcome(one) == expected


def test_where_the_site_says_no_time_only_a_cancellation_after_the_start_is_late() -> None:
    options = BookingOptions("table", "booked", {"sim": SIM})
    found = [
        outcome(Booking("1", "sim", "lab", SPAN, state="cancelled", cancelled_ms=at), options)
        for at in (MIDNIGHT, MIDNIGHT + 1, None)
    ]
    assert found == ["cancelled", [("late_cancelled", ".late-cancelled")], "cancelled"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"booked": SPAN, "used": SPAN}, [("booked", ""), ("used", "")]),
        ({"booked": SPAN, "state": "missed"}, [("missed", ".missed")]),
        ({"booked": SPAN, "used": SPAN, "state": "missed"}, "is missed, but was used"),
        ({"used": SPAN, "state": "cancelled"}, "is cancelled, but was used"),
        ({"state": "missed"}, "says neither when it was booked nor when it was used"),
        ({"booked": SPAN, "state": "moved"}, "moved"),
        ({"booked": SPAN, "equipment": "room"}, "ignored"),
        ({"booked": SPAN, "equipment": " sim "}, [("booked", "")]),
        ({"booked": SPAN, "equipment": "laser"}, "unknown equipment 'laser'"),
        ({"booked": SPAN, "account": " "}, [("booked", "")]),
        ({"booked": SPAN, "wrong": "end is odd"}, "end is odd"),
        ({"booked": SPAN, "wrong": "end is odd", "state": "moved"}, "moved"),
        ({"booked": SPAN, "wrong": "end is odd", "equipment": "room"}, "ignored"),
        ({"booked": SPAN, "booking_id": ""}, "booking_id is empty"),
        ({"booked": SPAN, "account": "a\u202eb"},
         "account 'a\\u202eb': character 2 (U+202E) cannot be printed; remove it"),
        ({"booked": (MIDNIGHT, None)}, "is booked, but has no end"),
        ({"used": (MIDNIGHT, None)}, [("used", "")]),
        ({"used": (MIDNIGHT, MIDNIGHT - 1)}, "ends before it starts"),
        ({"used": (MIDNIGHT, MIDNIGHT)}, []),
        ({"booked": (MIDNIGHT, MIDNIGHT + BOOKED_MS_MAX)}, [("booked", "")]),
        ({"booked": (MIDNIGHT, MIDNIGHT + BOOKED_MS_MAX + 1)}, "lasts for more than a year"),
    ],
)  # fmt: skip
def test_a_booking_comes_to_facts_or_says_why_not(
    said: dict[str, object], expected: object
) -> None:
    plain: dict[str, object] = {"booking_id": "1", "equipment": "sim", "account": "lab"}
    assert outcome(Booking(**{**plain, **said})) == expected  # type: ignore[arg-type]


def test_both_ends_are_rounded_down_to_whole_seconds() -> None:
    turn = MIDNIGHT + 5 * SECOND_MS + 700
    one, next_one = (
        facts_of(Booking("1", "sim", "lab", used=span), TABLE)[0]
        for span in ((MIDNIGHT + 999, turn), (turn, turn + DAY_MS))
    )
    assert one == Fact("lab", "sim", "1", "used", False, SIM, MIDNIGHT, MIDNIGHT + 5 * SECOND_MS)
    assert next_one.started_ms == one.ended_ms


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (reservation(1, 9, 10), [("booked", "")]),
        (reservation(1, 9, 10, tool={"id": 5, "name": "sim"}), [("booked", "")]),
        (reservation(1, 9, 10, missed=True), [("missed", ".missed")]),
        (reservation(1, 9, 10, cancelled=True, cancellation_time=clock(8)), "cancelled"),
        (reservation(1, 9, 10, cancelled=True, cancellation_time=clock(9.5)),
         [("late_cancelled", ".late-cancelled")]),
        (reservation(1, 9, 10, cancelled=True, descendant=2), "moved"),
        (reservation(1, 9, 10, shortened=True, descendant=2), "moved"),
        (reservation(1, 9, 10, tool=None, area=7), "ignored"),
        (reservation(1, 9, 10, tool=None, area=8), "unknown equipment 'area:8'"),
        (reservation(1, 9, 10, project=None), [("booked", "")]),
        (reservation(1, 9, 10, tool="5"), "tool '5' is no id"),
        (reservation(1, 9, 10, missed=0), "missed 0 is neither true nor false"),
        ({**reservation(1, 9, 10), "start": None}, "start None is no instant"),
        ({**reservation(1, 9, 10), "start": "2025-11-01T09:00:00"},
         "start: '2025-11-01T09:00:00' has no offset: add one, like +09:00 or Z"),
        ({**reservation(1, 9, 10), "end": "2225-11-01T09:00:00Z"},
         "end '2225-11-01T09:00:00Z' is an impossible instant"),
        (use(1, 9, None), [("used", "")]),
        ({"id": 1}, "is neither a reservation nor a usage event of NEMO"),
        ([], "is no JSON object"),
    ],
)  # fmt: skip
def test_nemo_rows_come_to_facts_or_say_why_not(said: object, expected: object) -> None:
    assert from_nemo(said) == expected


def test_what_nemo_waives_is_kept_and_not_billed(tmp_path: Path) -> None:
    lab = Lab(tmp_path / "site", NEMO)
    lab.json([reservation(1, 9, 10, waived=True), use(1, 9, 10, waived=True)])
    assert lab.collect(0, 24).findings == []
    assert (lab.readings(), [fact[:3] for fact in lab.facts()]) == (
        [], [("1", "booked", True), ("1", "used", True)],
    )  # fmt: skip


@pytest.mark.parametrize("raw", [b"{", b"\xff", b"5", b"{}", b'{"results": {}}'])
def test_a_file_that_is_no_list_of_nemo_is_refused(raw: bytes) -> None:
    with pytest.raises(RefusedBookingError, match="is no "):
        list(nemo.rows(raw))


def test_a_file_that_is_no_json_stops_the_source(tmp_path: Path) -> None:
    lab = Lab(tmp_path / "site", NEMO)
    lab.json([reservation(1, 9, 10)], "a.json")
    (tmp_path / "site" / "in" / "b.json").write_text("<html>", encoding="utf-8")
    (found,) = lab.collect(0, 24).findings
    assert (found.kind, "in/b.json:1: is no JSON" in found.detail) == ("source_unavailable", True)


def test_bad_rows_of_a_table_are_quarantined_with_their_line(tmp_path: Path) -> None:
    lab = Lab(tmp_path / "site")
    rows = [row(str(n), (9, 10)) for n in range(400)]
    lab.table(
        *rows,
        row("a", (9, 10), state="gone"),
        row("b", (9, 10)).replace("T09", "X09"),
        row("c", (9, 10)).replace(clock(9), ""),
        "d,sim",
    )
    lab.collect(0, 24)
    bad = clock(9).replace("T09", "X09")
    assert lab.quarantine() == [
        ("in/a.csv:402", "the state 'gone' is none of `states`"),
        ("in/a.csv:403", (f"booked_from: {bad!r} is no instant: write it like"
         " 2025-10-01T00:00:00+09:00")),
        ("in/a.csv:404", "has booked_until without booked_from"),
        ("in/a.csv:405", "has 2 cells instead of 9"),
    ]  # fmt: skip


def test_equipment_is_found_however_its_hangul_is_composed(tmp_path: Path) -> None:
    """Exports of a Mac write each letter's parts; site.toml has the whole letters."""
    lab = Lab(tmp_path / "site", BookingOptions("nemo", "booked", {"5": SIM}))
    decomposed, composed = "\u1112\u1161\u11ab", "\ud55c"
    one = Booking("1", decomposed, decomposed, SPAN)
    (fact,) = facts_of(one, BookingOptions("table", "booked", {composed: SIM}))
    assert (fact.equipment, fact.account) == (composed, composed)
    assert lab.source.live is False  # somebody has to say up to when files are complete
