"""The small centre with January and February issued, to be copied and changed."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.builders.sites.year_site import MONTHS, Centre, a_centre, day_of

JANUARY, FEBRUARY, MARCH = MONTHS[:3]
Change = Callable[[Centre], None]


def nothing(centre: Centre) -> None:
    """The centre as it is."""


def two_issued(site: Path, first: Change = nothing) -> None:
    """A centre with two months issued under what `first` makes of its registry and rules."""
    with a_centre(site) as centre:
        centre.load(JANUARY)
        first(centre)
        centre.rest()
        for month in (JANUARY, FEBRUARY):
            centre.set_today(day_of(month, 20))
            for step in ("collect", "meter", "draft", "approve", "issue"):
                getattr(centre, step)(month)


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two months as the year's. Copy it before changing it."""
    site = tmp_path_factory.mktemp("issued") / "site"
    two_issued(site)
    return site


@pytest.fixture
def centre(issued: Path, tmp_path: Path) -> Iterator[Centre]:
    """The same, to be changed, on the 20th of March."""
    with ExitStack() as stack:
        copied = stack.enter_context(a_centre(Path(shutil.copytree(issued, tmp_path / "site"))))
        copied.load(MARCH)
        yield copied
