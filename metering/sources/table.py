"""CSV and Parquet tables of any source, read by the map of columns that site.toml gives."""

from collections.abc import Iterator

from metering.period import Period
from metering.site import Cluster, Site, SourceConfig
from metering.sources.batch import Batch


def read(source: SourceConfig, cluster: Cluster, site: Site, window: Period) -> Iterator[Batch]:
    raise NotImplementedError
