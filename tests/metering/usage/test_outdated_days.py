"""Usage that is not what its inputs give any more: which days, and that no such month is priced."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from metering.calendar import HOUR_MS
from metering.errors import CloseError
from metering.registry.registry import Tenancy
from metering.usage.meter import meter
from metering.usage.outdated_days import outdated
from tests.builders.sites import close_site
from tests.builders.sites.metering_site import (
    FIRST,
    LAST,
    MIDNIGHT,
    REGISTRY,
    SLURM,
    Ground,
    cluster,
    ground,
    job,
)


@pytest.fixture
def hpc(tmp_path: Path) -> Ground:
    """A run over midnight, landed, complete and metered on both days."""
    made = ground(tmp_path, cluster(SLURM))
    made.complete(MIDNIGHT + 48 * HOUR_MS)
    made.land("allocation", FIRST, [job(-2 * HOUR_MS, 0, continues=True)])
    made.land("allocation", LAST, [job(-2 * HOUR_MS, 3 * HOUR_MS)])
    made.meter(FIRST, LAST)
    return made


def test_what_was_just_metered_is_not_outdated(hpc: Ground) -> None:
    assert outdated(hpc.opened, FIRST, LAST) == []


def test_a_late_row_makes_its_own_day_outdated_until_it_is_metered(hpc: Ground) -> None:
    hpc.land("allocation", LAST, [job(-2 * HOUR_MS, 4 * HOUR_MS)])
    assert outdated(hpc.opened, FIRST, LAST) == [("hpc", LAST)]
    hpc.meter(LAST)
    assert outdated(hpc.opened, FIRST, LAST) == []


def test_another_owner_makes_only_the_days_that_it_owns_outdated(hpc: Ground) -> None:
    kept = [tenancy for tenancy in REGISTRY.tenancies if tenancy.start != LAST]
    hpc.load(replace(REGISTRY, tenancies=(*kept, Tenancy("hpc", "lab", "P1", LAST, None))))
    assert outdated(hpc.opened, FIRST, LAST) == [("hpc", LAST)]


def test_a_source_that_becomes_complete_makes_the_day_outdated(tmp_path: Path) -> None:
    made = ground(tmp_path, cluster(SLURM))
    made.complete(MIDNIGHT + HOUR_MS)
    made.land("allocation", LAST, [job(0, HOUR_MS)])
    made.meter(FIRST, LAST)
    made.complete(MIDNIGHT + 2 * HOUR_MS)
    assert outdated(made.opened, FIRST, LAST) == [("hpc", LAST)]


def test_a_day_that_landed_and_was_never_metered_is_outdated(hpc: Ground) -> None:
    later = date(2025, 11, 3)
    hpc.land("allocation", later, [job(50 * HOUR_MS, 51 * HOUR_MS)])
    assert outdated(hpc.opened, FIRST, date(2025, 11, 2)) == []
    assert outdated(hpc.opened, FIRST, later) == [("hpc", later)]


def test_a_month_with_outdated_usage_is_drafted_only_after_it_is_metered(tmp_path: Path) -> None:
    opened = close_site.make_ground(tmp_path)
    draft(opened, "2025-10")
    tenancies = close_site.REGISTRY.tenancies[:-1]
    moved = replace(close_site.REGISTRY.tenancies[-1], project_id="P-1", start=date(2025, 10, 30))
    before = replace(close_site.REGISTRY.tenancies[-1], until=date(2025, 10, 30))
    new = replace(close_site.REGISTRY, tenancies=(*tenancies, before, moved))
    close_site.store_registry(opened, new)
    asked = (
        "gpu 2025-10-30, gpu 2025-10-31. Meter it again: `jeongsan meter 2025-10-30..2025-10-31`"
    )
    with pytest.raises(CloseError, match=asked):
        draft(opened, "2025-10")
    meter(opened, [date(2025, 10, 30), date(2025, 10, 31)])
    assert draft(opened, "2025-10").state == "draft"


def test_rows_that_come_after_the_approval_stop_the_issue(tmp_path: Path) -> None:
    opened = close_site.make_ground(tmp_path)
    draft(opened, "2025-10")
    approve(opened, "2025-10", "박승인")
    day = close_site.CALENDAR.day(date(2025, 10, 7))
    row = {
        "source": "disk", "account": "acc1", "sku": "storage.parallel", "resource_id": "v1",
        "started_ms": day.start_ms,
        "ended_ms": day.end_ms,
        "quantity": 1024, "unit": "mib",
    }  # fmt: skip
    Ground(opened).land("reading", date(2025, 10, 7), [row], cluster="disk")
    with pytest.raises(CloseError, match=r"disk 2025-10-07\. Meter it again"):
        issue(opened, "2025-10", close_site.ON)
