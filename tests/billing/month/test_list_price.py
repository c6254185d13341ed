"""What findings may be worth: list price of the usage that each is about, or unknown."""

from dataclasses import replace
from datetime import date

import pytest

from billing.month.list_price import worth_krw
from billing.rulebook.rule_book import read_rulebook
from metering.calendar import Calendar
from metering.database.findings import merged
from metering.finding import Finding, Stake

DAY = date(2025, 10, 4)
CALENDAR = Calendar("Asia/Seoul")
BOOK = read_rulebook()
HOUR_US = 3_600_000_000
ONE = Finding("warn", "dark", "meter", "hpc", DAY, "h100", "h100", f"gpu.h100:device_us:{HOUR_US}")


def worth(*finding: Finding) -> dict[str, int]:
    return worth_krw(finding, BOOK, CALENDAR)


def test_an_hour_of_a_device_is_worth_its_price_of_the_day() -> None:
    assert worth(ONE) == {ONE.key: int(BOOK.prices["gpu.h100"].on(DAY))}


def test_won_are_floored_once_over_all_that_a_finding_is_about() -> None:
    half_won = HOUR_US // (2 * int(BOOK.prices["gpu.h100"].on(DAY)))
    part = f"gpu.h100:device_us:{half_won}"
    assert worth(replace(ONE, stake=part)) == {ONE.key: 0}
    assert worth(replace(ONE, stake=f"{part} {part}")) == {ONE.key: 1}


@pytest.mark.parametrize(
    "stake",
    ["", "gpu.b900:device_us:5", "gpu.h100:mib_s:5", f"gpu.h100:device_us:{HOUR_US} gpu.b900:x:1"],
    ids=["about no usage", "a SKU without price", "another unit", "one of two unknown"],
)
def test_what_cannot_be_priced_is_unknown_and_not_nothing(stake: str) -> None:
    assert worth(replace(ONE, stake=stake)) == {}


def test_a_day_before_the_first_price_is_unknown() -> None:
    assert worth(replace(ONE, day=date(2020, 1, 1))) == {}
    assert worth(replace(ONE, day=None)) == {}


def test_findings_of_one_key_put_their_stakes_together() -> None:
    other = replace(ONE, detail="other", stake="gpu.a100:device_us:7")
    (both,) = merged([ONE, other])
    assert both.stakes == (
        Stake("gpu.a100", "device_us", 7),
        Stake("gpu.h100", "device_us", HOUR_US),
    )
