"""Samples of series as a server gave them: labels, instants, and values kept exactly."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Lock

import numpy as np

from metering.sources.reading import exact_numbers
from metering.sources.reading.number_kernel import NOT_A_NUMBER, ODD, Int8s, Int64s

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DecodedSeries:
    """Series one after another; those of series n are at bounds[n]:bounds[n + 1].

    A value is mantissa / 10 ** scale; where the scale is below zero it is no such number, and
    `odd` has its text, or it is NaN.
    """

    labels: Sequence[Labels]
    bounds: Int64s
    at_ms: Int64s
    mantissa: Int64s
    scale: Int8s
    odd: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.at_ms)

    def series(self) -> Iterator[tuple[Labels, range]]:
        """Labels and rows of every series."""
        for labels, begin, end in zip(self.labels, self.bounds, self.bounds[1:], strict=False):
            yield labels, range(int(begin), int(end))

    def text(self, row: int) -> str:
        """A value as a plain decimal, or as the server wrote it where it is none."""
        scale = int(self.scale[row])
        if scale == NOT_A_NUMBER:
            return "NaN"
        if scale == ODD:
            return self.odd[row]
        return f"{Decimal(int(self.mantissa[row])).scaleb(-scale):f}"

    def value(self, row: int) -> Decimal | None:
        """A value exactly, None where it is no finite number."""
        return exact_numbers.number(self.text(row))

    def between(self, after_ms: int, to_ms: int) -> "DecodedSeries":
        """The samples later than `after_ms` and not later than `to_ms`."""
        kept = (self.at_ms > after_ms) & (self.at_ms <= to_ms)
        if kept.all():
            return self
        place = np.concatenate([[0], np.cumsum(kept)])
        odd = {int(place[row]): text for row, text in self.odd.items() if kept[row]}
        columns = (self.at_ms[kept], self.mantissa[kept], self.scale[kept])
        return DecodedSeries(self.labels, place[self.bounds], *columns, odd)


_LOCK = Lock()
_decoding = 0
_collected = False


@contextmanager
def no_collection() -> Iterator[None]:
    """Keeps the garbage collector from walking what is being made, in all threads at once.

    It makes a decode several times slower and finds nothing: what is made here has no cycles.
    """
    global _decoding, _collected
    with _LOCK:
        if _decoding == 0:
            _collected = gc.isenabled()
            gc.disable()
        _decoding += 1
    try:
        yield
    finally:
        with _LOCK:
            _decoding -= 1
            if _decoding == 0 and _collected:
                gc.enable()
