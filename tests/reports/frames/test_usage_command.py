"""`jeongsan usage`: what was metered, before and after the issue, exact in every form."""

import csv
import io
import json
import shutil
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reports.frames.usage_choices import UsageBy
from tests.breadth import few
from tests.builders.sites.command_line import MONTH, adjust, run, write_site
from tests.builders.sites.usage_site import (
    FORMULA,
    HELD_MIB_S,
    US_OF_JOBS,
    done,
    issued,
    late_jobs,
    usage_site,
)
from tests.paths import ROOT

pytestmark = pytest.mark.breadth

LATE_US, GHOST_US = 3_601_000_000, 1_200_000_000
TOTALS = {"device_us": sum(US_OF_JOBS.values()), "mib_s": HELD_MIB_S}


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose month is metered and not drafted. Copy it before changing it."""
    return usage_site(tmp_path_factory.mktemp("before") / "site")


@pytest.fixture(scope="module")
def closed(before: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with its month issued. Copy it before changing it."""
    return issued(Path(shutil.copytree(before, tmp_path_factory.mktemp("closed") / "site")))


@pytest.fixture(scope="module")
def later(closed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, for which jobs came in after the issue."""
    site = Path(shutil.copytree(closed, tmp_path_factory.mktemp("later") / "site"))
    late_jobs(site)
    return site


def asked(site: Path, *more: str, period: str = MONTH) -> Any:
    said = run(site, "usage", period, "--json", *more)
    assert (said.code, said.err) == (0, "")
    return said.document


def sums(rows: list[dict[str, Any]], column: str = "quantity") -> dict[str, int]:
    total: dict[str, int] = {}
    for row in rows:
        total[row["unit"]] = total.get(row["unit"], 0) + (row[column] or 0)
    return total


@pytest.mark.breadth
@pytest.mark.parametrize("by", few(1, [None, *reversed(UsageBy)]))
def test_whatever_it_is_added_up_by_the_sum_is_the_same(
    before: Path, closed: Path, later: Path, by: str | None
) -> None:
    more = ("--by", by) if by else ()
    for site in (before, closed):
        document = asked(site, *more)
        assert sums(document["usage"]) == sums(document["totals"]) == TOTALS
    grown = {**TOTALS, "device_us": TOTALS["device_us"] + LATE_US + GHOST_US}
    assert sums(asked(later, *more)["usage"]) == grown


def test_a_month_before_its_issue_is_what_was_metered_with_all_that_nobody_pays(
    before: Path,
) -> None:
    rows = asked(before, "--by", "account")["usage"]
    assert [(row["account"], row["owner"], row["project_id"], row["quantity"]) for row in rows] == [
        ("one", "project", "P-1", HELD_MIB_S),
        ("burn", "set_aside", None, 7_000_000),
        ("one", "project", "P-1", 72_000_000_000),
        ("two", "project", "P-2", 5_400_000_000),
    ]
    assert rows[1]["reason"] == FORMULA
    projects = asked(before, "--by", "project")["usage"]
    assert {row["issued_quantity"] for row in projects} == {None}


def test_amounts_are_in_the_unit_of_the_price_to_the_tenth_decimal(before: Path) -> None:
    rows = asked(before, "--by", "sku")["usage"]
    assert [(row["sku"], row["owner"], row["amount"], row["amount_unit"]) for row in rows] == [
        ("gpu.h100", "project", "21.5000000000", "device_hour"),
        ("gpu.h100", "set_aside", "0.0019444444", "device_hour"),
        # MiB seconds to GB months of 31 days: x 2^20 / 10^9 / 2,678,400
        ("storage.parallel", "project", "33825423.7515949052", "gb_month"),
    ]


@pytest.mark.breadth
def test_a_run_is_one_row_and_a_reading_has_no_instants(before: Path) -> None:
    rows = asked(before, "--by", "allocation", "--sku", "gpu.h100", "--company", "C-2")["usage"]
    [run_of_two] = rows
    assert (run_of_two["allocation"], run_of_two["quantity"]) == ("2", 5_400_000_000)
    assert run_of_two["started_at"] == "2025-10-09T23:30:00+09:00"  # over midnight, one row
    [volume] = asked(before, "--by", "allocation", "--cluster", "disk")["usage"]
    assert (volume["allocation"], volume["started_at"]) == ("v-1", None)


@pytest.mark.breadth
def test_an_issued_month_stands_beside_what_is_metered(closed: Path) -> None:
    document = asked(closed, "--by", "project")
    assert (list(document["issued"]), document["differences"]) == ([MONTH], [])
    owned = [row for row in document["usage"] if row["owner"] == "project"]
    assert all(row["quantity"] == row["issued_quantity"] for row in owned)
    assert {row["issued_quantity"] for row in document["usage"] if row not in owned} == {None}
    assert "2025-10: 발행한 사용량과 같습니다" in run(closed, "usage", MONTH).out


@pytest.mark.breadth
def test_a_month_that_was_issued_with_other_hours_shows_both(later: Path) -> None:
    document = asked(later, "--by", "day", period="2025-10-08..2025-10-09")
    shown = [
        (row["day"], row["owner"], row["quantity"], row["issued_quantity"])
        for row in document["usage"]
    ]
    assert shown == [
        ("2025-10-08", "nobody", GHOST_US, None),
        ("2025-10-08", "project", LATE_US, 0),
        ("2025-10-09", "project", 1_800_000_000, 1_800_000_000),
    ]
    [other] = document["differences"]
    assert (other["day"], other["project_id"], other["sku"]) == ("2025-10-08", "P-2", "gpu.h100")
    assert (other["quantity"], other["issued_quantity"]) == (LATE_US, 0)
    said = run(later, "usage", MONTH, "--by", "account").out
    assert "지금 계측한 것과 다른 사용량으로 발행했습니다" in said
    assert "미소유" in said


@pytest.mark.breadth
def test_after_a_correction_the_month_stands_with_the_corrected_hours(
    later: Path, tmp_path: Path
) -> None:
    site = Path(shutil.copytree(later, tmp_path / "site"))
    tenancy = site / "registry" / "tenancy.csv"
    with tenancy.open("a", encoding="utf-8") as file:
        file.write("hpc,ghost,P-1,2025-10-01,\n")
    done(site, "load", "--yes")
    done(site, "meter", "2025-10-05..2025-10-10", "--cluster", "hpc")
    done(site, "meter", "2025-10-06..2025-10-31", "--cluster", "disk")
    assert len(asked(site)["differences"]) == 2
    done(site, "adjust")
    said = adjust(site, "--by", "김정산", "--reason", "늦은 작업", "--on", "2025-12-05")
    assert said.code == 0, said.err
    document = asked(site, "--by", "company")
    assert document["differences"] == []
    assert [row["quantity"] - row["issued_quantity"] for row in document["usage"][:2]] == [0, 0]


def test_days_that_want_metering_are_named(before: Path, tmp_path: Path) -> None:
    site = Path(shutil.copytree(before, tmp_path / "site"))
    tenancy = site / "registry" / "tenancy.csv"
    text = tenancy.read_text(encoding="utf-8")
    tenancy.write_text(text.replace("hpc,two,P-2", "hpc,two,P-1"), encoding="utf-8")
    done(site, "load")
    document = asked(site, "--by", "day", "--cluster", "hpc", period="2025-10-09")
    assert [(row["owner"], row["outdated"]) for row in document["usage"]] == [("project", True)]
    assert document["sections"][0]["outdated"] == ["2025-10-09"]
    said = run(site, "usage", "2025-10-09")
    assert "다시 계측하십시오: jeongsan meter 2025-10-09..2025-10-09" in said.out
    assert "다시 계측" in said.out


def test_a_terminal_shows_the_sum_and_how_far_it_is_known(before: Path) -> None:
    said = run(before, "usage", MONTH)
    assert said.code == 0
    assert said.out.startswith("2025-10 계측 사용량 (과제별)")
    lines = [line.split() for line in said.out.splitlines()]
    assert ["합계", "-", "-", "21.5019", "장·시간", "-"] in lines
    assert ["hpc", "6", "-", "-", "2025-10-11T00:00:00+09:00"] in lines
    assert "계측한 날: 32/32" in said.err


def written(site: Path, ending: str, folder: Path, *more: str) -> Path:
    path = folder / f"usage.{ending}"
    said = run(site, "usage", MONTH, "--output", str(path), *more)
    assert (said.code, f"쓴 파일  {path}" in said.out) == (0, True), said.err
    return path


def test_a_csv_is_read_back_to_the_unit_and_holds_no_formula(before: Path, tmp_path: Path) -> None:
    path = written(before, "csv", tmp_path, "--by", "account")
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\n") == 5  # a head and four rows: no total
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    quantities = [int(row["정수 수량"]) for row in rows]
    assert quantities == [HELD_MIB_S, 7_000_000, 72_000_000_000, 5_400_000_000]
    assert (rows[1]["제외 사유"], rows[1]["소유"]) == (f"'{FORMULA}", "청구 제외")
    assert (rows[0]["수량"], rows[2]["수량"]) == ("33825423.7515949052", "20")


def test_a_workbook_is_read_back_to_the_unit_and_holds_no_formula(
    later: Path, tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(written(later, "xlsx", tmp_path, "--by", "account"))
    assert book.sheetnames == ["계측 사용량", "구역", "발행과 다른 사용량"]
    head, *rows = list(book["계측 사용량"].values)[2:]
    at = {name: place for place, name in enumerate(head)}
    assert HELD_MIB_S > 2**53
    assert rows[0][at["정수 수량"]] == str(HELD_MIB_S)  # text, since a number would lose digits
    assert [int(row[at["정수 수량"]]) for row in rows[1:]] == [
        7_000_000, GHOST_US, 72_000_000_000, 5_400_000_000 + LATE_US
    ]  # fmt: skip
    reason = book["계측 사용량"].cell(row=5, column=at["제외 사유"] + 1)
    assert (reason.value, reason.data_type) == (FORMULA, "s")
    [other] = list(book["발행과 다른 사용량"].values)[3:]
    assert LATE_US in other


def test_a_parquet_file_keeps_the_schema_and_pandas_reads_it_exactly(
    before: Path, tmp_path: Path
) -> None:
    path = written(before, "parquet", tmp_path)
    assert [(field.name, str(field.type)) for field in pq.read_schema(path)] == [
        ("day", "date32[day]"), ("cluster", "string"), ("source", "string"), ("account", "string"),
        ("company_id", "string"), ("company", "string"), ("project_id", "string"),
        ("project", "string"), ("owner", "string"), ("reason", "string"), ("sku", "string"),
        ("quantity", "decimal128(38, 0)"), ("unit", "string"), ("amount", "decimal128(38, 10)"),
        ("amount_unit", "string"), ("estimated", "bool"), ("provisional", "bool"),
        ("outdated", "bool"), ("known_to", "timestamp[ms, tz=UTC]"),
    ]  # fmt: skip
    frame = pd.read_parquet(path, dtype_backend="pyarrow")
    assert frame["quantity"].dtype == pd.ArrowDtype(pa.decimal128(38, 0))
    by_unit = frame.groupby("unit")["quantity"].sum()  # pandas' own sum, exact
    assert {unit: int(total) for unit, total in by_unit.items()} == TOTALS
    # a day of the store, and a second of the next
    stored = frame[frame["unit"] == "mib_s"]
    assert list(stored["day"]) == [date(2025, 10, 6), date(2025, 10, 7)]
    assert sum(map(int, stored["quantity"])) == HELD_MIB_S
    plain = pd.read_parquet(path)
    assert list(plain["quantity"]) == [Decimal(value) for value in frame["quantity"]]


@pytest.mark.breadth
def test_a_json_file_is_the_document_of_json(before: Path, tmp_path: Path) -> None:
    path = written(before, "json", tmp_path, "--by", "sku")
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document == asked(before, "--by", "sku")
    said = run(before, "usage", MONTH, "--by", "sku", "--format", "json")
    assert said.document == document


def test_without_a_name_a_file_lies_among_the_documents(before: Path, tmp_path: Path) -> None:
    site = Path(shutil.copytree(before, tmp_path / "site"))
    said = run(site, "usage", "2025-10-06..2025-10-07", "--by", "day", "--format", "csv", "--json")
    path = site / "documents" / "usage" / "usage_2025-10-06..2025-10-07_day.csv"
    assert (said.document["written"], said.document["rows"]) == (str(path), 3)
    assert path.is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "answer"),
    [
        (["2025-13"], 2, "기간은 2025-10, 2025-10-07 또는 2025-10-01..2025-10-07로 씁니다"),
        (["2025-10-32"], 2, "기간은 2025-10, 2025-10-07 또는"),
        (["2025-10-07..2025-10-01"], 2, "기간은 2025-10, 2025-10-07 또는"),
        (["2025-09"], 1, "계측한 사용량이 없습니다. 계측한 날은 2025-10-05..2025-10-31에"),
        ([MONTH, "--by", "user"], 2, "'user' is not one of"),
        ([MONTH, "--output", "usage.hwp"], 2, "usage.hwp: --format을 주거나, 이름의 끝을 .csv"),
        ([MONTH, "--company", "C-9"], 1, "the registry has no company 'C-9'"),
        ([MONTH, "--project", "P-9"], 1, "the registry has no project 'P-9'"),
        ([MONTH, "--cluster", "mars"], 1, "no cluster or store 'mars'"),
        ([MONTH, "--sku", "gpu.x"], 1, "'gpu.x': 이런 자원(SKU)은 없습니다. 이 기간에 쓴 자원"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_shown_says_what_can(
    before: Path, arguments: list[str], code: int, answer: str
) -> None:
    said = run(before, "usage", *arguments)
    told = " ".join(said.err.replace("│", " ").split())
    assert (said.code, answer in told) == (code, True), told


def test_before_anything_is_metered_the_way_on_is_named(tmp_path: Path) -> None:
    site = write_site(tmp_path / "site")
    done(site, "load")
    said = run(site, "usage", MONTH)
    assert (said.code, "계측한 날이 없습니다. 먼저 jeongsan meter" in said.err) == (1, True)


def test_a_day_on_which_nothing_was_held_is_no_error(before: Path) -> None:
    document = asked(before, "--cluster", "hpc", period="2025-10-07")
    assert (document["usage"], document["sections"][0]["days"]) == ([], 1)
    assert "없음" in run(before, "usage", "2025-10-07", "--cluster", "hpc").out


@pytest.mark.breadth
@pytest.mark.parametrize(
    ("command", "wants"),
    few(
        1, [("usage 2025-10", True), ("status", False), ("quota", False), ("draft 2025-10", False)]
    ),
)
def test_pandas_is_imported_by_this_command_alone(
    before: Path, tmp_path: Path, command: str, wants: bool
) -> None:
    """PyArrow would import it at the first array, whoever asked: a quarter of a second."""
    site = Path(shutil.copytree(before, tmp_path / "site"))
    program = (
        "import sys\n"
        "from jeongsan.app import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "finally:\n    print('pandas' in sys.modules)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, "--site", str(site), *command.split()],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout.splitlines()[-1]) == (0, str(wants)), ended.stderr
