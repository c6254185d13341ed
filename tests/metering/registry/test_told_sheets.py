"""Agreements, outcomes and plans: sheets that may be left out, and that no old digest knows of."""

from datetime import date
from pathlib import Path

import pytest

from metering.registry.records import Agreement, Plan, ProjectOutcome
from metering.registry.registry import Registry, read_registry
from metering.site.load_registry import compare
from tests.metering.registry.test_registry import READ, SEOUL, mistakes_of, sheets, write_csv

AGREEMENT: dict[str, object] = {
    "company_id": "C-1",
    "number": "M-1",
    "signed_on": "2025-09-01",
    "partner": "협회",
}
OUTCOME: dict[str, object] = {
    "project_id": "P-1",
    "kind": "sales",
    "reached_on": "2025-10-20",
    "amount": "5000000",
    "evidence": "합계표",
}
PLAN: dict[str, object] = {"month": "2025-11", "when": "11. 4.", "what": "발송"}


def written(directory: Path, **rows: list[dict[str, object]]) -> Path:
    return write_csv(directory, sheets(agreements=[], outcomes=[], plans=[]) | rows)


def test_they_are_read_and_make_a_registry_of_their_own(tmp_path: Path) -> None:
    site = written(tmp_path, agreements=[AGREEMENT], outcomes=[OUTCOME], plans=[PLAN])
    registry = read_registry(site, SEOUL)
    assert registry.agreements == (Agreement("C-1", "M-1", date(2025, 9, 1), "협회"),)
    assert registry.outcomes == (
        ProjectOutcome("P-1", "sales", date(2025, 10, 20), 5_000_000, "합계표"),
    )
    assert registry.plans == (Plan("2025-11", "11. 4.", "발송", ""),)
    assert Registry.from_document(registry.to_document()) == registry
    assert registry.digest != READ.digest
    changed = [(each.sheet, each.key, each.change) for each in compare(READ, registry, SEOUL)]
    assert changed == [
        ("agreements", "M-1", "added"),
        ("outcomes", "P-1 sales 2025-10-20 합계표", "added"),
        ("plans", "2025-11 11. 4. 발송", "added"),
    ]


def test_a_registry_without_them_keeps_its_digest(tmp_path: Path) -> None:
    with_empty = read_registry(written(tmp_path), SEOUL)
    assert with_empty == READ
    assert with_empty.digest == READ.digest
    assert not {"agreements", "outcomes", "plans"} & READ.to_document().keys()


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (
            {"agreements": [AGREEMENT | {"company_id": "C-9"}]},
            "registry/agreements.csv:2 company_id: there is no company 'C-9'",
        ),
        (
            {"agreements": [AGREEMENT, AGREEMENT]},
            "registry/agreements.csv:3 number: 'M-1' is in row 2 already",
        ),
        (
            {"outcomes": [OUTCOME | {"project_id": "P-9"}]},
            "registry/outcomes.csv:2 project_id: there is no project 'P-9'",
        ),
        (
            {"outcomes": [OUTCOME, OUTCOME | {"amount": "1"}]},
            "registry/outcomes.csv:3 evidence: '합계표' is in row 2 already",
        ),
        (
            {"outcomes": [OUTCOME | {"kind": "money"}]},
            (
                "registry/outcomes.csv:2 kind: 'money' is none of commercial, hire, investment,"
                " model, paper, patent, sales"
            ),
        ),
        (
            {"outcomes": [OUTCOME | {"amount": ""}]},
            "registry/outcomes.csv:2 amount: must not be empty",
        ),
        (
            {"outcomes": [OUTCOME | {"evidence": ""}]},
            "registry/outcomes.csv:2 evidence: must not be empty",
        ),
        (
            {"plans": [PLAN | {"month": "2025-13"}]},
            "registry/plans.csv:2 month: '2025-13' is no month: write it like 2025-10",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_row(
    tmp_path: Path, rows: dict[str, list[dict[str, object]]], told: str
) -> None:
    assert mistakes_of(written(tmp_path, **rows)) == [told]
