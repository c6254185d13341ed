"""Owns secrets: read from the environment or from a file that nobody else reads, held so that they
print as ***, and put out of every message that quotes one."""

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NoReturn
from urllib.parse import quote, unquote

MASK: Final = "***"
# Letters, both assumed: what is shorter is no secret; what is shorter than the second is one as a
# word of its own, since it may be a part of others (postgres in postgresql).
LEAST: Final = 8
ANYWHERE: Final = 16
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}", re.ASCII)
# Parameters of an address under which servers take a key, in small letters without - and _.
PARAMETERS: Final = frozenset(
    (
        "token", "accesstoken", "authtoken", "sessiontoken", "securitytoken", "xamzsecuritytoken",
        "key", "apikey", "accesskey", "accesskeyid", "secretkey", "privatekey", "secret",
        "secretaccesskey", "clientsecret", "password", "passwd", "pwd", "sslpassword", "sig",
        "signature", "xamzsignature", "auth", "authorization", "credential", "credentials",
    )
)  # fmt: skip
PARAMETER: Final = re.compile(r"(?<=[?&;])([^=&;#?]*)=([^&;#]*)")
SIGNED: Final = re.compile(r"[^/?#\s:@]*:[^?#\s]*@")  # u:p@, wherever it stands and what p has

# What has been read in this process, and by what a message calls it.
_READ: Final[dict[str, str]] = {}


class Secret:
    """A text that is shown to whom it is for, by `reveal`, and to nobody else."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text
        hide(text)

    def reveal(self) -> str:
        """The text itself, to be sent and never told."""
        return self._text

    def __repr__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return MASK

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


def hide(text: str, called: str = MASK) -> None:
    """Have every message call a text by another name from now on, in each spelling of addresses."""
    if len(text) >= LEAST:
        for spelled in (quote(text), quote(text, safe=""), unquote(text), text):
            _READ[spelled] = called


def masked(text: str) -> str:
    """A text without any secret that this process has read."""
    there = [secret for secret in _READ if secret in text]
    for secret in sorted(there, key=len, reverse=True):
        pattern = re.escape(secret)
        if len(secret) < ANYWHERE:
            pattern = f"(?<![A-Za-z0-9]){pattern}(?![A-Za-z0-9])"
        text = re.sub(pattern, _as_called, text)
    return text


def _as_called(match: re.Match[str]) -> str:
    return _READ[match[0]]


def of_variable(name: str, environment: Mapping[str, str] | None = None) -> Secret | None:
    """What an environment variable holds, without the newline at its end; None where that is
    nothing."""
    text = (os.environ if environment is None else environment).get(name, "")
    text = text.removesuffix("\n").removesuffix("\r")
    return Secret(text) if text else None


def flaw_of_secret(secret: Secret, in_header: bool) -> str | None:
    """Why a text can be no secret, in words that do not tell it; None where it can. One that stands
    in a header has ASCII letters only."""
    text = secret.reveal()
    if not text.isprintable():
        return (
            "holds a line break or another sign that cannot be printed; set it to the secret alone"
        )
    if in_header and not text.isascii():
        return "holds letters that no token has"
    return None


def flaw_of_file(path: Path) -> str | None:
    """That others may read a file that holds a secret, with what to type; None where they may not.
    OSError where there is no file."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & OTHERS:
        return f"can be read by others (mode {mode:04o}); type: chmod 600 {path}"
    return None


def flaw_of_address(address: str) -> str | None:
    """The part of an address that holds a secret, in words that do not tell it; None where it holds
    none. A user without a password is no secret to a database, and so to nobody here."""
    if SIGNED.search(address.partition("://")[2] or address):
        return "holds a password"
    for name, value in PARAMETER.findall(address):
        if value and _plain(name) in PARAMETERS:
            return f"holds a secret in its parameter {name}"
    return None


def shown_address(address: str) -> str:
    """An address as it can be told: without a password, and without the values of parameters under
    which a key is given, however wrong the rest of it is."""
    head, at, tail = address.rpartition("@")
    if at:
        scheme = re.match(r"[A-Za-z][A-Za-z0-9+.-]*:/{0,2}", head)
        address = f"{scheme[0] if scheme else ''}{MASK}@{tail}"
    return PARAMETER.sub(_shown_parameter, address)


def _shown_parameter(match: re.Match[str]) -> str:
    return f"{match[1]}={MASK}" if _plain(match[1]) in PARAMETERS else match[0]


def _plain(name: str) -> str:
    return unquote(name).casefold().replace("_", "").replace("-", "")
