"""A Prometheus server or one of its kin: raw samples of series, several questions at a time.

Samples are asked for as they were stored: by an instant query of a range, or by an export. A query
over steps is never asked: it repeats a sample for as long as the server looks back.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from metering.settings.source_options.limits import Limits
from metering.settings.source_options.location import Endpoint
from metering.settings.source_options.prometheus import Prometheus, quoted
from metering.sources.prometheus import remote_read
from metering.sources.prometheus.decoded_series import DecodedSeries
from metering.sources.prometheus.json_answer import decode_export, decode_matrix
from metering.sources.reading.web import Web

Found = TypeVar("Found")
THANOS = {"dedup": "true", "partial_response": "false", "max_source_resolution": "0s"}


@dataclass(frozen=True, slots=True)
class SeriesQuery:
    """Which series, and their samples later than `after_ms` up to and with `to_ms`."""

    selector: str
    after_ms: int
    to_ms: int


class PrometheusServer:
    """A server's samples. Use it as a context; it may be asked by several threads."""

    def __init__(
        self,
        endpoint: Endpoint,
        options: Prometheus,
        site: Path,
        pause: Callable[[float], None] = time.sleep,
        limits: Limits | None = None,
    ) -> None:
        self._options = options
        self._web = Web(endpoint, site, pause, limits)
        self.url = self._web.url
        named = {name.lower() for name in endpoint.headers}
        # packing costs a server more than a local network does; who pays for bytes may ask for it
        self._headers = {} if "accept-encoding" in named else {"Accept-Encoding": "identity"}

    def __enter__(self) -> "PrometheusServer":
        return self

    def __exit__(self, *_: object) -> None:
        self._web.__exit__()

    def selectors(self, *names: str) -> list[str]:
        """The selectors, one a page, that hold all series of the metrics."""
        metric = f'__name__="{names[0]}"' if len(names) == 1 else f"__name__=~{_either(names)}"
        return [
            "{" + ",".join(part for part in (metric, *self._options.matchers, page) if part) + "}"
            for page in self._options.pages
        ]

    def samples(self, question: SeriesQuery) -> DecodedSeries:
        """The samples of the series, as stored; SourceError where the answer is not whole."""
        if self._options.remote_read:
            samples = self._read(question)
        elif self._options.flavour == "victoriametrics":
            samples = self._exported(question)
        else:
            samples = self._queried(question)
        # before version 3 a range begins with the sample at its left end; chunks come whole
        return samples.between(question.after_ms, question.to_ms)

    def _queried(self, question: SeriesQuery) -> DecodedSeries:
        form = {
            "query": f"{question.selector}[{question.to_ms - question.after_ms}ms]",
            "time": f"{question.to_ms // 1000}.{question.to_ms % 1000:03d}",
        } | (THANOS if self._options.flavour == "thanos" else {})
        answer = self._web.send("POST", "/api/v1/query", form=form, headers=self._headers)
        return decode_matrix(answer.content, self._origin(question))

    def _exported(self, question: SeriesQuery) -> DecodedSeries:
        form = {
            "match[]": question.selector,
            "start": str(question.after_ms // 1000),  # whole seconds: they are read as floats
            "end": str(question.to_ms // 1000 + 1),
        }
        answer = self._web.send("POST", "/api/v1/export", form=form, headers=self._headers)
        return decode_export(answer.content, self._origin(question))

    def _read(self, question: SeriesQuery) -> DecodedSeries:
        asked = remote_read.request(question.selector, question.after_ms, question.to_ms)
        headers = self._headers | remote_read.HEADERS
        answer = self._web.send("POST", remote_read.PATH, content=asked, headers=headers)
        kind = answer.headers.get("Content-Type", "")
        return remote_read.decode_read(
            answer.content, kind, self._origin(question), self._web.limits.size_bytes
        )

    def _origin(self, question: SeriesQuery) -> str:
        return f"{self.url} for {question.selector}"

    def ask(self, questions: Iterable[SeriesQuery]) -> Iterator[DecodedSeries]:
        """The answers in the order of the questions, some of which are asked at once."""
        return in_order(self.samples, questions, self._options.at_once)


def in_order(
    work: Callable[[SeriesQuery], Found], questions: Iterable[SeriesQuery], at_once: int
) -> Iterator[Found]:
    """What work gives for each question, in order; no more than `at_once` are begun or waiting."""
    waiting: deque[Future[Found]] = deque()
    with ThreadPoolExecutor(at_once) as pool:
        try:
            for question in questions:
                if len(waiting) == at_once:
                    yield waiting.popleft().result()
                waiting.append(pool.submit(work, question))
            while waiting:
                yield waiting.popleft().result()
        finally:
            for answer in waiting:
                answer.cancel()


def _either(names: Iterable[str]) -> str:
    return quoted("|".join(names))
