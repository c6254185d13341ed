"""When limits will be used up: how fast they are used, the estimate, and where none is given."""

import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from billing.quota.burn_rate import Paces, paces, paces_of
from billing.quota.limits_on_day import LimitState, limits_on
from metering.errors import JeongsanError
from reports.quota.forecast import LEAST_DAYS, EndDays, end_days
from reports.quota.forecast_view import forecast_of, forecasts_of_day, why_text
from reports.quota.limits_view import LimitsWanted, limits_of_day
from tests.builders.explained_month import stood
from tests.builders.rules_and_usage import (
    HOUR_US,
    award,
    book,
    caps,
    programme,
    registry,
    source,
    used,
)
from tests.builders.sites.simulated_site import NOVEMBER, open_site, paying

FIRST = date(2025, 10, 1)
LAST = FIRST + timedelta(LEAST_DAYS - 1)
BUSY = [3, 5, 4, 6, 2, 1, 2] * 8  # eight weeks of 23 a week


def limit(kind: str, granted: int | None, gone: int, period: str = "") -> LimitState:
    return LimitState(
        kind, "P1", "S-1", "A", "", "national", period, "krw", granted, gone, "rule"  # type: ignore[arg-type]
    )  # fmt: skip


def steady(days: int, amount: int = 10) -> Paces:
    """The same use of an award on each of the last days."""
    first = LAST - timedelta(days - 1)
    by_day = {first + timedelta(n): amount for n in range(days)}
    return Paces(first, LAST, frozenset(), {("award", "S-1"): by_day})


@pytest.mark.parametrize(
    ("left", "within", "day"), [(1, 5, 1), (10, 5, 1), (11, 5, 2), (50, 5, 5), (51, 5, None)]
)
def test_the_same_use_every_day_ends_on_a_day_that_is_plain(
    left: int, within: int, day: int | None
) -> None:
    assert end_days([10] * LEAST_DAYS, left, within) == EndDays(day, day, day)


def test_nothing_used_never_ends() -> None:
    assert end_days([0] * LEAST_DAYS, 1, 100) == EndDays(None, None, None)


@pytest.mark.breadth
def test_uneven_use_gives_a_range_and_the_same_one_again() -> None:
    days = end_days(BUSY, 46, 60)
    assert days == end_days(BUSY, 46, 60)
    assert days.early is not None
    assert days.likely is not None
    assert days.late is not None
    assert days.early < days.likely < days.late
    assert 12 <= days.likely <= 16, "46 are two weeks of it"


def test_the_unit_of_the_amounts_makes_no_difference() -> None:
    assert end_days([n * 2**40 for n in BUSY], 46 * 2**40, 60) == end_days(BUSY, 46, 60)


def test_a_later_end_than_is_asked_for_is_not_told() -> None:
    assert end_days(BUSY, 46, 8) == EndDays(None, None, None)
    some = end_days(BUSY, 46, 14)
    assert (some.early is None, some.late is None) == (False, True)


def test_unknown_days_are_not_taken_for_days_without_use() -> None:
    gaps = [None if at % 9 == 4 else amount for at, amount in enumerate(BUSY)]
    zeros = [amount or 0 for amount in gaps]
    known, taken = end_days(gaps, 46, 90), end_days(zeros, 46, 90)
    assert known.likely is not None
    assert taken.likely is not None
    assert known.likely < taken.likely


def test_without_the_library_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "statsmodels.tsa.arima.model", None)
    with pytest.raises(JeongsanError, match=r"pip install 'jeongsan\[forecast\]'"):
        end_days(BUSY, 46, 60)


def test_the_pace_of_a_limit_is_what_each_day_takes_of_it() -> None:
    rules = book(
        programme("P1", "0.5", funding=(source("national", "1", {"2025": 1_000_000}),),
                  more=caps(company_year=500_000))
    )  # fmt: skip
    held = registry([award("S-1", "P1", "A", quota="30", quota_unit="device_hours")])
    hours = {2: 10, 4: 5, 5: 20}
    usages = [used(date(2025, 10, day), "A-1", n * HOUR_US) for day, n in hours.items()]
    month, _ = stood(usages, rules, held)
    last = date(2025, 10, 6)
    going = paces_of([month], date(2025, 10, 1), last)
    by_kind = {state.kind: going.of(state) for state in limits_on(month, last)}
    # 30 of the 35 hours are within the quota; half of 6,000 won each
    assert by_kind == {
        "quota": (10 * HOUR_US, 0, 5 * HOUR_US, 15 * HOUR_US, 0),
        "award": (30_000, 0, 15_000, 45_000, 0),
        "company_year": (30_000, 0, 15_000, 45_000, 0),
        "budget": (30_000, 0, 15_000, 45_000, 0),
        "programme": None,
    }
    late = paces_of([month], date(2025, 10, 4), last)
    assert late.of(limit("award", 1, 0)) == (15_000, 45_000, 0)


def test_a_pace_goes_on_from_month_to_month_and_days_without_usage_are_unknown(
    tmp_path: Path,
) -> None:
    opened = open_site(tmp_path, paying("0.2"))
    going = paces(opened, NOVEMBER)
    [budget] = [state for state in limits_of_day(opened).states if state.kind == "budget"]
    daily = going.of(budget)
    assert daily is not None
    assert len(daily) == 32  # 10 October to 10 November
    assert daily == (48_000, *[None] * 30, 12_000)
    forecasts = forecasts_of_day(opened, limits_of_day(opened), LimitsWanted(programme="AID"))
    assert [(forecast.state.kind, forecast.why) for forecast in forecasts] == [
        ("budget", "used_up")
    ]


@pytest.mark.parametrize(
    ("state", "days", "why"),
    [
        (limit("award", 1_000, 280), LEAST_DAYS, ""),
        (limit("award", 1_000, 270), LEAST_DAYS - 1, "too_few_days"),
        (limit("award", 280, 280), LEAST_DAYS, "used_up"),
        (limit("award", 3_660 + 280, 280), LEAST_DAYS, ""),
        (limit("award", 3_661 + 280, 280), LEAST_DAYS, "lasts"),
        (limit("company_year", 1_000, 280, "2025"), LEAST_DAYS, "not_used"),
        (limit("budget", 1_000, 280, "2024"), LEAST_DAYS, "over"),
        (limit("level", 1_000, 280), LEAST_DAYS, "begins_anew"),
        (limit("award_month", 1_000, 280, "2025-10"), LEAST_DAYS, "begins_anew"),
    ],
)
def test_where_no_day_is_told_the_reason_is(state: LimitState, days: int, why: str) -> None:
    forecast = forecast_of(state, steady(days), None)
    assert (forecast.why, forecast.likely is None) == (why, why != "")
    assert bool(why_text(forecast)) == (why != "")


def test_an_award_is_looked_at_up_to_its_last_day() -> None:
    state = limit("award", 500 + 280, 280)  # 50 days of 10
    for days, likely in ((51, LAST + timedelta(50)), (50, None)):
        held = award("S-1", "P1", "A", until=LAST + timedelta(days))
        forecast = forecast_of(state, steady(LEAST_DAYS), held)
        assert (forecast.likely, forecast.until) == (likely, LAST + timedelta(days - 1))
