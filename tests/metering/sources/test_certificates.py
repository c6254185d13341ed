"""A certificate that is not trusted is one error, which says what is wrong and what to do."""

import socket
import ssl
from collections.abc import Collection
from pathlib import Path
from threading import Thread

import pytest

from metering.errors import SourceError
from metering.settings.notice_channels import Mail, Webhook
from metering.settings.source_options.location import Endpoint
from metering.sources.reading.certificates import certificate_error
from metering.sources.reading.web import Web
from reports.notices.send_notice import Letter, post, send_mail
from tests.builders.servers.certificates import (
    AUTHORITY_KEY,
    BASIC,
    HOST,
    KEY_USAGE,
    SUBJECT_KEY,
    server_context,
)
from tests.builders.servers.mail_and_webhook import mail_server
from tests.builders.servers.replayed_answers import replaying

# does this Python hold to RFC 5280 by itself, as 3.13 does
STRICT_PYTHON = bool(ssl.create_default_context().verify_flags & ssl.VERIFY_X509_STRICT)
LACKING = [
    ((KEY_USAGE,), (), "CA cert does not include key usage", "keyCertSign, cRLSign for the auth"),
    ((BASIC,), (), "Basic Constraints of CA cert not marked critical", "critical, CA:TRUE"),
    ((SUBJECT_KEY,), (), "Missing Subject Key Identifier", "subjectKeyIdentifier = hash"),
    ((), (AUTHORITY_KEY,), "Missing Authority Key Identifier", "authorityKeyIdentifier = keyid"),
]
LETTER = Letter("제목", "본문\n", "abc", 1_760_000_000_000)


def refusal(folder: Path, server: ssl.SSLContext, *, strict: bool) -> BaseException | None:
    """What a client that trusts folder/ca.pem makes of a server's certificate."""
    client = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    client.verify_flags &= ~ssl.VERIFY_X509_STRICT
    client.verify_flags |= ssl.VERIFY_X509_STRICT if strict else ssl.VERIFY_DEFAULT
    with socket.create_server((HOST, 0)) as listening:
        answering = Thread(target=shake_hands, args=(server, listening))
        answering.start()
        try:
            with socket.create_connection(listening.getsockname()) as plain:
                client.wrap_socket(plain, server_hostname=HOST).close()
        except ssl.SSLError as error:
            return error
        finally:
            answering.join()
    return None


def shake_hands(context: ssl.SSLContext, listening: socket.socket) -> None:
    connection, _ = listening.accept()
    with connection:
        try:
            context.wrap_socket(connection, server_side=True).close()
        except OSError:
            return  # the client hangs up, and says why


def test_a_whole_certificate_passes_the_strict_check(tmp_path: Path) -> None:
    assert refusal(tmp_path, server_context(tmp_path), strict=True) is None


@pytest.mark.parametrize(("authority", "server", "reason", "needed"), LACKING)
def test_what_the_strict_check_misses_is_named_with_what_mends_it(
    tmp_path: Path, authority: Collection[str], server: Collection[str], reason: str, needed: str
) -> None:
    context = server_context(tmp_path, authority, server)
    assert refusal(tmp_path, context, strict=False) is None
    error = refusal(tmp_path, context, strict=True)
    assert error is not None
    text = certificate_error(error)
    assert text is not None
    assert text.startswith(f"its certificate, or one of its authority, breaks RFC 5280: {reason}")
    assert needed in text
    assert "let the authority issue it anew" in text


def test_sources_mail_and_webhooks_say_it_in_one_line(tmp_path: Path) -> None:
    """Where this Python is not strict they go through: nothing here checks less or more than it."""
    endpoint = Endpoint("", ca="ca.pem")
    context = server_context(tmp_path, [KEY_USAGE])
    with replaying(lambda _: (200, b"{}"), context) as replay:
        endpoint = Endpoint(replay.url, ca="ca.pem", timeout_s=5)

        def ask() -> None:
            with Web(endpoint, tmp_path) as web:
                web.send("POST")

        with mail_server(context) as server:
            mail = Mail(HOST, server.port, "starttls", "a@example.invalid",
                        ("b@example.invalid",), ca="ca.pem", timeout_s=5)  # fmt: skip
            for act, where in (
                (ask, replay.url),
                (lambda: post(Webhook(endpoint), {}, tmp_path), replay.url),
                (lambda: send_mail(mail, LETTER, tmp_path), f"mail server {HOST}:{server.port}"),
            ):
                if not STRICT_PYTHON:
                    act()
                    continue
                with pytest.raises(SourceError) as raised:
                    act()
                assert str(raised.value).startswith(f"{where}: its certificate, or one of its")
                assert "keyUsage = critical, keyCertSign, cRLSign" in str(raised.value)


def test_an_authority_that_nobody_named_is_asked_for(tmp_path: Path) -> None:
    with (
        replaying(lambda _: (200, b"{}"), server_context(tmp_path)) as replay,
        Web(Endpoint(replay.url, timeout_s=5), tmp_path) as web,
        pytest.raises(SourceError, match=r"its authority's as `ca` in site\.toml"),
    ):
        web.send("POST")
    assert replay.asked == []


def test_any_other_trouble_is_none_of_a_certificate() -> None:
    assert certificate_error(OSError("away")) is None
