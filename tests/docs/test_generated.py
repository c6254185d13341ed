"""The generated pages say what the program says, all of it."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from billing.paths import PACKAGED_RULES
from docs.generate import __main__ as generate
from docs.generate import pages
from docs.generate.markdown import cell
from docs.generate.rules import values
from jeongsan.app import app
from metering.lake.contract import contract, tables
from tests.paths import ROOT

PAGES = pages()


def page(name: str) -> str:
    return (ROOT / "docs" / "reference" / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_is_as_the_program_is(name: str) -> None:
    """If not: `.venv/bin/python -m docs.generate`."""
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == PAGES[name]


def test_a_stale_page_is_told_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "DOCS", tmp_path)
    (tmp_path / "reference").mkdir()
    for name, text in PAGES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    rules = tmp_path / "reference" / "rules.md"
    rules.write_text("old", encoding="utf-8")
    assert generate.main(["--check"]) == 1
    assert capsys.readouterr().out == (
        "docs/reference/rules.md is stale: run python -m docs.generate\n"
    )
    assert rules.read_text(encoding="utf-8") == "old"
    assert generate.main([]) == 0
    assert rules.read_text(encoding="utf-8") == PAGES["reference/rules.md"]
    assert generate.main(["--check"]) == 0


def test_every_command_has_a_chapter_with_its_options() -> None:
    chapters = dict(
        re.findall(r"^## (jeongsan[^\n]*)\n(.*?)(?=^## |\Z)", page("command-line"), re.M | re.S)
    )
    commands: dict[str, Any] = getattr(typer.main.get_command(app), "commands")  # noqa: B009
    assert {f"jeongsan {name}" for name in commands} <= set(chapters)
    for name, command in commands.items():
        for parameter in getattr(command, "params", []):
            if parameter.name != "help" and parameter.param_type_name == "option":
                assert f"`{parameter.opts[0]}`" in chapters[f"jeongsan {name}"], (
                    name,
                    parameter.opts,
                )


def carriers(node: object) -> int:
    """How many mappings of a rule file say where their value comes from, counted apart."""
    if isinstance(node, dict):
        own = bool({"reference", "assumed", "derived"} & set(node))
        return int(own) + sum(carriers(child) for child in node.values())
    return sum(carriers(child) for child in node) if isinstance(node, list) else 0


def test_every_value_of_every_rule_file_is_in_the_catalogue() -> None:
    files = sorted(PACKAGED_RULES.rglob("*.yaml"))
    rows = [line for line in page("rules").splitlines() if line.startswith("| `")]
    expected = sum(carriers(yaml.safe_load(file.read_text(encoding="utf-8"))) for file in files)
    assert expected > 200
    assert len(rows) == expected
    for file in files:
        for value in values(file.read_text(encoding="utf-8")):
            assert value.source.startswith(("found: ", "assumed: ", "derived: ")), (file, value)
            assert value.text, (file, value)


def test_every_column_of_every_contract_is_in_its_chapter() -> None:
    chapters = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", page("tables"), re.M | re.S))
    assert set(tables()) == set(chapters)
    for table in tables():
        shown = re.findall(r"^\| `(\w+)` \| (\w+) \|.* \| (.*) \|$", chapters[table], re.M)
        own = contract(table)
        assert [name for name, _, _ in shown] == [column.name for column in own.columns]
        assert [meaning for _, _, meaning in shown] == [cell(c.meaning) for c in own.columns]


@pytest.mark.parametrize(
    ("text", "written"),
    [("a | b", "a \\| b"), ("gpu.*", "gpu.\\*"), ("<b>", "&lt;b&gt;"), ("a\n  b", "a b")],
)
def test_a_cell_is_no_markdown_by_mistake(text: str, written: str) -> None:
    assert cell(text) == written
