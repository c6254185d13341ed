"""What the tests of clouds stand on: servers on loopback that answer as the clouds do."""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from metering.calendar import DAY_MS, HOUR_MS, Period
from metering.collect.collect import Collected, collect
from metering.settings.sections import Store
from metering.settings.source_options.cloud import CloudOptions, Counter
from metering.settings.source_options.location import Endpoint
from metering.settings.source_options.source_config import SourceConfig
from tests.builders.servers.patient_server import PatientServer
from tests.builders.sites.metering_site import CALENDAR, MIDNIGHT, Ground, ground

Row = dict[str, Any]
TOKEN, ACCESS, SECRET = "Bearer t-1", "access-1", "secret-1"
KEYS = {"NHN_TOKEN": TOKEN, "NCP_ACCESS": ACCESS, "NCP_SECRET": SECRET}


class Cloud:
    """A server with its rows; `busy` are the statuses that it answers with first."""

    def __init__(self) -> None:
        self.url = ""
        self.rows: list[Row] = []
        self.busy: list[int] = []
        self.asked: list[dict[str, str]] = []
        self.before_page = lambda page: None

    def answer(self, path: str, headers: Mapping[str, str]) -> tuple[int, object]:
        raise NotImplementedError

    def text(self, path: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        self.asked.append({k: v[0] for k, v in parse_qs(urlsplit(path).query).items()})
        if self.busy:
            return self.busy.pop(0), b"{}"
        status, answer = self.answer(path, headers)
        if isinstance(answer, bytes):
            return status, answer
        return status, json.dumps(answer, ensure_ascii=False).encode()


class Raw(str):
    """A number as the cloud writes it, which Python's own floats could not hold."""


def page_of(rows: Sequence[Row], page: int, size: int) -> list[Row]:
    return list(rows[(page - 1) * size : page * size])


class Nhn(Cloud):
    """NHN Cloud's partner API: one partner, one product."""

    def answer(self, path: str, headers: Mapping[str, str]) -> tuple[int, object]:
        if headers.get("x-nhn-authorization") != TOKEN:
            return 401, {"header": {"isSuccessful": False, "resultCode": 80401}}
        asked = self.asked[-1]
        if urlsplit(path).path != "/v1/billing/partners/p-1/products/gpu/meters":
            return 404, {}
        limit, page = int(asked["limit"]), int(asked["page"])
        if asked["meterTimeTypeCode"] != "INSERT_TIME" or not 1 <= limit <= 2000:
            return refused(-2, "bad parameter")
        self.before_page(page)
        first, end = CALENDAR.instant(asked["from"]), CALENDAR.instant(asked["to"])
        found = [
            row
            for row in self.rows
            if first <= CALENDAR.instant(row["insertTime"]) < end
            and row.get("answersTo", row["counterName"]) == asked["counterName"]
        ]
        listed = json.dumps(page_of(found, page, limit))
        for raw in [row["counterVolume"] for row in found]:
            if isinstance(raw, Raw):
                listed = listed.replace(json.dumps(raw), raw)
        header = '{"isSuccessful": true, "resultCode": 0, "resultMessage": "SUCCESS"}'
        total = len(found)
        text = f'{{"header": {header}, "meterList": {listed}, "totalItems": {total}}}'
        return 200, text.encode()


def refused(code: int, message: str) -> tuple[int, object]:
    return 200, {"header": {"isSuccessful": False, "resultCode": code, "resultMessage": message}}


class Naver(Cloud):
    """Naver Cloud's billing API; it works the signature out of the request itself."""

    def answer(self, path: str, headers: Mapping[str, str]) -> tuple[int, object]:
        stamp, key = headers["x-ncp-apigw-timestamp"], headers["x-ncp-iam-access-key"]
        signed = "\n".join([f"GET {path}", stamp, key]).encode()
        wanted = b64encode(hmac.digest(SECRET.encode(), signed, hashlib.sha256)).decode()
        if headers["x-ncp-apigw-signature-v2"] != wanted:
            return 401, {"error": {"errorCode": "200", "message": "Authentication Failed"}}
        asked = self.asked[-1]
        if asked.get("responseFormatType") != "json":
            return 200, b"<?xml version='1.0'?><getContractUsageListByDailyResponse/>"
        assert int(asked["pageSize"]) <= 1000
        first, last = asked["useStartDay"], asked["useEndDay"]
        found = [
            row
            for row in self.rows
            if first <= row["useDate"]["useStartDate"][:10].replace("-", "") <= last
        ]
        listed = page_of(found, int(asked["pageNo"]), int(asked["pageSize"]))
        body = {"totalRows": len(found), "contractUsageListByDaily": listed}
        return 200, {"getContractUsageListByDailyResponse": body}


@contextmanager
def serving(cloud: Cloud) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = cloud.text(self.path, self.headers)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = PatientServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    cloud.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


COUNTERS = (
    Counter("gpu", "HOURS", "nhn.gpu", "device_hour", "DELTA", "gpu"),
    Counter("gauge", "GB", "nhn.disk", "gib", "GAUGE", "gpu"),
    Counter("latest", "COUNTS", "nhn.node", "device", "HOURLY_LATEST", "gpu"),
    Counter("day", "GB", "nhn.day", "mib", "DAILY_MAX", "gpu"),
    Counter("month", "HOURS", "nhn.month", "device_hour", "MONTHLY_MAX", "gpu"),
)


def nhn_source(url: str, *counters: Counter, **said: object) -> SourceConfig:
    plain: dict[str, object] = {"account": "projectId", "partner": "p-1", "token_env": "NHN_TOKEN"}
    chosen = {one.name: one for one in counters or COUNTERS}
    options = CloudOptions("nhn", chosen, **{**plain, **said})  # type: ignore[arg-type]
    return SourceConfig(
        "meters", "cloud", "reading", endpoint=Endpoint(url), late_ms=HOUR_MS,
        options=options,
    )  # fmt: skip


def naver_source(url: str, *counters: Counter, **said: object) -> SourceConfig:
    url += "/billing/v1"
    plain: dict[str, object] = {
        "counter_name": "productItemKind", "access_key_env": "NCP_ACCESS",
        "secret_key_env": "NCP_SECRET",
    }  # fmt: skip
    chosen = {one.name: one for one in counters}
    options = CloudOptions("naver", chosen, **{**plain, **said})  # type: ignore[arg-type]
    return SourceConfig("usage", "cloud", "reading", endpoint=Endpoint(url), options=options)


def store(source: SourceConfig, **said: object) -> Store:
    plain: dict[str, object] = {"name": "nas", "title": "구름", "quarantine_share_max": 1}
    return Store(**{**plain, "sources": (source,), **said})  # type: ignore[arg-type]


def site_of(path: Path, source: SourceConfig, **said: object) -> Ground:
    """A site that was read up to the day before the midnight."""
    made = ground(path, stores=(store(source, **said),))
    made.complete(hours(-24), "nas")
    return made


def pull(made: Ground, start: float, end: float) -> Collected:
    """Collects from an hour to an hour after the midnight."""
    (found,) = collect(made.opened, Period(hours(start), hours(end)))
    return found


def hours(count: float) -> int:
    return MIDNIGHT + round(count * HOUR_MS)


def at(count: float) -> str:
    return CALENDAR.iso(hours(count))


def meter(used: float, volume: object, name: str = "gpu", **fields: object) -> Row:
    """A meter used at an hour after the midnight and inserted a minute later."""
    known = {one.name: one for one in COUNTERS}.get(name, COUNTERS[0])
    return {
        "appKey": "app", "projectId": "lab", "counterName": name, "counterType": known.kind,
        "counterUnit": known.unit, "counterVolume": volume, "resourceId": "r",
        "timestamp": at(used), "insertTime": at(used + 1 / 60), "resourceName": "이름", **fields,
    }  # fmt: skip


def told(made: Ground, *names: str) -> list[tuple[object, ...]]:
    """The readings: hours after the midnight, level, and further columns."""
    return [
        (
            (row["started_ms"] - MIDNIGHT) / HOUR_MS,
            (row["ended_ms"] - MIDNIGHT) / HOUR_MS,
            row["quantity"],
            *(row[name] for name in names),
        )
        for row in made.lake.read("reading").to_pylist()
    ]


def amount(made: Ground, day: int = 0) -> int:
    """A day's level x seconds, of everything."""
    start = MIDNIGHT + day * DAY_MS
    return sum(
        row["quantity"] * (row["ended_ms"] - row["started_ms"]) // 1000
        for row in made.lake.read("reading").to_pylist()
        if start <= row["started_ms"] < start + DAY_MS
    )
