"""The registry is read strictly, from CSV or one workbook: all mistakes at once, with places."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from metering.business_number import business_number_ok, written_business_number
from metering.calendar import Calendar
from metering.errors import JeongsanError, Mistakes
from metering.registry.checks import SiteNames
from metering.registry.registry import (
    Award,
    Company,
    CompanyFacts,
    Device,
    Project,
    Registry,
    SetAside,
    Tenancy,
    read_registry,
)
from metering.registry.sheets import SHEETS

SEOUL = Calendar("Asia/Seoul")
OCTOBER_MS = SEOUL.month("2025-10").start_ms
Rows = list[dict[str, object]]

COMPANY: dict[str, object] = {
    "company_id": "C-1",
    "business_number": "124-81-00998",
    "name": "(주)무등",
    "representative": "김하늘",
    "address": "광주광역시 북구 1",
    "business_type": "정보통신업",
    "business_item": "소프트웨어",
    "org_type": "startup",
    "size": "small",
    "place": "광주",
    "founded_on": "2021-03-02",
    "representative_birth_year": "1991",
}
OTHER = COMPANY | {"company_id": "C-2", "business_number": "2208162517", "name": "둘째"}
PROJECT: dict[str, object] = {
    "project_id": "P-1",
    "company_id": "C-1",
    "name": "언어 모델",
    "started_on": "2025-09-01",
}
TENANCY: dict[str, object] = {
    "source": "hpc",
    "account": "mudeung",
    "project_id": "P-1",
    "from": "2025-10-01",
}
DEVICE: dict[str, object] = {
    "cluster": "hpc",
    "device_uid": "GPU-1",
    "model": "h100",
    "resource": "gpu",
    "node": "n1",
    "installed_at": "2025-10-01T00:00:00+09:00",
    "power_limit_w": "700",
}
AWARD: dict[str, object] = {
    "award_id": "A-1",
    "programme": "AIDC-BASE",
    "company_id": "C-1",
    "project_id": "P-1",
    "agreed_on": "2025-09-25",
    "announced_on": "2025-09-10",
    "from": "2025-10-01",
    "until": "2026-01-01",
    "agreement_number": "협약-1",
    "quota": "520.50",
    "quota_unit": "device_hours",
    "cap_krw": "2000000",
    "budget_year": "2025",
}
ASIDE: dict[str, object] = {"source": "hpc", "account": "burn-in", "reason": "점검", "by": "운영"}

READ = Registry(
    companies=(
        Company(
            "C-1",
            "124-81-00998",
            "(주)무등",
            "김하늘",
            "광주광역시 북구 1",
            "정보통신업",
            "소프트웨어",
            (CompanyFacts(None, "startup", "small", "광주"),),
            date(2021, 3, 2),
            1991,
        ),
    ),
    projects=(Project("P-1", "C-1", "언어 모델", date(2025, 9, 1), None),),
    tenancies=(Tenancy("hpc", "mudeung", "P-1", date(2025, 10, 1), None),),
    devices=(Device("hpc", "GPU-1", "h100", "gpu", "n1", "", "", OCTOBER_MS, None, 700),),
    awards=(
        Award(
            "A-1",
            "AIDC-BASE",
            "C-1",
            "P-1",
            date(2025, 9, 25),
            date(2025, 9, 10),
            date(2025, 10, 1),
            date(2026, 1, 1),
            "협약-1",
            Decimal("520.50"),
            "device_hours",
            2_000_000,
            "",
            2025,
        ),
    ),
    set_asides=(SetAside("hpc", "burn-in", "점검", "운영"),),
)


def sheets(**changed: Rows) -> dict[str, Rows]:
    plain: dict[str, Rows] = {
        "companies": [COMPANY],
        "projects": [PROJECT],
        "tenancy": [TENANCY],
        "devices": [DEVICE],
        "awards": [AWARD],
        "set_aside": [ASIDE],
    }
    return plain | changed


def columns_of(sheet: str) -> Sequence[str]:
    (known,) = (one for one in SHEETS if one.name == sheet)
    return (*known.columns, *known.optional)


def write_csv(site: Path, rows_of: Mapping[str, Rows], encoding: str = "utf-8") -> Path:
    (site / "registry").mkdir(exist_ok=True)
    for sheet, rows in rows_of.items():
        path = site / "registry" / f"{sheet}.csv"
        with path.open("w", encoding=encoding, newline="") as out:
            writer = csv.DictWriter(out, columns_of(sheet), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return site


def write_workbook(site: Path, rows_of: Mapping[str, Rows]) -> Path:
    workbook = Workbook()
    del workbook["Sheet"]
    for sheet, rows in rows_of.items():
        worksheet = workbook.create_sheet(sheet)
        worksheet.append(list(columns_of(sheet)))
        for row in rows:
            worksheet.append([row.get(column) for column in columns_of(sheet)])
    (site / "registry").mkdir(exist_ok=True)
    workbook.save(site / "registry" / "registry.xlsx")
    return site


def mistakes_of(site: Path, names: SiteNames | None = None) -> list[str]:
    with pytest.raises(Mistakes) as raised:
        read_registry(site, SEOUL, names)
    return [str(mistake) for mistake in raised.value.mistakes]


def mistakes_in(site: Path, **changed: Rows) -> list[str]:
    return mistakes_of(write_csv(site, sheets(**changed)))


@pytest.mark.parametrize(
    ("text", "ok"),
    [
        ("124-81-00998", True),
        ("2208162517", True),
        ("123-45-67890", False),
        ("124-81-00997", False),
        ("124-81-0099", False),
        ("124-81-009988", False),
        ("124 81 00998", False),
        ("１２４-81-00998", False),
        ("000-00-00000", False),
        ("0000000000", False),
        ("000-00-00015", True),
        ("", False),
    ],
)
def test_a_business_number_checks_itself(text: str, ok: bool) -> None:
    assert business_number_ok(text) is ok


def test_a_business_number_is_written_in_one_way() -> None:
    assert written_business_number("2208162517") == "220-81-62517"
    with pytest.raises(ValueError, match="the last one checked"):
        written_business_number("1234567890")


def test_ten_zeros_keep_the_check_and_are_nobody_s(tmp_path: Path) -> None:
    (said,) = mistakes_in(tmp_path, companies=[COMPANY | {"business_number": "000-00-00000"}])
    where = "registry/companies.csv:2 business_number: '000-00-00000'"
    assert said == f"{where} is no business number: ten zeros are nobody's"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_the_sheets_of_csv_files_are_read_whole(tmp_path: Path, encoding: str) -> None:
    assert read_registry(write_csv(tmp_path, sheets(), encoding), SEOUL) == READ


def test_every_mistake_of_every_sheet_is_found_at_once(tmp_path: Path) -> None:
    mistakes = mistakes_in(
        tmp_path,
        companies=[
            COMPANY | {"business_number": "123-45-67890", "org_type": "firm"},
            OTHER | {"size": "", "youth": "yes", "founded_on": "2021.03.02"},
        ],
        projects=[PROJECT | {"company_id": "C-9", "ended_on": "2025-08-31"}],
        tenancy=[TENANCY | {"project_id": "P-9", "until": "2025-10-01"}],
        devices=[DEVICE | {"resource": "tpu", "power_limit_w": "0", "model": "H100"}],
        awards=[AWARD | {"cap_krw": "2,000,000", "quota_unit": ""}],
        set_aside=[ASIDE | {"reason": ""}],
    )
    assert mistakes == [
        ("registry/awards.csv:2 cap_krw: '2,000,000' is no whole number from 0 to"
        " 1000000000000000, digits only"),
        ("registry/companies.csv:2 business_number: '123-45-67890' is no business number: ten"
        " digits, the last one checked"),
        ("registry/companies.csv:2 org_type: 'firm' is none of association, institute, large, mid,"
        " public, sme, startup, university"),
        "registry/companies.csv:3 founded_on: '2021.03.02' is no date: write it like 2025-10-01",
        "registry/companies.csv:3 size: must not be empty",
        "registry/companies.csv:3 youth: 'yes' is none of N, Y",
        ("registry/devices.csv:2 model: 'H100' may have small letters, digits and . - inside only;"
        " what Slurm calls it is mapped by gres_models in site.toml"),
        ("registry/devices.csv:2 power_limit_w: '0' is no whole number from 1 to 100000, digits"
        " only"),
        "registry/devices.csv:2 resource: 'tpu' is none of gpu, npu",
        "registry/projects.csv:2 company_id: there is no company 'C-9'",
        "registry/projects.csv:2 ended_on: 2025-08-31 is before 2025-09-01",
        "registry/set_aside.csv:2 reason: must not be empty",
        "registry/tenancy.csv:2 project_id: there is no project 'P-9'",
        ("registry/tenancy.csv:2 until: 2025-10-01 is not after 2025-10-01; it is the first day"
        " without"),
    ]  # fmt: skip


def test_comments_and_blank_lines_keep_their_line_numbers(tmp_path: Path) -> None:
    site = write_csv(tmp_path, sheets())
    path = site / "registry" / "projects.csv"
    header = path.read_text(encoding="utf-8").splitlines()[0]
    row = 'P-1,C-9,"a, b",2025-09-01,'
    path.write_text(f"# 설명, 쉼표\n{header}\n\n# x\n,,,,\n{row}\n", encoding="utf-8")
    assert mistakes_of(site) == ["registry/projects.csv:6 company_id: there is no company 'C-9'"]


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("project_id,company_id,name,started_on\n", ["1: has no column ended_on"]),
        (
            "project_id,company_id,name,started_on,ended_on,won,name\n",
            ["1: has an unknown column 'won'", "1: has the column name twice"],
        ),
        (
            "project_id,company_id,name,started_on,ended_on\nP-1,C-1,a,b\n",
            ["2: has 4 cells under 5 columns"],
        ),
        (
            "project_id,company_id,name,started_on,ended_on\nP-1,C-1,a,2025-09-01,,x\n",
            ["2: has 6 cells under 5 columns"],
        ),
        (
            'project_id,company_id,name,started_on,ended_on\nP-1,C-1,"a"b,2025-09-01,\n',
            ["2: is no CSV: ',' expected after '\"'"],
        ),
        (
            'project_id,company_id,name,started_on,ended_on\nP-1,C-1,"a,2025-09-01,\n',
            ["2: is no CSV: unexpected end of data"],
        ),
        ("", [f"1: has no column {name}" for name in
              ("company_id", "ended_on", "name", "project_id", "started_on")]),
    ],
)  # fmt: skip
def test_a_file_that_is_no_sheet_is_refused_with_its_line(
    tmp_path: Path, text: str, messages: list[str]
) -> None:
    site = write_csv(tmp_path, sheets(tenancy=[], awards=[]))
    (site / "registry" / "projects.csv").write_text(text, encoding="utf-8")
    assert mistakes_of(site) == [f"registry/projects.csv:{message}" for message in messages]


def test_a_sheet_that_is_missing_or_unknown_is_a_mistake(tmp_path: Path) -> None:
    site = write_csv(tmp_path, sheets(tenancy=[], awards=[]))
    (site / "registry" / "awards.csv").rename(site / "registry" / "award.csv")
    (site / "registry" / "set_aside.csv").unlink()
    assert mistakes_of(site) == [
        (
            "registry/award.csv: is none of agreements.csv, awards.csv, companies.csv,"
            " devices.csv, outcomes.csv, plans.csv, projects.csv, set_aside.csv, tenancy.csv"
        ),
        "registry/awards.csv: is missing; a header alone will do if it has no rows",
    ]


def test_a_workbook_and_csv_files_do_not_stand_side_by_side(tmp_path: Path) -> None:
    write_workbook(tmp_path, sheets())
    mistakes = mistakes_of(write_csv(tmp_path, {"projects": [PROJECT]}))
    assert mistakes == [
        "registry/registry.xlsx: stands beside projects.csv; keep the workbook or the CSV files"
    ]


def test_a_directory_without_a_registry_is_a_mistake(tmp_path: Path) -> None:
    assert mistakes_of(tmp_path) == [
        "registry/: there is no registry: neither CSV files nor registry.xlsx"
    ]


def test_hangul_written_in_pieces_is_the_same_name(tmp_path: Path) -> None:
    pieces = "\u1112\u1161\u11ab\u1100\u1173\u11af"  # 한글, decomposed
    site = write_csv(tmp_path, sheets(projects=[PROJECT | {"name": pieces}]))
    assert read_registry(site, SEOUL).project("P-1").name == "한글"


def test_a_document_gives_the_same_registry_back() -> None:
    assert Registry.from_document(READ.to_document()) == READ


def test_the_digest_is_of_facts_not_of_their_order_or_shards(tmp_path: Path) -> None:
    two: Rows = [DEVICE, DEVICE | {"device_uid": "GPU-0"}]
    site = write_csv(tmp_path, sheets(devices=two))
    first = read_registry(site, SEOUL)
    second = read_registry(write_csv(tmp_path, sheets(devices=two[::-1])), SEOUL)
    assert first == second
    assert first.digest == second.sharded({("hpc", "GPU-0"): 3}).digest
    assert first.digest != READ.digest


def test_an_id_that_is_not_there_is_an_error() -> None:
    with pytest.raises(JeongsanError, match="no company 'C-9'"):
        READ.company("C-9")
    with pytest.raises(JeongsanError, match="no project 'P-9'"):
        READ.project("P-9")
