"""A disputed line as one file: it proves itself, and holds nothing of anybody else."""

import hashlib
import io
import json
import shutil
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from billing.draft.lake_rows import to_table
from billing.explain.evidence import Evidence
from billing.explain.explain import explain
from billing.explain.explanation import Question
from billing.records import Charge, Subsidy
from metering.lake.contract import contract
from metering.site.open_site import open_site
from metering.usage.evidence import RUN
from reports.explain.dispute_file import without_budgets
from reports.explain.dispute_readme import NOTES, TITLES
from reports.explain.dispute_rows import TABLES, columns_of
from reports.explain.recompute_queries import step_queries
from tests.builders.explained_month import drafted_site, issue, stood
from tests.builders.rules_and_usage import HOUR_US, award, book, programme, registry, source, used
from tests.builders.sites.command_line import MONTH, run
from tests.references.pdf_reader import read

# Both companies on the 5th; from the 8th on the account of the one is of the other
JOBS = (
    ("1", "one", "2025-10-05T01:00:00", "2025-10-05T11:00:00", "h100=2"),
    ("2", "two", "2025-10-05T12:00:00", "2025-10-05T13:00:00", "h100=1"),
    ("3", "one", "2025-10-08T12:00:00", "2025-10-08T14:00:00", "h100=1"),
)
OTHERS = ("C-2", "P-2", "둘째", "two", "124-81-00998", "이대표", "T2025-000002")
MEASURES = ("observed_ms", "busy_ns", "energy_uj")


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drafted_site(tmp_path_factory.mktemp("dispute") / "site", JOBS, "2025-10-08")


@pytest.fixture(scope="module")
def issued(drafted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return issue(Path(shutil.copytree(drafted, tmp_path_factory.mktemp("issued") / "site")))


@pytest.fixture(scope="module")
def archive(issued: Path) -> Path:
    """The file about C-1's only line: 20 device-hours, 120,000 won, of which 100,000 are paid."""
    path = issued / "dispute.zip"
    said = run(issued, "dispute", "T2025-000001", "1", "--to", str(path), "--json")
    assert said.code == 0, said.err
    assert said.document == {
        "written": str(path), "files": len(names(path)), "company_id": "C-1",
        "charge_krw": 120_000, "company_krw": 20_000, "changed": [],
    }  # fmt: skip
    return path


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def unpacked(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_it_holds_all_that_the_line_follows_from(archive: Path) -> None:
    day = "cluster=hpc/date=2025-10-05/rows.parquet"
    assert names(archive) == [
        "README.txt",
        "documents/T2025-000001.pdf",
        "documents/statement.xlsx",
        "explanation.json",
        "explanation.txt",
        "manifest.json",
        f"parquet/allocation/{day}",
        "parquet/charge/month=2025-10/rows.parquet",
        "parquet/subsidy/month=2025-10/rows.parquet",
        f"parquet/usage_day/{day}",
        f"parquet/usage_hour/{day}",
        "query.sql",
        "rows/allocation.csv",
        "rows/charge.csv",
        "rows/columns.csv",
        "rows/subsidy.csv",
        "rows/usage_day.csv",
        "rows/usage_hour.csv",
        "rules/amendments.yaml",
        "rules/market.yaml",
        "rules/pf.yaml",
        "rules/prices/gpu.h100.yaml",
        "rules/programmes/AICA-2025R.yaml",
        "rules/swap.yaml",
        "rules/tax.yaml",
        "rules/values.csv",
    ]
    files = unpacked(archive)
    assert "정가 120,000 - 지원 100,000 = 자부담 20,000원" in files["explanation.txt"].decode()
    explained = json.loads(files["explanation.json"])["lines"][0]
    assert (explained["charge_krw"], explained["evidence"]["counted"]) == (120_000, 20 * HOUR_US)
    assert files["documents/T2025-000001.pdf"].startswith(b"%PDF")
    line = files["rows/usage_hour.csv"].decode("utf-8-sig").splitlines()[1]
    assert line.startswith("hpc,2025-10-05,")
    assert line.endswith(",2025-10-05T10:00:00+09:00" * 3)  # the dump is in UTC


def ran(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[list[list[object]], list[object]]:
    """What its queries give, where only DuckDB is: those of rows and sums, and the steps."""
    monkeypatch.chdir(folder)
    text = (folder / "query.sql").read_text(encoding="utf-8")
    first, steps = text.split("-- 다시:", 1)
    return (
        [
            duckdb.sql(statement).fetchall()
            for statement in first.split(";")
            if "SELECT" in statement
        ],
        [
            duckdb.sql(statement).fetchall()
            for statement in f"-- {steps}".split(";\n")
            if "SELECT" in statement
        ],
    )


def test_anybody_computes_it_again_with_its_query(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.unpack_archive(archive, tmp_path)
    results, steps = ran(tmp_path, monkeypatch)
    assert len(results) == 5 + 4
    assert [rows[0][0] for rows in results[-4:]] == [  # type: ignore[index]
        120_000, 100_000, 20 * HOUR_US, 20 * HOUR_US
    ]  # fmt: skip
    assert steps == [[]] * 4, "no step comes to anything else"
    text = (tmp_path / "query.sql").read_text(encoding="utf-8")
    for krw in ("120000", "100000"):
        assert f"{krw} 이어야 함" in text


@pytest.mark.parametrize(
    ("table", "column", "listed"),
    [
        ("allocation", "ended_ms", [1, 0, 0, 0]),
        ("usage_hour", "held_us", [1, 1, 0, 0]),
        ("usage_day", "quantity", [0, 1, 1, 0]),
        ("charge", "quantity", [0, 0, 1, 1]),
        ("charge", "charge_krw", [0, 0, 0, 1]),
    ],
)
def test_a_step_that_comes_to_something_else_is_listed(
    archive: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    table: str,
    column: str,
    listed: list[int],
) -> None:
    shutil.unpack_archive(archive, tmp_path)
    (path,) = (tmp_path / "parquet" / table).rglob("*.parquet")
    rows = pq.read_table(path)
    at = rows.column_names.index(column)
    more = [value + 3_600_000 if number == 0 else value  # an hour, a won
            for number, value in enumerate(rows.column(column).to_pylist())]  # fmt: skip
    pq.write_table(rows.set_column(at, column, pa.array(more, rows.schema.field(at).type)), path)
    _, steps = ran(tmp_path, monkeypatch)
    assert [min(len(rows), 1) for rows in steps] == listed  # type: ignore[arg-type]


@pytest.mark.parametrize("share", ["0.2", "0.333"])
def test_what_a_share_leaves_to_the_company_is_computed_again(tmp_path: Path, share: str) -> None:
    held = registry([award("S-1", "P1", "A")])
    usages = [used(date(2025, 10, day), "A-1", 7_654_321) for day in range(1, 29)]
    month, result = stood(usages, book(programme("P1", share)), held)
    answer = explain(month, result.subsidies, result.invoices, Question("2025-10", "A"))
    files = {}
    for table, kind, rows in (
        ("charge", Charge, result.charges),
        ("subsidy", Subsidy, result.subsidies),
    ):
        pq.write_table(to_table(kind, rows), tmp_path / f"{table}.parquet")
        files[table] = (str(tmp_path / f"{table}.parquet"),)
    evidence = Evidence((), 0, (), (), (), (), files)
    (line,) = answer.lines
    price = month.book.prices["gpu.h100"]
    charges, company = step_queries(line, evidence, price, month.calendar)
    assert duckdb.sql(charges).fetchall() == duckdb.sql(company).fetchall() == []
    paid = [replace(result.subsidies[0], subsidy_krw=result.subsidies[0].subsidy_krw + 1)]
    pq.write_table(to_table(Subsidy, [*paid, *result.subsidies[1:]]), files["subsidy"][0])
    assert len(duckdb.sql(company).fetchall()) == 28  # from the first day on


def mentioned(files: dict[str, bytes], others: tuple[str, ...]) -> list[tuple[str, str]]:
    """The files that name any of the others."""
    texts = {}
    for name, content in files.items():
        if name.endswith(".parquet"):
            rows = pq.read_table(io.BytesIO(content)).to_pylist()
            assert rows, name
            texts[name] = "\n".join(str(value) for row in rows for value in row.values())
        elif name.endswith(".xlsx"):
            book = openpyxl.load_workbook(io.BytesIO(content))
            texts[name] = "\n".join(
                str(cell) for sheet in book for row in sheet.values for cell in row
            )
        elif name.endswith(".pdf"):
            texts[name] = read(content).words
        else:
            texts[name] = content.decode("utf-8-sig")
    return [(name, other) for name, text in texts.items() for other in others if other in text]


def test_no_row_name_or_number_of_another_company_is_in_it(
    archive: Path, issued: Path, tmp_path: Path
) -> None:
    assert mentioned(unpacked(archive), (*OTHERS, str(issued))) == []
    said = run(issued, "dispute", "T2025-000002", "1", "--to", str(tmp_path / "two.zip"))
    assert said.code == 0, said.err
    files = unpacked(tmp_path / "two.zip")
    assert mentioned(files, ("C-1", "P-1", "빨강", "AICA", "T2025-000001", str(issued))) == []
    days = [name for name in files if name.startswith("parquet/usage_hour/")]
    assert days == [
        f"parquet/usage_hour/cluster=hpc/date=2025-10-{day}/rows.parquet" for day in ("05", "08")
    ]
    shared, moved = (pq.read_table(io.BytesIO(files[name])).to_pylist() for name in days)
    assert {(row["account"], row["allocation_id"]) for row in shared} == {("two", "2")}
    assert {(row["account"], row["allocation_id"]) for row in moved} == {("one", "3")}


@pytest.mark.parametrize(
    ("hours", "stopped_by", "kept"),
    [("30", "budget:P1:national:2025", False), ("15", "quota:S-1", True)],
)
def test_what_is_left_of_a_shared_budget_is_not_told_and_of_an_own_award_is(
    hours: str, stopped_by: str, kept: bool
) -> None:
    rules = book(programme("P1", "0", funding=(source("national", "1", {"2025": 150_000}),)))
    mine = award("S-1", "P1", "A", quota=hours, quota_unit="device_hours")
    held = registry([mine, award("S-2", "P1", "B")])
    usages = [used(date(2025, 10, day), "A-1", 10 * HOUR_US) for day in (1, 2, 3)]
    usages.append(used(date(2025, 10, 1), "B-1", 10 * HOUR_US))
    month, result = stood(usages, rules, held)
    answer = explain(month, result.subsidies, result.invoices, Question("2025-10", "A"))
    (known,) = answer.lines[0].parts[0].stops
    (stop,) = without_budgets(answer).lines[0].parts[0].stops
    assert (known.stopped_by, known.left is None) == (stopped_by, False)
    assert stop == (known if kept else replace(known, granted=None, left=None))


def test_what_exporters_saw_of_its_devices_is_in_it_and_of_no_other(
    issued: Path, tmp_path: Path
) -> None:
    site = Path(shutil.copytree(issued, tmp_path / "site"))
    lake, day = open_site(site).lake, date(2025, 10, 5)
    hours = lake.read("usage_hour", cluster="hpc", date_from=day, date_to=day).to_pylist()
    seen = [
        {
            **{name: row[name] for name in ("hour_ms", *RUN, *MEASURES)},
            "cluster": "hpc", "device_uid": f"GPU-{row['allocation_id']}", "slice": "",
            "model": "h100", "attribution": "allocation", "memory_mib_ms": 0,
        }
        for row in hours
    ]  # fmt: skip
    with lake.change() as change:
        rows = pa.Table.from_pylist(seen, contract("device_hour").schema)
        change.replace("device_hour", {"cluster": "hpc", "date": day}, rows)
    said = run(site, "dispute", "T2025-000001", "1", "--to", str(tmp_path / "one.zip"))
    assert said.code == 0, said.err
    files = unpacked(tmp_path / "one.zip")
    kept = files["parquet/device_hour/cluster=hpc/date=2025-10-05/rows.parquet"]
    assert {row["device_uid"] for row in pq.read_table(io.BytesIO(kept)).to_pylist()} == {"GPU-1"}
    assert "장치에서 본 가동 (device_hour)" in files["query.sql"].decode()
    assert mentioned(files, OTHERS) == []


def test_its_manifest_names_every_byte_and_a_second_file_is_the_same(
    archive: Path, issued: Path, tmp_path: Path
) -> None:
    files = unpacked(archive)
    manifest = json.loads(files.pop("manifest.json"))
    assert {name: text["sha256"] for name, text in manifest["files"].items()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()
    }
    assert manifest["document"] == "T2025-000001"
    lake = issued / "lake"
    for sources in manifest["taken_from"].values():
        assert all((lake / source).is_file() for source in sources)
    elsewhere = Path(shutil.copytree(issued, tmp_path / "elsewhere"))
    said = run(elsewhere, "dispute", "T2025-000001", "1")
    assert said.code == 0, said.err
    again = elsewhere / "documents" / MONTH / "disputes" / "T2025-000001_1_C-1.zip"
    assert again.read_bytes() == archive.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["T2025-999999", "1"], "no invoice has the number T2025-999999"),
        (["T2025-000001", "2"], "has lines 1 to 1, not 2"),
        (["T2025-000001", "0"], "lines count from 1"),
        ([MONTH, "1"], "2025-10 is a month; a dispute is about a document that was issued"),
    ],
)
def test_what_is_no_line_of_a_document_is_refused(
    issued: Path, arguments: list[str], error: str
) -> None:
    said = run(issued, "dispute", *arguments)
    assert (said.code, error in said.err) == (1, True), said.err


def test_a_draft_is_refused_with_the_way_on(drafted: Path) -> None:
    said = run(drafted, "dispute", MONTH, "1")
    assert (said.code, f"jeongsan approve {MONTH}" in said.err) == (1, True), said.err
    assert "2025-10 is draft" in said.err


def test_every_column_has_its_korean_note() -> None:
    named = {name for table in TABLES for name in columns_of(table)}
    assert named - NOTES.keys() == NOTES.keys() - named == set()
    assert TITLES.keys() == set(TABLES)
    assert all(contract(table).description for table in TABLES)
