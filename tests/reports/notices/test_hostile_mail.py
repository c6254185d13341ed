"""Mail servers that drip, flood or break off: one error, once the time is over."""

import socket
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from metering.errors import SourceError
from metering.settings.notice_channels import Mail, Webhook
from metering.settings.source_options.limits import MIB, Limits
from metering.settings.source_options.location import Endpoint
from reports.notices.send_notice import Letter, post, send_mail
from tests.builders.servers.hostile import HOST, answering, endless, talking

LETTER = Letter("제목", "본문", "name", 0)
SECONDS = 20


def quick() -> Callable[[], int]:
    """A clock by which a second passes each time that somebody looks."""
    seconds = count()
    return lambda: next(seconds) * 1_000_000_000


def said(talk: Callable[[socket.socket], None]) -> str:
    with talking(talk) as url:
        mail = Mail(
            HOST, int(url.rpartition(":")[2]), "none", "a@example.invalid",
            ("b@example.invalid",), timeout_s=10, limits=Limits(time_ms=SECONDS * 1000),
        )  # fmt: skip
        with pytest.raises(SourceError) as raised:
            send_mail(mail, LETTER, Path(), quick())
        return str(raised.value)


def dripping(first: bytes, byte: bytes) -> Callable[[socket.socket], None]:
    def talk(client: socket.socket) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.sendall(first)
        for part in endless(byte):
            client.sendall(part)

    return talk


@pytest.mark.parametrize(
    ("first", "byte"),
    [(b"2", b"2"), (b"", b"220-and more\r\n"), (b"220 hello\r\n", b"250-EXTENSION\r\n")],
    ids=["a line without end", "lines without end", "extensions without end"],
)
def test_a_server_that_never_comes_to_an_end_is_given_up(first: bytes, byte: bytes) -> None:
    told = said(dripping(first, byte))
    assert told.startswith(f"mail server {HOST}:")
    assert "took more than 20 s in all" in told or "refuses" in told  # a line too long is refused


def test_a_server_that_hangs_up_or_speaks_no_smtp_is_one_error() -> None:
    assert "refuses" in said(lambda client: client.sendall(b"220 hello\r\n"))
    assert "refuses" in said(lambda client: client.sendall(b"\xff\xfe\r\n" * 3))


def test_a_webhook_that_floods_or_drips_is_one_error() -> None:
    with talking(answering("200 OK", lambda: endless(b"x" * 65_536))) as url:
        with pytest.raises(SourceError, match="more than 1 MiB"):
            post(Webhook(Endpoint(url)), {}, Path())
        limits = Limits(time_ms=1, size_bytes=2**50)
        with pytest.raises(SourceError, match="took more than 1 s in all"):
            post(Webhook(Endpoint(url), limits=limits), {}, Path())
    assert Webhook(Endpoint("")).limits.size_bytes == MIB
