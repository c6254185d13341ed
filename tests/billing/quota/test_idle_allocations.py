"""Allocations that hold devices and do little: which they are, and what that is worth."""

import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.close.issued_month import kept_files
from billing.quota.idle_allocations import idle_of
from billing.simulate.months_as_they_stand import chain_month
from billing.verify.copy_month import copy_month
from billing.verify.verify import verify
from billing.verify.verify_copy import verify_file
from metering.errors import CloseError
from metering.site.open_site import OpenSite
from reports.quota.idle_view import idle_of_month
from reports.quota.limits_view import LimitsWanted, limits_of_day
from tests.builders.sites.close_site import (
    FIRST,
    MONTH,
    ON,
    REGISTRY,
    make_ground,
    open_ground,
    put_day,
    put_hours,
    store_registry,
)
from tests.builders.sites.close_site import HOUR_US as HOUR
from tests.builders.sites.close_site import used as metered

SECOND, LAST = date(2025, 10, 2), date(2025, 10, 31)


def test_idle_time_is_worth_its_list_price_and_the_companys_part(tmp_path: Path) -> None:
    opened = open_ground(tmp_path)
    store_registry(opened, REGISTRY)
    day = date(2025, 10, 1)
    put_day(opened, day, {"gpu": [metered(day, n, "gpu.h100", 20 * HOUR) for n in (1, 3)]})
    put_hours(
        opened,
        day,
        [
            ("acc1", "idle", 10, 10, 1),  # account, id, hours held, seen, busy
            ("acc1", "dark", 5, 0, 0),
            ("acc1", "busy", 5, 5, 2),
            ("acc3", "half", 20, 10, 2),
            ("acc3", "brief", 0, 0, 0),
            ("nobody", "none", 9, 9, 0),
        ],
    )
    month = chain_month(opened, MONTH)
    idle = idle_of(month, day, Decimal("0.3"))
    # C-1 pays 20 % x 0.5 (Gwangju) of it; C-3 has no award and pays all
    assert [
        (allocation.allocation_id, allocation.company_id, allocation.held_us // HOUR,
         allocation.busy_ns // HOUR // 1000, allocation.idle_us // HOUR, allocation.list_krw,
         allocation.own_krw)
        for allocation in idle
    ] == [
        ("idle", "C-1", 10, 1, 9, 54_000, 5_400),
        ("half", "C-3", 20, 2, 8, 48_000, 48_000),  # what nobody saw of it is not idle
    ]  # fmt: skip
    standing = limits_of_day(opened, "2025-10-01")
    asked = {
        LimitsWanted(): ["idle", "half"], LimitsWanted(company="C-3"): ["half"],
        LimitsWanted(award="A-1"): ["idle"],
        LimitsWanted(programme="AICA-2025R"): ["idle"], LimitsWanted(programme="AIDC-BASE"): [],
        LimitsWanted(award="A-1", company="C-3"): [],
    }  # fmt: skip
    assert {
        wanted: [allocation.allocation_id for allocation in idle_of_month(standing, wanted, opened)]
        for wanted in asked
    } == asked
    assert idle_of(month, day, Decimal("0.1")) == ()  # busy for a tenth is not below a tenth


@pytest.mark.breadth
def test_the_idle_list_of_an_issued_month_is_what_was_issued(tmp_path: Path) -> None:
    opened = make_ground(tmp_path)
    put_hours(opened, FIRST, [("acc1", "idle", 10, 10, 1), ("acc3", "busy", 10, 10, 9)])
    put_hours(opened, SECOND, [("acc3", "late", 10, 10, 2)])
    draft(opened, MONTH)
    approve(opened, MONTH, "박승인")
    issue(opened, MONTH, ON)
    issued = listed(opened)
    assert issued == {FIRST: ["idle"], LAST: ["idle", "late"]}
    # As if the evidence had come anew: other runs were idle than the month was issued with.
    put_hours(opened, FIRST, [("acc1", "idle", 10, 10, 9), ("acc3", "busy", 10, 10, 1)])
    put_hours(opened, SECOND, [])
    assert listed(opened) == issued
    later = 4_102_444_800_000  # the year 2100: everything is old
    opened.lake.sweep(0, later, kept_files(opened))
    fresh = open_ground(tmp_path)
    assert listed(fresh) == issued
    assert verify(fresh, MONTH).ok
    copy = tmp_path / "copy.zip"
    copy_month(fresh, MONTH, copy)
    with zipfile.ZipFile(copy) as archive:
        hours = [name for name in archive.namelist() if name.startswith("usage_hour/")]
    assert len(hours) == 4  # a manifest and a file for each of the two days
    assert verify_file(copy).ok


def test_of_a_month_issued_before_hours_were_pinned_those_in_force_are_read(tmp_path: Path) -> None:
    opened = make_ground(tmp_path)
    draft(opened, MONTH)
    approve(opened, MONTH, "박승인")
    issue(opened, MONTH, ON)
    put_hours(opened, FIRST, [("acc1", "idle", 10, 10, 1)])
    month = chain_month(opened, MONTH)
    assert month.bundle is not None
    older = {name: part for name, part in month.bundle.index.items() if name != "hours"}
    assert idle_of(month, LAST, Decimal("0.3")) == ()
    [idle] = idle_of(replace(month, bundle=replace(month.bundle, index=older)), LAST, Decimal(1))
    assert idle.allocation_id == "idle"


@pytest.mark.breadth
def test_hours_that_change_after_an_approval_make_the_month_a_draft_again(tmp_path: Path) -> None:
    opened = make_ground(tmp_path)
    put_hours(opened, FIRST, [("acc1", "idle", 10, 10, 1)])
    draft(opened, MONTH)
    approve(opened, MONTH, "박승인")
    put_hours(opened, FIRST, [("acc1", "idle", 10, 10, 2)])
    with pytest.raises(CloseError, match="has changed since its approval"):
        issue(opened, MONTH, ON)
    draft(opened, MONTH)
    approve(opened, MONTH, "박승인")
    assert issue(opened, MONTH, ON).month == MONTH


def listed(opened: OpenSite) -> dict[date, list[str]]:
    """The idle allocations of the month on its first and last day."""
    month = chain_month(opened, MONTH)
    return {
        day: [allocation.allocation_id for allocation in idle_of(month, day, Decimal("0.3"))]
        for day in (FIRST, LAST)
    }
