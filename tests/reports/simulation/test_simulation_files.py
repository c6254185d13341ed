"""What a simulation shows: the spreadsheet read back, the picture, the same bytes again."""

import io
from pathlib import Path

import openpyxl
import pytest

from billing.simulate.simulate import Simulation, simulate
from metering.site.open_site import OpenSite
from reports.simulation.files import write_simulation
from reports.simulation.picture import simulation_pdf
from reports.simulation.xlsx import simulation_xlsx
from tests.builders.rules_and_usage import book
from tests.builders.sites.close_site import MONTH, NEXT
from tests.builders.sites.simulated_site import open_site, paying
from tests.references.pdf_reader import read


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> OpenSite:
    return open_site(tmp_path_factory.mktemp("simulated"), paying("0.2"))


@pytest.fixture(scope="module")
def simulation(opened: OpenSite) -> Simulation:
    """The company's share 50 % in place of 20 %, and an hour at 7,000 won."""
    return simulate(opened, book(paying("0.5", krw="7000")), MONTH, NEXT)


def test_the_spreadsheet_says_what_was_worked_out(simulation: Simulation) -> None:
    pages = openpyxl.load_workbook(io.BytesIO(simulation_xlsx(simulation, "규칙", "센터")))
    sheets = {page.title: [list(row) for row in page.values][2:] for page in pages}
    assert list(sheets) == [
        "달별",
        "사업별",
        "기업별",
        "예산",
        "달·기업",
        "달·사업·기업",
        "확인할 사항",
    ]
    head, october, november, both = sheets["달별"]
    assert head[:5] == ["월", "상태", "정가 (지금)", "정가 (새 규칙)", "정가 (변화)"]
    assert head[5:8] == ["지원 (지금)", "지원 (새 규칙)", "지원 (변화)"]
    # list price, support, in kind, due, VAT: now, under the new rules, change
    assert october == [
        "2025-10", "열림", 90_000, 105_000, 15_000, 48_000, 35_000, -13_000, 0, 0, 0,
        42_000, 70_000, 28_000, 4_200, 7_000, 2_800,
    ]  # fmt: skip
    # November: 12,000 are left of the budget now, 25,000 under the new rules
    assert november == [
        "2025-11", "열림", 60_000, 70_000, 10_000, 12_000, 25_000, 13_000, 0, 0, 0,
        48_000, 45_000, -3_000, 4_800, 4_500, -300,
    ]  # fmt: skip
    assert both == [
        "합계", "", 150_000, 175_000, 25_000, 60_000, 60_000, 0, 0, 0, 0,
        90_000, 115_000, 25_000, 9_000, 11_500, 2_500,
    ]  # fmt: skip
    assert sheets["사업별"][1:] == [
        ["AID", "AID 사업", 60_000, 60_000, 0], ["합계", "", 60_000, 60_000, 0]
    ]  # fmt: skip
    assert [(row[0], row[1], row[13]) for row in sheets["기업별"][1:]] == [
        ("C-1", "회사1", 20_000), ("C-2", "회사2", 5_000), ("합계", "", 25_000)
    ]  # fmt: skip
    assert sheets["예산"][1:] == [
        ["AID", "AID 사업", "국비", "2025", 60_000, 60_000, 60_000, 60_000]
    ]
    assert [row[:2] for row in sheets["달·기업"][1:]] == [
        ["2025-10", "C-1"], ["2025-10", "C-2"], ["2025-11", "C-1"]
    ]  # fmt: skip
    assert sheets["달·사업·기업"][1:] == [
        ["2025-10", "AID", "C-1", "회사1", 48_000, 35_000, -13_000],
        ["2025-11", "AID", "C-1", "회사1", 12_000, 25_000, 13_000],
    ]
    assert len(sheets["확인할 사항"]) == 1


def test_the_picture_is_one_page_that_names_every_change(simulation: Simulation) -> None:
    page = read(simulation_pdf(simulation, "rules-2026", "센터"))
    assert len(page.pages) == 1
    for text in (
        "규칙 모의 적용 2025-10..2025-11",
        "기간 전체의 변화: 정가 +2.5만 원 · 지원 없음 · 기업 부담 +2.5만 원",
        "C-1 회사1", "+2.0만 원", "C-2 회사2", "+5,000원", "달라지는 것이 없습니다",
    ):  # fmt: skip
        assert "".join(text.split()) in page.words, text


def test_files_are_named_for_months_and_rules_and_have_the_same_bytes_again(
    opened: OpenSite, simulation: Simulation, tmp_path: Path
) -> None:
    rules = tmp_path / "규칙 2026"
    rules.mkdir()
    first = write_simulation(opened, simulation, rules, tmp_path / "a")
    again = simulate(opened, simulation.other, MONTH, NEXT)
    second = write_simulation(opened, again, rules, tmp_path / "b")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert [path.suffix for path in first] == [".xlsx", ".pdf"]
    assert all(path.name.startswith("2025-10..2025-11_") for path in first)
    assert all(simulation.other.digest[:8] in path.name for path in first)
    [default, _] = write_simulation(opened, simulation, rules, None)
    assert default.parent == opened.site.documents / "simulations"
