"""What kube-state-metrics said of some metrics, hour by hour; copies of replicas are as one."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from metering.calendar import HOUR_MS, Period
from metering.errors import SourceError
from metering.sources.prometheus.cluster_label import ClusterLabel
from metering.sources.prometheus.decoded_series import DecodedSeries, Labels
from metering.sources.prometheus.server import PrometheusServer, SeriesQuery
from metering.sources.reading.number_kernel import DIGITS_MAX, Int64s

ONES = 10 ** np.arange(DIGITS_MAX + 1, dtype=np.int64)  # the number 1 by its scale


@dataclass(frozen=True, slots=True)
class KubeMetric:
    """A metric, or several that are asked for together, and the matchers that narrow it."""

    name: str
    matchers: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """One series' samples of an hour, in order of time; there is at least one."""

    metric: str
    labels: Labels
    samples: DecodedSeries
    rows: range

    def label(self, name: str) -> str:
        """What the exporter said, also where Prometheus kept the bare name for its own target."""
        return self.labels.get(f"exported_{name}") or self.labels.get(name, "")

    @property
    def at_ms(self) -> Int64s:
        """The instants."""
        return self.samples.at_ms[self.rows.start : self.rows.stop]

    @property
    def ones_ms(self) -> Int64s:
        """The instants at which the value was 1."""
        mantissa = self.samples.mantissa[self.rows.start : self.rows.stop]
        scale = self.samples.scale[self.rows.start : self.rows.stop]
        ones: Int64s = self.at_ms[(scale >= 0) & (mantissa == ONES[np.maximum(scale, 0)])]
        return ones

    @property
    def last(self) -> Decimal | None:
        """The last value exactly; None where it is no finite number."""
        return self.samples.value(self.rows[-1])


@dataclass(slots=True)
class Spoken:
    """All that is asked of one server, of our cluster; what was of others is counted."""

    server: PrometheusServer
    names: ClusterLabel
    others: Counter[str] = field(default_factory=Counter)

    def silence(self, metric: str) -> SourceError:
        """The error of a source whose metric nobody told in the time asked for."""
        url, ours = self.server.url, self.names.text
        return SourceError(
            f"{url} has no {metric}{ours} in this time: is kube-state-metrics running and scraped?"
        )

    def hours(
        self, metrics: Sequence[KubeMetric], window: Period, hold_ms: int
    ) -> Iterator[list[Said]]:
        """The series of the metrics, an hour at a time from `hold` before the window to its end.

        SourceError where they are of several clusters, and nobody said which is ours.
        """
        asked = [
            [
                (metric, SeriesQuery(selector, period.start_ms, period.end_ms))
                for metric in metrics
                for selector in narrowed(self.server, metric)
            ]
            for period in hours(window, hold_ms)
        ]
        answers = self.server.ask(question for own in asked for _, question in own)
        for own in asked:
            yield [series for metric, _ in own for series in self._series(metric, next(answers))]

    def _series(self, metric: KubeMetric, samples: DecodedSeries) -> Iterator[Said]:
        for labels, rows in samples.series():
            if not rows:
                continue
            if self.names.ours(labels):
                yield Said(labels.get("__name__", metric.name), labels, samples, rows)
            else:
                self.others["other_cluster"] += 1
        self.names.refuse_several()


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
    return [
        f"{selector[:-1]}{more}}}" for selector in server.selectors(metric.name, *metric.others)
    ]
