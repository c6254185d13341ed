"""Samples of series to observations: which device and field, in whose unit, within its range."""

import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from metering.settings.source_options.prometheus import quoted
from metering.sources.families.device_rows import Observed
from metering.sources.families.family import Family, Metric, Range
from metering.sources.families.series import LabelError, Series, series_of
from metering.sources.families.unit_kernel import (
    BLANK,
    BY_HAND,
    HEALTH,
    NAN,
    NO_MANTISSA,
    OUTSIDE,
    TAKEN,
    ZERO_TAKEN,
    measure,
)
from metering.sources.prometheus.cluster_label import ClusterLabel
from metering.sources.prometheus.decoded_series import DecodedSeries, Labels
from metering.sources.reading import exact_numbers
from metering.sources.reading.batch import Quarantined, shown
from metering.sources.reading.number_kernel import DIGITS_MAX, Int64s

INT64_MAX = exact_numbers.INT64_MAX
BARE = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")  # a name that needs no quotes


@dataclass(frozen=True, slots=True)
class _Known:
    """What a series' labels say: its number among the observed and its rule; or why not."""

    series: Series | None
    code: int = -1
    rule: int = -1
    refusal: str = ""
    left_out: str = "other_series"  # as what its samples are counted where it has no series


class Measured:
    """Takes samples in and puts them in their fields' units; labels are read once a series."""

    def __init__(self, known: Family, server: str, names: ClusterLabel | None = None) -> None:
        self.observed = Observed()
        self.quarantined: list[Quarantined] = []
        self.skipped: Counter[str] = Counter()
        self.taken = 0
        self._family, self._server = known, server
        self._names = names or ClusterLabel(None, server)
        self._series: dict[tuple[tuple[str, str], ...], _Known] = {}
        self._rules: dict[tuple[str, Range], int] = {}
        self._tables: list[Int64s] = []
        self._flags: list[int] = []

    def take(self, samples: DecodedSeries) -> None:
        """Take the samples in; SourceError where they are of several clusters and none is said."""
        known = [self._of(labels) for labels in samples.labels]
        self._names.refuse_several()
        which = np.array([meaning.rule for meaning in known], np.int64)
        code = np.array([meaning.code for meaning in known], np.int64)
        tables = np.stack(self._tables) if self._tables else np.zeros((1, 1, 1), np.int64)
        value, fate = measure(
            samples.bounds, samples.mantissa, samples.scale, which, tables,
            np.array(self._flags, np.int8),
        )  # fmt: skip
        taken = fate == TAKEN
        self.taken += int(np.count_nonzero(taken))
        codes = np.repeat(code, np.diff(samples.bounds))
        if taken.all():
            self.observed.add_many(codes, samples.at_ms, value)
            return
        self.observed.add_many(codes[taken], samples.at_ms[taken], value[taken])
        for count, reason in ((BLANK, "blank"), (NAN, "not_a_number")):
            if left_out := int(np.count_nonzero(fate == count)):
                self.skipped[reason] += left_out
        for row in np.flatnonzero((fate == OUTSIDE) | (fate == BY_HAND)).tolist():
            number = int(np.searchsorted(samples.bounds, row, side="right")) - 1
            self._by_hand(samples, row, samples.labels[number], known[number])
        for meaning, (labels, rows) in zip(known, samples.series(), strict=True):
            if meaning.refusal:
                for row in rows:
                    self._refuse(samples, row, labels, meaning.refusal)
            elif meaning.series is None:
                self.skipped[meaning.left_out] += len(rows)

    def _of(self, labels: Labels) -> _Known:
        key = tuple(labels.items())
        meaning = self._series.get(key)
        if meaning is None:
            meaning = self._series[key] = self._read(labels)
        return meaning

    def _read(self, labels: Labels) -> _Known:
        if not self._names.ours(labels):
            return _Known(None, left_out="other_cluster")
        metric = self._family.metric(labels.get("__name__", ""))
        if metric is None:
            return _Known(None)
        try:
            series = series_of(self._family, metric, labels)
        except LabelError as error:
            return _Known(None, refusal=str(error))
        if series is None:
            return _Known(None)
        return _Known(series, self.observed.series(series), self._rule(metric, series.bounds))

    def _rule(self, metric: Metric, bounds: Range) -> int:
        key = (metric.name, bounds)
        if key not in self._rules:
            self._rules[key] = len(self._tables)
            self._tables.append(_table(metric, bounds, self._family.blank))
            self._flags.append(HEALTH * (metric.good is not None) | ZERO_TAKEN * metric.zero)
        return self._rules[key]

    def _by_hand(self, samples: DecodedSeries, row: int, labels: Labels, known: _Known) -> None:
        """Take a value that the loop could not, or refuse one that is out of range."""
        series = known.series
        assert series is not None, "a series that is left out has no value to take"
        metric, text, value = series.metric, samples.text(row), samples.value(row)
        if value is None:
            self._refuse(samples, row, labels, f"has the value {text!r}, which is no number")
        elif value >= self._family.blank:
            self.skipped["blank"] += 1
        elif not metric.in_range(value, series.bounds):
            reason = f"{metric.name} {text} is out of range ({series.range_text})"
            self.observed.refuse(series, int(samples.at_ms[row]))
            self._refuse(samples, row, labels, reason)
        else:
            self.observed.add(known.code, int(samples.at_ms[row]), metric.in_field(value))
            self.taken += 1

    def _refuse(self, samples: DecodedSeries, row: int, labels: Labels, reason: str) -> None:
        name = f"{labels.get('__name__', '')}{{{block_of(labels)}}}"
        place = f"{self._server} {name} {int(samples.at_ms[row])}"
        self.quarantined.append(Quarantined(place, reason, shown(samples.text(row))))


def block_of(labels: Labels) -> str:
    """Labels but the metric's name, as an exposition text writes them."""
    return ",".join(
        f"{name if BARE.fullmatch(name) else quoted(name)}={quoted(text)}"
        for name, text in sorted(labels.items())
        if name != "__name__"
    )


def _table(metric: Metric, bounds: Range, blank: Decimal) -> Int64s:
    """A metric's rule for numbers of every scale: limits as mantissas, and value = m x a / b."""
    rows = []
    for scale in range(DIGITS_MAX + 1):
        part = Fraction(metric.factor) / 10**scale
        fits = part.numerator <= INT64_MAX and part.denominator <= INT64_MAX
        times, parts = part.as_integer_ratio() if fits else (1, 0)
        good = None if metric.good is None else exact_numbers.whole(metric.good, 10**scale)
        low, high, none = (
            min(max(limit, -INT64_MAX), INT64_MAX)
            for limit in (
                -exact_numbers.floored(-bounds[0], 10**scale),
                exact_numbers.floored(bounds[1], 10**scale),
                -exact_numbers.floored(-blank, 10**scale),
            )
        )
        good = NO_MANTISSA if good is None or abs(good) > INT64_MAX else good
        rows.append((low, high, none, INT64_MAX // times, times, parts, good))
    return np.array(rows, np.int64)
