"""Whatever goes wrong with a command, a program that asked for JSON gets one document."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from billing.close import draft_month
from billing.paths import PACKAGED_RULES
from jeongsan.app import app
from tests.breadth import few
from tests.builders.sites.command_line import FAILED, FIRST, MONTH, Said, run

BY = ("--by", "김정산", "--reason", "r")
# Every command with arguments that are right as such.
RIGHT: dict[str, tuple[str, ...]] = {
    "acknowledge": ("none", "--effect", "bill", *BY),
    "adjust": (),
    "ageing": (FIRST,),
    "approve": (MONTH, "--digest", "0" * 64, "--by", "김정산"),
    "audit": (),
    "backup": ("site.toml/backup",),
    "health": (),
    "metrics": (),
    "restore": ("site.toml",),
    "bundle": (MONTH, "--copy", "copy.zip"),
    "check": (),
    "collect": ("--from", FIRST, "--to", "2025-10-06"),
    "credit": ("C-1", "--refund", *BY),
    "demo": (),
    "dispute": ("T2025-000001", "1"),
    "doctor": (),
    "draft": (MONTH,),
    "explain": (MONTH, "--company", "C-1"),
    "fund": ("AICA-2025R", "2025", "national", "received", "9", *BY),
    "grant": ("AICA-2025R", "2025"),
    "init": ("site.toml/new",),
    "issue": (MONTH, "--on", "2025-11-03"),
    "ledger": (),
    "line": ("none", "--drop", *BY),
    "load": (),
    "match": ("none", "C-1", "--by", "김정산"),
    "meter": (FIRST,),
    "pay": ("site.toml", "--by", "김정산"),
    "prices": (FIRST,),
    "programmes": (FIRST,),
    "quota": (MONTH,),
    "repair": (),
    "report": (MONTH,),
    "rules": (),
    "simulate": (MONTH, "--rules", str(PACKAGED_RULES)),
    "status": (),
    "tax": (MONTH,),
    "usage": (MONTH,),
    "verify": (MONTH,),
    "waive": ("hpc", FIRST, *BY),
    "withdraw": ("none", *BY),
}
# These ask the rules alone, and no database.
NO_SITE = {"init", "prices", "programmes", "rules"}


def test_every_command_is_in_the_table() -> None:
    assert sorted(RIGHT) == sorted(get_command(app).commands)  # type: ignore[attr-defined]


def failed(said: Said, *kinds: str) -> dict[str, Any]:
    """The document of a failure: whole, alone on standard output, with nobody's trace beside."""
    document: dict[str, Any] = said.document
    assert document.keys() >= FAILED, document
    assert document["exit_code"] == said.code
    assert document["error_kind"] in kinds, document
    assert document["error"]
    assert document["what_to_do"]
    assert "Traceback" not in said.err
    assert "trace" not in document
    return document


@pytest.mark.parametrize("command", few(8, sorted(RIGHT)))
def test_an_option_that_a_command_does_not_have_is_a_document(site: Path, command: str) -> None:
    document = failed(run(site, command, *RIGHT[command], "--nonsense", "--json"), "usage")
    assert (document["exit_code"], "--nonsense" in document["error"]) == (2, True)
    assert f"jeongsan {command} --help" in document["what_to_do"]


@pytest.mark.parametrize("command", few(8, sorted(RIGHT)))
def test_an_argument_too_many_is_a_document(site: Path, command: str) -> None:
    said = run(site, command, *RIGHT[command], *(["x"] * 3), "--json")
    assert failed(said, "usage")["exit_code"] == 2


@pytest.mark.parametrize(
    "command",
    few(8, sorted(name for name in RIGHT if RIGHT[name] and name not in {"prices", "programmes"})),
)
def test_a_missing_argument_is_a_document(site: Path, command: str) -> None:
    """Those that may be left out everywhere have none to miss."""
    said = run(site, command, "--json")
    if command in {"ageing", "collect", "quota"}:
        assert said.document.keys() != FAILED or said.document["error_kind"] != "usage"
    else:
        failed(said, "usage")


@pytest.mark.parametrize(
    "words", [["--json"], ["nonsense", "--json"], ["--site", "a", "--json"], ["draf", "--json"]]
)
def test_a_command_that_there_is_not_is_a_document(site: Path, words: list[str]) -> None:
    assert failed(run(site, *words), "usage")["exit_code"] == 2


def test_the_usage_as_json_by_its_format_fails_as_json(site: Path) -> None:
    for form in (["--format", "json"], ["--format=json"]):
        assert failed(run(site, "usage", *form), "usage")["exit_code"] == 2
    said = run(site, "usage", "--format", "json", "--output", "x.json")
    assert (said.code, said.out) == (2, "")
    said = run(site, "usage", "2025-99", "--format", "json")
    failed(said, "usage")


def no_site(site: Path) -> None:
    (site / "site.toml").unlink()


def no_toml(site: Path) -> None:
    (site / "site.toml").write_bytes(b"\xff\xfe[site")


def wrong_settings(site: Path) -> None:
    (site / "site.toml").write_text('[site]\nname = ""\nunknown = 1\n', encoding="utf-8")


def no_database(site: Path) -> None:
    for path in site.glob("jeongsan.db*"):
        path.unlink()
    (site / "jeongsan.db").write_bytes(b"this is no database" * 1000)


def a_folder_for_a_database(site: Path) -> None:
    for path in site.glob("jeongsan.db*"):
        path.unlink()
    (site / "jeongsan.db").mkdir()


def a_server_that_is_away(site: Path) -> None:
    path = site / "site.toml"
    url = 'database = "postgresql+psycopg://127.0.0.1:9/jeongsan"\n[issuer]'
    path.write_text(path.read_text(encoding="utf-8").replace("[issuer]", url, 1), "utf-8")


BROKEN: tuple[tuple[Callable[[Path], None], tuple[str, ...]], ...] = (
    (no_site, ("refused",)),
    (no_toml, ("mistakes",)),
    (wrong_settings, ("mistakes",)),
    (no_database, ("database",)),
    (a_folder_for_a_database, ("database",)),
    (a_server_that_is_away, ("database",)),
)


@pytest.mark.parametrize(
    ("broken", "kinds"), BROKEN, ids=lambda part: getattr(part, "__name__", "")
)
def test_every_command_on_a_broken_site_is_a_document(
    site: Path,
    tmp_path: Path,
    broken: Callable[[Path], None],
    kinds: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken(site)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site.toml").write_text("", encoding="utf-8")
    reads_settings = kinds == ("database",)
    for command in sorted(RIGHT.keys() - {"init"}):
        said = run(site, command, *RIGHT[command], "--json")
        if command in ("doctor", "health"):
            failed(said, "findings")  # it says so of each thing that is wrong
        elif reads_settings and command in NO_SITE:
            assert said.code == 0  # it asks the rules alone
        elif command in ("demo", "restore"):
            failed(said, "refused")  # they never write over a site, nor ask the one that is there
        else:
            failed(said, *kinds)
    failed(run(site, "init", str(tmp_path / "site.toml" / "new"), "--json"), "files", "refused")


def test_a_mistake_of_the_program_is_told_with_where_it_was(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(draft_month, "draft", broken)
    said = run(site, "draft", MONTH, "--json")
    document = said.document
    assert (said.code, document.keys()) == (1, FAILED | {"trace"})
    assert (document["error_kind"], document["error"]) == (
        "unexpected",
        "ZeroDivisionError: by zero",
    )
    assert "test_json_failures.py" in "\n".join(document["trace"])
    assert "Traceback" not in said.err
    with pytest.raises(ZeroDivisionError):  # a person sees where it was
        run(site, "draft", MONTH)


def test_ctrl_c_is_a_document_and_exit_code_130(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt  # as Python does at the signal, which workers of tests ignore

    monkeypatch.setattr(draft_month, "draft", stopped)
    assert failed(run(site, "draft", MONTH, "--json"), "interrupted")["exit_code"] == 130
    said = run(site, "draft", MONTH)
    assert (said.code, said.out) == (130, "")
