"""A day of an issued month that is metered to something else leaves one open restatement."""

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from billing.adjust.restatement import Restatement, restate, restatements
from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from metering.database.tables import restatement as table
from metering.site.open_site import OpenSite
from tests.builders.sites.close_site import (
    CALENDAR,
    FIRST,
    HOUR_US,
    MONTH,
    NEXT,
    ON,
    make_ground,
    open_ground,
    put_day,
    put_month,
    used,
    usual,
)
from tests.builders.sites.example_month import copy_site

LATE = used(FIRST, 1, "gpu.h100", HOUR_US)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose month is issued. Copy it before changing it."""
    root = tmp_path_factory.mktemp("issued") / "site"
    opened = make_ground(root)
    draft(opened, MONTH)
    approve(opened, MONTH, "박승인")
    issue(opened, MONTH, ON)
    opened.database.close()
    return root


@pytest.fixture
def issued(whole: Path, tmp_path: Path) -> OpenSite:
    return open_ground(copy_site(whole, tmp_path / "site"))


def told(days: tuple[Restatement, ...]) -> list[tuple[object, ...]]:
    return [
        (restatement.month, restatement.day, restatement.clusters, restatement.billed)
        for restatement in days
    ]


def stored(opened: OpenSite) -> list[tuple[object, ...]]:
    with opened.database.read() as connection:
        rows = connection.execute(sa.select(table).order_by(table.c.sequence))
        return [(row.month, row.day, row.digest, row.consumed) for row in rows]


def test_an_issued_month_as_it_was_billed_has_none(issued: OpenSite) -> None:
    assert restate(issued) == ()


def test_late_usage_leaves_one_however_often_it_is_metered(issued: OpenSite) -> None:
    put_day(issued, FIRST, {"gpu": [LATE]})
    (first,) = restate(issued)
    assert told((first,)) == [(MONTH, FIRST, ("gpu",), True)]
    assert restate(issued) == (first,) == restatements(issued)
    assert stored(issued) == [(MONTH, FIRST, first.digest, False)]


def test_a_day_that_changes_again_has_the_newest_only(issued: OpenSite) -> None:
    put_day(issued, FIRST, {"gpu": [LATE]})
    restate(issued)
    put_day(issued, FIRST, {"gpu": [LATE], "disk": []})
    (newest,) = restate(issued)
    assert newest.clusters == ("disk", "gpu")
    assert stored(issued) == [(MONTH, FIRST, newest.digest, False)]


def test_a_day_that_is_again_what_was_billed_has_none(issued: OpenSite) -> None:
    put_day(issued, FIRST, {"gpu": [LATE]})
    restate(issued)
    put_day(issued, FIRST, usual(FIRST))
    assert (restate(issued), stored(issued)) == ((), [])


def test_evidence_that_no_price_is_by_changes_nothing_billed(issued: OpenSite) -> None:
    rows = usual(FIRST)["gpu"]
    put_day(issued, FIRST, {"gpu": [replace(rows[0], energy_uj=7), *rows[1:]]})
    assert told(restate(issued)) == [(MONTH, FIRST, ("gpu",), False)]


def test_another_owner_of_the_same_quantity_is_billed_otherwise(issued: OpenSite) -> None:
    first, second, third = usual(FIRST)["gpu"]
    swapped = [
        replace(first, company_id="C-2", project_id="P-2"),
        replace(second, company_id="C-1", project_id="P-1"),
    ]
    put_day(issued, FIRST, {"gpu": [*swapped, third]})
    assert told(restate(issued)) == [(MONTH, FIRST, ("gpu",), True)]


def test_a_month_that_is_not_issued_has_none(issued: OpenSite) -> None:
    put_month(issued, NEXT)
    draft(issued, NEXT)
    put_day(issued, CALENDAR.month_days(NEXT)[0], {"gpu": []})
    assert restate(issued) == ()
