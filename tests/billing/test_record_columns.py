"""Records made a column at a time are the records that their class makes."""

from dataclasses import FrozenInstanceError, astuple
from datetime import date
from decimal import Decimal

import pytest

from billing.record_columns import from_columns, from_rows
from billing.records import Charge

DAY = date(2025, 10, 1)
ONE = Charge(DAY, "C-1", "P-1", "gpu.h100", 5, "device_us", Decimal(6000), 7, "prices@2025")
TWO = Charge(DAY, "C-2", "P-2", "npu.rngd", 6, "device_us", Decimal(0), 0, "prices@2024")


def test_records_of_rows_are_those_of_their_class():
    assert from_rows(Charge, [astuple(ONE), astuple(TWO)]) == [ONE, TWO]
    assert hash(from_rows(Charge, [astuple(ONE)])[0]) == hash(ONE)


def test_they_cannot_be_changed():
    charge = from_rows(Charge, [astuple(ONE)])[0]
    with pytest.raises(FrozenInstanceError):
        charge.charge_krw = 8


def test_no_rows_make_no_records():
    assert from_rows(Charge, []) == []


def test_a_column_short_or_missing_is_a_mistake_of_ours():
    columns = [list(column) for column in zip(astuple(ONE), astuple(TWO), strict=True)]
    with pytest.raises(AssertionError, match="9 fields"):
        from_columns(Charge, columns[:-1])
    with pytest.raises(AssertionError, match="has a rule"):
        from_columns(Charge, [*columns[:-1], ["only one"]])
