"""Completion in the shell: the script that a shell reads, and what it is answered on TAB."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from reports.frames.usage_choices import UsageBy
from tests.builders.sites.command_line import run
from tests.paths import ROOT

JEONGSAN = (sys.executable, "-m", "jeongsan")
# What a help page or a completion has no use for, and takes long to import.
HEAVY = ("duckdb", "numba", "numpy", "pandas", "pyarrow", "sqlalchemy")


def asked(environment: Mapping[str, str], *arguments: str) -> str:
    """What the program writes as a shell's completion runs it: a program of its own."""
    done = subprocess.run(
        [*JEONGSAN, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def bash(line: str) -> list[str]:
    words = line.split(" ")
    return asked(
        {
            "_JEONGSAN_COMPLETE": "complete_bash",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(words) - 1),
        }
    ).split()


def zsh(line: str) -> str:
    return asked({"_JEONGSAN_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": line})


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_shell_gets_its_script(shell: str) -> None:
    script = asked({"_JEONGSAN_COMPLETE": f"source_{shell}"})
    assert f"_JEONGSAN_COMPLETE=complete_{shell}" in script
    assert {"bash": "complete -o default", "zsh": "#compdef jeongsan"}[shell] in script


def test_bash_reads_the_script_and_completes_a_command() -> None:
    """As a person presses TAB: the script's own function fills in what bash would show."""
    source = asked({"_JEONGSAN_COMPLETE": "source_bash"})
    bin_path = Path(sys.executable).parent
    words = (
        f"{source}\nCOMP_WORDS=(jeongsan ad); COMP_CWORD=1; _jeongsan_completion jeongsan\n"
        'echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", words],
        env={**os.environ, "PATH": f"{bin_path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("adjust\n", "")


@pytest.mark.parametrize(
    ("line", "answers"),
    [
        ("jeongsan ad", ["adjust"]),
        ("jeongsan pr", ["programmes", "prices"]),
        ("jeongsan --site demo wa", ["waive"]),
        ("jeongsan explain --com", ["--company"]),
        ("jeongsan usage 2025-10 --by ", list(UsageBy)),
        ("jeongsan usage 2025-10 --format p", ["parquet"]),
    ],
)
def test_bash_is_answered_with_commands_and_options(line: str, answers: list[str]) -> None:
    assert bash(line) == answers


def test_zsh_is_answered_with_what_each_is_for() -> None:
    answer = zsh("jeongsan ad")
    assert '"adjust":"발행한 달을 정정합니다' in answer
    assert answer.count('":"') == 1


def test_the_options_of_completion_are_told_in_korean() -> None:
    said = run(Path(), "--help")
    assert "--install-completion" in said.out
    assert "자동 완성" in said.out
    assert "Install completion" not in said.out


def test_a_help_page_and_a_completion_open_no_site() -> None:
    """They would take three times as long if what reads one was imported."""
    program = f"import sys, jeongsan.app; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
