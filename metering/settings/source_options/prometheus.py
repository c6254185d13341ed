"""A Prometheus server or one of its kin: its address, what is asked of it, and in which pages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

from metering.calendar import Calendar
from metering.settings.source_options.declared_source import DeclaredSource, Record
from metering.settings.source_options.exposition import read_family
from metering.settings.source_options.location import Endpoint, read_endpoint
from metering.toml_reader import TomlTable

RECORDS: tuple[Record, ...] = ("sample",)
Flavour = Literal["prometheus", "thanos", "mimir", "victoriametrics"]
FLAVOURS: tuple[Flavour, ...] = ("prometheus", "thanos", "mimir", "victoriametrics")
READABLE = ("prometheus", "mimir")  # those that have remote read and never give a part only
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)
MATCHER = re.compile(
    r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"\s*', re.ASCII
)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
UNESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}
NAME = "__name__"
TENANT = "x-scope-orgid"
AT_ONCE, AT_ONCE_MAX = 4, 16  # a server answers 20 queries at once unless told otherwise


@dataclass(frozen=True, slots=True)
class Prometheus:
    """How a server is asked. Matchers are as PromQL writes them, `label="value"`."""

    flavour: Flavour = "prometheus"
    matchers: tuple[str, ...] = ()  # of every question
    pages: tuple[str, ...] = ("",)  # a matcher a page, '' for none; together they leave nothing out
    at_once: int = AT_ONCE
    remote_read: bool = False
    # the label that names a series' cluster, and the name that ours has there
    cluster_label: tuple[str, str] | None = None


def read_options(
    source: DeclaredSource, table: TomlTable, calendar: Calendar
) -> tuple[DeclaredSource, Prometheus]:
    """The source with its family and its server.

    A server that is written to from afar has samples `late`; so far back the next collecting reads
    again. What comes no more than `hold` late is read again in any case.
    """
    if source.paths:
        table.wrong("paths", "is not for a server; give its `url`")
    endpoint, options = read_server(table)
    declared = replace(
        source,
        family=read_family(table),
        endpoint=endpoint,
        late_ms=table.duration_ms("late") or 0,
    )
    return declared, options


def read_server(table: TomlTable) -> tuple[Endpoint | None, Prometheus]:
    """The server under `url` and how it is asked; all mistakes are kept with the table."""
    endpoint = read_endpoint(table)
    if endpoint is None and not table.has("url"):
        table.wrong(None, "needs the key `url`")
    flavour = cast(Flavour, table.choice("flavour", FLAVOURS, "prometheus"))
    named = {name.lower() for name in endpoint.headers} if endpoint else set()
    if flavour == "mimir" and endpoint and TENANT not in named:
        table.wrong("headers", "must name the tenant: X-Scope-OrgID")
    remote_read = table.flag("remote_read", False)
    if remote_read and flavour not in READABLE:
        table.wrong("remote_read", f"is for {' and '.join(READABLE)} only")
    at_once = table.whole("at_once", 1)
    if at_once is not None and at_once > AT_ONCE_MAX:
        table.wrong("at_once", f"must be {AT_ONCE_MAX} or less, not {at_once}")
    matchers, pages = _matchers(table), _pages(table)
    return endpoint, Prometheus(
        flavour, matchers, pages, at_once or AT_ONCE, remote_read, _cluster_label(table)
    )


def _cluster_label(table: TomlTable) -> tuple[str, str] | None:
    """The label and name of `cluster_label = {cluster = "prod"}`, None where nothing is said."""
    given = table.texts_by_name("cluster_label")
    if not given and not table.has("cluster_label"):
        return None
    label, name = next(iter(given.items()), ("", ""))
    if len(given) != 1 or not LABEL.fullmatch(label) or not name or label == NAME:
        table.wrong(
            "cluster_label", 'must be the label and our name in it, like {cluster = "prod"}'
        )
        return None
    return label, name


def _matchers(table: TomlTable) -> tuple[str, ...]:
    """The matchers of `selector`, one by one."""
    text = table.text("selector", "")
    matchers = []
    place = 0
    while place < len(text):
        matched = MATCHER.match(text, place)
        if matched is None or (matched.end() < len(text) and text[matched.end()] != ","):
            table.wrong("selector", f'must be like cluster="a",job=~"dcgm.*", not {text!r}')
            return ()
        if matched[1] == NAME:
            table.wrong("selector", f"must not choose metrics ({NAME}); the family does")
        matchers.append(f'{matched[1]}{matched[2]}"{matched[3]}"')
        place = matched.end() + 1
    return tuple(matchers)


def _pages(table: TomlTable) -> tuple[str, ...]:
    """A matcher for each page, and one for all that none of them matches."""
    if not table.has("pages"):
        return ("",)
    inner = table.table("pages")
    label, values = inner.text("label"), inner.texts("values")
    if label and (not LABEL.fullmatch(label) or label == NAME):
        inner.wrong("label", f"must be the name of a label, not {label!r}")
    if inner.has("label") and not values:
        inner.wrong("values", 'must list expressions, one a page, like ["gpu0.*", "gpu1.*"]')
    inner.close()
    return pages_of(label, values)


def pages_of(label: str, values: Sequence[str]) -> tuple[str, ...]:
    """The matchers of pages that hold every series: one a value, and one for the rest."""
    rest = "|".join(f"(?:{value})" for value in values)
    return (*(f"{label}=~{quoted(value)}" for value in values), f"{label}!~{quoted(rest)}")


def matchers_of(selector: str) -> list[tuple[str, str, str]]:
    """Labels, signs and values of a selector as PrometheusServer.selectors writes it."""
    return [
        (name, sign, ESCAPED.sub(lambda escape: UNESCAPED.get(escape[1], escape[0]), value))
        for name, sign, value in MATCHER.findall(selector.strip("{}"))
    ]


def quoted(text: str) -> str:
    """A text as PromQL writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
