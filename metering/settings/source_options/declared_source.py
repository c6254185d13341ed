"""What every source says of itself in site.toml, before and beside what only its kind has."""

from dataclasses import dataclass, field
from typing import Literal

from metering.settings.source_options.limits import Limits
from metering.settings.source_options.location import Endpoint

Kind = Literal[
    "slurm", "exposition", "table", "prometheus", "kubernetes", "storage", "cloud", "booking"
]
Record = Literal["allocation", "sample", "reading", "node_state", "control_total"]


@dataclass(frozen=True, slots=True)
class DeclaredSource:
    """Which record of which kind comes from where."""

    name: str
    kind: Kind
    record: Record
    family: str | None = None  # of the metrics that exporters have
    paths: tuple[str, ...] = ()  # globs, relative to the site's directory
    file_name: str = ""  # how its files are named, where a name says something of their rows
    endpoint: Endpoint | None = None
    late_ms: int = 0  # how long after its time a row may still come
    limits: Limits = field(default_factory=Limits)

    @property
    def live(self) -> bool:
        """Whether nobody has to say up to when it is complete: it is asked when it is read, or its
        snapshots (of stores, of resource claims) show how far they reach."""
        return not self.paths or self.kind in ("storage", "kubernetes")
