"""What site.toml says of watching limits: at which marks, who is told, and what counts as idle."""

from dataclasses import dataclass, field
from decimal import Decimal

from metering.settings.source_options.limits import NOTICE, Limits, read_limits
from metering.settings.source_options.location import Endpoint, read_endpoint
from metering.toml_reader import TomlTable

MARKS = (50, 80, 100)  # percent; assumed, until a centre says others
# Assumed: no notice that was found gives a threshold.
IDLE_BELOW = Decimal("0.3")
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
    limits: Limits = field(default_factory=lambda: NOTICE)


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that alarms are posted to; `url_env` names the variable of one that is secret."""

    endpoint: Endpoint
    url_env: str = ""
    limits: Limits = field(default_factory=lambda: NOTICE)


@dataclass(frozen=True, slots=True)
class QuotaWatch:
    """How limits and idle allocations are watched."""

    marks: tuple[int, ...] = MARKS
    idle_below: Decimal = IDLE_BELOW
    mail: Mail | None = None
    webhook: Webhook | None = None


def read_quota_watch(root: TomlTable) -> QuotaWatch:
    """The table [quota], or what holds without one."""
    table = root.table("quota")
    marks = table.wholes("marks", 1, 100) if table.has("marks") else MARKS
    watch = QuotaWatch(
        marks=marks,
        idle_below=table.share("idle_below", IDLE_BELOW),
        mail=_mail(table.table("mail")) if table.has("mail") else None,
        webhook=_webhook(table.table("webhook")) if table.has("webhook") else None,
    )
    table.close()
    return watch


def _mail(table: TomlTable) -> Mail:
    security = table.choice("security", SECURITY, "starttls")
    mail = Mail(
        host=table.text("host"),
        port=table.whole("port", 1) or PORTS.get(security, 25),
        security=security,
        sender=_address(table, "from", table.text("from")),
        to=tuple(_address(table, "to", address) for address in table.texts("to")),
        user=table.text("user", ""),
        password_env=table.text("password_env", ""),
        ca=table.text("ca", ""),
        timeout_s=(table.duration_ms("timeout") or 20_000) // 1000 or 1,
        limits=read_limits(table, NOTICE, ("time",)),
    )
    if mail.port > PORT_MAX:
        table.wrong("port", f"must be {PORT_MAX} at most, not {mail.port}")
    if not mail.to:
        table.wrong("to", 'needs whom to write to, like ["manager@example.or.kr"]')
    if bool(mail.user) != bool(mail.password_env):
        table.wrong(None, "needs `user` and `password_env` together, or neither")
    if mail.user and mail.security == "none":
        table.wrong("security", "must not be none where a password is sent")
    table.close()
    return mail


def _address(table: TomlTable, key: str, text: str) -> str:
    name, at, host = text.rpartition("@")
    whole = bool(name and at and host) and text.isascii() and text.isprintable()
    if text and (not whole or any(letter in text for letter in " ,;<>\"'")):
        table.wrong(key, f"must be an address like name@example.or.kr, not {text!r}")
    return text


def _webhook(table: TomlTable) -> Webhook:
    url_env = table.text("url_env", "")
    endpoint = read_endpoint(table)
    limits = read_limits(table, NOTICE, ("time", "size_mib"))
    if (endpoint is None) == (not url_env):
        table.wrong(None, "needs `url`, or `url_env` where the address is a secret, and not both")
    table.close()
    return Webhook(endpoint or Endpoint(""), url_env, limits)
