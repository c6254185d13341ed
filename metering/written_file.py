"""Files that people write: read whole, where they are no larger than anybody writes one."""

from pathlib import Path

from metering.errors import JeongsanError

MIB = 1024**2
SETTINGS_MIB = 1  # site.toml, a file of rules
SHEET_MIB = 64  # a sheet of the registry, a bank's list


class TooLargeError(JeongsanError):
    """A file is larger than any of its kind."""


def read_written(path: Path, most_mib: int) -> bytes:
    """The bytes of a file; TooLargeError where they are more than so many MiB, OSError where it
    cannot be read."""
    with path.open("rb") as file:
        content = file.read(most_mib * MIB + 1)
    if len(content) > most_mib * MIB:
        raise TooLargeError(f"has more than {most_mib} MiB, which no such file has")
    return content
