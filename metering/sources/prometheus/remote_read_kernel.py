"""The loops over the messages of remote read: which series there are, and all their samples."""

# mypy: disallow-untyped-decorators=False

import numba as nb
import numpy as np

from metering.sources.prometheus.chunk_kernel import (
    WRONG,
    XOR,
    Number,
    UInt64s,
    checksum,
    chunk,
    field,
    varint,
)
from metering.sources.reading.number_kernel import Bytes, Int64s

CHECKSUM_BYTES = 4


@nb.njit(nogil=True, cache=True)
def streamed(
    body: Bytes, size: Number, at: Int64s, bits: UInt64s, series: Int64s
) -> tuple[Number, Number]:
    """Read frames of chunks; how many series there are and how many samples, WRONG for both if
    they are not whole. A row of `series` has its labels' begin and end, and its first sample.
    """
    found = 0
    samples: Number = 0
    i: Number = 0
    while i < size:
        length, i = varint(body, i, size)
        if i < 0 or length < 0 or length > size - i - CHECKSUM_BYTES:
            return WRONG, WRONG
        told = np.int64(0)
        for n in range(CHECKSUM_BYTES):
            told = told << 8 | np.int64(body[i + n])
        begin, i = i + CHECKSUM_BYTES, i + CHECKSUM_BYTES + length
        if checksum(body, begin, i) != told:
            return WRONG, WRONG
        while begin < i:
            number, first, last, begin = field(body, begin, i)
            if begin < 0:
                return WRONG, WRONG
            if number == 1:
                series[found, 2] = samples
                samples = _chunks(body, first, last, at, bits, samples, series[found])
                if samples < 0:
                    return WRONG, WRONG
                found += 1
    return found, samples


@nb.njit(nogil=True, cache=True)
def _chunks(
    body: Bytes, i: Number, end: Number, at: Int64s, bits: UInt64s, samples: Number, own: Int64s
) -> Number:
    """Read one series of chunks: its labels' place, and how many samples there are after it."""
    own[0] = own[1] = i
    while i < end:
        number, first, last, i = field(body, i, end)
        if i < 0:
            return WRONG
        if number == 1:
            own[1] = i
        elif number == 2:
            encoding: Number = 0
            begin: Number = 0
            stop: Number = 0
            place = first
            while place < last:
                inner, value, until, place = field(body, place, last)
                if place < 0:
                    return WRONG
                if inner == 3:
                    encoding = value
                elif inner == 4:
                    begin, stop = value, until
            if encoding == XOR:
                samples = chunk(body, begin, stop, at, bits, samples)
                if samples < 0:
                    return WRONG
    return samples


@nb.njit(nogil=True, cache=True)
def sampled(
    body: Bytes, size: Number, at: Int64s, bits: UInt64s, series: Int64s
) -> tuple[Number, Number]:
    """Read one answer of samples; as `streamed`."""
    found = 0
    samples: Number = 0
    i: Number = 0
    while i < size:
        number, begin, stop, i = field(body, i, size)
        if i < 0:
            return WRONG, WRONG
        while number == 1 and begin < stop:
            inner, first, last, begin = field(body, begin, stop)
            if begin < 0:
                return WRONG, WRONG
            if inner == 1:
                series[found, 2] = samples
                samples = _points(body, first, last, at, bits, samples, series[found])
                if samples < 0:
                    return WRONG, WRONG
                found += 1
    return found, samples


@nb.njit(nogil=True, cache=True)
def _points(
    body: Bytes, i: Number, end: Number, at: Int64s, bits: UInt64s, samples: Number, own: Int64s
) -> Number:
    """Read one series of samples; as `_chunks`."""
    own[0] = own[1] = i
    while i < end:
        number, first, last, i = field(body, i, end)
        if i < 0:
            return WRONG
        if number == 1:
            own[1] = i
        elif number == 2:
            at[samples], bits[samples] = 0, 0  # what is 0 is not written
            while first < last:
                inner, value, until, first = field(body, first, last)
                if first < 0:
                    return WRONG
                if inner == 1:
                    if until - value != 8:
                        return WRONG
                    whole = np.uint64(0)
                    for n in range(8):
                        whole |= np.uint64(body[value + n]) << np.uint64(8 * n)
                    bits[samples] = whole
                elif inner == 2:
                    at[samples] = value
            samples += 1
    return samples
