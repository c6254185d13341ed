"""A small mail server and a webhook on loopback, which keep what they are sent."""

import json
import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.builders.servers.patient_server import PatientServer

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
    """RFC 5321: commands and their words in any case, paths between brackets, in their order."""

    server: MailServer

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def secure(self) -> None:
        assert self.server.tls is not None
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)  # type: ignore[assignment]
        self.offers = "250-loopback"

    def begin(self, sender: str | None = None) -> None:
        """A mail transaction, or none; what was said in the one before is forgotten."""
        self.sender, self.recipients = sender, list[str]()

    def handle(self) -> None:
        self.offers = "250-STARTTLS" if self.server.tls else "250-loopback"
        if self.server.wrapped:
            self.secure()
        self.begin()
        self.say("220 loopback")
        while line := self.rfile.readline().decode().strip():
            verb, _, rest = line.partition(" ")
            match verb.upper():
                case "EHLO":
                    self.begin()
                    self.say("250-loopback", self.offers, "250 AUTH PLAIN")
                case "STARTTLS":
                    self.begin()
                    self.say("220 go on")
                    self.secure()
                case "AUTH":
                    self.server.signed_in.append(rest)
                    self.say("235 signed in")
                case "MAIL":
                    self.mail(path_after("FROM", rest))
                case "RCPT":
                    self.recipient(path_after("TO", rest))
                case "DATA":
                    self.data()
                case "RSET":
                    self.begin()
                    self.say("250 ok")
                case "NOOP":
                    self.say("250 ok")
                case "QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("500 no such command")

    def mail(self, path: str | None) -> None:
        if path is None:
            self.say("501 MAIL FROM:<path>")
        elif self.server.refuses:
            self.say("451 no room")
        else:
            self.begin(path)
            self.say("250 ok")

    def recipient(self, path: str | None) -> None:
        if self.sender is None:
            self.say("503 MAIL comes first")
        elif path is None:
            self.say("501 RCPT TO:<path>")
        elif path in self.server.unknown:
            self.say("550 nobody")
        else:
            self.recipients.append(path)
            self.say("250 ok")

    def data(self) -> None:
        if self.sender is None or not self.recipients:
            self.say("503 MAIL and RCPT come first")
            return
        self.say("354 go on")
        self.server.letters.append((self.sender, self.recipients, self.letter()))
        self.begin()
        self.say("250 taken")

    def letter(self) -> EmailMessage:
        lines = []
        while (text := self.rfile.readline()) != b".\r\n":
            lines.append(text.removeprefix(b"."))  # 4.5.2: one dot was put before a line's own
        letter = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        return letter


def path_after(word: str, text: str) -> str | None:
    """The path of `FROM:<path> PARAMETERS`, the word in any case; None where it is none."""
    match = re.fullmatch(rf"{word}:<([^<>\s]*)>(?: .*)?", text, re.IGNORECASE)
    return match[1] if match else None


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


class Hook(PatientServer):
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
