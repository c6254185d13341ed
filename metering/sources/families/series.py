"""A series of an exposition text: which device, which field, which workload its labels name."""

import re
from dataclasses import dataclass
from decimal import Decimal

from metering.sources.families.family import Family, Metric, Range

PAIR = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)')
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


def series_of(family: Family, metric: Metric, block: str) -> Series | None:
    """The series of a metric and its label block; None where it is not to be taken.

    LabelError where the labels cannot be read or name no device.
    """
    labels = labels_of(block)
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
    labels: dict[str, str] = {}
    place = 0
    text = block.strip()
    while place < len(text):
        pair = PAIR.match(text, place)
        if pair is None:
            raise LabelError("has labels that cannot be read")
        name, value = pair.groups()
        if name in labels:
            raise LabelError(f"has the label {name} twice")
        if "\\" in value:
            value = ESCAPED.sub(lambda escape: UNESCAPED.get(escape[1], escape[0]), value)
        labels[name] = value
        place = pair.end()
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
