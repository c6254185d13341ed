"""What findings do to a month: those that stop it, and decisions to bill or to exclude."""

from dataclasses import replace
from datetime import date

import pytest

from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.close.issued_month import issued_month
from metering.database.decisions import acknowledge
from metering.database.findings import findings
from metering.errors import CheckError
from metering.site.open_site import OpenSite
from tests.builders.close_steps import close, fail
from tests.builders.sites.close_site import (
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


def test_an_open_fail_stops_the_approval_and_is_listed(opened: OpenSite) -> None:
    finding = fail(FIRST, "h100")
    elsewhere = fail(date(2025, 11, 1), "h100")
    put_findings(opened, "gpu", finding, elsewhere)
    drafted = draft(opened, MONTH)
    assert drafted.blocking == (finding,)
    with pytest.raises(CheckError) as refused:
        approve(opened, MONTH, "박승인")
    assert f"{finding.key} over_capacity gpu 2025-10-01 h100: h100: 3대 초과" in str(refused.value)
    with opened.database.begin() as connection:
        acknowledge(connection, finding.key, "bill", "등록 지연", "김운영")
    after = draft(opened, MONTH)
    assert after.blocking == ()
    assert after.digest != drafted.digest
    approve(opened, MONTH, "박승인")
    issue(opened, MONTH, ON)
    assert [a.reason for a in issued_month(opened, MONTH).inputs.acknowledged] == ["등록 지연"]
    assert issued_month(opened, MONTH).findings == (finding,)


def test_days_with_one_cause_are_one_line_of_a_refused_approval(opened: OpenSite) -> None:
    day = fail(FIRST, "h100")
    put_findings(opened, "gpu", *(replace(day, day=date(2025, 10, n)) for n in (1, 2, 31)))
    draft(opened, MONTH)
    with pytest.raises(CheckError) as refused:
        approve(opened, MONTH, "박승인")
    assert f"{MONTH} has 3 findings that stop it" in str(refused.value)
    said = "  3 days of over_capacity gpu 2025-10-01..2025-10-31 h100: h100: 3대 초과"
    assert str(refused.value).splitlines()[1:2] == [said]
    assert "--days FIRST..LAST" in str(refused.value)


def test_a_warning_stops_nothing_and_is_in_the_draft(opened: OpenSite) -> None:
    warning = replace(fail(FIRST, "h100"), severity="warn")
    put_findings(opened, "gpu", warning)
    drafted = draft(opened, MONTH)
    assert (drafted.findings, drafted.blocking) == ((warning,), ())


def test_a_finding_whose_figures_change_is_asked_again(opened: OpenSite) -> None:
    finding = fail(FIRST, "P-3", kind="doubtful")
    put_findings(opened, "gpu", finding)
    with opened.database.begin() as connection:
        acknowledge(connection, finding.key, "exclude", "장애", "김운영")
    before = draft(opened, MONTH)
    grown = replace(finding, detail="훨씬 많습니다")
    put_findings(opened, "gpu", grown)
    after = draft(opened, MONTH)
    assert (before.blocking, after.blocking, after.acknowledged) == ((), (grown,), ())
    assert len(after.closing.usages) == len(before.closing.usages) + 1  # nothing is left out


def test_excluding_leaves_the_usage_of_the_finding_out(opened: OpenSite) -> None:
    finding = fail(FIRST, "P-3", kind="doubtful")
    put_findings(opened, "gpu", finding)
    with opened.database.begin() as connection:
        acknowledge(connection, finding.key, "bill", "확인함", "김운영")
    billed = draft(opened, MONTH)
    with opened.database.begin() as connection:
        acknowledge(connection, finding.key, "exclude", "장애", "김운영")
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
    finding = fail(FIRST, "GPU-1")
    put_findings(opened, "gpu", finding)
    with opened.database.begin() as connection:
        acknowledge(connection, finding.key, "exclude", "장애", "김운영")
    drafted = draft(opened, MONTH)
    assert [(f.kind, f.subject) for f in drafted.blocking] == [("nothing_excluded", finding.key)]
    with opened.database.read() as connection:
        assert findings(connection, stage="draft") == list(drafted.blocking)


def test_a_finding_of_rating_is_billed_or_mended_but_excludes_nothing(opened: OpenSite) -> None:
    unknown = replace(REGISTRY.awards[0], programme="NOBODY-KNOWS")
    store_registry(opened, replace(REGISTRY, awards=(unknown, REGISTRY.awards[1])))
    (finding,) = draft(opened, MONTH).blocking
    assert (finding.kind, finding.subject, finding.day) == ("unknown_programme", "A-1", FIRST)
    with opened.database.begin() as connection:
        acknowledge(connection, finding.key, "exclude", "오기", "김운영")
    assert [blocking.kind for blocking in draft(opened, MONTH).blocking] == ["nothing_excluded"]
    with opened.database.begin() as connection:
        acknowledge(connection, finding.key, "bill", "오기", "김운영")
    assert draft(opened, MONTH).blocking == ()


def test_a_sku_without_price_stops_the_month_until_it_is_excluded(opened: OpenSite) -> None:
    usages = usual(FIRST)
    usages["gpu"].append(used(FIRST, 1, "gpu.b200", HOUR_US))
    put_day(opened, FIRST, usages)
    drafted = draft(opened, MONTH)
    assert [(f.kind, f.subject, f.day) for f in drafted.blocking] == [
        ("no_price", "gpu.b200", FIRST)
    ]
    with opened.database.begin() as connection:
        acknowledge(connection, drafted.blocking[0].key, "exclude", "시험 장비", "김운영")
    assert draft(opened, MONTH).blocking == ()
    close(opened)


@pytest.mark.parametrize("kind", ["no_price", "unowned_usage", "untyped_model"])
def test_what_never_reached_a_price_cannot_be_billed_by_a_decision(
    opened: OpenSite, kind: str
) -> None:
    finding = fail(FIRST, "gpu/stray", kind)
    put_findings(opened, "gpu", finding)
    with opened.database.begin() as connection:
        acknowledge(connection, finding.key, "bill", "확인함", "김운영")
    assert draft(opened, MONTH).blocking == (finding,)
    with opened.database.begin() as connection:
        acknowledge(connection, finding.key, "exclude", "시험 사용", "김운영")
    assert draft(opened, MONTH).blocking == ()


def test_findings_of_a_draft_go_when_their_cause_goes(opened: OpenSite) -> None:
    put_day(opened, FIRST, {"gpu": [used(FIRST, 1, "gpu.b200", HOUR_US)]})
    draft(opened, MONTH)
    put_day(opened, FIRST, usual(FIRST))
    draft(opened, MONTH)
    with opened.database.read() as connection:
        assert findings(connection, stage="draft") == []
