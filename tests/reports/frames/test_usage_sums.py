"""Metered lines added up: whole units exactly, amounts to the tenth decimal, of any size."""

from calendar import monthrange
from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pyarrow as pa
import pytest

from billing.rulebook.rule_book import RuleBook
from metering.lake.contract import contract
from reports.frames.arrow_frame import as_frame, as_rows
from reports.frames.usage_choices import UsageBy
from reports.frames.usage_levels import LEVELS, PLACES, TOTAL
from reports.frames.usage_sums import UsageWords, amounts_of, decimal_of, summed

OCTOBER, NOVEMBER = date(2025, 10, 31), date(2025, 11, 1)
PRICES = {
    "disk": SimpleNamespace(unit="gib_month"),
    "gpu.h100": SimpleNamespace(unit="device_hour"),
}
WORDS = UsageWords(
    companies={"C-1": "첫째"},
    projects={"P-1": "과제"},
    book=cast(RuleBook, SimpleNamespace(prices=PRICES)),
    complete_to_ms={"hpc": 1_761_922_800_000, "edge": 0},
)
NOTHING: Mapping[str, object] = {
    "cluster": "hpc", "day": OCTOBER, "source": "hpc", "account": "one", "sku": "gpu.h100",
    "unit": "device_us", "name": "1", "submitted_ms": 5, "started_ms": 7, "reading": False,
    "owner": "project", "company_id": "C-1", "project_id": "P-1", "reason": "",
    "quantity": Decimal(0), "issued": Decimal(0), "metered": True,
    "estimated": False, "provisional": False, "outdated": False,
}  # fmt: skip


def lines(*rows: Mapping[str, object]) -> pa.Table:
    kept = contract("metered_line").schema
    kinds = {field.name: field.type for field in kept}
    kinds |= {"cluster": pa.string(), "issued": pa.decimal128(38, 0)}
    kinds |= {"metered": pa.bool_(), "outdated": pa.bool_()}
    return pa.Table.from_pylist([{**NOTHING, **row} for row in rows], schema=pa.schema(kinds))


def rows_of(by: UsageBy | None, *given: Mapping[str, object]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = summed(lines(*given), LEVELS[by], WORDS).to_pylist()
    return rows


def test_more_than_a_float_can_hold_is_added_to_the_unit() -> None:
    big = 10**30 + 1
    [row] = rows_of(UsageBy.DAY, {"quantity": Decimal(big)}, {"quantity": Decimal(2**53 + 1)})
    assert int(row["quantity"]) == big + 2**53 + 1
    exact = Fraction(big + 2**53 + 1, 3_600_000_000)
    assert abs(Fraction(row["amount"]) - exact) <= Fraction(1, 2 * 10**PLACES)
    assert len(row["amount"].as_tuple().digits) > 28  # more than a decimal context keeps


@pytest.mark.parametrize(
    ("exact", "written"),
    [
        (Fraction(1, 3), "0.3333333333"),
        (Fraction(2, 3), "0.6666666667"),
        (Fraction(1, 2 * 10**10), "0.0000000001"),  # a half goes up
        (Fraction(1, 2 * 10**10 + 1), "0.0000000000"),
        (Fraction(0), "0.0000000000"),
    ],
)
def test_an_amount_is_half_up_at_ten_decimals(exact: Fraction, written: str) -> None:
    assert format(decimal_of(exact.numerator, exact.denominator), "f") == written


def test_two_quantities_never_read_alike() -> None:
    """The smallest steps: a microsecond of a device, and a MiB second of a month of 31 days."""
    for price_unit in ("device_hour", "gb_month", "gib_month", "gb_hour", "gib_hour"):
        amounts = amounts_of(range(2_000), [price_unit] * 2_000, 31 * 86_400)
        assert len(set(amounts)) == len(amounts), price_unit


def test_a_level_over_two_months_is_counted_in_the_seconds_of_each() -> None:
    gib_day = 1024 * 86_400  # MiB seconds
    disk = {"sku": "disk", "unit": "mib_s", "quantity": Decimal(gib_day)}
    [row] = rows_of(UsageBy.SKU, {**disk, "day": OCTOBER}, {**disk, "day": NOVEMBER})
    assert int(row["quantity"]) == 2 * gib_day
    exact = Fraction(1, 31) + Fraction(1, 30)
    assert row["amount"] == decimal_of(exact.numerator, exact.denominator)


def test_random_lines_come_to_what_fractions_say_line_by_line() -> None:
    random = Random(20261201)
    units = {"gpu.h100": ("device_us", Fraction(1, 3_600_000_000)), "disk": ("mib_s", None)}
    given, quantities, amounts = [], Counter[str](), Counter[str]()
    for _ in range(400):
        day = date(2025, random.randint(1, 12), random.randint(1, 28))
        sku = random.choice(sorted(units))
        unit, size = units[sku]
        seconds = monthrange(day.year, day.month)[1] * 86_400
        quantity = random.randrange(10 ** random.randint(1, 25))
        given.append({"day": day, "sku": sku, "unit": unit, "quantity": Decimal(quantity)})
        quantities[sku] += quantity
        amounts[sku] += quantity * (size or Fraction(1, 1024 * seconds))  # type: ignore[assignment]
    rows = {row["sku"]: row for row in rows_of(UsageBy.SKU, *given)}
    for sku, row in rows.items():
        exact = Fraction(amounts[sku])
        assert int(row["quantity"]) == quantities[sku]
        assert row["amount"] == decimal_of(exact.numerator, exact.denominator)
        assert abs(Fraction(row["amount"]) - exact) <= Fraction(1, 2 * 10**PLACES)
    assert len(rows) == 2


def test_what_is_priced_in_other_units_is_another_row() -> None:
    rows = rows_of(
        UsageBy.COMPANY,
        {"quantity": Decimal(3_600_000_000)},
        {"sku": "disk", "unit": "mib_s", "quantity": Decimal(1)},
        {"sku": "tape", "unit": "mib_s", "quantity": Decimal(1024 * 3600)},  # nobody prices it
    )
    assert [(row["amount_unit"], format(row["amount"].normalize(), "f")) for row in rows] == [
        ("device_hour", "1"), ("gib_hour", "1"), ("gib_month", "0.0000000004"),
    ]  # fmt: skip


def test_what_nobody_owns_has_no_company_and_is_in_the_sum() -> None:
    given = (
        {"quantity": Decimal(5)},
        {"owner": "nobody", "company_id": "", "project_id": "", "quantity": Decimal(7)},
        {"owner": "set_aside", "reason": "시험", "quantity": Decimal(11)},
    )
    rows = rows_of(UsageBy.COMPANY, *given)
    shown = [(row["company"], row["owner"], int(row["quantity"])) for row in rows]
    assert shown == [("첫째", "project", 5), ("첫째", "set_aside", 11), (None, "nobody", 7)]
    [total] = summed(lines(*given), TOTAL, WORDS).to_pylist()
    assert int(total["quantity"]) == 23


def test_a_row_is_as_unsure_as_its_least_sure_line() -> None:
    given = ({"estimated": True}, {"outdated": True}, {"cluster": "edge"})
    [row] = rows_of(UsageBy.PROJECT, *given)
    assert [row[flag] for flag in ("estimated", "provisional", "outdated")] == [True, False, True]
    assert row["known_to"] is None  # of one of its sections nothing is known
    [known] = rows_of(UsageBy.PROJECT, {})
    assert known["known_to"].isoformat() == "2025-10-31T15:00:00+00:00"


def test_a_company_that_the_registry_no_longer_has_keeps_its_id() -> None:
    [row] = rows_of(UsageBy.COMPANY, {"company_id": "C-9"})
    assert (row["company_id"], row["company"]) == ("C-9", None)


def test_a_frame_is_the_rows_and_back_without_a_float() -> None:
    rows = summed(lines({"quantity": Decimal(10**30 + 1)}, {"day": NOVEMBER}), LEVELS[None], WORDS)
    frame = as_frame(rows)
    assert as_rows(frame).equals(rows)
    assert not [kind for kind in map(str, frame.dtypes) if "float" in kind or "object" in kind]
    assert as_rows(frame[frame["quantity"] == 0]).num_rows == 1
