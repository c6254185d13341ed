"""The kinds of source: what each may say of itself in site.toml, one module a kind.

A module has RECORDS, what such a source can give, and `settle`, which reads the kind's own keys
into a source whose name, kind, record and paths are read already. Mistakes are kept in the table.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from metering.period import Calendar
from metering.settings.source_options import (
    booking,
    cloud,
    exposition,
    kubernetes,
    prometheus,
    slurm,
    storage,
    table,
)
from metering.settings.source_options.source_config import Record, SourceConfig
from metering.toml_reader import TomlTable

Settle = Callable[[SourceConfig, TomlTable, Calendar], SourceConfig]

RECORDS: Mapping[str, tuple[Record, ...]] = MappingProxyType(
    {
        "slurm": slurm.RECORDS,
        "exposition": exposition.RECORDS,
        "table": table.RECORDS,
        "cloud": cloud.RECORDS,
        "prometheus": prometheus.RECORDS,
        "kubernetes": kubernetes.RECORDS,
        "storage": storage.RECORDS,
        "booking": booking.RECORDS,
    }
)
SETTLE: Mapping[str, Settle] = MappingProxyType(
    {
        "slurm": slurm.settle,
        "exposition": exposition.settle,
        "table": table.settle,
        "cloud": cloud.settle,
        "prometheus": prometheus.settle,
        "kubernetes": kubernetes.settle,
        "storage": storage.settle,
        "booking": booking.settle,
    }
)
