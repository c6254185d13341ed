"""Documents that a run which was ended has left out, or that somebody took away: what names them,
and the command that draws them."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reports import documents
from reports.layout.file_names import KINDS
from tests.breadth import few
from tests.builders.explained_month import drafted_site, issue
from tests.builders.sites.command_line import (
    COMPLETE,
    JOBS,
    MONTH,
    adjust,
    approve,
    run,
    write_jobs,
)

pytestmark = pytest.mark.breadth

BY = ("--by", "김정산")
LATE = ("9", "two", "2025-10-06T01:00:00", "2025-10-06T03:00:00", "h100=1")


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """October 2025 issued and corrected once. Copy it before changing it."""
    made = issue(drafted_site(tmp_path_factory.mktemp("undrawn") / "site"))
    assert run(made, "report", MONTH).code == 0
    write_jobs(made, "hpc", [*JOBS[:2], LATE])
    window = ("--from", "2025-10-05", "--to", "2025-10-11", "--complete-to", COMPLETE)
    assert run(made, "collect", *window).code == 0
    assert run(made, "meter", "2025-10-05..2025-10-10").code == 0
    assert adjust(made, *BY, "--reason", "늦게 온 기록", "--on", "2025-12-01").code == 0
    assert run(made, "verify", MONTH).code == 0
    return made


@pytest.fixture
def site(corrected: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(corrected, tmp_path / "site"))


def steps(site: Path) -> list[tuple[str, str]]:
    """What `status` says of documents: what is missing, and the command."""
    rows = run(site, "status", "--json").document["next"]
    return [(row["what"], row["command"]) for row in rows if "문서" in row["what"]]


def commands(site: Path) -> set[str | None]:
    said = run(site, "verify", MONTH, "--json")
    assert said.code == 1
    return {row["command"] for row in said.document["differences"]}


def in_folder(name: str) -> Callable[[Path], bool]:
    return lambda path: path.parent.name == name


REPORT = f"jeongsan report {MONTH}"
TAKEN: list[tuple[str, Callable[[Path], bool], str]] = [
    ("invoices", in_folder("invoices"), f"{REPORT} --only invoice"),
    ("amended", in_folder("amended"), f"{REPORT} --only amended"),
    (
        "a report after a correction",
        lambda path: path.parent.name == "government" and "정정1" in path.name,
        f"{REPORT} --only amended",
    ),
    (
        "the report as it was sent",
        lambda path: path.parent.name == "government" and "정정1" not in path.name,
        f"{REPORT} --only government",
    ),
]


@pytest.mark.parametrize(("name", "taken", "command"), few(1, TAKEN))
def test_what_is_missing_is_named_with_the_command_that_draws_it(
    site: Path, name: str, taken: Callable[[Path], bool], command: str
) -> None:
    gone = [path for path in (site / "documents" / MONTH).rglob("*.*") if taken(path)]
    assert gone, name
    for path in gone:
        path.unlink()
    assert commands(site) == {command}
    ((what, next_command),) = steps(site)
    corrected = command == f"{REPORT} --only amended"
    assert next_command == (command if corrected else REPORT)
    assert "발행한 문서 가운데 없는 것" in what
    assert run(site, *command.split()[1:]).code == 0
    assert (run(site, "verify", MONTH).code, steps(site)) == (0, [])


@pytest.mark.breadth
def test_documents_of_several_kinds_are_drawn_at_once(site: Path) -> None:
    shutil.rmtree(site / "documents" / MONTH)
    said = run(site, "verify", MONTH)
    assert said.code == 1
    for kind in KINDS:
        assert f"다시 만들기: {REPORT} --only {kind}" in said.out
    ((what, command),) = steps(site)
    assert command == REPORT
    assert "외 " in what
    assert run(site, "report", MONTH).code == 0
    assert (run(site, "verify", MONTH).code, steps(site)) == (0, [])


@pytest.mark.breadth
def test_a_statement_that_is_missing_or_changed_is_named_by_verify(site: Path) -> None:
    first, *_ = sorted((site / "documents" / MONTH / "statements").iterdir())
    first.write_bytes(b"changed")
    assert commands(site) == {f"{REPORT} --only statement"}
    first.unlink()
    assert commands(site) == {f"{REPORT} --only statement"}


def test_what_no_command_mends_has_none(site: Path) -> None:
    """A bundle can be made anew; the register of numbers is the proof itself."""
    for path in (site / "lake").rglob("*.*"):
        path.unlink()
    differences = run(site, "verify", MONTH, "--json").document["differences"]
    mended_by = {row["place"].split("/")[0]: row["command"] for row in differences}
    assert mended_by == {"bundles": "jeongsan repair", "register": None}
    said = run(site, "verify", MONTH)
    assert "what has no command is not as it was issued" in said.err
    assert "다시 만들기" not in said.out


def ended(*_: object, **__: object) -> Any:
    raise KeyboardInterrupt


@pytest.mark.breadth
def test_an_issue_that_was_ended_before_its_documents_is_a_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = drafted_site(tmp_path / "site")
    assert approve(site).code == 0
    with monkeypatch.context() as patched:
        patched.setattr(documents, "render_month", ended)
        said = run(site, "issue", MONTH, "--on", "2025-11-03", "--yes", "--json")
        assert (said.code, said.document["error_kind"]) == (130, "interrupted")
    ((what, command),) = steps(site)
    assert command == REPORT
    assert "invoices/T2025-000001" in what
    assert REPORT in run(site, "status").out
    assert run(site, "report", MONTH).code == 0
    assert steps(site) == []


@pytest.mark.breadth
def test_an_issue_that_was_ended_among_its_documents_is_a_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = drafted_site(tmp_path / "site")
    assert approve(site).code == 0
    with monkeypatch.context() as patched:
        patched.setattr(documents, "usage_statement_xlsx", ended)
        assert run(site, "issue", MONTH, "--on", "2025-11-03", "--yes").code == 130
    assert any((site / "documents" / MONTH / "invoices").iterdir())
    assert [command for _, command in steps(site)] == [REPORT]  # statements are missing as well
