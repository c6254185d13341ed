"""What kube-state-metrics said of one metric, read hour by hour, copies of replicas as one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from metering.calendar import HOUR_MS, Period
from metering.sources.prometheus.decoded_series import DecodedSeries, Labels
from metering.sources.prometheus.server import PrometheusServer, SeriesQuery


@dataclass(frozen=True, slots=True)
class KubeMetric:
    """A metric, and the matchers that narrow it."""

    name: str
    matchers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """One series' samples of an hour: its labels, their instants and exact values (None: NaN)."""

    metric: str
    labels: Labels
    at_ms: Sequence[int]
    values: Sequence[Decimal | None]


def said(
    server: PrometheusServer, metrics: Sequence[KubeMetric], window: Period, hold_ms: int
) -> Iterator[Said]:
    """Every series of the metrics, from `hold` before the window to its end, in order of time."""
    asked = [
        (metric.name, SeriesQuery(selector, period.start_ms, period.end_ms))
        for period in hours(window, hold_ms)
        for metric in metrics
        for selector in narrowed(server, metric)
    ]
    answers = server.ask(question for _, question in asked)
    for (name, _), samples in zip(asked, answers, strict=True):
        for labels, rows in samples.series():
            if rows:
                yield _of_series(name, labels, samples, rows)


def _of_series(name: str, labels: Labels, samples: DecodedSeries, rows: range) -> Said:
    at_ms = samples.at_ms[rows.start : rows.stop].tolist()
    return Said(name, labels, at_ms, [samples.value(row) for row in rows])


def hours(window: Period, hold_ms: int) -> Iterator[Period]:
    """The window and `hold` before it in stretches of an hour, so that no answer is too long."""
    start_ms = window.start_ms - hold_ms
    while start_ms < window.end_ms:
        end_ms = min(start_ms + HOUR_MS, window.end_ms)
        yield Period(start_ms, end_ms)
        start_ms = end_ms


def narrowed(server: PrometheusServer, metric: KubeMetric) -> list[str]:
    """The selectors of a metric's pages, with its matchers."""
    more = "".join(f",{matcher}" for matcher in metric.matchers)
    return [f"{selector[:-1]}{more}}}" for selector in server.selectors(metric.name)]
