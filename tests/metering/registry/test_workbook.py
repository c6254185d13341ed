"""A registry in one workbook: the same as in sheets of CSV, each cell read exactly."""

import random
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from metering.errors import Mistakes
from metering.registry.registry import read_registry
from tests.metering.registry.test_registry import (
    AWARD,
    COMPANY,
    DEVICE,
    OTHER,
    PROJECT,
    READ,
    SEOUL,
    columns_of,
    mistakes_of,
    sheets,
    write_workbook,
)


def test_one_workbook_gives_the_same_registry(tmp_path: Path) -> None:
    typed = sheets(
        companies=[COMPANY | {"founded_on": date(2021, 3, 2), "representative_birth_year": 1991}],
        projects=[PROJECT | {"started_on": datetime(2025, 9, 1)}],  # noqa: DTZ001
        devices=[
            DEVICE | {"installed_at": datetime(2025, 10, 1), "power_limit_w": 700}  # noqa: DTZ001
        ],
        awards=[AWARD | {"quota": 520.5, "cap_krw": 2_000_000, "budget_year": 2025}],
    )
    expected = replace(READ, awards=(replace(READ.awards[0], quota=Decimal("520.5")),))
    assert read_registry(write_workbook(tmp_path, typed), SEOUL) == expected


@pytest.mark.parametrize(
    ("value", "quota"),
    [(0.1, "0.1"), (520, "520"), (1_000_000.25, "1000000.25"), ("0.10", "0.10"), (1e15, "1E+15")],
)
def test_a_number_in_a_workbook_is_read_exactly(tmp_path: Path, value: object, quota: str) -> None:
    site = write_workbook(tmp_path, sheets(awards=[AWARD | {"quota": value}]))
    assert read_registry(site, SEOUL).awards[0].quota == Decimal(quota)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("quota", 1234567890123456, "K2: has more than 15 digits; format the cell as text"),
        ("quota", "=1+1", "K2: is a formula; write its value"),
        ("quota", "#N/A", "K2: is an error (#N/A); write its value"),
        ("quota", True, "K2 quota: 'TRUE' is no number like 520 or 520.5, digits only"),
    ],
)  # fmt: skip
def test_a_cell_of_a_workbook_that_is_not_plain_is_refused(
    tmp_path: Path, column: str, value: object, message: str
) -> None:
    rows = sheets(awards=[AWARD | {column: value}])
    sheet_columns = list(columns_of("awards"))
    letter = chr(ord("A") + sheet_columns.index(column))
    expected = f"registry/registry.xlsx awards!{message}".replace("K2", f"{letter}2")
    assert expected in mistakes_of(write_workbook(tmp_path, rows))


def test_a_mistake_in_a_workbook_names_sheet_row_and_column(tmp_path: Path) -> None:
    rows = sheets(companies=[COMPANY, OTHER | {"business_number": 1234567890}])
    assert mistakes_of(write_workbook(tmp_path, rows)) == [
        (
            "registry/registry.xlsx companies!B3 business_number: '1234567890' is no business"
            " number: ten digits, the last one checked"
        )
    ]


def test_a_file_that_is_no_workbook_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "registry.xlsx").write_bytes(b"not a zip")
    assert mistakes_of(tmp_path)[0].startswith("registry/registry.xlsx: is no .xlsx workbook")


def test_a_damaged_workbook_gives_mistakes_or_a_registry_and_nothing_else(tmp_path: Path) -> None:
    path = write_workbook(tmp_path, sheets()) / "registry" / "registry.xlsx"
    sound = path.read_bytes()
    chance = random.Random(20251001)
    refused = 0
    for _ in range(120):
        damaged = bytearray(sound)
        for _ in range(chance.choice((1, 3, 20))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            read_registry(tmp_path, SEOUL)
        except Mistakes:
            refused += 1
    assert refused > 60
