"""Finds the files of a source and opens them, compressed or not."""

import codecs
import glob
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path

from metering.errors import SourceError
from metering.settings.site_toml import Site
from metering.settings.source_options.source_config import SourceConfig

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def files(source: SourceConfig, site: Site) -> Iterator[tuple[str, Path]]:
    """Each file of a source once, in order of name: its name relative to the site, its path.

    SourceError where no file matches.
    """
    paths = {
        Path(name).as_posix()
        for pattern in source.paths
        for name in glob.glob(pattern, root_dir=site.directory, recursive=True)
        if (site.directory / name).is_file()
    }
    if not paths:
        raise SourceError(
            f"source {source.name}: no file matches {', '.join(source.paths)} in {site.directory}"
        )
    for name in sorted(paths):
        yield name, site.directory / name


def content(name: str, path: Path) -> bytes:
    """The bytes of a file, unpacked where its name ends in .gz, and UTF-8 where they are marked as
    UTF-16, as PowerShell writes what it redirects; SourceError if they cannot be read."""
    try:
        if path.suffix == ".gz":
            with gzip.open(path) as packed:
                return _utf8(packed.read())
        return _utf8(path.read_bytes())
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise SourceError(f"{name}: cannot be read: {error}") from error


def _utf8(raw: bytes) -> bytes:
    return raw.decode("utf-16").encode() if raw.startswith(UTF_16) else raw


def digest(raw: bytes) -> str:
    """What tells the content of one input from that of another, whatever they are called."""
    return hashlib.sha256(raw).hexdigest()


def digest_of(name: str, path: Path) -> str:
    """The digest of a file, unpacked where its name ends in .gz; SourceError if it cannot be
    read."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"{name}: cannot be read: {error}") from error


def numbered_lines(raw: bytes) -> Iterator[tuple[int, str | None, bytes]]:
    """Number, text (None where it is no UTF-8) and bytes of every line that is not blank.

    What Windows redirected into a file is UTF-16 by its mark, and is read as the UTF-8 of it.
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raw = raw.decode("utf-16", "replace").encode("utf-8", "replace")
    for number, line in enumerate(raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        line = line.removesuffix(b"\r")
        if not line.strip():
            continue
        try:
            yield number, line.decode("utf-8"), line
        except UnicodeDecodeError:
            yield number, None, line
