"""What documents call a company has days, as its type, size and place do (SETTLEMENT 42)."""

from datetime import date
from pathlib import Path

import pytest

from metering.registry.checks import SiteNames
from metering.registry.registry import Company, PrintedAs, Registry, read_registry
from metering.site.load_registry import compare
from tests.metering.registry.test_registry import (
    COMPANY,
    OTHER,
    READ,
    SEOUL,
    Rows,
    mistakes_in,
    mistakes_of,
    sheets,
    write_csv,
)

BEFORE, SINCE = date(2025, 10, 14), date(2025, 10, 15)
LATER: dict[str, object] = {
    "company_id": "C-1",
    "org_type": "startup",
    "size": "small",
    "place": "광주",
}
RENAMED = LATER | {
    "name": "무등에이아이(주)",
    "business_number": "1208147521",
    "from": "2025-10-15",
}
FIRST = PrintedAs(
    None, "124-81-00998", "(주)무등", "김하늘", "광주광역시 북구 1", "정보통신업", "소프트웨어"
)


def company(tmp_path: Path, *rows: dict[str, object]) -> Company:
    return registry(tmp_path, *rows).company("C-1")


def registry(tmp_path: Path, *rows: dict[str, object]) -> Registry:
    return read_registry(write_csv(tmp_path, sheets(companies=list(rows))), SEOUL)


def test_a_name_and_a_number_hold_from_the_day_of_their_row(tmp_path: Path) -> None:
    """A cell that is left blank is as before."""
    known = company(tmp_path, COMPANY, RENAMED)
    assert known.printed_on(BEFORE) == FIRST
    after = known.printed_on(SINCE)
    assert (after.name, after.business_number, after.address) == (
        "무등에이아이(주)", "120-81-47521", "광주광역시 북구 1",
    )  # fmt: skip
    assert (known.name, known.business_number) == (after.name, after.business_number)
    assert known.business_numbers == {"124-81-00998", "120-81-47521"}
    held = registry(tmp_path, COMPANY, RENAMED)
    assert Registry.from_document(held.to_document()) == held


def test_rows_may_stand_in_any_order(tmp_path: Path) -> None:
    whole = RENAMED | {"founded_on": "2021-03-02", "representative_birth_year": "1991"}
    turned = company(tmp_path, whole, COMPANY)
    assert turned.printed == company(tmp_path, COMPANY, RENAMED).printed
    first_blank = company(tmp_path, COMPANY | {"from": "2025-10-15"}, LATER)
    assert (first_blank.printed, first_blank.name) == ((), "(주)무등")


def test_a_registry_in_which_nobody_was_renamed_is_what_it_was(tmp_path: Path) -> None:
    """Its document says nothing of names, so that its digest is that of before."""
    moved = company(tmp_path, COMPANY, LATER | {"place": "서울", "from": "2025-10-15"})
    assert (moved.printed, len(moved.facts)) == ((), 2)
    document = READ.to_document()
    assert all("printed" not in row for row in document["companies"])


def test_a_load_says_who_was_renamed_and_from_when(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    before, after = registry(tmp_path, COMPANY), registry(tmp_path / "b", COMPANY, RENAMED)
    (difference,) = compare(before, after)
    rest = "김하늘, 광주광역시 북구 1"
    assert difference.key == "C-1"
    cells = {cell.column: (cell.old, cell.new) for cell in difference.cells}
    assert cells["name"] == ("(주)무등", "무등에이아이(주)")
    assert cells["from: business_number, name, representative, address"] == (
        "",
        f"124-81-00998, (주)무등, {rest}; 2025-10-15: 120-81-47521, 무등에이아이(주), {rest}",
    )


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [COMPANY | {"name": ""}, RENAMED | {"name": ""}],
            "registry/companies.csv:2 name: must not be empty",
        ),
        (
            [COMPANY, RENAMED | {"business_number": "1208147522"}],
            "registry/companies.csv:3 business_number: '1208147522' is no business number",
        ),
        (
            [COMPANY, RENAMED, OTHER | {"business_number": "120-81-47521"}],
            "registry/companies.csv:4 business_number: '120-81-47521' is in row 2 already",
        ),
        (
            [COMPANY, RENAMED, OTHER | {"business_number": "124-81-00998"}],
            "registry/companies.csv:4 business_number: '124-81-00998' is in row 2 already",
        ),
        (
            [COMPANY, RENAMED | {"from": ""}],
            "registry/companies.csv:3 from: row 2 says as well what the company is",
        ),
    ],
)
def test_what_dated_names_cannot_say_is_refused_with_its_cell(
    tmp_path: Path, rows: Rows, message: str
) -> None:
    assert [text for text in mistakes_in(tmp_path, companies=rows) if text.startswith(message)]


def test_no_number_that_a_company_ever_had_is_the_issuers(tmp_path: Path) -> None:
    names = SiteNames(frozenset({"hpc"}), None, None, "1208147521")
    site = write_csv(tmp_path, sheets(companies=[COMPANY, RENAMED]))
    (mistake,) = mistakes_of(site, names)
    assert "business_number: 120-81-47521 is the issuer's own (site.toml)" in mistake
