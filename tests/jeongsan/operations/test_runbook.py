"""Each failure of the runbook is brought about, and what stands there is typed."""

import re
import resource
import shlex
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jeongsan import site as site_commands
from tests.breadth import few
from tests.builders.sites.command_line import MONTH, approve, run
from tests.paths import ROOT

PAGE = (ROOT / "docs" / "use" / "recovery.md").read_text(encoding="utf-8")
CHAPTERS = {
    chapter.split("\n", 1)[0]: re.findall(r"^\$ jeongsan (.+)$", chapter, re.MULTILINE)
    for chapter in PAGE.split("\n## ")[1:]
}
SITE, BACKUP, NEW = "/srv/jeongsan", "/backup/jeongsan", "/srv/new"
Break = Callable[[Path, pytest.MonkeyPatch], None]


def disk_full(site: Path, _: pytest.MonkeyPatch) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    (day,) = (site / "lake" / "usage_day").glob("cluster=hpc/date=2025-10-05")
    shutil.rmtree(day)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        assert run(site, "meter", "2025-10-05").code == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert run(site, "check").code == 1


def database_gone(site: Path, _: pytest.MonkeyPatch) -> None:
    (site / "jeongsan.db").unlink()
    assert "데이터베이스가 발행 전의 것입니다" in run(site, "status").err


def file_broken(site: Path, _: pytest.MonkeyPatch) -> None:
    broken = min((site / "lake" / "usage_day").rglob("*.parquet"))
    broken.write_bytes(broken.read_bytes()[:-1])
    assert run(site, "check").code == 1


def source_down(site: Path, _: pytest.MonkeyPatch) -> None:
    away = site / "incoming" / "hpc.psv"
    away.rename(site / "away")
    assert run(site, "collect", "--from", "2025-10-01", "--to", "2025-10-05").code == 1
    (site / "away").rename(away)


def wrong_registry(site: Path, _: pytest.MonkeyPatch) -> None:
    sheet = site / "registry" / "tenancy.csv"
    right = sheet.read_text(encoding="utf-8")
    sheet.write_text(right.replace("hpc,one,P-1", "hpc,one,P-2"), encoding="utf-8")
    assert run(site, "load").code == 1  # it moves an issued month, and nobody can be asked
    assert run(site, "load", "--yes").code == 0
    sheet.write_text(right, encoding="utf-8")


def nothing_issued(site: Path, _: pytest.MonkeyPatch) -> None:
    assert run(site, "draft", MONTH).code == 0


def wrong_approval(site: Path, _: pytest.MonkeyPatch) -> None:
    assert run(site, "draft", MONTH).code == approve(site).code == 0


def issue_interrupted(site: Path, _: pytest.MonkeyPatch) -> None:
    shutil.rmtree(site / "documents")
    assert run(site, "verify", MONTH).code == 1


def clock_wrong(site: Path, patched: pytest.MonkeyPatch) -> None:
    with patched.context() as yesterday:
        yesterday.setattr(site_commands, "now_ms", lambda: 1_700_000_000_000)
        said = run(site, "doctor")
        assert (said.code, "시계" in said.out) == (1, True)


def machine_lost(site: Path, _: pytest.MonkeyPatch) -> None:
    shutil.rmtree(site)


BREAKS: dict[str, tuple[str, Break]] = {
    "The disk is full": ("issued", disk_full),
    "The database is gone": ("issued", database_gone),
    "A file of the lake is broken": ("issued", file_broken),
    "A source was down for days": ("metered", source_down),
    "The wrong registry was loaded": ("issued", wrong_registry),
    "The wrong draft was approved": ("metered", wrong_approval),
    "An issue was interrupted": ("issued", issue_interrupted),
    "Airflow is gone": ("metered", nothing_issued),
    "The clock is wrong": ("issued", clock_wrong),
    "The machine is lost": ("issued", machine_lost),
}


def test_every_chapter_is_tried() -> None:
    assert CHAPTERS.keys() == BREAKS.keys()
    assert all(CHAPTERS.values())


@pytest.mark.parametrize("chapter", few(3, CHAPTERS))
def test_what_stands_there_mends_it(
    chapter: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kind, breaks = BREAKS[chapter]
    site: Path = request.getfixturevalue(kind)
    backup = tmp_path / "backup"
    assert run(site, "backup", str(backup), "--rate", "0").code == 0
    breaks(site, monkeypatch)
    began = time.monotonic()
    for command in CHAPTERS[chapter]:
        typed = command.replace(SITE, str(site)).replace(BACKUP, str(backup))
        words = shlex.split(typed.replace(NEW, str(tmp_path / "new")))
        at = Path(words[1]) if words[0] == "--site" else Path()
        said = run(at, *(words[2:] if words[0] == "--site" else words))
        assert said.code == 0, f"{command}: {said.out}{said.err}"
    print(f"{chapter}: mended in {time.monotonic() - began:.1f} s")
