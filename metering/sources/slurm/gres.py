"""What an AllocTRES counts in accelerators: whole ones, shares of one, and what nobody has said."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from metering.plain_text import MODEL
from metering.settings.sections import Cluster
from metering.settings.source_options.slurm import SlurmOptions
from metering.sources.reading.accelerator_models import Models, expanded

GRES = "gres/"
WHOLE: Mapping[str, tuple[str, str]] = {"gpu": ("gpu", ""), "npu": ("npu", "")}
SHARES = ("shard", "mps")  # parts of a device; Slurm has them of GPUs only
USAGE = frozenset({"gpumem", "gpuutil"})  # what jobs made of devices, counted like a resource
COUNT = re.compile(r"\d{1,9}", re.ASCII)

Rows = tuple[tuple[str, str, int], ...]  # resource, model, milli-devices
Why = Literal["resource", "type", "share"]  # what is not said of a name


class WrongGresError(Exception):
    """These counts contradict themselves; the message says how."""


@dataclass(frozen=True, slots=True)
class Gres:
    """So many of a generic resource; `type` is '' where nothing is typed."""

    name: str
    type: str
    count: int


@dataclass(frozen=True, slots=True)
class Held:
    """The devices of a run: rows, and what there was beside them.

    `counted` is whether accelerators are counted at all, though it be none; `unsaid` are names of
    which the site does not say what they are; `left` is what of a milli-device was left over, by
    the name that it was a share of.
    """

    rows: Rows
    counted: bool
    unsaid: tuple[tuple[str, Why], ...] = ()
    left: tuple[tuple[str, Fraction], ...] = ()


class Accelerators:
    """What the names of generic resources mean in a source of a cluster."""

    def __init__(self, cluster: Cluster, options: SlurmOptions) -> None:
        self._models = Models(cluster)
        self._types = options.gres_models
        self._whole = {**WHOLE, **options.gres_devices}
        self._ignored = frozenset(options.ignored_gres)
        self._shares = {"shard": _Shares(options.shards), "mps": _Shares(options.mps)}

    def of(self, tres: str, partition: str, nodes: str) -> Held:
        """The devices of an AllocTRES of a run on these nodes; WrongGresError where it is wrong.

        Typed counts make the rows and the untyped count checks their sum; it stands alone, with
        the model of the nodes or the partition, only where nothing is typed (METERING 14).
        """
        milli: dict[tuple[str, str], int] = {}
        unsaid: dict[tuple[str, Why], None] = {}
        left: dict[str, Fraction] = {}
        known = [gres for gres in gres_of(tres) if gres.name not in self._ignored]
        for gres in _agreed(known):
            if not gres.count:
                continue
            share = self._share(gres, partition, nodes)
            model = self._model(gres, partition, nodes)
            if share is None:
                why: Why = "share" if gres.name in SHARES else "resource"
                unsaid[GRES + gres.name, why] = None
            elif model is None:
                unsaid[f"{GRES}{gres.name}:{gres.type}", "type"] = None
            elif gres.count < 0:
                raise WrongGresError(f"AllocTRES has no whole count of {GRES}{gres.name}")
            else:
                kind = self._whole.get(gres.name, WHOLE["gpu"])[0]
                whole, rest = divmod(gres.count * 1000, share)
                milli[kind, model] = milli.get((kind, model), 0) + whole
                if rest:
                    left[GRES + gres.name] = left.get(GRES + gres.name, 0) + Fraction(rest, share)
        rows = tuple((*key, many) for key, many in sorted(milli.items()) if many)
        counted = any(gres.name in self._whole or gres.name in SHARES for gres in known)
        return Held(rows, counted, tuple(unsaid), tuple(left.items()))

    def _share(self, gres: Gres, partition: str, nodes: str) -> int | None:
        """How many of it make one device; None where nobody says."""
        if gres.name in self._whole:
            return 1
        shares = self._shares.get(gres.name)
        return None if shares is None else shares.of(partition, nodes)

    def _model(self, gres: Gres, partition: str, nodes: str) -> str | None:
        """The model that a type is, '' where nothing says any; None for a type that cannot be."""
        if gres.type:
            model = self._types.get(gres.type, gres.type)
            return model if MODEL.fullmatch(model) else None
        always = self._whole.get(gres.name, WHOLE["gpu"])[1]
        return always or self._models.of(partition, nodes)


class _Shares:
    """How many shares make a device, by node, by partition or everywhere."""

    def __init__(self, given: Mapping[str, int]) -> None:
        self._by_name = given
        self._by_node = {node: many for nodes, many in given.items() for node in expanded(nodes)}

    def of(self, partition: str, nodes: str) -> int | None:
        """What holds on all of the nodes, else of the partition, else everywhere."""
        by_node = {self._by_node.get(node) for node in expanded(nodes)} if nodes else set()
        if by_node - {None}:
            return by_node.pop() if len(by_node) == 1 else None
        return self._by_name.get(partition, self._by_name.get(""))


@lru_cache(maxsize=65536)
def gres_of(tres: str) -> tuple[Gres, ...]:
    """The generic resources of an AllocTRES, types in small letters; WrongGresError where one is
    counted twice. A count with a unit behind it (of memory, say) is -1."""
    counts: dict[tuple[str, str], int] = {}
    for pair in tres.split(","):
        title, _, count = pair.partition("=")
        if not title.startswith(GRES):
            continue
        name, _, kind = title.removeprefix(GRES).partition(":")
        if name in USAGE:
            continue
        if (name, kind.lower()) in counts:
            raise WrongGresError(f"AllocTRES counts {title} twice")
        counted = COUNT.fullmatch(count)
        if not counted and (name in WHOLE or name in SHARES):
            raise WrongGresError(f"AllocTRES {pair!r} is no count")
        counts[name, kind.lower()] = int(count) if counted else -1
    return tuple(Gres(name, kind, count) for (name, kind), count in counts.items())


def _agreed(several: Sequence[Gres]) -> Iterator[Gres]:
    """Each typed count, and each untyped one of which nothing is typed."""
    typed: dict[str, list[Gres]] = {}
    for gres in several:
        if gres.type:
            typed.setdefault(gres.name, []).append(gres)
            yield gres
    for gres in several:
        if gres.type:
            continue
        own = typed.get(gres.name, ())
        total = sum(other.count for other in own)
        if own and total != gres.count:
            raise WrongGresError(
                f"AllocTRES counts {total} {gres.name} by type and {gres.count} in all"
            )
        if not own:
            yield gres
