"""What site.toml says of telling people: the mail server, the webhook, and who is told of what."""

from dataclasses import dataclass, field, replace
from typing import Literal, Self

from metering.settings.source_options.limits import NOTICE, Limits, read_limits
from metering.settings.source_options.location import Endpoint, read_endpoint
from metering.settings.source_options.secret_names import secret_name
from metering.toml_reader import TomlTable

# Of what people are told: a limit that reached a mark, an approval that waits, a run that failed.
NoticeKind = Literal["limits", "approvals", "failures"]
NOTICE_KINDS: tuple[NoticeKind, ...] = ("limits", "approvals", "failures")
SECURITY = ("starttls", "tls", "none")
PORT_MAX = 65_535
PORTS = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail server and who writes to whom. It names an environment variable, never a secret."""

    host: str
    port: int
    security: str
    sender: str
    to: tuple[str, ...]
    user: str = ""
    password_env: str = ""
    ca: str = ""  # a file of the house's own authority, relative to the site's directory
    timeout_s: int = 20  # of silence
    to_of: tuple[tuple[NoticeKind, tuple[str, ...]], ...] = ()  # who instead of `to`, of a kind
    limits: Limits = field(default_factory=lambda: NOTICE)

    def about(self, kind: NoticeKind) -> Self:
        """This server, writing to those who are told of a kind."""
        return replace(self, to=dict(self.to_of).get(kind, self.to))


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that notices are posted to; `url_env` names the variable of one that is secret."""

    endpoint: Endpoint
    url_env: str = ""
    limits: Limits = field(default_factory=lambda: NOTICE)


@dataclass(frozen=True, slots=True)
class NoticeChannels:
    """How people are told; both, one, or none."""

    mail: Mail | None = None
    webhook: Webhook | None = None

    @property
    def silent(self) -> bool:
        """Whether the site names nobody to tell."""
        return self.mail is None and self.webhook is None


def read_notice_channels(root: TomlTable) -> NoticeChannels:
    """The table [notices], or none."""
    table = root.table("notices")
    channels = NoticeChannels(
        mail=_mail(table.table("mail")) if table.has("mail") else None,
        webhook=_webhook(table.table("webhook")) if table.has("webhook") else None,
    )
    table.close()
    return channels


def _mail(table: TomlTable) -> Mail:
    security = table.choice("security", SECURITY, "starttls")
    mail = Mail(
        host=table.text("host"),
        port=table.whole("port", 1) or PORTS.get(security, 25),
        security=security,
        sender=_address(table, "from", table.text("from")),
        to=_addresses(table, "to"),
        user=table.text("user", ""),
        password_env=secret_name(table, "password_env", in_header=False),
        ca=table.text("ca", ""),
        timeout_s=(table.duration_ms("timeout") or 20_000) // 1000 or 1,
        limits=read_limits(table, NOTICE, ("time",)),
        to_of=tuple(
            (kind, to)
            for kind in NOTICE_KINDS
            if (to := _addresses(table, f"{kind}_to")) or table.has(f"{kind}_to")
        ),
    )
    if mail.port > PORT_MAX:
        table.wrong("port", f"must be {PORT_MAX} at most, not {mail.port}")
    for key, to in (("to", mail.to), *((f"{kind}_to", to) for kind, to in mail.to_of)):
        if not to:
            table.wrong(key, 'needs whom to write to, like ["manager@example.or.kr"]')
    if bool(mail.user) != bool(mail.password_env):
        table.wrong(None, "needs `user` and `password_env` together, or neither")
    if mail.user and mail.security == "none":
        table.wrong("security", "must not be none where a password is sent")
    table.close()
    return mail


def _addresses(table: TomlTable, key: str) -> tuple[str, ...]:
    return tuple(_address(table, key, address) for address in table.texts(key))


def _address(table: TomlTable, key: str, text: str) -> str:
    name, at, host = text.rpartition("@")
    whole = bool(name and at and host) and text.isascii() and text.isprintable()
    if text and (not whole or any(letter in text for letter in " ,;<>\"'")):
        table.wrong(key, f"must be an address like name@example.or.kr, not {text!r}")
    return text


def _webhook(table: TomlTable) -> Webhook:
    url_env = secret_name(table, "url_env")
    endpoint = read_endpoint(table)
    limits = read_limits(table, NOTICE, ("time", "size_mib"))
    if (endpoint is None) == (not url_env):
        table.wrong(None, "needs `url`, or `url_env` where the address is a secret, and not both")
    table.close()
    return Webhook(endpoint or Endpoint(""), url_env, limits)
