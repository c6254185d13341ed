"""A year in which every step is mistyped or repeated ends as the clean one (SETTLEMENT 35, 41)."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.builders.sites.year_site import CORRECTED, MONTHS, Centre, a_centre
from tests.mistyped_year import of_corrections, of_inputs, of_money, of_the_close
from tests.mistyped_year.ending import Ending, ending, otherwise
from tests.mistyped_year.mistake import TABLE, Mistake

KINDS = (of_corrections, of_inputs, of_money, of_the_close)
STEPS = ("load", "collect", "meter", "draft", "approve", "issue", "correct", "pay")
AFTER_THE_YEAR = ("fund", "file")
Typed = Callable[[Centre, str, str], None]  # what a person does after a step of a month


def a_year(site: Path, typed: Typed) -> Ending:
    """The year, step by step; after each step somebody types something."""
    with a_centre(site) as centre:
        for month in MONTHS:
            for step in STEPS:
                if step == "correct" and month != CORRECTED:
                    continue
                getattr(centre, step)(month)
                if (month, step) == (MONTHS[0], "load"):
                    centre.rest()
                typed(centre, month, step)
        for step in AFTER_THE_YEAR:
            getattr(centre, step)()
            typed(centre, MONTHS[-1], step)
        return ending(centre)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Ending:
    """The year without a mistake."""
    return a_year(tmp_path_factory.mktemp("clean") / "site", lambda centre, month, step: None)


def drawn(seed: int) -> dict[tuple[str, str], list[Mistake]]:
    """Every mistake of the table once, in a month that the seed draws."""
    draw, year = Random(seed), {}
    for mistake in draw.sample(TABLE, len(TABLE)):
        month = MONTHS[-1] if mistake.after in AFTER_THE_YEAR else draw.choice(mistake.months)
        year.setdefault((month, mistake.after), []).append(mistake)
    return year


@pytest.mark.breadth
@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 12))]
)
def test_a_mistyped_year_ends_as_the_clean_one(tmp_path: Path, clean: Ending, seed: int) -> None:
    year, happened = drawn(seed), []

    def typed(centre: Centre, month: str, step: str) -> None:
        for mistake in year.get((month, step), []):
            happened.append(mistake.name)
            try:
                mistake.type(centre, month)
            except AssertionError as error:
                error.add_note(f"seed {seed}: {mistake.name}, {month} after {step}")
                raise

    ends = a_year(tmp_path / "site", typed)
    assert sorted(happened) == sorted(mistake.name for mistake in TABLE), seed
    assert otherwise(ends, clean) == {}, seed


def test_every_step_is_mistyped() -> None:
    assert {mistake.after for mistake in TABLE} == {*STEPS, *AFTER_THE_YEAR}
    assert len({mistake.name for mistake in TABLE}) == len(TABLE) >= 80
    modules = {mistake.type.__module__ for mistake in TABLE}
    assert modules == {module.__name__ for module in KINDS}
