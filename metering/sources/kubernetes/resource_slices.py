"""Devices that drivers offer (ResourceSlice): which board, slice or part of one each of them is.

A pool is known only when all slices of its highest generation are; a list may lie between two. The
shapes are those of resource.k8s.io/v1; in v1beta1 a device's body stood under `basic`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from metering.errors import JeongsanError
from metering.plain_text import flaw
from metering.sources.kubernetes.refusals import HoldError
from metering.sources.reading import exact_numbers

QUANTITY = re.compile(r"([0-9.eE+]+?)(m|k|[MGTPE]i?|Ki)?", re.ASCII)
SUFFIXES = {
    "": Fraction(1), "m": Fraction(1, 1000), "k": Fraction(1000), "Ki": Fraction(1024),
    "M": Fraction(10**6), "Mi": Fraction(1024**2), "G": Fraction(10**9), "Gi": Fraction(1024**3),
    "T": Fraction(10**12), "Ti": Fraction(1024**4), "P": Fraction(10**15),
    "Pi": Fraction(1024**5), "E": Fraction(10**18), "Ei": Fraction(1024**6),
}  # fmt: skip
REMEDY = (
    "리소스 클레임(DRA)이 잡은 장치를 ResourceSlice 목록에서 찾지 못합니다."
    " `kubectl get resourceslices -o json`의 전체를 함께 두고 다시 수집하세요."
)
# What is raised by a document of another form.
WRONG = (LookupError, TypeError, AttributeError, ValueError, ArithmeticError, JeongsanError)
Pool = tuple[str, str]  # driver, name


@dataclass(frozen=True, slots=True)
class OfferedDevice:
    """A device as a driver offers it. `profile` is of a MIG slice; `part` of its board."""

    product: str
    profile: str
    node: str
    part: Fraction
    capacity: Mapping[str, Fraction]


@dataclass(slots=True)
class _Generation:
    """What is known of a pool's highest generation."""

    number: int = -1
    expected: int = 0
    bodies: dict[str, Mapping[str, Any]] = field(default_factory=dict)  # by the slice's name


def name_text(value: object) -> str:
    """A name as it is written; ValueError for what is no text, or none that can be kept."""
    if not isinstance(value, str):
        raise ValueError(f"{value!r:.80} is no name")
    if problem := flaw(value):
        raise ValueError(f"the name {value[:80]!a}: {problem}")
    return value


class Pools:
    """The devices of all pools that one list of slices holds."""

    def __init__(self, slices: Iterable[Mapping[str, Any]]) -> None:
        self._generations: dict[Pool, _Generation] = {}
        self._devices: dict[Pool, dict[str, OfferedDevice]] = {}
        for body in slices:
            self._take(body)

    def _take(self, body: Mapping[str, Any]) -> None:
        spec = body["spec"]
        pool = spec["pool"]
        number, expected = int(pool["generation"]), int(pool["resourceSliceCount"])
        names = name_text(spec["driver"]), name_text(pool["name"])
        known = self._generations.setdefault(names, _Generation())
        if number > known.number:
            known.number, known.expected = number, expected
            known.bodies.clear()
        if number == known.number:
            known.bodies[name_text(body["metadata"]["name"])] = spec

    def device(self, driver: str, pool: str, name: str) -> OfferedDevice:
        """A device; HoldError where its pool is not known whole, or has no such device."""
        known = self._generations.get((driver, pool))
        if known is None or len(known.bodies) < known.expected:
            raise HoldError(
                f"holds {name} of {driver}/{pool}, whose slices are not all known",
                "unknown_claim", f"{driver}/{pool}", REMEDY,
            )  # fmt: skip
        if (driver, pool) not in self._devices:
            try:
                self._devices[driver, pool] = _offered(driver, known.bodies.values())
            except WRONG as error:
                raise HoldError(
                    f"holds {name} of {driver}/{pool}, whose slices are not written as slices:"
                    f" {type(error).__name__} {error!s:.200}",
                    "unknown_claim", f"{driver}/{pool}", REMEDY,
                ) from error  # fmt: skip
        device = self._devices[driver, pool].get(name)
        if device is None:
            raise HoldError(
                f"holds {name} of {driver}/{pool}, which has no such device",
                "unknown_claim", f"{driver}/{pool}", REMEDY,
            )  # fmt: skip
        return device


def _offered(driver: str, specs: Iterable[Mapping[str, Any]]) -> dict[str, OfferedDevice]:
    """The devices of one pool, by name. Alternatives of one board are all in it."""
    listed = list(specs)
    totals = {
        (counters["name"], name): quantity(count["value"])
        for spec in listed
        for counters in spec.get("sharedCounters", ())
        for name, count in counters["counters"].items()
    }
    return {
        name_text(device["name"]): _device(driver, device.get("basic") or device, spec, totals)
        for spec in listed
        for device in spec.get("devices") or ()
    }


def _device(
    driver: str,
    body: Mapping[str, Any],
    spec: Mapping[str, Any],
    totals: Mapping[tuple[str, str], Fraction],
) -> OfferedDevice:
    attributes = {
        name.removeprefix(f"{driver}/"): next(iter(value.values()), "")
        for name, value in body.get("attributes", {}).items()
    }
    profile = name_text(attributes.get("profile", ""))
    return OfferedDevice(
        product=name_text(attributes.get("productName", "")),
        profile=profile,
        node=name_text(spec.get("nodeName") or body.get("nodeName") or ""),
        part=Fraction(1) if profile else _part(body, totals),
        capacity={
            name: quantity(size["value"] if isinstance(size, Mapping) else size)
            for name, size in body.get("capacity", {}).items()
        },
    )


def _part(body: Mapping[str, Any], totals: Mapping[tuple[str, str], Fraction]) -> Fraction:
    """The largest share that a device takes of any counter of its board; 1 where it shares none."""
    shares = [
        quantity(count["value"]) / totals[taken["counterSet"], name]
        for taken in body.get("consumesCounters", ())
        for name, count in taken["counters"].items()
        if totals.get((taken["counterSet"], name))
    ]
    return max(shares, default=Fraction(1))


def quantity(text: object) -> Fraction:
    """A quantity as Kubernetes writes it, `20Gi` or `500m`; ValueError where it is none."""
    parts = QUANTITY.fullmatch(str(text))
    number = None if parts is None else exact_numbers.number(parts[1])
    if parts is None or number is None:
        raise ValueError(f"{text!r} is no quantity")
    return Fraction(number) * SUFFIXES[parts[2] or ""]
