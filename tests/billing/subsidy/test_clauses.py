"""Clauses and reductions: what a company pays by type, size, place, youth and relocation."""

from datetime import date

import pytest

from billing.records import Subsidy
from metering.registry.registry import Company
from tests.builders.rules_and_usage import (
    HOUR_US,
    WHY,
    award,
    book,
    clauses,
    close,
    company,
    dated,
    due,
    price,
    programme,
    registry,
    used,
)

DAY = "2025-10-01"
HUNDRED = price("gpu.h100", "100")
BY_SIZE = clauses(("size: [micro, small]", "0.2"), ("size: [mid]", "0.3"))


def paid_of_a_hundred(firm: Company, rule: dict[str, str]) -> tuple[int, tuple[Subsidy, ...], str]:
    """What the company pays of 100 won, the subsidies and the findings' kinds."""
    held = registry([award("X1", "P1", "A")], [firm])
    result = close([used(DAY, "A-1", HOUR_US)], book(HUNDRED, rule), held)
    return due(result)["A"], result.subsidies, " ".join(f.kind for f in result.findings)


@pytest.mark.parametrize(
    ("size", "krw", "rule"),
    [
        ("micro", 20, "programmes/P1.yaml@2025-01-01#1"),
        ("small", 20, "programmes/P1.yaml@2025-01-01#1"),
        ("mid", 30, "programmes/P1.yaml@2025-01-01#2"),
    ],
)
def test_a_share_may_depend_on_what_a_company_is(size: str, krw: int, rule: str) -> None:
    krw_paid, [row], kinds = paid_of_a_hundred(company("A", size=size), programme("P1", BY_SIZE))
    assert (krw_paid, row.rule, kinds) == (krw, rule, "")


def test_who_meets_no_clause_is_not_eligible() -> None:
    krw_paid = paid_of_a_hundred(company("A", size="large"), programme("P1", BY_SIZE))
    assert krw_paid == (100, (), "ineligible_award")


def test_the_first_clause_that_is_met_counts_and_the_last_may_be_for_all() -> None:
    shares = clauses(('youth: ["yes"], place: [광주]', "0"), ("place: [광주]", "0.1"), ("", "0.5"))
    krw_paid = {
        (youth, place): paid_of_a_hundred(
            company("A", youth=youth, place=place), programme("P1", shares)
        )[0]
        for youth in (True, False)
        for place in ("광주", "서울")
    }
    assert krw_paid == {
        (True, "광주"): 0,
        (True, "서울"): 50,
        (False, "광주"): 10,
        (False, "서울"): 50,
    }


@pytest.mark.parametrize(
    ("moved", "krw"),
    [(None, 40), (date(2025, 9, 30), 20), (date(2025, 10, 1), 20), (date(2025, 10, 2), 40)],
)
def test_a_company_that_has_moved_counts_from_its_day(moved: date | None, krw: int) -> None:
    """Companies sign agreements to move to Gwangju; the reduction is judged on the day of use."""
    shares = clauses(('relocated: ["yes"]', "0.2"), ("", "0.4"))
    rule = programme("P1", shares, judged_on="day")
    assert paid_of_a_hundred(company("A", relocated_on=moved), rule)[0] == krw


def test_a_clause_may_end_before_another() -> None:
    """From 2025-10-01 on the small pay 0.4, and nobody else is supported."""
    shares = clauses(
        ("size: [small]", {"2025-01-01": "0.2", "2025-10-01": "0.4"}),
        ("", {"2025-01-01": "0.3", "2025-10-01": None}),
    )
    rule = programme("P1", shares)
    assert paid_of_a_hundred(company("A"), rule)[0] == 40
    mid = paid_of_a_hundred(company("A", size="mid"), rule)
    assert (mid[0], mid[2]) == (100, "programme_not_in_force")


def reduced(combine: str) -> str:
    """Three reductions: place 0.5, youth 0.4, and one that nobody here meets."""
    members = [("place", "place: [광주]", "0.5"), ("youth", 'youth: ["yes"]', "0.4")]
    members.append(("school", "org_type: [university]", "0"))
    text = "".join(
        f"  - {{id: {name}, title: 감면, any_of: {{{who}}}, factor: {dated(factor)}}}\n"
        for name, who, factor in members
    )
    return f"reductions:\n{text}combine: {{value: {combine}, {WHY}}}\n"


@pytest.mark.parametrize(
    ("combine", "place", "youth", "krw", "mark"),
    [
        ("multiply", "광주", True, 10, "+place+youth"),
        ("best", "광주", True, 20, "+youth"),
        ("multiply", "광주", False, 25, "+place"),
        ("best", "광주", False, 25, "+place"),
        ("best", "서울", False, 50, ""),
    ],
)
def test_reductions_are_multiplied_or_only_the_best_counts(
    combine: str, place: str, youth: bool, krw: int, mark: str
) -> None:
    firm = company("A", place=place, youth=youth)
    krw_paid, [row], _ = paid_of_a_hundred(firm, programme("P1", "0.5", more=reduced(combine)))
    assert (krw_paid, row.rule) == (krw, "programmes/P1.yaml@2025-01-01" + mark)


CLAUSES = """reductions:
  - id: here
    title: 감면
    any_of:
      - {place: [광주], org_type: [startup, sme]}
      - {youth: ["yes"], org_type: [startup]}
"""


@pytest.mark.parametrize(
    ("kind", "place", "youth", "krw"),
    [
        ("sme", "광주", False, 25),
        ("university", "광주", False, 50),
        ("public", "광주", False, 50),
        ("startup", "서울", True, 25),
        ("sme", "서울", True, 50),
        ("university", "광주", True, 50),
        ("sme", "서울", False, 50),
    ],
)
def test_conditions_of_a_clause_are_and_clauses_are_or(
    kind: str, place: str, youth: bool, krw: int
) -> None:
    """SETTLEMENT 36: companies in Gwangju, or youth start-ups; not Gwangju's universities."""
    firm = company("A", org_type=kind, place=place, youth=youth)
    rule = programme("P1", "0.5", more=f"{CLAUSES}    factor: {dated('0.5')}\n")
    assert paid_of_a_hundred(firm, rule)[0] == krw


def test_an_undecided_youth_counts_only_where_it_would_decide() -> None:
    """SETTLEMENT 36: nobody needs to know how old the head of a public body is."""
    rule = programme("P1", "0.5", more=f"{CLAUSES}    factor: {dated('0.5')}\n")
    for kind, findings in (("startup", "undecided_youth"), ("public", "")):
        firm = company(
            "A", org_type=kind, founded_on=date(2022, 1, 1), representative_birth_year=1985
        )
        krw, _, reported = paid_of_a_hundred(firm, rule)
        assert (krw, reported) == (50, findings)


def test_an_undecided_youth_of_a_clause_is_reported() -> None:
    firm = company("A", founded_on=date(2022, 1, 1), representative_birth_year=1985)
    shares = clauses(('youth: ["yes"]', "0.1"), ("", "0.2"))
    held = registry([award("X1", "P1", "A", agreed_on=date(2025, 1, 1))], [firm])
    result = close([used(DAY, "A-1", HOUR_US)], book(HUNDRED, programme("P1", shares)), held)
    assert (due(result), [f.kind for f in result.findings]) == ({"A": 20}, ["undecided_youth"])
