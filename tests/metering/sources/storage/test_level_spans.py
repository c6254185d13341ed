"""A level holds from its snapshot until the next, at most for `carry`; the rest is missing."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metering.calendar import HOUR_MS
from metering.sources.storage.level_spans import Snapshots
from metering.sources.storage.snapshot import Level
from tests.builders.lakes import files
from tests.builders.sites.metering_site import LAST
from tests.builders.storage_files import OPTIONS, Store, day, filesets, hours, quarantine, told

GIB = 1024  # MiB


@pytest.fixture
def nas(tmp_path: Path) -> Store:
    return Store(tmp_path / "site")


def test_a_level_holds_until_the_next_snapshot_and_is_cut_at_midnight(tmp_path: Path) -> None:
    nas = Store(tmp_path / "site", known=20)
    for at, gib in ((20, 1), (26, 3), (30, 2)):
        nas.put(at, filesets(lab=gib))
    assert told(nas.collect(20, 30)) == []
    assert nas.readings() == [
        ("fs/lab", "lab", 20, 24, GIB),
        ("fs/lab", "lab", 24, 26, GIB),
        ("fs/lab", "lab", 26, 30, 3 * GIB),
    ]


def test_the_last_level_waits_for_the_next_snapshot(nas: Store) -> None:
    """Until then nobody knows its end: the day is not complete, and its usage provisional."""
    nas.put(0, filesets(lab=1))
    nas.put(20, filesets(lab=2))
    nas.collect(0, 24)
    assert (nas.readings(), nas.known_to()) == ([("fs/lab", "lab", 0, 20, GIB)], 20)
    assert {one.kind for one in nas.made.meter(LAST)} == {"not_complete"}
    assert [row[3:] for row in nas.made.usage(LAST)] == [(GIB * 20 * 3600, "mib_s", True)]
    nas.put(25, filesets(lab=5))
    nas.collect(24, 26)
    assert nas.known_to() == 25
    assert nas.readings()[1:] == [
        ("fs/lab", "lab", 20, 24, 2 * GIB),
        ("fs/lab", "lab", 24, 25, 2 * GIB),
    ]
    assert nas.made.meter(LAST) == []
    assert [row[3:] for row in nas.made.usage(LAST)] == [
        ((GIB * 20 + 2 * GIB * 4) * 3600, "mib_s", False)
    ]


@pytest.mark.parametrize(("later", "gap"), [(26, False), (26 + 1 / 3600, True)])
def test_beyond_carry_the_time_is_missing_and_told(nas: Store, later: float, gap: bool) -> None:
    nas.put(0, filesets(lab=1))
    nas.put(later, filesets(lab=1))
    found = told(nas.collect(0, later))
    assert found == ([("warn", "reading_gap", "2", "snaps fs/lab")] if gap else [])
    assert nas.readings() == [("fs/lab", "lab", 0, 24, GIB), ("fs/lab", "lab", 24, 26, GIB)]


def test_a_source_that_fell_silent_is_carried_to_its_limit_and_told_day_by_day(nas: Store) -> None:
    nas.put(0, filesets(lab=1))
    assert told(nas.collect(0, 26 - 1)) == []
    assert nas.readings() == []
    assert told(nas.collect(25, 26)) == []
    assert nas.readings() == [("fs/lab", "lab", 0, 24, GIB), ("fs/lab", "lab", 24, 26, GIB)]
    assert told(nas.collect(26, 72)) == [
        ("warn", "reading_gap", "2", "snaps fs/lab"),
        ("warn", "reading_gap", "3", "snaps fs/lab"),
    ]
    assert told(nas.collect(120, 144)) == [
        ("warn", "reading_gap", str(number), "snaps fs/lab") for number in range(2, 7)
    ]
    assert nas.known_to() == 0


def test_what_was_before_the_first_snapshot_is_missing_not_zero(nas: Store) -> None:
    nas.put(60, filesets(lab=1))
    assert told(nas.collect(0, 24)) == [("warn", "reading_gap", "1", "snaps")]
    assert {one.kind for one in nas.made.meter(LAST)} == {"not_complete"}
    nas.put(70, filesets(lab=1))
    found = told(nas.collect(24, 72))
    assert found == [("warn", "reading_gap", str(number), "snaps") for number in (1, 2, 3)]
    assert nas.readings() == [("fs/lab", "lab", 60, 70, GIB)]


def test_a_late_snapshot_ends_the_level_before_it(nas: Store) -> None:
    """It came a day late; the next hour's collect reads back as far as a level is carried."""
    for at, gib in ((0, 1), (20, 4), (25, 4)):
        nas.put(at, filesets(lab=gib))
    nas.collect(0, 25)
    nas.made.meter(LAST)
    nas.put(10, filesets(lab=2))
    nas.collect(25, 26)
    assert nas.readings()[:3] == [
        ("fs/lab", "lab", 0, 10, GIB),
        ("fs/lab", "lab", 10, 20, 2 * GIB),
        ("fs/lab", "lab", 20, 24, 4 * GIB),
    ]
    nas.made.meter(day(1))  # metering sees that the day before has changed
    assert [row[3] for row in nas.made.usage(LAST)] == [GIB * (10 + 2 * 10 + 4 * 4) * 3600]


def test_hours_in_any_order_and_again_give_the_bytes_of_one_collect(tmp_path: Path) -> None:
    one, many = Store(tmp_path / "one"), Store(tmp_path / "many")
    for number, at in enumerate((0, 3, 7.5, 20, 23.999, 30, 61, 70)):
        for made in (one, many):
            made.put(at, filesets(lab=number + 1, other=9 - number))
    one.collect(0, 72)
    for hour in (*range(0, 72, 3), 6, 60, 0):
        many.collect(hour, hour + 3)
    digests = [made.made.lake.select("reading").digests() for made in (one, many)]
    assert digests[0] == digests[1]
    before = files(tmp_path / "many" / "lake")
    many.collect(0, 72)
    assert files(tmp_path / "many" / "lake") == before


def test_nothing_is_carried_past_what_somebody_said_is_complete(nas: Store) -> None:
    nas.put(0, filesets(lab=1))
    assert told(nas.collect(0, 48, hours(12))) == []
    assert nas.readings() == []
    assert told(nas.collect(0, 48, hours(30))) == [("warn", "reading_gap", "2", "snaps fs/lab")]


def test_a_file_set_that_the_list_lacks_ends_there(nas: Store) -> None:
    nas.put(0, filesets(lab=1, old=1))
    nas.put(6, filesets(lab=1))
    nas.put(40, filesets(lab=1))
    found = told(nas.collect(0, 24))
    assert ("warn", "reading_gone", "1", "snaps fs/old") in found
    assert ("fs/old", "old", 0, 6, GIB) in nas.readings()
    assert not any(one[3] == "snaps fs/old" for one in found if one[1] == "reading_gap")


def test_a_list_with_a_bad_row_says_of_nothing_that_it_went(tmp_path: Path) -> None:
    nas = Store(tmp_path / "site")
    many = {f"set{n}": 1 for n in range(150)}
    nas.put(0, filesets(**many))
    nas.put(6, filesets(**many).replace(f"set7:{GIB * 1024}:", "set7:1.5T:"))
    nas.put(12, filesets(**many))
    (kept,) = nas.collect(0, 12).findings
    assert (kept.severity, kept.kind, kept.day, kept.subject) == (
        "warn", "quarantined_rows", None, "snaps"
    )  # fmt: skip
    assert kept.detail.startswith("행 1건을 격리했습니다. 처음은 ")
    assert kept.detail.endswith(": blockUsage '1.5T' is no number of KiB")
    assert [reading for reading in nas.readings() if reading[0] == "fs/set7"] == [
        ("fs/set7", "set7", 0, 12, GIB)
    ]
    assert [reason for _, reason in quarantine(nas)] == ["blockUsage '1.5T' is no number of KiB"]
    nas.put(6, filesets(**many))  # mended: the finding goes
    assert told(nas.collect(0, 12)) == []


def test_two_levels_of_one_instant_stop_the_month_and_the_larger_counts(nas: Store) -> None:
    nas.put(0, filesets(lab=1), "a")
    nas.put(0, filesets(lab=2), "b")
    nas.put(6, filesets(lab=2), "a")
    nas.put(6, filesets(lab=2), "b")
    assert told(nas.collect(0, 6)) == [("fail", "differing_reading", "1", "snaps fs/lab")]
    assert nas.readings() == [("fs/lab", "lab", 0, 6, 2 * GIB)]


def test_a_file_without_an_instant_is_refused(nas: Store) -> None:
    nas.file("quota.txt", filesets(lab=1))
    (found,) = nas.collect(0, 24).findings
    assert (found.severity, found.kind) == ("fail", "source_unavailable")
    assert "in/quota.txt:fs/lab: has no instant" in found.detail


def test_a_new_owner_has_the_level_from_the_snapshot_that_names_him(tmp_path: Path) -> None:
    """Of a bucket; the owner before keeps what he held until then."""
    options = replace(OPTIONS, format="ceph_rgw", figure="size", account="owner", quota="")
    nas = Store(tmp_path / "site", options)
    for at, owner in ((0, "lab"), (6, "other"), (12, "other")):
        size = '{"rgw.main": {"size": 1048576}}'
        nas.put(at, f'[{{"bucket": "b", "owner": "{owner}", "usage": {size}}}]', "json")
    assert told(nas.collect(0, 12)) == []
    assert nas.readings() == [("b", "lab", 0, 6, 1), ("b", "other", 6, 12, 1)]


def test_bytes_are_floored_to_whole_mib(tmp_path: Path) -> None:
    options = replace(OPTIONS, format="ceph_rgw", figure="size", account="bucket", quota="")
    nas = Store(tmp_path / "site", options)
    for at, size in ((0, 2**21 - 1), (6, 2**21), (12, 0)):
        usage = f'{{"rgw.main": {{"size": {size}}}}}'
        nas.put(at, f'{{"bucket": "b", "owner": "o", "usage": {usage}}}', "json")
    nas.collect(0, 12)
    assert [row[2:] for row in nas.readings()] == [(0, 6, 1), (6, 12, 2)]


MOMENTS = st.dictionaries(st.integers(0, 40), st.integers(0, 5), min_size=1, max_size=12)


@given(found=MOMENTS, carry=st.integers(1, 12), known_to=st.integers(0, 60))
def test_every_hour_has_the_last_level_within_carry(
    found: dict[int, int], carry: int, known_to: int
) -> None:
    """Against a list of hours: the level of the last snapshot, if it is young enough."""
    snapshots = Snapshots()
    for at, size in found.items():
        level = Level("r", "a", "", size)
        snapshots.add(at * HOUR_MS, [level], ())
    held = snapshots.held(carry * HOUR_MS, known_to * HOUR_MS)
    counted = {
        hour: span.held_bytes
        for span in held.spans
        for hour in range(span.start_ms // HOUR_MS, span.end_ms // HOUR_MS)
    }
    last = max(found)
    open_end = last + carry > known_to
    expected = {}
    for hour in range(last if open_end else last + carry):
        before = [at for at in found if at <= hour]
        if before and hour - max(before) < carry:
            expected[hour] = found[max(before)]
    assert counted == expected
    gaps = {
        hour for gap in held.gaps for hour in range(gap.start_ms // HOUR_MS, gap.end_ms // HOUR_MS)
    }
    whole = range(min(found), last if open_end else max(last + carry, known_to))
    assert gaps == set(whole) - set(expected)
