"""Awards as a programme officer reads them: who, for what, from when, how much, by whose word."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from reports.quota.awards_view import awards_of_day, show_awards
from reports.quota.limits_view import DayLimits, LimitsWanted, limits_of_day
from reports.terminal.screen import Screen
from tests.builders.sites.close_site import (
    FIRST,
    HOUR_US,
    REGISTRY,
    open_ground,
    put_day,
    store_registry,
    used,
)

SIGNED = replace(
    REGISTRY.awards[0], agreement_number="협약-2025-001", quota=Decimal(520),
    quota_unit="device_hours", until=date(2026, 1, 1), referrer="AI 양재 허브",
)  # fmt: skip
LATER = replace(REGISTRY.awards[1], award_id="A-9", start=date(2025, 10, 2))
OVER = replace(REGISTRY.awards[1], award_id="A-0", until=date(2025, 10, 1))


@pytest.fixture
def limits(tmp_path: Path) -> DayLimits:
    opened = open_ground(tmp_path)
    store_registry(opened, replace(REGISTRY, awards=(SIGNED, LATER, OVER)))
    put_day(opened, FIRST, {"gpu": [used(FIRST, 1, "gpu.h100", HOUR_US)], "disk": []})
    return limits_of_day(opened, "2025-10-01")


def test_the_awards_of_a_day_are_those_that_hold_by_then(limits: DayLimits) -> None:
    asked = {
        LimitsWanted(): ["A-1"], LimitsWanted(company="C-1"): ["A-1"],
        LimitsWanted(programme="AICA-2025R"): ["A-1"],
        LimitsWanted(company="C-2"): [], LimitsWanted(award="A-1"): ["A-1"],
    }  # fmt: skip
    assert {
        wanted: [award.award_id for award in awards_of_day(limits, wanted)] for wanted in asked
    } == asked
    later = replace(limits, day=date(2025, 10, 2))
    assert [award.award_id for award in awards_of_day(later, LimitsWanted())] == ["A-1", "A-9"]


def test_an_award_is_shown_whole_to_who_asks_for_it(
    limits: DayLimits, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    wanted = LimitsWanted(company="C-1")
    show_awards(Screen(), awards_of_day(limits, wanted), limits.names, wanted)
    [line] = [text for text in capsys.readouterr().out.splitlines() if text.startswith("A-1")]
    assert line.split() == [
        "A-1", "협약-2025-001", "회사1", "AICA-2025R", "모든", "과제", "2025-09-01", "2025-09-01",
        "~", "2026-01-01", "전날", "520", "장·시간", "1,000,000", "AI", "양재", "허브",
    ]  # fmt: skip
    show_awards(Screen(), awards_of_day(limits, LimitsWanted()), limits.names, LimitsWanted())
    assert capsys.readouterr().out == ""
