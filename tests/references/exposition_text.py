"""A plain reading of Prometheus text, line by line, through Decimal: what the quick one must be."""

import re
from collections import Counter

import pyarrow as pa

from metering.calendar import Period
from metering.sources.families.device_rows import Observed
from metering.sources.families.family import Family
from metering.sources.families.series import LabelError, Series, name_and_labels, series_of
from metering.sources.reading import exact_numbers

BARE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\s+(.*)")
NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


class Plain:
    """Texts read one after another: rows, refusals by line, and counts of what was left out."""

    def __init__(self, known: Family, instant_ms: int | None, window: Period | None) -> None:
        self.known, self.instant_ms, self.window = known, instant_ms, window
        self.observed = Observed()
        self.codes: dict[Series, int] = {}
        self.refused: list[tuple[int, str]] = []
        self.skipped: Counter[str] = Counter()
        self.rows_read = 0

    def table(self) -> pa.Table:
        return self.observed.table()

    def take(self, raw: bytes) -> None:
        in_seconds = raw.rstrip().endswith(b"# EOF")
        self.refused, self.skipped, self.rows_read = [], Counter(), 0
        for number, line in enumerate(raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
            content = line.removesuffix(b"\r")
            if not content.strip():
                continue
            try:
                text = content.decode("utf-8")
                if text.startswith("#"):
                    continue
                self.line(text, in_seconds)
            except UnicodeDecodeError:
                self.refused.append((number, "is no UTF-8"))
            except (LabelError, ValueError) as reason:
                self.refused.append((number, str(reason)))
            self.rows_read += 1

    def line(self, line: str, in_seconds: bool) -> None:
        head, brace, tail = line.partition(" # {")[0].rpartition("}")
        if not brace:
            bare = BARE.match(line)
            if bare is None:
                raise ValueError("is no line of Prometheus text")
            head, tail = bare[1], bare[2]
        name, opening, block = head.partition("{")
        if not NAME.fullmatch(name.strip()) or (brace and not opening):
            raise ValueError("is no line of Prometheus text")
        metric = self.known.metric(name.strip())
        series = None
        if metric is not None:
            quoted, labels = name_and_labels(block)
            if quoted:
                raise ValueError("is no line of Prometheus text")
            series = series_of(self.known, metric, labels)
        if series is None:
            self.skipped["other_metric"] += 1
            return
        if series not in self.codes:
            self.codes[series] = self.observed.series(series)
        self.value(series, tail.split(), in_seconds)

    def value(self, series: Series, parts: list[str], in_seconds: bool) -> None:
        if not 1 <= len(parts) <= 2:
            raise ValueError("has no value, or more than a value and a timestamp")
        at = self.instant_ms if len(parts) == 1 else instant(parts[1], in_seconds)
        if at is None:
            raise ValueError("has no instant, neither of its own nor in the file's name")
        if not exact_numbers.FIRST_MS <= at < exact_numbers.LAST_MS:
            raise ValueError(f"has the impossible instant {at} ms")
        if self.window is not None and not self.window.holds(at):
            self.skipped["outside_window"] += 1
            return
        if exact_numbers.not_finite(parts[0]):
            self.skipped["not_a_number"] += 1
            return
        value = exact_numbers.number(parts[0])
        if value is None:
            raise ValueError(f"has the value {parts[0]!r}, which is no number")
        if value >= self.known.blank:
            self.skipped["blank"] += 1
            return
        metric, (low, high) = series.metric, series.bounds
        if not (low <= value <= high or (metric.zero and value == 0)):
            raise ValueError(
                f"{metric.name} {parts[0]} is out of range ({low} to {high} {metric.unit})"
            )
        kept = (
            int(value == metric.good)
            if metric.good is not None
            else exact_numbers.floored(value, metric.factor)
        )
        self.observed.add(self.codes[series], at, kept)


def instant(text: str, in_seconds: bool) -> int:
    if in_seconds:
        seconds = exact_numbers.number(text)
        if seconds is not None:
            return exact_numbers.floored(seconds, 1000)
    elif text.removeprefix("-").isdecimal() and text.isascii():
        return int(text)
    raise ValueError(f"has the timestamp {text!r}")
