"""The heads of lines that were read before, by their bytes: what the kernel looks them up in."""

import numpy as np

from metering.sources.exposition import text_kernel as kernel


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
