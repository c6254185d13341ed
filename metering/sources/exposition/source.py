"""Prometheus text of exporters, from files or from the exporters themselves, as observations."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from metering.calendar import Calendar, Period
from metering.errors import SourceError
from metering.settings.sections import Cluster
from metering.settings.site_toml import Site
from metering.settings.source_options.exposition import Targets
from metering.settings.source_options.location import Endpoint
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.exposition.scrape import Asking, scrapes, skew_notes
from metering.sources.exposition.text import Taken, TextReader
from metering.sources.families.device_rows import Observed
from metering.sources.families.family import Family, family
from metering.sources.reading import files
from metering.sources.reading.batch import Batch, Note
from metering.sources.reading.schemas import OBSERVATION

INSTANT_IN_NAME = re.compile(r"(?<!\d)(\d{13})(?!\d)", re.ASCII)
VALUES_AT_ONCE = 500_000  # small files make rows together, not each on its own


def read(source: SourceConfig, cluster: Cluster, site: Site, window: Period) -> Iterator[Batch]:
    """The samples of the window and of `hold` on both sides of it, a batch a file or scrape.

    The rows of small files come together, in the batch of the last of them.
    """
    if targets(source):
        yield from read_targets(source, cluster, site, Asking())
        return
    wide = Period(window.start_ms - cluster.hold_ms, window.end_ms + cluster.hold_ms + 1)
    reader = TextReader(family(source.family or ""), wide)
    paths = list(files.files(source, site))
    for number, (name, path) in enumerate(paths, start=1):
        raw = files.content(name, path, source.limits)
        taken = reader.take(raw, name, instant_of(path.name))
        full = len(reader) >= VALUES_AT_ONCE or number == len(paths)
        yield batch_of(reader, taken, name, full, site.calendar)


def targets(source: SourceConfig) -> tuple[Endpoint, ...]:
    """The exporters that a source asks, none where it has files."""
    return source.options.endpoints if isinstance(source.options, Targets) else ()


def read_targets(
    source: SourceConfig, cluster: Cluster, site: Site, asking: Asking
) -> Iterator[Batch]:
    """What the exporters say now, a batch each; those that are down do not stop the others.

    SourceError where none of them answers.
    """
    reader = TextReader(family(source.family or ""), None)
    down: list[Note] = []
    for scraped in scrapes(targets(source), site.directory, asking, source.limits):
        if scraped.failure:
            detail = f"수집 대상이 응답하지 않아 이번 표본이 없습니다. {scraped.failure}"
            down.append(Note("warn", "target_down", scraped.url, detail))
            continue
        taken = reader.take(scraped.text, scraped.url, scraped.instant_ms, scraped.media_type)
        batch = batch_of(reader, taken, scraped.url, True, site.calendar)
        skewed = skew_notes(scraped, batch.table, cluster.hold_ms)
        yield replace(batch, notes=(*batch.notes, *skewed))
    if len(down) == len(targets(source)):
        raise SourceError("; ".join(note.detail for note in down[:3]))
    if down:
        # of no target: what the last scrape of one left in quarantine stays
        yield Batch("sample", OBSERVATION.empty_table(), (), 0, source.name, notes=tuple(down))


def instant_of(name: str) -> int | None:
    """The epoch ms in a file's name (METERING 8a), None where it has none or several."""
    instants = INSTANT_IN_NAME.findall(name)
    return int(instants[0]) if len(instants) == 1 else None


def parse(
    raw: bytes, origin: str, known: Family, instant_ms: int | None, window: Period | None
) -> Batch:
    """The observations of an exposition text within the window (None: all).

    A line's own timestamp counts, else `instant_ms`, else the line is refused.
    """
    reader = TextReader(known, window)
    taken = reader.take(raw, origin, instant_ms)
    return batch_of(reader, taken, origin, full=True)


def batch_of(
    reader: TextReader, taken: Taken, origin: str, full: bool, calendar: Calendar | None = None
) -> Batch:
    """What was said of one text, with all rows since the last batch that was `full`."""
    table = reader.table() if full else OBSERVATION.empty_table()
    notes = (*odd_notes(reader.observed, calendar), *cut_notes(reader, calendar)) if full else ()
    incomplete = reader.observed.incomplete if full else 0
    return Batch(
        "sample", table, taken.quarantined, taken.rows_read, origin,
        with_cores(taken.skipped, incomplete), notes, taken=taken.values - incomplete,
    )  # fmt: skip


def with_cores(skipped: Mapping[str, int], incomplete: int) -> dict[str, int]:
    """What was left out, values of cores whose device's others are missing among it."""
    return {**skipped, "missing_cores": incomplete} if incomplete else dict(skipped)


def odd_notes(observed: Observed, calendar: Calendar | None = None) -> tuple[Note, ...]:
    """What was odd since the last call, device by device: a preferred metric that may have stopped
    counting, and values out of their range, as of another unit, on the day of the first."""
    outside, observed.outside = observed.outside, {}
    strange = (
        Note(
            "warn", "out_of_range", value.uid,
            f"{value.metric} 값이 범위({value.bounds})를 벗어나 격리했습니다. "
            "수집기의 단위가 달라졌는지 확인하십시오.",
            None if calendar is None else calendar.day_of(at_ms),
        )
        for value, at_ms in outside.items()
    )  # fmt: skip
    return (*stuck_notes(observed.stuck), *strange)


def cut_notes(reader: TextReader, calendar: Calendar | None) -> tuple[Note, ...]:
    """That texts were cut short since the last call; the first of them is named."""
    cut, reader.cut = reader.cut, []
    if not cut:
        return ()
    origin, at_ms = cut[0]
    detail = (
        f"OpenMetrics 원문 {len(cut):,}건이 끝줄(# EOF) 없이 끊겨 그 원문을 통째로 격리했습니다. "
        f"처음은 {origin}. 그 표본은 없는 것이 되니 온전한 원문을 다시 수집하십시오."
    )
    day = None if calendar is None or at_ms is None else calendar.day_of(at_ms)
    return (Note("warn", "cut_short", origin, detail, day),)


def stuck_notes(uids: Iterable[str]) -> tuple[Note, ...]:
    """That a preferred metric may have stopped counting, device by device."""
    detail = (
        "우선하는 가동률 지표는 내내 0인데 다른 지표는 50% 이상입니다. 표본에는 0을 두었습니다. "
        "수집기의 프로파일링 지표가 멈췄는지 확인하십시오."
    )
    return tuple(Note("warn", "stuck_metric", uid, detail) for uid in uids)
