"""Asks a source once whether it can be read: by its own reader, a short while, and lands nothing.

What it is asked for is little: the last minutes of a server, today's meters of a cloud, the newest
file. So it shows that the source answers and that its rows are understood, not that it is whole.
"""

import glob
from dataclasses import dataclass, replace

from metering.calendar import Period
from metering.settings.sections import Section
from metering.settings.site_toml import Site
from metering.settings.source_options.exposition import Targets
from metering.settings.source_options.location import Endpoint
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.read import read
from metering.sources.reading import files
from metering.sources.reading.batch import Note

# Assumed, all three: a server that is well answers in this time; it is scraped more often than
# this; and a larger file takes longer to read than a person waits.
ANSWER_S = 5
ASKED_MS = 600_000
FILE_BYTES_MAX = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answered:
    """What a source gave when it was asked once.

    `rows_read` counts rows, None where its newest file is too large to be read now; `refused` are
    those that it could not take, `first_refusal` says where the first is and why. `newest` is the
    file that was read, '' for a server; `inputs` counts files or servers.
    """

    inputs: int
    newest: str = ""
    rows_read: int | None = 0
    refused: int = 0
    first_refusal: str = ""
    notes: tuple[Note, ...] = ()


def ask_once(source: SourceConfig, section: Section, site: Site, now_ms: int) -> Answered:
    """What the source gives at this instant (UTC ms); SourceError where it cannot be read at all:
    no file, no answer in ANSWER_S seconds at the first try, a refusal, an answer that is not whole.
    """
    window = Period(now_ms - ASKED_MS, now_ms)
    if not source.paths:
        servers = len(source.options.endpoints) if isinstance(source.options, Targets) else 1
        return _gathered(_in_short(source), section, site, window, Answered(servers))
    paths = list(files.files(source, site))
    name, path = max(paths, key=lambda file: (file[1].stat().st_mtime_ns, file[0]))
    if path.stat().st_size > FILE_BYTES_MAX:
        with path.open("rb") as file:
            file.read(1)
        return Answered(len(paths), name, None)
    alone = replace(source, paths=(glob.escape(name),))
    return _gathered(alone, section, site, window, Answered(len(paths), name))


def _gathered(
    source: SourceConfig, section: Section, site: Site, window: Period, answered: Answered
) -> Answered:
    """The counts of all that the source's own reader gives."""
    for batch in read(source, section, site, window):
        first = next((f"{row.place}: {row.reason}" for row in batch.quarantined), "")
        answered = replace(
            answered,
            rows_read=(answered.rows_read or 0) + batch.rows_read,
            refused=answered.refused + len(batch.quarantined),
            first_refusal=answered.first_refusal or first,
            notes=(*answered.notes, *batch.notes),
        )
    return answered


def _in_short(source: SourceConfig) -> SourceConfig:
    """The source with servers that are waited for a short while and asked once."""
    if isinstance(source.options, Targets):
        short = tuple(map(_short, source.options.endpoints))
        return replace(source, options=replace(source.options, endpoints=short))
    return replace(source, endpoint=source.endpoint and _short(source.endpoint))


def _short(endpoint: Endpoint) -> Endpoint:
    return replace(endpoint, timeout_s=min(endpoint.timeout_s, ANSWER_S), tries=1)
