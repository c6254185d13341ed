"""Owns sending a notice: as mail through SMTP, or posted to a webhook; one clear error if not."""

import json
import smtplib
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.header import Header
from email.mime.text import MIMEText
from email.utils import formatdate
from pathlib import Path
from urllib.parse import urlsplit

from metering.errors import SourceError
from metering.secret import hide
from metering.settings.notice_channels import Mail, Webhook
from metering.sources.reading.bounded_http import Clock, Deadline
from metering.sources.reading.certificates import certificate_error
from metering.sources.reading.web import Web, secret

MEND = "mend [notices.mail] in site.toml"


@dataclass(frozen=True, slots=True)
class Letter:
    """A plain text; `name` is its own, by which one that comes twice is known."""

    subject: str
    body: str
    name: str
    sent_ms: int


def send_mail(mail: Mail, letter: Letter, site: Path, clock_ns: Clock = time.monotonic_ns) -> None:
    """The letter to everybody on the list; SourceError unless the server takes it for all, within
    the time that it may take."""
    # Header, since an EmailMessage of 3.11 loses blanks where it folds a Korean subject
    message = MIMEText(letter.body.replace("\n", "\r\n"), "plain", "utf-8")
    message["From"], message["To"] = mail.sender, ", ".join(mail.to)
    subject = Header(" ".join(letter.subject.split()), "utf-8", header_name="Subject")
    message["Subject"] = subject.encode()
    message["Date"] = formatdate(letter.sent_ms // 1000)
    message["Message-ID"] = f"<{letter.name}@{mail.sender.rpartition('@')[2]}>"
    where = f"mail server {mail.host}:{mail.port}"
    deadline = Deadline(mail.limits.time_ms, clock_ns)
    try:
        with _connected(mail, site, deadline) as server:
            if mail.user:
                server.login(mail.user, secret(mail.password_env).reveal())
            refused = server.send_message(message)
    except SourceError as error:
        raise SourceError(f"{where} {error}") from error
    except (smtplib.SMTPException, UnicodeError) as error:
        raise SourceError(f"{where} refuses: {error}; {MEND}") from error
    except OSError as error:
        if refusal := certificate_error(error):
            raise SourceError(f"{where}: {refusal}") from error
        raise SourceError(f"{where} does not answer: {error}; {MEND}, or run again") from error
    if refused:
        raise SourceError(f"{where} refuses {', '.join(sorted(refused))}; {MEND}")


class _Replies:
    """What a mail server says, line by line, as long as there is time."""

    def __init__(self, connection: socket.socket, deadline: Deadline, timeout_s: int) -> None:
        self._connection, self._deadline, self._timeout_s = connection, deadline, timeout_s
        self._came = b""

    def readline(self, size: int) -> bytes:
        """The next line, no more than so many bytes of it; nothing once the server hung up."""
        while b"\n" not in self._came and len(self._came) < size:
            self._connection.settimeout(self._deadline.within(self._timeout_s))
            part = self._connection.recv(4096)
            if not part:
                break
            self._came += part
        end = self._came.find(b"\n") + 1 or len(self._came)
        line, self._came = self._came[: min(end, size)], self._came[min(end, size) :]
        return line

    def close(self) -> None:
        """Nothing: the connection is closed by who opened it."""


class _Plain(smtplib.SMTP):
    """A client of SMTP whose server may say no more than it has time for."""

    deadline: Deadline

    def __init__(self, deadline: Deadline, host: str, port: int, timeout: int) -> None:
        self.deadline = deadline
        smtplib.SMTP.__init__(self, host, port, timeout=timeout)

    def getreply(self) -> tuple[int, bytes]:
        """The code and the words of the next reply."""
        if self.file is None and self.sock is not None:
            self.file = _Replies(self.sock, self.deadline, int(self.timeout))
        return super().getreply()


class _Wrapped(_Plain, smtplib.SMTP_SSL):
    """The same, encrypted from its first byte on."""

    def __init__(
        self, deadline: Deadline, host: str, port: int, timeout: int, context: ssl.SSLContext
    ) -> None:
        self.deadline = deadline
        smtplib.SMTP_SSL.__init__(self, host, port, timeout=timeout, context=context)


def _connected(mail: Mail, site: Path, deadline: Deadline) -> smtplib.SMTP:
    trust = ssl.create_default_context()
    if mail.ca:
        trust.load_verify_locations(site / mail.ca)
    if mail.security == "tls":
        return _Wrapped(deadline, mail.host, mail.port, mail.timeout_s, trust)
    server = _Plain(deadline, mail.host, mail.port, mail.timeout_s)
    if mail.security == "starttls":
        try:
            server.starttls(context=trust)
        except (smtplib.SMTPException, OSError, SourceError):
            server.close()
            raise
    return server


def post(webhook: Webhook, document: Mapping[str, object], site: Path) -> None:
    """One JSON document; SourceError unless the server says that it was taken."""
    url = _address(webhook)
    content = json.dumps(document, ensure_ascii=False).encode()
    try:
        with Web(replace(webhook.endpoint, url=url), site, limits=webhook.limits) as web:
            # Web asks below an address, which a webhook's is to the last slash
            path = "/" if url.endswith("/") else ""
            web.send("POST", path, content=content, headers={"Content-Type": "application/json"})
    except SourceError as error:
        if not webhook.url_env:
            raise
        raise SourceError(str(error)) from None  # what it came from tells the secret address


def _address(webhook: Webhook) -> str:
    if not webhook.url_env:
        return webhook.endpoint.url
    url, called = secret(webhook.url_env).reveal(), f"the address in {webhook.url_env}"
    try:
        parts = urlsplit(url)
        for part in (url, url.rstrip("/"), url.removeprefix(f"{parts.scheme}://{parts.netloc}")):
            hide(part, called)  # a server may send back the part of it that is secret alone
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise SourceError(f"{webhook.url_env} must hold an address that begins with https://")
    return url
