"""Owns why device time of a month is on no invoice: each reason with its place and hours."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

from billing.draft.draft import Draft
from metering.database.decisions import WaivedDay
from metering.finding import Finding
from metering.registry.registry import Device, Registry
from metering.site.open_site import OpenSite

Why = Literal["set_aside", "unowned", "no_price", "excluded", "waived", "no_usage"]
DEVICE_US = "device_us"


@dataclass(frozen=True, slots=True)
class Unbilled:
    """Device time that nobody is billed for. Of a waived day nobody knows what was held: it is what
    was installed, so the most that it can be."""

    why: Why
    who: str  # source/account, company and SKU, or section
    company_id: str  # '' where nobody knows whose it is
    held_us: int


@dataclass(frozen=True, slots=True)
class NoInvoice:
    """A company with a project in the month and no invoice, and the time it would be of."""

    company_id: str
    name: str
    why: Why
    held_us: int


def unbilled(opened: OpenSite, draft: Draft) -> tuple[Unbilled, ...]:
    """Why time is on no invoice of a draft that was just made, the longest first."""
    days = opened.site.calendar.month_days(draft.month)
    times = [
        *_set_aside(opened, days),
        *_unowned(draft.findings),
        *_no_price(draft),
        *_excluded(opened, draft, days),
        *_waived(opened, draft),
    ]
    return tuple(sorted(times, key=lambda time: (-time.held_us, time.why, time.who)))


def without_invoice(
    registry: Registry, draft: Draft, days: Sequence[date], times: Iterable[Unbilled]
) -> tuple[NoInvoice, ...]:
    """The companies whose projects run in the month and that get no invoice, by their longest
    reason; those that used nothing last."""
    invoiced = {invoice.company_id for invoice in draft.closing.invoices}
    running = {
        project.company_id
        for project in registry.projects
        if project.started_on <= days[-1]
        and (project.ended_on is None or project.ended_on >= days[0])
    }
    longest: dict[str, Unbilled] = {}
    for time in times:  # the longest first
        longest.setdefault(time.company_id, time)
    listed = []
    for company_id in running - invoiced:
        name = registry.company(company_id).name
        own = longest.get(company_id)
        why, held_us = (own.why, own.held_us) if own else ("no_usage", 0)
        listed.append(NoInvoice(company_id, name, why, held_us))
    return tuple(sorted(listed, key=lambda company: (-company.held_us, company.company_id)))


def _set_aside(opened: OpenSite, days: Sequence[date]) -> Iterator[Unbilled]:
    """What jobs and pods of accounts held that somebody set aside by name."""
    registry = opened.registry
    aside = {(set_aside.source, set_aside.account) for set_aside in registry.set_asides}
    held: Counter[tuple[str, str]] = Counter()
    chosen = opened.lake.select("usage_hour", date_from=days[0], date_to=days[-1])
    for manifest in chosen.manifests if aside else ():
        rows = opened.lake.rows(manifest).group_by(["source", "account"])
        for row in rows.aggregate([("held_us", "sum")]).to_pylist():
            held[row["source"], row["account"]] += int(row["held_us_sum"])
    owner = {
        (tenancy.source, tenancy.account): tenancy.project_id for tenancy in registry.tenancies
    }
    for place in sorted(aside & held.keys()):
        project = owner.get(place)
        company_id = registry.project(project).company_id if project else ""
        yield Unbilled("set_aside", "/".join(place), company_id, held[place])


def _unowned(findings: Iterable[Finding]) -> Iterator[Unbilled]:
    """What accounts held that belong to no project, by what metering found of them."""
    held: Counter[str] = Counter()
    for finding in findings:
        if finding.kind == "unowned_usage":
            held[finding.subject] += sum(s.quantity for s in finding.stakes if s.unit == DEVICE_US)
    return (Unbilled("unowned", who, "", us) for who, us in sorted(held.items()) if us)


def _no_price(draft: Draft) -> Iterator[Unbilled]:
    """Usage without a charge."""
    priced = {(c.day, c.company_id, c.project_id, c.sku) for c in draft.closing.charges}
    held: Counter[tuple[str, str]] = Counter()
    for u in draft.closing.usages:
        if u.unit == DEVICE_US and (u.day, u.company_id, u.project_id, u.sku) not in priced:
            held[u.company_id, u.sku] += u.quantity
    for (company_id, sku), us in sorted(held.items()):
        yield Unbilled("no_price", f"{company_id} {sku}", company_id, us)


def _excluded(opened: OpenSite, draft: Draft, days: Sequence[date]) -> Iterator[Unbilled]:
    """What was metered and is not priced, because somebody answered a finding with `exclude`."""
    if not any(answer.effect == "exclude" for answer in draft.acknowledged):
        return
    held: Counter[tuple[str, str]] = Counter()
    chosen = opened.lake.select("usage_day", date_from=days[0], date_to=days[-1])
    for manifest in chosen.manifests:
        rows = opened.lake.rows(manifest).group_by(["company_id", "sku", "unit"])
        for row in rows.aggregate([("quantity", "sum")]).to_pylist():
            if row["unit"] == DEVICE_US:
                held[row["company_id"], row["sku"]] += int(row["quantity_sum"])
    for usage in draft.closing.usages:
        if usage.unit == DEVICE_US:
            held[usage.company_id, usage.sku] -= usage.quantity
    for (company_id, sku), us in sorted(held.items()):
        if us:
            yield Unbilled("excluded", f"{company_id} {sku}", company_id, us)


def _waived(opened: OpenSite, draft: Draft) -> Iterator[Unbilled]:
    """The devices of a section on days without any usage that somebody let pass."""
    calendar = opened.site.calendar
    passed = cast("Sequence[WaivedDay]", draft.inputs["waived"])
    waived = {(place.cluster, place.day) for place in passed}
    metered = {
        (keys["cluster"], date.fromisoformat(keys["date"]))
        for keys in opened.lake.partitions("usage_day")
    }
    held: Counter[str] = Counter()
    for cluster, day in sorted(waived - metered):
        period = calendar.day(day)
        held[cluster] += sum(
            _within(device, period.start_ms, period.end_ms) * 1000
            for device in opened.registry.devices
            if device.cluster == cluster and not device.parent  # a slice is its board's time
        )
    return (Unbilled("waived", section, "", us) for section, us in sorted(held.items()) if us)


def _within(device: Device, start_ms: int, end_ms: int) -> int:
    until = end_ms if device.removed_ms is None else min(end_ms, device.removed_ms)
    return max(until - max(start_ms, device.installed_ms), 0)
