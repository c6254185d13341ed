"""Remote read: a server's samples as it stores them, without their texts; the same as the texts.

Samples are floats there. They are given as the shortest decimals that are these floats, which is
how the server writes them elsewhere, so that both ways give the same numbers.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import cramjam
import numpy as np

from metering.errors import SourceError
from metering.settings.source_options.limits import Limits
from metering.settings.source_options.prometheus import matchers_of
from metering.sources.prometheus.decoded_series import DecodedSeries, no_collection
from metering.sources.prometheus.json_answer import read_number
from metering.sources.prometheus.remote_read_kernel import (
    STALE_BITS,
    Floats,
    UInt64s,
    decimals,
    sampled,
    streamed,
)
from metering.sources.reading.bounded_http import too_large
from metering.sources.reading.number_kernel import ODD, Bytes, Int64s

PATH = "/api/v1/read"
HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Read-Version": "0.1.0",
}
STREAMED = "application/x-streamed-protobuf"
TYPES = {"=": 0, "!=": 1, "=~": 2, "!~": 3}
CHUNKS_FIRST = bytes([1, 0])  # forms of an answer that are taken: chunks, else samples
ROOM = 32  # bytes behind a body that a kernel may look at
SAMPLES_A_BYTE = 4  # a sample that goes on as before takes two bits
SERIES_MIN, SAMPLE_MIN = 2, 2  # bytes of the shortest message


def request(selector: str, after_ms: int, to_ms: int, forms: bytes = CHUNKS_FIRST) -> bytes:
    """The body that asks for the samples of a selector, as chunks where the server has them."""
    matchers = b"".join(
        _field(3, _number(1, TYPES[sign]) + _field(2, name.encode()) + _field(3, value.encode()))
        for name, sign, value in matchers_of(selector)
    )
    query = _number(1, after_ms + 1) + _number(2, to_ms) + matchers
    message = _field(1, query) + _field(2, forms)
    return bytes(cramjam.snappy.compress_raw(message))


def decode_read(
    body: bytes, content_type: str, origin: str, size_bytes: int = Limits().size_bytes
) -> DecodedSeries:
    """The series of an answer, by labels; stale markers, which are no samples, left out.

    SourceError where it is no whole answer, or would unpack to more than `size_bytes`."""
    with no_collection():
        chunks = content_type.startswith(STREAMED)
        try:
            whole = body if chunks else _unpacked(body, origin, size_bytes)
        except cramjam.DecompressionError as error:
            raise SourceError(f"{origin} gives no answer of remote read: {error}") from error
        room = len(whole) * SAMPLES_A_BYTE if chunks else len(whole) // SAMPLE_MIN
        at, bits = np.empty(room + 1, np.int64), np.empty(room + 1, np.uint64)
        series = np.empty((len(whole) // SERIES_MIN + 1, 3), np.int64)
        raw: Bytes = np.frombuffer(whole + bytes(ROOM), np.uint8)
        many, count = (streamed if chunks else sampled)(raw, len(whole), at, bits, series)
        if many < 0:
            raise SourceError(f"{origin} gives an answer of remote read that is not whole")
        kept = bits[:count] != np.uint64(STALE_BITS)
        place = np.append(0, np.cumsum(kept))
        try:
            labels, bounds = _labelled(whole, series[:many].tolist(), int(count))
        except ValueError as error:
            raise SourceError(f"{origin} gives labels that cannot be read: {error}") from error
        return _samples(labels, place[bounds], at[:count][kept], bits[:count][kept])


def _unpacked(body: bytes, origin: str, size_bytes: int) -> bytes:
    """A body as snappy packed it; its head says how long it will be."""
    if cramjam.snappy.decompress_raw_len(body) > size_bytes:
        raise SourceError(f"{origin} {too_large(size_bytes)}")
    return bytes(cramjam.snappy.decompress_raw(body))


def _samples(
    labels: Sequence[Mapping[str, str]],
    bounds: Int64s,
    at: Int64s,
    bits: UInt64s,
) -> DecodedSeries:
    values: Floats = bits.view(np.float64)
    mantissa, scale = np.empty(len(at), np.int64), np.empty(len(at), np.int8)
    decimals(values, mantissa, scale)
    odd = {}
    for row in np.flatnonzero(scale == ODD).tolist():
        text = _written(repr(values[row].item()))
        mantissa[row], scale[row] = read_number(text)
        if scale[row] == ODD:
            odd[row] = text
    return DecodedSeries(labels, bounds, at, mantissa, scale, odd)


def _written(text: str) -> str:
    """The shortest decimal of a float, as Python writes it, as a server does in JSON."""
    if text.endswith("inf"):
        return "-Inf" if text.startswith("-") else "+Inf"
    number = Decimal(text)
    if -6 <= number.adjusted() < 21:
        return f"{number:f}".removesuffix(".0")
    first, _, rest = f"{number.scaleb(-number.adjusted()).normalize():f}".partition(".")
    return f"{first}{'.' if rest else ''}{rest}e{number.adjusted():+03d}"


def _labelled(
    body: bytes, series: Sequence[Sequence[int]], count: int
) -> tuple[list[Mapping[str, str]], Int64s]:
    """Labels and bounds of series; what a frame's end has cut in two is one again."""
    labels: list[Mapping[str, str]] = []
    bounds: list[int] = []
    before = None
    for begin, end, first in series:
        text = body[begin:end]
        if text != before:
            labels.append(dict(_pairs(text)))
            bounds.append(first)
            before = text
    return labels, np.array([*bounds, count], np.int64)


def _pairs(text: bytes) -> Iterator[tuple[str, str]]:
    """Names and values of labels."""
    for _, label in _fields(text):
        parts = dict(_fields(label))  # what is empty is not written
        yield parts.get(1, b"").decode(), parts.get(2, b"").decode()


def _fields(text: bytes) -> Iterator[tuple[int, bytes]]:
    """The texts of a message that has nothing else, each with its field."""
    place = 0
    while place < len(text):
        length, begin = _varint(text, place + 1)
        if text[place] & 7 != 2 or begin + length > len(text):
            raise ValueError(repr(text))
        yield text[place] >> 3, text[begin : begin + length]
        place = begin + length


def _varint(text: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(text):
        value |= (text[place] & 127) << shift
        if text[place] < 128:
            return value, place + 1
        place, shift = place + 1, shift + 7
    raise ValueError(repr(text))


def _number(field: int, value: int) -> bytes:
    """A field with a number; one that is 0 is not written."""
    return bytes([field << 3]) + _sevens(value) if value else b""


def _field(field: int, text: bytes) -> bytes:
    return bytes([field << 3 | 2]) + _sevens(len(text)) + text


def _sevens(value: int) -> bytes:
    value &= 2**64 - 1
    parts = []
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])
