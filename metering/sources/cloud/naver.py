"""Naver Cloud's billing API: what each contract used on a day, asked for with a signature."""

import hashlib
import hmac
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from urllib.parse import urlsplit

from metering.calendar import DAY_MS, Calendar, Period
from metering.errors import SourceError
from metering.secret import Secret
from metering.settings.source_options.cloud import COUNTER_NAMES, CloudOptions
from metering.sources.cloud import meters
from metering.sources.cloud.meters import CloudMeter, MeterReader, Row, RowError
from metering.sources.cloud.pages import whole_list
from metering.sources.reading.batch import Batch
from metering.sources.reading.unowned import NOBODY
from metering.sources.reading.web import Web, token

ACTION = "getContractUsageListByDaily"
PAGE_ROWS = 1000  # the API's own limit
MS_NS = 1_000_000

# Gives nanoseconds since 1970. Nothing that is kept depends on it: the server refuses a signature
# that is minutes old, so only a clock can say what to sign.
Clock = Callable[[], int]


def read(
    web: Web,
    name: str,
    options: CloudOptions,
    calendar: Calendar,
    window: Period,
    clock: Clock = time.time_ns,
) -> Iterator[Batch]:
    """What was used on each day that the window touches, a batch a day.

    Asked day by day: the API gives three months at once at most, both days included.
    """
    keys = token(options.access_key_env), token(options.secret_key_env)
    for day in calendar.days_of(window):
        take = partial(_meter, options=options, calendar=calendar, day=day)
        reader = MeterReader(name, day, take)
        yield reader.batch(_rows(web, day, keys, clock))


def signature(path: str, timestamp_ms: int, access_key: str, secret_key: str) -> str:
    """Signs a GET of a path with its query, as Naver Cloud's API gateway wants it."""
    message = f"GET {path}\n{timestamp_ms}\n{access_key}"
    digest = hmac.new(secret_key.encode(), message.encode(), hashlib.sha256).digest()
    return b64encode(digest).decode("ascii")


def _rows(web: Web, day: date, keys: tuple[Secret, Secret], clock: Clock) -> list[object]:
    return whole_list(lambda page: _page(web, day, page, keys, clock), f"{web.url} {day}")


def _page(
    web: Web, day: date, page: int, keys: tuple[Secret, Secret], clock: Clock
) -> tuple[list[object], int]:
    """One page's rows and how many there are in all; without being asked for, it is no JSON."""
    written = f"{day:%Y%m%d}"
    path = (
        f"/cost/{ACTION}?useStartDay={written}&useEndDay={written}"
        f"&pageNo={page}&pageSize={PAGE_ROWS}&responseFormatType=json"
    )
    parts = urlsplit(web.url + path)
    signed, timestamp_ms = f"{parts.path}?{parts.query}", clock() // MS_NS
    access_key, secret_key = (key.reveal() for key in keys)
    headers = {
        "x-ncp-apigw-timestamp": str(timestamp_ms),
        "x-ncp-iam-access-key": access_key,
        "x-ncp-apigw-signature-v2": signature(signed, timestamp_ms, access_key, secret_key),
    }
    document = meters.document(web.get(path, headers=headers), f"{web.url} {day}", web.limits)
    answer = document.get(f"{ACTION}Response")
    if not isinstance(answer, dict):
        raise SourceError(f"{web.url} {day}: the answer has no {ACTION}Response")
    rows, total = answer.get("contractUsageListByDaily"), answer.get("totalRows")
    if not isinstance(rows, list) or not isinstance(total, int) or isinstance(total, bool):
        raise SourceError(f"{web.url} {day}: the answer has no rows or no totalRows")
    return rows, total


def _meter(row: Row, options: CloudOptions, calendar: Calendar, day: date) -> CloudMeter:
    """A row as a meter of its day, which is an amount: nobody says when in the day it was used."""
    name = meters.text(row, *COUNTER_NAMES[options.counter_name], needed=False)
    unit = meters.text(row, "usage", "unit", "code", needed=False)
    counter = meters.known(options, name, "DAY", unit)
    whole = calendar.day(day)
    started_ms = meters.instant(row, calendar, "useDate", "useStartDate")
    ended_ms = meters.instant(row, calendar, "useDate", "useEndDate")
    if started_ms != whole.start_ms or not started_ms < ended_ms <= started_ms + DAY_MS:
        raise RowError(f"useDate is not the day {day} of this site")
    contract = meters.text(row, "contract", "contractNo")
    paths = (("contractProduct", "priceNo"), COUNTER_NAMES["productItemKind"])
    ids = [meters.text(row, *path, needed=False) for path in paths]
    ids.append(meters.text(row, *COUNTER_NAMES["meteringType"], needed=False))
    return CloudMeter(
        account=meters.text(row, "account", "memberNo", needed=False) or NOBODY,
        counter=name,
        app_key=contract,
        resource_id=contract,
        used_ms=started_ms,
        meter_id="/".join(ids),
        asked_ms=started_ms,
        counter_type="DAY",
        volume=meters.bounded(meters.volume(row, "usage", "usageQuantity"), counter),
        sku=counter.sku,
        measure=counter.measure,
    )
