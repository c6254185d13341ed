"""NHN Cloud's partner metering API: the meters of each counter, by the day of their insertion."""

from collections.abc import Iterator
from functools import partial

from metering.calendar import Calendar, Period
from metering.errors import SourceError
from metering.settings.source_options.cloud import CloudOptions, Counter
from metering.sources.cloud import meters
from metering.sources.cloud.meters import PARENT, CloudMeter, MeterReader, Row, RowError
from metering.sources.cloud.pages import whole_list
from metering.sources.reading.batch import Batch
from metering.sources.reading.unowned import NOBODY
from metering.sources.reading.web import Web, token

LIMIT = 2000  # rows a page; the API's own limit
SLACK_MS = 60_000  # METERING 7: a clock may be a minute ahead
UTC = Calendar("UTC")


def read(
    web: Web, name: str, options: CloudOptions, calendar: Calendar, window: Period
) -> Iterator[Batch]:
    """The meters inserted on the days of the window, a batch a counter and day."""
    headers = {"x-nhn-authorization": token(options.token_env).reveal()}
    take = partial(_meter, options=options, calendar=calendar)
    for counter in sorted(options.counters.values(), key=lambda counter: counter.name):
        for day in calendar.days_of(window):
            reader = MeterReader(f"{name} {counter.name}", day, take)
            yield reader.batch(_rows(web, options, counter, calendar.day(day), headers))


def _rows(
    web: Web, options: CloudOptions, counter: Counter, asked: Period, headers: dict[str, str]
) -> list[object]:
    """All rows of a counter inserted in a period."""
    path = f"/v1/billing/partners/{options.partner}/products/{counter.product}/meters"

    def page(number: int) -> tuple[list[object], int]:
        params = {
            "from": _utc(asked.start_ms),
            "to": _utc(asked.end_ms),  # not included
            "counterName": counter.name,
            "meterTimeTypeCode": "INSERT_TIME",
            "page": str(number),
            "limit": str(LIMIT),
        }
        return _page(web, path, params, headers)

    return whole_list(page, f"{web.url}{path} {counter.name}")


def _page(
    web: Web, path: str, params: dict[str, str], headers: dict[str, str]
) -> tuple[list[object], int]:
    """One page's rows and how many there are in all; a refusal may come with status 200."""
    document = meters.document(web.get(path, params, headers), f"{web.url}{path}", web.limits)
    header = document.get("header")
    if not isinstance(header, dict) or header.get("isSuccessful") is not True:
        raise SourceError(
            f"{web.url}{path} refuses: {meters.inside(document, 'header', 'resultCode')}"
            f" {meters.inside(document, 'header', 'resultMessage')}"
        )
    rows, total = document.get("meterList"), document.get("totalItems")
    if not isinstance(rows, list) or not isinstance(total, int) or isinstance(total, bool):
        raise SourceError(f"{web.url}{path}: the answer has no meterList or no totalItems")
    return rows, total


def _meter(row: Row, options: CloudOptions, calendar: Calendar) -> CloudMeter:
    """A row as a meter; fields that are not named here may be there or not."""
    name = meters.text(row, "counterName", needed=False)
    kind = meters.text(row, "counterType", needed=False)
    unit = meters.text(row, "counterUnit", needed=False)
    counter = meters.known(options, name, kind, unit)
    used_ms = meters.instant(row, calendar, "timestamp")
    asked_ms = meters.instant(row, calendar, "insertTime")
    if used_ms > asked_ms + SLACK_MS:
        raise RowError("timestamp lies after insertTime")
    return CloudMeter(
        account=meters.text(row, options.account, needed=False) or NOBODY,
        counter=name,
        app_key=meters.text(row, "appKey", needed=False),
        resource_id=meters.text(row, "resourceId", needed=False),
        used_ms=used_ms,
        meter_id=_meter_id(row),
        asked_ms=asked_ms,
        counter_type=kind,
        volume=meters.bounded(meters.volume(row, "counterVolume"), counter),
        sku=counter.sku,
        measure=counter.measure,
    )


def _meter_id(row: Row) -> str:
    """The meter's own id, which the partner API may leave out; then what its resource is part of
    tells two of one instant apart, as two disks of one name in two instances."""
    own = meters.text(row, "gmid", needed=False)
    parent = meters.text(row, "parentResourceId", needed=False)
    return own or (PARENT + parent if parent else "")


def _utc(instant_ms: int) -> str:
    return UTC.iso(instant_ms).removesuffix("+00:00") + ".000Z"
