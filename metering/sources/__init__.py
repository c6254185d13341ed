"""Sources: each kind reads its inputs into batches of rows; nothing here knows a lake."""

from collections.abc import Iterator

from metering.errors import JeongsanError
from metering.period import Period
from metering.site import Cluster, Site, SourceConfig
from metering.sources import (
    booking,
    cloud,
    exposition,
    incoming,
    kubernetes,
    prometheus,
    slurm,
    storage,
    table,
)
from metering.sources.batch import Batch, Note, Quarantined

__all__ = ["Batch", "Note", "Quarantined", "inputs", "read"]


def read(source: SourceConfig, cluster: Cluster, site: Site, window: Period) -> Iterator[Batch]:
    """What a source has of `window`, a batch an input, in the order of the inputs' names.

    Spans that touch the window come whole; samples come with `hold` on both sides of it.
    SourceError where an input cannot be read at all; a bad row is in its batch's quarantine.
    """
    match source.kind:
        case "slurm":
            return slurm.read(source, cluster, site, window)
        case "exposition":
            return exposition.read(source, cluster, site, window)
        case "table":
            return table.read(source, cluster, site, window)
        case "cloud":
            return cloud.read(source, cluster, site, window)
        case "prometheus":
            return prometheus.read(source, cluster, site, window)
        case "kubernetes":
            return kubernetes.read(source, cluster, site, window)
        case "storage":
            return storage.read(source, cluster, site, window)
        case "booking":
            return booking.read(source, cluster, site, window)
        case other:
            raise JeongsanError(f"{other}: not a kind of source")


def inputs(source: SourceConfig, site: Site, window: Period) -> int:
    """How many batches `read` will give, so that progress can be shown; SourceError for no file."""
    if source.paths:
        return sum(1 for _ in incoming.files(source, site))
    if source.kind == "exposition":
        return len(exposition.targets(source))
    return prometheus.inputs(window) if source.kind == "prometheus" else 1
