"""How much one source may take: time, bytes, depth, columns. What is beyond is an error of it."""

from collections.abc import Collection
from dataclasses import dataclass

from metering.toml_reader import TomlTable

MIB = 1024**2
DEPTH_MAX = 500  # brackets within brackets; Python's own reader ends at about a thousand
KEYS = ("time", "size_mib", "depth", "columns")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one collecting of a source may take.

    The defaults are assumed: an hour for all that a server is asked, and of one answer or file, on
    its way and unpacked alike, as many bytes as an hour of one metric of 50,000 devices has.
    """

    time_ms: int = 3_600_000  # of all that is asked of a server
    size_bytes: int = 256 * MIB  # of one answer or file; a Parquet file is read in portions
    depth: int = 64  # of JSON
    columns: int = 1000  # of a table


SCRAPE = Limits(time_ms=60_000)  # of one exporter that is asked directly
NOTICE = Limits(time_ms=120_000, size_bytes=MIB)  # of one mail or call of a webhook


def read_limits(
    table: TomlTable, usual: Limits | None = None, keys: Collection[str] = KEYS
) -> Limits:
    """The table `limits`, or what holds without it."""
    usual = usual or Limits()
    own = table.table("limits")
    time_ms = own.duration_ms("time") if "time" in keys else None
    size_mib, depth, columns = (
        own.whole(key, 1) if key in keys else None for key in ("size_mib", "depth", "columns")
    )
    if depth is not None and depth > DEPTH_MAX:
        own.wrong("depth", f"must be {DEPTH_MAX} at most, not {depth}")
    own.close()
    return Limits(
        time_ms or usual.time_ms,
        size_mib * MIB if size_mib else usual.size_bytes,
        depth or usual.depth,
        columns or usual.columns,
    )
