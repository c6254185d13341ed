"""Kubernetes: what kube-state-metrics tells of pods and nodes, out of a Prometheus server."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from metering.calendar import Calendar
from metering.settings.source_options.declared_source import DeclaredSource, Record
from metering.settings.source_options.prometheus import Prometheus, read_server
from metering.toml_reader import TomlTable

RECORDS: tuple[Record, ...] = ("allocation", "node_state")
RESOURCE = re.compile(r"[a-zA-Z0-9_]+", re.ASCII)  # as kube-state-metrics writes it
KINDS_OF_DEVICE = ("gpu", "npu")
ACCOUNT = re.compile(r"namespace|(?:pod|namespace)_label:label_[a-zA-Z0-9_]+", re.ASCII)
SCRAPES, HOLD_MS_MAX = 4, 300_000  # as for samples (METERING 9)


@dataclass(frozen=True, slots=True)
class Kubernetes:
    """How pods become allocations. The names of resources are as kube-state-metrics has them."""

    server: Prometheus
    hold_ms: int  # how long a pod or a node counts as it was last seen
    resources: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # to resource and model
    ignored: tuple[str, ...] = ()
    account: str = "namespace"  # or pod_label:label_x, namespace_label:label_x


def read_options(
    source: DeclaredSource, table: TomlTable, calendar: Calendar
) -> tuple[DeclaredSource, Kubernetes]:
    """The source with its server; of allocations also the map of resources and the account."""
    if source.paths:
        table.wrong("paths", "is not for a server; give its `url`")
    endpoint, server = read_server(table)
    scrape_ms = table.duration_ms("scrape") or 0
    if not scrape_ms:
        if not table.has("scrape"):
            table.wrong(None, 'needs `scrape`, the time between two scrapes, like "30s"')
    elif 2 * scrape_ms > HOLD_MS_MAX:
        table.wrong("scrape", f"must be {HOLD_MS_MAX // 2} ms at most, is {scrape_ms} ms")
    options = Kubernetes(server, min(SCRAPES * scrape_ms, HOLD_MS_MAX))
    if source.record == "allocation":
        options = replace(
            options,
            resources=_resources(table),
            ignored=table.texts("ignored"),
            account=_account(table),
        )
    return replace(source, endpoint=endpoint), options


def _resources(table: TomlTable) -> dict[str, tuple[str, str]]:
    """`nvidia_com_gpu = "gpu"` or, with the model that it always is, `"npu:atom"`."""
    given = table.texts_by_name("resources")
    if not given:
        table.wrong(
            None,
            'needs `resources`, like {nvidia_com_gpu = "gpu", rebellions_ai_ATOM = "npu:atom"}',
        )
    resources = {}
    for name, meaning in given.items():
        kind, _, model = meaning.partition(":")
        if not RESOURCE.fullmatch(name):
            table.wrong("resources", f"{name!r}: write it as kube-state-metrics does, with _")
        elif kind not in KINDS_OF_DEVICE or (":" in meaning and not model):
            table.wrong("resources", f'{name}: write "gpu", "npu" or "gpu:<model>"')
        else:
            resources[name] = (kind, model)
    return resources


def _account(table: TomlTable) -> str:
    account = table.text("account", "namespace")
    if not ACCOUNT.fullmatch(account):
        table.wrong(
            "account", '"namespace", "pod_label:label_<name>" or "namespace_label:label_<name>"'
        )
    return account
