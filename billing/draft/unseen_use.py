"""Use whose work nobody saw: unknown is not idle, and what work is priced by is never free so."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from billing.draft.capacity_used import Resource, is_of_model
from billing.draft.month_inputs import Inputs
from billing.records import Usage
from metering.finding import Finding

UseOfDay = tuple[str, date, str]  # cluster or source of readings, day, SKU


def unseen_days(
    usages: Iterable[Usage], watched: Collection[str], findings: Iterable[Finding]
) -> frozenset[UseOfDay]:
    """The use of a day and SKU of which no exporter saw any work: all of what is not in a `watched`
    cluster, and that of days on which devices of its model were dark and not a nanosecond was
    seen."""
    dark: dict[tuple[str, date | None], set[str]] = defaultdict(set)
    for finding in findings:
        if finding.kind == "dark":
            dark[finding.cluster, finding.day].add(finding.subject)
    worked: Counter[UseOfDay] = Counter()
    for usage in usages:
        if usage.unit == "device_us":
            worked[usage.source, usage.day, usage.sku] += usage.busy_ns
    return frozenset(
        (source, day, sku)
        for (source, day, sku), busy_ns in worked.items()
        if source not in watched
        or (not busy_ns and any(is_of_model(sku, model) for model in dark[source, day]))
    )


def watched_clusters(resources: Iterable[Resource]) -> frozenset[str]:
    """The clusters of a month that had an exporter."""
    return frozenset(resource.cluster for resource in resources if resource.busy_ns is not None)


def unseen_busy(inputs: Inputs) -> tuple[Finding, ...]:
    """A fail for each cluster, day and SKU whose price counts work, where nobody saw any: its
    charge is unknown, not nothing. Its stake is what was held."""
    by_busy = {sku for sku, price in inputs.book.prices.items() if price.basis == "busy"}
    if not by_busy:
        return ()
    rows = (row for part in inputs.usage for row in part.rows)
    unseen = unseen_days(rows, watched_clusters(inputs.resources), inputs.findings)
    findings: list[Finding] = []
    for part in inputs.usage:
        held: Counter[str] = Counter()
        for row in part.rows:
            if row.sku in by_busy and (row.source, row.day, row.sku) in unseen:
                held[row.sku] += row.quantity
        for sku, quantity in sorted(held.items()):
            if quantity:
                stake = f"{sku}:device_us:{quantity}"
                findings.append(
                    Finding(
                        "fail", "unseen_busy", "draft", part.cluster, part.day, sku, DETAIL, stake
                    )
                )
    return tuple(findings)


DETAIL = (
    "단가가 가동 시간에 매겨지는데 그날 이 클러스터의 가동을 본 수집기가 없습니다. 알 수 없으며"
    " 0이 아닙니다. 지표를 다시 모아 계량하거나, 0원으로 청구하려면 bill로, 청구하지 않으려면"
    " exclude로 확인해 주십시오."
)
