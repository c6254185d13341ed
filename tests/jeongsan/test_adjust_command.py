"""The command that corrects: what it shows, asks for and refuses; its documents and records."""

import io
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
import yaml

from billing.explain.question import Asked, answer
from metering.site.open_site import OpenSite
from reports.documents import render_adjustment, render_month
from reports.explain.dispute_file import write_dispute
from reports.verify_documents import copy_whole_month, verify_copy, verify_month
from tests.builders.explained_month import drafted_site, issue
from tests.builders.sites.adjust_site import (
    NOV,
    NOVEMBER,
    OCT,
    OCTOBER,
    closed,
    corrected,
    hours,
    put,
)
from tests.builders.sites.command_line import COMPLETE, JOBS, MONTH, adjust, run, write_jobs
from tests.references.pdf_reader import read

LATE = ("9", "two", "2025-10-06T01:00:00", "2025-10-06T03:00:00", "h100=1")
APPROVE = ("--by", "김정산", "--reason", "늦게 온 기록")


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """October 2025 issued. Copy it before changing it."""
    return issue(drafted_site(tmp_path_factory.mktemp("adjust") / "site"))


@pytest.fixture
def site(issued: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(issued, tmp_path / "site"))


def late(site: Path) -> None:
    """A job of October is found after its issue."""
    write_jobs(site, "hpc", [*JOBS[:2], LATE])
    window = ("--from", "2025-10-05", "--to", "2025-10-11", "--complete-to", COMPLETE)
    assert run(site, "collect", *window).code == 0
    assert run(site, "meter", "2025-10-05..2025-10-10").code == 0


def test_a_late_job_is_looked_at_approved_and_issued_once(site: Path) -> None:
    nothing = run(site, "adjust")
    assert (nothing.code, "정정할 것이 없습니다" in nothing.out) == (0, True)
    late(site)
    seen = run(site, "adjust")
    assert seen.code == 0, seen.err
    assert "1. 기재사항 착오정정" in seen.out
    assert f"다음: jeongsan adjust {MONTH} --approve --digest" in seen.out
    assert f"정정할 달  {MONTH}\n" in seen.out
    said = run(site, "adjust", "--json").document
    assert f"--digest {said['digest'][:12]} --by 이름 --reason 사유" in seen.out
    assert said["months"] == [MONTH]
    assert said["differences"] == [
        {
            "month": MONTH, "company": "C-2", "cause": "usage", "charge_krw": 12000,
            "subsidy_krw": 0, "company_krw": 12000, "vat_krw": 1200,
        }
    ]  # fmt: skip
    assert [document["number"] for document in said["documents"]] == [None, None]
    done = adjust(site, *APPROVE, "--on", "2025-12-01", "--json")
    assert done.code == 0, done.err
    documents = done.document["documents"]
    assert [Path(path).name for path in documents] == [
        "T2025-000003_(주)둘째.pdf",
        "T2025-000004_(주)둘째.pdf",
        "정정1_C-2_(주)둘째.xlsx",
        f"{MONTH}_운영집행현황_정정1.pdf",
        f"{MONTH}_운영집행현황_정정1.xlsx",
    ]
    (kept,) = yaml.safe_load((site / "recalculations.yaml").read_text(encoding="utf-8"))
    assert kept["months"] == [MONTH]
    assert (kept["reason"], kept["approved_by"]) == ("늦게 온 기록", "김정산")
    assert kept["documents"] == ["T2025-000003", "T2025-000004"]
    (site / "recalculations.yaml").unlink()  # as if killed before it was written
    step = {
        "month": MONTH,
        "what": "정정 기록(recalculations.yaml)이 원장과 다름",
        "command": f"jeongsan report {MONTH}",
    }
    assert step in run(site, "status", "--json").document["next"]
    again = adjust(site, *APPROVE, "--on", "2025-12-01", "--json").document
    assert again == {"differences": [], "documents": [], "last_adjustment": 1, "unexplained": []}
    assert yaml.safe_load((site / "recalculations.yaml").read_text(encoding="utf-8")) == [kept]
    status = run(site, "status", "--json").document
    assert [adjustment["reason"] for adjustment in status["adjustments"]] == ["늦게 온 기록"]
    assert status["restatements"] == []


def test_a_wrong_state_says_what_to_do(site: Path) -> None:
    late(site)
    for arguments, code, words in [
        (("2025-11",), 1, "2025-11 is open and needs no correction"),
        (("2025-13",), 2, "2025-13"),
        (("--approve",), 2, "--by"),
        (("--by", "김정산"), 2, "--approve"),
        (("--because", "price=cheaper"), 2, "price=agreed_price"),
        (("--digest", "0" * 12), 2, "--approve"),
        (("--approve", *APPROVE), 2, "name what was looked at: --digest"),
        (("--approve", *APPROVE, "--digest", "0" * 11), 1, "too short"),
        (("--approve", *APPROVE, "--digest", "0" * 12), 1, "look at it again"),
    ]:
        said = run(site, "adjust", *arguments, "--json")
        assert (said.code, words in said.document["error"]) == (code, True), said.out
    assert not (site / "recalculations.yaml").exists()


@pytest.fixture(scope="module")
def adjusted(tmp_path_factory: pytest.TempPathFactory) -> OpenSite:
    """Two months with a correction of both, documents and all."""
    opened = closed(tmp_path_factory.mktemp("documents") / "site")
    for month in (OCT, NOV):
        render_month(opened, month)
    put(opened, OCT, [*OCTOBER, hours("A-1", 5, f"{OCT}-07")])
    put(opened, NOV, NOVEMBER[:-1])
    done = corrected(opened)
    assert done is not None
    render_adjustment(opened, done)
    return opened


@pytest.mark.breadth
def test_an_amended_document_says_why_it_is_and_which_one_it_corrects(adjusted: OpenSite) -> None:
    folder = adjusted.site.documents / OCT / "amended"
    negative, right = (read(path.read_bytes()).text for path in sorted(folder.glob("*.pdf")))
    for text in (negative, right):
        assert "수정 청구서 겸 거래명세서" in text
        assert "1. 기재사항 착오정정" in text
        assert "당초 문서번호 T2026-000001" in text
        assert "수정세금계산서는 별도로 발행됩니다." in text
    assert "합계 감액" in negative
    assert "△16,500원" in negative
    assert "△금16,500원(금일만육천오백원)" in negative
    assert "합계 청구액" in right
    assert "33,000원" in right


@pytest.mark.breadth
def test_a_corrected_company_gets_the_statement_of_its_whole_month(adjusted: OpenSite) -> None:
    (path,) = (adjusted.site.documents / OCT / "amended").glob("*.xlsx")
    assert path.name == "정정1_A_A_주식회사.xlsx"
    sheet = openpyxl.load_workbook(path)["요약"]
    rows = [[cell.value for cell in row if cell.value] for row in sheet.iter_rows()]
    assert rows[0] == ["2025년 10월 이용명세서 [정정 1 반영]"]
    assert ["합계", 60_000, 30_000, 30_000] in rows
    total = ["정정 1 후 합계", "청구서 겸 거래명세서", 30_000, 30_000, 3_000, 33_000]
    assert total in rows


def test_the_report_is_drawn_again_beside_the_one_that_was_sent(adjusted: OpenSite) -> None:
    folder = adjusted.site.documents / OCT / "government"
    sent = read((folder / f"{OCT}_운영집행현황.pdf").read_bytes()).text
    assert "정정" not in sent
    text = read((folder / f"{OCT}_운영집행현황_정정1.pdf").read_bytes()).text
    for said in (
        "운영·집행 현황 (정정 1)",
        "2026. 1. 20.(화) 정정",
        "정정 내용",
        "(사유) 늦은 자료",
        "(원인) 사용량",
        "(문서) 수정 문서 2건",
        "당초 보고는 보낸 대로 두며, 이 보고가 그것을 대신함.",
    ):
        assert said in text, said
    report = openpyxl.load_workbook(folder / f"{OCT}_운영집행현황_정정1.xlsx")
    rows = [[cell.value for cell in row if cell.value not in (None, "")]
            for row in report["정정 내용"].iter_rows()]  # fmt: skip
    assert ["P 사업", "national 재원", 31_500, 42_000, 10_500] in rows
    assert ["P 사업", "city 재원", 13_500, 18_000, 4_500] in rows
    assert ["지원 합계", 45_000, 60_000, 15_000] in rows
    assert ["A 주식회사", 30_000, 15_000, 15_000, 1_500, 30_000] in rows
    (november,) = (adjusted.site.documents / NOV / "government").glob("*_정정1.xlsx")
    said = [cell.value for row in openpyxl.load_workbook(november)["정정 내용"] for cell in row]
    assert "C 주식회사" in said


@pytest.mark.breadth
def test_a_month_with_its_adjustment_is_verified_and_copied(
    adjusted: OpenSite, tmp_path: Path
) -> None:
    for month in (OCT, NOV):
        assert verify_month(adjusted, month).differences == ()
    copy_whole_month(adjusted, OCT, tmp_path / "copy.zip")
    done = verify_copy(tmp_path / "copy.zip")
    assert (done.checked[-2:], done.differences) == (("adjustments", "documents"), ())


def test_a_document_is_explained_by_the_month_as_it_stood_then(adjusted: OpenSite) -> None:
    def charge_and_part(number: str) -> tuple[int, int]:
        said = answer(adjusted, Asked(number)).answer
        return said.charge_krw, said.company_krw

    assert charge_and_part("T2026-000001") == (30_000, 15_000)
    assert charge_and_part("T2026-000007") == (60_000, 30_000)
    assert charge_and_part("T2026-000003") == (30_000, 15_000)
    whole = answer(adjusted, Asked(NOV, company="A")).answer
    assert (whole.charge_krw, whole.company_krw) == (30_000, 20_000)  # the cap's last 10,000


def test_a_correction_is_disputed_with_the_month_as_it_stands_after_it(
    adjusted: OpenSite, tmp_path: Path
) -> None:
    done = write_dispute(adjusted, "T2026-000007", 1, tmp_path / "7.zip")
    assert (done.company_id, done.charge_krw, done.company_krw) == ("A", 60_000, 30_000)
    with zipfile.ZipFile(done.path) as archive:
        words = archive.read("README.txt").decode("utf-8-sig")
        sheet = openpyxl.load_workbook(io.BytesIO(archive.read("documents/statement.xlsx")))
        names = archive.namelist()
    assert "정정 1 의 문서입니다" in words
    assert sheet["요약"]["A1"].value == "2025년 10월 이용명세서 [정정 1 반영]"
    assert "documents/T2026-000007.pdf" in names
    first = write_dispute(adjusted, "T2026-000001", 1, tmp_path / "1.zip")
    assert (first.charge_krw, first.company_krw) == (30_000, 15_000)  # as it was issued
