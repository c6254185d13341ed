"""Whose documents and whose projects: names of a correction, use outside of a project's days, and
projects that move to another company (SETTLEMENT 42, 43)."""

import pytest

from billing.ledger.adjustment_ledger import chains
from tests.breadth import few
from tests.builders.sites.year_site import BY, WHY, Centre
from tests.mistyped_year.mistake import refused
from tests.reported_cases.conftest import JANUARY, MARCH

OLD, NEW = ("120-81-47521", "마바기술"), ("211-87-00033", "사아전산")


def printed(centre: Centre) -> list[tuple[str, str]]:
    """Number and name of C on each document of its January."""
    with centre.opened().database.read() as connection:
        [chain] = [chain for key, chain in chains(connection, [JANUARY]).items() if key[0] == "C"]
    parties = [document.invoice.company for document in chain]
    return [(party.business_number, party.name) for party in parties]


@pytest.mark.parametrize(("printed_wrong", "right"), few(1, [((), OLD), (("--printed", "C"), NEW)]))
def test_a_correction_after_a_renaming_prints_the_parties_of_its_original(
    centre: Centre, printed_wrong: tuple[str, ...], right: tuple[str, str]
) -> None:
    centre.edit("companies", f"C,{OLD[0]},{OLD[1]}", f"C,{NEW[0]},{NEW[1]}")
    centre.done("load")
    centre.tell(JANUARY, "9")
    digest = centre.done("adjust", *printed_wrong, "--json").document["digest"]
    centre.done("adjust", "--approve", "--digest", digest, *printed_wrong, *BY, *WHY)
    assert printed(centre) == [OLD, OLD, right]


def test_a_project_that_moves_to_another_company_is_asked_about(centre: Centre) -> None:
    centre.edit("projects", "B-1,B,", "B-1,C,")
    said = refused(centre, "moves 2026-01, 2026-02, which are issued", "load")
    assert "2026-01-06" in said.out  # on which it ran
    centre.done("load", "--yes")
    centre.meter(JANUARY)
    centre.meter("2026-02")
    document = centre.done("adjust", "--json").document
    moved = {(row["company"], row["month"]) for row in document["documents"]}
    assert moved >= {("C", JANUARY), ("C", "2026-02")}  # C owes B's hours


@pytest.mark.parametrize(
    ("ended_on", "supported_krw", "code"),
    [("2026-03-05", 0, 1), ("2026-03-06", 144_000, 0)],
)
def test_use_after_a_projects_last_day_stops_the_month_and_has_no_support(
    centre: Centre, ended_on: str, supported_krw: int, code: int
) -> None:
    """B ran on the 6th; the last day is the project's own."""
    centre.edit("projects", "B 과제,2026-01-01,", f"B 과제,2026-01-01,{ended_on}")
    centre.done("load", "--json")
    centre.collect(MARCH)
    centre.meter(MARCH)
    said = centre.type("draft", MARCH, "--json")
    findings = centre.done("status", "--findings", "--json").document["findings"]
    fails = [row for row in findings if row["severity"] == "fail"]
    [row] = [row for row in said.document["invoices"] if row["company_id"] == "B"] or [{}]
    assert (said.code, row.get("subsidy_krw", 144_000)) == (code, supported_krw)
    assert [(row["kind"], row["worth_krw"]) for row in fails] == (
        [("outside_project", 144_000)] if code else []
    )
