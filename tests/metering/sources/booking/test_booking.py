"""Equipment is billed by what was booked, used, or either; both are kept, and missed apart."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metering.collect.land_bookings import Piece, overlaps, readings, unbooked
from tests.builders.bookings import NEMO, SIM, TABLE, Lab, reservation, row, told, use
from tests.builders.sites.metering_site import FIRST, GPU_HOUR_US, LAST

DAY, NEXT = "2025-11-01", "2025-11-02"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path / "site")


def test_a_table_of_bookings_becomes_usage_and_missed_ones_are_a_sku_of_their_own(
    lab: Lab,
) -> None:
    lab.table(
        row("1", (9, 11), (9.5, 10.5)),
        row("2", (13, 14), state="noshow"),
        row("3", (15, 17), state="cancel", cancelled=14),
        row("4", (18, 19), state="cancel", cancelled=15),
        row("5", (9, 10), state="free", tool="sim2"),
    )
    assert told(lab.collect(0, 24)) == []
    assert lab.made.meter(LAST) == []
    assert lab.made.usage(LAST) == [
        ("P1", "lab", SIM, 2 * GPU_HOUR_US, "device_us", False),
        ("P1", "lab", SIM + ".late-cancelled", 2 * GPU_HOUR_US, "device_us", False),
        ("P1", "lab", SIM + ".missed", 1 * GPU_HOUR_US, "device_us", False),
    ]
    assert lab.facts() == [
        ("1", "booked", False, 9, 11),
        ("1", "used", False, 9.5, 10.5),
        ("2", "missed", False, 13, 14),
        ("3", "late_cancelled", False, 15, 17),
        ("5", "booked", True, 9, 10),
    ]


def test_nemo_reservations_and_use_become_usage(tmp_path: Path) -> None:
    lab = Lab(tmp_path / "site", replace(NEMO, bill="used"))
    lab.json([reservation(1, 9, 11), reservation(2, 13, 14, missed=True)], "reservations.json")
    lab.json({"count": 1, "results": [use(1, 9, 11.5)]}, "usage_events.json")
    assert told(lab.collect(0, 24)) == []
    lab.made.meter(LAST)
    assert [one[2:4] for one in lab.made.usage(LAST)] == [
        (SIM, Decimal("2.5") * GPU_HOUR_US),
        (SIM + ".missed", GPU_HOUR_US),
    ]


def test_a_booking_over_the_end_of_a_month_is_billed_in_both(lab: Lab) -> None:
    lab.table(row("1", (-2, 3), (-1, 4)))
    lab.collect()
    assert lab.readings() == [
        ("lab", "driving-simulator", "sim", -2, 0),
        ("lab", "driving-simulator", "sim", 0, 3),
    ]
    lab.made.meter(FIRST, LAST)
    hours = [lab.made.usage(day)[0][3] for day in (FIRST, LAST)]
    assert hours == [2 * GPU_HOUR_US, 3 * GPU_HOUR_US]


@pytest.mark.parametrize(
    ("bill", "expected"),
    [
        ("booked", [(9, 11), (13, 14)]),
        ("used", [(8.5, 9.5), (10, 12), (20, 21)]),
        ("either", [(8.5, 12), (13, 14), (20, 21)]),
    ],
)
def test_the_site_says_whether_booked_or_used_time_is_billed(
    tmp_path: Path, bill: str, expected: list[tuple[float, float]]
) -> None:
    lab = Lab(tmp_path / "site", replace(TABLE, bill=bill))  # type: ignore[arg-type]
    lab.table(
        row("1", (9, 11), (8.5, 9.5)), row("2", None, (10, 12)), row("3", (13, 14)),
        row("4", None, (20, 21)),
    )  # fmt: skip
    found = told(lab.collect(0, 24))
    assert [reading[3:] for reading in lab.readings()] == expected
    assert found == ([("warn", "unbooked_use", DAY, "sim lab")] if bill == "booked" else [])
    assert len(lab.facts()) == 5


def test_a_second_that_an_account_booked_twice_is_billed_once(lab: Lab) -> None:
    lab.table(row("1", (9, 11)), row("2", (10, 12)), row("3", (9, 10), tool="sim2"))
    assert told(lab.collect(0, 24)) == []
    assert lab.readings() == [
        ("lab", "driving-simulator", "sim", 9, 12),
        ("lab", "driving-simulator", "sim2", 9, 10),
    ]


def test_what_two_accounts_booked_at_once_stops_the_month(lab: Lab) -> None:
    lab.table(row("1", (9, 11)), row("2", (10, 12), team="team"))
    assert told(lab.collect(0, 24)) == [("fail", "booked_twice", DAY, "sim lab team")]
    lab.table(row("1", (9, 11)), row("2", (11, 12), team="team"))
    assert told(lab.collect(0, 24)) == []


def test_use_that_runs_into_anothers_booking_is_a_warning(tmp_path: Path) -> None:
    lab = Lab(tmp_path / "site", replace(TABLE, bill="either"))
    lab.table(row("1", (9, 11), (9, 11.5)), row("2", (11, 12), (11.5, 12), team="team"))
    assert told(lab.collect(0, 24)) == [("warn", "booked_twice", DAY, "sim lab team")]


def test_a_later_file_takes_back_what_was_cancelled_or_moved(lab: Lab) -> None:
    lab.table(row("1", (9, 10)), row("2", (13, 14)), row("3", (20, 21)), name="bookings-1.csv")
    lab.collect(0, 24)
    lab.table(
        row("1", (9, 10), state="cancel", cancelled=1), row("2", (13, 14), state="moved"),
        row("4", (15, 16)), name="bookings-2.csv",
    )  # fmt: skip
    lab.collect(0, 24)
    assert [reading[3:] for reading in lab.readings()] == [(15, 16), (20, 21)]
    before = lab.made.lake.select("reading").digests()
    lab.collect(0, 24)
    assert lab.made.lake.select("reading").digests() == before


def test_days_that_are_not_collected_again_stay_as_they_were(lab: Lab) -> None:
    lab.table(row("1", (-5, -4)), row("2", (9, 10)))
    lab.collect()
    lab.table(row("3", (12, 13)))
    lab.collect(0, 24, known=24)
    assert [reading[3:] for reading in lab.readings()] == [(-5, -4), (12, 13)]


def test_readings_of_other_sources_stay(lab: Lab) -> None:
    other = {"source": "lab", "account": "lab", "sku": SIM, "resource_id": "desk/sim",
             "started_ms": 0, "ended_ms": 1000, "quantity": 1, "unit": "milli_device"}  # fmt: skip
    lab.made.land("reading", LAST, [other], cluster="lab")
    lab.made.land("booking", LAST, [{"input": "other", "booking_id": "9"}], cluster="lab")
    lab.table(row("1", (9, 10)))
    lab.collect(0, 24)
    assert lab.made.lake.read("reading").num_rows == 2
    assert lab.made.lake.read("booking").column("input").to_pylist() == ["desk", "other"]


def test_use_that_lasts_on_counts_as_far_as_the_files_are_complete(tmp_path: Path) -> None:
    lab = Lab(tmp_path / "site", replace(TABLE, bill="used"))
    lab.table(row("1", None, (22, None)))
    lab.collect(0, 24, known=23)
    assert [reading[3:] for reading in lab.readings()] == [(22, 23)]
    assert {one.kind for one in lab.made.meter(LAST)} == {"not_complete"}
    lab.table(row("1", None, (22, None)), row("2", (30, 31), state="moved"))  # a later dump
    lab.collect(23, 26, known=26)
    assert [reading[3:] for reading in lab.readings()] == [(22, 24), (24, 26)]


def test_a_booking_ahead_counts_no_further_than_the_files_are_complete(lab: Lab) -> None:
    lab.table(row("1", (9, 11)), row("2", (20, 21)))
    lab.collect(0, 10, known=10)
    assert [reading[3:] for reading in lab.readings()] == [(9, 10)]
    lab.collect(10, 24, known=24)
    assert [reading[3:] for reading in lab.readings()] == [(9, 11), (20, 21)]


def test_unknown_equipment_is_quarantined_and_stops_the_month(lab: Lab) -> None:
    """It is told of the days that are asked for; in quarantine it lies in any case."""
    rows = [row(str(n), (9, 10)) for n in range(100)]
    lab.table(*rows, row("x", (12, 13), tool="laser"), row("y", (9, 10), tool="room"))
    kept = ("warn", "quarantined_rows", "", "desk")
    assert told(lab.collect(0, 24)) == [("fail", "unknown_equipment", DAY, "laser"), kept]
    assert lab.quarantine() == [("in/a.csv:102", "unknown equipment 'laser'")]
    assert told(lab.collect(24, 48)) == [kept]
    assert lab.quarantine() == [("in/a.csv:102", "unknown equipment 'laser'")]
    lab.table(row("x", (12, 13), tool="laser"))
    (found,) = lab.collect(0, 24).findings
    assert (found.severity, found.kind) == ("fail", "source_unavailable")
    assert "in/a.csv:2: unknown equipment 'laser'" in found.detail


def test_a_booking_that_a_file_has_twice_must_say_the_same(lab: Lab) -> None:
    rows = [row(str(n), (9, 10)) for n in range(100)]
    lab.table(*rows, rows[0], row("1", (9, 12)))
    lab.collect(0, 24)
    assert lab.quarantine() == [("in/a.csv:103", "1 is in this file twice and says something else")]
    assert [reading[3:] for reading in lab.readings()] == [(9, 10)]


ACCOUNTS = st.sampled_from(["a", "b"])
PIECES = st.lists(
    st.builds(
        lambda account, fact, waived, start, lasts: Piece(
            account, "sim", "1", fact, waived, SIM, start, start + lasts
        ),
        ACCOUNTS,
        st.sampled_from(["booked", "used", "missed"]),
        st.booleans(),
        st.integers(0, 20),
        st.integers(1, 10),
    ),
    max_size=8,
)


@given(pieces=PIECES, bill=st.sampled_from(["booked", "used", "either"]))
def test_against_a_list_of_seconds(pieces: list[Piece], bill: str) -> None:
    wanted = {"booked": {"booked"}, "used": {"used"}, "either": {"booked", "used"}}[bill]

    def moments(account: str, facts: set[str], waived: bool = False) -> set[int]:
        return {
            second
            for piece in pieces
            if piece.account == account and piece.fact in facts and (waived or not piece.waived)
            for second in range(piece.start_ms, piece.end_ms)
        }

    billed = readings(pieces, bill)
    for account in ("a", "b"):
        counted = [s for one in billed if one.account == account
                   for s in range(one.start_ms, one.end_ms)]  # fmt: skip
        assert sorted(counted) == sorted(moments(account, {*wanted, "missed"}))
    shared = moments("a", wanted) & moments("b", wanted)
    sure = any(moments("a", {fact}) & moments("b", {fact}) for fact in wanted)
    assert list(overlaps(pieces, bill)) == (
        [("sim", ("a", "b"), sure, len(shared))] if shared else []
    )
    left = {
        one: len(moments(one, {"used"}) - moments(one, {"booked"}, waived=True)) for one in "ab"
    }
    assert list(unbooked(pieces)) == [("sim", one, count) for one, count in left.items() if count]
