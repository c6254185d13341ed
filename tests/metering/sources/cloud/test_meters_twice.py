"""Meters that only look alike are two, an hour that comes again is told, and pages that move are
read until they rest."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from metering.errors import SourceError
from metering.sources.cloud.pages import TRIES, whole_list
from tests.builders.servers.cloud_api import (
    COUNTERS,
    KEYS,
    Nhn,
    Row,
    amount,
    at,
    meter,
    nhn_source,
    pull,
    serving,
    site_of,
    told,
)
from tests.builders.sites.metering_site import Ground

HOUR = 3_600_000  # milli-device-seconds of a device


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Nhn]:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    server = Nhn()
    with serving(server):
        yield server


@pytest.fixture
def made(tmp_path: Path, cloud: Nhn) -> Ground:
    return site_of(tmp_path, nhn_source(cloud.url))


def found(made: Ground, start: float, end: float) -> list[tuple[str, str, str]]:
    return [
        (finding.severity, finding.kind, str(finding.day))
        for finding in pull(made, start, end).findings
    ]


def test_meters_without_an_id_are_told_apart_by_what_their_resource_is_part_of(
    made: Ground, cloud: Nhn
) -> None:
    """An hour and a half: the larger of the two was taken for both."""
    cloud.rows = [
        meter(10, 1, resourceId="disk", parentResourceId="vm-1"),
        meter(10, 0.5, resourceId="disk", parentResourceId="vm-2"),
        meter(12, 1, resourceId="disk", parentResourceId="vm-1"),
        meter(12, 1, resourceId="disk", parentResourceId="vm-2", insertTime=at(20)),
    ]
    assert (found(made, 0, 24), amount(made)) == ([], 3.5 * HOUR)
    assert (found(made, 0, 24), amount(made)) == ([], 3.5 * HOUR)


@pytest.mark.parametrize("other", [1, 0.5])
def test_rows_that_nothing_tells_apart_are_told_and_stop_the_month(
    made: Ground, cloud: Nhn, other: float
) -> None:
    cloud.rows = [meter(10, 1), meter(10, other)]
    once = ("fail", "ambiguous_meter", "2025-11-01")
    assert (found(made, 0, 24), amount(made)) == ([once], HOUR)
    assert found(made, 0, 24) == [once]  # it stays until the answer is mended
    cloud.rows = [meter(10, 1, gmid="g1"), meter(10, other, gmid="g2")]
    assert [kind for _, kind, _ in found(made, 0, 24)] == ["deleted_meter"]
    assert amount(made) == (1 + other) * HOUR


def test_two_rows_of_one_id_are_one_unless_they_differ(made: Ground, cloud: Nhn) -> None:
    cloud.rows = [meter(10, 1, gmid="g1"), meter(10, 1, gmid="g1")]
    assert (found(made, 0, 24), amount(made)) == ([], HOUR)
    cloud.rows[1]["counterVolume"] = 2
    assert found(made, 0, 24) == [("fail", "ambiguous_meter", "2025-11-01")]


def test_of_a_level_the_larger_counts_once_and_nothing_is_told(made: Ground, cloud: Nhn) -> None:
    cloud.rows = [meter(10, 1, "gauge"), meter(10, 3, "gauge"), meter(11, 2, "latest", gmid="a"),
                  meter(11, 2, "latest", gmid="b", insertTime=at(30))]  # fmt: skip
    assert found(made, 0, 48) == []


def test_an_hour_delivered_again_under_a_new_id_stops_the_month(made: Ground, cloud: Nhn) -> None:
    """Three hours of two; who is right only the cloud knows, so both count and a person decides."""
    cloud.rows = [meter(10, 1, gmid="g1"), meter(11, 1, gmid="g2"),
                  meter(10, 1, gmid="g9", insertTime=at(27))]  # fmt: skip
    told_once = ("fail", "repeated_meter", "2025-11-01")
    assert (found(made, 0, 48), amount(made)) == ([told_once], 3 * HOUR)
    assert found(made, 0, 24) == [told_once]  # the day of its use, also where no row of it came
    del cloud.rows[2]
    assert found(made, 24, 48) == [("warn", "deleted_meter", "2025-11-01")]
    assert amount(made) == 2 * HOUR
    assert found(made, 0, 24) == []


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ({"insertTime": at(10 + 2 / 60)}, []),  # a minute after the first: of one delivery
        ({"insertTime": at(10 + 2 / 60 + 1 / 3600)}, ["repeated_meter"]),
        ({"insertTime": at(20), "counterVolume": 2}, []),
        ({"insertTime": at(20), "resourceId": "other"}, []),
        ({"insertTime": at(20), "timestamp": at(10.5)}, []),
        ({"insertTime": at(20), "gmid": "g1"}, []),  # the same meter inserted anew
    ],
)
def test_what_is_equal_but_for_its_id_and_came_later_is_a_repeat(
    made: Ground, cloud: Nhn, said: Row, kinds: list[str]
) -> None:
    cloud.rows = [meter(10, 1, gmid="g1"), {**meter(10, 1, gmid="g2"), **said}]
    assert [kind for _, kind, _ in found(made, 0, 24)] == kinds


def test_a_later_insertion_that_the_cloud_took_back_counts_no_more(
    made: Ground, cloud: Nhn
) -> None:
    """Found by the random cloud: the older insertion came, and the later one stayed in force."""
    later = meter(10, 3, gmid="g1", insertTime=at(20))
    cloud.rows = [meter(10, 1, gmid="g1"), later]
    pull(made, 0, 24)
    del cloud.rows[1]
    assert (found(made, 0, 24), amount(made)) == ([], HOUR)


def test_an_hour_that_comes_again_without_an_id_replaces_itself(made: Ground, cloud: Nhn) -> None:
    cloud.rows = [meter(10, 1)]
    pull(made, 0, 24)
    cloud.rows.append(meter(10, 1, insertTime=at(30)))
    assert (found(made, 24, 48), amount(made)) == ([], HOUR)


def test_usage_of_no_project_lands_and_is_nobodys(made: Ground, cloud: Nhn) -> None:
    cloud.rows = [meter(1, 1, projectId=None), meter(2, 1, projectId="")]
    assert found(made, 0, 24) == []
    assert told(made, "account") == [(1, 2, 1000, "no-account"), (2, 3, 1000, "no-account")]


def test_a_row_of_no_bill_may_lack_anything(tmp_path: Path, cloud: Nhn) -> None:
    made = site_of(tmp_path, nhn_source(cloud.url, COUNTERS[0], ignored=("other",)))
    cloud.rows = [
        meter(1, 1),
        meter(2, None, "other", answersTo="gpu", counterType=None, projectId=None, timestamp="?"),
        {**meter(3, None, counterType="STATUS"), "counterName": None, "answersTo": "gpu"},
    ]
    assert (found(made, 0, 24), amount(made)) == ([], HOUR)


@pytest.mark.parametrize(
    ("name", "volume", "taken"),
    [
        ("gpu", 1_000_000, True), ("gpu", 1_000_001, False),
        ("latest", 1_000_000, True), ("latest", 1_000_001, False),
        ("gauge", 2**30, True), ("gauge", 2**30 + 1, False),
        ("day", 2**40, True), ("day", 2**40 + 1, False),
        ("month", 744_000_000, True), ("month", 744_000_001, False),
    ],
)  # fmt: skip
def test_no_meter_says_more_than_anything_holds(
    made: Ground, cloud: Nhn, name: str, volume: int, taken: bool
) -> None:
    """A row beyond a million devices, or an exbibyte, at once; it stopped the whole cloud."""
    cloud.rows = [meter(n / 100, 1) for n in range(5)] + [meter(10, volume, name)]
    collected = pull(made, 0, 24)
    assert collected.quarantined == {"reading": 0 if taken else 1}
    assert amount(made) > 0


def pages(*readings: list[list[object]]) -> tuple[list[int], object]:
    """A server that gives one reading after the other, as lists of pages of one total."""
    asked: list[int] = []
    left = list(readings)

    def page(number: int) -> tuple[list[object], int]:
        if number == 1 and asked:
            left.append(left.pop(0))
        asked.append(number)
        own = left[0]
        return (own[number - 1] if number <= len(own) else []), 3

    return asked, page


def test_rows_that_move_between_pages_are_read_again() -> None:
    """One went and one came while the second page was asked for: three of three, one missing."""
    moving, resting = [["a", "b"], ["d"]], [["b", "c"], ["d"]]
    asked, page = pages(moving, resting, resting)  # type: ignore[arg-type]
    assert whole_list(page, "meters") == ["b", "c", "d"]  # type: ignore[arg-type]
    assert asked == [1, 2] * 3


def test_a_single_page_is_read_once_and_a_list_that_never_rests_is_an_error() -> None:
    asked, page = pages([["a", "b", "c"]])
    assert (whole_list(page, "meters"), asked) == (["a", "b", "c"], [1])  # type: ignore[arg-type]
    asked, page = pages([["a", "b"], ["c"]], [["a", "b"], ["d"]])
    with pytest.raises(SourceError, match=r"meters: 3 rows came of \[3\], other ones each time"):
        whole_list(page, "meters")  # type: ignore[arg-type]
    assert asked == [1, 2] * TRIES
