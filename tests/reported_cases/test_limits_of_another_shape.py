"""What issued months used counts once a limit is new or gets another shape (SETTLEMENT 39).

B used 24 hours, 144,000 won, in each of two issued months, all of it supported by Q.
"""

import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

from tests.breadth import few
from tests.builders.rules_and_usage import programme, source
from tests.builders.sites.year_site import AWARDS, Centre, a_centre
from tests.reported_cases.conftest import JANUARY, MARCH, two_issued

NO_LIMIT: Mapping[str, int] | None = None


def limited(
    centre: Centre, quota: str = "", unit: str = "", budget: Mapping[str, int] | None = NO_LIMIT
) -> None:
    """Q's award of a quota and Q's source of a budget, put in force."""
    (centre.site / "registry" / "awards.csv").write_text(
        AWARDS.replace("협약-2,,,", f"협약-2,{quota},{unit},"), encoding="utf-8"
    )
    funds = [source("national", "1", budget)]
    [(name, text)] = programme("Q", "0", order=20, funding=funds).items()
    (centre.site / "rules" / name).write_text(text, encoding="utf-8")
    centre.done("load", "--yes")


NONE = partial(limited)
HOURS = partial(limited, quota="60", unit="device_hours")
PF = partial(limited, quota="4.02", unit="pf_hours")  # 60 hours of an H100
YEAR = partial(limited, budget={"2026": 340_000})
YEARS = partial(limited, budget={"2026-2027": 340_000})


@pytest.fixture(scope="module")
def unlimited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = tmp_path_factory.mktemp("unlimited") / "site"
    two_issued(site, NONE)
    return site


@pytest.fixture(scope="module")
def limited_twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """By 60 hours and 340,000 won."""
    site = tmp_path_factory.mktemp("limited") / "site"
    two_issued(site, partial(limited, quota="60", unit="device_hours", budget={"2026": 340_000}))
    return site


def march(site: Path, then: partial[None]) -> int:
    """What Q pays of March under other limits, once a correction has found nothing to correct,
    neither before its issue nor right after it."""
    with a_centre(site) as centre:
        centre.load(MARCH)
        then(centre)
        for step in ("collect", "meter", "draft"):
            getattr(centre, step)(MARCH)
        assert "digest" not in centre.done("adjust", "--json").document
        drafted = centre.done("draft", MARCH, "--json").document["invoices"]
        [supported] = [row["subsidy_krw"] for row in drafted if row["company_id"] == "B"]
        centre.approve(MARCH)
        centre.issue(MARCH)
        assert "digest" not in centre.done("adjust", "--json").document
        assert "digest" not in centre.done("adjust", JANUARY, "--cascade", "--json").document
    return int(supported)


@pytest.mark.parametrize(
    ("then", "krw"),
    few(
        1,
        [
            (HOURS, 12 * 6_000),  # 60 hours less 48
            (YEAR, 52_000),  # 340,000 less 288,000
            (partial(limited, budget={"2026": 288_001}), 1),
            (NONE, 144_000),
            (partial(limited, quota="72", unit="device_hours"), 144_000),  # just enough
            (partial(limited, quota="71", unit="device_hours"), 23 * 6_000),
            (PF, 12 * 6_000),
            (YEARS, 52_000),
            (partial(limited, budget={"2026": 432_000}), 144_000),  # just enough
        ],
    ),
)
def test_a_limit_that_is_new_opens_with_what_was_used(
    unlimited: Path, tmp_path: Path, then: partial[None], krw: int
) -> None:
    assert march(Path(shutil.copytree(unlimited, tmp_path / "site")), then) == krw


@pytest.mark.parametrize(
    ("then", "krw"),
    few(
        1,
        [
            (partial(limited, quota="4.02", unit="pf_hours", budget={"2026": 340_000}), 52_000),
            (YEARS, 52_000),
            (partial(limited, quota="60", unit="device_hours", budget={"2026": 340_000}), 52_000),
            (PF, 72_000),
            (NONE, 144_000),
        ],
    ),
)
def test_a_limit_that_changes_unit_or_years_keeps_what_was_used(
    limited_twice: Path, tmp_path: Path, then: partial[None], krw: int
) -> None:
    assert march(Path(shutil.copytree(limited_twice, tmp_path / "site")), then) == krw
