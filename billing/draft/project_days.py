"""Owns use outside a project's days: it has no support until a person decides (SETTLEMENT 43)."""

from collections import Counter
from collections.abc import Mapping

from billing.draft.month_inputs import Inputs
from metering.finding import Finding
from metering.registry.records import Project

HOUR_US = 3_600_000_000


def outside_project(inputs: Inputs) -> tuple[Finding, ...]:
    """A fail for each section, day and project with use before the project's first day or after its
    last; what it may be worth follows from its stake, at list price. It stays where somebody
    decided to leave the use out."""
    findings: list[Finding] = []
    for part in inputs.usage:
        sums: dict[str, Counter[tuple[str, str]]] = {}
        for row in part.rows:
            if row.quantity and not inputs.registry.runs(row.project_id, row.day):
                sums.setdefault(row.project_id, Counter())[row.sku, row.unit] += row.quantity
        for project_id, used in sorted(sums.items()):
            detail = _detail(inputs.registry.project(project_id), used)
            stake = " ".join(f"{sku}:{unit}:{much}" for (sku, unit), much in sorted(used.items()))
            findings.append(
                Finding(
                    "fail",
                    "outside_project",
                    "draft",
                    part.cluster,
                    part.day,
                    project_id,
                    detail,
                    stake,
                )
            )
    return tuple(findings)


def _detail(project: Project, used: Mapping[tuple[str, str], int]) -> str:
    much = ", ".join(f"{sku} {_amount(unit, used[sku, unit])}" for sku, unit in sorted(used))
    until = "" if project.ended_on is None else str(project.ended_on)
    return (
        f"과제 {project.project_id} ({project.name})의 수행 기간({project.started_on}~{until}) "
        f"밖의 사용량이 있습니다: {much}. 지원하지 않습니다. 지원하려면 projects의 기간을 고쳐 "
        "다시 load 하고, 지원 없이 정가로 청구하려면 bill로, 청구하지 않으려면 exclude로 "
        "확인해 주십시오."
    )


def _amount(unit: str, quantity: int) -> str:
    """Hours of devices with two places, cut off; anything else in its own unit."""
    if unit != "device_us":
        return f"{quantity:,} {unit}"
    whole, rest = divmod(quantity, HOUR_US)
    return f"{whole:,}.{rest * 100 // HOUR_US:02d} 장비시간"
