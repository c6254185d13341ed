"""A cause is told once a month: what makes two findings one, and what keeps them apart."""

from dataclasses import replace
from datetime import date

import pytest

from metering.finding import Finding
from metering.repeated_findings import STANDING, by_cause
from reports.wording.finding_titles import FINDING_TITLES

FIRST = Finding("warn", "identity_unchecked", "meter", "hpc", date(2025, 10, 1), "down", "없음")
SECOND = replace(FIRST, day=date(2025, 10, 2))


def test_a_month_of_the_same_is_one_cause_with_its_days() -> None:
    month = [replace(FIRST, day=date(2025, 10, day)) for day in range(31, 0, -1)]
    (cause,) = by_cause(month)
    assert (cause.days, cause.span, cause.same_text) == (31, "2025-10-01..2025-10-31", True)
    assert (cause.first, cause.last) == (FIRST, replace(FIRST, day=date(2025, 10, 31)))
    (twice,) = by_cause([FIRST, FIRST])  # from two portions of one collection
    assert (twice.days, twice.span) == (1, "2025-10-01")
    (alone,) = by_cause([FIRST])
    assert (alone.days, alone.span) == (1, "2025-10-01")


@pytest.mark.parametrize(
    "other",
    [
        replace(SECOND, detail="장비 없음"),
        replace(SECOND, subject="evidence"),
        replace(SECOND, cluster="edge"),
        replace(SECOND, kind="dark"),
        replace(SECOND, stage="collect"),
        replace(SECOND, severity="fail"),
        replace(SECOND, day=date(2025, 11, 1)),
        replace(SECOND, day=None),
    ],
)
def test_one_thing_that_differs_makes_two_causes(other: Finding) -> None:
    assert len(by_cause([FIRST, other])) == 2


def test_figures_of_a_day_are_another_cause_unless_the_cause_stands() -> None:
    lasting = [
        replace(FIRST, kind="unowned_usage", day=date(2025, 10, day), detail=f"{day} 장비시간")
        for day in (1, 2, 5)
    ]
    (cause,) = by_cause(lasting)
    assert (cause.days, cause.span, cause.same_text) == (3, "2025-10-01..2025-10-05", False)
    assert len(by_cause([replace(finding, kind="dark") for finding in lasting])) == 3


def test_what_stops_stands_first_and_what_has_no_day_stands_alone() -> None:
    undated = [replace(FIRST, day=None, subject=subject) for subject in ("b", "a")]
    fail = replace(FIRST, severity="fail", kind="over_capacity")
    causes = by_cause([SECOND, *undated, FIRST, fail])
    assert [(c.severity, c.first.subject, c.span) for c in causes] == [
        ("fail", "down", "2025-10-01"),
        ("warn", "a", ""),
        ("warn", "b", ""),
        ("warn", "down", "2025-10-01..2025-10-02"),
    ]


def test_every_standing_kind_is_a_kind() -> None:
    assert set(FINDING_TITLES) >= STANDING
