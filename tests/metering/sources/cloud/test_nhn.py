"""NHN Cloud's meters: pulled by insertion, kept by use, added up by the counter's type."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from metering.calendar import HOUR_MS, Period
from metering.collect.watermark import watermarks
from metering.database.findings import findings
from metering.errors import SourceError
from metering.settings.source_options.cloud import CloudOptions
from metering.sources.cloud import nhn
from metering.sources.reading.web import Web
from tests.builders.lakes import files
from tests.builders.servers.cloud_api import (
    KEYS,
    TOKEN,
    Counter,
    Endpoint,
    Ground,
    Nhn,
    Raw,
    Row,
    amount,
    at,
    hours,
    meter,
    nhn_source,
    pull,
    refused,
    serving,
    site_of,
    told,
)  # fmt: skip
from tests.builders.sites.metering_site import CALENDAR, FIRST, GPU_HOUR_US, LAST, MIDNIGHT


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in KEYS.items():
        monkeypatch.setenv(name, text)


@pytest.fixture
def cloud() -> Iterator[Nhn]:
    made = Nhn()
    with serving(made):
        yield made


@pytest.fixture
def made(tmp_path: Path, cloud: Nhn) -> Ground:
    return site_of(tmp_path, nhn_source(cloud.url, COUNTER))


COUNTER = Counter("gpu", "HOURS", "nhn.gpu", "device_hour", "DELTA", "gpu")


def kinds(made: Ground) -> list[tuple[str, str]]:
    with made.opened.database.read() as connection:
        return [
            (finding.severity, finding.kind) for finding in findings(connection, stage="collect")
        ]


def reasons(made: Ground) -> list[str]:
    return made.lake.read("quarantine").column("reason").to_pylist()


@pytest.mark.shared_data
def test_the_documented_answer_is_read(
    tmp_path: Path, cloud: Nhn, formats: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its fields gmid and projectId are not there; the account has to be its appKey."""
    body = (formats / "nhn_meters.json").read_bytes()
    counter = Counter("api.calls", "CALLS", "nhn.calls", "device_second", "DELTA", "gpu")
    options = CloudOptions("nhn", {"api.calls": counter}, (), "appKey", "p-1", "NHN_TOKEN")
    monkeypatch.setattr(cloud, "answer", lambda *_: (200, body))
    with Web(Endpoint(cloud.url), tmp_path) as web:
        start = CALENDAR.instant("2024-01-01T00:00:00+09:00")
        (batch,) = nhn.read(web, "meters", options, CALENDAR, Period(start, start + 1))
    assert batch.quarantined == ()
    assert batch.table.to_pylist() == [
        {
            "account": "app123", "counter": "api.calls", "app_key": "app123",
            "resource_id": "resource123", "used_ms": CALENDAR.instant("2024-01-01T00:00:00Z"),
            "meter_id": "", "asked_ms": CALENDAR.instant("2024-01-01T00:01:00Z"),
            "counter_type": "DELTA", "volume": "1000", "sku": "nhn.calls",
            "measure": "device_second",
        }
    ]  # fmt: skip


def test_amounts_of_an_hour_are_added_and_become_usage(made: Ground, cloud: Nhn) -> None:
    cloud.rows = [meter(1, 0.25), meter(1.5, 0.5), meter(2, 1), meter(3, 0)]
    assert not pull(made, 0, 24).failed
    assert told(made, "account", "sku", "resource_id", "unit") == [
        (hour, hour + 1, level, "lab", "nhn.gpu", "gpu/app/r", "milli_device")
        for hour, level in ((1, 750), (2, 1000), (3, 0))
    ]
    made.meter(LAST)
    quantity = GPU_HOUR_US * 7 // 4
    assert made.usage(LAST) == [("P1", "nas", "nhn.gpu", quantity, "device_us", True)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([meter(1, 3, "gauge"), meter(1.2, 9, "gauge"), meter(1.9, 5, "gauge"),
          meter(4, 2, "gauge")], [(1, 2, 9 * 1024), (4, 5, 2 * 1024)]),
        ([meter(1, 3, "latest"), meter(1.9, 1, "latest"), meter(1.2, 9, "latest")],
         [(1, 2, 1000)]),
        ([meter(1, 30, "day"), meter(23, 10, "day"), meter(24, 7, "day")],
         [(0, 24, 30), (24, 48, 7)]),
    ],
    ids=["GAUGE is an hour's largest", "HOURLY_LATEST is its last", "DAILY_MAX is a day's largest"],
)  # fmt: skip
def test_levels_last_for_their_span(
    tmp_path: Path, cloud: Nhn, rows: list[Row], expected: list[tuple[int, int, int]]
) -> None:
    """Missing hours are no zero and are not filled."""
    made = site_of(tmp_path, nhn_source(cloud.url))
    cloud.rows = rows
    assert not pull(made, 0, 48).failed
    assert told(made) == expected


def test_a_month_s_largest_comes_as_rises_that_add_up_to_it(tmp_path: Path, cloud: Nhn) -> None:
    made = site_of(tmp_path, nhn_source(cloud.url))
    cloud.rows = [meter(24 * day + 1, volume, "month") for day, volume in ((0, 4), (1, 3), (2, 9))]
    pull(made, 0, 72)
    assert [amount(made, day) for day in range(3)] == [4 * 3_600_000, 0, 5 * 3_600_000]
    before = made.lake.select("cloud_meter", date_from=LAST, date_to=LAST).digests()
    cloud.rows.append(meter(25, 6, "month", resourceId="r", insertTime=at(80)))
    pull(made, 72, 96)
    assert [amount(made, day) for day in range(3)] == [4 * 3_600_000, 2 * 3_600_000, 3 * 3_600_000]
    assert made.lake.select("cloud_meter", date_from=LAST, date_to=LAST).digests() == before


def test_what_does_not_divide_by_its_seconds_is_not_lost(made: Ground, cloud: Nhn) -> None:
    cloud.rows = [meter(1, Raw("0.333333333333333333"))]
    pull(made, 0, 24)
    levels = [(row[2], round((row[1] - row[0]) * 3600)) for row in told(made)]
    assert levels == [(334, 1199), (333, 2401)]
    assert amount(made) == 1_199_999  # milli-device-seconds: 20 minutes, rounded down


def test_a_volume_is_exact(made: Ground, cloud: Nhn) -> None:
    """As a float this is 123456.78901234568 hours, and 0.1 + 0.2 is more than 0.3."""
    cloud.rows = [meter(1, Raw("123456.78901234567891")), meter(2, Raw("0.1")),
                  meter(2.5, Raw("0.2")), meter(3, Raw("1E-3"))]  # fmt: skip
    pull(made, 0, 24)
    exact = 12345678901234567891 * 3600 * 1000 // 10**14
    assert amount(made) == exact + 1_080_000 + 3600
    volumes = made.lake.read("cloud_meter").column("volume").to_pylist()
    assert sorted(volumes) == ["0.001", "0.1", "0.2", "123456.78901234567891"]


def test_the_end_is_not_asked_for_twice(made: Ground, cloud: Nhn) -> None:
    cloud.rows = [meter(23.5, 1, insertTime=at(24)), meter(22, 1, insertTime=at(23.99))]
    pull(made, 0, 24)
    assert amount(made) == 3_600_000
    pull(made, 24, 48)
    assert amount(made) == 2 * 3_600_000
    spans = {(one["from"], one["to"]) for one in cloud.asked}
    assert ("2025-10-31T15:00:00.000Z", "2025-11-01T15:00:00.000Z") in spans


def test_a_late_row_is_added_to_its_own_day_only(made: Ground, cloud: Nhn) -> None:
    cloud.rows = [meter(-20, 1), meter(1, 1), meter(25, 1)]
    pull(made, -24, 48)
    before = made.lake.select("reading").digests()
    cloud.rows.append(meter(-20, 2, gmid="g2", insertTime=at(50)))
    pull(made, 48, 72)
    after = made.lake.select("reading").digests()
    assert {name for name in after if before.get(name) != after[name]} == {
        f"reading/cluster=nas/date={FIRST}"
    }
    assert (amount(made, -1), amount(made, 0), amount(made, 1)) == (
        10_800_000,
        3_600_000,
        3_600_000,
    )


def test_other_readings_of_the_day_stay(made: Ground, cloud: Nhn) -> None:
    other = {
        "source": "nas", "account": "lab", "sku": "disk", "resource_id": "set", "unit": "mib",
        "started_ms": MIDNIGHT, "ended_ms": hours(24), "quantity": 5,
    }  # fmt: skip
    made.land("reading", LAST, [other], cluster="nas")
    made.land("cloud_meter", LAST, [{"input": "other", "used_ms": MIDNIGHT}], cluster="nas")
    cloud.rows = [meter(1, 1)]
    pull(made, 0, 24)
    assert told(made, "sku") == [(0, 24, 5, "disk"), (1, 2, 1000, "nhn.gpu")]
    cloud.rows = []
    pull(made, 0, 24)
    assert told(made, "sku") == [(0, 24, 5, "disk")]
    assert made.lake.read("cloud_meter").column("input").to_pylist() == ["other"]


def test_a_counter_that_is_mapped_anew_leaves_its_old_sku(
    made: Ground, cloud: Nhn, tmp_path: Path
) -> None:
    cloud.rows = [meter(1, 1), meter(25, 1)]
    pull(made, 0, 48)
    counter = Counter("gpu", "HOURS", "nhn.new", "device_minute", "DELTA", "gpu")
    again = site_of(tmp_path, nhn_source(cloud.url, counter))
    pull(again, 0, 24)
    assert told(again, "sku") == [
        (1, 5 / 3, 17, "nhn.new"), (5 / 3, 2, 16, "nhn.new"), (25, 26, 1000, "nhn.gpu"),
    ]  # fmt: skip


def test_a_month_s_largest_begins_anew_with_the_month(tmp_path: Path, cloud: Nhn) -> None:
    made = site_of(tmp_path, nhn_source(cloud.url))
    cloud.rows = [meter(-3, 9, "month"), meter(3, 4, "month")]
    pull(made, -24, 24)
    assert [amount(made, day) for day in (-1, 0)] == [9 * 3_600_000, 4 * 3_600_000]


def test_pulling_again_changes_no_byte(made: Ground, cloud: Nhn, tmp_path: Path) -> None:
    cloud.rows = [meter(n / 10, n, resourceId=f"r{n % 3}") for n in range(300)]
    pull(made, 0, 48)
    before = files(tmp_path / "lake")
    cloud.rows.reverse()
    pull(made, 0, 48)
    pull(made, 30, 31)
    assert files(tmp_path / "lake") == before


def test_pulling_hour_by_hour_gives_what_one_pull_gives(tmp_path: Path, cloud: Nhn) -> None:
    cloud.rows = [meter(n / 7, n, insertTime=at(n / 7 + n % 5)) for n in range(200)]
    there = []
    for name, steps in (("one", [0, 36]), ("many", list(range(0, 37, 3)))):
        (tmp_path / name).mkdir()
        own = site_of(tmp_path / name, nhn_source(cloud.url, COUNTER))
        for start, end in pairwise(steps):
            pull(own, start, end)
        there.append([own.lake.select(t).digests() for t in ("reading", "cloud_meter")])
    assert there[0] == there[1]


def test_a_meter_that_the_cloud_deleted_goes_and_is_told(made: Ground, cloud: Nhn) -> None:
    """A pull of other days does not see it; a pull of the day of its insertion does."""
    cloud.rows = [meter(1, 1), meter(25, 1)]
    pull(made, 0, 48)
    del cloud.rows[0]
    pull(made, 48, 72)
    assert amount(made) == 3_600_000
    collected = pull(made, 0, 24)
    assert (amount(made), [finding.kind for finding in collected.findings]) == (
        0,
        ["deleted_meter"],
    )
    assert made.lake.partitions("reading") == [{"cluster": "nas", "date": "2025-11-02"}]


def test_a_meter_inserted_anew_replaces_itself(made: Ground, cloud: Nhn) -> None:
    """The later insertion counts, also where the earlier one is read again."""
    cloud.rows = [meter(1, 1, gmid="g"), meter(1, 3, gmid="g", insertTime=at(30))]
    pull(made, 0, 48)
    assert amount(made) == 3 * 3_600_000
    pull(made, 0, 24)
    assert amount(made) == 3 * 3_600_000


def test_meters_of_several_pages_all_come(made: Ground, cloud: Nhn) -> None:
    cloud.rows = [meter(n / 1000, 1, resourceId=str(n)) for n in range(4001)]
    pull(made, 0, 12)
    pages = [one["page"] for one in cloud.asked if one["from"].startswith("2025-10-31T15")]
    assert (amount(made), pages) == (4001 * 3_600_000, ["1", "2", "3"] * 2)


def test_rows_that_come_while_pages_are_read_are_not_lost(made: Ground, cloud: Nhn) -> None:
    cloud.rows = [meter(n / 1000, 1, resourceId=str(n)) for n in range(2001)]
    new = [meter(1, 1, resourceId="new")]
    cloud.before_page = lambda page: cloud.rows.insert(0, new.pop()) if page == 2 and new else None
    assert not pull(made, 0, 12).failed
    assert amount(made) == 2002 * 3_600_000


def test_unknown_fields_are_let_be_and_unknown_rows_kept_aside(made: Ground, cloud: Nhn) -> None:
    cloud.rows = [
        meter(1, 1, brandNew={"a": [1]}),
        meter(2, 1, counterType="WEEKLY_MAX"),
        meter(3, 1, counterUnit="MINUTE"),
        meter(4, 1, "other", answersTo="gpu"),
        meter(5, -1),
        meter(6, "many"),
        meter(7, 1, projectId=""),
        meter(8, 1, insertTime=at(7)),
        meter(9, 1, timestamp="yesterday"),
        meter(10, None, counterType="STATUS", counterValue="RUNNING"),
    ]
    collected = pull(made, 0, 24)
    assert (collected.quarantined, amount(made)) == ({"reading": 7}, 2 * 3_600_000)
    assert sorted(reasons(made)) == [
        "counter gpu is DELTA in MINUTE here, but DELTA in HOURS in site.toml",
        "counter gpu is WEEKLY_MAX in HOURS here, but DELTA in HOURS in site.toml",
        "counterVolume -1 is below zero",
        "counterVolume is no number that can be counted",
        "timestamp lies after insertTime",
        "timestamp: 'yesterday' is no instant: write it like 2025-10-01T00:00:00+09:00",
        "unknown counter other (DELTA, HOURS)",
    ]
    assert ("fail", "unknown_counter") in kinds(made)
    pull(made, 24, 48)
    assert len(reasons(made)) == 7  # those of one day's answer stay when another day is read
    assert ("fail", "unknown_counter") in kinds(made)
    del cloud.rows[1:]
    pull(made, 0, 24)
    assert (reasons(made), kinds(made)) == ([], [("warn", "deleted_meter")])  # of no project


def test_a_counter_left_out_by_name_is_no_finding(tmp_path: Path, cloud: Nhn) -> None:
    made = site_of(tmp_path, nhn_source(cloud.url, COUNTER, ignored=("other",)))
    cloud.rows = [meter(4, 1, "other", answersTo="gpu"), meter(1, 1)]
    assert not pull(made, 0, 24).failed
    assert (amount(made), reasons(made)) == (3_600_000, [])


def test_a_busy_server_is_asked_again(cloud: Nhn, tmp_path: Path) -> None:
    cloud.rows, cloud.busy = [meter(1, 1)], [429, 503]
    pauses: list[float] = []
    options = nhn_source(cloud.url, COUNTER).options
    assert isinstance(options, CloudOptions)
    with Web(Endpoint(cloud.url), tmp_path, pauses.append) as web:
        (batch,) = nhn.read(web, "meters", options, CALENDAR, Period(MIDNIGHT, MIDNIGHT + 1))
    assert (batch.table.num_rows, len(pauses)) == (1, 2)


def test_a_refusal_with_status_200_is_an_error(
    made: Ground, cloud: Nhn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloud, "answer", lambda *_: refused(22009, "no such counter"))
    collected = pull(made, 0, 24)
    assert [finding.kind for finding in collected.findings] == ["source_unavailable"]
    assert "22009 no such counter" in collected.findings[0].detail
    with made.opened.database.read() as connection:
        assert watermarks(connection, "nas") == {"meters": hours(-24)}


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"header": {"isSuccessful": true}}', b"NaN"])
def test_an_answer_of_another_form_is_an_error(
    tmp_path: Path, cloud: Nhn, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloud, "answer", lambda *_: (200, body))
    options = nhn_source(cloud.url, COUNTER).options
    assert isinstance(options, CloudOptions)
    with Web(Endpoint(cloud.url), tmp_path) as web, pytest.raises(SourceError, match="the answer"):
        list(nhn.read(web, "meters", options, CALENDAR, Period(MIDNIGHT, MIDNIGHT + 1)))


def test_a_wrong_token_is_refused(
    made: Ground, cloud: Nhn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NHN_TOKEN", "Bearer other")
    assert "status 401" in pull(made, 0, 24).findings[0].detail
    monkeypatch.delenv("NHN_TOKEN")
    assert "NHN_TOKEN" in pull(made, 0, 24).findings[0].detail


def test_the_watermark_waits_for_late_rows_and_leaves_no_hole(made: Ground, cloud: Nhn) -> None:
    """Rows come up to an hour late, so a day is not complete before one in the morning."""
    pull(made, 0, 24)
    with made.opened.database.read() as connection:
        assert watermarks(connection, "nas") == {"meters": MIDNIGHT + 23 * HOUR_MS}
    cloud.rows = [meter(5, 1, insertTime=at(23.5)), meter(23.9, 1, insertTime=at(24.9))]
    pull(made, 24, 25)
    with made.opened.database.read() as connection:
        assert watermarks(connection, "nas") == {"meters": hours(24)}
    assert amount(made) == 2 * 3_600_000


def test_nothing_of_the_wire_is_kept(made: Ground, cloud: Nhn, tmp_path: Path) -> None:
    """No secret and no instant of fetching reaches the lake."""
    cloud.rows = [meter(1, 1), meter(2, 1, counterType="X")]
    pull(made, 0, 24)
    for _, content in files(tmp_path / "lake").values():
        assert TOKEN.encode() not in content
    assert "fetched_ms" not in made.lake.read("cloud_meter").column_names
