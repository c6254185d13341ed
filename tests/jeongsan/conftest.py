"""The sites that the tests of the command line run on, and the terminal that they have not."""

import shutil
from pathlib import Path

import pytest

from tests.builders.sites.command_line import collect, meter, run, write_site


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site whose registry is loaded; nothing is collected yet."""
    loaded = write_site(tmp_path / "site")
    assert run(loaded, "load").code == 0
    return loaded


@pytest.fixture(scope="session")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose month is metered. Copy it before changing it."""
    metered = write_site(tmp_path_factory.mktemp("month") / "site")
    assert run(metered, "load").code == collect(metered).code == meter(metered).code == 0
    return metered


@pytest.fixture
def metered(month: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    return Path(shutil.copytree(month, tmp_path / "site"))


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The output of no terminal, whatever the shell of who runs the tests says."""
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TERMINAL_WIDTH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
