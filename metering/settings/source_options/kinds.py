"""The kinds of source: which records each can give, and what reads the kind's own keys.

A kind's module has RECORDS, and `read_options`, which reads the kind's keys of a source whose name,
kind, record and paths are read already. Mistakes are kept in the table.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from metering.calendar import Calendar
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
from metering.settings.source_options.declared_source import DeclaredSource, Record
from metering.settings.source_options.source_config import SourceOptions
from metering.toml_reader import TomlTable

OptionsReader = Callable[
    [DeclaredSource, TomlTable, Calendar], tuple[DeclaredSource, SourceOptions | None]
]

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
READERS: Mapping[str, OptionsReader] = MappingProxyType(
    {
        "slurm": slurm.read_options,
        "exposition": exposition.read_options,
        "table": table.read_options,
        "cloud": cloud.read_options,
        "prometheus": prometheus.read_options,
        "kubernetes": kubernetes.read_options,
        "storage": storage.read_options,
        "booking": booking.read_options,
    }
)
