"""A Slurm source: dumps of its accounting."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from metering.calendar import Calendar, Naive
from metering.plain_text import MODEL
from metering.settings.source_options.declared_source import DeclaredSource, Record
from metering.settings.source_options.location import check_files, read_file_name
from metering.toml_reader import TomlTable

RECORDS: tuple[Record, ...] = ("allocation", "node_state", "control_total")
DEVICES = ("gpu", "npu")
SHARES_MAX = 1000  # of a device: one of more is less than a milli-device


@dataclass(frozen=True, slots=True)
class SlurmOptions:
    """What a source of Slurm says of itself."""

    naive: Naive = "utc"  # whose clock times without an offset are
    slurm_cluster: str = ""  # how the cluster is called in Slurm's accounting
    ignored_gres: tuple[str, ...] = ()  # what is no accelerator
    gres_devices: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # resource, model
    gres_models: Mapping[str, str] = field(default_factory=dict)  # by type, in small letters
    # how many make one device: by node list or partition, '' for everywhere
    shards: Mapping[str, int] = field(default_factory=dict)
    mps: Mapping[str, int] = field(default_factory=dict)


def read_options(
    source: DeclaredSource, table: TomlTable, calendar: Calendar
) -> tuple[DeclaredSource, SlurmOptions]:
    """The source with its files; texts without an offset are UTC unless `naive` says otherwise.

    Of allocations also what the names of generic resources mean.
    """
    check_files(table, source.paths)
    naive = table.choice("naive", ("utc", "site"), "") or "utc"
    options = SlurmOptions(cast(Naive, naive), table.text("slurm_cluster", ""))
    if source.record == "allocation":
        options = replace(
            options,
            ignored_gres=table.texts("ignored_gres"),
            gres_devices=_devices(table),
            gres_models=_models(table),
            shards=table.wholes_by_name("shards", 1, SHARES_MAX),
            mps=table.wholes_by_name("mps", 1, SHARES_MAX),
        )
    return replace(source, file_name=read_file_name(table, ("as_of",))), options


def _devices(table: TomlTable) -> dict[str, tuple[str, str]]:
    """`rngd = "npu"` or, with the model that it always is, `"npu:rngd"`."""
    devices = {}
    for name, meaning in table.texts_by_name("gres_devices").items():
        kind, colon, model = meaning.partition(":")
        if kind not in DEVICES or (colon and not MODEL.fullmatch(model)):
            table.wrong("gres_devices", f'{name}: write "gpu", "npu" or "npu:<model>"')
        else:
            devices[name] = (kind, model)
    return devices


def _models(table: TomlTable) -> dict[str, str]:
    """Models by what Slurm calls a type, which it writes in letters of either size."""
    models: dict[str, str] = {}
    for name, model in table.texts_by_name("gres_models").items():
        if not MODEL.fullmatch(model):
            table.wrong(
                "gres_models",
                f"{name}: {model!r} may have small letters, digits and . - inside only",
            )
        elif models.setdefault(name.lower(), model) != model:
            table.wrong("gres_models", f"{name} has two models")
    return models
