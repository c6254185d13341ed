"""A person recalls an award for use beside its purpose: dated, with a reason, seen by who looks."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from billing.rulebook.dated import Origin
from billing.subsidy.recalls import Recall, recalls
from metering.database.connection import open_database
from metering.errors import Mistakes
from metering.registry.registry import Award, Registry, read_registry
from metering.settings.site_toml import read_site
from metering.site.load_registry import load
from reports.government.monthly_report import government_report
from reports.month.month_view import MonthView
from reports.quota.limits_view import LimitsWanted, limits_of_day
from reports.quota.recalls_view import recalls_of_year, show_recalls
from reports.terminal.screen import Screen
from tests.builders.report_month import view
from tests.builders.rules_and_usage import (
    HOUR_US,
    WHY,
    award,
    book,
    close,
    due,
    price,
    programme,
    registry,
    used,
)
from tests.builders.sites.close_site import FIRST, REGISTRY, open_ground, put_day, store_registry
from tests.builders.sites.close_site import used as metered
from tests.metering.registry.test_registry import AWARD, SEOUL, sheets, write_csv
from tests.metering.settings.test_site_toml import HEAD, SLURM, write

OTHER = f"other_use: {{recalled_for: {{2025-06-01: {{value: [commercial, other_use], {WHY}}}}}}}\n"
RULES = book(price("gpu.h100", "1"), programme("P1", "0.5", more=OTHER), programme("P2", "0.5"))
SAID = {
    "recalled_on": date(2025, 10, 14), "recalled_for": "commercial", "recalled_by": "박담당",
    "recall_note": "상용 서비스에 쓰는 것을 현장 점검에서 확인",
}  # fmt: skip


def recalled(award_id: str = "X1", name: str = "P1", **changes: object) -> Award:
    values = {"until": date(2025, 10, 16), "quota": "8", "quota_unit": "devices", **SAID, **changes}
    return award(award_id, name, "A", **values)


def test_a_recall_ends_support_on_its_day_and_changes_nothing_before() -> None:
    days = [FIRST + timedelta(n) for n in range(31)]
    usages = [used(day, "A-1", 10 * HOUR_US) for day in days]
    whole = award("X1", "P1", "A")
    assert due(close(usages, RULES, registry([whole]))) == {"A": 155}
    assert due(close(usages, RULES, registry([recalled()]))) == {"A": 15 * 5 + 16 * 10}


def test_a_recall_says_all_that_somebody_may_ask_about_it() -> None:
    [recall] = recalls(registry([recalled(), award("X2", "P1", "B")]), RULES)
    assert recall == Recall(
        award_id="X1", programme="P1", company_id="A", project_id="", quota=recalled().quota,
        quota_unit="devices", reason="commercial", until=date(2025, 10, 16),
        decided_on=date(2025, 10, 14), by="박담당", note=str(SAID["recall_note"]),
        rule="programmes/P1.yaml@2025-06-01", origin=Origin(assumed="for the test"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "on", "why", "kinds"),
    [
        ("P1", date(2025, 6, 1), "other_use", []),
        ("P1", date(2025, 5, 31), "other_use", ["recall_without_rule"]),
        ("P1", date(2025, 6, 1), "low_use", ["recall_without_rule"]),  # it has no utilisation test
        ("P2", date(2025, 6, 1), "commercial", ["recall_without_rule"]),
    ],
)
def test_a_recall_that_no_rule_names_holds_and_is_told(
    name: str, on: date, why: str, kinds: list[str]
) -> None:
    recall = recalled(name=name, recalled_on=on, recalled_for=why)
    result = close([used(date(2025, 10, 20), "A-1", HOUR_US * 10)], RULES, registry([recall]))
    assert [(finding.kind, finding.severity) for finding in result.findings] == [
        (kind, "warn") for kind in kinds
    ]
    assert due(result) == {"A": 10}


def test_a_recall_is_recorded_with_the_end_of_the_award(tmp_path: Path) -> None:
    row = AWARD | {"until": "2025-10-16", **{name: str(text) for name, text in SAID.items()}}
    read = read_registry(write_csv(tmp_path, sheets(awards=[row])), SEOUL)
    [recall] = read.awards
    said = (recall.recalled_on, recall.recalled_for, recall.recalled_by, recall.recall_note)
    assert (recall.until, *said) == (
        date(2025, 10, 16), *SAID.values(),
    )  # fmt: skip
    assert Registry.from_document(read.to_document()) == read
    plain = read_registry(write_csv(tmp_path, sheets()), SEOUL)
    assert not [name for name in plain.to_document()["awards"][0] if name.startswith("recall")]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"recalled_for": "resale"}, "'resale' is none of commercial, low_use, other_use"),
        ({"recalled_by": ""}, "recalled_by: a recall says recalled_on, recalled_for, recalled_by"),
        ({"recall_note": ""}, "recall_note: a recall says recalled_on, recalled_for, recalled_by"),
        ({"recalled_on": ""}, "recalled_on: a recall says recalled_on, recalled_for, recalled_by"),
        ({"until": ""}, "until: a recalled award ends; write the first day without it"),
        ({"recalled_on": "2025-09-30"}, "recalled_on: 2025-09-30 is before 2025-10-01"),
    ],
)
def test_a_recall_that_says_too_little_is_refused(
    tmp_path: Path, changes: dict[str, str], message: str
) -> None:
    row = AWARD | {"until": "2025-10-16", **{name: str(text) for name, text in SAID.items()}}
    with pytest.raises(Mistakes) as raised:
        read_registry(write_csv(tmp_path, sheets(awards=[row | changes])), SEOUL)
    [mistake] = raised.value.mistakes
    assert message in str(mistake)


def test_a_recall_is_a_dated_addition_and_taking_it_back_is_not(tmp_path: Path) -> None:
    row = AWARD | {"until": "2025-10-16", **{name: str(text) for name, text in SAID.items()}}
    write_csv(tmp_path, sheets())
    site = read_site(write(tmp_path, HEAD + SLURM))
    with open_database(site.database) as database:
        load(site, database)
        rewritten = []
        for awards in ([row], [row | {"recalled_by": "김담당"}], [AWARD]):
            write_csv(tmp_path, sheets(awards=awards))
            rewritten.append(load(site, database).rewritten)
    assert rewritten == [(), ("A-1",), ("A-1",)]


def test_the_board_of_limits_shows_the_recalls_of_its_year(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = open_ground(tmp_path)
    first = replace(REGISTRY.awards[0], until=date(2025, 10, 16), **SAID)
    last_year = replace(first, award_id="A-0", start=date(2024, 1, 1), until=date(2024, 12, 31))
    store_registry(opened, replace(REGISTRY, awards=(first, last_year, REGISTRY.awards[1])))
    put_day(opened, FIRST, {"gpu": [metered(FIRST, 1, "gpu.h100", HOUR_US)], "disk": []})
    standing = limits_of_day(opened, "2025-10-01")
    listed = recalls_of_year(standing, LimitsWanted(), opened)
    assert [recall.award_id for recall in listed] == ["A-1"]
    assert recalls_of_year(standing, LimitsWanted(company="C-2"), opened) == ()
    store_registry(opened, REGISTRY)
    assert (
        recalls_of_year(standing, LimitsWanted(), open_ground(tmp_path)) == ()
    )  # what is in force counts
    show_recalls(Screen(), listed, standing.names)
    said = capsys.readouterr().out
    for text in (
        "회수한 협약 1건",
        "2025-10-16",
        "상업 목적 사용",
        "박담당",
        "규칙에 근거가 없습니다",
    ):
        assert text in said
    show_recalls(Screen(), (), standing.names)
    assert capsys.readouterr().out == ""


def events(month: MonthView) -> list[tuple[object, ...]]:
    section = next(
        section for section in government_report(month).sections if section.heading[0] == "Ⅳ"
    )
    return [row.values for row in section.tables[1].rows]


def test_the_report_to_the_ministry_prints_the_recalls_of_the_month() -> None:
    assert events(view()) == [("등록된 내용 없음", "", "", "")]
    [recall] = recalls(registry([recalled()]), RULES)
    month = replace(view(), recalls=(replace(recall, company_id="C-001"),))
    assert events(month) == [
        (
            "회수",
            "(주)예시기업1 (P1 X1)",
            "상업 목적 사용: 상용 서비스에 쓰는 것을 현장 점검에서 확인",
            "2025-10-16 회수 (2025-10-14 박담당 결정), 배정 8 장",
        ),
    ]
