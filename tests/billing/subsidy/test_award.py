"""Awards: who is eligible, judged on which day, and who counts as young (SETTLEMENT 15)."""

from dataclasses import replace
from datetime import date

import pytest

from billing.rulebook.programme import Condition
from billing.subsidy.eligibility import is_youth, meets
from metering.registry.registry import Company, CompanyFacts
from tests.builders.rules_and_usage import (
    HOUR_US,
    WHY,
    award,
    book,
    close,
    company,
    halved,
    paid,
    price,
    programme,
    registry,
    used,
)

ELIGIBLE = f"eligible: {{org_type: {{value: [startup, sme], {WHY}}}}}\n"
DAYS = ("2025-10-09", "2025-10-10")
AGREED, ANNOUNCED, USED = date(2025, 2, 1), date(2025, 1, 1), date(2025, 10, 10)


def grown(day: date, before: str = "sme", after: str = "mid") -> Company:
    """A company that changes its type on a day."""
    return replace(
        company("A"),
        facts=(
            CompanyFacts(None, before, "small", "서울"),  # type: ignore[arg-type]
            CompanyFacts(day, after, "mid", "서울"),  # type: ignore[arg-type]
        ),
    )


def supported(judged_on: str, firm: Company) -> tuple[int, list[str]]:
    """Days supported out of two, and the kinds of findings."""
    rules = book(price("gpu.h100", "1"), programme("P1", judged_on=judged_on, more=ELIGIBLE))
    held = registry([award("X1", "P1", "A", announced_on=ANNOUNCED, agreed_on=AGREED)], [firm])
    result = close([used(day, "A-1", HOUR_US) for day in DAYS], rules, held)
    return paid(result).get("X1", 0), [finding.kind for finding in result.findings]


@pytest.mark.parametrize(
    ("judged_on", "changed", "expected"),
    [
        ("announcement", date(2025, 1, 1), (0, ["ineligible_award"])),
        ("announcement", date(2025, 1, 2), (2, [])),
        ("agreement", date(2025, 2, 1), (0, ["ineligible_award"])),
        ("agreement", date(2025, 2, 2), (2, [])),
        ("day", USED, (1, [])),
        ("day", date(2025, 10, 11), (2, [])),
    ],
)
def test_eligibility_is_judged_on_the_day_that_the_programme_says(
    judged_on: str, changed: date, expected: tuple[int, list[str]]
) -> None:
    """SETTLEMENT 15: announcement, agreement or day of use."""
    assert supported(judged_on, grown(changed)) == expected


def test_a_company_may_become_eligible_day_by_day() -> None:
    assert supported("day", grown(USED, "mid", "sme")) == (1, [])


def test_a_company_unknown_on_the_day_it_is_judged_by_is_a_fail() -> None:
    firm = replace(company("A"), facts=(CompanyFacts(date(2025, 9, 1), "sme", "small", "서울"),))
    assert supported("agreement", firm) == (0, ["unknown_facts"])


def test_an_award_of_no_known_programme_is_a_fail() -> None:
    result = close([], book(), registry([award("X1", "NONE", "A")]))
    assert [(f.severity, f.kind, f.subject) for f in result.findings] == [
        ("fail", "unknown_programme", "X1")
    ]


def test_awards_of_other_months_are_not_looked_at() -> None:
    gone = award("X1", "NONE", "A", until=date(2025, 10, 1))
    later = award("X2", "NONE", "A", start=date(2025, 11, 1))
    assert close([], book(), registry([gone, later])).findings == ()


DAY = date(2025, 6, 15)


@pytest.mark.parametrize(
    ("born", "founded", "mark", "young"),
    [
        (1986, date(2020, 1, 1), None, True),  # 39 on every day of 2025
        (1985, date(2020, 1, 1), None, None),  # 39 or 40: turns on the birthday
        (1984, date(2020, 1, 1), None, False),
        (1990, date(2018, 6, 16), None, True),  # seven years tomorrow
        (1990, date(2018, 6, 15), None, False),  # seven years today
        (1985, date(2018, 6, 15), None, False),  # too old a firm, whatever the birthday
        (1950, date(1990, 1, 1), True, True),  # a mark stands above all
        (1999, date(2024, 1, 1), False, False),
        (None, date(2024, 1, 1), None, False),
        (1999, None, None, False),
    ],
)
def test_a_young_firm_has_a_young_head_and_is_young(
    born: int | None, founded: date | None, mark: bool | None, young: bool | None
) -> None:
    firm = company("A", representative_birth_year=born, founded_on=founded, youth=mark)
    assert is_youth(firm, DAY) is young


def test_a_firm_founded_on_a_leap_day_is_young_to_the_end_of_february() -> None:
    firm = company("A", representative_birth_year=2000, founded_on=date(2020, 2, 29))
    assert is_youth(firm, date(2027, 2, 28)) is True
    assert is_youth(firm, date(2027, 3, 1)) is False


def test_an_undecided_youth_pays_in_full_and_is_reported() -> None:
    firm = company("A", representative_birth_year=1985, founded_on=date(2020, 1, 1))
    rules = book(price("gpu.h100", "100"), programme("P1", "0.2", more=halved(youth="yes")))
    result = close(
        [used(DAYS[0], "A-1", HOUR_US)], rules, registry([award("X1", "P1", "A")], [firm])
    )
    assert paid(result) == {"X1": 80}
    assert [(f.severity, f.kind, f.subject) for f in result.findings] == [
        ("warn", "undecided_youth", "X1")
    ]


def test_a_firm_has_moved_from_the_day_of_its_move_on() -> None:
    firm = company("A", relocated_on=date(2025, 10, 2))
    moved = Condition("relocated", ("yes",))
    assert [meets(moved, firm, date(2025, 10, day)) for day in (1, 2, 3)] == [False, True, True]
