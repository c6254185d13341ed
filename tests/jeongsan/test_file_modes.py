"""What a site keeps is not for others to read, whatever the umask; what is looser is told."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.breadth import few
from tests.builders.sites.command_line import MONTH, approve, collect, meter, run, write_site


@pytest.fixture(params=few(1, [0o000, 0o077]))
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes(folder: Path) -> dict[bool, set[int]]:
    """Of directories (True) and files, below a folder and itself."""
    found: dict[bool, set[int]] = {True: set(), False: set()}
    for path in (folder, *folder.rglob("*")):
        found[path.is_dir()].add(stat.S_IMODE(path.stat().st_mode))
    return found


def test_nothing_that_is_kept_is_for_others(tmp_path: Path, umask: int) -> None:
    site = write_site(tmp_path / "site")
    assert [said.code for said in (run(site, "load"), collect(site), meter(site))] == [0, 0, 0]
    assert [run(site, "draft", MONTH).code, approve(site).code] == [0, 0]
    assert run(site, "issue", MONTH, "--on", "2025-11-03").code == 0
    assert run(site, "bundle", MONTH, "--copy", str(tmp_path / "copy.zip")).code == 0
    folders, files = ({0o750}, {0o640}) if umask == 0 else ({0o700}, {0o600})
    for kept in ("lake", "documents"):
        assert modes(site / kept) == {True: folders, False: files}
    for kept in (*site.glob("jeongsan.db*"), tmp_path / "copy.zip"):
        assert {stat.S_IMODE(kept.stat().st_mode)} == files


def test_what_is_looser_is_told_with_what_to_type(tmp_path: Path) -> None:
    site = write_site(tmp_path / "site")
    assert run(site, "load").code == 0
    well = {row["what"]: row for row in run(site, "doctor", "--json").document["checks"]}
    assert well["파일 권한"]["state"] == "ok"
    (site / "jeongsan.db").chmod(0o644)
    (site / "lake").mkdir(exist_ok=True)
    (site / "lake").chmod(0o770)
    told = {row["what"]: row for row in run(site, "doctor", "--json").document["checks"]}
    told_here = told["파일 권한"]
    assert told_here["state"] == "warning"
    assert f"{site}/lake (0770), {site}/jeongsan.db (0644)" in told_here["seen"]
    assert told_here["to_do"] == f"이렇게 칩니다: chmod -R g-w,o-rwx {site}/lake {site}/jeongsan.db"
