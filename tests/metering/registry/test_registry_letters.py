"""The registry's CSV in whatever letters it was saved; an unreadable file is one mistake."""

from pathlib import Path

import pytest

from metering.registry.registry import read_registry
from tests.metering.registry.test_registry import COMPANY, SEOUL, mistakes_of, sheets, write_csv


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_a_registry_is_read_in_whatever_letters_a_spreadsheet_saves(
    tmp_path: Path, encoding: str
) -> None:
    site = write_csv(tmp_path, sheets(), encoding)
    assert read_registry(site, SEOUL).companies[0].name == COMPANY["name"]


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (b"\xff\xff", ":2: is neither UTF-8 nor CP949; save it as CSV UTF-8"),
        (b"\0", ": is no text in UTF-8, CP949 or UTF-16; save it as CSV UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_mistake(
    tmp_path: Path, broken: bytes, message: str
) -> None:
    site = write_csv(tmp_path, sheets())
    path = site / "registry" / "companies.csv"
    head, _, rest = path.read_bytes().partition(b"\n")
    path.write_bytes(broken + head if broken == b"\0" else head + b"\n" + broken + rest)
    assert mistakes_of(site) == [f"registry/companies.csv{message}"]


def test_a_quote_that_swallows_lines_is_one_mistake_with_the_first_and_the_last(
    tmp_path: Path,
) -> None:
    site = write_csv(tmp_path, sheets())
    path = site / "registry" / "projects.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    swallowed = ['P-7,C-1,"가,2025-09-01,', 'P-8,C-1,나",2025-09-01,']
    path.write_text("\n".join([*lines, *swallowed, ""]), encoding="utf-8")
    first = len(lines) + 1
    assert mistakes_of(site) == [
        (
            f"registry/projects.csv:{first}: is of a quoted cell that runs over lines,"
            f" {first} to {first + 1}"
        )
    ]
