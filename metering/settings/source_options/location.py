"""Where a source's inputs are: files by their globs, or an address."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from metering.settings.source_options.secret_names import secret_name, tell_secret_address
from metering.toml_reader import TomlTable

INSTEAD = "name the variable that holds it in `bearer_env`, or in `password_env` beside `user`"
SIGNING = re.compile(r"(proxy-)?authorization|cookie", re.IGNORECASE)
SIGNED = re.compile(r"\s*(bearer|basic|digest)\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server that a source asks. It names environment variables and files, never a secret."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    bearer_env: str = ""  # the variable that holds a token
    user: str = ""
    password_env: str = ""
    ca: str = ""  # files, relative to the site's directory
    certificate: str = ""
    key: str = ""
    timeout_s: int = 60
    tries: int = 3  # how often it is asked where it is away or busy; no key of site.toml


def check_files(table: TomlTable, paths: Sequence[str]) -> None:
    """A source that is read from files names them."""
    if not paths:
        table.wrong(None, "needs the key `paths`")


def read_file_name(table: TomlTable, parts: Collection[str]) -> str:
    """How the files of a source are named, like `usage-{account}-{cluster}.csv`, by some parts that
    a name may have; '' where that says nothing. See metering/sources/reading/file_names.py."""
    template = table.text("file_name", "")
    if not template:
        return ""
    named = re.findall(r"\{([^{}]*)\}", template)
    for part in dict.fromkeys(named):
        if part not in parts:
            known = ", ".join(f"{{{part}}}" for part in parts)
            table.wrong("file_name", f"has {{{part}}}, which is none of {known}")
        if named.count(part) > 1:
            table.wrong("file_name", f"has {{{part}}} twice")
    if not named or re.search(r"\}\*?\{|[{}]", re.sub(r"\{[^{}]*\}(?!\*?\{)", "", template)):
        table.wrong("file_name", "must be like usage-{account}.csv, some text between its parts")
    return template


def read_url(table: TomlTable) -> str | None:
    """The http or https address under `url`, None where there is none; it holds no secret."""
    url = table.text("url", "")
    return url if url and _is_address(table, "url", url) else None


def read_endpoint(table: TomlTable) -> Endpoint | None:
    """The server under `url` with how to sign in there, None where there is no `url`."""
    url = read_url(table)
    server = _server(table)
    return None if url is None else replace(server, url=url)


def read_endpoints(table: TomlTable) -> tuple[Endpoint, ...]:
    """The server under `url`, or those under `targets`, all signed in to in one way."""
    url = read_url(table)
    targets = [text for text in table.texts("targets") if _is_address(table, "targets", text)]
    if url is not None and targets:
        table.wrong("targets", "stands beside `url`; a source has one of them")
    server = _server(table)
    return tuple(replace(server, url=address) for address in ([url] if url else targets))


def _is_address(table: TomlTable, key: str, url: str) -> bool:
    """Whether a text can be asked at all; a mistake is kept with the table."""
    if tell_secret_address(table, key, url, INSTEAD):
        return True  # nothing more of it is told
    try:
        parts = urlsplit(url)
    except ValueError as error:
        table.wrong(key, str(error))
        return False
    if parts.scheme not in ("http", "https") or not parts.hostname:
        table.wrong(key, f"must begin with http:// or https:// and a host, not {url!r}")
    if parts.username:
        table.wrong(key, "must not hold a user; name it in `user`, with `password_env`")
    return True


def _server(table: TomlTable) -> Endpoint:
    """How to sign in to a server, and how long to wait for it; it has no address yet."""
    headers = table.texts_by_name("headers")
    signing = {key: table.text(key, "") for key in ("user", "ca", "certificate", "key")}
    signing["bearer_env"] = secret_name(table, "bearer_env")
    signing["password_env"] = secret_name(table, "password_env", in_header=False)
    timeout_ms = table.duration_ms("timeout")
    if signing["bearer_env"] and signing["user"]:
        table.wrong("user", "stands beside `bearer_env`; a server is signed in to one way")
    if bool(signing["user"]) != bool(signing["password_env"]):
        table.wrong(None, "needs `user` and `password_env` together, or neither")
    if bool(signing["certificate"]) != bool(signing["key"]):
        table.wrong(None, "needs `certificate` and `key` together, or neither")
    if timeout_ms is not None and timeout_ms < 1000:
        table.wrong("timeout", "must be 1s at least")
    if any(SIGNING.fullmatch(name) or SIGNED.match(value) for name, value in headers.items()):
        table.wrong("headers", "must not hold a secret; name its variable in `bearer_env`")
    timeout_s = (timeout_ms or 60_000) // 1000
    return Endpoint(
        "",
        headers,
        bearer_env=signing["bearer_env"],
        user=signing["user"],
        password_env=signing["password_env"],
        ca=signing["ca"],
        certificate=signing["certificate"],
        key=signing["key"],
        timeout_s=timeout_s,
    )
