"""The close: months in strict order, steps that cannot be skipped, issue done once."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.close.issued_month import issued_month
from billing.draft.lake_rows import from_table, to_table
from billing.ledger import ledger
from billing.ledger.invoice_numbers import numbers_given
from billing.ledger.month_history import Who, steps
from billing.records import Charge, Subsidy
from billing.subsidy.balance import Balance
from metering.errors import CloseError, JeongsanError
from metering.registry.records import Device
from metering.site.open_site import OpenSite
from tests.builders.close_steps import close, state_of
from tests.builders.sites.close_site import (
    CALENDAR,
    FIRST,
    HOUR_US,
    MONTH,
    NEXT,
    ON,
    REGISTRY,
    open_ground,
    put_day,
    put_month,
    store_registry,
    used,
)


def postings_of(opened: OpenSite, month: str = MONTH) -> dict[str, int]:
    sums: dict[str, int] = {}
    with opened.database.read() as connection:
        for posting in ledger.postings_of(connection, month):
            sums[posting.account] = sums.get(posting.account, 0) + posting.amount_krw
    return sums


def files(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in (root / "lake").rglob("*") if path.is_file()}


def test_a_month_goes_from_draft_to_issued(opened: OpenSite) -> None:
    drafted = draft(opened, MONTH)
    assert (drafted.state, drafted.blocking, drafted.provisional) == ("draft", (), ())
    assert state_of(opened) == ledger.MonthState(MONTH, "draft", drafted.digest)
    approved = approve(opened, MONTH, "박승인")
    assert approved == replace(drafted, state="approved")
    issued = issue(opened, MONTH, ON)
    assert [(i.company_id, i.number, i.issued_on) for i in issued.invoices] == [
        ("C-1", "T2025-000001", ON),
        ("C-2", "S2025-000001", ON),
        ("C-3", "T2025-000002", ON),
    ]
    assert state_of(opened) == ledger.MonthState(
        MONTH, "issued", drafted.digest, "박승인", ON, issued.bundle
    )
    charged = sum(charge.charge_krw for charge in drafted.closing.charges)
    sums = postings_of(opened)
    assert charged > 30_000_000
    assert sums["revenue"] == -charged
    assert sum(sums.values()) == 0
    assert sums["receivable:programme:AICA-2025R:national"] == sum(
        s.subsidy_krw for s in drafted.closing.subsidies if s.programme == "AICA-2025R"
    )


def test_charges_and_subsidies_stand_in_the_lake(opened: OpenSite) -> None:
    drafted = draft(opened, MONTH)
    assert from_table(Charge, opened.lake.read("charge", month=MONTH)) == drafted.closing.charges
    subsidies = opened.lake.read("subsidy", month=MONTH)
    assert subsidies.equals(to_table(Subsidy, drafted.closing.subsidies))


def test_every_state_of_a_month_is_kept_with_who_and_when(opened: OpenSite) -> None:
    first = draft(opened, MONTH, Who("kim", 1))
    draft(opened, MONTH, Who("lee", 2))  # the same again is no step
    put_day(opened, FIRST, {"gpu": [used(FIRST, 1, "gpu.h100", HOUR_US)]})
    second = draft(opened, MONTH, Who("lee", 3))
    for at in (4, 5):
        approve(opened, MONTH, "박승인", at_ms=at)
    today = CALENDAR.day(ON).start_ms
    for at in (today, today + 1):
        issue(opened, MONTH, ON, Who("kim", at))
    with opened.database.read() as connection:
        kept = steps(connection)
    assert [(step.state, step.digest, step.by, step.at_ms) for step in kept] == [
        ("draft", first.digest, "kim", 1),
        ("draft", second.digest, "lee", 3),
        ("approved", second.digest, "박승인", 4),
        ("issued", second.digest, "kim", today),
    ]


def test_a_rerun_of_any_step_changes_no_byte(opened: OpenSite, tmp_path: Path) -> None:
    first = draft(opened, MONTH)
    before = files(tmp_path / "site")
    assert draft(opened, MONTH) == first
    approve(opened, MONTH, "박승인")
    assert approve(opened, MONTH, "다른 사람").state == "approved"
    assert state_of(opened).approved_by == "박승인"
    assert files(tmp_path / "site") == before
    issued = issue(opened, MONTH, ON)
    before = files(tmp_path / "site")
    again = issue(opened, MONTH, date(2025, 11, 9))
    assert (again, again.again, issued.again) == (issued, True, False)
    assert files(tmp_path / "site") == before


def test_months_are_closed_in_strict_order(opened: OpenSite) -> None:
    put_month(opened, NEXT)
    with pytest.raises(CloseError, match="before the first month of the site, 2025-10"):
        draft(opened, "2025-09")
    with pytest.raises(CloseError, match="in order: 2025-10 is open; run `jeongsan draft"):
        draft(opened, NEXT)
    draft(opened, MONTH)
    with pytest.raises(CloseError, match="2025-10 is draft; run `jeongsan approve 2025-10"):
        draft(opened, NEXT)
    approve(opened, MONTH, "박승인")
    with pytest.raises(CloseError, match="2025-10 is approved; run `jeongsan issue 2025-10"):
        draft(opened, NEXT)
    issue(opened, MONTH, ON)
    close(opened, NEXT, date(2025, 12, 2))
    after = issued_month(opened, NEXT)
    before = issued_month(opened, MONTH)
    assert after.closing.opening == before.closing.balance != Balance()
    assert after.inputs.previous == before.bundle
    assert [invoice.number for invoice in after.invoices] == [
        "T2025-000003",
        "S2025-000002",
        "T2025-000004",
    ]


@pytest.mark.breadth
def test_a_cap_carries_from_month_to_month(opened: OpenSite) -> None:
    """A-1 has 1,000,000 won in all; October uses it up, November gets none."""
    put_month(opened, NEXT)
    close(opened)
    close(opened, NEXT, date(2025, 12, 2))
    paid = [
        sum(s.subsidy_krw for s in issued_month(opened, m).closing.subsidies if s.award_id == "A-1")
        for m in (MONTH, NEXT)
    ]
    assert paid == [1_000_000, 0]


def test_steps_cannot_be_skipped(opened: OpenSite) -> None:
    with pytest.raises(CloseError, match="2025-10 is open; run `jeongsan draft"):
        approve(opened, MONTH, "박승인")
    with pytest.raises(CloseError, match="2025-10 is open; run `jeongsan draft"):
        issue(opened, MONTH, ON)
    draft(opened, MONTH)
    with pytest.raises(CloseError, match="2025-10 is draft; run `jeongsan approve"):
        issue(opened, MONTH, ON)
    with pytest.raises(CloseError, match="2025-10 is draft; run `jeongsan approve"):
        issued_month(opened, MONTH)
    with pytest.raises(CloseError, match="needs the name"):
        approve(opened, MONTH, " ")


def test_an_issued_month_is_not_drafted_again(opened: OpenSite) -> None:
    close(opened)
    put_day(opened, FIRST, {"gpu": [used(FIRST, 1, "gpu.h100", HOUR_US)]})
    with pytest.raises(CloseError, match="issued and never changes"):
        draft(opened, MONTH)
    assert issue(opened, MONTH, ON).again


@pytest.mark.parametrize("on", [date(2025, 10, 31), date(2025, 9, 1)])
def test_a_month_is_not_issued_before_it_ends(opened: OpenSite, on: date) -> None:
    draft(opened, MONTH)
    approve(opened, MONTH, "박승인")
    with pytest.raises(CloseError, match="it ends on 2025-10-31"):
        issue(opened, MONTH, on)
    assert issue(opened, MONTH, date(2025, 11, 1)).issued_on == date(2025, 11, 1)


def test_numbers_follow_the_dates(opened: OpenSite) -> None:
    put_month(opened, NEXT)
    draft(opened, MONTH)
    approve(opened, MONTH, "박승인")
    issue(opened, MONTH, date(2025, 12, 5), late=True)
    draft(opened, NEXT)
    approve(opened, NEXT, "박승인")
    with pytest.raises(CloseError, match="an earlier month was issued on 2025-12-05"):
        issue(opened, NEXT, date(2025, 12, 4))
    assert issue(opened, NEXT, date(2025, 12, 5)).issued_on == date(2025, 12, 5)


def test_a_month_without_a_registry_says_so(tmp_path: Path) -> None:
    opened = open_ground(tmp_path)
    with pytest.raises(JeongsanError, match="run `jeongsan load` first"):
        draft(opened, MONTH)


def test_a_month_without_usage_is_issued_without_invoices(tmp_path: Path) -> None:
    opened = open_ground(tmp_path)
    later = CALENDAR.day(date(2026, 1, 1)).start_ms
    devices: tuple[Device, ...] = tuple(replace(d, installed_ms=later) for d in REGISTRY.devices)
    store_registry(opened, replace(REGISTRY, devices=devices))
    close(opened)
    issued = issued_month(opened, MONTH)
    assert (issued.invoices, issued.claims, issued.closing.charges) == ((), (), ())
    with opened.database.read() as connection:
        assert numbers_given(connection) == {}
        assert ledger.postings_of(connection, MONTH) == ()


def test_an_issued_month_reads_back_as_it_was_drafted(opened: OpenSite) -> None:
    drafted = draft(opened, MONTH)
    approve(opened, MONTH, "박승인")
    done = issue(opened, MONTH, ON)
    read = issued_month(opened, MONTH)
    assert read.closing == drafted.closing
    assert (read.invoices, read.claims, read.bundle) == (done.invoices, done.claims, done.bundle)
    assert read.findings == drafted.findings
    assert (read.inputs.registry, read.inputs.book.digest) == (
        REGISTRY,
        drafted.closing.rules_digest,
    )
    assert read.deadline == date(2025, 11, 10)
