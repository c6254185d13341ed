"""Errors, wrong usage and findings in the language of whoever reads them; the record stays."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jeongsan.app import app
from reports.wording.language import Language, language_of
from tests.builders.sites.command_line import Said, collect, run

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
        (("explain", "T-1", "one"), "'[LINE]' 의 값이 잘못되었습니다: 'one'",
         "Invalid value for '[LINE]'"),
        (("status", "--month", "2025-13"),
         "값이 잘못되었습니다: '2025-13': 월이 아닙니다. 2025-10처럼 쓰십시오",
         "Invalid value: '2025-13' is no month: write it like 2025-10"),
    ],
)  # fmt: skip
def test_wrong_usage_is_told_in_both(
    words: tuple[str, ...], korean: str, english: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    for language, text, frame in (("ko", korean, "사용법:"), ("en", english, "Usage:")):
        shown = said("--lang", language, *words)
        assert (shown.code, text in shown.err) == (2, True), shown.err
        assert shown.err.startswith(f"{frame} jeongsan"), shown.err


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
