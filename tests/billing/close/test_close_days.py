"""Days of a month without usage, or with usage that may still change: refused or let pass."""

from dataclasses import replace
from datetime import date

import pytest

from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.close.issued_month import issued_month
from metering.database.decisions import waive
from metering.errors import CloseError
from metering.finding import Finding
from metering.site.open_site import OpenSite
from tests.builders.close_steps import close, state_of
from tests.builders.sites.close_site import (
    CALENDAR,
    FIRST,
    HOUR_US,
    MONTH,
    ON,
    REGISTRY,
    put_day,
    put_findings,
    store_registry,
    used,
    usual,
)


def test_a_missing_day_refuses_with_what_to_do(opened: OpenSite) -> None:
    day = date(2025, 10, 7)
    with opened.lake.change() as change:
        change.remove("usage_day", {"cluster": "gpu", "date": day})
    with pytest.raises(CloseError) as refused:
        draft(opened, MONTH)
    assert str(refused.value) == (
        "2025-10 has 1 cluster-days without usage: gpu 2025-10-07. Meter them "
        "(`jeongsan meter 2025-10-07`), or let a day pass by name "
        "(`jeongsan waive gpu 2025-10-07 --reason ... --by ...`)"
    )
    with opened.database.begin() as connection:
        waive(connection, "gpu", day, "정전", "김운영")
    drafted = draft(opened, MONTH)
    assert [issued_input.day for issued_input in issued_inputs(opened, drafted.digest)] == [day]


def issued_inputs(opened: OpenSite, digest: str) -> tuple[object, ...]:
    """The waived days that the issued month's bundle holds."""
    assert approve(opened, MONTH, "박승인").digest == digest
    issue(opened, MONTH, ON)
    return issued_month(opened, MONTH).inputs.waived


def test_days_before_a_cluster_began_are_not_missing(opened: OpenSite) -> None:
    """disk has no devices: it began with its first usage. gpu began when GPU-1 was installed."""
    with opened.lake.change() as change:
        for day in CALENDAR.month_days(MONTH)[:4]:
            change.remove("usage_day", {"cluster": "disk", "date": day})
    assert draft(opened, MONTH).state == "draft"
    with opened.lake.change() as change:
        change.remove("usage_day", {"cluster": "gpu", "date": FIRST})
    with pytest.raises(CloseError, match="gpu 2025-10-01"):
        draft(opened, MONTH)


def test_days_after_the_last_device_left_are_not_missing(opened: OpenSite) -> None:
    gone = CALENDAR.day(date(2025, 10, 20)).start_ms
    devices = tuple(replace(device, removed_ms=gone) for device in REGISTRY.devices)
    store_registry(opened, replace(REGISTRY, devices=devices))
    with opened.lake.change() as change:
        for day in CALENDAR.month_days(MONTH)[19:]:
            change.remove("usage_day", {"cluster": "gpu", "date": day})
    assert draft(opened, MONTH).state == "draft"
    with opened.lake.change() as change:
        change.remove("usage_day", {"cluster": "gpu", "date": date(2025, 10, 19)})
    with pytest.raises(CloseError, match="gpu 2025-10-19"):
        draft(opened, MONTH)


def test_provisional_usage_refuses_the_issue_and_not_the_draft(opened: OpenSite) -> None:
    last = date(2025, 10, 31)
    running = used(last, 1, "gpu.h100", HOUR_US, provisional=True)
    put_day(opened, last, {"gpu": [running], "disk": usual(last)["disk"]})
    assert draft(opened, MONTH).provisional == (("gpu", last),)
    approve(opened, MONTH, "박승인")
    with pytest.raises(CloseError, match="may still change: gpu 2025-10-31"):
        issue(opened, MONTH, ON)
    assert state_of(opened).state == "approved"
    put_day(opened, last, {"gpu": [replace(running, provisional=False)]})
    with pytest.raises(CloseError, match="draft again"):
        issue(opened, MONTH, ON)
    close(opened)


def test_a_day_that_was_not_collected_is_provisional_though_it_has_no_row(opened: OpenSite) -> None:
    last = date(2025, 10, 31)
    put_day(opened, last, {"gpu": []})
    late = Finding("warn", "not_complete", "meter", "gpu", last, "gpu", "아직 수집되지 않았습니다.")
    put_findings(opened, "gpu", late)
    assert draft(opened, MONTH).provisional == (("gpu", last),)
    approve(opened, MONTH, "박승인")
    with pytest.raises(CloseError, match="may still change: gpu 2025-10-31"):
        issue(opened, MONTH, ON)
    with opened.database.begin() as connection:
        waive(connection, "gpu", last, "정전", "김운영")
    close(opened)
    assert state_of(opened).state == "issued"


def test_provisional_usage_of_a_waived_day_is_issued(opened: OpenSite) -> None:
    last = date(2025, 10, 31)
    put_day(opened, last, {"gpu": [used(last, 1, "gpu.h100", HOUR_US, provisional=True)]})
    with opened.database.begin() as connection:
        waive(connection, "gpu", last, "수집 서버 고장", "김운영")
    close(opened)
    assert state_of(opened).state == "issued"
