"""Servers that drip, flood, pack a bomb or break off: one error each, within time and memory."""

import gzip
import socket
import zlib
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from metering.errors import SourceError
from metering.settings.source_options.limits import MIB, Limits
from metering.settings.source_options.location import Endpoint
from metering.sources.reading.web import Answer, Web
from tests.builders.servers.hostile import answering, asked, endless, talking
from tests.builders.servers.replayed_answers import replaying

SMALL = Limits(time_ms=60_000, size_bytes=MIB)
S_IN_NS = 1_000_000_000


def quick() -> Callable[[], int]:
    """A clock by which a second passes each time that somebody looks."""
    seconds = count()
    return lambda: next(seconds) * S_IN_NS


def ask(url: str, limits: Limits = SMALL, clock: Callable[[], int] | None = None) -> Answer:
    endpoint = Endpoint(url, timeout_s=10)
    given = {} if clock is None else {"clock_ns": clock}
    with Web(endpoint, Path(), lambda _: None, limits, **given) as web:
        return web.get()


def refusal(url: str, clock: Callable[[], int] | None = None, limits: Limits = SMALL) -> str:
    with pytest.raises(SourceError) as raised:
        ask(url, limits, clock)
    return str(raised.value)


def dripping(head: bytes) -> Callable[[socket.socket], None]:
    """Gives a byte at a time, for ever."""

    def talk(client: socket.socket) -> None:
        asked(client)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for place in count():
            byte = head[place : place + 1] or b"x"
            client.sendall(byte)

    return talk


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "])
def test_a_server_that_drips_is_given_up_once_its_time_is_over(head: bytes) -> None:
    """Each byte comes in time; all of them together do not, in the head as in the content."""
    with talking(dripping(head)) as url:
        limits = Limits(time_ms=20_000, size_bytes=2**40)
        assert "took more than 20 s in all" in refusal(url, quick(), limits)


def test_a_server_that_is_busy_is_not_waited_for_beyond_the_time() -> None:
    with replaying(lambda _: (503, b"busy")) as replay:
        told = refusal(replay.url, quick(), Limits(time_ms=3_000))
        assert "took more than 3 s in all" in told


def test_one_byte_more_than_the_size_is_refused_and_the_size_itself_is_taken() -> None:
    with replaying(lambda asked: (200, b"x" * (MIB + asked.path.endswith("/more")))) as replay:
        endpoint = Endpoint(replay.url)
        with Web(endpoint, Path(), limits=SMALL) as web:
            assert len(web.send("POST").content) == MIB
            with pytest.raises(SourceError, match="more than 1 MiB"):
                web.send("POST", "/more")


def test_a_content_that_never_ends_is_refused_at_the_size() -> None:
    flood = answering("200 OK", lambda: endless(b"x" * 65_536))
    with talking(flood) as url:
        assert "answers with more than 1 MiB" in refusal(url)


def test_a_content_that_says_that_it_is_too_long_is_not_waited_for() -> None:
    said = answering(f"200 OK\r\nContent-Length: {1_600_000_000}", lambda: iter(()))
    with talking(said) as url:
        assert "answers with more than 1 MiB" in refusal(url)


def bomb(mib: int) -> bytes:
    return gzip.compress(bytes(mib * MIB), 9)


def packed(content: bytes, encoding: str) -> Callable[[socket.socket], None]:
    head = f"200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(content)}"
    return answering(head, lambda: iter([content]))


def test_what_is_packed_counts_by_what_it_unpacks_to() -> None:
    with talking(packed(bomb(1), "gzip")) as url:
        assert ask(url).content == bytes(MIB)
    with talking(packed(gzip.compress(bytes(MIB + 1)), "gzip")) as url:
        assert "answers with more than 1 MiB" in refusal(url)
    with talking(packed(bomb(64), "gzip")) as url:
        assert "answers with more than 1 MiB" in refusal(url)


def test_several_packed_members_are_one_content_and_deflate_is_read() -> None:
    with talking(packed(gzip.compress(b"a") + gzip.compress(b"b"), "x-gzip")) as url:
        assert ask(url).content == b"ab"
    with talking(packed(zlib.compress(b"ab"), "deflate")) as url:
        assert ask(url).content == b"ab"


def test_what_is_cut_short_packed_or_not_is_no_answer() -> None:
    whole = gzip.compress(b"abc" * 1000)
    with talking(packed(whole[:-5], "gzip")) as url:
        assert "cut short" in refusal(url)
    with talking(answering("200 OK\r\nContent-Length: 10", lambda: iter([b"abc"]))) as url:
        assert "does not answer" in refusal(url)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "rot13"])
def test_an_encoding_that_nobody_asked_for_is_refused(encoding: str) -> None:
    with talking(packed(b"abc", encoding)) as url:
        assert "which is not read" in refusal(url)


def test_what_is_not_packed_as_it_says_is_refused() -> None:
    with talking(packed(b"plain text", "gzip")) as url:
        assert "cannot be unpacked" in refusal(url)


@pytest.mark.parametrize("charset", ["rot13", "no-such", "utf-16", "\xff"])
def test_a_refusal_is_told_whatever_letters_it_says_to_be_in(charset: str) -> None:
    head = f"403 Forbidden\r\nContent-Type: text/plain; charset={charset}"
    with talking(answering(head, lambda: iter(["금지".encode(), b"\xff"]))) as url:
        assert "refuses: status 403: 금지" in refusal(url)


def test_a_refusal_is_read_to_its_first_words_only() -> None:
    with talking(answering("403 Forbidden", lambda: endless(b"no " * 10_000))) as url:
        assert "status 403: no no" in refusal(url)
    head = "403 Forbidden\r\nContent-Encoding: gzip"
    with talking(answering(head, lambda: iter([bomb(64)]))) as url:
        assert "status 403" in refusal(url)


@pytest.mark.parametrize(
    "said", [b"", b"SSH-2.0-none\r\n", b"HTTP/1.1 999999 x\r\n\r\n", b"\0" * 99]
)
def test_what_is_no_http_is_no_answer(said: bytes) -> None:
    def talk(client: socket.socket) -> None:
        asked(client)
        client.sendall(said)

    with talking(talk) as url:
        assert "does not answer" in refusal(url)


@pytest.mark.parametrize(
    "url", ["http://a..b/", "http://" + "a" * 64 + ".kr/", "http://[::1/", "http://\u2024/"]
)
def test_an_address_that_is_none_is_an_error_of_the_source(url: str) -> None:
    told = refusal(url)
    assert told.startswith(url.rstrip("/"))


@pytest.mark.parametrize("token", ["two\nlines", "토큰", "tail\r\n\n"])
def test_a_token_that_no_header_can_carry_is_told_nowhere(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_TOKEN", token)
    with pytest.raises(SourceError) as raised:
        Web(Endpoint("http://127.0.0.1:1", bearer_env="SOME_TOKEN"), Path())
    told = str(raised.value)
    assert "SOME_TOKEN" in told
    assert not any(part in told for part in token.split())


def test_a_handshake_that_drips_is_given_up_once_its_time_is_over(tmp_path: Path) -> None:
    """The client's own timeout of the handshake is what is left of the time."""

    def silent(client: socket.socket) -> None:
        while client.recv(4096):
            pass

    with talking(silent) as url:
        endpoint = Endpoint(url.replace("http:", "https:"), timeout_s=60)
        with (
            Web(endpoint, tmp_path, lambda _: None, Limits(time_ms=3_000), quick()) as web,
            pytest.raises(SourceError, match="took more than 3 s in all"),
        ):
            web.get()


def parts_of(content: bytes) -> Iterator[bytes]:
    for place in range(0, len(content), 7):
        yield content[place : place + 7]


def test_parts_as_small_as_they_come_make_the_same_content() -> None:
    content = b'{"status": "success"}' * 100
    raw = gzip.compress(content)
    head = f"200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(raw)}"
    with talking(answering(head, lambda: parts_of(raw))) as url:
        assert ask(url).content == content
