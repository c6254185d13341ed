"""Two issued months, for each test of their correction a copy of its own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from metering.site.open_site import OpenSite
from tests.builders.sites.adjust_site import again, closed


@pytest.fixture(scope="session")
def issued_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """October and November issued; nobody writes to it."""
    root = tmp_path_factory.mktemp("closed") / "site"
    closed(root).database.close()
    return root


@pytest.fixture
def site(issued_site: Path, tmp_path: Path) -> Iterator[OpenSite]:
    root = tmp_path / "site"
    shutil.copytree(issued_site, root)
    opened = again(root)
    yield opened
    opened.database.close()
