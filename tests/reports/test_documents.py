"""The documents of a real, small month as files: whole, the same again, and verified by bytes."""

import fcntl
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from metering.errors import CloseError
from metering.site.open_site import OpenSite
from reports.documents import documents, render_draft, render_month
from reports.layout.file_names import safe_name
from reports.verify_documents import verify_month
from tests.builders.report_month import view
from tests.builders.sites.close_site import MONTH, ON, make_ground, open_ground
from tests.references.pdf_reader import read


@pytest.fixture(scope="module")
def issued_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with an issued month, made once."""
    root = tmp_path_factory.mktemp("documents") / "site"
    root.mkdir()
    opened = make_ground(root)
    draft(opened, MONTH)
    approve(opened, MONTH, "김재무")
    issue(opened, MONTH, ON)
    opened.database.close()
    return root


@pytest.fixture
def opened(issued_site: Path, tmp_path: Path) -> OpenSite:
    """A copy of the site for one test."""
    shutil.copytree(issued_site, tmp_path / "site")
    return open_ground(tmp_path / "site")


def test_an_issued_month_becomes_its_documents(opened: OpenSite) -> None:
    seen: Counter[str] = Counter()

    def progress(what: str, done: int, total: int) -> None:
        assert done <= total
        seen[what] += 1

    paths = render_month(opened, MONTH, progress)
    folder = opened.site.documents / MONTH
    assert [path.relative_to(folder).as_posix() for path in paths] == [
        "invoices/T2025-000001_회사1.pdf",
        "invoices/S2025-000001_회사2.pdf",
        "invoices/T2025-000002_회사3.pdf",
        "statements/C-1_회사1.xlsx",
        "statements/C-2_회사2.xlsx",
        "statements/C-3_회사3.xlsx",
        "government/2025-10_운영집행현황.pdf",
        "government/2025-10_운영집행현황.xlsx",
    ]
    assert sorted(path for path in folder.rglob("*") if path.is_file()) == sorted(paths)
    assert seen == {"청구서": 3, "이용명세서": 3, "보고서": 1}


def test_rendering_again_changes_no_byte_and_touches_no_file(opened: OpenSite) -> None:
    paths = render_month(opened, MONTH)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}
    assert render_month(opened, MONTH) == paths
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in paths} == before


@pytest.mark.parametrize(
    ("only", "count"), [("invoice", 3), ("statement", 3), ("government", 2), (None, 8)]
)
def test_one_kind_can_be_asked_for(opened: OpenSite, only: str | None, count: int) -> None:
    assert len(render_month(opened, MONTH, only=only)) == count


def test_a_month_that_is_not_issued_has_no_documents(opened: OpenSite) -> None:
    with pytest.raises(CloseError, match="2025-11 is open"):
        render_month(opened, "2025-11")
    assert not opened.site.documents.exists()


@pytest.mark.breadth
def test_verifying_finds_a_document_that_was_changed_or_lost(opened: OpenSite) -> None:
    paths = render_month(opened, MONTH)
    assert verify_month(opened, MONTH).differences == ()
    paths[0].write_bytes(paths[0].read_bytes() + b" ")
    paths[3].unlink()
    differences = verify_month(opened, MONTH).differences
    assert [difference.place for difference in differences] == [str(paths[0]), str(paths[3])]
    assert differences[1].found == "missing"
    render_month(opened, MONTH)
    assert verify_month(opened, MONTH).ok


def test_a_drafts_documents_are_marked_and_those_of_an_older_draft_go(tmp_path: Path) -> None:
    opened = make_ground(tmp_path)
    now = draft(opened, MONTH)
    paths = render_draft(opened, now)
    folder = opened.site.documents / MONTH / "draft"
    assert [path.relative_to(folder).as_posix() for path in paths] == [
        "invoices/초안_C-1_회사1.pdf",
        "invoices/초안_C-2_회사2.pdf",
        "invoices/초안_C-3_회사3.pdf",
        "statements/초안_C-1_회사1.xlsx",
        "statements/초안_C-2_회사2.xlsx",
        "statements/초안_C-3_회사3.xlsx",
        "government/2025-10_운영집행현황_초안.pdf",
        "government/2025-10_운영집행현황_초안.xlsx",
    ]
    assert "초안 (DRAFT)" in read(paths[0].read_bytes()).text
    (folder / "invoices" / "mine.txt").write_text("kept")
    fewer = replace(now.closing, invoices=now.closing.invoices[1:])
    left = render_draft(opened, replace(now, closing=fewer))
    there = {path for path in folder.rglob("*") if path.is_file()}
    assert there == {*left, folder / "invoices" / "mine.txt"}
    assert paths[0] not in there


def test_what_a_killed_report_left_half_written_goes_with_the_next_one(opened: OpenSite) -> None:
    folder = opened.site.documents / MONTH / "invoices"
    folder.mkdir(parents=True)
    left, held = folder / ".0a1b.tmp", folder / ".2c3d.tmp"
    left.write_bytes(b"%PDF")
    with held.open("xb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # as another run does that is at work
        render_month(opened, MONTH)
        assert sorted(folder.glob(".*")) == [held]
    render_month(opened, MONTH)
    assert sorted(folder.glob(".*")) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("(주)무등 에이아이", "(주)무등_에이아이"),
        ("../../etc/passwd", "etc_passwd"),
        ('a/b\\c:d*e?f"g<h>i|j', "a_b_c_d_e_f_g_h_i_j"),
        ("..", "_"),
        ("", "_"),
        (".hidden", "hidden"),
        ("줄\n바꿈\x00", "줄_바꿈"),
        ("가" * 41, "가" * 40),
        ("\u1100\u1161", "가"),
    ],
)
def test_a_name_of_a_file_is_safe_on_every_system(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_names_that_differ_in_case_or_signs_only_get_files_of_their_own() -> None:
    month = view(3, names=("A b", "a:B", "a/b"))
    same = tuple(replace(invoice, number="T") for invoice in month.invoices)
    paths = [document.path for document in documents(replace(month, invoices=same), "invoice")]
    assert paths == ["invoices/T_A_b.pdf", "invoices/T_a_B-2.pdf", "invoices/T_a_b-3.pdf"]
