"""A small mail server and a webhook on loopback, which keep what they are sent."""

import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"


class MailServer(socketserver.ThreadingTCPServer):
    """SMTP enough for a client: EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, QUIT."""

    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext | None, wrapped: bool) -> None:
        super().__init__((HOST, 0), Conversation)
        self.tls, self.wrapped = tls, wrapped
        self.refuses = False  # every letter
        self.unknown: set[str] = set()  # to whom none is taken
        self.letters: list[tuple[str, list[str], EmailMessage]] = []
        self.signed_in: list[str] = []

    def handle_error(self, *_: object) -> None:
        """A client that does not trust the certificate hangs up; the test sees it."""

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def secure(self) -> None:
        assert self.server.tls is not None
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)  # type: ignore[assignment]
        self.offers = "250-loopback"

    def handle(self) -> None:
        self.offers = "250-STARTTLS" if self.server.tls else "250-loopback"
        if self.server.wrapped:
            self.secure()
        self.say("220 loopback")
        sender, to = "", []
        while line := self.rfile.readline().decode().strip():
            verb, _, rest = line.partition(" ")
            match verb.upper():
                case "EHLO":
                    self.say("250-loopback", self.offers, "250 AUTH PLAIN")
                case "STARTTLS":
                    self.say("220 go on")
                    self.secure()
                case "AUTH":
                    self.server.signed_in.append(rest)
                    self.say("235 signed in")
                case "MAIL":
                    sender = rest.removeprefix("FROM:").split()[0].strip("<>")
                    self.say("451 no room" if self.server.refuses else "250 ok")
                case "RCPT":
                    to.append(rest.removeprefix("TO:").strip("<>"))
                    self.say("550 nobody" if to[-1] in self.server.unknown else "250 ok")
                case "DATA":
                    self.say("354 go on")
                    self.server.letters.append((sender, to, self.letter()))
                    self.say("250 taken")
                case "QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 ok")

    def letter(self) -> EmailMessage:
        lines = []
        while (text := self.rfile.readline()) != b".\r\n":
            lines.append(text)
        letter = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        return letter


@contextmanager
def mail_server(tls: ssl.SSLContext | None = None, wrapped: bool = False) -> Iterator[MailServer]:
    """With `tls` it offers STARTTLS, or is `wrapped` in it from the first byte on."""
    with MailServer(tls, wrapped) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        try:
            yield server
        finally:
            server.shutdown()


def text_of(letter: EmailMessage) -> str:
    """What it says; a letter's lines end as RFC 2045 says."""
    text = str(letter.get_content())
    assert text.count("\n") == text.count("\r\n")
    return text.replace("\r\n", "\n")


class Hook(ThreadingHTTPServer):
    """Keeps the path, Authorization and document of every post; answers with `status`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((HOST, 0), Posted)
        self.status = 204
        self.posts: list[tuple[str, str | None, Any]] = []

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}/quota"


class Posted(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.posts.append((self.path, self.headers["Authorization"], document))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def webhook_server() -> Iterator[Hook]:
    with Hook() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        try:
            yield server
        finally:
            server.shutdown()


def own_authority(directory: Path) -> ssl.SSLContext:
    """A server's context whose certificate only those trust who are given `ca.pem`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    signs = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    public = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), False)
        .add_extension(x509.BasicConstraints(True, 0), True)
        .add_extension(signs, True)
        .add_extension(public, False)
        .sign(key, hashes.SHA256())
    )
    (directory / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (directory / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "ca.pem", directory / "key.pem")
    return context
