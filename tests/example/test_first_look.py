"""What the demo ends with can be pasted: the program by the name that a shell finds it by."""

import os
import sys
from pathlib import Path

import pytest

from example.first_look import program_name


def installed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = folder / "bin" / "jeongsan"
    program.parent.mkdir()
    program.touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(program.with_name("python")))
    return program


def test_a_program_that_the_shell_does_not_find_is_named_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = installed(tmp_path, monkeypatch)
    monkeypatch.setenv("PATH", os.defpath)
    monkeypatch.chdir(tmp_path)
    assert program_name() == "bin/jeongsan"
    monkeypatch.chdir("/")
    assert program_name() == str(program).removeprefix("/")


def test_a_program_that_the_shell_finds_goes_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = installed(tmp_path, monkeypatch)
    monkeypatch.setenv("PATH", str(program.parent))
    assert program_name() == "jeongsan"
