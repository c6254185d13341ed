"""Use outside a project's days is a finding with its worth, and has no support until a person
decides (SETTLEMENT 43)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from billing.adjust.adjust import look
from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.draft.draft import Draft
from billing.month.list_price import worth_krw
from metering.database.decisions import acknowledge
from metering.errors import CheckError
from metering.finding import Finding
from metering.registry.registry import Registry
from metering.site.open_site import OpenSite
from tests.builders.rules_and_usage import SEOUL, award, book, programme, registry
from tests.builders.rules_and_usage import close as rated
from tests.builders.sites.adjust_site import (
    LATER,
    OCT,
    again,
    close,
    corrected,
    hours,
    make_site,
    put,
    write_rules,
)
from tests.builders.sites.close_site import store_registry

RULES = book(programme("P", "0"))
HELD = registry([award("W", "P", "A", quota="100", quota_unit="device_hours")])
FIFTH, SIXTH = date(2025, 10, 5), date(2025, 10, 6)
# Four devices from the 5th, 10:00, to the 6th, 21:00: 14 h and 21 h of each.
RUN = [hours("A-1", 56, f"{OCT}-05"), hours("A-1", 84, f"{OCT}-06")]


def running(started_on: date, ended_on: date | None) -> Registry:
    projects = tuple(
        replace(project, started_on=started_on, ended_on=ended_on)
        if project.project_id == "A-1"
        else project
        for project in HELD.projects
    )
    return replace(HELD, projects=projects)


ENDED = running(date(2025, 1, 1), FIFTH)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[OpenSite]:
    """A site whose project ended on the 5th and ran until the 6th."""
    make_site(tmp_path / "site", held=ENDED).database.close()
    write_rules(tmp_path / "site", RULES.texts)
    site = again(tmp_path / "site")
    put(site, OCT, RUN)
    yield site
    site.database.close()


def sums(of: Draft) -> tuple[int, int, int]:
    """Charge, support and what A pays."""
    (invoice,) = of.closing.invoices
    return invoice.charge_krw, invoice.subsidy_krw, invoice.company_krw


def decide(opened: OpenSite, finding: Finding, effect: str) -> None:
    with opened.database.begin() as connection:
        acknowledge(connection, finding.key, effect, "과제 담당자 확인", "김운영")


def only(of: Draft) -> Finding:
    (finding,) = (each for each in of.findings if each.kind == "outside_project")
    return finding


def test_use_after_the_last_day_stops_the_month_with_its_worth(opened: OpenSite) -> None:
    """84 h of the 6th are worth 504,000; 264,000 of it were supported in silence."""
    now = draft(opened, OCT)
    finding = only(now)
    assert (finding.severity, finding.cluster, finding.day, finding.subject) == (
        "fail", "gpu", SIXTH, "A-1",
    )  # fmt: skip
    assert worth_krw([finding], RULES, SEOUL) == {finding.key: 504_000}
    assert "84.00 장비시간" in finding.detail
    assert now.blocking == (finding,)
    assert sums(now) == (840_000, 336_000, 504_000)
    with pytest.raises(CheckError, match="outside_project"):
        approve(opened, OCT, "박승인")


@pytest.mark.parametrize(
    ("effect", "expected"),
    [("bill", (840_000, 336_000, 504_000)), ("exclude", (336_000, 336_000, 0))],
)
def test_a_person_bills_it_without_support_or_leaves_it_out(
    opened: OpenSite, effect: str, expected: tuple[int, int, int]
) -> None:
    before = draft(opened, OCT)
    decide(opened, only(before), effect)
    now = draft(opened, OCT)
    assert (sums(now), now.blocking) == (expected, ())
    assert now.digest != before.digest
    assert len(now.acknowledged) == 1
    close(opened, OCT)


def test_a_project_that_was_extended_is_supported_again(opened: OpenSite) -> None:
    """Of 100 h of quota 44 are left on the 6th: 264,000 of support, 40 h at list price."""
    store_registry(opened, running(date(2025, 1, 1), SIXTH))
    now = draft(opened, OCT)
    assert (sums(now), now.blocking) == ((840_000, 600_000, 240_000), ())


def test_more_use_on_a_day_that_was_decided_is_asked_again(opened: OpenSite) -> None:
    decide(opened, only(draft(opened, OCT)), "bill")
    put(opened, OCT, [RUN[0], hours("A-1", 85, f"{OCT}-06")])
    assert [finding.kind for finding in draft(opened, OCT).blocking] == ["outside_project"]


@pytest.mark.parametrize(
    ("started", "ended", "supported"),
    [
        (FIFTH, SIXTH, 600_000),
        (SIXTH, None, 504_000),
        (date(2025, 10, 7), None, 0),
        (FIFTH, FIFTH, 336_000),
        (FIFTH, date(2025, 10, 4), 0),
    ],
)
def test_the_first_and_the_last_day_are_a_projects_own(
    started: date, ended: date | None, supported: int
) -> None:
    (invoice,) = rated(RUN, RULES, running(started, ended)).invoices
    assert (invoice.charge_krw, invoice.subsidy_krw) == (840_000, supported)


def test_an_end_that_comes_to_light_after_the_issue_is_a_correction_that_a_person_decides(
    opened: OpenSite,
) -> None:
    store_registry(opened, HELD)
    close(opened, OCT)
    store_registry(opened, ENDED)
    proposed = look(opened)
    assert proposed is not None
    (finding,) = proposed.blocking
    (difference,) = proposed.comparison.differences
    assert (difference.cause, difference.subsidy_krw, difference.company_krw) == (
        "registry", -264_000, 264_000,
    )  # fmt: skip
    with pytest.raises(CheckError, match="outside_project"):
        corrected(opened)
    decide(opened, finding, "bill")
    done = corrected(opened, on=LATER)
    assert done is not None
    assert [(d.step, d.reason, d.invoice.company_krw) for d in done.amendments] == [
        ("difference", 2, 264_000)
    ]


def test_days_of_a_project_that_used_nothing_move_no_month(opened: OpenSite) -> None:
    store_registry(opened, HELD)
    close(opened, OCT)
    others = tuple(
        replace(p, ended_on=FIFTH) if p.project_id == "A-2" else p for p in HELD.projects
    )
    store_registry(opened, replace(HELD, projects=others))
    assert look(opened) is None
