"""Remote read: the same samples as the texts have, out of chunks and floats; what is broken."""

import random
import struct
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import cramjam
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from metering.calendar import HOUR_MS
from metering.errors import SourceError
from metering.settings.source_options.location import Endpoint
from metering.settings.source_options.prometheus import Prometheus, matchers_of
from metering.sources.prometheus.decoded_series import DecodedSeries
from metering.sources.prometheus.remote_read import HEADERS, PATH, decode_read, request
from metering.sources.prometheus.remote_read_kernel import CRC_TABLE, STALE_BITS, checksum, decimals
from metering.sources.prometheus.server import PrometheusServer, SeriesQuery
from metering.sources.reading.number_kernel import NOT_A_NUMBER, ODD
from metering.sources.reading.web import Web
from tests.builders.servers.hostile import answering, talking
from tests.builders.servers.prometheus import Server, Written, needs_prometheus, serving
from tests.builders.sites.metering_site import MIDNIGHT

QUESTION = SeriesQuery('{__name__=~"odd_.+"}', MIDNIGHT + 1, MIDNIGHT + 2 * HOUR_MS)
STREAM = "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse"
WRITTEN = [
    *("NaN", "+Inf", "-Inf", "-0", "1e300", "1e-9", "5e-324", "-1.5", "0.1"),
    *("0.30000000000000004", "99.6836436541", "9007199254740993", "123456789012345678901234"),
]
GAPS_MS = [1, 999, 15_000, 15_000, 15_000, 15_003, 80_000, 300_000, 1_000_000]


def walk(chance: random.Random) -> list[int]:
    """Instants of two hours with steps that change by little and by much."""
    found = [MIDNIGHT]
    while (at := found[-1] + chance.choice(GAPS_MS)) < MIDNIGHT + 2 * HOUR_MS:
        found.append(at)
    return found


def series() -> Iterator[Written]:
    chance = random.Random(7)
    for n in range(6):
        yield Written(
            "odd_value", f'n="{n}"', [(at, chance.choice(WRITTEN)) for at in walk(chance)]
        )
    for n in range(3):
        values = [(at, repr(chance.random() * 10 ** chance.randint(-8, 20))) for at in walk(chance)]
        yield Written("odd_walk", f'n="{n}",empty="",text="\\"a\\\\b"', values)
    steady = [(MIDNIGHT + n * 1000, "7") for n in range(7200)]
    yield Written("odd_steady", 'long="' + "x" * 200 + '"', steady)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    needs_prometheus()
    with serving(tmp_path_factory.mktemp("prometheus"), [series()]) as running:
        yield running


def value(samples: DecodedSeries, row: int) -> Decimal | str:
    found = samples.value(row)
    return samples.text(row) if found is None else found


def listed(samples: DecodedSeries) -> dict[str, list[tuple[int, Decimal | str]]]:
    return {
        str(sorted(labels.items())): [
            (int(samples.at_ms[row]), value(samples, row)) for row in rows
        ]
        for labels, rows in samples.series()
    }


def asked(server: Server, remote_read: bool) -> DecodedSeries:
    options = Prometheus(remote_read=remote_read)
    with PrometheusServer(server.endpoint, options, Path()) as web:
        return web.samples(QUESTION)


def answer(server: Server, forms: bytes) -> tuple[bytes, str]:
    body = request(QUESTION.selector, QUESTION.after_ms, QUESTION.to_ms, forms)
    with Web(server.endpoint, Path()) as web:
        found = web.send("POST", PATH, content=body, headers=HEADERS)
    return found.content, found.headers["Content-Type"]


def test_what_is_stored_equals_what_is_written_sample_for_sample(server: Server) -> None:
    texts, stored = listed(asked(server, False)), listed(asked(server, True))
    assert stored == texts
    assert (len(texts), sum(map(len, texts.values())) > 7_500) == (10, True)


def test_a_server_that_has_no_chunks_gives_samples(server: Server) -> None:
    body, kind = answer(server, b"\0")
    assert kind == "application/x-protobuf"
    found = decode_read(body, kind, "x").between(QUESTION.after_ms, QUESTION.to_ms)
    assert listed(found) == listed(asked(server, False))


def test_an_answer_that_breaks_off_or_was_changed_is_an_error(server: Server) -> None:
    body, kind = answer(server, b"\1")
    assert kind == STREAM
    chance = random.Random(7)
    for end in chance.sample(range(1, len(body)), 60):
        with pytest.raises(SourceError, match="x gives an answer of remote read that is not whole"):
            decode_read(body[:end], kind, "x")
        changed = bytearray(body)
        changed[end] ^= 1 << chance.randrange(8)
        with pytest.raises(SourceError, match="that is not whole"):
            decode_read(bytes(changed), kind, "x")


def test_no_change_of_an_answer_without_checksum_reads_outside_of_it(server: Server) -> None:
    packed, kind = answer(server, b"\0")
    body = bytes(cramjam.snappy.decompress_raw(packed))
    chance = random.Random(7)
    for _ in range(200):
        changed = bytearray(body[: chance.randint(1, len(body))])
        changed[chance.randrange(min(len(changed), 400))] = chance.randrange(256)
        with suppress(SourceError):
            decode_read(bytes(cramjam.snappy.compress_raw(bytes(changed))), kind, "x")
    with pytest.raises(SourceError, match="x gives no answer of remote read"):
        decode_read(b"<html>", kind, "x")


def test_an_answer_that_unpacks_to_more_than_it_may() -> None:
    body = bytes(cramjam.snappy.compress_raw(bytes(1000)))
    with suppress(SourceError):  # zeros are no answer; they were unpacked
        decode_read(body, "application/x-protobuf", "x", size_bytes=1000)
    with pytest.raises(SourceError, match="x answers with more than"):
        decode_read(body, "application/x-protobuf", "x", size_bytes=999)


@pytest.mark.parametrize("named", ["snappy", "Snappy", "identity", ""])
def test_samples_are_taken_whatever_their_server_calls_their_packing(named: str) -> None:
    """A server that has no chunks packs its samples and names that as an encoding, or does not."""
    head = f"200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Encoding: {named}"
    empty = bytes(cramjam.snappy.compress_raw(b"\x0a\x00"))
    with talking(answering(head, lambda: iter([empty]))) as url:
        options = Prometheus(remote_read=True)
        with PrometheusServer(Endpoint(url), options, Path()) as web:
            assert listed(web.samples(QUESTION)) == {}


def test_a_server_without_remote_read_is_an_error(server: Server) -> None:
    with Web(server.endpoint, Path()) as web, pytest.raises(SourceError, match="status 404"):
        web.send("POST", PATH + "s", content=b"", headers=HEADERS)


@settings(deadline=None)  # the first call loads the loops
@given(st.floats() | st.decimals(allow_nan=False, places=4).map(float) | st.integers().map(float))
@example(9007199254740993.0)
@example(999999999999999.0)
@example(0.1 + 0.2)
@example(5e-324)
def test_a_float_becomes_the_decimal_that_writes_it_shortest(value: float) -> None:
    mantissa, scale = np.empty(1, np.int64), np.empty(1, np.int8)
    decimals(np.array([value]), mantissa, scale)
    if not np.isfinite(value):
        assert scale[0] == (NOT_A_NUMBER if np.isnan(value) else ODD)
        return
    number = Decimal(repr(value))
    places = max(0, -int(number.normalize().as_tuple().exponent))
    short = places <= 15 and abs(number) * 10**places < 10**15
    found = Decimal(int(mantissa[0])).scaleb(-int(scale[0])) if scale[0] != ODD else None
    assert found == (number if short else None)


def test_a_marker_of_a_series_end_is_no_sample() -> None:
    def wrapped(*parts: bytes) -> bytes:
        inner = b"".join(parts)
        return bytes([0x0A, len(inner)]) + inner

    def point(bits: int, at: int) -> bytes:
        return b"\x12\x0b\x09" + struct.pack("<Q", bits) + bytes([0x10, at])

    label = wrapped(wrapped(b"a"), b"\x12\x01b")
    one, nan = struct.unpack("<Q", struct.pack("<d", 1.5))[0], 0x7FF8000000000001
    points = (point(one, 1), point(STALE_BITS, 2), point(nan, 3), point(0, 4))
    body = cramjam.snappy.compress_raw(wrapped(wrapped(label, *points)))
    found = decode_read(bytes(body), "application/x-protobuf", "x")
    assert listed(found) == {"[('a', 'b')]": [(1, Decimal("1.5")), (3, "NaN"), (4, Decimal(0))]}


def test_the_checksum_is_that_of_the_standard() -> None:
    """RFC 3720, appendix B.4: 32 bytes of zeros, and of ones, with their CRC."""
    for byte, told in ((0, "aa36918a"), (255, "43aba862")):
        body = np.full(32, byte, np.uint8)
        assert struct.pack("<I", checksum(body, 0, 32)).hex() == told
    assert len(CRC_TABLE) == 256


def test_a_selector_is_taken_apart_as_it_was_written() -> None:
    text = '{__name__="up",a!="x\\"y",b=~"\\\\d,}",c!~"(?:p)|(?:q)"}'
    assert matchers_of(text) == [
        ("__name__", "=", "up"),
        ("a", "!=", 'x"y'),
        ("b", "=~", "\\d,}"),
        ("c", "!~", "(?:p)|(?:q)"),
    ]
