"""`load` says which issued months it moves, and asks before it stores that (SETTLEMENT 43)."""

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders.explained_month import drafted_site, issue
from tests.builders.sites.command_line import run, with_own_rules


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """October 2025 issued. Copy it before changing it."""
    site = drafted_site(tmp_path_factory.mktemp("moves") / "site")
    return issue(site)


@pytest.fixture
def site(issued: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(issued, tmp_path / "site"))


def edit(site: Path, sheet: str, old: str, new: str) -> None:
    path = site / "registry" / f"{sheet}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def digest(site: Path) -> str:
    """Of the registry that is in force."""
    shown = run(site, "load", "--json")
    return str(shown.document["registry_digest"])


def moved(site: Path, *options: str) -> list[tuple[str, str]]:
    rows = run(site, "load", "--json", *options).document["moved"]
    return [(row["month"], row["why"]) for row in rows]


def test_a_project_that_moves_to_another_company_moves_the_issued_month(site: Path) -> None:
    before = digest(site)
    edit(site, "projects", "P-2,C-2,", "P-2,C-1,")
    said = run(site, "load")
    assert said.code == 1
    assert "this registry moves 2025-10, which are issued; nothing was stored" in said.err
    assert "달라지는 발행한 달" in said.out
    assert "2025-10-09" in run(site, "load", "--json").out  # when the account of P-2 ran
    done = run(site, "load", "--yes", "--json")
    assert (done.code, done.document["registry_digest"] != before) == (0, True)
    assert moved(site) == []  # it is in force: what it moved is for `adjust`
    assert "2025-10" in run(site, "status").out


@pytest.mark.parametrize(
    ("sheet", "old", "new", "why"),
    [
        ("awards", ",100000,", ",50000,", "registry"),
        ("awards", "2026-01-01", "2025-10-05", "registry"),
        ("companies", "sme,small,광주", "large,large,광주", "registry"),
        ("projects", "첫 과제,2025-10-01,", "첫 과제,2025-10-01,2025-10-04", "registry"),
        ("tenancy", "hpc,two,P-2", "hpc,two,P-1", "late"),
    ],
)
def test_what_an_issued_month_follows_from_is_asked_about(
    site: Path, sheet: str, old: str, new: str, why: str
) -> None:
    edit(site, sheet, old, new)
    assert run(site, "load").code == 1
    assert moved(site, "--yes") == [("2025-10", why)]


@pytest.mark.parametrize(
    ("sheet", "old", "new"),
    [
        ("companies", "(주)둘째,이대표", "(주)셋째,박대표"),
        ("companies", "124-81-00998", "120-81-47521"),
        ("projects", "둘째 과제,2025-10-01,", "둘째 과제,2025-10-01,2025-10-31"),
        ("tenancy", "hpc,one,P-1,2025-10-01,", "hpc,one,P-1,2025-10-01,2025-12-01"),
    ],
)
def test_what_moves_no_issued_month_is_not_asked_about(
    site: Path, sheet: str, old: str, new: str
) -> None:
    """A name, a number, and days that come after the month or in which nothing ran."""
    before = digest(site)
    edit(site, sheet, old, new)
    said = run(site, "load", "--json")
    assert (said.code, said.document["moved"]) == (0, [])
    assert said.document["registry_digest"] != before


def test_a_rule_of_an_issued_month_is_told_and_nothing_is_asked(site: Path) -> None:
    """Rules are no part of what is stored: they are in force as they lie there."""
    price = with_own_rules(site) / "prices" / "gpu.h100.yaml"
    text = price.read_text(encoding="utf-8")
    assert '"6000"' in text
    price.write_text(text.replace('"6000"', '"5900"'), encoding="utf-8")
    said = run(site, "load", "--json")
    assert said.code == 0
    (row,) = said.document["moved"]
    assert (row["month"], row["why"], row["what"]) == ("2025-10", "rule", "gpu.h100")


@pytest.mark.breadth
@pytest.mark.parametrize(("typed", "code"), [("n", 1), ("y", 0)])
def test_who_sits_at_a_terminal_is_asked(site: Path, typed: str, code: int) -> None:
    before = digest(site)
    edit(site, "projects", "P-2,C-2,", "P-2,C-1,")
    keys, terminal = pty.openpty()
    with os.fdopen(keys, "wb", buffering=0) as keyboard, os.fdopen(terminal, "rb") as typed_in:
        keyboard.write(f"{typed}\n".encode())
        words = (sys.executable, "-m", "jeongsan", "--site", str(site), "load")
        done = subprocess.run(words, stdin=typed_in, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "발행한 2025-10이 달라집니다. 저장합니까?" in done.stdout + done.stderr
    assert ("nothing was stored" in done.stderr) is bool(code)
    if not code:
        assert digest(site) != before
