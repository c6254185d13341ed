"""Sources: each kind reads its inputs into batches of rows; nothing here knows a lake. A kind is
loaded when it is read: most commands read none, and some kinds bring a compiler along."""

from collections.abc import Iterator

from metering.errors import JeongsanError
from metering.period import Period
from metering.site import Cluster, Site, SourceConfig
from metering.sources.batch import Batch, Note, Quarantined

__all__ = ["Batch", "Note", "Quarantined", "inputs", "read"]


def read(source: SourceConfig, cluster: Cluster, site: Site, window: Period) -> Iterator[Batch]:
    """What a source has of `window`, a batch an input, in the order of the inputs' names.

    Spans that touch the window come whole; samples come with `hold` on both sides of it.
    SourceError where an input cannot be read at all; a bad row is in its batch's quarantine.
    """
    match source.kind:
        case "slurm":
            from metering.sources import slurm

            return slurm.read(source, cluster, site, window)
        case "exposition":
            from metering.sources import exposition

            return exposition.read(source, cluster, site, window)
        case "table":
            from metering.sources import table

            return table.read(source, cluster, site, window)
        case "cloud":
            from metering.sources import cloud

            return cloud.read(source, cluster, site, window)
        case "prometheus":
            from metering.sources import prometheus

            return prometheus.read(source, cluster, site, window)
        case "kubernetes":
            from metering.sources import kubernetes

            return kubernetes.read(source, cluster, site, window)
        case "storage":
            from metering.sources import storage

            return storage.read(source, cluster, site, window)
        case "booking":
            from metering.sources import booking

            return booking.read(source, cluster, site, window)
        case other:
            raise JeongsanError(f"{other}: not a kind of source")


def inputs(source: SourceConfig, site: Site, window: Period) -> int:
    """How many batches `read` will give, so that progress can be shown; SourceError for no file."""
    if source.paths:
        from metering.sources import incoming

        return sum(1 for _ in incoming.files(source, site))
    if source.kind == "exposition":
        from metering.sources import exposition

        return len(exposition.targets(source))
    if source.kind == "prometheus":
        from metering.sources import prometheus

        return prometheus.inputs(window)
    return 1
