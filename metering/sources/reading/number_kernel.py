"""The loops over the bytes of series: instants and decimal numbers, read once and exactly.

A number is a mantissa and a scale: 113.611 is 113611 and 3. What does not fit that is told apart by
a scale below zero; the mantissa of an odd number says where its text stands: place x 256 + length.
Bodies end in `}`, which ends every loop over digits; no loop reads further.
"""

# mypy: disallow-untyped-decorators=False

import numba as nb
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Int64s = npt.NDArray[np.int64]
Int8s = npt.NDArray[np.int8]

ODD, NOT_A_NUMBER = -1, -2  # scales of what is no plain decimal of at most DIGITS_MAX digits
DIGITS_MAX = 18  # as many nines fit 64 bits
TEXT_MAX = 255
MALFORMED = -1
VALUES, INSTANTS = 0, 1  # kinds of a list in an export
LIST_MIN, SAMPLE_MIN = 12, 2  # bytes of the shortest list with its key, and of the shortest number

_QUOTE, _BACKSLASH, _COLON, _COMMA = 34, 92, 58, 44
_OPEN, _CLOSE, _MINUS, _POINT, _ZERO = 91, 93, 45, 46, 48


@nb.njit(nogil=True, cache=True, inline="always")
def _blank(body: Bytes, i: int) -> int:
    while body[i] <= 32:
        i += 1
    return i


@nb.njit(nogil=True, cache=True, inline="always")
def _digit(byte: int) -> bool:
    return _ZERO <= byte <= 57


@nb.njit(nogil=True, cache=True)
def _number(body: Bytes, i: int) -> tuple[int, int, int]:
    """The end, mantissa and scale of a number at i; the scale is ODD where it is no plain one."""
    negative = body[i] == _MINUS
    if negative:
        i += 1
    begin = i
    mantissa = 0
    while _digit(body[i]):
        mantissa = mantissa * 10 + (body[i] - _ZERO)
        i += 1
    digits = i - begin
    scale = 0
    if digits == 0:
        return i, 0, ODD
    if body[i] == _POINT:
        i += 1
        begin = i
        while _digit(body[i]):
            mantissa = mantissa * 10 + (body[i] - _ZERO)
            i += 1
        scale = i - begin
        if scale == 0:
            return i, 0, ODD
    if digits + scale > DIGITS_MAX:
        return i, 0, ODD
    return i, -mantissa if negative else mantissa, scale


@nb.njit(nogil=True, cache=True)
def _text_end(body: Bytes, i: int) -> int:
    """Where the text that runs at i ends: its quote; MALFORMED where it is no short plain text."""
    begin = i
    while i < body.size and body[i] != _QUOTE:
        if body[i] == _BACKSLASH or i - begin > TEXT_MAX:
            return MALFORMED
        i += 1
    return i if i < body.size and i - begin <= TEXT_MAX else MALFORMED


@nb.njit(nogil=True, cache=True)
def _list_after(body: Bytes, i: int) -> int:
    """The place of the `[` that is the value of the key ending at i, MALFORMED if it is none."""
    i = _blank(body, i)
    if body[i] != _COLON:
        return MALFORMED
    i = _blank(body, i + 1)
    return i if body[i] == _OPEN else MALFORMED


@nb.njit(nogil=True, cache=True)
def _string_end(body: Bytes, i: int) -> int:
    """The place of the quote that ends the string which begins before i; the size if none does."""
    while i < body.size and body[i] != _QUOTE:
        i += 2 if body[i] == _BACKSLASH else 1
    return i


@nb.njit(nogil=True, cache=True)
def _is(body: Bytes, i: int, word: Bytes) -> bool:
    n = 0
    while n < word.size and body[i + n] == word[n]:
        n += 1
    return n == word.size


@nb.njit(nogil=True, cache=True)
def _is_nan(body: Bytes, begin: int, end: int) -> bool:
    return bool(
        end - begin == 3 and body[begin] == 78 and body[begin + 1] == 97 and body[begin + 2] == 78
    )


@nb.njit(nogil=True, cache=True)
def matrix(
    body: Bytes, key: Bytes, at: Int64s, mantissa: Int64s, scale: Int8s, lists: Int64s
) -> tuple[int, int]:
    """Read every list of samples under `key`; how many lists there are, and how many samples.

    A row of `lists` has a list's begin, its end and its first sample. MALFORMED for both where a
    list is written in a way that this loop does not know.
    """
    many = samples = 0
    i = 0
    while i < body.size:
        if body[i] != _QUOTE:
            i += 1
            continue
        begin = i + 1
        i = _string_end(body, begin) + 1
        if i >= body.size:
            return MALFORMED, MALFORMED
        if i - 1 - begin != key.size or not _is(body, begin, key):
            continue
        opened = _list_after(body, i)
        if opened < 0:
            continue
        lists[many, 0], lists[many, 2] = opened, samples
        i, samples = _samples(body, opened, at, mantissa, scale, samples)
        if i < 0:
            return MALFORMED, MALFORMED
        lists[many, 1] = i
        many += 1
    return many, samples


@nb.njit(nogil=True, cache=True)
def _samples(
    body: Bytes, i: int, at: Int64s, mantissa: Int64s, scale: Int8s, samples: int
) -> tuple[int, int]:
    """Read one list of [seconds, "value"]; its end and the samples so far, MALFORMED for an end."""
    i = _blank(body, i + 1)
    if body[i] == _CLOSE:
        return i + 1, samples
    while body[i] == _OPEN:
        i, instant, decimals = _number(body, _blank(body, i + 1))
        if decimals < 0 or decimals > 3 or instant < 0:
            return MALFORMED, samples
        for _ in range(3 - decimals):
            instant *= 10
        i = _blank(body, i)
        if body[i] != _COMMA:
            return MALFORMED, samples
        i = _blank(body, i + 1)
        if body[i] != _QUOTE:
            return MALFORMED, samples
        begin = i + 1
        i, value, decimals = _number(body, begin)
        if decimals < 0 or body[i] != _QUOTE:
            i = _text_end(body, begin)
            if i < 0:
                return MALFORMED, samples
            value = begin * 256 + (i - begin)
            decimals = NOT_A_NUMBER if _is_nan(body, begin, i) else ODD
        at[samples], mantissa[samples], scale[samples] = instant, value, decimals
        samples += 1
        i = _blank(body, i + 1)
        if body[i] != _CLOSE:
            return MALFORMED, samples
        i = _blank(body, i + 1)
        if body[i] == _CLOSE:
            return i + 1, samples
        if body[i] != _COMMA:
            return MALFORMED, samples
        i = _blank(body, i + 1)
    return MALFORMED, samples


@nb.njit(nogil=True, cache=True)
def export(
    body: Bytes,
    keys: tuple[Bytes, Bytes],
    at: Int64s,
    mantissa: Int64s,
    scale: Int8s,
    lists: Int64s,
) -> int:
    """Read the lists of numbers under two keys, values and instants; how many lists there are.

    A row of `lists` has a list's begin, its end, its first number and its kind. MALFORMED where a
    list is written in a way that this loop does not know.
    """
    many = 0
    counts = np.zeros(2, np.int64)
    unused = np.empty(0, np.int8)
    i = 0
    while i < body.size:
        if body[i] != _QUOTE:
            i += 1
            continue
        begin = i + 1
        i = _string_end(body, begin) + 1
        if i >= body.size:
            return MALFORMED
        length = i - 1 - begin
        if length == keys[VALUES].size and _is(body, begin, keys[VALUES]):
            kind = VALUES
        elif length == keys[INSTANTS].size and _is(body, begin, keys[INSTANTS]):
            kind = INSTANTS
        else:
            continue
        opened = _list_after(body, i)
        if opened < 0:
            continue
        lists[many, 0], lists[many, 2], lists[many, 3] = opened, counts[kind], kind
        if kind == VALUES:
            i, counts[kind] = _numbers(body, opened, mantissa, scale, counts[kind])
        else:
            i, counts[kind] = _numbers(body, opened, at, unused, counts[kind])
        if i < 0:
            return MALFORMED
        lists[many, 1] = i
        many += 1
    return many


@nb.njit(nogil=True, cache=True)
def _numbers(body: Bytes, i: int, mantissa: Int64s, scale: Int8s, count: int) -> tuple[int, int]:
    """Read one list of bare numbers, whole ones where there is no scale to put; as `_samples`."""
    i = _blank(body, i + 1)
    if body[i] == _CLOSE:
        return i + 1, count
    while True:
        begin = i
        i, value, decimals = _number(body, begin)
        ends = body[i] == _COMMA or body[i] == _CLOSE or body[i] <= 32
        if scale.size == 0 and (decimals != 0 or not ends):
            return MALFORMED, count
        if decimals < 0 or not ends:
            while body[i] != _COMMA and body[i] != _CLOSE and body[i] > 32:
                if i + 1 == body.size or i - begin == TEXT_MAX:
                    return MALFORMED, count
                i += 1
            value = begin * 256 + (i - begin)
            decimals = NOT_A_NUMBER if body[begin] == 110 else ODD  # null
        mantissa[count] = value
        if scale.size:
            scale[count] = decimals
        count += 1
        i = _blank(body, i)
        if body[i] == _CLOSE:
            return i + 1, count
        if body[i] != _COMMA:
            return MALFORMED, count
        i = _blank(body, i + 1)
