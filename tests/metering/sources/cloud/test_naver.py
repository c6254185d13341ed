"""Naver Cloud's daily usage: signed requests, exact amounts, days that are not there."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from metering.calendar import DAY_MS, Period
from metering.errors import SourceError
from metering.settings.source_options.cloud import CloudOptions
from metering.sources.cloud import naver
from metering.sources.reading.web import Web
from tests.builders.lakes import files
from tests.builders.servers.cloud_api import (
    ACCESS,
    KEYS,
    SECRET,
    Counter,
    Endpoint,
    Ground,
    Naver,
    Row,
    amount,
    naver_source,
    pull,
    serving,
    site_of,
    told,
)  # fmt: skip
from tests.builders.sites.metering_site import CALENDAR, GPU_HOUR_US, LAST, MIDNIGHT

SERVER = Counter("SVR", "HOUR", "naver.server", "device_hour", "DAY")
DISK = Counter("BST", "GB", "naver.disk", "gb", "DAY")


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in KEYS.items():
        monkeypatch.setenv(name, text)


@pytest.fixture
def cloud() -> Iterator[Naver]:
    made = Naver()
    with serving(made):
        yield made


@pytest.fixture
def made(tmp_path: Path, cloud: Naver) -> Ground:
    return site_of(tmp_path, naver_source(cloud.url, SERVER, DISK))


def used(day: str, quantity: object, kind: str = "SVR", unit: str = "HOUR", **said: str) -> Row:
    contract = said.get("contract", "c-1")
    return {
        "account": {"memberNo": "lab"},
        "useDate": {"useStartDate": f"{day}T00:00:00+0900", "useEndDate": f"{day}T23:59:59+0900"},
        "contract": {"contractNo": contract, "contractType": {"code": "VSVR"}},
        "contractProduct": {
            "priceNo": said.get("price", "7"),
            "productItemKind": {"code": kind, "codeName": "서버"},
        },
        "usage": {
            "meteringType": {"code": "USE"}, "usageQuantity": quantity, "unit": {"code": unit},
            "userUsageQuantity": quantity, "userUnit": {"code": unit},
        },
    }  # fmt: skip


def options_of(cloud: Naver) -> CloudOptions:
    options = naver_source(cloud.url, SERVER).options
    assert isinstance(options, CloudOptions)
    return options


@pytest.mark.shared_data
def test_the_reconstructed_answer_is_read(
    tmp_path: Path, cloud: Naver, formats: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = (formats / "ncp_contract_usage_daily.reconstructed.json").read_bytes()
    monkeypatch.setattr(cloud, "answer", lambda *_: (200, body))
    counter = Counter("…", "HOUR", "naver.server", "device_hour", "DAY")
    options = naver_source(cloud.url, counter).options
    assert isinstance(options, CloudOptions)
    start = CALENDAR.instant("2024-01-09T00:00:00+09:00")
    with Web(Endpoint(cloud.url), tmp_path) as web:
        (batch,) = naver.read(web, "usage", options, CALENDAR, Period(start, start + 1))
    assert batch.quarantined == ()
    (row,) = batch.table.to_pylist()
    assert (row["account"], row["used_ms"], row["volume"]) == ("3649505", start, "12.4975")


def test_a_day_s_amount_is_usage_of_that_day_exactly(made: Ground, cloud: Naver) -> None:
    cloud.rows = [used("2025-11-01", 12.4975), used("2025-11-01", 24, contract="c-2"),
                  used("2025-11-02", 0.1)]  # fmt: skip
    assert not pull(made, 0, 48).failed
    made.meter(LAST)
    quantity = GPU_HOUR_US * 364_975 // 10_000
    assert made.usage(LAST) == [("P1", "nas", "naver.server", quantity, "device_us", False)]
    assert (amount(made), amount(made, 1)) == (36_4975 * 360, 360_000)


def test_a_level_of_a_day_lasts_the_day(made: Ground, cloud: Naver) -> None:
    """100 GB are 95,367.43 MiB; a day of that is exact to one MiB-second."""
    cloud.rows = [used("2025-11-01", 100, "BST", "GB")]
    pull(made, 0, 24)
    assert amount(made) == 100 * 10**9 * 86_400 // 2**20
    assert {row[2] for row in told(made)} == {95_367, 95_368}


def test_each_day_is_asked_for_once_with_both_ends(made: Ground, cloud: Naver) -> None:
    pull(made, 0, 25)
    days = [(one["useStartDay"], one["useEndDay"]) for one in cloud.asked]
    assert days == [(d, d) for d in ("20251031", "20251101", "20251102")]
    assert {one["responseFormatType"] for one in cloud.asked} == {"json"}


def test_no_row_is_no_zero(made: Ground, cloud: Naver) -> None:
    """A day without a row has no reading; a row of zero has one."""
    cloud.rows = [used("2025-11-01", 0)]
    pull(made, 0, 48)
    assert told(made) == [(0, 24, 0)]


def test_a_day_told_anew_is_replaced_and_no_other(made: Ground, cloud: Naver) -> None:
    cloud.rows = [used("2025-11-01", 3), used("2025-11-02", 3)]
    pull(made, 0, 48)
    before = made.lake.select("reading").digests()
    cloud.rows[0] = used("2025-11-01", 5)
    pull(made, 0, 24)
    after = made.lake.select("reading").digests()
    assert [name[-10:] for name in after if before[name] != after[name]] == ["2025-11-01"]
    assert amount(made) == 5 * 3_600_000


def test_pulling_again_changes_no_byte(made: Ground, cloud: Naver, tmp_path: Path) -> None:
    cloud.rows = [used("2025-11-01", n / 7, contract=f"c-{n}") for n in range(50)]
    pull(made, 0, 24)
    before = files(tmp_path / "lake")
    cloud.rows.reverse()
    pull(made, 0, 24)
    assert files(tmp_path / "lake") == before


def test_rows_of_several_pages_all_come(made: Ground, cloud: Naver) -> None:
    cloud.rows = [used("2025-11-01", 1, contract=f"c-{n}") for n in range(2001)]
    pull(made, 0, 24)
    assert amount(made) == 2001 * 3_600_000


def test_two_prices_of_a_contract_are_added(made: Ground, cloud: Naver) -> None:
    cloud.rows = [used("2025-11-01", 1), used("2025-11-01", 2, price="8")]
    pull(made, 0, 24)
    assert amount(made) == 3 * 3_600_000


def test_the_signature_is_that_of_the_api_gateway() -> None:
    """Worked out with openssl: printf ... | openssl dgst -sha256 -hmac secret-1 -binary."""
    path = "/billing/v1/cost/getContractUsageListByDaily?useStartDay=20251101"
    assert naver.signature(path, 1_762_000_000_000, ACCESS, SECRET) == OPENSSL


OPENSSL = "Qu1Dr78G2YkYw3dMnN0fBI9IWqVYyhiTREVa3Wvk5v8="


def test_the_clock_is_given_from_outside(cloud: Naver, tmp_path: Path) -> None:
    stamps: list[str] = []
    answer = cloud.answer
    cloud.answer = lambda path, headers: (  # type: ignore[method-assign]
        stamps.append(headers["x-ncp-apigw-timestamp"]) or answer(path, headers)  # type: ignore[func-returns-value]
    )
    with Web(Endpoint(f"{cloud.url}/billing/v1"), tmp_path) as web:
        window = Period(MIDNIGHT, MIDNIGHT + DAY_MS)
        list(
            naver.read(
                web, "u", options_of(cloud), CALENDAR, window, lambda: 1_762_000_000_123_456_789
            )
        )
    assert stamps == ["1762000000123"]


def test_a_wrong_secret_is_refused(
    made: Ground, cloud: Naver, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.rows = [used("2025-11-01", 1)]
    monkeypatch.setenv("NCP_SECRET", "other")
    collected = pull(made, 0, 24)
    assert [finding.kind for finding in collected.findings] == ["source_unavailable"]
    assert "status 401" in collected.findings[0].detail
    assert "other" not in collected.findings[0].detail
    assert amount(made) == 0


def test_a_busy_server_is_asked_again_with_a_signature(cloud: Naver, tmp_path: Path) -> None:
    cloud.rows, cloud.busy = [used("2025-11-01", 1)], [429, 503]
    pauses: list[float] = []
    with Web(Endpoint(f"{cloud.url}/billing/v1"), tmp_path, pauses.append) as web:
        window = Period(MIDNIGHT, MIDNIGHT + DAY_MS)
        (batch,) = naver.read(web, "usage", options_of(cloud), CALENDAR, window)
    assert (batch.table.num_rows, len(pauses)) == (1, 2)


@pytest.mark.parametrize(
    "answer",
    [b"<?xml version='1.0'?><a/>", {"responseError": {"returnCode": "800"}},
     {"getContractUsageListByDailyResponse": {"contractUsageListByDaily": []}},
     {"getContractUsageListByDailyResponse": {"totalRows": 3, "contractUsageListByDaily": []}}],
    ids=["xml", "an error", "no total", "too few"],
)  # fmt: skip
def test_an_answer_of_another_form_is_an_error(
    cloud: Naver, tmp_path: Path, answer: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloud, "answer", lambda *_: (200, answer))
    with Web(Endpoint(cloud.url), tmp_path) as web, pytest.raises(SourceError):
        list(naver.read(web, "u", options_of(cloud), CALENDAR, Period(MIDNIGHT, MIDNIGHT + 1)))


def test_rows_that_cannot_be_taken_are_kept_aside(made: Ground, cloud: Naver) -> None:
    wrong = used("2025-11-01", 1, contract="c-9")
    wrong["useDate"]["useStartDate"] = "2025-11-01T09:00:00+0900"
    long = used("2025-11-01", 1, contract="c-8")
    long["useDate"]["useEndDate"] = "2025-11-02T23:59:59+0900"
    cloud.rows = [
        used("2025-11-01", 1, unit="MIN"), used("2025-11-01", 1, "LB"), wrong, long,
        used("2025-11-01", "x"), used("2025-11-01", 2, extra="1"),
    ]  # fmt: skip
    collected = pull(made, 0, 24)
    assert sorted(made.lake.read("quarantine").column("reason").to_pylist()) == [
        "counter SVR is DAY in MIN here, but DAY in HOUR in site.toml",
        "unknown counter LB (DAY, HOUR)",
        "usage.usageQuantity is no number that can be counted",
        "useDate is not the day 2025-11-01 of this site",
        "useDate is not the day 2025-11-01 of this site",
    ]
    assert {finding.kind for finding in collected.findings} == {
        "unknown_counter",
        "quarantined_rows",
    }
    assert amount(made) == 2 * 3_600_000
    text = made.lake.read("quarantine").column("text").to_pylist()
    assert all(json.loads(one)["account"] == {"memberNo": "lab"} for one in text)
