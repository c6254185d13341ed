"""What an approver reads in Airflow: sums, invoices, and what still stops the month."""

from dataclasses import replace
from pathlib import Path

import pytest
from close_ground import FIRST, MONTH, REGISTRY, make_ground, put_findings, store_registry

from billing.close import draft
from metering.finding import Finding
from metering.opened import OpenSite
from reports.readiness import readiness


@pytest.fixture
def opened(tmp_path: Path) -> OpenSite:
    made = make_ground(tmp_path)
    first, *others = REGISTRY.companies
    named = replace(first, name="(주)*별* | <b>굵게</b>")
    store_registry(made, replace(REGISTRY, companies=(named, *others)))
    return made


def test_the_sums_are_those_of_the_invoices(opened: OpenSite) -> None:
    made = draft(opened, MONTH)
    lines = readiness(made).splitlines()
    assert lines[0] == f"## {MONTH} 정산 초안"
    payable = sum(invoice.payable_krw for invoice in made.closing.invoices)
    assert f"- 청구액: {payable:,}원" in lines
    assert f"- 청구서: {len(made.closing.invoices)}건" in lines
    assert f"- 초안 번호: `{made.digest}`" in lines
    assert not any("막는" in line for line in lines)


def test_names_from_outside_are_no_markup_and_break_no_table(opened: OpenSite) -> None:
    table = [line for line in readiness(draft(opened, MONTH)).splitlines() if line[:1] == "|"]
    (row,) = [line for line in table if "별" in line]
    assert r"\(주\)\*별\* \| \<b\>굵게\</b\>" in row
    bars = [at for at, mark in enumerate(row) if mark == "|" and row[at - 1] != "\\"]
    assert len(bars) == 6


def test_what_stops_the_month_is_told_by_its_key_and_its_korean_name(opened: OpenSite) -> None:
    fail = Finding("fail", "over_capacity", "meter", "gpu", FIRST, "h100", "장비가 모자랍니다")
    warn = Finding("warn", "dark", "meter", "gpu", FIRST, "h100", "관측되지 않았습니다")
    put_findings(opened, "gpu", fail, warn)
    lines = readiness(draft(opened, MONTH)).splitlines()
    assert rf"- `{fail.key}` 장비 초과 할당 \(over\_capacity\): 장비가 모자랍니다" in lines
    assert r"- 관측 공백 \(dark\): 1건" in lines
