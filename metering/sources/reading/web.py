"""Servers that sources ask over http: signing in, trying again, one clear error."""

import os
import ssl
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

from metering.errors import SourceError
from metering.settings.source_options.location import Endpoint
from metering.sources.reading.certificates import certificate_error

PAUSES_S = (1, 4)  # before the second and the third try
BUSY = frozenset({429, 502, 503, 504})
SHOWN = 300  # characters of a refusal that are shown


class Web:
    """An endpoint's answers. Use it as a context; it may be used by several threads."""

    def __init__(
        self, endpoint: Endpoint, site: Path, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self.url = endpoint.url.rstrip("/")
        self._pause = pause
        self._pauses_s = PAUSES_S[: endpoint.tries - 1]
        headers = dict(endpoint.headers)
        if endpoint.bearer_env:
            headers["Authorization"] = f"Bearer {secret(endpoint.bearer_env)}"
        signed = (endpoint.user, secret(endpoint.password_env)) if endpoint.user else None
        self._client = httpx.Client(
            headers=headers,
            auth=signed,
            timeout=endpoint.timeout_s,
            # plain http needs no certificates, and reading them takes longer than a scrape
            verify=_tls(endpoint, site) if endpoint.url.startswith("https:") else False,
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
    ) -> httpx.Response:
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
    ) -> httpx.Response:
        """The answer to a request, tried anew (as a rule three times) where the server is away or
        busy.

        SourceError with the server's own words where it refuses or never answers, and with what is
        wrong with its certificate where that is not trusted.
        """
        url = self.url + path
        for wait_s in (*self._pauses_s, None):
            try:
                answer = self._client.request(
                    method, url, params=params, data=form, content=content, headers=headers
                )
            except httpx.HTTPError as error:
                if refusal := certificate_error(error):
                    raise SourceError(f"{url}: {refusal}") from error
                reason = str(error) or type(error).__name__
            else:
                if answer.is_success:
                    return answer
                reason = f"status {answer.status_code}: {_shown(answer.text)}"
                if answer.status_code not in BUSY:
                    raise SourceError(f"{url} refuses: {reason}")
            if wait_s is None:
                raise SourceError(f"{url} does not answer: {reason}")
            self._pause(wait_s)
        raise AssertionError("the last try returns or raises")


def secret(variable: str) -> str:
    """What an environment variable holds; SourceError where it is not set."""
    secret = os.environ.get(variable, "")
    if not secret:
        raise SourceError(f"the environment variable {variable}, named in site.toml, is not set")
    return secret


def _tls(endpoint: Endpoint, site: Path) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(
            cafile=str(site / endpoint.ca) if endpoint.ca else None
        )
        if endpoint.certificate:
            context.load_cert_chain(site / endpoint.certificate, site / endpoint.key)
    except (OSError, ssl.SSLError) as error:
        raise SourceError(
            f"{endpoint.url}: its certificate files cannot be read: {error}"
        ) from error
    return context


def _shown(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= SHOWN else f"{plain[:SHOWN]} ..."
