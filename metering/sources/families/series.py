"""A series of an exposition text: which device, which field, which workload its labels name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from metering.sources.families.family import Family, Metric, Range
from metering.sources.families.spellings import meanings

TEXT = r'"((?:[^"\\]|\\.)*)"'
# a label, its name bare or quoted; or a quoted name alone, which is the metric's
PAIR = re.compile(rf"\s*(?:([a-zA-Z_][a-zA-Z0-9_]*)|{TEXT})\s*(?:=\s*{TEXT}\s*)?(?:,|$)")
ESCAPED = re.compile(r"\\(.)")
UNESCAPED = {"n": "\n", '"': '"', "\\": "\\"}
NO_SLICE = frozenset({"", "<<<NULL>>>"})


class LabelError(Exception):
    """The labels of a line cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class ExportedDevice:
    """A device as its exporter names it; a slice is one of its own, with its board as parent."""

    uid: str
    parent: str = ""
    slice: str = ""
    model: str = ""
    node: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """One metric of one device under one workload ('' for none)."""

    metric: Metric
    device: ExportedDevice
    workload: str
    part: str = ""  # which core of the device, where a metric is told core by core
    bounds: Range = (Decimal(0), Decimal(0))  # what the device may say, by its model

    @property
    def range_text(self) -> str:
        """What the device may say, for a person."""
        return f"{self.bounds[0]} to {self.bounds[1]} {self.metric.unit}"


def series_of(family: Family, metric: Metric, spelled: Mapping[str, str]) -> Series | None:
    """The series of a metric and its labels in any spelling; None where it is not to be taken.

    LabelError where two labels are one or none names a device.
    """
    labels = _known_labels(family, spelled)
    if any(labels.get(name, "") not in values for name, values in metric.only.items()):
        return None
    uid = family.label(labels, "device")
    if not uid:
        raise LabelError("names no device")
    node = family.label(labels, "node")
    if node.startswith(family.exporter_pods):
        node = ""  # the exporter was told no node and calls itself one
    model = family.model(family.label(labels, "model_name"))
    part = family.label(labels, "part") if metric.mean or metric.cores else ""
    if metric.cores and (not part or model not in metric.cores):
        return None  # nobody knows how many cores the sum should have
    bounds = metric.bounds(model)
    profile = family.label(labels, "slice")
    slice_id = family.label(labels, "slice_id")
    board = ExportedDevice(uid, model=model, node=node)
    if slice_id in NO_SLICE or profile in family.undivided:
        if not metric.whole:
            raise LabelError("names no slice")
        return Series(metric, board, _workload(family, labels), part, bounds)
    if metric.board:
        return Series(metric, board, "", part, bounds)
    if not metric.slice:
        return None
    divided = ExportedDevice(
        uid=f"{uid}#GI{slice_id}",
        parent=uid,
        slice="" if profile in NO_SLICE else profile,
        node=node,
    )
    return Series(metric, divided, _workload(family, labels), part, bounds)


def labels_of(block: str) -> dict[str, str]:
    """The labels between a line's braces, unescaped; LabelError where they break the grammar."""
    name, labels = name_and_labels(block)
    if name:
        raise LabelError("has labels that cannot be read")
    return labels


def name_and_labels(block: str) -> tuple[str, dict[str, str]]:
    """The metric's name where it stands quoted between the braces ('' for none), and the labels;
    LabelError where they break the grammar."""
    metric = ""
    labels: dict[str, str] = {}
    place = 0
    text = block.strip()
    while place < len(text):
        pair = PAIR.match(text, place)
        if pair is None:
            raise LabelError("has labels that cannot be read")
        bare, quoted, value = pair.groups()
        name = _unescaped(quoted) if bare is None else bare
        if value is None:
            if bare is not None or metric or not name:
                raise LabelError("has labels that cannot be read")
            metric = name
        elif name in labels:
            raise LabelError(f"has the label {name} twice")
        else:
            labels[name] = _unescaped(value)
        place = pair.end()
    return metric, labels


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return ESCAPED.sub(lambda escape: UNESCAPED.get(escape[1], escape[0]), text)


def _known_labels(family: Family, spelled: Mapping[str, str]) -> dict[str, str]:
    """The labels that mean anything, by the family's names for them."""
    labels: dict[str, str] = {}
    by: dict[str, str] = {}
    for name, value in spelled.items():
        meant = (family.label_names.get(each) for each in meanings(name))
        known = next((each for each in meant if each is not None), None)
        if known is None:
            continue
        if known in labels:
            raise LabelError(f"has the label {known} twice, as {by[known]!r} and as {name!r}")
        labels[known], by[known] = value, name
    return labels


def _workload(family: Family, labels: dict[str, str]) -> str:
    """`slurm:<job>`, else `pod:<namespace>/<pod>`; '' for none and for the exporter's own pod."""
    job = family.label(labels, "job")
    if job:
        return f"slurm:{job}".replace("\n", " ")
    place = next((n for n, name in enumerate(family.labels["pod"]) if name in labels), None)
    if place is None:
        return ""
    namespace, pod, container = (
        labels.get(family.labels[meaning][place], "")
        for meaning in ("namespace", "pod", "container")
    )
    own = container in family.exporter_containers or pod.startswith(family.exporter_pods)
    return "" if not pod or own else f"pod:{namespace}/{pod}".replace("\n", " ")
