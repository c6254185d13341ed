"""Real input: 82,247 jobs of 15 tenants go from a sacct dump to four issued months."""

from datetime import date
from pathlib import Path

import pytest

from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.close.issued_month import issued_month
from billing.ledger import ledger
from billing.ledger.ledger import postings_of
from metering.calendar import Period, read_date
from metering.collect.collect import collect
from metering.site.load_registry import load
from metering.site.open_site import OpenSite, open_site
from metering.usage.meter import meter
from reports.documents import render_month
from tests.builders.sites.example_month import copy_site
from tests.builders.sites.philly_site import DEVICES, write_site

pytestmark = pytest.mark.shared_data

# GPU-seconds by month of Asia/Seoul, from the trace's own SOURCE.md, worked out apart from us
MONTHS = {
    "2026-07": 3_454_290,
    "2026-08": 971_446_314,
    "2026-09": 1_488_842_987,
    "2026-10": 979_014_001,
}
ONE_TENANT = {
    "2026-08": 32_880_396,
    "2026-09": 197_506_640,
    "2026-10": 43_785_582,
}
PEAK_DAY = date(2026, 9, 13)  # 2026-09-12T23:03:38Z in Seoul


@pytest.fixture(scope="module")
def collected(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site with what its dump says. Copy it before changing it."""
    directory = tmp_path_factory.mktemp("philly") / "site"
    write_site(directory, shared / "data/traces/philly-as-sacct/sacct.psv.gz")
    opened = open_site(directory)
    load(opened.site, opened.database)
    instant = opened.site.calendar.instant
    window = Period(instant("2026-07-01T00:00+09:00"), instant("2026-11-01T00:00+09:00"))
    (landed,) = collect(opened, window, None, instant("2026-12-01T00:00+09:00"))
    assert landed.rows == {"allocation": 82_247}
    assert landed.quarantined == {"allocation": 0}
    assert landed.findings == []
    opened.database.close()
    return directory


@pytest.fixture(scope="module")
def metered(collected: Path, tmp_path_factory: pytest.TempPathFactory) -> OpenSite:
    """The site with the usage of its four months."""
    opened = open_site(copy_site(collected, tmp_path_factory.mktemp("metered") / "site"))
    days = opened.site.calendar.days(read_date("2026-07-01"), read_date("2026-10-31"))
    said = meter(opened, days, None)
    assert {finding.kind for finding in said} <= {"identity_unchecked"}
    return opened


def seconds(opened: OpenSite, month: str, company: str | None = None) -> int:
    """Held seconds of a month out of usage_day, exactly."""
    days = opened.site.calendar.month_days(month)
    usage = opened.lake.read("usage_day", cluster="hpc", date_from=days[0], date_to=days[-1])
    total_us = sum(
        int(row["quantity"])
        for row in usage.to_pylist()
        if company is None or row["company_id"] == company
    )
    assert total_us % 1_000_000 == 0
    return total_us // 1_000_000


@pytest.mark.breadth
def test_four_real_months_go_to_issued_with_the_traces_own_totals(metered: OpenSite) -> None:
    opened, registry = metered, metered.registry
    tenant = next(t.project_id for t in registry.tenancies if t.account == "vc-0e4a51")
    company = registry.project(tenant).company_id
    for month, held in MONTHS.items():
        assert seconds(opened, month) == held
        if month in ONE_TENANT:
            assert seconds(opened, month, company) == ONE_TENANT[month]
        drafted = draft(opened, month)
        approve(opened, month, "김정산", drafted.digest)
        issue(opened, month, date(2026, 11, 3), late=True)
        result = issued_month(opened, month).closing
        charge_krw = sum(charge.charge_krw for charge in result.charges)
        # 6,000 won a GPU-hour: each account's month is floored once
        assert 0 <= held * 6_000 // 3_600 - charge_krw <= len(registry.companies)
        with opened.database.read() as connection:
            postings = postings_of(connection, month)
        assert sum(posting.amount_krw for posting in postings) == 0
        assert charge_krw == -sum(p.amount_krw for p in postings if p.account == "revenue")
        assert render_month(opened, month)
    with opened.database.read() as connection:
        assert [state.state for state in ledger.month_states(connection)] == ["issued"] * 4


@pytest.mark.breadth
def test_one_device_less_than_the_peak_is_a_finding(collected: Path, tmp_path: Path) -> None:
    site = copy_site(collected, tmp_path / "site")
    devices = site / "registry" / "devices.csv"
    *kept, _ = devices.read_text(encoding="utf-8").splitlines(keepends=True)
    assert len(kept) == 1 + DEVICES - 1
    devices.write_text("".join(kept), encoding="utf-8")
    opened = open_site(site)
    load(opened.site, opened.database)
    said = meter(opened, [PEAK_DAY], None)
    assert [finding.kind for finding in said if finding.severity == "fail"] == ["over_capacity"]


@pytest.mark.breadth
def test_with_all_devices_nothing_is_over_on_the_peak_day(metered: OpenSite) -> None:
    capacity = metered.lake.read("capacity_hour", cluster="hpc", date=PEAK_DAY).to_pylist()
    assert len(capacity) == 24
    assert all(row["over"] == 0 for row in capacity)
    assert all(row["installed"] == row["held"] + row["free"] for row in capacity)
