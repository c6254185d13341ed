"""What site.toml says of watching limits: at which marks people are told, and what is idle."""

from dataclasses import dataclass
from decimal import Decimal

from metering.toml_reader import TomlTable

MARKS = (50, 80, 100)  # percent; assumed, until a centre says others
# Assumed: no notice that was found gives a threshold.
IDLE_BELOW = Decimal("0.3")


@dataclass(frozen=True, slots=True)
class QuotaWatch:
    """How limits and idle allocations are watched."""

    marks: tuple[int, ...] = MARKS
    idle_below: Decimal = IDLE_BELOW


def read_quota_watch(root: TomlTable) -> QuotaWatch:
    """The table [quota], or what holds without one."""
    table = root.table("quota")
    marks = table.wholes("marks", 1, 100) if table.has("marks") else MARKS
    watch = QuotaWatch(marks=marks, idle_below=table.share("idle_below", IDLE_BELOW))
    for moved in ("mail", "webhook"):
        if table.has(moved):
            table.table(moved).wrong(
                None, f"is [notices.{moved}] now, which is told of approvals and failed runs too"
            )
    table.close()
    return watch
