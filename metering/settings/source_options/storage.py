"""Snapshots of a store: what lists them, which figure of them is billed as which SKU, and whose."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, cast

from metering.calendar import HOUR_MS, Calendar
from metering.settings.source_options.cloud_units import BYTES, CAPACITY_BYTES
from metering.settings.source_options.declared_source import DeclaredSource, Record
from metering.settings.source_options.location import check_files
from metering.toml_reader import TomlTable

Format = Literal[
    "lfs_quota", "mmrepquota", "gpfs_exporter", "ceph_rgw", "ceph_pools", "ceph_df", "rgw_usage"
]

SIZE = re.compile(r"(\d{1,15})\s?([A-Za-z]{1,5})", re.ASCII)
RECORDS: tuple[Record, ...] = ("reading",)
# Assumed: a store is asked once a day at least, and a daily run may be two hours late.
CARRY_MS = 26 * HOUR_MS
# A level is no longer known a week later, whatever site.toml says. Assumed.
CARRY_MS_MAX = 7 * 24 * HOUR_MS

# What was written, that with all its copies, and the room that it takes on disks.
POOL_FIGURES = ("stored", "stored_raw", "bytes_used")
# Which figure is billed, and which of its names is the account. Where there is one, it is taken.
FIGURES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "lfs_quota": ("used",),
        "mmrepquota": ("used",),
        "gpfs_exporter": ("used",),
        "ceph_rgw": ("size", "size_actual", "size_utilized"),
        "ceph_pools": POOL_FIGURES,
        "ceph_df": POOL_FIGURES,
        "rgw_usage": ("bytes_sent", "bytes_received"),
    }
)
ACCOUNTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "lfs_quota": ("id", "name", "path"),
        "mmrepquota": ("name", "filesystem/name"),
        "gpfs_exporter": ("name", "filesystem/name"),
        "ceph_rgw": ("owner", "bucket"),
        "ceph_pools": ("pool",),
        "ceph_df": ("pool",),
        "rgw_usage": ("owner", "user"),  # whose the bucket is, or who asked for it
    }
)
LEVELS = tuple(name for name in FIGURES if name != "rgw_usage")  # that is of amounts
# One file or project is counted in the quota of its user, its group and its project or file set
# alike: these are views of the same bytes, and one of them is billed.
QUOTAS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "lfs_quota": ("project", "user", "group"),
        "mmrepquota": ("FILESET", "USR", "GRP"),
    }
)
ONLY = ("mmrepquota", "gpfs_exporter", "ceph_pools", "ceph_df")
# Quotas of GPFS count every copy of a block (IBM, "Enabling quotas": the values of mmrepquota are
# double those of ls where data is kept twice). It keeps three copies at most.
COPIED = ("mmrepquota", "gpfs_exporter")
COPIES_MAX = 3
CATEGORIES = ("rgw.main", "rgw.multimeta")  # the second: uploads in parts that were not finished


@dataclass(frozen=True, slots=True)
class StorageOptions:
    """What a storage source says of itself; site.toml has a key for each."""

    format: Format
    sku: str
    figure: str
    account: str  # which of the names that a snapshot has is the account
    carry_ms: int = CARRY_MS  # how long a level holds where no snapshot follows
    quota: str = ""  # whose quota is billed: of projects, file sets, users or groups
    filesystem: str = ""  # lfs_quota: what the file system is called here
    only: tuple[str, ...] = ()  # the file systems or pools that are billed; none: all
    categories: tuple[str, ...] = ("rgw.main",)
    copies: int = 1  # by which a figure that counts every copy is divided
    whole: bool = True  # whether a list has all that there is, so that what it lacks is gone
    capacity_bytes: int = CAPACITY_BYTES  # what the store can hold; its section says it

    @property
    def basis(self) -> tuple[object, ...]:
        """What a byte of the SKU is: the same in every source that gives it."""
        return (self.figure, self.categories, self.copies > 1)


def read_options(
    source: DeclaredSource, table: TomlTable, calendar: Calendar
) -> tuple[DeclaredSource, StorageOptions | None]:
    """The source with its options."""
    check_files(table, source.paths)
    format_ = cast(Format, table.choice("format", FIGURES))
    if format_ not in FIGURES:
        return source, None
    only_here = {
        "quota": tuple(QUOTAS),
        "filesystem": ("lfs_quota",),
        "only": ONLY,
        "categories": ("ceph_rgw",),
        "copies": COPIED,
        "carry": LEVELS,
        "whole": LEVELS,
    }
    for key, formats in only_here.items():
        if table.has(key) and format_ not in formats:
            table.wrong(key, f"is for {', '.join(formats)} only")
    options = StorageOptions(
        format=format_,
        sku=table.text("sku"),
        figure=_one_of(table, "figure", FIGURES[format_]),
        account=_one_of(table, "account", ACCOUNTS[format_]),
        carry_ms=_carry_ms(table),
        quota=_quota(table, format_),
        filesystem=_filesystem(table, format_),
        only=table.texts("only"),
        categories=_categories(table),
        copies=_copies(table),
        whole=table.flag("whole", True),
    )
    return source, options


def _one_of(table: TomlTable, key: str, choices: tuple[str, ...]) -> str:
    """The choice of a key, which has to be said where there is more than one."""
    return table.choice(key, choices, choices[0] if len(choices) == 1 else None)


def _quota(table: TomlTable, format_: Format) -> str:
    if format_ in QUOTAS:
        return table.choice("quota", QUOTAS[format_])
    table.text("quota", "")
    return ""


def _filesystem(table: TomlTable, format_: Format) -> str:
    """`lfs quota` names a directory, not its file system, and two may have one project's id."""
    return table.text("filesystem", None if format_ == "lfs_quota" else "")


def _carry_ms(table: TomlTable) -> int:
    carry_ms = table.duration_ms("carry")
    if carry_ms is None:
        return CARRY_MS
    if carry_ms > CARRY_MS_MAX or carry_ms % 1000:
        table.wrong("carry", f"must be whole seconds, {CARRY_MS_MAX // HOUR_MS}h at most")
        return CARRY_MS
    return carry_ms


def _copies(table: TomlTable) -> int:
    copies = table.whole("copies", 1)
    if copies is not None and copies > COPIES_MAX:
        table.wrong("copies", f"must be {COPIES_MAX} at most, not {copies}")
    return copies or 1


def _categories(table: TomlTable) -> tuple[str, ...]:
    categories = table.texts("categories") or CATEGORIES[:1]
    for name in categories:
        if name not in CATEGORIES:
            table.wrong("categories", f"{name!r} is none of {', '.join(CATEGORIES)}")
    return categories


def read_capacity_bytes(table: TomlTable) -> int:
    """The bytes of the key `capacity` of a section, written like "3PiB"; an exbibyte without it."""
    text = table.text("capacity", "")
    if not text:
        return CAPACITY_BYTES
    size = SIZE.fullmatch(text)
    unit = BYTES.get(size[2].lower(), 0) if size else 0
    if size is None or not unit or not int(size[1]):
        table.wrong(
            "capacity", f'must be a size with its unit, like "3PiB" or "500TB", not {text!r}'
        )
        return CAPACITY_BYTES
    if int(size[1]) * unit > CAPACITY_BYTES:
        table.wrong("capacity", "must be 1024PiB at most")
        return CAPACITY_BYTES
    return int(size[1]) * unit
