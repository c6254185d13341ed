"""The government's report: its figures tie, its forms say the same, the unknown stays open."""

import hashlib
import io
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction

import openpyxl
import pytest

from billing.rulebook.programme import COMPANY_IN_KIND
from metering.registry.records import Agreement, Plan, ProjectOutcome
from reports.government.monthly_report import GovernmentReport, government_report
from reports.government.report_pdf import government_pdf
from reports.government.report_xlsx import government_xlsx
from reports.layout.report_table import ReportTable, pdf_text
from reports.month.month_view import MonthView, Referral, SkuView
from reports.month.sums import programme_figures, supported
from tests.builders.report_month import BASE, CAPACITY, PROGRAMMES, REGIONAL, view
from tests.paths import ROOT
from tests.references.pdf_reader import embedded_fonts, font_names, read, text_boxes
from tests.reports.month.test_invoice_pdf import overlaps


def pdf(month: MonthView) -> bytes:
    return government_pdf(government_report(month), month.issuer)


def book(month: MonthView) -> openpyxl.Workbook:
    content = government_xlsx(government_report(month), month.issuer, month.days[-1])
    return openpyxl.load_workbook(io.BytesIO(content))


def table_of(report: GovernmentReport, heading: str, which: int = 0) -> ReportTable:
    section = next(section for section in report.sections if section.heading.startswith(heading))
    return section.tables[which]


def test_the_report_has_its_seven_chapters_in_order() -> None:
    headings = [section.heading for section in government_report(view()).sections]
    assert headings == [
        "요약", "Ⅰ. 총괄표", "Ⅱ. 자원별 이용률", "Ⅲ. 기업·과제별 현황", "Ⅳ. 회수·경고·변경",
        "Ⅴ. 재원별 집행", "Ⅵ. 성과", "Ⅶ. 익월 계획",
    ]  # fmt: skip


def test_the_overview_says_budget_month_and_sum_of_every_programme() -> None:
    month = view()
    rows = table_of(government_report(month), "Ⅰ").rows
    paid = {
        name: sum(subsidy.subsidy_krw for subsidy in month.subsidies if subsidy.programme == name)
        for name in (REGIONAL[0], BASE[0])
    }
    spent = 1_234_567_890 + 529_100_524 + paid[REGIONAL[0]]
    first = (9_600_000_000, paid[REGIONAL[0]], spent, Fraction(spent, 9_600_000_000), 1, 2)
    assert rows[0].values[1:7] == first
    assert rows[1].values[1:7] == (None, paid[BASE[0]], None, None, 1, 2)
    assert rows[2].values[:7] == ("합계", None, sum(paid.values()), None, None, 2, 4)


def test_use_that_two_programmes_paid_counts_once_in_the_total() -> None:
    month = view()
    twice = [
        replace(subsidy, programme=BASE[0], funding="centre")
        for subsidy in month.subsidies
        if subsidy.programme == REGIONAL[0]
    ]
    both = replace(month, subsidies=(*month.subsidies, *twice))
    alone = {figures.programme.programme: figures.use.held for figures in programme_figures(month)}
    now = {figures.programme.programme: figures.use.held for figures in programme_figures(both)}
    assert now == {REGIONAL[0]: alone[REGIONAL[0]], BASE[0]: sum(alone.values())}
    assert supported(both)[2].held == supported(month)[2].held == sum(alone.values())


def test_a_subsidy_of_nothing_reaches_nobody() -> None:
    month = view()
    stopped = replace(month, subsidies=tuple(replace(s, subsidy_krw=0) for s in month.subsidies))
    assert supported(stopped)[:2] == (0, 0)
    assert [figures.companies for figures in programme_figures(stopped)] == [0, 0]


def test_rates_are_of_what_was_installed_and_what_was_allocated() -> None:
    rows = table_of(government_report(view()), "Ⅱ").rows
    assert [row.values for row in rows] == [
        ("HPC H100", "h100", 47_616, 744, 29_760, 22_320, Fraction("4.288"),
         Fraction("5952"), Fraction(63, 64), Fraction(40, 64), Fraction(3, 4)),
        ("NPU 팜 (RNGD)", "rngd", 23_808, None, 5_952, None, None, None, None, Fraction(1, 4),
         None),
        ("합계", "", 71_424, None, 35_712, None, None, None, None, Fraction(1, 2), None),
    ]  # fmt: skip


def test_a_month_without_capacity_says_that_there_is_none() -> None:
    rows = table_of(government_report(replace(view(), capacity=())), "Ⅱ").rows
    assert rows[0].values[0] == "자료 없음"
    empty = replace(CAPACITY[0], installed=0, held=0, down=0, busy_ns=0)
    row = table_of(government_report(replace(view(), capacity=(empty,))), "Ⅱ").rows[0]
    assert row.values[8:] == (None, None, None)


def test_companies_and_projects_tie_with_invoices() -> None:
    month = view(7)
    rows = table_of(government_report(month), "Ⅲ").rows
    groups = [row.values for row in rows if row.tone == "group"]
    assert [row[0] for row in groups] == [f"(주)예시기업{n} (C-{n:03d})" for n in range(1, 8)]
    for row, invoice in zip(groups, month.invoices, strict=True):
        company = (invoice.charge_krw, invoice.subsidy_krw, 0, invoice.company_krw, invoice.vat_krw)
        assert row[6:] == company
    assert groups[3][1:4] == ("서울", "중소기업", "청년")
    projects = [row.values for row in rows if row.tone == "body"]
    total = rows[-1].values
    for at in range(4, 10):
        assert total[at] == sum(row[at] for row in projects) == sum(row[at] for row in groups)


def test_funding_adds_up_to_every_won_charged_and_to_the_claims() -> None:
    month = view(9)
    first = month.subsidies[0]
    in_kind = replace(first, funding=COMPANY_IN_KIND, subsidy_krw=7)
    invoices = tuple(
        replace(
            invoice, company_krw=invoice.company_krw - 7 * (invoice.company_id == first.company_id)
        )
        for invoice in month.invoices
    )
    month = replace(month, subsidies=(*month.subsidies, in_kind), invoices=invoices)
    rows = [row.values for row in table_of(government_report(month), "Ⅴ").rows]
    assert rows[-1][4] == sum(charge.charge_krw for charge in month.charges)
    assert rows[-1][4] == sum(row[4] for row in rows[:-1])
    claims = {
        funding: sum(claim.claim_krw for claim in month.claims if claim.funding == funding)
        for funding in ("national", "city", "centre")
    }
    assert [row[4] for row in rows[:3]] == list(claims.values())
    assert [row[2:5] for row in rows[3:5]] == [
        ("현금", None, sum(invoice.company_krw for invoice in invoices)),
        ("현물", None, 7),
    ]
    budget, spent = 6_720_000_000, 1_234_567_890 + claims["national"]
    assert rows[0][3:] == (
        budget, claims["national"], spent, budget - spent, Fraction(spent, budget)
    )  # fmt: skip


def test_a_budget_of_nothing_has_no_rate() -> None:
    source = replace(PROGRAMMES[0].funding[0], budget_krw=0, used_before_krw=0)
    programmes = (replace(PROGRAMMES[0], funding=(source,)),)
    report = government_report(replace(view(1), programmes=programmes, subsidies=()))
    assert table_of(report, "Ⅴ").rows[0].values[3:] == (0, 0, 0, 0, None)
    assert table_of(report, "Ⅰ").rows[0].values[1:5] == (0, 0, 0, None)


def test_limits_that_were_reached_are_listed_and_none_is_said() -> None:
    month = view(9)
    rows = [row.values for row in table_of(government_report(month), "Ⅳ").rows]
    assert rows == [
        (
            "재원 예산(AICA-2025R:national:2025)",
            "AICA-2025R",
            "(주)예시기업1, (주)예시기업5, (주)예시기업7",
            month.days[28],
            1,
        )
    ]
    many = [row.values for row in table_of(government_report(view(40)), "Ⅳ").rows]
    assert many[0][2].endswith("외 7개사")
    none = replace(month, subsidies=tuple(replace(s, stopped_by="") for s in month.subsidies))
    assert table_of(government_report(none), "Ⅳ").rows[0].values[0] == "해당 없음"


def test_a_table_of_which_nothing_is_registered_says_so() -> None:
    report = government_report(view())
    for chapter, at in (("Ⅲ", 2), ("Ⅲ", 3), ("Ⅳ", 1), ("Ⅵ", 0), ("Ⅶ", 0)):
        (row,) = table_of(report, chapter, at).rows
        assert row.values[0] == "등록된 내용 없음"


def test_what_is_registered_stands_in_its_chapter() -> None:
    october, september = date(2025, 10, 20), date(2025, 9, 30)
    month = replace(
        view(),
        agreements=(Agreement("C-001", "M-1", september, "협회"),),
        referrals=(Referral("협회", "C-001"), Referral("협회", "C-002")),
        outcomes=(
            ProjectOutcome("P-001", "paper", september, 2, "게재 확인서"),
            ProjectOutcome("P-003", "paper", october, 1, "게재 확인서 2"),
            ProjectOutcome("P-003", "sales", october, 5_000_000, "합계표"),
        ),
        plans=(Plan("2025-11", "11. 26.", "간담회", ""), Plan("2025-11", "11. 4.", "발송", "우편")),
    )
    report = government_report(month)

    def rows(chapter: str, at: int = 0) -> list[tuple[object, ...]]:
        return [row.values for row in table_of(report, chapter, at).rows]

    assert rows("Ⅲ", 2) == [("M-1", september, "(주)예시기업1", "협회")]
    paid = sum(s.subsidy_krw for s in month.subsidies if s.company_id in ("C-001", "C-002"))
    assert rows("Ⅲ", 3) == [("협회", 2, paid, "(주)예시기업1, (주)예시기업2")]
    sums = {row[0]: row[1:] for row in rows("Ⅵ")}
    assert sums["논문(편)"] == (1, 3, 2)
    assert sums["매출(원)"] == (5_000_000, 5_000_000, 1)
    assert sums["특허(건)"] == (0, 0, 0)  # nothing, where others are told
    assert [row[1:] for row in rows("Ⅵ", 1)] == [
        ("논문(편)", october, 1, "게재 확인서 2"),
        ("매출(원)", october, 5_000_000, "합계표"),
    ]
    assert rows("Ⅶ") == [("11. 4.", "발송", "우편"), ("11. 26.", "간담회", "-")]


def test_a_storage_limit_is_not_called_by_the_name_of_the_awards_hours() -> None:
    month = view()
    hours = next(row for row in month.subsidies if row.sku == "gpu.h100")
    stored = replace(hours, sku="storage.parallel", stopped_by="quota:A-001")
    skus = {**month.skus, "storage.parallel": SkuView("storage.parallel", "저장", "gb_month", None)}
    stops = (
        replace(hours, stopped_by="quota:A-001"),
        stored,
        replace(stored, stopped_by="cap:award:A-001"),
    )
    report = government_report(replace(month, skus=skus, subsidies=stops))
    assert [row.values[0] for row in table_of(report, "Ⅳ").rows] == [
        "협약 지원금 한도(A-001)",
        "협약 사용량 한도(A-001)",
        "협약 하루 저장 한도(A-001)",
    ]


def test_an_awards_limit_stands_beside_what_is_used_of_it() -> None:
    rows = [row.values for row in table_of(government_report(view()), "Ⅲ", 1).rows]
    assert rows == [
        ("A-001", "AICA-2025R", "(주)예시기업1", "사용량", "장·시간", 5000, 1234,
         Fraction(617, 2500)),
        ("A-001", "AICA-2025R", "(주)예시기업1", "지원금", "원", 30_000_000, 9_999_999,
         Fraction(3_333_333, 10_000_000)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "kind", "thousands", "said"),
    [
        (0, "krw", False, "0"),
        (None, "krw", False, "-"),
        (-1234, "krw", False, "△1,234"),
        (1499, "krw", True, "1"),
        (1500, "krw", True, "2"),
        (-1500, "krw", True, "△2"),
        (499, "krw", True, "0"),
        (Fraction(1, 3), "percent", False, "33.3"),
        (Fraction(0), "percent", False, "0.0"),
        (None, "percent", False, "-"),
        (Fraction(9995, 10000), "percent", False, "100.0"),
        (Fraction(5, 100), "hours", False, "0.1"),
        (Fraction(49, 1000), "hours", False, "0.0"),
        (Fraction(-5, 100), "hours", False, "△0.1"),
        (Decimal("2.345"), "pf", False, "2.35"),
        ("", "krw", False, ""),
        (12_345, "count", False, "12,345"),
        (12_345, "amount", False, "12,345"),
        (Fraction(25, 2), "amount", False, "12.5"),
    ],
)
def test_figures_are_printed_as_public_bodies_write_them(
    value: object, kind: str, thousands: bool, said: str
) -> None:
    assert pdf_text(value, kind, thousands=thousands) == said  # type: ignore[arg-type]


def test_the_spreadsheet_holds_the_cells_of_the_report_in_whole_won() -> None:
    month = view(5)
    report, sheets = government_report(month), book(month)
    assert sheets.sheetnames == [section.heading.replace(". ", " ") for section in report.sections]
    for section in report.sections:
        rows = list(sheets[section.heading.replace(". ", " ")].iter_rows(values_only=True))
        at = 0
        for table in section.tables:
            titles = tuple(column.title for column in table.columns)
            at = next(n for n, row in enumerate(rows) if n >= at and row[: len(titles)] == titles)
            for row in table.rows:
                at += 1
                written = rows[at][: len(titles)]
                assert written == tuple(map(as_read, row.values))


def as_read(value: object) -> object:
    if value is None:
        return "-"
    if isinstance(value, Fraction):
        return pytest.approx(float(value))
    if isinstance(value, date):
        return datetime.combine(value, time())
    return value


def test_both_forms_say_the_same_amounts_in_their_own_unit() -> None:
    month = view(5)
    total = sum(charge.charge_krw for charge in month.charges)
    said = read(pdf(month)).text
    assert f"합계 - {(total + 500) // 1000:,} - - -" in said
    assert "(단위: 천원, %)" in said
    assert "끝수 조정으로 합계가 다를 수 있음" in said
    sheet = book(month)["Ⅴ 재원별 집행"]
    cells = list(sheet.iter_rows(values_only=True))
    assert next(row for row in cells if row[0] == "합계")[4] == total
    assert any(row[0] == "(단위: 원, %)" for row in cells)


def test_the_pdf_counts_its_pages_lies_down_for_companies_and_repeats_heads() -> None:
    content = pdf(view(60))
    said = read(content)
    for number, page in enumerate(said.pages, start=1):
        assert page.rstrip().endswith(f"{number} / {len(said.pages)}")
    wide = [page for page in said.pages if "기업 / 과제 소재지 유형" in page]
    assert len(wide) > 4
    assert said.pages[0].startswith("2025년 10월 AI 데이터센터 지원사업 운영·집행 현황")
    assert "○ (이용) 기업 60개사, 과제 120건" in said.text
    assert "npu-farm의 계측이 없어" in said.text


@pytest.mark.parametrize("companies", [1, 3, 40])
def test_nothing_overlaps(companies: int) -> None:
    content = pdf(view(companies, names=("긴이름" * 60,)))
    for page in range(len(read(content).pages)):
        assert overlaps(text_boxes(content, page)) == []


def test_a_draft_is_marked_in_both_forms() -> None:
    month = view(40, draft=True)
    for page in read(pdf(month)).pages:
        assert "초안 (DRAFT) · 발행 전 문서로 효력이 없음" in page
    for sheet in book(month):
        assert "초안 (DRAFT)" in sheet["A1"].value
    assert "초안 (DRAFT)" not in read(pdf(view(40))).text


def test_fonts_are_embedded_subsets() -> None:
    content = pdf(view(3))
    names = font_names(content)
    assert {name.partition("+")[2] for name in names} == {"NanumGothic", "NanumGothicBold"}
    assert embedded_fonts(content) == len(names)


def test_names_stay_text_in_both_forms() -> None:
    month = view(2, names=("<b>&=1+1", '=HYPERLINK("x")'))
    said = read(pdf(month)).text
    assert "<b>&=1+1 (C-001)" in said
    assert '=HYPERLINK("x") (C-002)' in said
    cells = [c for row in book(month)["Ⅲ 기업·과제별 현황"].iter_rows() for c in row]
    named = [cell for cell in cells if cell.value and "HYPERLINK" in str(cell.value)]
    assert {cell.data_type for cell in named} == {"s"}


DRAW = """
import hashlib
from tests.builders.report_month import view
from reports.government.monthly_report import government_report
from reports.government.report_pdf import government_pdf
from reports.government.report_xlsx import government_xlsx
month = view(12)
report = government_report(month)
both = government_pdf(report, "센터") + government_xlsx(report, "센터", month.days[-1])
print(hashlib.sha256(both).hexdigest())
"""


@pytest.mark.breadth
def test_the_bytes_depend_on_nothing_but_the_month() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", DRAW],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            check=True,
        ).stdout.strip()
        for seed, zone in (("1", "Asia/Seoul"), ("4711", "America/New_York"))
    }
    month = view(12)
    report = government_report(month)
    both = government_pdf(report, "센터") + government_xlsx(report, "센터", month.days[-1])
    assert said == {hashlib.sha256(both).hexdigest().encode()}
