"""A section of site.toml: a cluster or a store, with the sources that it is metered by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Kind = Literal[
    "slurm", "exposition", "table", "prometheus", "kubernetes", "storage", "cloud", "booking"
]
Record = Literal["allocation", "sample", "reading", "node_state", "control_total"]
TimeUnit = Literal["s", "ms", "iso"]

QUARANTINE_SHARE_MAX = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server that a source asks. It names environment variables and files, never a secret."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    bearer_env: str = ""  # the variable that holds a token
    user: str = ""
    password_env: str = ""
    ca: str = ""  # files, relative to the site's directory
    certificate: str = ""
    key: str = ""
    timeout_s: int = 60


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """Where one kind of record comes from and how its columns are called there."""

    name: str
    kind: Kind
    record: Record
    family: str | None = None
    paths: tuple[str, ...] = ()  # globs, relative to the site's directory
    url: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)  # field -> column
    constants: Mapping[str, str] = field(default_factory=dict)  # field -> text
    epoch_ms: int | None = None  # what relative times count from
    time_unit: TimeUnit = "iso"
    naive: Literal["utc", "site"] | None = None  # whose clock times without an offset are
    multiply: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # field -> columns
    scale: Mapping[str, int] = field(default_factory=dict)  # field -> factor
    endpoint: Endpoint | None = None
    late_ms: int = 0  # how long after its time a row may still come
    options: object = None  # what only this kind has; its type is in metering/kinds

    @property
    def live(self) -> bool:
        """Whether nobody has to say up to when it is complete: it is asked when it is read, or its
        snapshots show how far they reach."""
        return not self.paths or self.kind == "storage"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster, or a store whose sources give readings only."""

    name: str
    title: str = ""
    hold_ms: int = 0
    scrape_ms: int = 0
    suspended_held: bool = True
    partition_models: Mapping[str, str] = field(default_factory=dict)
    node_models: Mapping[str, str] = field(default_factory=dict)
    gpu_partitions: tuple[str, ...] = ()  # where a run holds devices, beside partition_models
    carrier_accounts: tuple[str, ...] = ()
    quarantine_share_max: Decimal = QUARANTINE_SHARE_MAX
    sources: tuple[SourceConfig, ...] = ()

    @property
    def has_scheduler(self) -> bool:
        """Whether a source says what was allocated."""
        return self._has("allocation")

    @property
    def has_exporter(self) -> bool:
        """Whether a source says what devices did."""
        return self._has("sample")

    @property
    def node_states(self) -> bool:
        """Whether a source says which nodes were out of use."""
        return self._has("node_state")

    def _has(self, record: Record) -> bool:
        return any(source.record == record for source in self.sources)
