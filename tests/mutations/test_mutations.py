"""The list of breaks fits the code; that each is noticed takes a run of its test (soak)."""

from pathlib import Path

import pytest

from tests.mutations.__main__ import Break, breaks, survivors
from tests.paths import ROOT

LEAST = 50


def test_there_are_breaks_of_every_part() -> None:
    listed = breaks()
    assert len(listed) >= LEAST
    assert len({(each.file, each.old, each.new) for each in listed}) == len(listed)
    parts = {each.file.rsplit("/", 1)[0] for each in listed}
    assert parts >= {
        "metering/landing", "metering/collect", "metering/usage", "metering/lake",
        "billing/month", "billing/subsidy", "billing/ledger", "billing/close", "billing/payment",
        "reports/tax",
    }  # fmt: skip


@pytest.mark.parametrize("each", breaks(), ids=lambda each: str(each.number))
def test_a_break_fits_the_code_and_names_a_test_that_is_there(each: Break) -> None:
    assert (ROOT / each.file).read_text(encoding="utf-8").count(each.old) == 1
    assert each.old != each.new
    path, _, name = each.test.partition("::")
    assert f"def {name.partition('[')[0]}(" in (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.soak
def test_every_break_is_noticed(tmp_path: Path) -> None:
    assert list(survivors(breaks(), tmp_path)) == []
