"""The help pages: groups in their order, an example in each command, shared options said once."""

import ast
import re
from pathlib import Path

import pytest
from typer.main import get_command

from jeongsan.app import GROUPS, app
from tests.builders.sites.command_line import flat, run
from tests.paths import ROOT

COMMANDS = sorted(get_command(app).commands)  # type: ignore[attr-defined]
GROUPED = {
    "site": ["init", "doctor", "health", "metrics", "load", "rules", "status", "demo"],
    "night": ["collect", "meter"],
    "month": ["draft", "acknowledge", "waive", "approve", "withdraw", "issue", "report"],
    "correction": ["adjust"],
    "questions": ["explain", "dispute", "usage", "quota", "simulate", "programmes", "prices"],
    "books": ["ledger", "pay", "match", "line", "credit", "ageing", "tax"],
    "state": ["fund", "grant"],
    "proof": ["bundle", "verify", "check", "repair", "backup", "restore", "audit"],
}
SHARED = ("--site", "--version", "--json", "--cluster", "--by", "--reason", "--on")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_an_example(command: str) -> None:
    said = run(Path("."), command, "--help")
    assert said.code == 0
    example = re.search(r"예: (jeongsan [^│]*)", flat(said.out))
    assert example is not None
    assert re.match(rf"jeongsan (--site \S+ )?{command}\b", example[1])
    assert "--json" in said.out


def test_help_shows_the_commands_by_group_in_order() -> None:
    """Each group in a frame whose title is Korean, with its English word."""
    shown: dict[str, list[str]] = {}
    commands: list[str] = []
    for line in run(Path("."), "--help").out.splitlines():
        if title := re.match(r"╭─ \S*[가-힣].* \((\w+)\) ─+╮", line):
            commands = shown.setdefault(title[1], [])
        elif command := re.match(r"│ ([a-z]+) ", line):
            commands.append(command[1])
    assert list(shown) == list(GROUPED)
    assert shown == GROUPED
    assert sorted(name for names in GROUPED.values() for name in names) == COMMANDS


@pytest.mark.parametrize("group", list(GROUPED))
def test_a_group_is_a_module_of_its_word(group: str) -> None:
    [commands] = [typer for title, typer in GROUPS if title.endswith(f"({group})")]
    functions = [command.callback for command in commands.registered_commands]
    assert {function.__module__ for function in functions if function} == {f"jeongsan.{group}"}


def test_options_that_commands_share_are_said_in_one_module() -> None:
    owners: dict[str, set[str]] = {}
    for path in sorted((ROOT / "jeongsan").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                for argument in node.args if node.func.attr == "Option" else ():
                    if isinstance(argument, ast.Constant):
                        owners.setdefault(str(argument.value), set()).add(path.name)
    assert {name: owners[name] for name in SHARED} == {name: {"options.py"} for name in SHARED}


def test_the_readme_names_no_command_that_there_is_not() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"^jeongsan (?:--site \S+ )?([a-z]+)", readme, re.MULTILINE)
    assert set(named) <= set(COMMANDS)
