"""A booking without an account is nobody's, one that is cancelled is nothing, and a list that says
that it is partial is none (METERING 20, 41)."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from metering.sources.reading import listed
from tests.builders.bookings import NEMO, SIM, TABLE, Lab, clock, reservation, row, told, use
from tests.builders.sites.metering_site import GPU_HOUR_US, LAST

DAY = "2025-11-01"
USED = replace(NEMO, bill="used")


@pytest.mark.parametrize("count", [11, 200])
def test_a_reservation_without_a_project_lands_with_the_others_and_has_no_owner(
    tmp_path: Path, count: int
) -> None:
    """Of eleven it stopped the source, of two hundred it was dropped."""
    lab = Lab(tmp_path / "site", NEMO)
    length = 20 / count
    rows = [reservation(n, n * length, (n + 1) * length) for n in range(count - 1)]
    lab.json([*rows, reservation(count, 21, 22, project=None, user=8)])
    assert told(lab.collect(0, 24)) == []
    owners = {(reading[0], reading[4]) for reading in lab.readings()}
    assert ("user:8", 22) in owners
    assert {(one.kind, one.subject) for one in lab.made.meter(LAST)} == {
        ("unowned_usage", "lab/user:8")
    }


def test_without_a_user_either_it_is_nobodys(tmp_path: Path) -> None:
    lab = Lab(tmp_path / "site", NEMO)
    lab.json([reservation(1, 9, 10, project=None, user=None)])
    assert told(lab.collect(0, 24)) == []
    assert [reading[0] for reading in lab.readings()] == ["no-account"]
    table = Lab(tmp_path / "table")
    table.table(row("1", (9, 10), team=""), row("2", (12, 13)))
    assert told(table.collect(0, 24)) == []
    assert [reading[0] for reading in table.readings()] == ["lab", "no-account"]


def test_a_cancelled_reservation_without_project_or_known_equipment_is_nothing(
    tmp_path: Path,
) -> None:
    lab = Lab(tmp_path / "site", NEMO)
    gone: dict[str, object] = {"cancelled": True, "cancellation_time": clock(8), "project": None}
    lab.json(
        [
            reservation(1, 9, 10),
            reservation(2, 11, 12, **gone),
            reservation(3, 13, 14, **gone, tool=99),
            {**reservation(4, 15, 16, descendant=5, tool=None), "end": "odd"},
            reservation(5, 17, 18, tool=None, area=7, project="odd"),
        ]
    )
    assert told(lab.collect(0, 24)) == []
    assert (lab.quarantine(), [reading[3:] for reading in lab.readings()]) == ([], [(9, 10)])


def test_a_table_s_row_that_comes_to_nothing_may_lack_anything(tmp_path: Path) -> None:
    """And a late cancellation is judged by the start, so that has to be readable."""
    lab = Lab(tmp_path / "site")
    odd = clock(12).replace("T12", "X12")
    rows = [
        row("1", (9, 10)),
        row("2", (9, 10), state="moved").replace(clock(10), odd),
        row("3", (9, 10), state="cancel", cancelled=1).replace(clock(10), odd),
        row("4", (9, 10), tool="room").replace(clock(9), odd),
        row("5", (9, 10), state="cancel", cancelled=1).replace(clock(9), ""),
    ]
    lab.table(*rows)
    (found,) = lab.collect(0, 24).findings
    assert "in/a.csv:6: has booked_until without booked_from" in found.detail
    lab.table(*rows[:-1])
    assert (told(lab.collect(0, 24)), lab.quarantine()) == ([], [])
    assert [reading[3:] for reading in lab.readings()] == [(9, 10)]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [("yesterday", "cancelled_at: 'yesterday' is no instant"), ("", "but nobody says when")],
)
def test_when_a_booking_was_cancelled_must_be_readable_where_it_matters(
    tmp_path: Path, cell: str, reason: str
) -> None:
    lab = Lab(tmp_path / "site")
    lab.table(row("1", (9, 10), state="cancel", cancelled=1).replace(clock(1), cell))
    assert reason in lab.collect(0, 24).findings[0].detail
    relaxed = Lab(tmp_path / "relaxed", replace(TABLE, late_cancel_ms=0))
    relaxed.table(row("1", (9, 10), state="cancel", cancelled=1).replace(clock(1), cell))
    assert bool(relaxed.collect(0, 24).findings) is (cell != "")


PAGE = {"count": 3, "next": "https://nemo.example/api/usage_events/?offset=2", "previous": None}


def test_one_page_of_several_is_refused_and_stops_the_month(tmp_path: Path) -> None:
    """Two of three hours landed in silence."""
    lab = Lab(tmp_path / "site", USED)
    lab.json({**PAGE, "results": [use(1, 9, 10), use(2, 10, 11)]}, "n-2.json")
    lab.json([use(9, 20, 21)], "n-1.json")
    collected = lab.collect(0, 24)
    assert told(collected) == [("fail", "partial_list", "", "desk")]
    assert "in/n-2.json: `next` is set" in collected.findings[0].detail
    assert [reading[3:] for reading in lab.readings()] == [(20, 21)]
    whole = {"count": 3, "next": None, "previous": None}
    lab.json({**whole, "results": [use(n, 8 + n, 9 + n) for n in (1, 2, 3)]}, "n-2.json")
    assert told(lab.collect(0, 24)) == []
    lab.made.meter(LAST)
    assert [usage[2:4] for usage in lab.made.usage(LAST)] == [(SIM, Decimal(4) * GPU_HOUR_US)]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"next": None, "count": 2}, ""),
        ({"next": ""}, ""),
        ({"next": "http://a/?page=2"}, "`next` is set"),
        ({"previous": "http://a/?page=1"}, "`previous` is set"),
        ({"nextPageToken": "x"}, "`nextPageToken` is set"),
        ({"truncated": "true"}, "`truncated` is true"),
        ({"has_more": False}, ""),
        ({"count": 3}, "`count` is 3, but there are 2 rows"),
        ({"totalItems": 1}, "`totalItems` is 1, but there are 2 rows"),
        ({"count": True}, ""),
        ({"count": "3"}, ""),
    ],
)
def test_a_list_says_in_many_words_that_it_is_partial(said: dict[str, object], words: str) -> None:
    assert listed.partial(said, [1, 2]) == words


def test_a_whole_list_takes_back_what_it_no_longer_has(tmp_path: Path) -> None:
    """From its first booking on; what began before it stays as the files before it said."""
    lab = Lab(tmp_path / "site", replace(USED, whole=True))
    lab.json([use(1, 1, 2), use(2, 9, 10), use(3, 12, 13)], "n-1.json")
    assert told(lab.collect(0, 24)) == []
    lab.json([use(3, 12, 13), use(4, 14, 15)], "n-2.json")
    assert told(lab.collect(0, 24)) == []
    assert [reading[3:] for reading in lab.readings()] == [(1, 2), (9, 10), (12, 13), (14, 15)]
    lab.json([use(2, 9, 10), use(4, 14, 15)], "n-3.json")
    collected = lab.collect(0, 24)
    assert told(collected) == [("warn", "deleted_booking", DAY, "desk")]
    assert "1건(3) 1.00시간" in collected.findings[0].detail
    assert [reading[3:] for reading in lab.readings()] == [(1, 2), (9, 10), (14, 15)]
    lab.json([], "n-4.json")
    assert told(lab.collect(0, 24)) == [("warn", "deleted_booking", DAY, "desk")]
    assert lab.readings() == []
    lab.json([use(4, 14, 15)], "n-5.json")
    lab.collect(0, 24)
    assert [reading[3:] for reading in lab.readings()] == [(14, 15)]


@pytest.mark.parametrize(("known", "kinds"), [(11, []), (10.9, ["ended_ahead"])])
def test_a_use_that_ended_after_what_is_known_is_left_out_and_told(
    tmp_path: Path, known: float, kinds: list[str]
) -> None:
    """Nothing finished lies ahead; a reservation may."""
    lab = Lab(tmp_path / "site", replace(NEMO, bill="either"))
    lab.json([use(1, 10, 11), use(2, 10, None, tool=5), reservation(3, 20, 21)])
    assert [kind for _, kind, _, _ in told(lab.collect(0, 24, known=known))] == kinds
    assert [fact[0] for fact in lab.facts()] == (["2"] if kinds else ["1", "2"])
    lab.collect(0, 24)
    assert [fact[0] for fact in lab.facts()] == ["1", "2", "3"]


def test_lists_that_are_not_said_to_be_whole_add_up(tmp_path: Path) -> None:
    lab = Lab(tmp_path / "site", USED)
    lab.json([use(1, 1, 2), use(2, 9, 10)], "n-1.json")
    lab.json([use(1, 1, 2)], "n-2.json")
    lab.json([], "n-3.json")
    assert told(lab.collect(0, 24)) == []
    assert [reading[3:] for reading in lab.readings()] == [(1, 2), (9, 10)]


def test_a_whole_list_with_a_bad_row_and_one_of_another_kind_end_nothing(tmp_path: Path) -> None:
    lab = Lab(tmp_path / "site", replace(NEMO, bill="either", whole=True))
    many = [use(n, 9, 10) for n in range(2, 150)]
    lab.json([use(1, 9, 10), *many], "n-1.json")
    lab.json([reservation(1, 9, 10)], "n-2.json")
    lab.json([*many[:-1], use(149, 10, 9)], "n-3.json")
    assert [kind for _, kind, _, _ in told(lab.collect(0, 24))] == ["quarantined_rows"]
    assert len(lab.facts()) == 150
    lab.json([], "n-4.json")
    assert ("warn", "partial_list", "", "desk") in told(lab.collect(0, 24))
    assert len(lab.facts()) == 150


def test_an_empty_table_that_is_whole_ends_all(tmp_path: Path) -> None:
    lab = Lab(tmp_path / "site", replace(TABLE, whole=True))
    lab.table(row("1", (9, 10)), name="a.csv")
    lab.table(name="b.csv")
    assert told(lab.collect(0, 24)) == [("warn", "deleted_booking", DAY, "desk")]
    assert lab.readings() == []
