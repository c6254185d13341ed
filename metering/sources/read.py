"""Reads a source of any kind. A kind is loaded when it is read: most commands read none, and some
kinds bring a compiler along."""

import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from metering.calendar import Period
from metering.errors import JeongsanError, SourceError
from metering.paths import ROOT
from metering.settings.sections import Section, as_cluster
from metering.settings.site_toml import Site
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.reading.batch import Batch

T = TypeVar("T")


def read(source: SourceConfig, section: Section, site: Site, window: Period) -> Iterator[Batch]:
    """What a source has of `window`, a batch an input, in the order of the inputs' names.

    Spans that touch the window come whole; samples come with `hold` on both sides of it.
    SourceError where an input cannot be read at all, whatever the reason; a bad row is in its
    batch's quarantine.
    """
    batches = _asked(lambda: _reader(source, section, site, window))
    while (batch := _asked(lambda: next(batches, None))) is not None:
        yield batch


def _reader(source: SourceConfig, section: Section, site: Site, window: Period) -> Iterator[Batch]:
    match source.kind:
        case "slurm":
            from metering.sources.slurm import source as slurm

            return slurm.read(source, as_cluster(section), site, window)
        case "exposition":
            from metering.sources.exposition import source as exposition

            return exposition.read(source, as_cluster(section), site, window)
        case "table":
            from metering.sources.table import source as table

            return table.read(source, section, site, window)
        case "cloud":
            from metering.sources.cloud import source as cloud

            return cloud.read(source, section, site, window)
        case "prometheus":
            from metering.sources.prometheus import source as prometheus

            return prometheus.read(source, as_cluster(section), site, window)
        case "kubernetes":
            from metering.sources.kubernetes import source as kubernetes

            return kubernetes.read(source, as_cluster(section), site, window)
        case "storage":
            from metering.sources.storage import source as storage

            return storage.read(source, section, site, window)
        case "booking":
            from metering.sources.booking import source as booking

            return booking.read(source, section, site, window)
        case other:
            raise JeongsanError(f"{other}: not a kind of source")


def count_inputs(source: SourceConfig, site: Site, window: Period) -> int:
    """How many batches `read` will give, so that progress can be shown; SourceError for no file."""
    return _asked(lambda: _count(source, site, window))


def _count(source: SourceConfig, site: Site, window: Period) -> int:
    if source.paths:
        from metering.sources.reading import files

        return sum(1 for _ in files.files(source, site))
    if source.kind == "exposition":
        from metering.sources.exposition import source as exposition

        return len(exposition.targets(source))
    if source.kind == "prometheus":
        from metering.sources.prometheus import source as prometheus

        return prometheus.count_inputs(window)
    return 1


def _asked(ask: Callable[[], T]) -> T:
    """What a source gives. Whatever it raises instead is an error of the source, also where it is
    a mistake of ours: what one source brought about must not keep the others from being read."""
    try:
        return ask()
    except SourceError:
        raise
    except (JeongsanError, OSError) as error:
        raise SourceError(str(error)) from error
    except Exception as error:
        raise SourceError(unforeseen(error)) from error


def unforeseen(error: Exception) -> str:
    """What nobody foresaw, and where in this program: what is to be told to who maintains it."""
    steps = traceback.extract_tb(error.__traceback__)
    own = [step for step in steps if Path(step.filename).is_relative_to(ROOT)]
    place = ""
    if own:
        place = f" at {Path(own[-1].filename).relative_to(ROOT).as_posix()}:{own[-1].lineno}"
    cause = f"{error}"[:300]
    return f"unforeseen {type(error).__name__}{place}: {cause}; please report it"
