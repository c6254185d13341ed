"""Low use leads to a warning, and after a time of grace to a proposal that changes no won."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from billing.quota.utilisation import LowUse, low_uses
from billing.rulebook.rule_book import RuleBook
from metering.registry.registry import Award
from reports.quota.limits_view import LimitsWanted, limits_of_day
from reports.quota.low_use_view import low_uses_of_day
from tests.builders.rules_and_usage import (
    HOUR_US,
    PF,
    TAX,
    WHY,
    award,
    book,
    close,
    dated,
    due,
    price,
    programme,
    registry,
    used,
)
from tests.builders.sites.close_site import REGISTRY, open_ground, put_day, store_registry
from tests.builders.sites.close_site import award as signed
from tests.builders.sites.close_site import used as metered

FIRST = date(2025, 10, 1)


def judged(propose: str = "recall", measure: str = "held") -> str:
    """Below half of the award for two days: a warning; for two more: a proposal."""
    words = {"measure": measure, "warn_days": "2", "grace_days": "2", "propose": propose}
    inner = ", ".join(f"{key}: {{value: {value}, {WHY}}}" for key, value in words.items())
    return f"utilisation: {{{inner}, below: {dated('0.5')}}}\n"


def rules(propose: str = "recall", measure: str = "held") -> RuleBook:
    return book(price("gpu.h100", "1"), programme("P1", "0.5", more=judged(propose, measure)))


def found(
    hours: Mapping[int, int],
    day: int,
    granted: Award,
    rule_book: RuleBook | None = None,
    known: int = 31,
) -> tuple[LowUse, ...]:
    """What is found on a day of October from hours by day; busy for a tenth of them."""
    usages = [
        used(FIRST + timedelta(n - 1), "A-1", h * HOUR_US, busy_ns=h * HOUR_US * 100)
        for n, h in hours.items()
    ]
    days = [FIRST + timedelta(n) for n in range(known)]
    return low_uses(usages, days, rule_book or rules(), registry([granted]),
                    FIRST + timedelta(day - 1))  # fmt: skip


def four_cards(amount: str = "4", unit: str | None = "devices", **more: object) -> Award:
    """Four cards, 96 hours a day, from the first of October on."""
    values: dict[str, object] = {"start": FIRST, "quota": amount, "quota_unit": unit, **more}
    return award("X1", "P1", "A", **values)


LOW = dict.fromkeys(range(1, 32), 47)


def stages(low: tuple[LowUse, ...]) -> list[str]:
    return [low_use.stage for low_use in low]


@pytest.mark.parametrize(
    ("day", "stage"), [(1, []), (2, ["warning"]), (3, ["warning"]), (4, ["recall"])]
)
def test_a_warning_comes_before_a_proposal(day: int, stage: list[str]) -> None:
    assert stages(found(LOW, day, four_cards())) == stage


def test_what_is_found_says_over_which_days_and_how_much() -> None:
    hour = 4 * 24 * HOUR_US
    assert found(LOW, 4, four_cards()) == (
        LowUse("X1", "P1", "A", "", "recall", FIRST, date(2025, 10, 4), "devices", 4 * hour,
               4 * 47 * HOUR_US),
    )  # fmt: skip


@pytest.mark.parametrize(("hours", "stage"), [(47, ["warning"]), (48, [])])
def test_use_of_just_the_share_is_enough(hours: int, stage: list[str]) -> None:
    assert stages(found({1: hours, 2: hours}, 2, four_cards())) == stage


def test_use_in_the_time_of_grace_ends_it() -> None:
    assert stages(found({1: 0, 2: 0, 3: 96, 4: 96}, 4, four_cards())) == []


def test_a_day_without_usage_yet_is_no_day_of_low_use() -> None:
    assert stages(found({}, 4, four_cards(), known=3)) == []
    assert stages(found({}, 4, four_cards(), known=4)) == ["recall"]


@pytest.mark.parametrize(
    ("hours", "most", "proposed"), [(10, 10, "1"), (24, 24, "1"), (24, 25, "2"), (0, 0, "1")]
)
def test_a_smaller_award_holds_the_most_that_was_used_on_a_day(
    hours: int, most: int, proposed: str
) -> None:
    low = found({1: hours, 2: hours, 3: hours, 4: most}, 4, four_cards(), rules("smaller"))
    assert [(low_use.stage, str(low_use.proposed)) for low_use in low] == [("smaller", proposed)]


def test_an_award_that_can_be_no_smaller_is_warned_only() -> None:
    low = found({}, 4, four_cards("1"), rules("smaller"))
    assert [(low_use.stage, low_use.proposed) for low_use in low] == [("warning", None)]


@pytest.mark.parametrize(("measure", "stage"), [("held", []), ("busy", ["recall"])])
def test_use_is_what_is_held_or_what_is_busy_of_it(measure: str, stage: list[str]) -> None:
    hours = dict.fromkeys(range(1, 5), 96)
    assert stages(found(hours, 4, four_cards(), rules("recall", measure))) == stage


def test_no_award_is_judged_by_work_that_nobody_saw() -> None:
    usages = [used(FIRST + timedelta(n), "A-1", 96 * HOUR_US) for n in range(4)]
    days = [FIRST + timedelta(n) for n in range(4)]

    def judge(measure: str, *unseen: date) -> list[str]:
        blind = {(usages[0].source, day, usages[0].sku) for day in unseen}
        book = rules("recall", measure)
        return stages(low_uses(usages, days, book, registry([four_cards()]), days[3], blind))

    assert judge("busy") == ["recall"]
    assert judge("busy", days[0]) == ["warning"]  # the last two days were seen to be idle
    assert judge("busy", days[3]) == []
    assert judge("held", *days) == []  # all was held


@pytest.mark.parametrize(
    ("amount", "unit", "until", "stage"),
    [
        ("310", "device_hours", date(2025, 11, 1), ["recall"]),  # ten hours a day
        ("310", "device_hours", None, []),  # over no end there is no rate
        ("10", "gb", date(2025, 11, 1), []),
        ("0.067", "pf", None, ["recall"]),  # one H100
        ("0.067", "pf", date(2025, 10, 4), []),  # over on that day
    ],
)
def test_what_is_granted_for_a_day_follows_from_the_award(
    amount: str, unit: str, until: date | None, stage: list[str]
) -> None:
    held = dict.fromkeys(range(1, 5), 4)
    assert stages(found(held, 4, four_cards(amount, unit, until=until))) == stage


def test_a_proposal_changes_no_won_until_a_person_records_it() -> None:
    """Four cards stand idle. Recalled on the 16th in the registry, they are paid no longer."""
    usages = [used(FIRST + timedelta(n), "A-1", 10 * HOUR_US) for n in range(31)]
    plain = book(price("gpu.h100", "1"), programme("P1", "0.5"))
    recalled = four_cards(until=date(2025, 10, 16))
    assert stages(found(LOW, 31, four_cards())) == ["recall"]
    assert due(close(usages, rules(), registry([four_cards()]))) == {"A": 155}
    assert due(close(usages, plain, registry([four_cards()]))) == {"A": 155}
    assert due(close(usages, rules(), registry([recalled]))) == {"A": 75 + 160}


def test_the_days_before_a_month_are_looked_at_as_well(tmp_path: Path) -> None:
    """From the 30th of October to the 2nd of November: two days of a warning, two of grace."""
    texts = {"tax.yaml": TAX, "pf.yaml": PF, **price("gpu.h100", "1"),
             **programme("P1", more=judged())}  # fmt: skip
    for name, text in texts.items():
        path = tmp_path / "rules" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    opened = open_ground(tmp_path, rules=tmp_path / "rules")
    low = replace(
        signed("A-1", "P1", "C-1"), quota_unit="devices", quota=four_cards().quota, cap_krw=None
    )
    busy = replace(low, award_id="A-2", company_id="C-2")
    store_registry(opened, replace(REGISTRY, awards=(low, busy)))
    for day in (date(2025, 10, 30), date(2025, 10, 31), date(2025, 11, 1), date(2025, 11, 2)):
        rows = [metered(day, n, "gpu.h100", hours * HOUR_US) for n, hours in ((1, 40), (2, 60))]
        put_day(opened, day, {"gpu": rows, "disk": []})
    stages_of_day = {
        day: [
            (low_use.award_id, low_use.stage)
            for low_use in low_uses_of_day(standing, LimitsWanted(), opened)
        ]
        for day in ("2025-10-30", "2025-10-31", "2025-11-01", "2025-11-02")
        for standing in [limits_of_day(opened, day)]
    }
    assert stages_of_day == {
        "2025-10-30": [],
        "2025-10-31": [("A-1", "warning")],
        "2025-11-01": [("A-1", "warning")],
        "2025-11-02": [("A-1", "recall")],
    }
    standing = limits_of_day(opened, "2025-11-02")
    for wanted, count in ((LimitsWanted(award="A-1"), 1), (LimitsWanted(company="C-2"), 0)):
        assert len(low_uses_of_day(standing, wanted, opened)) == count
