"""An issued month, to be saved, lost and made again."""

import shutil
from pathlib import Path

import pytest

from tests.builders.sites.command_line import MONTH, approve, run


@pytest.fixture(scope="session")
def issued_month(month: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose month is issued. Copy it before changing it."""
    site = Path(shutil.copytree(month, tmp_path_factory.mktemp("issued") / "site"))
    assert run(site, "draft", MONTH).code == approve(site).code == 0
    assert run(site, "issue", MONTH, "--yes", "--on", "2025-11-03").code == 0
    return site


@pytest.fixture
def issued(issued_month: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    return Path(shutil.copytree(issued_month, tmp_path / "site"))
