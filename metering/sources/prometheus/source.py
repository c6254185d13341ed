"""A Prometheus server or one of its kin as a source of samples, hour by hour."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from metering.calendar import HOUR_MS, Calendar, Period
from metering.errors import SourceError
from metering.settings.sections import Cluster
from metering.settings.site_toml import Site
from metering.settings.source_options.prometheus import Prometheus
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.exposition.source import odd_notes, with_cores
from metering.sources.families.family import Family, family
from metering.sources.prometheus.cluster_label import ClusterLabel
from metering.sources.prometheus.observations import Measured
from metering.sources.prometheus.server import PrometheusServer, SeriesQuery
from metering.sources.reading.batch import Batch

SUFFIX = "_total"  # some parsers append it to a counter's name
REFUSED_MAX = 100_000  # bad samples of one hour that are kept one by one: assumed, for memory


@dataclass(frozen=True, slots=True)
class Hour:
    """A part of the window, no longer than an hour, and which samples are asked for with it."""

    period: Period
    after_ms: int
    to_ms: int


def read(source: SourceConfig, cluster: Cluster, site: Site, window: Period) -> Iterator[Batch]:
    """The samples of the window and of `hold` on both sides of it, a batch an hour, in order.

    SourceError where the server does not give all that it was asked for.
    """
    options = source.options if isinstance(source.options, Prometheus) else Prometheus()
    known = family(source.family or "")
    assert source.endpoint is not None, "kinds/prometheus.py reads no source without a server"
    with PrometheusServer(source.endpoint, options, site.directory, limits=source.limits) as server:
        hours = list(hours_of(window, cluster.hold_ms))
        asked = selectors(server, known)
        questions = (
            SeriesQuery(selector, hour.after_ms, hour.to_ms) for hour in hours for selector in asked
        )
        answers = server.ask(questions)
        measured = Measured(known, server.url, ClusterLabel(options.cluster_label, server.url))
        for hour in hours:
            rows_read = 0
            for _ in asked:
                samples = next(answers)
                rows_read += len(samples)
                measured.take(samples)
                if len(measured.quarantined) > REFUSED_MAX:
                    first = measured.quarantined[0]
                    raise SourceError(
                        f"more than {REFUSED_MAX} samples of an hour are bad;"
                        f" the first is {first.place}: {first.reason}"
                    )
            origin = f"{server.url} {_iso(site, hour)}"
            yield _batch(measured, hour, rows_read, origin, site.calendar)


def count_inputs(window: Period) -> int:
    """How many batches a window has."""
    return len(list(hours_of(window, 0)))


def hours_of(window: Period, hold_ms: int) -> Iterator[Hour]:
    """The UTC hours of a window; the first and the last reach `hold` further, both ends with it."""
    first = window.start_ms - window.start_ms % HOUR_MS + HOUR_MS
    cuts = [window.start_ms, *range(first, window.end_ms, HOUR_MS), window.end_ms]
    for start, end in pairwise(cuts):
        before = hold_ms if start == window.start_ms else 0
        to = end + hold_ms if end == window.end_ms else end - 1
        yield Hour(Period(start, end), start - before - 1, to)


def selectors(server: PrometheusServer, known: Family) -> list[str]:
    """What is asked for each hour: a metric a page."""
    return [
        selector for name in known.metrics for selector in server.selectors(name, name + SUFFIX)
    ]


def _iso(site: Site, hour: Hour) -> str:
    return site.calendar.iso(hour.period.start_ms)


def _batch(
    measured: Measured, hour: Hour, rows_read: int, origin: str, calendar: Calendar
) -> Batch:
    """What was measured of an hour; the next begins anew."""
    table = measured.observed.table()
    notes = odd_notes(measured.observed, calendar)
    quarantined = tuple(measured.quarantined)
    skipped = with_cores(measured.skipped, measured.observed.incomplete)
    taken = measured.taken - measured.observed.incomplete
    measured.quarantined.clear()
    measured.skipped.clear()
    measured.taken = 0
    return Batch(
        "sample", table, quarantined, rows_read, origin, skipped, notes, hour.period.end_ms,
        taken=taken,
    )  # fmt: skip
