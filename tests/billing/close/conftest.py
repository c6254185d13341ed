"""A site with a month of usage, for each test of the close a copy of its own."""

import shutil
from pathlib import Path

import pytest

from metering.site.open_site import OpenSite
from tests.builders.sites.close_site import make_ground, open_ground


@pytest.fixture(scope="session")
def month_of_usage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a month of usage, made once."""
    root = tmp_path_factory.mktemp("close") / "site"
    root.mkdir()
    make_ground(root).database.close()
    return root


@pytest.fixture
def opened(month_of_usage: Path, tmp_path: Path) -> OpenSite:
    """A copy of the site for one test."""
    shutil.copytree(month_of_usage, tmp_path / "site")
    return open_ground(tmp_path / "site")
