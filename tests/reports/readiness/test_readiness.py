"""What an approver reads in Airflow: sums, invoices, and what still stops the month."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.close.unbilled import NoInvoice, Unbilled, without_invoice
from metering.database.decisions import acknowledge, waive
from metering.finding import Finding
from metering.lake.contract import contract
from metering.registry.records import SetAside
from metering.site.open_site import OpenSite
from reports.readiness.approval_text import approval_text
from reports.readiness.readiness import CompanyStep, DraftReadiness, hours, ready
from tests.builders.sites.close_site import (
    CALENDAR,
    FIRST,
    HOUR_US,
    MONTH,
    NEXT,
    ON,
    REGISTRY,
    make_ground,
    open_ground,
    put_day,
    put_days,
    put_findings,
    put_month,
    store_registry,
    used,
)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a month of usage, drafted once; nobody writes to it."""
    root = tmp_path_factory.mktemp("readiness") / "site"
    root.mkdir()
    place = make_ground(root)
    first, *others = REGISTRY.companies
    named = replace(first, name="(주)*별* | <b>굵게</b>")
    store_registry(place, replace(REGISTRY, companies=(named, *others)))
    draft(place, MONTH)
    place.database.close()
    return root


@pytest.fixture
def opened(ground: Path, tmp_path: Path) -> OpenSite:
    shutil.copytree(ground, tmp_path / "site")
    return open_ground(tmp_path / "site")


def page(opened: OpenSite) -> str:
    return approval_text(ready(opened, draft(opened, MONTH)))


def test_the_sums_are_those_of_the_invoices(opened: OpenSite) -> None:
    drafted = draft(opened, MONTH)
    lines = approval_text(ready(opened, drafted)).splitlines()
    assert lines[0] == f"## {MONTH} 정산 초안"
    payable = sum(invoice.payable_krw for invoice in drafted.closing.invoices)
    assert f"- 청구액: {payable:,}원" in lines
    assert f"- 청구서: {len(drafted.closing.invoices)}건" in lines
    assert f"- 초안 번호: `{drafted.digest}`" in lines
    assert not any("막는" in line for line in lines)


def test_names_from_outside_are_no_markup_and_break_no_table(opened: OpenSite) -> None:
    table = [line for line in page(opened).splitlines() if line[:1] == "|"]
    (row,) = [line for line in table if "별" in line]
    assert r"\(주\)\*별\* \| \<b\>굵게\</b\>" in row
    bars = [at for at, mark in enumerate(row) if mark == "|" and row[at - 1] != "\\"]
    assert len(bars) == 6


def test_what_stops_the_month_is_told_by_its_key_and_its_korean_name(opened: OpenSite) -> None:
    fail = Finding("fail", "over_capacity", "meter", "gpu", FIRST, "h100", "장비가 모자랍니다")
    warn = Finding("warn", "dark", "meter", "gpu", FIRST, "h100", "관측되지 않았습니다")
    put_findings(opened, "gpu", fail, warn)
    lines = page(opened).splitlines()
    assert rf"- `{fail.key}` 장비 초과 할당 \(over\_capacity\): 장비가 모자랍니다" in lines
    assert r"- 관측 공백 \(dark\): 1건" in lines


def test_what_many_days_have_in_common_is_told_once(opened: OpenSite) -> None:
    days = [date(2025, 10, day) for day in range(1, 32)]
    fails = [
        Finding("fail", "unowned_usage", "meter", "gpu", day, "gpu/who", f"{day.day} 장비시간")
        for day in days
    ]
    warnings = [Finding("warn", "dark", "meter", "gpu", day, "h100", "없음") for day in days]
    put_findings(opened, "gpu", *fails, *warnings)
    lines = page(opened).splitlines()
    said = r"소속 과제 없음 \(unowned\_usage\) gpu 2025-10-01..2025-10-31 \(31일\) gpu/who"
    assert f"- {said}: 1 장비시간" in lines
    assert r"- 소속 과제 없음 \(unowned\_usage\): 1건" in lines
    assert r"- 관측 공백 \(dark\): 1건" in lines


def test_a_warning_that_was_decided_is_open_no_more_until_it_reads_otherwise(
    opened: OpenSite,
) -> None:
    warning = Finding("warn", "dark", "meter", "gpu", FIRST, "h100", "1.00 장비시간")
    put_findings(opened, "gpu", warning)
    with opened.database.begin() as connection:
        acknowledge(connection, warning.key, "bill", "맞음", "김정산")
    assert known(opened).open == ()
    changed = replace(warning, detail="2.00 장비시간")
    put_findings(opened, "gpu", changed)
    assert known(opened).open == (changed,)


def known(opened: OpenSite) -> DraftReadiness:
    return ready(opened, draft(opened, MONTH))


def test_what_is_worth_most_stands_first_and_what_was_decided_is_not_open(
    opened: OpenSite,
) -> None:
    stakes = [f"gpu.h100:device_us:{hour * HOUR_US}" for hour in (1, 3, 2)]
    warnings = [
        Finding("warn", "dark", "meter", "gpu", FIRST, f"n{at}", "관측되지 않았습니다", stake)
        for at, stake in enumerate(stakes)
    ]
    fail = Finding("fail", "over_capacity", "meter", "gpu", FIRST, "h100", "장비가 모자랍니다")
    put_findings(opened, "gpu", fail, *warnings)
    with opened.database.begin() as connection:
        acknowledge(connection, fail.key, "bill", "맞음", "김정산")
    facts = known(opened)
    assert [(finding.subject, facts.worth_krw[finding.key]) for finding in facts.open] == [
        ("n1", 18_000), ("n2", 12_000), ("n0", 6000),
    ]  # fmt: skip
    lines = approval_text(facts).splitlines()
    assert r"- 관측 공백 \(dark\): 3건 (정가로 36,000원)" in lines
    assert rf"- 18,000원: `{warnings[1].key}` 관측 공백 \(dark\) gpu 2025-10-01 n1" in lines


def test_every_hour_that_is_on_no_invoice_has_its_reason(opened: OpenSite) -> None:
    second = date(2025, 10, 2)
    put_day(opened, FIRST, {"gpu": [used(FIRST, 1, "gpu.b900", 5 * HOUR_US)]})
    with opened.lake.change() as change:
        change.remove("usage_day", {"cluster": "gpu", "date": second})
    unowned = Finding(
        "fail", "unowned_usage", "meter", "gpu", FIRST, "gpu/who", "소속이 없습니다",
        f"gpu.h100:device_us:{HOUR_US // 2}",
    )  # fmt: skip
    over = Finding("fail", "over_capacity", "meter", "gpu", date(2025, 10, 3), "C-2", "모자랍니다")
    put_findings(opened, "gpu", unowned, over)
    with opened.database.begin() as connection:
        waive(connection, "gpu", second, "정전", "김운영")
        acknowledge(connection, over.key, "exclude", "장애", "김정산")
    assert [(time.why, time.who, hours(time.held_us)) for time in known(opened).unbilled] == [
        ("excluded", "C-2 gpu.h100", "72.00"),
        ("waived", "gpu", "24.00"),
        ("no_price", "C-1 gpu.b900", "5.00"),
        ("unowned", "gpu/who", "0.50"),
    ]


def test_what_a_set_aside_account_held_is_its_companys(tmp_path: Path) -> None:
    opened = open_ground(tmp_path)
    aside = SetAside("gpu", "acc3", "운영 점검", "김정산")
    store_registry(opened, replace(REGISTRY, set_asides=(aside,)))
    hour = {
        "hour_ms": CALENDAR.day(FIRST).start_ms, "source": "gpu", "allocation_id": "1",
        "submitted_ms": 0, "started_ms": 0, "sku": "gpu.h100", "busy_ns": 0, "observed_ms": 0,
        "energy_uj": 0, "estimated": False, "provisional": False,
    }  # fmt: skip
    rows = [{**hour, "account": f"acc{n}", "held_us": n * HOUR_US} for n in (1, 3)]
    schema = [
        column for column in contract("usage_hour").schema if column.name not in ("cluster", "date")
    ]
    table = pa.Table.from_pylist(rows, schema=pa.schema(schema))
    with opened.lake.change() as change:
        change.replace("usage_hour", {"cluster": "gpu", "date": FIRST}, table)
    days = {day: {"gpu": [], "disk": []} for day in CALENDAR.month_days(MONTH)}
    put_days(opened, days)
    facts = known(opened)
    assert facts.unbilled == (Unbilled("set_aside", "gpu/acc3", "C-3", 3 * HOUR_US),)
    assert [(company.company_id, company.why) for company in facts.without] == [
        ("C-3", "set_aside"), ("C-1", "no_usage"), ("C-2", "no_usage"),
    ]  # fmt: skip
    assert "- gpu/acc3: 3.00 장비시간, 청구 제외로 등록한 계정" in approval_text(facts).splitlines()


def test_companies_without_an_invoice_are_named_with_why(opened: OpenSite) -> None:
    drafted = draft(opened, MONTH)
    closing = replace(drafted.closing, invoices=drafted.closing.invoices[:1])
    lost = (Unbilled("no_price", "C-2 gpu.b900", "C-2", 31 * HOUR_US),)
    days = CALENDAR.month_days(MONTH)
    companies = without_invoice(opened.registry, replace(drafted, closing=closing), days, lost)
    assert companies == (
        NoInvoice("C-2", "회사2", "no_price", 31 * HOUR_US),
        NoInvoice("C-3", "회사3", "no_usage", 0),
    )


def test_no_list_is_longer_than_its_bound(opened: OpenSite) -> None:
    steps = tuple(CompanyStep(f"회사{at}", 0, 20 - at) for at in range(12))
    lines = approval_text(replace(known(opened), steps=steps)).splitlines()
    at = lines.index("### 지난달보다 크게 달라진 청구")
    assert lines[at + 2] == "- 회사0: 0 → 20원 (+20원)"
    assert lines[at + 12] == "- 그 밖에 2곳"


def test_the_month_before_is_what_stands_of_it(opened: OpenSite) -> None:
    first = draft(opened, MONTH)
    assert ready(opened, first).steps is None
    approve(opened, MONTH, "김정산")
    issue(opened, MONTH, ON)
    put_month(opened, NEXT)
    second = draft(opened, NEXT)
    steps = ready(opened, second).steps
    before, now = (
        sum(i.payable_krw for i in drafted.closing.invoices) for drafted in (first, second)
    )
    assert steps is not None
    assert sum(step.more_krw for step in steps) == now - before
    sizes = [abs(step.more_krw) for step in steps]
    assert sizes == sorted(sizes, reverse=True)
