"""Prometheus text of an exporter, from files or a URL, as observations."""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from urllib.request import urlopen

from metering.errors import SourceError
from metering.period import EPOCH, MILLISECOND, Period
from metering.site import Cluster, Site, SourceConfig
from metering.sources import incoming
from metering.sources.batch import Batch, Note
from metering.sources.exposition_text import Reader, Taken
from metering.sources.family import Family, family
from metering.sources.schemas import OBSERVATION

INSTANT_IN_NAME = re.compile(r"(?<!\d)(\d{13})(?!\d)", re.ASCII)
VALUES_AT_ONCE = 500_000  # small files make rows together, not each on its own
TIMEOUT_S = 30
PAUSES_S = (1, 4)  # before the second and the third try


def read(source: SourceConfig, cluster: Cluster, site: Site, window: Period) -> Iterator[Batch]:
    """The samples of the window and of `hold` on both sides of it, a batch a file or scrape.

    The rows of small files come together, in the batch of the last of them.
    """
    known = family(source.family or "")
    if source.url is not None:
        raw, instant_ms = scrape(source.url)
        yield parse(raw, source.url, known, instant_ms, None)
        return
    wide = Period(window.start_ms - cluster.hold_ms, window.end_ms + cluster.hold_ms + 1)
    reader = Reader(known, wide)
    paths = list(incoming.files(source, site))
    for number, (name, path) in enumerate(paths, start=1):
        taken = reader.take(incoming.content(name, path), name, instant_of(path.name))
        full = len(reader) >= VALUES_AT_ONCE or number == len(paths)
        yield batch_of(reader, taken, name, full)


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
    reader = Reader(known, window)
    taken = reader.take(raw, origin, instant_ms)
    return batch_of(reader, taken, origin, full=True)


def batch_of(reader: Reader, taken: Taken, origin: str, full: bool) -> Batch:
    """What was said of one text, with all rows since the last batch that was `full`."""
    table = reader.table() if full else OBSERVATION.empty_table()
    notes = stuck_notes(reader.stuck) if full else ()
    return Batch("sample", table, taken.quarantined, taken.rows_read, origin, taken.skipped, notes)


def stuck_notes(uids: Iterable[str]) -> tuple[Note, ...]:
    """That a preferred metric may have stopped counting, device by device."""
    detail = (
        "우선하는 가동률 지표는 내내 0인데 다른 지표는 50% 이상입니다. 표본에는 0을 두었습니다. "
        "수집기의 프로파일링 지표가 멈췄는지 확인하십시오."
    )
    return tuple(Note("warn", "stuck_metric", uid, detail) for uid in uids)
