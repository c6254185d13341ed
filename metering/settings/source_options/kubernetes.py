"""Kubernetes: kube-state-metrics out of a Prometheus server, and dumps of resource claims."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, cast

from metering.calendar import Calendar
from metering.settings.source_options.declared_source import DeclaredSource, Record
from metering.settings.source_options.prometheus import Prometheus, read_server
from metering.toml_reader import TomlTable

RECORDS: tuple[Record, ...] = ("allocation", "node_state")
RESOURCE = re.compile(r"[a-zA-Z0-9_]+", re.ASCII)  # as kube-state-metrics writes it
KINDS_OF_DEVICE = ("gpu", "npu")
ACCOUNT = re.compile(r"namespace|(?:pod|namespace)_label:label_[a-zA-Z0-9_]+", re.ASCII)
COUNTED_FROM = ("scheduled", "running")
SLOTS = re.compile(r"1000|[1-9][0-9]{0,2}", re.ASCII)  # a slot is a thousandth of a device at least
SCRAPES, HOLD_MS_MAX = 4, 300_000  # as for samples (METERING 9)


PodsCountFrom = Literal["scheduled", "running"]


@dataclass(frozen=True, slots=True)
class Kubernetes:
    """How pods become allocations. The names of resources are as kube-state-metrics has them."""

    server: Prometheus
    hold_ms: int  # how long a pod or a node counts as it was last seen
    resources: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # to resource and model
    ignored: tuple[str, ...] = ()
    account: str = "namespace"  # or pod_label:label_x, namespace_label:label_x
    pods_count_from: PodsCountFrom = "scheduled"
    slots: Mapping[str, int] = field(default_factory=dict)  # parts of a device, by resource
    board_mib: int = 0  # memory of a board, where nodes do not tell it


@dataclass(frozen=True, slots=True)
class ResourceClaims:
    """How dumps of resource claims and slices (DRA) become allocations, by the devices' driver."""

    drivers: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # to resource and model
    ignored: tuple[str, ...] = ()  # drivers of what is no accelerator
    models: Mapping[str, str] = field(default_factory=dict)  # by the product that a slice names


def read_options(
    source: DeclaredSource, table: TomlTable, calendar: Calendar
) -> tuple[DeclaredSource, Kubernetes | ResourceClaims]:
    """The source with its server, or with files: those hold claims, a server all else.

    Of allocations also the map of resources and the account.
    """
    if source.paths and not table.has("url"):
        return source, _claims(source, table)
    if source.paths:
        table.wrong("paths", "stands beside `url`; pods and nodes have a server, claims have files")
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
            pods_count_from=cast(
                PodsCountFrom, table.choice("pods_count_from", COUNTED_FROM, "scheduled")
            ),
            slots=_slots(table),
            board_mib=table.whole("board_mib", 1) or 0,
        )
    return replace(source, endpoint=endpoint), options


def _claims(source: DeclaredSource, table: TomlTable) -> ResourceClaims:
    """`drivers`, `ignored` and `models` of a source of claims."""
    if source.record != "allocation":
        table.wrong("paths", "holds resource claims, which are allocations")
    given = table.texts_by_name("drivers")
    if not given:
        table.wrong(None, 'needs `drivers`, like {"gpu.nvidia.com" = "gpu"}')
    drivers = {}
    for name, meaning in given.items():
        kind, _, model = meaning.partition(":")
        if kind not in KINDS_OF_DEVICE or (":" in meaning and not model):
            table.wrong("drivers", f'{name}: write "gpu", "npu" or "gpu:<model>"')
        else:
            drivers[name] = (kind, model)
    ignored = table.texts("ignored")
    for name in sorted(set(ignored) & set(drivers)):
        table.wrong("ignored", f"{name} stands in `drivers` as well")
    return ResourceClaims(drivers, ignored, table.texts_by_name("models"))


def _slots(table: TomlTable) -> dict[str, int]:
    """`slots = {nvidia_com_gpu_shared = 4}`: as how many of a resource a device is offered."""
    slots = {}
    for name, text in table.texts_by_name("slots").items():
        if not RESOURCE.fullmatch(name):
            table.wrong("slots", f"{name!r}: write it as kube-state-metrics does, with _")
        elif not SLOTS.fullmatch(text):
            table.wrong("slots", f"{name}: must be a whole number from 1 to 1000, not {text}")
        else:
            slots[name] = int(text)
    return slots


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
