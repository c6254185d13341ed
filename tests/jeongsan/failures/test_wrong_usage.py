"""What the command line says when it is used wrongly, or too early: exit codes 1 and 2."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders.sites.command_line import FAILED, FIRST, MONTH, run, write_site
from tests.builders.sites.example_month import tree_bytes
from tests.paths import ROOT


@pytest.mark.parametrize(
    "wrong",
    [
        ["draft", "2025-13"],
        ["approve", "October", "--by", "김정산"],
        ["issue", MONTH, "--on", "3. 11. 2025"],
        ["report", "2025"],
        ["report", MONTH, "--only", "hwpx"],
        ["verify", ""],
        ["status", "--month", "2025-00"],
        ["meter", "2025-10-32"],
        ["meter", "2025-10-31..2025-10-01"],
        ["meter", "0001-01-01..9999-12-31"],
        ["meter", "9999-12-31"],
        ["waive", "hpc", "yesterday", "--reason", "r", "--by", "b"],
        ["acknowledge", "key", "--effect", "forgive", "--reason", "r", "--by", "b"],
        ["collect", "--from", "2025-10-01T00:00", "--to", "2025-11-01"],
        ["collect", "--from", "2025-10-02", "--to", "2025-10-01"],
        ["collect", "--from", "2025-10-01", "--to", "2025-10-01"],
        ["collect", "--from", "2025-10-01", "--to", "2025-11-01", "--complete-to", "later"],
        ["waive", "hpc", "2025-10-01", "--reason", "圳", "--by", "b"],
        ["waive", "hpc", "2025-10-01", "--reason", "r", "--by", "圳"],
        ["adjust", MONTH, "--approve", "--reason", "圳", "--by", "b"],
        ["fund", "AICA-2025R", "2025", "national", "received", "1", "--reason", "圳", "--by", "b"],
        ["approve", MONTH],
        ["pay"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2_and_says_what_is_wrong(site: Path, wrong: list[str]) -> None:
    said = run(site, *wrong)
    assert (said.code, said.out) == (2, "")
    assert "Error" in said.err


def test_wrong_usage_is_in_the_json_document_too(site: Path) -> None:
    said = run(site, "draft", "2025-13", "--json")
    assert said.code == 2
    assert said.document == {
        "error": "Invalid value: '2025-13' is no month: write it like 2025-10",
        "message": "Invalid value: '2025-13' is no month: write it like 2025-10",
        "error_kind": "usage",
        "exit_code": 2,
        "what_to_do": "see `jeongsan draft --help` for what it takes, then run this again",
    }


@pytest.mark.parametrize(
    "command",
    [
        ["load"],
        ["collect"],
        ["meter", FIRST],
        ["waive", "hpc", FIRST, "--reason", "r", "--by", "b"],
        ["draft", MONTH],
        ["approve", MONTH, "--by", "b"],
        ["issue", MONTH],
        ["report", MONTH],
        ["verify", MONTH],
        ["status"],
        ["adjust"],
    ],
    ids=lambda c: str(c[0]),
)
def test_without_a_site_every_command_says_how_to_begin(tmp_path: Path, command: list[str]) -> None:
    said = run(tmp_path / "nowhere", *command)
    assert (said.code, said.out) == (1, "")
    assert "jeongsan init" in said.err
    assert not (tmp_path / "nowhere").exists()


def test_before_anything_was_loaded_the_way_on_is_named(tmp_path: Path) -> None:
    begun = write_site(tmp_path / "site")
    said = run(begun, "meter", FIRST)
    assert (said.code, "jeongsan load" in said.err) == (1, True)
    assert run(begun, "status").code == 0


def test_a_section_that_site_toml_does_not_have_is_refused(site: Path) -> None:
    for command in (
        ["collect", "--from", FIRST, "--to", "2025-10-06", "--cluster", "mars"],
        ["meter", FIRST, "--cluster", "mars"],
        ["waive", "mars", FIRST, "--reason", "r", "--by", "b"],
    ):
        said = run(site, *command)
        assert (said.code, "'mars'" in said.err) == (1, True)


@pytest.mark.breadth
def test_what_a_command_about_money_cannot_do_is_told_and_changes_nothing(metered: Path) -> None:
    by = ("--by", "김정산")
    bad = metered / "bad.csv"
    bad.write_text("거래일시,보낸분,입금액\n어제,x,1\n2025-11-20,x,1.5\n", encoding="utf-8")
    said = run(metered, "pay", str(bad), *by, "--json")
    assert (said.code, said.document["payments"], said.document["untaken"]) == (0, 0, 2)
    lines = [(line["place"], line["reason"][:6]) for line in said.document["untaken_lines"]]
    assert lines == [("bad.csv:2", "paid: "), ("bad.csv:3", "amount")]
    bad.write_bytes("거래일시,보낸분,입금액\n".encode("utf-16-le"))
    said = run(metered, "pay", str(bad), *by)
    assert (said.code, "save it as CSV UTF-8" in said.err) == (1, True)
    assert run(metered, "pay", str(metered / "none.csv"), *by).code == 2
    assert run(metered, "match", "none", "C-1", *by).code == 1
    assert run(metered, "match", "none", *by).code == 2
    assert run(metered, "line", "none", *by).code == 2
    assert run(metered, "line", "none", "--drop", "--undo", *by).code == 2
    assert run(metered, "line", "none", "--drop", "--payment", "p", *by).code == 2
    said = run(metered, "line", "none", "--take-back", *by, "--reason", "r")
    assert (said.code, "there is no line none" in said.err) == (1, True)
    assert run(metered, "credit", "C-1", *by).code == 2
    assert run(metered, "credit", "C-1", "--refund", *by).code == 1
    assert run(metered, "tax", MONTH).code == 1  # it is not issued
    assert run(metered, "tax", MONTH, "--key", str(bad)).code == 2
    fund = ("fund", "AICA-2025R", "2025", "national")
    assert run(metered, *fund, "given", "5", *by, "--reason", "r").code == 2
    assert run(metered, "grant", "NOBODY", "2025").code == 1
    assert run(metered, "ledger", "--json").document.keys() == FAILED


def test_the_demo_never_writes_over_a_site_that_is_not_the_example(site: Path) -> None:
    before = tree_bytes(site, lambda path: path.suffix != ".csv" and path.name != "site.toml")
    for more in ([], ["--only-data"]):
        said = run(site, "demo", *more)
        assert (said.code, "choose another --site" in said.err) == (1, True)
    assert before == tree_bytes(
        site, lambda path: path.suffix != ".csv" and path.name != "site.toml"
    )


def test_letters_that_a_terminal_lacks_end_no_command(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "jeongsan", "--site", tmp_path / "nowhere", "status"],
        capture_output=True, check=False, cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )  # fmt: skip
    assert said.returncode in (1, 2)
    assert b"Traceback" not in said.stderr
    assert (said.stdout + said.stderr).isascii()
