"""The rule book in force, a copy of the packaged one, and rules that have no effect."""

from pathlib import Path

import pytest

from billing.paths import PACKAGED_RULES
from billing.rulebook.rule_book import read_rulebook
from tests.builders.sites.command_line import FIRST, run
from tests.builders.sites.example_month import tree_bytes

UNUSED = "쓰이지 않는 규칙"


def use(site: Path, folder: str = "rules") -> None:
    path = site / "site.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[issuer]", f'rules = "{folder}"\n[issuer]', 1), "utf-8")


def test_the_packaged_rules_are_copied_whole_and_are_the_same(site: Path) -> None:
    said = run(site, "rules", "--copy", "--json")
    copied = tree_bytes(site / "rules")
    assert (said.code, said.document) == (
        0,
        {"copied": str(site / "rules"), "files": len(copied), "use": 'rules = "rules"'},
    )
    packaged = tree_bytes(PACKAGED_RULES, lambda path: "__pycache__" in path.parts)
    assert copied == packaged
    assert read_rulebook(site / "rules").digest == read_rulebook(None).digest


def test_nothing_is_ever_written_over(site: Path) -> None:
    mine = site / "rules" / "mine.yaml"
    mine.parent.mkdir()
    mine.write_text("mine", encoding="utf-8")
    said = run(site, "rules", "--copy")
    assert (said.code, "left as it is" in said.err) == (1, True)
    assert tree_bytes(site / "rules") == {"mine.yaml": b"mine"}
    (site / "link").symlink_to(site / "nowhere")
    assert run(site, "rules", str(site / "link"), "--copy").code == 1
    assert not (site / "nowhere").exists()
    assert [path.name for path in site.iterdir() if path.name.startswith(".")] == []


def test_a_place_that_cannot_be_written_leaves_nothing(site: Path) -> None:
    said = run(site, "rules", str(site / "site.toml" / "rules"), "--copy", "--json")
    assert (said.code, said.document["exit_code"]) == (1, 1)


def test_another_directory_may_be_named(site: Path, tmp_path: Path) -> None:
    said = run(site, "rules", str(tmp_path / "other"), "--copy", "--json")
    assert said.document["use"] == f'rules = "{(tmp_path / "other").resolve()}"'
    inside = run(site, "rules", str(site / "books" / "2026"), "--copy", "--json")
    assert inside.document["use"] == 'rules = "books/2026"'
    assert run(site, "status", "--json").document.keys() & {"unused_rules"} == set()


def test_wrong_words_are_wrong_usage(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(site, "rules", "somewhere").code == 2
    monkeypatch.chdir(tmp_path)
    assert run(Path(), "rules", "--copy").code == 2  # there is no site to copy into
    assert not (tmp_path / "rules").exists()
    assert run(Path(), "rules").code == 0
    assert run(tmp_path / "nowhere", "rules").code == 1


def test_rules_that_have_no_effect_are_told_until_they_are_used(site: Path) -> None:
    for command in (["load"], ["status"], ["rules"]):
        assert UNUSED not in run(site, *command).out
    assert run(site, "rules", "--copy").code == 0
    price = site / "rules" / "prices" / "gpu.h100.yaml"
    assert price.is_file()
    for command in (["load"], ["status"], ["rules"]):
        said = run(site, *command)
        assert (said.code, UNUSED in said.out) == (0, True), command
        document = run(site, *command, "--json").document
        assert document["unused_rules"] == str(site / "rules")
    in_force = run(site, "prices", FIRST, "--json").document
    assert in_force["rules"] is None  # the packaged ones: what lies there has no effect
    use(site)
    for command in (["load"], ["status"], ["rules"]):
        said = run(site, *command)
        assert (said.code, UNUSED in said.out) == (0, False), said.err
    assert run(site, "rules", "--json").document["rules"] == str(site / "rules")


def test_a_book_within_the_directory_is_a_used_one(site: Path) -> None:
    assert run(site, "rules", str(site / "rules" / "2026"), "--copy").code == 0
    assert UNUSED in run(site, "status").out
    use(site, "rules/2026")
    assert UNUSED not in run(site, "status").out
    use_other = site / "site.toml"
    assert run(site, "rules", str(site / "own"), "--copy").code == 0
    text = use_other.read_text(encoding="utf-8")
    use_other.write_text(text.replace('"rules/2026"', '"own"'), encoding="utf-8")
    assert UNUSED in run(site, "status").out


def test_a_directory_without_rule_files_is_no_rule_book(site: Path) -> None:
    (site / "rules").mkdir()
    assert UNUSED not in run(site, "status").out
