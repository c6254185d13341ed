"""Prometheus text of an exporter, from files or a URL, as observations."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from urllib.request import urlopen

from metering.errors import SourceError
from metering.period import EPOCH, MILLISECOND, Period
from metering.site import Cluster, Site, SourceConfig
from metering.sources import exact, incoming
from metering.sources.batch import Batch, Note, Quarantined, shown
from metering.sources.family import Family, family
from metering.sources.observed import Observed
from metering.sources.series import LabelError, Series, series_of

INSTANT_IN_NAME = re.compile(r"(?<!\d)(\d{13})(?!\d)", re.ASCII)
BARE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\s+(.*)")
NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
EXEMPLAR = " # {"
TIMEOUT_S = 30
PAUSES_S = (1, 4)  # before the second and the third try


class _RefusedError(Exception):
    """This line cannot be taken; the message is the reason."""


def read(source: SourceConfig, cluster: Cluster, site: Site, window: Period) -> Iterator[Batch]:
    """The samples of the window and of `hold` on both sides of it, a batch a file or scrape."""
    known = family(source.family or "")
    if source.url is not None:
        raw, instant_ms = scrape(source.url)
        yield parse(raw, source.url, known, instant_ms, None)
        return
    wide = Period(window.start_ms - cluster.hold_ms, window.end_ms + cluster.hold_ms + 1)
    for name, path in incoming.files(source, site):
        yield parse(incoming.content(name, path), name, known, instant_of(path.name), wide)


def instant_of(name: str) -> int | None:
    """The epoch ms in a file's name (METERING 8a), None where it has none or several."""
    found = INSTANT_IN_NAME.findall(name)
    return int(found[0]) if len(found) == 1 else None


def scrape(url: str, pause: Callable[[float], None] = time.sleep) -> tuple[bytes, int | None]:
    """The text that an exporter gives and the instant, by its own Date header, that it gave it.

    Tried three times; SourceError if it does not answer.
    """
    for wait_s in (*PAUSES_S, None):
        try:
            with urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310 (site.toml allows http only)
                raw: bytes = answer.read()
                return raw, _dated(answer.headers.get("Date"))
        except (OSError, HTTPException) as error:
            if wait_s is None:
                raise SourceError(f"{url} does not answer: {error}") from error
            pause(wait_s)
    raise AssertionError("the last try returns or raises")


def _dated(header: str | None) -> int | None:
    if header is None:
        return None
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - EPOCH) // MILLISECOND


def parse(
    raw: bytes, origin: str, known: Family, instant_ms: int | None, window: Period | None
) -> Batch:
    """The observations of an exposition text within the window (None: all).

    A line's own timestamp counts, else `instant_ms`, else the line is refused.
    """
    text = _Text(known, raw.rstrip().endswith(b"# EOF"), instant_ms, window)
    quarantined: list[Quarantined] = []
    rows_read = 0
    for number, line, line_bytes in incoming.numbered_lines(raw):
        if line is not None and line.startswith("#"):
            continue
        rows_read += 1
        try:
            if line is None:
                raise _RefusedError("is no UTF-8")
            text.take(line)
        except (_RefusedError, LabelError) as reason:
            kept = line if line is not None else line_bytes.decode("utf-8", "backslashreplace")
            quarantined.append(Quarantined(f"{origin}:{number}", str(reason), shown(kept)))
    table = text.observed.table()
    return Batch(
        "sample",
        table,
        tuple(quarantined),
        rows_read,
        origin,
        dict(text.skipped),
        stuck_notes(text.observed.stuck),
    )


def stuck_notes(uids: Iterable[str]) -> tuple[Note, ...]:
    """That a preferred metric may have stopped counting, device by device."""
    detail = (
        "우선하는 가동률 지표는 내내 0인데 다른 지표는 50% 이상입니다. 표본에는 0을 두었습니다. "
        "수집기의 프로파일링 지표가 멈췄는지 확인하십시오."
    )
    return tuple(Note("warn", "stuck_metric", uid, detail) for uid in uids)


class _Text:
    """Lines of one text to values; labels are read once a series."""

    def __init__(
        self, known: Family, in_seconds: bool, instant_ms: int | None, window: Period | None
    ) -> None:
        self.observed = Observed()
        self.skipped: Counter[str] = Counter()
        self._known, self._in_seconds = known, in_seconds
        self._instant_ms, self._window = instant_ms, window
        self._series: dict[str, tuple[Series, int] | None] = {}

    def take(self, line: str) -> None:
        """Take a line's value in; lines of other metrics are skipped."""
        head, brace, tail = line.partition(EXEMPLAR)[0].rpartition("}")
        if not brace:
            bare = BARE.match(line)
            if bare is None:
                raise _RefusedError("is no line of Prometheus text")
            head, tail = bare[1], bare[2]
        if head not in self._series:
            self._series[head] = self._read_series(head, bool(brace))
        found = self._series[head]
        if found is None:
            self.skipped["other_metric"] += 1
            return
        series, code = found
        parts = tail.split()
        if not 1 <= len(parts) <= 2:
            raise _RefusedError("has no value, or more than a value and a timestamp")
        at = self._instant(parts[1]) if len(parts) == 2 else self._instant_ms
        if at is None:
            raise _RefusedError("has no instant, neither of its own nor in the file's name")
        if not exact.FIRST_MS <= at < exact.LAST_MS:
            raise _RefusedError(f"has the impossible instant {at} ms")
        if self._window is not None and not self._window.holds(at):
            self.skipped["outside_window"] += 1
            return
        value = self._value(series, parts[0])
        if value is None:
            self.skipped["blank"] += 1
            return
        self.observed.add(code, at, value)

    def _read_series(self, head: str, braces: bool) -> tuple[Series, int] | None:
        name, opening, block = head.partition("{")
        name = name.strip()
        if not NAME.fullmatch(name) or (braces and not opening):
            raise _RefusedError("is no line of Prometheus text")
        metric = self._known.metric(name)
        series = None if metric is None else series_of(self._known, metric, block)
        return None if series is None else (series, self.observed.series(series))

    def _instant(self, text: str) -> int:
        if self._in_seconds:
            seconds = exact.number(text)
            if seconds is not None:
                return exact.floored(seconds, 1000)
        elif text.removeprefix("-").isdecimal() and text.isascii():
            return int(text)
        raise _RefusedError(f"has the timestamp {text!r}")

    def _value(self, series: Series, text: str) -> int | None:
        """The value in the field's unit; None where the exporter says that it does not know."""
        metric = series.metric
        value = exact.number(text)
        if value is None:
            raise _RefusedError(f"has the value {text!r}, which is no number")
        if value >= self._known.blank:
            return None
        if not metric.in_range(value, series.bounds):
            bounds = f"{series.bounds[0]} to {series.bounds[1]} {metric.unit}"
            raise _RefusedError(f"{metric.name} {text} is out of range ({bounds})")
        return metric.in_field(value)
