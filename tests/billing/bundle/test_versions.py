"""The versions that a bundle keeps: all there, the program's own of the tree that runs."""

import tomllib
import zlib
from pathlib import Path

from billing.bundle.versions import LIBRARIES, program_version, versions
from tests.paths import ROOT

PROJECT = ROOT / "pyproject.toml"


def test_every_version_is_known() -> None:
    known = versions()
    assert set(known) == {"python", "zlib", "jeongsan", *LIBRARIES}
    assert "not installed" not in known.values()
    assert known["zlib"] == zlib.ZLIB_RUNTIME_VERSION
    assert known["jeongsan"] == tomllib.loads(PROJECT.read_text())["project"]["version"]


def test_what_documents_are_drawn_with_is_among_them() -> None:
    assert {"koreanize-matplotlib", "pillow", "reportlab", "xlsxwriter"} < set(LIBRARIES)


def test_a_source_tree_s_version_comes_before_the_installed_one(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\nname = "jeongsan"\nversion = "9.8.7"\n')
    assert program_version(project) == "9.8.7"


def test_without_a_source_tree_of_ours_the_installed_version_is_given(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    installed = program_version(project)
    assert installed[0].isdigit()
    project.write_text('[project]\nname = "other"\nversion = "9.8.7"\n')
    assert program_version(project) == installed
    project.write_text("[tool.x]\na = 1\n")
    assert program_version(project) == installed
