"""The loops over the bytes of remote read: messages, chunks of samples, and floats to decimals.

A chunk has each sample as its difference from the one before, in bits: of instants the change of
their step, of values the bits that differ.
"""

# mypy: disallow-untyped-decorators=False

import numba as nb
import numpy as np
import numpy.typing as npt

from metering.sources.reading.number_kernel import NOT_A_NUMBER, ODD, Bytes, Int8s, Int64s

Number = int | np.int64
Floats = npt.NDArray[np.float64]
UInt64s = npt.NDArray[np.uint64]
UInt32s = npt.NDArray[np.uint32]
WRONG = -1
XOR = 1  # the encoding of chunks of floats; others are histograms, which no family has
STALE_BITS = 0x7FF0000000000002  # a NaN that says that the series ended
DIGITS = 15  # so many decimal digits always come back from a float as they went in
PLAIN_END = 10**DIGITS
POWERS: Floats = np.array([10**n for n in range(23)], np.float64)


def _crc_table() -> UInt32s:
    """CRC-32C of every byte (RFC 3720, appendix B.4: polynomial 1EDC6F41, reflected)."""
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return np.array(table, np.uint32)


CRC_TABLE = _crc_table()


@nb.njit(nogil=True, cache=True)
def checksum(body: Bytes, begin: Number, end: Number) -> int:
    """The CRC-32C of some bytes."""
    crc = np.uint32(0xFFFFFFFF)
    for i in range(begin, end):
        crc = CRC_TABLE[(crc ^ body[i]) & np.uint32(0xFF)] ^ (crc >> np.uint32(8))
    return int(crc ^ np.uint32(0xFFFFFFFF))


@nb.njit(nogil=True, cache=True)
def varint(body: Bytes, i: Number, end: Number) -> tuple[Number, Number]:
    """A number of seven bits a byte, and the place after it; WRONG for a place if it has no end."""
    value = np.uint64(0)
    shift = np.uint64(0)
    while i < end and shift < np.uint64(70):
        value |= np.uint64(body[i] & 127) << shift
        if body[i] < 128:
            return np.int64(value), i + 1
        shift += np.uint64(7)
        i += 1
    return 0, WRONG


@nb.njit(nogil=True, cache=True)
def field(body: Bytes, i: Number, end: Number) -> tuple[Number, Number, Number, Number]:
    """A field of a message: its number, its begin and end (or its value twice), the place after."""
    key, i = varint(body, i, end)
    if i < 0:
        return 0, 0, 0, WRONG
    kind = key & 7
    if kind == 0:
        value, i = varint(body, i, end)
        return key >> 3, value, value, i
    if kind == 2:
        length, i = varint(body, i, end)
        if i < 0 or length < 0 or length > end - i:
            return 0, 0, 0, WRONG
        return key >> 3, i, i + length, i + length
    if kind == 1 and i + 8 <= end:
        return key >> 3, i, i + 8, i + 8
    if kind == 5 and i + 4 <= end:
        return key >> 3, i, i + 4, i + 4
    return 0, 0, 0, WRONG


@nb.njit(nogil=True, cache=True, inline="always")
def _bits(body: Bytes, place: Number, count: Number) -> np.uint64:
    """Some bits, 1 to 64, from the place of a bit on."""
    byte, passed = place >> 3, np.uint64(place & 7)
    word = np.uint64(0)
    for n in range(8):
        word = word << np.uint64(8) | np.uint64(body[byte + n])
    if passed:
        word = word << passed | np.uint64(body[byte + 8]) >> (np.uint64(8) - passed)
    return word >> np.uint64(64 - count)


@nb.njit(nogil=True, cache=True, inline="always")
def _ones(body: Bytes, place: Number, most: Number) -> Number:
    """How many bits in a row are set, `most` at most."""
    word = _bits(body, place, most)
    count = 0
    while count < most and word >> np.uint64(most - 1 - count) & np.uint64(1):
        count += 1
    return count


@nb.njit(nogil=True, cache=True)
def chunk(
    body: Bytes, begin: Number, end: Number, at: Int64s, bits: UInt64s, row: Number
) -> Number:
    """Read a chunk's samples from `row` on; the row after them, WRONG where it breaks off.

    `body` has room of 32 bytes behind, so that no read of a sample's bits is outside it.
    """
    if end - begin < 2:
        return WRONG
    count = np.int64(body[begin]) << 8 | np.int64(body[begin + 1])
    place: Number = 0
    instant: Number = 0
    step: Number = 0
    leading: Number = 0
    trailing: Number = 0
    value = np.uint64(0)
    for n in range(count):
        if n == 0:
            zigzag, i = varint(body, begin + 2, end)
            if i < 0 or i + 8 > end:
                return WRONG
            instant = np.int64(np.uint64(zigzag) >> np.uint64(1)) ^ -(zigzag & 1)
            value = _bits(body, i * 8, 64)
            place = (i + 8) * 8
        else:
            if n == 1:
                step, i = varint(body, place >> 3, end)
                if i < 0:
                    return WRONG
                place = i * 8
            else:
                change, place = _change(body, place)
                step += change
            instant += step
            value, place, leading, trailing = _value(body, place, value, leading, trailing)
            if place > end * 8 or leading + trailing > 63:
                return WRONG
        at[row], bits[row] = instant, value
        row += 1
    return row


@nb.njit(nogil=True, cache=True)
def _change(body: Bytes, place: Number) -> tuple[Number, Number]:
    """The change of a step, and the place after it."""
    kind = _ones(body, place, 4)
    place += min(kind + 1, 4)
    if kind == 0:
        return 0, place
    width = 14 if kind == 1 else 17 if kind == 2 else 20 if kind == 3 else 64
    value: Number = np.int64(_bits(body, place, width))
    if width < 64 and value > 1 << (width - 1):
        value -= 1 << width
    return value, place + width


@nb.njit(nogil=True, cache=True)
def _value(
    body: Bytes, place: Number, value: np.uint64, leading: Number, trailing: Number
) -> tuple[np.uint64, Number, Number, Number]:
    """The bits of a value, the place after it, and how many of them at both ends do not differ."""
    kind = _ones(body, place, 2)
    place += min(kind + 1, 2)
    if kind == 0:
        return value, place, leading, trailing
    if kind == 2:
        leading = np.int64(_bits(body, place, 5))
        width: Number = np.int64(_bits(body, place + 5, 6))
        if width == 0:
            width = 64
        trailing = 64 - leading - width
        place += 11
        if trailing < 0:
            return value, place, 64, 64
    width = 64 - leading - trailing
    differs = _bits(body, place, width) << np.uint64(trailing)
    return value ^ differs, place + width, leading, trailing


@nb.njit(nogil=True, cache=True)
def decimals(values: Floats, mantissa: Int64s, scale: Int8s) -> None:
    """The shortest decimals that are these floats, as a server writes them; ODD for long ones.

    A decimal of 15 digits that gives the float back is the only one, and so the shortest.
    """
    for i in range(values.size):
        value = values[i]
        scale[i], mantissa[i] = ODD, 0
        if np.isnan(value):
            scale[i] = NOT_A_NUMBER
            continue
        for n in range(DIGITS + 1):
            grown = value * POWERS[n]
            if not abs(grown) < PLAIN_END:
                break
            whole = np.rint(grown)
            if whole / POWERS[n] == value and abs(whole) < PLAIN_END:
                mantissa[i], scale[i] = np.int64(whole), n
                break


CHECKSUM_BYTES = 4


@nb.njit(nogil=True, cache=True)
def streamed(
    body: Bytes, size: Number, at: Int64s, bits: UInt64s, series: Int64s
) -> tuple[Number, Number]:
    """Read frames of chunks; how many series there are and how many samples, WRONG for both if
    they are not whole. A row of `series` has its labels' begin and end, and its first sample.
    """
    many = 0
    samples: Number = 0
    i: Number = 0
    while i < size:
        length, i = varint(body, i, size)
        if i < 0 or length < 0 or length > size - i - CHECKSUM_BYTES:
            return WRONG, WRONG
        stored_sum = np.int64(0)
        for n in range(CHECKSUM_BYTES):
            stored_sum = stored_sum << 8 | np.int64(body[i + n])
        begin, i = i + CHECKSUM_BYTES, i + CHECKSUM_BYTES + length
        if checksum(body, begin, i) != stored_sum:
            return WRONG, WRONG
        while begin < i:
            number, first, last, begin = field(body, begin, i)
            if begin < 0:
                return WRONG, WRONG
            if number == 1:
                series[many, 2] = samples
                samples = _chunks(body, first, last, at, bits, samples, series[many])
                if samples < 0:
                    return WRONG, WRONG
                many += 1
    return many, samples


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
    many = 0
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
                series[many, 2] = samples
                samples = _points(body, first, last, at, bits, samples, series[many])
                if samples < 0:
                    return WRONG, WRONG
                many += 1
    return many, samples


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
