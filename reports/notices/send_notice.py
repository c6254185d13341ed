"""Owns sending a notice: as mail through SMTP, or posted to a webhook; one clear error if not."""

import json
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.header import Header
from email.mime.text import MIMEText
from email.utils import formatdate
from pathlib import Path
from urllib.parse import urlsplit

from metering.errors import SourceError
from metering.settings.notice_channels import Mail, Webhook
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


def send_mail(mail: Mail, letter: Letter, site: Path) -> None:
    """The letter to everybody on the list; SourceError unless the server takes it for all."""
    # Header, since an EmailMessage of 3.11 loses blanks where it folds a Korean subject
    message = MIMEText(letter.body.replace("\n", "\r\n"), "plain", "utf-8")
    message["From"], message["To"] = mail.sender, ", ".join(mail.to)
    subject = Header(" ".join(letter.subject.split()), "utf-8", header_name="Subject")
    message["Subject"] = subject.encode()
    message["Date"] = formatdate(letter.sent_ms // 1000)
    message["Message-ID"] = f"<{letter.name}@{mail.sender.rpartition('@')[2]}>"
    where = f"mail server {mail.host}:{mail.port}"
    try:
        with _connected(mail, site) as server:
            if mail.user:
                server.login(mail.user, secret(mail.password_env))
            refused = server.send_message(message)
    except (smtplib.SMTPException, UnicodeError) as error:
        raise SourceError(f"{where} refuses: {error}; {MEND}") from error
    except OSError as error:
        if refusal := certificate_error(error):
            raise SourceError(f"{where}: {refusal}") from error
        raise SourceError(f"{where} does not answer: {error}; {MEND}, or run again") from error
    if refused:
        raise SourceError(f"{where} refuses {', '.join(sorted(refused))}; {MEND}")


def _connected(mail: Mail, site: Path) -> smtplib.SMTP:
    trust = ssl.create_default_context()
    if mail.ca:
        trust.load_verify_locations(site / mail.ca)
    if mail.security == "tls":
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=mail.timeout_s, context=trust)
    server = smtplib.SMTP(mail.host, mail.port, timeout=mail.timeout_s)
    if mail.security == "starttls":
        try:
            server.starttls(context=trust)
        except (smtplib.SMTPException, OSError):
            server.close()
            raise
    return server


def post(webhook: Webhook, document: Mapping[str, object], site: Path) -> None:
    """One JSON document; SourceError unless the server says that it was taken."""
    url = _address(webhook)
    content = json.dumps(document, ensure_ascii=False).encode()
    try:
        with Web(replace(webhook.endpoint, url=url), site) as web:
            # Web asks below an address, which a webhook's is to the last slash
            path = "/" if url.endswith("/") else ""
            web.send("POST", path, content=content, headers={"Content-Type": "application/json"})
    except SourceError as error:
        if not webhook.url_env:
            raise
        message = str(error).replace(url.rstrip("/"), f"the address in {webhook.url_env}")
        raise SourceError(message) from None  # what it came from tells the secret address


def _address(webhook: Webhook) -> str:
    if not webhook.url_env:
        return webhook.endpoint.url
    url = secret(webhook.url_env)
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise SourceError(f"{webhook.url_env} must hold an address that begins with https://")
    return url
