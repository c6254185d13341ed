"""A month's copy as an archive: the same bytes each time, and every byte of it held to them."""

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from billing.document import canonical, parse, sha256_hex
from billing.verify.differences import Discrepancy
from metering.errors import JeongsanError

LIST = "files.json"  # the digest of every other member, by its name
FILES_MAX = 100_000
BYTES_MAX = 4 << 30
CHUNK = 1 << 20
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # no file of a copy has a date, so that its bytes are the same
UNIX = 3
# What zipfile raises where a byte of an archive's own is another: it depends on which.
DAMAGE = (
    OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError,
    LookupError, OverflowError, struct.error, zlib.error,
)  # fmt: skip
Take = Callable[[str, bytes], None]


def plain_member(path: str) -> zipfile.ZipInfo:
    """A file of an archive of which nothing but its name and bytes is told."""
    member = zipfile.ZipInfo(path, LONG_AGO)
    member.create_system = UNIX
    member.external_attr = 0o644 << 16
    return member


def write_archive(target: Path, members: Iterable[tuple[str, bytes]]) -> int:
    """Write a copy, stored and not packed, since packers differ; gives how many files it holds."""
    digests: dict[str, str] = {}
    part = target.with_name(f".{target.name}.part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        for path, content in members:
            digests[path] = sha256_hex(content)
            archive.writestr(plain_member(path), content)
        archive.writestr(plain_member(LIST), canonical(digests).encode())
    part.replace(target)
    return len(digests) + 1


def read_archive(source: Path, take: Take) -> list[Discrepancy]:
    """Give every whole member to `take`, and name what is not as it was written: a member, or a
    byte between them. JeongsanError where it is no archive at all."""
    try:
        with zipfile.ZipFile(source) as archive, TemporaryFile() as file:
            _check_size(source, archive)
            differences, digests, named = _members(archive, file, take)
            differences = [*differences, *_unlike(named, digests)]
            return differences or list(_between(source, file, archive))
    except DAMAGE as error:
        raise JeongsanError(f"{source}: is not a copy of a month ({error})") from error


def _members(
    archive: zipfile.ZipFile, file: BinaryIO, take: Take
) -> tuple[list[Discrepancy], dict[str, str], bytes | None]:
    """The damaged members, the digests of the others, and their list; `file` gets them written as
    they should be."""
    discrepancies: list[Discrepancy] = []
    digests: dict[str, str] = {}
    named: bytes | None = None
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as again:
        for member in archive.infolist():
            name = member.filename
            content = _content(archive, member)
            if isinstance(content, Discrepancy):
                discrepancies.append(content)
                digests[name] = ""
            elif name in digests:
                discrepancies.append(Discrepancy(name, "one file", "two of this name"))
            else:
                again.writestr(plain_member(name), content)
                digests[name] = sha256_hex(content)
                if name == LIST:
                    named = content
                else:
                    take(name, content)
    return discrepancies, digests, named


def _unlike(named: bytes | None, digests: Mapping[str, str]) -> Iterator[Discrepancy]:
    """The members that are not those of the list; what is damaged is told already."""
    listed = _listed(named)
    if listed is None:
        if digests.get(LIST) != "":
            yield Discrepancy(LIST, "the files and their digests", "missing or damaged")
        return
    for name in sorted((listed.keys() | digests.keys()) - {LIST}):
        expected, there = listed.get(name), digests.get(name)
        if there != "" and expected != there:
            yield Discrepancy(name, _sha256(expected), _sha256(there))


def digest_of_file(path: Path) -> str:
    """What a copy is known by elsewhere: somebody who may change a file could change all of it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_size(source: Path, archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    stored = sum(member.file_size for member in members if _is_stored(member))
    if len(members) > FILES_MAX or stored > min(BYTES_MAX, source.stat().st_size):
        raise JeongsanError(f"{source}: is larger than a month can be")


def _is_stored(member: zipfile.ZipInfo) -> bool:
    return (member.compress_type, member.compress_size) == (zipfile.ZIP_STORED, member.file_size)


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes | Discrepancy:
    """The bytes of a member, or that they are damaged. A copy packs none, so what is packed is not
    even unpacked: it could be anything."""
    if not _is_stored(member):
        return Discrepancy(member.filename, "the bytes that were copied", "packed")
    try:
        return archive.read(member)
    except DAMAGE as error:
        return Discrepancy(member.filename, "the bytes that were copied", str(error) or "damaged")


def _between(source: Path, again: BinaryIO, archive: zipfile.ZipFile) -> Iterator[Discrepancy]:
    """The first byte of the archive's own that is not as it is written, at the member before it."""
    with source.open("rb") as file:
        again.seek(0)
        at = 0
        while (here := file.read(CHUNK)) == (wanted := again.read(CHUNK)):
            if not here:
                return
            at += len(here)
    at += next(
        (n for n, (byte, other) in enumerate(zip(here, wanted, strict=False)) if byte != other),
        min(len(here), len(wanted)),
    )
    members = [member for member in archive.infolist() if member.header_offset <= at]
    place = members[-1].filename if members and at < archive.start_dir else "the list of its files"
    yield Discrepancy(place, "the archive as it is written", f"another byte at {at:,}")


def _listed(content: bytes | None) -> dict[str, str] | None:
    if content is None:
        return None
    try:
        named = parse(content, LIST)
    except JeongsanError:
        return None
    return named if isinstance(named, dict) else None


def _sha256(digest: str | None) -> str:
    return f"sha256 {digest}" if digest else "missing"
