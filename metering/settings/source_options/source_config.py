"""A source as site.toml has it: what every source says of itself, and what only its kind has."""

from dataclasses import dataclass

from metering.settings.source_options.booking import BookingOptions
from metering.settings.source_options.cloud import CloudOptions
from metering.settings.source_options.declared_source import DeclaredSource
from metering.settings.source_options.exposition import Targets
from metering.settings.source_options.kubernetes import Kubernetes, ResourceClaims
from metering.settings.source_options.prometheus import Prometheus
from metering.settings.source_options.slurm import SlurmOptions
from metering.settings.source_options.storage import StorageOptions
from metering.settings.source_options.table import ColumnMap

SourceOptions = (
    SlurmOptions
    | Targets
    | ColumnMap
    | CloudOptions
    | Prometheus
    | Kubernetes
    | ResourceClaims
    | StorageOptions
    | BookingOptions
)


@dataclass(frozen=True, slots=True)
class SourceConfig(DeclaredSource):
    """Where one kind of record comes from, and what its kind has to know to read it."""

    options: SourceOptions | None = None
