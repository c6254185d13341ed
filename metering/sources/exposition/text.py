"""Lines of Prometheus text to values. A series is read once; what is plain goes by the kernel."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pyarrow as pa

from metering.calendar import Period
from metering.sources.exposition import text_kernel as kernel
from metering.sources.exposition.open_metrics import (
    is_sign,
    is_whole,
    says_open_metrics,
    without_start,
)
from metering.sources.exposition.text_kernel import Int64s
from metering.sources.families.device_rows import Observed
from metering.sources.families.family import Family
from metering.sources.families.series import LabelError, Series, name_and_labels, series_of
from metering.sources.families.spellings import original, underscored
from metering.sources.reading import exact_numbers
from metering.sources.reading.batch import Quarantined, shown


class Heads:
    """Codes by head; it grows as heads are added."""

    def __init__(self) -> None:
        self._codes: dict[bytes, int] = {}
        self._bytes = np.zeros(4096, np.uint8)
        self._spans = np.zeros((16, 2), np.int64)
        self._own_codes = np.zeros(16, np.int64)
        self._slots = np.full(64, -1, np.int64)
        self._filled = 0

    def get(self, head: bytes) -> int | None:
        """The code of a head, None where it was not added."""
        return self._codes.get(head)

    def add(self, head: bytes, code: int) -> None:
        """Keep the code of a new head."""
        number, end = len(self._codes), self._filled + len(head)
        self._codes[head] = code
        while end > self._bytes.size:
            self._bytes = np.concatenate([self._bytes, np.zeros_like(self._bytes)])
        if number == len(self._spans):
            self._spans = np.concatenate([self._spans, np.zeros_like(self._spans)])
            self._own_codes = np.concatenate([self._own_codes, np.zeros_like(self._own_codes)])
        self._bytes[self._filled : end] = np.frombuffer(head, np.uint8)
        self._spans[number] = self._filled, end
        self._own_codes[number] = code
        self._filled = end
        if 2 * len(self._codes) > self._slots.size:
            self._slots = np.full(2 * self._slots.size, -1, np.int64)
            kernel.put(self._bytes, self._spans, 0, number + 1, self._slots)
        else:
            kernel.put(self._bytes, self._spans, number, number + 1, self._slots)

    def find(
        self, text: kernel.Bytes, begins: kernel.Int64s, places: kernel.Int64s, codes: kernel.Int64s
    ) -> None:
        """Fill in the codes of lines whose head was added."""
        known = self._bytes, self._spans, self._own_codes, self._slots
        kernel.find(text, begins, places, codes, *known)


BARE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\s+(.*)")
NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
EXEMPLAR = " # {"
MARK = b"\xef\xbb\xbf"  # that some editors put before UTF-8
COUNTED = {kernel.OTHER: "other_metric", kernel.OUTSIDE: "outside_window"}


class _RefusedError(Exception):
    """This line cannot be taken; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken out of one text: lines read, lines refused, lines rightly left out, and those
    whose value was taken."""

    rows_read: int
    quarantined: tuple[Quarantined, ...]
    skipped: dict[str, int]
    values: int = 0


class TextReader:
    """Texts of one family, one after another; what their labels say is kept between them."""

    def __init__(self, known: Family, window: Period | None) -> None:
        self._known, self._window = known, window
        self._observed = Observed()
        self._heads = Heads()  # of a line: up to its brace, or its bare name
        self._series: list[Series] = []
        self._takes = np.zeros((0, 6), np.int64)
        self._originals: dict[str, str] = {}  # the name that each metric has where it was escaped
        self.cut: list[tuple[str, int | None]] = []  # texts that lack their end, and their instants

    def __len__(self) -> int:
        return len(self._observed)

    def table(self) -> pa.Table:
        """The rows of what was taken since the last call."""
        return self._observed.table()

    @property
    def observed(self) -> Observed:
        """What was said so far, and after `table` what was odd about it."""
        return self._observed

    def take(self, raw: bytes, origin: str, instant_ms: int | None, media_type: str = "") -> Taken:
        """Take in the values of a text; a line's own timestamp counts, else `instant_ms`. One that
        was cut short is refused whole: nobody can tell its last number from a part of one."""
        in_seconds = is_whole(raw)
        raw = raw.removeprefix(MARK)
        lines = _Lines(raw)
        lines.look_up(self._heads)
        if not in_seconds and (says_open_metrics(media_type) or any(map(is_sign, lines.odd()))):
            self.cut.append((origin, instant_ms))
            last = raw.rstrip().rpartition(b"\n")[2].decode("utf-8", "backslashreplace")
            reason = "is OpenMetrics without its `# EOF`: it was cut short"
            return Taken(1, (Quarantined(origin, reason, shown(last)),), {})
        slowly = _Slowly(self, lines, origin, in_seconds, instant_ms)
        slowly.take(self._first_seen(lines))
        lines.look_up(self._heads)
        codes = lines.codes
        at, value = kernel.measure(
            lines.text, lines.places, codes, self._takes, self._bounds(), in_seconds,
            -1 if instant_ms is None else instant_ms, _whole(self._known.blank),
        )  # fmt: skip
        slowly.take(np.flatnonzero((codes == kernel.SLOW) | (codes == kernel.UNKNOWN)))
        fast = codes >= 0
        self._observed.add_many(codes[fast], at[fast], value[fast])
        counts = {code: int(np.count_nonzero(codes == code)) for code in COUNTED}
        for code, reason in COUNTED.items():
            slowly.skipped[reason] += counts[code]
        return Taken(
            slowly.rows_read + int(np.count_nonzero(fast)) + sum(counts.values()),
            tuple(slowly.quarantined[number] for number in sorted(slowly.quarantined)),
            {reason: count for reason, count in slowly.skipped.items() if count},
            slowly.taken + int(np.count_nonzero(fast)),
        )

    def _first_seen(self, lines: "_Lines") -> Int64s:
        """The lines to be taken slowly before all others: those with the first of a new head."""
        fresh: dict[bytes, int] = {}
        for number, head in lines.unknown():
            fresh.setdefault(head, number)
        slow = np.flatnonzero(lines.codes == kernel.SLOW)
        return np.sort(np.concatenate([slow, np.fromiter(fresh.values(), np.int64)]))

    def _bounds(self) -> tuple[int, int, int, int]:
        window = self._window or Period(exact_numbers.FIRST_MS, exact_numbers.LAST_MS)
        return exact_numbers.FIRST_MS, exact_numbers.LAST_MS, window.start_ms, window.end_ms

    def series(self, head: str, braces: bool) -> tuple[Series, int] | None:
        """The series of a line's head and its number; None where it is of another metric."""
        key = f"{head}}}".encode() if braces else head.encode()
        code = self._heads.get(key)
        if code is None:
            code = self._read_series(head, braces)
            self._heads.add(key, code)
        return None if code == kernel.OTHER else (self._series[code], code)

    def add(self, code: int, at_ms: int, value: int) -> None:
        """Take in one value of a series."""
        self._observed.add(code, at_ms, value)

    @property
    def known(self) -> Family:
        """The family whose texts these are."""
        return self._known

    @property
    def window(self) -> Period | None:
        """What is read: None for all."""
        return self._window

    def _read_series(self, head: str, braces: bool) -> int:
        name, opening, block = head.partition("{")
        name = name.strip()
        if (braces and not opening) or not (NAME.fullmatch(name) or (opening and not name)):
            raise _RefusedError("is no line of Prometheus text")
        metric = self._known.metric(name) if name else None
        if name and metric is None:
            return kernel.OTHER
        quoted, labels = name_and_labels(block)
        if bool(name) == bool(quoted):
            raise _RefusedError("is no line of Prometheus text")
        metric = metric or self._known.metric(quoted)
        series = None if metric is None else series_of(self._known, metric, labels)
        if metric is None or series is None:
            return kernel.OTHER
        self._refuse_other_name(metric.name, name or quoted)
        code = self._observed.series(series)
        self._series.append(series)
        if code >= len(self._takes):
            more = np.zeros((max(64, len(self._takes)), 6), np.int64)
            self._takes = np.concatenate([self._takes, more])
        self._takes[code] = _takes(series)
        return code

    def _refuse_other_name(self, metric: str, spelled: str) -> None:
        """Refuse a second name that only its spelling makes the metric's."""
        name = original(spelled)
        if {spelled, spelled.removesuffix("_total")} & {metric, underscored(metric)}:
            return
        before = self._originals.setdefault(metric, name)
        if before != name:
            raise _RefusedError(f"is {metric} by its spelling, as {before!r} is")


class _Lines:
    """A text cut into lines and their parts; a line's code says what is known of it."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self.text = np.frombuffer(raw, np.uint8)
        ends = np.append(np.flatnonzero(self.text == kernel.NEWLINE), self.text.size)
        self._begins = np.append(0, ends[:-1] + 1)
        self.places, self.codes = kernel.locate(self.text, self._begins, ends)

    def look_up(self, heads: Heads) -> None:
        """Fill in the codes of heads that were read before."""
        heads.find(self.text, self._begins, self.places, self.codes)

    def unknown(self) -> Iterator[tuple[int, bytes]]:
        """The lines whose heads were not read before, and those heads."""
        numbers = np.flatnonzero(self.codes == kernel.UNKNOWN)
        begins, ends = self._begins[numbers], self.places[numbers, kernel.HEAD]
        for number, begin, end in zip(
            numbers.tolist(), begins.tolist(), ends.tolist(), strict=True
        ):
            yield number, self._raw[begin:end]

    def odd(self) -> Iterator[bytes]:
        """Comments, and the lines that are not plainly of a head that was read before."""
        begins = np.minimum(self._begins, max(self.text.size - 1, 0))
        comments = self.text[begins] == kernel.HASH if self.text.size else self.codes == 0
        unread = (self.codes == kernel.UNKNOWN) | (self.codes == kernel.SLOW)
        yield from map(self.content, np.flatnonzero(comments | unread).tolist())

    def content(self, number: int) -> bytes:
        """A line without its end."""
        return self._raw[self._begins[number] : self.places[number, kernel.END]]


@dataclass(slots=True)
class _Slowly:
    """Lines of one text taken by the whole grammar."""

    reader: TextReader
    lines: _Lines
    origin: str
    in_seconds: bool
    instant_ms: int | None
    rows_read: int = 0
    taken: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    quarantined: dict[int, Quarantined] = field(default_factory=dict)

    def take(self, numbers: Int64s) -> None:
        """Take lines in, or refuse them; they are done with then."""
        for number in numbers.tolist():
            content = self.lines.content(number)
            try:
                line = content.decode("utf-8")
                if not content.strip() or line.startswith("#"):
                    continue
                self._take(line)
            except (_RefusedError, LabelError, UnicodeDecodeError) as error:
                undecoded = isinstance(error, UnicodeDecodeError)
                reason = "is no UTF-8" if undecoded else str(error)
                kept = shown(content.decode("utf-8", "backslashreplace"))
                place = f"{self.origin}:{number + 1}"
                self.quarantined[number] = Quarantined(place, reason, kept)
            self.rows_read += 1
        self.lines.codes[numbers] = kernel.NOTHING

    def _take(self, line: str) -> None:
        """Take a line's value in; lines of other metrics are skipped."""
        head, brace, tail = line.partition(EXEMPLAR)[0].rpartition("}")
        if not brace:
            bare = BARE.match(line)
            if bare is None:
                raise _RefusedError("is no line of Prometheus text")
            head, tail = bare[1], bare[2]
        coded = self.reader.series(head, bool(brace))
        if coded is None:
            self.skipped["other_metric"] += 1
            return
        series, code = coded
        parts = tail.split()
        if self.in_seconds:
            parts = without_start(parts)
        if not 1 <= len(parts) <= 2:
            raise _RefusedError("has no value, or more than a value and a timestamp")
        at = self._instant(parts[1]) if len(parts) == 2 else self.instant_ms
        if at is None:
            raise _RefusedError("has no instant, neither of its own nor in the file's name")
        if not exact_numbers.FIRST_MS <= at < exact_numbers.LAST_MS:
            raise _RefusedError(f"has the impossible instant {at} ms")
        window = self.reader.window
        if window is not None and not window.holds(at):
            self.skipped["outside_window"] += 1
            return
        if exact_numbers.not_finite(parts[0]):
            self.skipped["not_a_number"] += 1
            return
        value = self._value(series, parts[0], at)
        if value is None:
            self.skipped["blank"] += 1
            return
        self.reader.add(code, at, value)
        self.taken += 1

    def _instant(self, text: str) -> int:
        if self.in_seconds:
            seconds = exact_numbers.number(text)
            if seconds is not None:
                return exact_numbers.floored(seconds, 1000)
        elif text.removeprefix("-").isdecimal() and text.isascii():
            return int(text)
        raise _RefusedError(f"has the timestamp {text!r}")

    def _value(self, series: Series, text: str, at_ms: int) -> int | None:
        """The value in the field's unit; None where the exporter says that it does not know."""
        metric = series.metric
        value = exact_numbers.number(text)
        if value is None:
            raise _RefusedError(f"has the value {text!r}, which is no number")
        if value >= self.reader.known.blank:
            return None
        if not metric.in_range(value, series.bounds):
            self.reader.observed.refuse(series, at_ms)
            raise _RefusedError(f"{metric.name} {text} is out of range ({series.range_text})")
        return metric.in_field(value)


def _takes(series: Series) -> tuple[int, int, int, int, int, int]:
    """What the kernel has to know of a series; no numerator where its numbers do not suit it."""
    metric, (low, high) = series.metric, series.bounds
    numerator, denominator = metric.factor.as_integer_ratio()
    good = kernel.NO_GOOD if metric.good is None else metric.good
    if (
        any(bound != int(bound) for bound in (low, high, good))
        or (metric.good is not None and metric.good < 0)
        or max(numerator, denominator) > kernel.LARGEST
    ):
        return 0, 1, 0, 0, 0, kernel.NO_GOOD
    return numerator, denominator, _whole(low), _whole(high), int(metric.zero), int(good)


def _whole(value: Decimal) -> int:
    """A number rounded down, as near to it as 64 bits come."""
    return max(-kernel.LARGEST, min(kernel.LARGEST, exact_numbers.floored(value)))
