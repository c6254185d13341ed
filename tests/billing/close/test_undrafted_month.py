"""A complete month that nobody drafted is known by our own database, whatever Airflow remembers."""

from datetime import date, timedelta

import pytest

from billing.close.draft_month import draft
from billing.close.undrafted_month import undrafted_days
from metering.calendar import days_of_month
from metering.site.open_site import OpenSite
from metering.usage.complete_days import record_announced
from tests.builders.close_steps import close
from tests.builders.sites.close_site import MONTH, NEXT


def announced(opened: OpenSite, month: str, *, but: int = 0) -> list[date]:
    days = days_of_month(month)[: len(days_of_month(month)) - but]
    record_announced(opened, dict.fromkeys(days, "a" * 64))
    return days


@pytest.mark.parametrize("missing", [0, 1])
def test_a_month_is_undrafted_once_its_last_day_was_announced(
    opened: OpenSite, missing: int
) -> None:
    days = announced(opened, MONTH, but=missing)
    announced(opened, NEXT)  # waits for the one before it
    assert list(undrafted_days(opened)) == ([] if missing else days)
    after = {days[-1] + timedelta(days=1): "b" * 64}
    record_announced(opened, after)
    assert list(undrafted_days(opened)) == ([*days, *after] if missing else days)


def test_a_month_with_a_draft_is_not_and_an_issued_one_makes_way_for_the_next(
    opened: OpenSite,
) -> None:
    announced(opened, MONTH)
    following = announced(opened, NEXT)
    draft(opened, MONTH)
    assert undrafted_days(opened) == {}
    close(opened, MONTH)
    assert list(undrafted_days(opened)) == following
