"""Vendor families: how an exporter's metrics and labels become samples, as families/*.yaml say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from metering.errors import SourceError
from metering.sources import exact

FAMILIES = Path(__file__).resolve().parent / "families"
FIELDS = ("busy_ppm", "power_mw", "energy_mj", "memory_mib")
LABELS = "device slice_id slice model_name node job namespace pod container"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric that fills a field: value x factor, if within low and high in its own unit."""

    name: str
    field: str
    rank: int  # of the metrics of one field the smallest wins
    unit: str
    factor: Decimal
    low: Decimal
    high: Decimal
    board: bool  # a slice's copy belongs to its board
    slice: bool  # means something on a slice


@dataclass(frozen=True, slots=True)
class Family:
    """What an exporter says, in the words of table sample."""

    name: str
    blank: Decimal
    metrics: Mapping[str, Metric]
    labels: Mapping[str, tuple[str, ...]]
    exporter_containers: frozenset[str]
    exporter_pods: tuple[str, ...]
    models: Mapping[str, str]
    power_limit_w: Mapping[str, int]  # by model, where it is known

    def metric(self, name: str) -> Metric | None:
        """The metric of a name, with or without the suffix that some parsers append."""
        return self.metrics.get(name) or self.metrics.get(name.removesuffix("_total"))

    def label(self, labels: Mapping[str, str], meaning: str) -> str:
        """The first present of the labels that have a meaning, '' if none is."""
        return next((labels[name] for name in self.labels[meaning] if name in labels), "")

    def model(self, model_name: str) -> str:
        """The model as in SKU names, '' where the family does not know it."""
        words = re.split(r"[^A-Za-z0-9]+", model_name)
        return next((model for word, model in self.models.items() if word in words), "")


@cache
def family(name: str) -> Family:
    """The family of a name, read strictly from families/<name>.yaml; SourceError if it is wrong."""
    path = FAMILIES / f"{name}.yaml"
    if not name.isidentifier() or not path.is_file():
        raise SourceError(f"no family {name!r} under metering/sources/families")
    where = f"families/{name}.yaml"
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        _keys(where, document, "title blank metrics labels exporter models", "power_limit_w")
        _keys(f"{where}: labels", document["labels"], LABELS)
        if len({len(document["labels"][part]) for part in ("namespace", "pod", "container")}) != 1:
            raise SourceError(f"{where}: namespace, pod and container are lists of equal length")
        _keys(f"{where}: exporter", document["exporter"], "containers pods")
        metrics = {
            metric: _metric(f"{where}: {metric}", metric, rank, body)
            for rank, (metric, body) in enumerate(document["metrics"].items())
        }
        return Family(
            name=name,
            blank=_decimal(where, document["blank"]),
            metrics=metrics,
            labels={meaning: tuple(names) for meaning, names in document["labels"].items()},
            exporter_containers=frozenset(document["exporter"]["containers"]),
            exporter_pods=tuple(document["exporter"]["pods"]),
            models=document["models"],
            power_limit_w=_limits(where, document.get("power_limit_w", {})),
        )
    except (yaml.YAMLError, AttributeError, TypeError) as error:
        raise SourceError(f"{where}: is not written as it should be: {error}") from error


def _metric(where: str, name: str, rank: int, body: dict[str, Any]) -> Metric:
    _keys(where, body, "field unit factor range", "board slice")
    if body["field"] not in FIELDS:
        raise SourceError(f"{where}: field {body['field']!r} is none of {', '.join(FIELDS)}")
    low, high = (_decimal(where, bound) for bound in body["range"])
    board, own = body.get("board", False), body.get("slice", True)
    factor = _decimal(where, body["factor"])
    return Metric(name, body["field"], rank, body["unit"], factor, low, high, board, own)


def _limits(where: str, body: dict[str, Any]) -> Mapping[str, int]:
    for model, watts in body.items():
        if type(watts) is not int or watts <= 0:
            raise SourceError(f"{where}: power_limit_w of {model}: write whole watts")
    return body


def _decimal(where: str, value: object) -> Decimal:
    found = exact.number(value) if isinstance(value, str) else None
    if found is None:
        raise SourceError(f'{where}: write {value} as "{value}", so that it stays exact')
    return found


def _keys(where: str, body: dict[str, Any], needed: str, allowed: str = "") -> None:
    wanted = set(needed.split())
    if missing := wanted - set(body):
        raise SourceError(f"{where}: needs {', '.join(sorted(missing))}")
    if unknown := set(body) - wanted - set(allowed.split()):
        raise SourceError(f"{where}: does not know {', '.join(sorted(unknown))}")
