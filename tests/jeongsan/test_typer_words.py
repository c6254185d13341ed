"""What Typer says in the language of whoever reads it, errors and findings with it; and completion
in the shell: the script that a shell reads, and what it is answered on TAB."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jeongsan.app import app
from reports.frames.usage_choices import UsageBy
from reports.wording.language import Language, language_of
from tests.builders.sites.command_line import Said, collect, run
from tests.paths import ROOT

KOREAN = {"LC_MESSAGES": "ko_KR.UTF-8"}
NOWHERE = "/nowhere: there is no site.toml; name the site (`jeongsan --site DIR ...`) or make a new"
NOWHERE_KOREAN = "/nowhere: site.toml 이 없습니다. 사이트를 지정하거나(`jeongsan --site DIR ...`)"


def said(*words: str, environment: Mapping[str, str] = KOREAN) -> Said:
    """What a command line says, with Korean as the locale unless another is given."""
    result = CliRunner().invoke(app, words, env=dict(environment), prog_name="jeongsan")
    return Said(result.exit_code, result.stdout, result.stderr)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, Language.KOREAN),
        ({"LANG": "C"}, Language.KOREAN),
        ({"LANG": "C.UTF-8"}, Language.KOREAN),
        ({"LANG": "ko_KR.UTF-8"}, Language.KOREAN),
        ({"LANG": "de_DE.UTF-8"}, Language.KOREAN),
        ({"LANG": "eno"}, Language.KOREAN),
        ({"LANG": "en"}, Language.ENGLISH),
        ({"LANG": "en_US.UTF-8"}, Language.ENGLISH),
        ({"LANG": "en.UTF-8"}, Language.ENGLISH),
        ({"LANG": "en@quot"}, Language.ENGLISH),
        ({"LC_MESSAGES": "en_GB", "LANG": "ko_KR.UTF-8"}, Language.ENGLISH),
        ({"LC_ALL": "ko_KR.UTF-8", "LC_MESSAGES": "en_GB", "LANG": "en_GB"}, Language.KOREAN),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": "en_GB"}, Language.ENGLISH),
    ],
)
def test_the_locale_says_the_language(environment: dict[str, str], language: Language) -> None:
    assert language_of(environment) == language


def test_an_error_is_korean_unless_the_locale_or_the_person_says_english() -> None:
    shown = said("--site", "/nowhere", "status")
    assert (shown.code, shown.err.startswith(f"오류 {NOWHERE_KOREAN}")) == (1, True)
    shown = said("--lang", "en", "--site", "/nowhere", "status")
    assert (shown.code, shown.err.startswith(f"Error {NOWHERE}")) == (1, True)
    english = {"LC_MESSAGES": "en_US.UTF-8"}
    assert said("--site", "/nowhere", "status", environment=english).err == shown.err
    again = said("--lang", "ko", "--site", "/nowhere", "status", environment=english)
    assert again.err.startswith(f"오류 {NOWHERE_KOREAN}")


def test_one_command_in_english_leaves_the_next_one_korean() -> None:
    said("--lang", "en", "--site", "/nowhere", "status")
    assert said("--site", "/nowhere", "status").err.startswith("오류 ")


def test_json_has_the_record_and_what_is_shown() -> None:
    shown = json.loads(said("--site", "/nowhere", "status", "--json").out)
    assert shown["error"].startswith(NOWHERE)
    assert shown["message"].startswith(NOWHERE_KOREAN)
    shown = json.loads(said("--lang", "en", "--site", "/nowhere", "status", "--json").out)
    assert shown["error"] == shown["message"]


@pytest.mark.parametrize(
    ("words", "korean", "english"),
    [
        (("approve",), "인수가 빠졌습니다: 'MONTH'", "Missing argument 'MONTH'."),
        (("fnud",), "그런 명령은 없습니다: 'fnud'. 'fund' 을(를) 쓰려 하셨습니까?",
         "No such command 'fnud'. Did you mean 'fund'?"),
        (("zzzz",), "그런 명령은 없습니다: 'zzzz'", "No such command 'zzzz'."),
        (("status", "--nosuch"), "그런 옵션은 없습니다: --nosuch", "No such option: --nosuch"),
        (("status", "--jsno"), "그런 옵션은 없습니다: --jsno (비슷한 옵션: --json",
         "No such option: --jsno (Possible options: --json"),
        (("status", "more"), "남는 인수가 있습니다: more",
         "Got unexpected extra argument(s) (more)"),
        (("status", "--month"), "옵션 '--month' 에 값이 필요합니다",
         "Option '--month' requires an argument."),
        (("status", "--json=1"), "옵션 '--json' 에는 값을 줄 수 없습니다",
         "Option '--json' does not take a value."),
        (("grant", "AICA-2025R", "soon"), "'YEAR' 의 값이 잘못되었습니다: 정수가 아닙니다",
         "Invalid value for 'YEAR': Input should be a valid integer"),
        (("usage", "--by", "rack"), "'--by' 의 값이 잘못되었습니다: 'rack': 다음 가운데 없습니다:",
         "Invalid value for '--by': Value error, 'rack' is not one of"),
        (("pay", "/nowhere.csv", "--by", "김정산"), "'/nowhere.csv': 없습니다",
         "'/nowhere.csv' does not exist."),
        (("prices", "2025-13-01"),
         "값이 잘못되었습니다: '2025-13-01': 날짜가 아닙니다. 2025-10-01처럼 쓰십시오",
         "Invalid value: '2025-13-01' is no date: write it like 2025-10-01"),
    ],
)  # fmt: skip
def test_wrong_usage_is_told_in_both(
    words: tuple[str, ...], korean: str, english: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    for language, text, frame in (("ko", korean, "오류"), ("en", english, "Error")):
        shown = said("--lang", language, *words)
        assert (shown.code, text in shown.err) == (2, True), shown.err
        assert f"╭─ {frame} ─" in shown.err, shown.err


def test_help_has_its_frame_in_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    korean, english = said("issue", "--help").out, said("--lang", "en", "issue", "--help").out
    for word in (
        "사용법: jeongsan issue",
        "─ 인수 ",
        "─ 옵션 ",
        "[필수]",
        "이 도움말을 보여 줍니다.",
    ):
        assert (word in korean, word in english) == (True, False), word
    for word in (
        "Usage: jeongsan issue",
        "─ Arguments ",
        "─ Options ",
        "[required]",
        "Show this message",
    ):
        assert (word in korean, word in english) == (False, True), word


def test_a_finding_is_shown_in_the_language_and_stored_as_it_was(metered: Path) -> None:
    site = metered
    (site / "incoming" / "hpc.psv").write_bytes(b"no header\n1|2\n")
    shown = collect(site)
    assert "could not be read" in shown.out
    assert said("--site", str(site), "status", "--findings").out.count("읽지 못함") >= 1
    stored = run(site, "status", "--json").document["findings"]
    (row,) = [row for row in stored if row["kind"] == "source_unavailable"]
    assert row["detail"].startswith("HPC sacct: 읽지 못함. ")


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
