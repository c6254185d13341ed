"""How much a store can hold, as its section of site.toml says: a figure beyond it is no figure."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from metering.settings.source_options.cloud_units import BYTES
from metering.toml_reader import TomlTable

SIZE = re.compile(r"(\d{1,15})\s?([A-Za-z]{1,5})", re.ASCII)
# Assumed, where site.toml says nothing: an exbibyte. The centre's whole storage is 107 PB, and what
# one resource is said to hold beyond ten times of it is a mistyped figure.
CAPACITY_BYTES = 2**60
# The most that any reading says of one resource at once, by its unit. Assumed: nobody holds a
# million devices.
LEVELS_MAX: Mapping[str, int] = MappingProxyType(
    {"mib": CAPACITY_BYTES // 1024**2, "milli_device": 10**9}
)


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
