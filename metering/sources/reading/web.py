"""Servers that sources ask over http: signing in, trying again, one clear error."""

import logging
import ssl
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from metering.errors import SourceError
from metering.secret import Secret, flaw_of_file, flaw_of_secret, hide, masked, of_variable
from metering.settings.source_options.limits import Limits
from metering.settings.source_options.location import Endpoint
from metering.sources.reading.bounded_http import (
    BoundedTransport,
    Clock,
    Deadline,
    beginning_of,
    content_of,
)
from metering.sources.reading.certificates import certificate_error

PAUSES_S = (1, 4)  # before the second and the third try
BUSY = frozenset({429, 502, 503, 504})
SHOWN = 300  # characters of a refusal that are shown
REFUSAL_BYTES = 4096  # of a refusal that are read

# They log whole addresses and headers, and a webhook's address is a secret.
for library in ("httpx", "httpcore"):
    logging.getLogger(library).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered to a request that it did not refuse, unpacked."""

    content: bytes
    headers: Mapping[str, str]  # names in any case


class Web:
    """An endpoint's answers. Use it as a context; it may be used by several threads.

    All of them together may take as long as the limits say, from when it is made; each may have as
    many bytes. A server that is silent for the endpoint's `timeout` is given up before.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        site: Path,
        pause: Callable[[float], None] = time.sleep,
        limits: Limits | None = None,
        clock_ns: Clock = time.monotonic_ns,
    ) -> None:
        self.url = endpoint.url.rstrip("/")
        self.limits = limits or Limits()
        self._pause = pause
        self._pauses_s = PAUSES_S[: endpoint.tries - 1]
        headers = {"Accept-Encoding": "gzip", **endpoint.headers}
        if endpoint.bearer_env:
            headers["Authorization"] = f"Bearer {token(endpoint.bearer_env).reveal()}"
        signed = _signed(endpoint) if endpoint.user else None
        # plain http needs no certificates, and reading them takes longer than a scrape
        tls = _tls(endpoint, site) if endpoint.url.startswith("https:") else False
        self._client = httpx.Client(
            headers=headers,
            auth=signed,
            timeout=endpoint.timeout_s,
            transport=BoundedTransport(tls, Deadline(self.limits.time_ms, clock_ns)),
            follow_redirects=False,
            trust_env=False,
        )

    def __enter__(self) -> "Web":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(
        self,
        path: str = "",
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer to a GET below the endpoint's address; SourceError unless it is a success."""
        return self.send("GET", path, params=params, headers=headers)

    def send(
        self,
        method: str,
        path: str = "",
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer to a request, tried anew (as a rule three times) where the server is away or
        busy.

        SourceError with the server's own words where it refuses or never answers, with what is
        wrong with its certificate where that is not trusted, and where it goes beyond the limits.
        """
        url = self.url + path
        for wait_s in (*self._pauses_s, None):
            try:
                request = self._client.build_request(
                    method, url, params=params, data=form, content=content, headers=headers
                )
                answer = self._ask(request)
            except (httpx.InvalidURL, UnicodeError) as error:
                raise SourceError(f"{url}: is no address that can be asked: {error}") from error
            except httpx.HTTPError as error:
                if refusal := certificate_error(error):
                    raise SourceError(f"{url}: {refusal}") from error
                reason = str(error) or type(error).__name__
            except SourceError as error:
                raise SourceError(f"{url} {error}") from error
            else:
                if isinstance(answer, Answer):
                    return answer
                reason = f"status {answer.status}: {answer.words}"
                if answer.status not in BUSY:
                    raise SourceError(f"{url} refuses: {reason}")
            if wait_s is None:
                raise SourceError(f"{url} does not answer: {reason}")
            self._pause(wait_s)
        raise AssertionError("the last try returns or raises")

    def _ask(self, request: httpx.Request) -> "Answer | _Refusal":
        """What comes of a request, as far as the limits let it come."""
        response = self._client.send(request, stream=True)
        try:
            if response.is_success:
                content = content_of(response, self.limits.size_bytes)
                return Answer(content, response.headers)
            return _Refusal(response.status_code, _shown(beginning_of(response, REFUSAL_BYTES)))
        finally:
            response.close()


@dataclass(frozen=True, slots=True)
class _Refusal:
    """That a server gives no answer, in its own words."""

    status: int
    words: str


def secret(variable: str, in_header: bool = False) -> Secret:
    """What an environment variable holds; SourceError where it is not set, or holds what can be no
    secret."""
    held = of_variable(variable)
    if held is None:
        raise SourceError(f"the environment variable {variable}, named in site.toml, is not set")
    if flaw := flaw_of_secret(held, in_header):
        raise SourceError(f"the environment variable {variable} {flaw}")
    return held


def token(variable: str) -> Secret:
    """A secret that stands in a header."""
    return secret(variable, in_header=True)


def _signed(endpoint: Endpoint) -> tuple[str, str]:
    """User and password; a server may send either back, or both as the header has them."""
    password = secret(endpoint.password_env).reveal()
    hide(b64encode(f"{endpoint.user}:{password}".encode()).decode())
    return endpoint.user, password


def _tls(endpoint: Endpoint, site: Path) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(
            cafile=str(site / endpoint.ca) if endpoint.ca else None
        )
        if endpoint.certificate:
            if flaw := flaw_of_file(site / endpoint.key):
                raise SourceError(f"{endpoint.url}: {endpoint.key} {flaw}")
            context.load_cert_chain(site / endpoint.certificate, site / endpoint.key)
    except (OSError, ssl.SSLError) as error:
        raise SourceError(
            f"{endpoint.url}: its certificate files cannot be read: {error}"
        ) from error
    return context


def _shown(raw: bytes) -> str:
    """The words of a refusal, whatever letters the server says that they are in."""
    plain = masked(" ".join(raw.decode("utf-8", "replace").split()))  # before a part is left out
    return plain if len(plain) <= SHOWN else f"{plain[:SHOWN]} ..."
