"""A month's copy that is a bomb, or deeper than any: refused at once."""

import struct
import zipfile
from pathlib import Path

import pytest

from tests.fuzz.bounded_child import refused

IMPORTS = """
from pathlib import Path
from billing.verify.zip_bytes import read_archive
from metering.errors import JeongsanError

def read():
    differences = read_archive(Path("month.zip"), lambda name, content: None)
    if differences:
        raise JeongsanError("; ".join(map(str, differences)))
"""
MIB = 1024**2


def said(folder: Path) -> str:
    return refused(IMPORTS, "read()", "JeongsanError", folder)


@pytest.mark.breadth
def test_what_is_packed_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "month.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("a", "b"):
            with archive.open(name, "w") as part:
                for _ in range(400):
                    part.write(bytes(MIB))
    assert (tmp_path / "month.zip").stat().st_size < MIB
    told = said(tmp_path)
    assert "packed" in told
    assert "'a'" in told or "a" in told


def test_members_that_lie_over_one_another_are_no_copy(tmp_path: Path) -> None:
    """Ten thousand names for the same megabyte of the archive."""
    path = tmp_path / "month.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a", bytes(MIB))
    content = path.read_bytes()
    start = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    entry, many = content[start:end], 10_000
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, many, many, len(entry) * many, start, 0)
    path.write_bytes(content[:start] + entry * many + tail)
    assert "is larger than a month can be" in said(tmp_path)


def test_a_document_that_is_nested_without_end_or_has_digits_without_end(tmp_path: Path) -> None:
    imports = "from billing.document import parse\nfrom metering.errors import JeongsanError"
    deep = refused(imports, 'parse("[" * 100_000, "recorded.json")', "JeongsanError", tmp_path)
    assert "recorded.json: its brackets are nested too deep" in deep
    long = refused(imports, 'parse("9" * 100_000, "recorded.json")', "JeongsanError", tmp_path)
    assert "recorded.json: not JSON" in long
