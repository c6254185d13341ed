"""A company's usage statement, read back cell by cell."""

import hashlib
import io
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import datetime

import openpyxl
import pytest

from billing.rulebook.programme import COMPANY_IN_KIND
from reports.layout.workbook import SheetColumn, Workbook
from reports.month.daily_rows import by_company
from reports.month.month_view import MonthView
from reports.month.usage_statement import usage_statement_xlsx
from tests.builders.report_month import BASE, HOUR_US, REGIONAL, view
from tests.paths import ROOT


def book_of(month: MonthView, company_id: str = "C-001") -> openpyxl.Workbook:
    content = usage_statement_xlsx(month, by_company(month)[company_id])
    return openpyxl.load_workbook(io.BytesIO(content))


def rows_of(book: openpyxl.Workbook, sheet: str, first: int = 1) -> list[tuple[object, ...]]:
    return list(book[sheet].iter_rows(min_row=first, values_only=True))


def test_a_statement_has_its_four_sheets() -> None:
    book = book_of(view())
    assert book.sheetnames == ["요약", "일별 사용", "지원 내역", "안내"]


def test_every_day_of_use_is_a_row_with_its_price_support_and_rest() -> None:
    month = view()
    rows = rows_of(book_of(month), "일별 사용", 4)
    assert rows[0] == (
        "날짜", "과제번호", "과제명", "자원", "SKU", "수량", "단위", "실사용(장·시간)",
        "전력량(kWh)", "단가(원)", "정가 금액(원)", f"지원(원)\n{REGIONAL[1]}",
        "기업 부담(원)", "비고", "정수 수량", "정수 단위",
    )  # fmt: skip
    quantity = 10 * HOUR_US + 1_234_567
    assert rows[1] == (
        datetime(2025, 10, 1), "P-001", "거대언어모델 학습 P-001", "FuriosaAI RNGD", "npu.rngd",  # noqa: DTZ001
        pytest.approx(quantity / HOUR_US, abs=1e-9), "장·시간",
        pytest.approx(quantity * 700 / (HOUR_US * 1000), abs=1e-9),
        pytest.approx(quantity * 400 / 3.6e12, abs=1e-12),
        900.5, 9005, 7203, 1802, "", quantity, "device_us",
    )  # fmt: skip
    assert len(rows) - 1 == len(
        [charge for charge in month.charges if charge.company_id == "C-001"]
    )


def test_sums_of_days_tie_with_the_total_the_summary_and_the_invoice() -> None:
    month = view()
    invoice = next(invoice for invoice in month.invoices if invoice.company_id == "C-001")
    book = book_of(month)
    daily = rows_of(book, "일별 사용", 5)
    sums = [sum(row[at] for row in daily) for at in (10, 11, 12)]
    assert sums == [invoice.charge_krw, invoice.subsidy_krw, invoice.company_krw]
    total = rows_of(book, "일별 사용", 3)[0]
    assert [total[0], total[10], total[11], total[12]] == ["합계", *sums]
    support = rows_of(book, "지원 내역", 4)
    assert sum(row[7] for row in support) == invoice.subsidy_krw
    assert rows_of(book, "지원 내역", 2)[0][7] == invoice.subsidy_krw
    summary = rows_of(book, "요약")
    whole = next(row for row in summary if row[0] == "합계")
    assert list(whole[6:9]) == sums
    assert summary[-1][:7] == (
        "T-2025-000001", "청구서 겸 거래명세서", invoice.company_krw, invoice.taxable_krw,
        invoice.vat_krw, "", invoice.payable_krw,
    )  # fmt: skip


def test_each_subsidy_names_its_programme_award_source_and_limit() -> None:
    rows = rows_of(book_of(view()), "지원 내역", 3)
    assert rows[0] == (
        "날짜", "과제번호", "SKU", "사업", "사업명", "협약", "재원", "지원금(원)", "과세 기준",
        "한도 도달", "근거 규칙",
    )  # fmt: skip
    limited = [row for row in rows[1:] if row[9]]
    limit = ("자부담 기준", "재원 예산(AICA-2025R:national:2025)")
    rule = "programmes/AICA-2025R.yaml@2025-01-01"
    assert [row[:7] for row in limited] == [
        (datetime(2025, 10, 29), project, sku, *REGIONAL, "A-001", source)  # noqa: DTZ001
        for project, sku in (("P-001", "npu.rngd"), ("P-002", "gpu.h100"))
        for source in ("국비", "시비")
    ]
    assert {row[8:] for row in limited} == {(*limit, rule)}


def test_support_that_the_company_brings_in_kind_has_a_column_of_its_own() -> None:
    month = view()
    first = next(subsidy for subsidy in month.subsidies if subsidy.company_id == "C-001")
    in_kind = replace(first, funding=COMPANY_IN_KIND, subsidy_krw=1_000)
    month = replace(month, subsidies=(*month.subsidies, in_kind))
    rows = rows_of(book_of(month), "일별 사용", 4)
    assert rows[0][11:14] == (
        f"지원(원)\n{REGIONAL[1]}", f"현물(기업)\n{REGIONAL[1]}", "기업 부담(원)",
    )  # fmt: skip
    assert rows[1][11:14] == (7203, 1000, 802)


@pytest.mark.parametrize(
    "name", ['=HYPERLINK("http://x","y")', "@SUM(1)", "+1+1", "-2", "http://x.invalid/", "{=1+1}"]
)
def test_a_name_is_text_and_never_a_formula_or_a_link(name: str) -> None:
    book = book_of(view(names=(name,)))
    cells = [
        cell
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None and name in str(cell.value) and not cell.is_date
    ]
    assert len(cells) > 10
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.hyperlink is None for cell in cells)
    content = usage_statement_xlsx(view(names=(name,)), by_company(view(names=(name,)))["C-001"])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for part in archive.namelist():
            text = archive.read(part).decode()
            assert "<f>" not in text
            assert "<hyperlink" not in text


def test_letters_that_xml_cannot_hold_are_left_out() -> None:
    book = book_of(view(names=("이름\x00\x1b[31m\udcff끝",)))
    assert book["요약"]["A2"].value == "이름[31m끝 (C-001) · 등록번호 101-81-10001"


def test_a_statement_is_ready_to_filter_and_to_print() -> None:
    sheet = book_of(view())["일별 사용"]
    assert sheet.freeze_panes == "A5"
    assert sheet.auto_filter.ref == f"A4:P{sheet.max_row}"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.paperSize == 9
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.print_title_rows == "$4:$4"
    assert sheet["K5"].number_format == "#,##0;[Red]△#,##0;-"
    assert sheet["A5"].number_format == "yyyy-mm-dd"
    assert sheet.column_dimensions["C"].width >= 30


def test_a_statement_says_nothing_about_other_companies() -> None:
    month = replace(view(3), notes=("회사 C-002의 계정 secret을 제외",))
    said = " ".join(
        str(cell.value) for sheet in book_of(month) for row in sheet.iter_rows() for cell in row
    )
    others = ("C-002", "C-003", "P-003", "P-004", "예시기업2", "예시기업3", "secret")
    assert [other for other in others if other in said] == []


def test_a_draft_is_marked_on_every_sheet_and_has_no_number() -> None:
    book = book_of(view(draft=True))
    for sheet in book:
        assert "초안 (DRAFT)" in sheet["A1"].value
        assert "초안 (DRAFT)" in sheet.oddFooter.left.text
    assert rows_of(book, "요약")[-1][0] == "(발행 전)"


def test_usage_without_a_charge_is_listed_without_a_price() -> None:
    month = view()
    gone = next(charge for charge in month.charges if charge.company_id == "C-001")
    charges = tuple(charge for charge in month.charges if charge is not gone)
    rows = rows_of(book_of(replace(month, charges=charges)), "일별 사용", 5)
    assert rows[0][9:13] == ("-", "-", 0, "-")
    assert rows[0][14] == gone.quantity


def test_estimated_and_provisional_days_say_so() -> None:
    month = view()
    usages = tuple(replace(usage, provisional=usage.day.day == 5) for usage in month.usages)
    rows = rows_of(book_of(replace(month, usages=usages), "C-002"), "일별 사용", 5)
    marks = {(row[0].day, row[13]) for row in rows if row[13]}
    assert marks == {(4, "추정")}
    rows = rows_of(book_of(replace(month, usages=usages), "C-001"), "일별 사용", 5)
    assert {(row[0].day, row[13]) for row in rows if row[13]} == {(5, "잠정")}


@pytest.mark.parametrize(
    ("value", "kind", "read"),
    [(2**53 - 1, "count", 2**53 - 1), (2**53, "count", str(2**53)), (None, "krw", "-")],
)
def test_a_number_that_a_spreadsheet_would_round_is_written_as_text(
    value: int | None, kind: str, read: object
) -> None:
    book = Workbook("제목", "저자", view().days[-1])
    sheet = book.sheet("하나")
    sheet.widths([SheetColumn("값")])
    sheet.cells([value], [kind])  # type: ignore[list-item]
    assert openpyxl.load_workbook(io.BytesIO(book.render()))["하나"]["A1"].value == read


WRITE = """
import hashlib
from tests.builders.report_month import view
from reports.month.daily_rows import by_company
from reports.month.usage_statement import usage_statement_xlsx
month = view()
print(hashlib.sha256(usage_statement_xlsx(month, by_company(month)["C-002"])).hexdigest())
"""


@pytest.mark.breadth
@pytest.mark.parametrize(("seed", "zone"), [("1", "Asia/Seoul"), ("4711", "America/New_York")])
def test_the_bytes_depend_on_nothing_but_the_month(seed: str, zone: str) -> None:
    month = view()
    here = hashlib.sha256(usage_statement_xlsx(month, by_company(month)["C-002"])).hexdigest()
    done = subprocess.run(
        [sys.executable, "-c", WRITE],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().strip() == here


def test_a_gross_programme_shows_its_tax_basis() -> None:
    rows = rows_of(book_of(view(), "C-002"), "지원 내역", 4)
    assert {(row[3], row[6], row[8]) for row in rows} == {(BASE[0], "센터 현물", "총액 기준")}
