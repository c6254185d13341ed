"""Findings that say the same day after day, as one: who reads them sees a cause once a month.

They are stored by day, so that a day that is metered again replaces its own, and decided by day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from metering.calendar import month_of
from metering.finding import Finding, Severity

# What stands until a person changes site.toml, the registry or a rule: its figures are another
# day's, its cause is the same. Any other finding is the same where its text is.
STANDING: Final = frozenset(
    {
        "set_aside", "unowned_usage", "untyped_model", "no_gres", "no_price",
        "unknown_node", "unregistered_device", "other_model", "power_limit_unknown", "slice_energy",
        "unknown_counter", "unknown_equipment", "unknown_gres", "share_remainder",
        "several_clusters", "cluster_not_seen", "unknown_host", "unknown_model", "not_utc",
        "unknown_accelerator", "unknown_share", "unknown_claim", "unknown_init_order",
        "outside_project", "unseen_busy",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RepeatedFinding:
    """The findings of one cause in a month, by day; at least one."""

    each: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The finding of the first day, which has all that they have in common."""
        return self.each[0]

    @property
    def last(self) -> Finding:
        """The finding of the last day."""
        return self.each[-1]

    @property
    def severity(self) -> Severity:
        """What all of them do: stop, or tell."""
        return self.first.severity

    @property
    def days(self) -> int:
        """On how many days it is."""
        return len({finding.day for finding in self.each})  # one may have come twice

    @property
    def span(self) -> str:
        """Its day, or its first and last as `jeongsan acknowledge --days` takes them; '' where it
        belongs to no day."""
        if self.first.day is None:
            return ""
        return str(self.first.day) if self.days == 1 else f"{self.first.day}..{self.last.day}"

    @property
    def same_text(self) -> bool:
        """Whether every day says it in the same words."""
        return len({finding.detail for finding in self.each}) == 1


def by_cause(findings: Iterable[Finding]) -> list[RepeatedFinding]:
    """The findings with those of one cause and month together: gravest first, then by kind,
    cluster, first day and subject. What belongs to no day stands alone."""
    causes: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        month = finding.key if finding.day is None else month_of(finding.day)
        text = "" if finding.kind in STANDING else finding.detail
        place = (finding.severity, finding.kind, finding.stage, finding.cluster, finding.subject)
        causes.setdefault((*place, month, text), []).append(finding)
    repeated = [
        RepeatedFinding(tuple(sorted(each, key=lambda finding: finding.day or date.min)))
        for each in causes.values()
    ]
    return sorted(
        repeated,
        key=lambda cause: (
            cause.severity,
            cause.first.kind,
            cause.first.cluster,
            cause.first.day or date.min,
            cause.first.subject,
        ),
    )
