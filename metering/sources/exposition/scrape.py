"""Exporters scraped, several at a time: their texts, and what each one's clock says beside ours."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from metering.calendar import EPOCH, MILLISECOND
from metering.errors import SourceError
from metering.settings.source_options.limits import SCRAPE, Limits
from metering.settings.source_options.location import Endpoint
from metering.sources.reading.batch import Note
from metering.sources.reading.web import Web

AT_ONCE = 8
HELD = 64  # texts that wait at most until they are read
NS_IN_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Asking:
    """What scraping takes from the world: how to wait, and what time it is here.

    When an answer came is an input, as the answer is; tests give their own.
    """

    pause: Callable[[float], None] = time.sleep
    clock_ns: Callable[[], int] = time.time_ns


@dataclass(frozen=True, slots=True)
class Scrape:
    """A target's text; `failure` says why there is none."""

    url: str
    text: bytes = b""
    instant_ms: int | None = None  # when the exporter gave it, by its own Date header
    received_ms: int = 0  # when it was here, by our clock
    failure: str = ""
    media_type: str = ""  # what the exporter says that its text is


def scrapes(
    endpoints: Sequence[Endpoint], site: Path, asking: Asking, limits: Limits = SCRAPE
) -> Iterator[Scrape]:
    """One scrape a target, in their order; a target that is down is a failure of its own."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for start in range(0, len(endpoints), HELD):
            some = endpoints[start : start + HELD]
            yield from pool.map(lambda endpoint: scrape(endpoint, site, asking, limits), some)


def scrape(endpoint: Endpoint, site: Path, asking: Asking, limits: Limits = SCRAPE) -> Scrape:
    """What a target gives within the limits; it is tried three times."""
    try:
        with Web(endpoint, site, asking.pause, limits) as web:
            answer = web.get()
            received_ms = asking.clock_ns() // NS_IN_MS
            dated = _dated(answer.headers.get("Date"))
            media_type = answer.headers.get("Content-Type", "")
            return Scrape(endpoint.url, answer.content, dated, received_ms, media_type=media_type)
    except SourceError as error:
        return Scrape(endpoint.url, failure=str(error))


def skew_notes(scraped: Scrape, table: pa.Table, hold_ms: int) -> tuple[Note, ...]:
    """That an exporter's clock, or the instants of its lines, are further than `hold` from ours."""
    at, ours = table["sampled_ms"], scraped.received_ms
    clocks = {"수집 대상의 시계가": scraped.instant_ms}
    if scraped.instant_ms is not None:
        at = at.filter(pc.not_equal(at, scraped.instant_ms))
    if len(at):
        ends = pc.min_max(at).as_py().values()
        clocks["지표에 적힌 시각이"] = max(ends, key=lambda end_ms: abs(end_ms - ours))
    return tuple(
        Note(
            "warn",
            "clock_skew",
            scraped.url,
            f"{what} 여기보다 {abs(instant - ours) // 1000:,}초 "
            f"{'빠릅니다' if instant > ours else '늦습니다'}(허용 {hold_ms // 1000}초). "
            "시각 동기화를 확인하십시오.",
        )
        for what, instant in clocks.items()
        if instant is not None and abs(instant - ours) > hold_ms
    )


def _dated(header: str | None) -> int | None:
    if header is None:
        return None
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - EPOCH) // MILLISECOND
