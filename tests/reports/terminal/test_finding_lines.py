"""Findings in the terminal and in JSON: one entry a cause, with its days and all of their worth."""

import json
import re
from datetime import date

import pytest

from metering.finding import Finding
from reports.terminal.screen import Screen


def month(severity: str, kind: str, *said: str) -> list[Finding]:
    return [
        Finding(severity, kind, "meter", "hpc", date(2025, 10, day), "lab", text)  # type: ignore[arg-type]
        for day, text in enumerate(said, 1)
    ]


def shown(capsys: pytest.CaptureFixture[str]) -> list[str]:
    lines = capsys.readouterr().out.splitlines()
    return [re.sub(r" {2,}", "  ", line).strip() for line in lines]


def test_the_same_on_many_days_is_told_once_with_its_days(
    capsys: pytest.CaptureFixture[str],
) -> None:
    same = month("warn", "identity_unchecked", *["수집원이 없습니다."] * 31)
    Screen().findings(same, every=True)
    lines = shown(capsys)
    assert lines[0] == "확인할 사항 1건"
    assert lines[3] == "주의  항등식 검사 안 함 (identity_unchecked)  hpc  1  31"
    head = "주의  항등식 검사 안 함 (identity_unchecked)  hpc  2025-10-01..2025-10-31 (31일)  lab"
    assert lines[-2:] == [head, "수집원이 없습니다."]


def test_a_cause_with_other_figures_shows_its_ends_and_the_sum_of_its_worth(
    capsys: pytest.CaptureFixture[str],
) -> None:
    unowned = month("fail", "unowned_usage", "1.00 장비시간", "2.00 장비시간", "3.00 장비시간")
    Screen().findings(unowned, {unowned[0].key: 6000, unowned[2].key: 18_000})
    lines = shown(capsys)
    assert lines[3] == "중단  소속 과제 없음 (unowned_usage)  hpc  1  3  24,000"
    assert lines[-4:] == [
        "첫날: 1.00 장비시간",
        "마지막 날: 3.00 장비시간",
        "모두 (정가로 24,000원)",
        (
            "한 번에 결정: jeongsan acknowledge --kind unowned_usage --cluster hpc --subject lab"
            " --days 2025-10-01..2025-10-03"
        ),
    ]


def test_a_finding_of_one_day_has_its_number(capsys: pytest.CaptureFixture[str]) -> None:
    (alone,) = month("warn", "dark", "1.00 장비시간")
    Screen().findings([alone], every=True)
    lines = shown(capsys)
    assert lines[3] == "주의  관측 공백 (dark)  hpc  1"
    assert lines[-2] == f"주의  {alone.key}  관측 공백 (dark)  hpc  2025-10-01  lab"


def test_json_has_warnings_by_cause_and_each_day_that_stops(
    capsys: pytest.CaptureFixture[str],
) -> None:
    warned = month("warn", "set_aside", "1.00 장비시간", "2.00 장비시간")
    failed = month("fail", "unowned_usage", "1.00 장비시간", "2.00 장비시간")
    screen = Screen(as_json=True)
    screen.findings([*warned, *failed], {warned[1].key: 6000})
    screen.close()
    first, second, aside = json.loads(capsys.readouterr().out)["findings"]
    assert [(row["key"], row["day"]) for row in (first, second)] == [
        (finding.key, str(finding.day)) for finding in failed
    ]
    assert "days" not in first
    assert (aside["key"], aside["day"], aside["last_day"], aside["days"], aside["worth_krw"]) == (
        warned[0].key, "2025-10-01", "2025-10-02", 2, 6000,
    )  # fmt: skip
    assert aside["each"] == [
        {"key": warned[0].key, "day": "2025-10-01", "detail": "1.00 장비시간", "worth_krw": None},
        {"key": warned[1].key, "day": "2025-10-02", "detail": "2.00 장비시간", "worth_krw": 6000},
    ]
