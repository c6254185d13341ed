"""What each cluster had, gave and saw at work over a month: what the government report adds up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from metering.lake.lake import Lake
from metering.lake.manifest import Manifest
from metering.settings.sections import Cluster

HOURS = "usage_hour"
TABLES = ("capacity_hour", HOURS)  # what `month_resources` adds up


@dataclass(frozen=True, slots=True)
class Resource:
    """A cluster's devices of one model over the days metered, in milli-devices x ms.

    `down` is None where an hour does not know it. `busy_ns` and `energy_uj` are evidence of
    exporters, of every account, set aside or not; None where the cluster has no exporter.
    """

    cluster: str
    title: str
    model: str
    installed: int
    over: int
    held: int
    down: int | None
    free: int
    busy_ns: int | None
    energy_uj: int | None


def month_resources(
    lake: Lake, clusters: Sequence[Cluster], heads: Iterable[tuple[str, str, str]]
) -> tuple[Resource, ...]:
    """A row a cluster and model, none for a cluster without any, from the partitions (of `TABLES`)
    that `heads` names: (table, partition, manifest)."""
    named = [lake.manifest_named(*head) for head in heads]
    resources: list[Resource] = []
    for cluster in clusters:
        own = [manifest for manifest in named if manifest.partition["cluster"] == cluster.name]
        capacity = [manifest for manifest in own if manifest.table == "capacity_hour"]
        usage = [manifest for manifest in own if manifest.table == HOURS]
        models = _capacity(lake, capacity)
        seen = _evidence(lake, usage, models) if cluster.has_exporter and models else {}
        resources += [
            Resource(
                cluster.name,
                cluster.title or cluster.name,
                model,
                *sums,
                *(seen.get(model, (0, 0)) if cluster.has_exporter else (None, None)),
            )
            for model, sums in sorted(models.items())
        ]
    return tuple(resources)


def _capacity(
    lake: Lake, manifests: Iterable[Manifest]
) -> dict[str, tuple[int, int, int, int | None, int]]:
    """Installed, over, held, down (None if an hour does not know it) and free by model."""
    sums: dict[str, tuple[int, int, int, int | None, int]] = {}
    for manifest in manifests:
        for row in lake.rows(manifest).to_pylist():
            installed, over, held, down, free = sums.get(row["model"], (0, 0, 0, 0, 0))
            known = down is not None and row["down"] is not None
            sums[row["model"]] = (
                installed + row["installed"],
                over + row["over"],
                held + row["held"],
                down + row["down"] if known else None,
                free + row["free"],
            )
    return sums


def _evidence(
    lake: Lake, manifests: Iterable[Manifest], models: Mapping[str, object]
) -> dict[str, tuple[int, int]]:
    """Busy ns and energy in uJ by model; a day at a time, to stay small in memory."""
    sums: dict[str, tuple[int, int]] = {}
    for manifest in manifests:
        for sku, busy_ns, energy_uj in _by_sku(lake.rows(manifest)):
            model = _model(sku, models)
            busy, energy = sums.get(model, (0, 0))
            sums[model] = (busy + busy_ns, energy + energy_uj)
    return sums


def _by_sku(table: pa.Table) -> list[tuple[str, int, int]]:
    grouped = table.group_by("sku").aggregate([("busy_ns", "sum"), ("energy_uj", "sum")])
    return [(row["sku"], row["busy_ns_sum"], row["energy_uj_sum"]) for row in grouped.to_pylist()]


def _model(sku: str, models: Iterable[str]) -> str:
    """The model of a SKU such as gpu.h100 or gpu.h100.mig-1g.10gb; '' for none of the cluster's."""
    fitting = [model for model in models if is_of_model(sku, model)]
    return max(fitting, key=len, default="")


def is_of_model(sku: str, model: str) -> bool:
    """Whether a SKU such as gpu.h100 or gpu.h100.mig-1g.10gb is of a model."""
    _, _, rest = sku.partition(".")
    return rest == model or rest.startswith(f"{model}.")
