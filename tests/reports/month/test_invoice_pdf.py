"""The invoice as a PDF: what it says, how it breaks over pages, what its bytes depend on."""

import hashlib
import os
import subprocess
import sys
import unicodedata
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billing.records import Invoice, Party
from reports.month.invoice_pdf import invoice_pdf
from tests.builders.report_month import (
    BASE,
    COMPANY,
    DESK,
    ISSUER,
    REGIONAL,
    SECONDS,
    SKUS,
    invoice,
    line,
    part,
)
from tests.paths import ROOT
from tests.references.pdf_reader import embedded_fonts, font_names, language, read, text_boxes

LONG = "주식회사 아주아주긴이름을가진인공지능반도체데이터센터통합운영플랫폼기업연합회부설연구소" * 3
FACTS = (
    "문서번호 T-2025-000123 작성연월일 2025. 10. 31.(금) 이용월 2025년 10월 발행일 2025. 11. 5.(수)"
)
PAYMENT = (
    "납부기한 2025. 11. 30.(일) 입금계좌 예시은행 000-0000-0000-00"
    " (예금주 예시 인공지능산업융합사업단)"
)
SELF_PAY = (
    "지원금: 지역 인프라 기반 컴퓨팅 자원 지원사업 (AICA-2025R)"
    " 자부담 기준 (과세표준 제외) 50,000 0"
)


def drawn(bill: Invoice) -> bytes:
    return invoice_pdf(bill, DESK, SECONDS)


def sixty_lines(**changed: object) -> Invoice:
    """Twenty projects of three lines each, with none, one or two programmes on a line."""
    lines = [
        line(
            f"P-{project:03d}",
            sku,
            f"{project * 10 + at}.25",
            *[part(REGIONAL, 1000 * project), part(BASE, 10, "GROSS")][: (project + at) % 3],
        )
        for project in range(1, 21)
        for at, sku in enumerate(SKUS)
    ]
    return invoice(*lines, **changed)


def test_an_invoice_says_who_owes_whom_what_and_why() -> None:
    lines = (
        line("P-001", "gpu.h100", "12.3456", part(REGIONAL, 50_000)),
        line("P-001", "gpu.a100", "100", part(BASE, 200_000, "GROSS")),
        line("P-002", "npu.rngd", "0.5"),
    )
    assert read(drawn(invoice(*lines))).pages[0].split("\r\n") == [
        "청구서 겸 거래명세서",
        FACTS,
        *"공급자",
        "등록번호 990-80-12346",
        "상호(법인명) 예시 인공지능산업융합사업단",
        "성명(대표자) 홍길동",
        "사업장 주소 광주광역시 북구 첨단과기로 123",
        "업태 / 종목 서비스업 / 컴퓨팅 자원 제공",
        *"공급받는자",
        "등록번호 124-81-00998",
        "상호(법인명) (주)무등에이아이",
        "성명(대표자) 김하늘",
        "사업장 주소 광주광역시 북구 첨단과기로 1, 3층 301호",
        "업태 / 종목 정보통신업 / 소프트웨어 개발",
        "합계 청구액 112,975원",
        "금112,975원(금일십일만이천구백칠십오원)",
        "정가 합계(A) 지원금(B) 기업 부담(A-B) 과세표준 부가가치세(C) 합계(A-B+C)",
        "334,523 250,000 84,523 284,523 28,452 112,975",
        PAYMENT,
        "문의 데이터센터 정산팀 · settlement@example.invalid",
        "이용 내역 (단위: 원, 부가가치세 별도)",
        "과제 · 자원 수량 단위 단가(원) 정가 금액(A) 지원금(B) 기업 부담(A-B)",
        "[P-001] 과제 P-001",
        "NVIDIA H100 80GB (gpu.h100) 12.3456 장·시간 6,000 74,073 50,000 24,073",
        "└ 지원: 지역 인프라 기반 컴퓨팅 자원 지원사업 (AICA-2025R) 50,000",
        "NVIDIA A100 80GB (gpu.a100) 100.0000 장·시간 2,600 260,000 200,000 60,000",
        "└ 지원: AI데이터센터 서비스 지원 (AIDC-BASE) 200,000",
        "과제 소계 334,073 250,000 84,073",
        "[P-002] 과제 P-002",
        "FuriosaAI RNGD (npu.rngd) 0.5000 장·시간 900.5 450 0 450",
        "과제 소계 450 0 450",
        "정가 금액·지원금·기업 부담 합계 334,523 250,000 84,523",
        "부가가치세 과세표준 (단위: 원)",
        "구분 과세 기준 금액 과세표준 산입액",
        "기업 부담(자부담) - 84,523 84,523",
        SELF_PAY,
        "지원금: AI데이터센터 서비스 지원 (AIDC-BASE) 총액 기준 (과세표준 포함) 200,000 200,000",
        "과세표준 284,523",
        "부가가치세 28,452",
        "※ 수량은 정확한 정수로 계산하며, 소수점 넷째 자리는 표시를 위해 반올림한 것입니다.",
        "※ 정가 금액은 과제·자원별 한 달 금액에서 1원 미만을 버린 것이고, 합계는 각 줄의 합입니다.",
        "※ 총액 기준 사업의 지원금은 과세표준에 포함되며, 그 부가가치세도 기업이 부담합니다.",
        "※ 세금계산서는 별도로 발행됩니다.",
        f"규칙집 sha256 {'a3' * 32}",
        f"사용량 sha256 {'7f' * 32}",
        "예시 인공지능산업융합사업단 · T-2025-000123 1 / 1",
    ]


def test_an_invoice_of_nothing_is_a_statement_without_vat() -> None:
    said = read(drawn(invoice(line("P-001", "gpu.a100", "10", part(BASE, 26_000)), due_on=None)))
    assert said.text.startswith("거래명세서")
    assert "청구할 금액 없음 0원" in said.text
    assert "금0원(금영원)" in said.text
    assert "과세표준이 없어 세금계산서를 발행하지 않으며" in said.text
    for absent in ("청구서", "부가가치세(C)", "납부기한", "입금계좌"):
        assert absent not in said.text


def test_an_exempt_invoice_is_paid_without_vat() -> None:
    bill = invoice(
        line("P-001", "equipment.simulator", "10", price=Decimal(50_000)),
        tax_class="exempt", kind="statement", taxable_krw=0, vat_krw=0, payable_krw=500_000,
    )  # fmt: skip
    said = read(drawn(bill)).text
    assert "합계 청구액 500,000원" in said
    assert "납부기한 2025. 11. 30.(일)" in said
    assert said.startswith("청구서 겸 거래명세서")
    assert "부가가치세가 면제됩니다" in said
    assert "계산서(면세)는 별도로 발행됩니다" in said
    assert "과세표준" not in said


def test_what_the_company_brings_in_kind_is_not_called_support() -> None:
    brought = part(REGIONAL, 1_000, "GROSS")
    brought = type(brought)(brought.programme, brought.title, 1_000, "GROSS", in_kind=True)
    said = read(drawn(invoice(line("P-001", "gpu.h100", "1", brought)))).text
    assert "└ 기업 현물 부담: 지역 인프라 기반 컴퓨팅 자원 지원사업" in said
    assert "└ 지원" not in said


def test_two_prices_of_a_month_are_both_printed() -> None:
    bill = invoice(line("P-001", "gpu.h100", "2", prices_krw=(Decimal("6000"), Decimal("5500.25"))))
    said = read(drawn(bill)).text
    assert "6,000" in said
    assert "5,500.25" in said
    assert "월중에 단가가 바뀐 것" in said


@pytest.mark.parametrize(
    ("quantity", "price_unit", "said"),
    [
        (180_000_000, "device_hour", "0.0500 장·시간"),
        (0, "device_hour", "0.0000 장·시간"),
        (179_999, "device_hour", "0.0000 장·시간"),
        (180_000, "device_hour", "0.0001 장·시간"),
        (SECONDS * 10**9 // 2**20, "gb_month", "1.0000 GB·월"),
        (SECONDS * 1024, "gib_month", "1.0000 GiB·월"),
        (3600 * 1024, "gib_hour", "1.0000 GiB·시간"),
    ],
)
def test_a_quantity_is_shown_in_the_unit_of_its_price(
    quantity: int, price_unit: str, said: str
) -> None:
    bill = invoice(line("P-001", "gpu.h100", "0", quantity=quantity, price_unit=price_unit))
    assert f"(gpu.h100) {said} 6,000" in read(drawn(bill)).text


def test_a_draft_is_marked_on_every_page_and_has_no_number() -> None:
    said = read(drawn(sixty_lines(number=None, issued_on=None)))
    assert len(said.pages) > 2
    for page in said.pages:
        assert "초안 (DRAFT) · 발행 전 문서로 효력이 없음" in page
        assert "(발행 전)" in page
    assert "T-2025" not in said.text
    assert "발행일" not in said.text
    assert "초안 (DRAFT)" not in read(drawn(sixty_lines())).text


def test_a_long_table_repeats_its_head_and_its_project_on_every_page() -> None:
    said = read(drawn(sixty_lines()))
    count = len(said.pages)
    assert count >= 4
    for number, page in enumerate(said.pages, start=1):
        assert page.rstrip().endswith(f"{number} / {count}")
    for page in said.pages[1:]:
        lines = page.split("\r\n")
        assert lines[0] == "청구서 겸 거래명세서 · T-2025-000123 · (주)무등에이아이 · 2025년 10월"
        if lines[1].startswith("과제 ·"):
            assert lines[2].startswith("[P-")
        else:
            assert lines[1].startswith("부가가치세 과세표준")
    assert said.text.count("과제 소계") == 20


@pytest.mark.breadth
def test_no_row_is_left_alone_by_a_page_break() -> None:
    for lines in range(1, 60):
        bill = sixty_lines()
        pages = read(drawn(invoice(*bill.lines[:lines]))).pages
        for page in pages[1:]:
            body = page.split("\r\n")[1:]
            first = next(text for text in body if not text.startswith(("과제 ·", "[P-")))
            assert not first.startswith(("과제 소계", "정가 금액·지원금", "└"))
        for page in pages:
            last = page.rstrip().split("\r\n")[-2]
            assert not last.startswith(("[P-", "과제 ·", "부가가치세 과세표준", "구분"))


@pytest.mark.parametrize("lines", [1, 20, 60])
@pytest.mark.parametrize("name", ["(주)짧은", LONG])
def test_nothing_overlaps_and_nothing_leaves_the_page(lines: int, name: str) -> None:
    party = Party("124-81-00998", name, name[:40], name, name, name)
    bill = sixty_lines(company=party)
    named = [
        type(item)(
            **{slot: getattr(item, slot) for slot in item.__slots__} | {"project_name": name}
        )
        for item in bill.lines[:lines]
    ]
    content = drawn(invoice(*named, company=party))
    for page in range(len(read(content).pages)):
        boxes = text_boxes(content, page)
        for left, bottom, right, top, _ in boxes:
            assert left >= 40
            assert right <= 596 - 40
            assert bottom >= 20
            assert top <= 842 - 20
        assert overlaps(boxes) == []


def overlaps(boxes: list[tuple[float, float, float, float, str]]) -> list[tuple[str, str]]:
    """Pairs of runs of text that cover each other by more than a point either way."""
    return [
        (box[4], other[4])
        for at, box in enumerate(boxes)
        for other in boxes[at + 1 :]
        if min(box[2], other[2]) - max(box[0], other[0]) > 1
        and min(box[3], other[3]) - max(box[1], other[1]) > 1
    ]


def test_amounts_of_twelve_digits_stay_in_one_line() -> None:
    dear = line("P-001", "gpu.h100", "166666666", part(BASE, 499_999_999_999, "GROSS"))
    said = read(drawn(invoice(dear))).text
    assert "166,666,666.0000 장·시간 6,000 999,999,996,000 499,999,999,999 499,999,996,001" in said
    assert "금599,999,995,601원(금오천구백구십구억구천구백구십구만오천육백일원)" in said


def test_names_are_text_and_never_markup() -> None:
    name = '<b>&amp;</b> <font color="red">(\\) =1+1'
    said = read(drawn(invoice(line("P-001", "gpu.h100", "1", project_name=name)))).text
    assert f"[P-001] {name}" in said


def test_letters_that_cannot_be_printed_are_seen_to_be_missing() -> None:
    name = "하나\u202e둘\x07 셋\n넷 \U0001f642☐ " + unicodedata.normalize("NFD", "한글")
    said = read(drawn(invoice(line("P-001", "gpu.h100", "1", project_name=name)))).text
    assert "[P-001] 하나둘 셋 넷 〓〓 한글" in said


def test_both_faces_are_embedded_as_subsets_and_nothing_else_is_named() -> None:
    content = drawn(sixty_lines())
    names = font_names(content)
    assert {name.partition("+")[2] for name in names} == {"NanumGothic", "NanumGothicBold"}
    assert all(len(name.partition("+")[0]) == 6 for name in names)
    assert embedded_fonts(content) == len(names)
    assert len(content) < 200_000


def test_a_file_names_its_language_title_and_author() -> None:
    content = drawn(invoice(line("P-001", "gpu.h100", "1")))
    said = read(content)
    assert (language(content), said.title, said.author) == (
        "ko-KR",
        f"청구서 겸 거래명세서 T-2025-000123 {COMPANY.name}",
        ISSUER.name,
    )


DRAW = """
import hashlib, sys
from tests.reports.month.test_invoice_pdf import drawn, sixty_lines
assert "matplotlib" not in sys.modules
print(hashlib.sha256(drawn(sixty_lines())).hexdigest())
"""


@pytest.mark.breadth
@pytest.mark.parametrize(("seed", "zone"), [("1", "Asia/Seoul"), ("4711", "America/New_York")])
def test_the_bytes_depend_on_nothing_but_the_invoice(seed: str, zone: str) -> None:
    environment = {
        **os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C", "RL_useA85": "1",
        "RL_invariant": "0", "RL_pageCompression": "0",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", DRAW], cwd=ROOT, env=environment, capture_output=True, check=True
    )
    assert done.stdout.decode().strip() == hashlib.sha256(drawn(sixty_lines())).hexdigest()


def test_another_font_of_the_same_name_is_refused(tmp_path: Path) -> None:
    fonts = tmp_path / "koreanize_matplotlib" / "fonts"
    fonts.mkdir(parents=True)
    (fonts.parent / "__init__.py").write_text("raise SystemExit('this package is not to be run')")
    for name in ("NanumGothic", "NanumGothicBold"):
        (fonts / f"{name}.ttf").write_bytes(b"another font")
    done = subprocess.run(
        [sys.executable, "-c", DRAW],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert "install koreanize-matplotlib==0.1.1" in done.stderr.decode()


def test_a_due_day_that_is_not_known_yet_is_said_to_be_open() -> None:
    bill = invoice(line("P-001", "gpu.h100", "1"), number=None, issued_on=None, due_on=None)
    assert "납부기한 발행할 때 정함" in read(drawn(bill)).text
    bill = invoice(line("P-001", "gpu.h100", "1"), due_on=date(2025, 12, 1))
    assert "납부기한 2025. 12. 1.(월)" in read(drawn(bill)).text
