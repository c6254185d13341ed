"""Workbooks that would take all memory or all time: refused at once, each by one mistake."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from metering.calendar import Calendar
from metering.errors import Mistakes
from metering.registry.registry import read_registry
from tests.breadth import few
from tests.fuzz.bounded_child import refused
from tests.metering.registry.test_registry import sheets, write_workbook

IMPORTS = """
from pathlib import Path
import openpyxl
from metering.calendar import Calendar
from metering.errors import Mistakes
from metering.registry.registry import read_registry
import metering.registry.workbook
"""
ACT = 'read_registry(Path("."), Calendar("Asia/Seoul"))'
MIB = 1024**2
SHEET = re.compile(r"xl/worksheets/sheet1\.xml")


def changed(folder: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """A sound workbook with its parts changed."""
    path = write_workbook(folder, sheets()) / "registry" / "registry.xlsx"
    sound = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sound.namelist():
            archive.writestr(name, change(name, sound.read(name)))
    return path


def in_sheet(old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    """Changes a text of the first sheet."""

    def change(name: str, content: bytes) -> bytes:
        if not SHEET.fullmatch(name):
            return content
        assert old in content
        return content.replace(old, new)

    return change


def test_a_cell_far_from_all_others_is_named(tmp_path: Path) -> None:
    far = b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>'
    changed(tmp_path, in_sheet(b"</sheetData>", far))
    said = refused(IMPORTS, ACT, "Mistakes", tmp_path)
    assert "registry/registry.xlsx companies: reaches to row 1,048,576 and column XFD" in said


@pytest.mark.parametrize(
    ("reference", "good"),
    few(3, [("CV9", True), ("CW9", False), ("A200001", False), ("A200000", True)]),
)
def test_a_column_and_a_row_at_the_limits_are_read_and_one_beyond_is_not(
    tmp_path: Path, reference: str, good: bool
) -> None:
    row = re.sub(r"\D", "", reference)
    cell = f'<row r="{row}"><c r="{reference}" t="n"></c></row></sheetData>'.encode()
    changed(tmp_path, in_sheet(b"</sheetData>", cell))
    if good:
        read_registry(tmp_path, Calendar("Asia/Seoul"))
    else:
        with pytest.raises(Mistakes, match="reaches to row"):
            read_registry(tmp_path, Calendar("Asia/Seoul"))


@pytest.mark.parametrize("index", [b"99999999", b"-1", b"x", b"1.5"])
def test_an_index_of_a_shared_text_that_there_is_not(tmp_path: Path, index: bytes) -> None:
    cell = b'<row r="9"><c r="A9" t="s"><v>' + index + b"</v></c></row></sheetData>"
    changed(tmp_path, in_sheet(b"</sheetData>", cell))
    with pytest.raises(Mistakes, match=r"registry/registry\.xlsx"):
        read_registry(tmp_path, Calendar("Asia/Seoul"))


def test_a_part_that_unpacks_to_gigabytes(tmp_path: Path) -> None:
    path = changed(tmp_path, lambda _, content: content)
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/media/picture.png", "w") as part,
    ):
        for _ in range(100):
            part.write(bytes(MIB))
    said = refused(IMPORTS, ACT, "Mistakes", tmp_path)
    assert "unpacks to more than 64 MiB" in said


def test_more_cells_than_a_registry_has(tmp_path: Path) -> None:
    rows = b"<row>" + b"<c/>" * 90 + b"</row>"
    changed(tmp_path, in_sheet(b"</sheetData>", rows * 12_000 + b"</sheetData>"))
    assert "has more than 1,000,000 cells" in refused(IMPORTS, ACT, "Mistakes", tmp_path)


def test_entities_that_grow_are_refused(tmp_path: Path) -> None:
    lines = [b'<!ENTITY a0 "aaaaaaaaaaaaaaaaaaaa">']
    lines += [b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 20) for n in range(1, 10)]
    head = b"<!DOCTYPE x [" + b"".join(lines) + b"]>"

    def change(name: str, content: bytes) -> bytes:
        if not SHEET.fullmatch(name):
            return content
        content = content.replace(b"<worksheet", head + b"<worksheet", 1)
        cell = b'<row r="9"><c r="A9" t="str"><v>&a9;</v></c></row></sheetData>'
        return content.replace(b"</sheetData>", cell)

    changed(tmp_path, change)
    assert "registry/registry.xlsx" in refused(IMPORTS, ACT, "Mistakes", tmp_path)


def test_a_sheet_of_csv_that_is_larger_than_any(tmp_path: Path) -> None:
    folder = tmp_path / "registry"
    folder.mkdir()
    with (folder / "companies.csv").open("wb") as file:
        file.truncate(3 * 1024 * MIB)
    said = refused(IMPORTS, ACT, "Mistakes", tmp_path)
    assert "registry/companies.csv: has more than 64 MiB" in said


def test_a_line_without_end_and_commas_without_end(tmp_path: Path) -> None:
    folder = tmp_path / "registry"
    folder.mkdir()
    (folder / "companies.csv").write_bytes(b"," * (60 * MIB))
    said = refused(IMPORTS, ACT, "Mistakes", tmp_path)
    assert "registry/companies.csv:1: has a line of more than 1,000,000 letters" in said
