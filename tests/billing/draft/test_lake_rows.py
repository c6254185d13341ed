"""Records as rows and back: every amount exact, whatever its size."""

from datetime import date
from decimal import Decimal

import pytest

from billing.draft.lake_rows import from_table, to_table
from billing.records import Charge, Usage

DAYS = (date(2025, 10, 1), date(2025, 10, 2))


@pytest.mark.parametrize("quantity", [0, 1, 2**63 - 1, 2**63, 10**37])
def test_usage_comes_back_as_it_was(quantity: int) -> None:
    rows = tuple(
        Usage(day, "C-1", project, "hpc", "gpu.h100", quantity, "device_us", 7, 2**40, False, True)
        for day in DAYS
        for project in ("P-1", "P-2")
    )
    assert from_table(Usage, to_table(Usage, rows)) == rows


def test_a_price_comes_back_with_the_places_that_it_was_written_with() -> None:
    prices = ("6000", "900.50", "0.000001")
    rows = tuple(
        Charge(DAYS[0], "C-1", f"P-{n}", "gpu.h100", 3, "device_us", Decimal(price), 5, "rule")
        for n, price in enumerate(prices)
    )
    read_back = from_table(Charge, to_table(Charge, rows))
    assert read_back == rows
    assert tuple(str(row.price_krw) for row in read_back) == prices


def test_no_rows_are_no_records() -> None:
    assert from_table(Usage, to_table(Usage, ())) == ()
