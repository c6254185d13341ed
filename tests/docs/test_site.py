"""The site builds strictly, fetches nothing, and its pages name what is there."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from docs.root_pages import ROOT_PAGES, mended, page_text
from tests.paths import ROOT

BUILT = [find_spec(name) is not None for name in ("sphinx", "myst_parser", "furo")]
needs_docs = pytest.mark.skipif(not all(BUILT), reason="needs the extra `docs`")
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
# what a browser asks for by itself, of another machine
ASKED = r"<(?:script|img|iframe)[^>]*src=|<link[^>]*href=|url\(|@import "
FETCHED = re.compile(rf"""(?:{ASKED})["']?((?:https?:)?//[^"')\s]+)""")
CONF = """\
from docs.root_pages import setup
extensions = ["myst_parser"]
myst_heading_anchors = 3
"""
FOLDERS = "metering|sql|billing|reports|jeongsan|dags|example|tests|bench|docs"


def build(source: Path, target: Path) -> subprocess.CompletedProcess[str]:
    arguments = ["-W", "--keep-going", "-q", "-d", str(target / "doctrees"), "-b", "html"]
    return subprocess.run(
        [sys.executable, "-m", "sphinx", *arguments, str(source), str(target / "html")],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8"},  # Sphinx wants a locale that is installed
    )  # fmt: skip


@pytest.mark.breadth
@needs_docs
def test_the_site_builds_without_a_warning_and_fetches_nothing(tmp_path: Path) -> None:
    done = build(ROOT / "docs", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    fetched = [
        (page.name, address)
        for page in (tmp_path / "html").rglob("*")
        if page.suffix in (".html", ".css")
        for address in FETCHED.findall(page.read_text(encoding="utf-8"))
    ]
    assert fetched == []
    settlement = (tmp_path / "html" / "reference" / "settlement.html").read_text(encoding="utf-8")
    assert 'id="settlement-26"' in settlement
    assert "DuckDB counts" in (tmp_path / "html" / "why" / "decisions.html").read_text(
        encoding="utf-8"
    )


@needs_docs
def test_links_that_lead_nowhere_fail_the_build(tmp_path: Path) -> None:
    """A page, an anchor and a file of the repository that are not there; an anchor that is."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "conf.py").write_text(CONF, encoding="utf-8")
    for name in ROOT_PAGES:
        (tmp_path / name).write_text("# Root\n", encoding="utf-8")
    links = ("nowhere.md", "other.md#no-anchor", "../no/file.py", "other.md#an-anchor")
    words = "".join(f"[words]({link})\n\n" for link in links)
    toctree = "```{toctree}\n:hidden:\nother\n```\n"
    (docs / "index.md").write_text(f"# Start\n\n{words}{toctree}", encoding="utf-8")
    (docs / "other.md").write_text("# Other\n\n## An anchor\n\nText.\n", encoding="utf-8")
    done = build(docs, tmp_path / "built")
    assert done.returncode == 1
    told = [link for link in links if link.rpartition("#")[2] in done.stderr]
    assert told == list(links[:3])


def test_links_work_in_the_repository_and_in_the_site(tmp_path: Path) -> None:
    (tmp_path / "billing").mkdir()
    text = "[a](../../ARCHITECTURE.md#a) [b](../../billing) [c](c.md) [d](https://x) [e](../../no)"
    written, missing = mended(text, "use/index.md", "docs/use/index.md", tmp_path)
    assert written == "[a](../why/architecture.md#a) b [c](c.md) [d](https://x) e"
    assert missing == ["../../no"]
    written, missing = mended(
        "[u](docs/use/index.md) [d](DECISIONS.md)", "why/a.md", "A.md", tmp_path
    )
    assert written == "[u](../use/index.md) [d](decisions.md)"


def test_a_page_of_the_root_is_shown_in_the_place_of_its_stub() -> None:
    for name, page in ROOT_PAGES.items():
        stub = (ROOT / "docs" / page).read_text(encoding="utf-8")
        assert f"](../../{name})" in stub, f"docs/{page} leads to {name} in the repository"
        shown, missing = page_text(page, stub, ROOT)
        first = (ROOT / name).read_text(encoding="utf-8").splitlines()[0]
        assert (shown.splitlines()[0], missing) == (first, [])


def test_every_file_that_a_page_names_is_there() -> None:
    named = [
        (path.relative_to(ROOT).as_posix(), name)
        for path in PAGES
        for name in re.findall(rf"`((?:{FOLDERS})/[\w./-]+)`", path.read_text(encoding="utf-8"))
    ]
    assert len(named) > 100
    example = {"billing/rules/programmes/ID.yaml", "tests/rule_cases/ID.yaml"}
    assert [one for one in named if one[1] not in example and not (ROOT / one[1]).exists()] == []


def test_every_command_in_the_pages_is_one() -> None:
    """Each `$ jeongsan ...` of the pages names a command, and options that it has."""
    reference = (ROOT / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
    chapters = dict(re.findall(r"^## jeongsan (\w+)\n(.*?)(?=^## |\Z)", reference, re.M | re.S))
    seen = 0
    for path in PAGES:
        if path.name == "command-line.md":
            continue
        text = path.read_text(encoding="utf-8")
        lines = re.findall(r"^\$ (?:\S*/)?jeongsan (?:--site \S+ )?(.*)$", text, re.M)
        lines += re.findall(r"`jeongsan (?:--site \S+ )?([a-z][^`]*)`", text)
        for line in lines:
            command, *words = line.split()
            seen += 1
            assert command in chapters, (path.name, line)
            for option in words:
                if option.startswith("--"):
                    assert f"`{option}`" in chapters[command], (path.name, line)
    assert seen > 40


def test_the_readme_is_one_screen() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 45
    assert {"make demo", "make test"} <= set(re.findall(r"^(make \w+)", text, re.M))
    for target in re.findall(r"\]\((?!http)([^)#]+)|src=\"([^\"]+)", text):
        assert (ROOT / (target[0] or target[1])).is_file(), target
