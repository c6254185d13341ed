"""Vendor families: how an exporter's metrics and labels become samples, as families/*.yaml say."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import yaml

from metering.errors import SourceError
from metering.paths import FAMILIES
from metering.sources.families.spellings import by_old_spelling, meanings
from metering.sources.reading import exact_numbers
from metering.sources.reading.exact_numbers import INT64_MAX
from metering.yaml_loader import read_strictly

FIELDS = (
    "busy_ppm", "power_mw", "energy_mj", "memory_mib", "health_ok", "busy_cycles", "total_cycles",
)  # fmt: skip
LABELS = "device slice_id slice model_name node job namespace pod container"
SWITCHES = {"board": False, "slice": True, "whole": True, "mean": False, "zero": False}
SHARE = re.compile(r"1/([1-9][0-9]*)", re.ASCII)
Range = tuple[Decimal, Decimal]


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
    board: bool = False  # a slice's copy belongs to its board
    slice: bool = True  # means something on a slice
    whole: bool = True  # means something on an undivided device
    mean: bool = False  # told core by core; the device's value is their mean
    zero: bool = False  # 0 is in range although it lies below low
    # told core by core; the device's value is their sum, where all its model's cores speak
    cores: Mapping[str, int] = dataclasses.field(default_factory=dict, hash=False)
    good: Decimal | None = None  # of a health metric: the value that means healthy
    # label -> values taken; by model, what stands instead of low and high
    only: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict, hash=False)
    ranges: Mapping[str, Range] = dataclasses.field(default_factory=dict, hash=False)

    def bounds(self, model: str) -> Range:
        """The smallest and the largest value that a device of a model may say."""
        return self.ranges.get(model, (self.low, self.high))

    def in_range(self, value: Decimal, bounds: Range) -> bool:
        """Whether a value may be taken."""
        return bounds[0] <= value <= bounds[1] or (self.zero and value == 0)

    def in_field(self, value: Decimal) -> int:
        """A value in the field's unit, what is below one let fall; health is 1 or 0."""
        if self.good is not None:
            return int(value == self.good)
        return exact_numbers.floored(value, self.factor)


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
    undivided: frozenset[str] = frozenset()  # slice names that mean the whole board
    # those that mean anything, as the family and as the old text format write them
    metric_names: Mapping[str, str] = dataclasses.field(init=False)
    label_names: Mapping[str, str] = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        meant = (name for names in self.labels.values() for name in names)
        only = (name for metric in self.metrics.values() for name in metric.only)
        object.__setattr__(self, "metric_names", by_old_spelling(self.metrics))
        object.__setattr__(self, "label_names", by_old_spelling((*meant, *only)))

    def metric(self, spelled: str) -> Metric | None:
        """The metric of a name in any spelling, with or without the suffix that some parsers
        append."""
        for name in meanings(spelled):
            known = self.metric_names.get(name)
            known = known or self.metric_names.get(name.removesuffix("_total"))
            if known is not None:
                return self.metrics[known]
        return None

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
    return read_family(name, path.read_text(encoding="utf-8"))


def read_family(name: str, text: str) -> Family:
    """A family out of its YAML; SourceError where it is not written as it should be."""
    where = f"families/{name}.yaml"
    try:
        document = read_strictly(text)
        needed = "title blank metrics labels exporter models"
        _keys(where, document, needed, "power_limit_w undivided")
        _keys(f"{where}: labels", document["labels"], LABELS, "part")
        labels = {
            meaning: _texts(f"{where}: labels: {meaning}", names)
            for meaning, names in {"part": [], **document["labels"]}.items()
        }
        if len({len(labels[part]) for part in ("namespace", "pod", "container")}) != 1:
            raise SourceError(f"{where}: namespace, pod and container are lists of equal length")
        _keys(f"{where}: exporter", document["exporter"], "containers pods")
        models = document["models"]
        metrics = {
            metric: _metric(f"{where}: {metric}", metric, rank, body, models.values())
            for rank, (metric, body) in enumerate(document["metrics"].items())
        }
        if any(metric.mean or metric.cores for metric in metrics.values()) and not labels["part"]:
            raise SourceError(f"{where}: a mean or sum needs labels: part")
        return Family(
            name=name,
            blank=_decimal(where, document["blank"]),
            metrics=metrics,
            labels=labels,
            exporter_containers=frozenset(_texts(where, document["exporter"]["containers"])),
            exporter_pods=_texts(where, document["exporter"]["pods"]),
            models=models,
            power_limit_w=_limits(where, document.get("power_limit_w", {})),
            undivided=frozenset(_texts(where, document.get("undivided", []))),
        )
    except (yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
        raise SourceError(f"{where}: is not written as it should be: {error}") from error


def _metric(where: str, name: str, rank: int, body: dict[str, Any], models: Any) -> Metric:
    health = body.get("field") == "health_ok"
    own = "good" if health else "factor"
    _keys(where, body, f"field unit range {own}", f"only ranges sum {' '.join(SWITCHES)}")
    if body["field"] not in FIELDS:
        raise SourceError(f"{where}: field {body['field']!r} is none of {', '.join(FIELDS)}")
    switches = {key: body.get(key, default) for key, default in SWITCHES.items()}
    for key, value in switches.items():
        if type(value) is not bool:
            raise SourceError(f"{where}: {key} is true or false")
    ranges, cores = body.get("ranges", {}), body.get("sum", {})
    if strangers := {*ranges, *cores} - set(models):
        raise SourceError(
            f"{where}: ranges or sum of no model of the family: {', '.join(strangers)}"
        )
    low, high = _range(where, body["range"])
    if any(type(count) is not int or not 0 < count * high <= INT64_MAX for count in cores.values()):
        raise SourceError(f"{where}: sum: write each model's cores, whose sum 64 bits can hold")
    return Metric(
        name,
        body["field"],
        rank,
        body["unit"],
        Decimal(1) if health else _factor(where, body["factor"]),
        low,
        high,
        **switches,
        cores=cores,
        good=_decimal(where, body["good"]) if health else None,
        only={label: _texts(where, values) for label, values in body.get("only", {}).items()},
        ranges={model: _range(where, bounds) for model, bounds in ranges.items()},
    )


def _range(where: str, bounds: list[object]) -> Range:
    low, high = (_decimal(where, bound) for bound in bounds)
    if low > high:
        raise SourceError(f"{where}: the range from {low} to {high} is empty")
    return low, high


def _factor(where: str, value: object) -> Decimal:
    """A number, or 1/n where that is a finite decimal, as for bytes in MiB."""
    share = SHARE.fullmatch(value) if isinstance(value, str) else None
    factor = _decimal(where, value) if share is None else exact_numbers.share(int(share[1]))
    if factor <= 0:
        raise SourceError(f"{where}: factor {value} is not above 0")
    return factor


def _limits(where: str, body: dict[str, Any]) -> Mapping[str, int]:
    for model, watts in body.items():
        if type(watts) is not int or watts <= 0:
            raise SourceError(f"{where}: power_limit_w of {model}: write whole watts")
    return body


def _texts(where: str, values: object) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(text, str) for text in values):
        raise SourceError(f"{where}: write a list of texts, not {values!r}")
    return tuple(values)


def _decimal(where: str, value: object) -> Decimal:
    decimal = exact_numbers.number(value) if isinstance(value, str) else None
    if decimal is None:
        raise SourceError(f'{where}: write {value} as "{value}", so that it stays exact')
    return decimal


def _keys(where: str, body: dict[str, Any], needed: str, allowed: str = "") -> None:
    wanted = set(needed.split())
    if missing := wanted - set(body):
        raise SourceError(f"{where}: needs {', '.join(sorted(missing))}")
    if unknown := set(body) - wanted - set(allowed.split()):
        raise SourceError(f"{where}: does not know {', '.join(sorted(unknown))}")
