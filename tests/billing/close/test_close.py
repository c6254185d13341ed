"""The close: strict order, what stops a draft, approval bound to a digest, issue done once."""

import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.close.issued import issued_month
from billing.draft.lake_rows import from_table, to_table
from billing.ledger import ledger
from billing.ledger.month_history import Who, steps
from billing.paths import PACKAGED_RULES
from billing.records import Charge, Subsidy
from billing.subsidy.balance import Balance
from metering.database.findings import acknowledge, findings, waive
from metering.errors import CheckError, CloseError, JeongsanError
from metering.finding import Finding
from metering.registry.records import Device
from metering.site.open_site import OpenSite
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
    put_findings,
    put_month,
    store_registry,
    used,
    usual,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a month of usage, made once."""
    root = tmp_path_factory.mktemp("close") / "site"
    root.mkdir()
    make_ground(root).database.close()
    return root


@pytest.fixture
def opened(made: Path, tmp_path: Path) -> OpenSite:
    """A copy of the site for one test."""
    shutil.copytree(made, tmp_path / "site")
    return open_ground(tmp_path / "site")


def state_of(opened: OpenSite, month: str = MONTH) -> ledger.MonthState:
    with opened.database.read() as connection:
        return ledger.month_state(connection, month)


def postings_of(opened: OpenSite, month: str = MONTH) -> dict[str, int]:
    sums: dict[str, int] = {}
    with opened.database.read() as connection:
        for posting in ledger.postings_of(connection, month):
            sums[posting.account] = sums.get(posting.account, 0) + posting.amount_krw
    return sums


def fail(day: date, subject: str, kind: str = "over_capacity") -> Finding:
    return Finding("fail", kind, "meter", "gpu", day, subject, f"{subject}: 3대 초과")


def files(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in (root / "lake").rglob("*") if path.is_file()}


def close(opened: OpenSite, month: str = MONTH, on: date = ON) -> None:
    draft(opened, month)
    approve(opened, month, "박승인")
    issue(opened, month, on)


def test_a_month_goes_from_draft_to_issued(opened: OpenSite) -> None:
    made = draft(opened, MONTH)
    assert (made.state, made.blocking, made.provisional) == ("draft", (), ())
    assert state_of(opened) == ledger.MonthState(MONTH, "draft", made.digest)
    approved = approve(opened, MONTH, "박승인")
    assert approved == replace(made, state="approved")
    issued = issue(opened, MONTH, ON)
    assert [(i.company_id, i.number, i.issued_on) for i in issued.invoices] == [
        ("C-1", "T2025-000001", ON),
        ("C-2", "S2025-000001", ON),
        ("C-3", "T2025-000002", ON),
    ]
    assert state_of(opened) == ledger.MonthState(
        MONTH, "issued", made.digest, "박승인", ON, issued.bundle
    )
    charged = sum(charge.charge_krw for charge in made.closing.charges)
    sums = postings_of(opened)
    assert charged > 30_000_000
    assert sums["revenue"] == -charged
    assert sum(sums.values()) == 0
    assert sums["receivable:programme:AICA-2025R:national"] == sum(
        s.subsidy_krw for s in made.closing.subsidies if s.programme == "AICA-2025R"
    )


def test_charges_and_subsidies_stand_in_the_lake(opened: OpenSite) -> None:
    made = draft(opened, MONTH)
    assert from_table(Charge, opened.lake.read("charge", month=MONTH)) == made.closing.charges
    subsidies = opened.lake.read("subsidy", month=MONTH)
    assert subsidies.equals(to_table(Subsidy, made.closing.subsidies))


def test_every_state_of_a_month_is_kept_with_who_and_when(opened: OpenSite) -> None:
    first = draft(opened, MONTH, Who("kim", 1))
    draft(opened, MONTH, Who("lee", 2))  # the same again is no step
    put_day(opened, FIRST, {"gpu": [used(FIRST, 1, "gpu.h100", HOUR_US)]})
    second = draft(opened, MONTH, Who("lee", 3))
    for at in (4, 5):
        approve(opened, MONTH, "박승인", at_ms=at)
    for at in (6, 7):
        issue(opened, MONTH, ON, Who("kim", at))
    with opened.database.read() as connection:
        found = steps(connection)
    assert [(one.state, one.digest, one.by, one.at_ms) for one in found] == [
        ("draft", first.digest, "kim", 1),
        ("draft", second.digest, "lee", 3),
        ("approved", second.digest, "박승인", 4),
        ("issued", second.digest, "kim", 6),
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
    close(opened, MONTH, date(2025, 12, 5))
    draft(opened, NEXT)
    approve(opened, NEXT, "박승인")
    with pytest.raises(CloseError, match="an earlier month was issued on 2025-12-05"):
        issue(opened, NEXT, date(2025, 12, 4))
    assert issue(opened, NEXT, date(2025, 12, 5)).issued_on == date(2025, 12, 5)


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
    made = draft(opened, MONTH)
    assert [issued_input.day for issued_input in issued_inputs(opened, made.digest)] == [day]


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


def test_an_open_fail_stops_the_approval_and_is_listed(opened: OpenSite) -> None:
    found = fail(FIRST, "h100")
    elsewhere = fail(date(2025, 11, 1), "h100")
    put_findings(opened, "gpu", found, elsewhere)
    made = draft(opened, MONTH)
    assert made.blocking == (found,)
    with pytest.raises(CheckError) as refused:
        approve(opened, MONTH, "박승인")
    assert f"{found.key} over_capacity gpu 2025-10-01 h100: h100: 3대 초과" in str(refused.value)
    with opened.database.begin() as connection:
        acknowledge(connection, found.key, "bill", "등록 지연", "김운영")
    after = draft(opened, MONTH)
    assert after.blocking == ()
    assert after.digest != made.digest
    approve(opened, MONTH, "박승인")
    issue(opened, MONTH, ON)
    assert [a.reason for a in issued_month(opened, MONTH).inputs.acknowledged] == ["등록 지연"]
    assert issued_month(opened, MONTH).findings == (found,)


def test_a_warning_stops_nothing_and_is_in_the_draft(opened: OpenSite) -> None:
    warning = replace(fail(FIRST, "h100"), severity="warn")
    put_findings(opened, "gpu", warning)
    made = draft(opened, MONTH)
    assert (made.findings, made.blocking) == ((warning,), ())


def test_a_finding_whose_figures_change_is_asked_again(opened: OpenSite) -> None:
    found = fail(FIRST, "P-3", kind="doubtful")
    put_findings(opened, "gpu", found)
    with opened.database.begin() as connection:
        acknowledge(connection, found.key, "exclude", "장애", "김운영")
    before = draft(opened, MONTH)
    grown = replace(found, detail="훨씬 많습니다")
    put_findings(opened, "gpu", grown)
    after = draft(opened, MONTH)
    assert (before.blocking, after.blocking, after.acknowledged) == ((), (grown,), ())
    assert len(after.closing.usages) == len(before.closing.usages) + 1  # nothing is left out


def test_excluding_leaves_the_usage_of_the_finding_out(opened: OpenSite) -> None:
    found = fail(FIRST, "P-3", kind="doubtful")
    put_findings(opened, "gpu", found)
    with opened.database.begin() as connection:
        acknowledge(connection, found.key, "bill", "확인함", "김운영")
    billed = draft(opened, MONTH)
    with opened.database.begin() as connection:
        acknowledge(connection, found.key, "exclude", "장애", "김운영")
    excluded = draft(opened, MONTH)
    gone = [
        u
        for u in billed.closing.usages
        if (u.day, u.project_id, u.sku) == (FIRST, "P-3", "gpu.h100")
    ]
    assert len(gone) == 1
    assert set(billed.closing.usages) - set(excluded.closing.usages) == set(gone)
    assert excluded.digest != billed.digest


def test_an_exclusion_that_names_no_usage_is_a_finding(opened: OpenSite) -> None:
    found = fail(FIRST, "GPU-1")
    put_findings(opened, "gpu", found)
    with opened.database.begin() as connection:
        acknowledge(connection, found.key, "exclude", "장애", "김운영")
    made = draft(opened, MONTH)
    assert [(f.kind, f.subject) for f in made.blocking] == [("nothing_excluded", found.key)]
    with opened.database.read() as connection:
        assert findings(connection, stage="draft") == list(made.blocking)


def test_a_finding_of_rating_is_billed_or_mended_but_excludes_nothing(opened: OpenSite) -> None:
    unknown = replace(REGISTRY.awards[0], programme="NOBODY-KNOWS")
    store_registry(opened, replace(REGISTRY, awards=(unknown, REGISTRY.awards[1])))
    (found,) = draft(opened, MONTH).blocking
    assert (found.kind, found.subject, found.day) == ("unknown_programme", "A-1", FIRST)
    with opened.database.begin() as connection:
        acknowledge(connection, found.key, "exclude", "오기", "김운영")
    assert [one.kind for one in draft(opened, MONTH).blocking] == ["nothing_excluded"]
    with opened.database.begin() as connection:
        acknowledge(connection, found.key, "bill", "오기", "김운영")
    assert draft(opened, MONTH).blocking == ()


def test_a_sku_without_price_stops_the_month_until_it_is_excluded(opened: OpenSite) -> None:
    usages = usual(FIRST)
    usages["gpu"].append(used(FIRST, 1, "gpu.b200", HOUR_US))
    put_day(opened, FIRST, usages)
    made = draft(opened, MONTH)
    assert [(f.kind, f.subject, f.day) for f in made.blocking] == [("no_price", "gpu.b200", FIRST)]
    with opened.database.begin() as connection:
        acknowledge(connection, made.blocking[0].key, "exclude", "시험 장비", "김운영")
    assert draft(opened, MONTH).blocking == ()
    close(opened)


@pytest.mark.parametrize("kind", ["no_price", "unowned_usage", "untyped_model"])
def test_what_never_reached_a_price_cannot_be_billed_by_a_decision(
    opened: OpenSite, kind: str
) -> None:
    found = fail(FIRST, "gpu/stray", kind)
    put_findings(opened, "gpu", found)
    with opened.database.begin() as connection:
        acknowledge(connection, found.key, "bill", "확인함", "김운영")
    assert draft(opened, MONTH).blocking == (found,)
    with opened.database.begin() as connection:
        acknowledge(connection, found.key, "exclude", "시험 사용", "김운영")
    assert draft(opened, MONTH).blocking == ()


def test_findings_of_a_draft_go_when_their_cause_goes(opened: OpenSite) -> None:
    put_day(opened, FIRST, {"gpu": [used(FIRST, 1, "gpu.b200", HOUR_US)]})
    draft(opened, MONTH)
    put_day(opened, FIRST, usual(FIRST))
    draft(opened, MONTH)
    with opened.database.read() as connection:
        assert findings(connection, stage="draft") == []


def change_usage(opened: OpenSite) -> None:
    put_day(opened, FIRST, {"gpu": [used(FIRST, 3, "gpu.h100", HOUR_US)]})


def change_registry(opened: OpenSite) -> None:
    store_registry(opened, replace(REGISTRY, awards=REGISTRY.awards[:1]))


def change_findings(opened: OpenSite) -> None:
    put_findings(opened, "gpu", fail(FIRST, "h100"))


def change_waivers(opened: OpenSite) -> None:
    with opened.database.begin() as connection:
        waive(connection, "gpu", FIRST, "정전", "김운영")


@pytest.mark.parametrize("change", [change_usage, change_registry, change_findings, change_waivers])
def test_what_changes_after_the_approval_makes_a_draft_again(
    opened: OpenSite, change: object
) -> None:
    before = draft(opened, MONTH)
    approve(opened, MONTH, "박승인")
    change(opened)  # type: ignore[operator]
    with pytest.raises(CloseError, match="changed since its approval; it is a draft again"):
        issue(opened, MONTH, ON)
    after = state_of(opened)
    assert (after.state, after.approved_by) == ("draft", None)
    assert after.digest not in (None, before.digest)
    with opened.database.read() as connection:
        assert ledger.numbers_given(connection) == {}


def test_a_changed_rule_makes_a_draft_again(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made, tmp_path / "site")
    rules = tmp_path / "site-rules"
    shutil.copytree(PACKAGED_RULES, rules)
    opened = open_ground(tmp_path / "site", rules=rules)
    first = draft(opened, MONTH)
    approve(opened, MONTH, "박승인")
    file = rules / "prices" / "gpu.h100.yaml"
    file.write_text(file.read_text().replace('"6000"', '"6001"'))
    with pytest.raises(CloseError, match="draft again"):
        issue(opened, MONTH, ON)
    second = draft(opened, MONTH)
    assert {c.price_krw for c in second.closing.charges if c.sku == "gpu.h100"} == {Decimal(6001)}
    assert second.digest != first.digest


def test_an_approval_is_bound_to_the_draft_that_was_looked_at(opened: OpenSite) -> None:
    looked_at = draft(opened, MONTH)
    change_usage(opened)
    with pytest.raises(CloseError, match="changed since it was drafted"):
        approve(opened, MONTH, "박승인")
    newer = draft(opened, MONTH)
    with pytest.raises(CloseError, match="changed since it was drafted"):
        approve(opened, MONTH, "박승인", looked_at.digest)
    assert approve(opened, MONTH, "박승인", newer.digest).state == "approved"


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
        assert ledger.numbers_given(connection) == {}
        assert ledger.postings_of(connection, MONTH) == ()


def test_an_issued_month_reads_back_as_it_was_drafted(opened: OpenSite) -> None:
    made = draft(opened, MONTH)
    approve(opened, MONTH, "박승인")
    done = issue(opened, MONTH, ON)
    read = issued_month(opened, MONTH)
    assert read.closing == made.closing
    assert (read.invoices, read.claims, read.bundle) == (done.invoices, done.claims, done.bundle)
    assert read.findings == made.findings
    assert (read.inputs.registry, read.inputs.book.digest) == (
        REGISTRY,
        made.closing.rules_digest,
    )
    assert read.deadline == date(2025, 11, 10)
