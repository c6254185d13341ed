"""Finds the files of a source and opens them, compressed or not."""

import codecs
import glob
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from metering.errors import SourceError
from metering.plain_text import unprintable
from metering.settings.site_toml import Site
from metering.settings.source_options.limits import MIB, Limits
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.reading.json_text import depth_of, is_json

CHUNK = MIB
UNBOUNDED = 2**63
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def files(source: SourceConfig, site: Site) -> Iterator[tuple[str, Path]]:
    """Each file of a source once, in order of name: its name relative to the site, its path.

    SourceError where no file matches, and where one has a name that nobody could be told.
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
        if problem := unprintable(name):
            raise SourceError(f"source {source.name}: the file {name!a}: {problem}")
    for name in sorted(paths):
        yield name, site.directory / name


def content(name: str, path: Path, limits: Limits | None = None) -> bytes:
    """The bytes of a file, unpacked where its name ends in .gz, and UTF-8 where they are marked as
    UTF-16, as PowerShell writes what it redirects; SourceError if they cannot be read, are more
    than the limits say, or are JSON that is nested deeper."""
    limits = limits or Limits()
    try:
        with _opened(path) as file:
            raw = _utf8(b"".join(_chunks(name, file, limits.size_bytes)))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise SourceError(f"{name}: cannot be read: {error}") from error
    refuse_depth(name, raw, limits)
    return raw


def refuse_depth(name: str, raw: bytes, limits: Limits) -> None:
    """SourceError where a text is JSON whose brackets are nested deeper than the limits say."""
    if raw.count(b"[") + raw.count(b"{") <= limits.depth or not is_json(raw):
        return
    if (depth := depth_of(raw)) > limits.depth:
        raise SourceError(
            f"{name}: its brackets are nested {depth:,} deep, more than `depth` {limits.depth} of"
            " the `limits` in site.toml"
        )


def _opened(path: Path) -> BinaryIO:
    if path.suffix == ".gz":
        return cast(BinaryIO, gzip.open(path))
    return path.open("rb")


def _chunks(name: str, file: BinaryIO, size_bytes: int) -> Iterator[bytes]:
    """The parts of a file; SourceError once they are more than so many bytes, unpacked."""
    came = 0
    while chunk := file.read(CHUNK):
        came += len(chunk)
        if came > size_bytes:
            raise SourceError(
                f"{name}: has more than {size_bytes // MIB or 1:,} MiB; cut it by day, or raise"
                " `size_mib` of the source's `limits` in site.toml"
            )
        yield chunk


def _utf8(raw: bytes) -> bytes:
    return raw.decode("utf-16").encode() if raw.startswith(UTF_16) else raw


def digest(raw: bytes) -> str:
    """What tells the content of one input from that of another, whatever they are called."""
    return hashlib.sha256(raw).hexdigest()


def digest_of(name: str, path: Path, limits: Limits | None = None) -> str:
    """The digest of a file, unpacked where its name ends in .gz; SourceError if it cannot be
    read, or what is packed is more than the limits say."""
    # a Parquet file is read in portions, so its size is no matter
    limits = Limits(size_bytes=UNBOUNDED) if path.suffix == ".parquet" else limits or Limits()
    known = hashlib.sha256()
    try:
        with _opened(path) as file:
            for chunk in _chunks(name, file, limits.size_bytes):
                known.update(chunk)
        return known.hexdigest()
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"{name}: cannot be read: {error}") from error


def numbered_lines(raw: bytes) -> Iterator[tuple[int, str | None, bytes]]:
    """Number, text (None where it is no UTF-8) and bytes of every line that is not blank.

    What Windows redirected into a file is UTF-16 by its mark, and is read as the UTF-8 of it.
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raw = raw.decode("utf-16", "replace").encode("utf-8", "replace")
    lines = io.BytesIO(raw.removeprefix(b"\xef\xbb\xbf"))  # one at a time: all would be too many
    for number, line in enumerate(lines, start=1):
        line = line.removesuffix(b"\n").removesuffix(b"\r")
        if not line.strip():
            continue
        try:
            yield number, line.decode("utf-8"), line
        except UnicodeDecodeError:
            yield number, None, line
