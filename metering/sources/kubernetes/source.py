"""Kubernetes: pods and resource claims as allocations, the states of nodes."""

from collections.abc import Iterator

from metering.calendar import Period
from metering.errors import JeongsanError
from metering.settings.sections import Cluster
from metering.settings.site_toml import Site
from metering.settings.source_options.kubernetes import Kubernetes, ResourceClaims
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.kubernetes.claims import read_claims
from metering.sources.kubernetes.kube_state_metrics import Spoken
from metering.sources.kubernetes.nodes import read_nodes
from metering.sources.kubernetes.pods import read_pods
from metering.sources.prometheus.cluster_label import ClusterLabel
from metering.sources.prometheus.server import PrometheusServer
from metering.sources.reading.batch import Batch


def read(source: SourceConfig, cluster: Cluster, site: Site, window: Period) -> Iterator[Batch]:
    """What kube-state-metrics said in the window, and `hold` before it, in one batch; of files of
    resource claims those that held devices in the window.

    SourceError where the server does not answer whole, or has nothing of kube-state-metrics.
    """
    options = source.options
    if isinstance(options, ResourceClaims):
        yield read_claims(source, options, cluster, site, window)
        return
    if not isinstance(options, Kubernetes) or source.endpoint is None:
        raise JeongsanError(f"source {source.name} has no server")
    with PrometheusServer(
        source.endpoint, options.server, site.directory, limits=source.limits
    ) as server:
        spoken = Spoken(server, ClusterLabel(options.server.cluster_label, server.url))
        match source.record:
            case "allocation":
                yield read_pods(spoken, source.name, options, cluster, site.calendar, window)
            case "node_state":
                yield read_nodes(spoken, options, window)
            case other:
                raise JeongsanError(f"a kubernetes source has no {other} records")
