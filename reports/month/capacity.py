"""What each cluster had, gave and saw at work over a month, with the PF of its devices."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from billing.draft.capacity_used import Resource, is_of_model
from billing.draft.unseen_use import UseOfDay
from billing.records import Usage
from billing.rulebook.dated import Dated
from billing.rulebook.rule_book import RuleBook
from metering.registry.registry import Registry
from reports.month.month_view import CapacityView

RESOURCES = ("gpu", "npu")


def capacity_views(
    resources: Iterable[Resource], registry: Registry, book: RuleBook, day: date
) -> tuple[CapacityView, ...]:
    """The month's resources as the report shows them, with the PF of a device on a day."""
    return tuple(
        CapacityView(
            cluster=resource.cluster,
            cluster_title=resource.title,
            model=resource.model,
            installed=resource.installed,
            held=resource.held,
            down=resource.down,
            busy_ns=resource.busy_ns,
            energy_uj=resource.energy_uj,
            pf=_pf(registry, book, resource.cluster, resource.model, day),
        )
        for resource in resources
    )


def seen_capacity(
    rows: Iterable[CapacityView], usages: Iterable[Usage], unseen: Collection[UseOfDay]
) -> tuple[CapacityView, ...]:
    """The rows, without work and energy where devices were used and nobody saw any of it."""
    used = {(usage.source, usage.day, usage.sku) for usage in usages if usage.unit == "device_us"}
    return tuple(
        replace(row, busy_ns=None, energy_uj=None) if not row.busy_ns and _blind(row, used, unseen)
        else row
        for row in rows
    )  # fmt: skip


def _blind(row: CapacityView, used: Collection[UseOfDay], unseen: Collection[UseOfDay]) -> bool:
    own = [at for at in used if at[0] == row.cluster and is_of_model(at[2], row.model)]
    return bool(own) and all(at in unseen for at in own)


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
