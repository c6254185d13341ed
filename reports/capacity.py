"""What each cluster had, gave and saw at work over a month, added up from the lake's hours."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pyarrow as pa

from billing.dated import Dated
from billing.rulebook import RuleBook
from metering.lake import Lake
from metering.registry import Registry
from metering.section import Cluster
from reports.view import CapacityView

RESOURCES = ("gpu", "npu")


def capacity_views(
    lake: Lake,
    clusters: Sequence[Cluster],
    registry: Registry,
    book: RuleBook,
    days: Sequence[date],
) -> tuple[CapacityView, ...]:
    """A row a cluster and model, for the days metered; none for a cluster without any.

    Busy time and energy are those of every account, set aside or not, as held time is."""
    found: list[CapacityView] = []
    for cluster in clusters:
        models = _capacity(lake, cluster.name, days)
        if not models:
            continue
        seen = _evidence(lake, cluster.name, days, tuple(models)) if cluster.has_exporter else {}
        for model, (installed, held, down) in sorted(models.items()):
            busy_ns, energy_uj = seen.get(model, (0, 0))
            found.append(
                CapacityView(
                    cluster=cluster.name,
                    cluster_title=cluster.title or cluster.name,
                    model=model,
                    installed=installed,
                    held=held,
                    down=down,
                    busy_ns=busy_ns if cluster.has_exporter else None,
                    energy_uj=energy_uj if cluster.has_exporter else None,
                    pf=_pf(registry, book, cluster.name, model, days[-1]),
                )
            )
    return tuple(found)


def _capacity(
    lake: Lake, cluster: str, days: Sequence[date]
) -> dict[str, tuple[int, int, int | None]]:
    """Installed, held and down (None if an hour does not know it) by model, in milli-device ms."""
    table = lake.read("capacity_hour", cluster=cluster, date_from=days[0], date_to=days[-1])
    sums: dict[str, tuple[int, int, int | None]] = {}
    rows = table.select(["model", "installed", "held", "down"]).to_pylist()
    for row in rows:
        installed, held, down = sums.get(row["model"], (0, 0, 0))
        known = down is not None and row["down"] is not None
        sums[row["model"]] = (
            installed + row["installed"],
            held + row["held"],
            down + row["down"] if known else None,
        )
    return sums


def _evidence(
    lake: Lake, cluster: str, days: Sequence[date], models: tuple[str, ...]
) -> dict[str, tuple[int, int]]:
    """Busy ns and energy in uJ by model; a day at a time, to stay small in memory."""
    sums: dict[str, tuple[int, int]] = {}
    for day in days:
        table = lake.read("usage_hour", cluster=cluster, date=day)
        for sku, busy_ns, energy_uj in _by_sku(table):
            model = _model(sku, models)
            busy, energy = sums.get(model, (0, 0))
            sums[model] = (busy + busy_ns, energy + energy_uj)
    return sums


def _by_sku(table: pa.Table) -> list[tuple[str, int, int]]:
    grouped = table.group_by("sku").aggregate([("busy_ns", "sum"), ("energy_uj", "sum")])
    return [(row["sku"], row["busy_ns_sum"], row["energy_uj_sum"]) for row in grouped.to_pylist()]


def _model(sku: str, models: tuple[str, ...]) -> str:
    """The model of a SKU such as gpu.h100 or gpu.h100.mig-1g.10gb; '' for none of the cluster's."""
    _, _, rest = sku.partition(".")
    fitting = [model for model in models if rest == model or rest.startswith(f"{model}.")]
    return max(fitting, key=len, default="")


def _pf(registry: Registry, book: RuleBook, cluster: str, model: str, day: date) -> Fraction | None:
    """PF of one device; None where the rules give none for it on the day."""
    resources = {d.resource for d in registry.devices if d.cluster == cluster and d.model == model}
    for resource in sorted(resources) or RESOURCES:
        value = pf_of(book.pf, f"{resource}.{model}", day)
        if value is not None:
            return value
    return None


def pf_of(pf: Mapping[str, Dated[Decimal]], sku: str, day: date) -> Fraction | None:
    """PF of one device of a SKU on a day; None where the rules give none."""
    dated = pf.get(sku)
    value = dated.or_none(day) if dated else None
    return None if value is None else Fraction(value)
