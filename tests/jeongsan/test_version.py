"""`jeongsan --version`: the program's version, and the digest of the rules that are meant."""

from pathlib import Path

from billing.bundle.versions import program_version
from billing.paths import PROJECT
from billing.rulebook.rule_book import read_rulebook
from tests.builders.sites.command_line import run, with_own_rules, write_site

PACKAGED = read_rulebook().digest


def test_the_version_and_the_packaged_rules_need_no_site(tmp_path: Path) -> None:
    said = run(tmp_path, "--version")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        f"정산 (jeongsan)  {program_version(PROJECT)}",
        f"규칙집 (rule book)  {PACKAGED}",
        "규칙 파일 (rules)  프로그램에 든 규칙 (packaged)",
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_site_without_rules_of_its_own_has_the_packaged_ones(tmp_path: Path) -> None:
    said = run(write_site(tmp_path / "site"), "--version")
    assert PACKAGED in said.out
    assert not (tmp_path / "site" / "jeongsan.db").exists()


def test_a_site_with_rules_of_its_own_shows_their_digest(tmp_path: Path) -> None:
    rules = with_own_rules(write_site(tmp_path / "site"))
    price = rules / "prices" / "gpu.h100.yaml"
    price.write_text(price.read_text(encoding="utf-8").replace('"6000"', '"6100"'), "utf-8")
    said = run(tmp_path / "site", "--version")
    assert said.code == 0
    assert read_rulebook(rules).digest in said.out
    assert PACKAGED not in said.out
    assert str(rules) in said.out


def test_it_ends_there_whatever_else_is_asked_wherever_the_site_is_named(tmp_path: Path) -> None:
    rules = with_own_rules(write_site(tmp_path / "site"))
    for arguments in (["--version", "draft"], ["--version", "--site", str(tmp_path / "site")]):
        said = run(tmp_path / "site", *arguments)
        assert (said.code, str(rules) in said.out) == (0, True)


def test_rules_that_cannot_be_read_are_told_after_the_version(tmp_path: Path) -> None:
    rules = with_own_rules(write_site(tmp_path / "site"))
    (rules / "tax.yaml").unlink()
    said = run(tmp_path / "site", "--version")
    assert said.code == 1
    assert said.out == f"정산 (jeongsan)  {program_version(PROJECT)}\n"
    assert "tax.yaml" in said.err
