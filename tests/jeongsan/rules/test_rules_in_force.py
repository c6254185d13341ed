"""What is in force on a day: prices and programmes, each with its first day and who says so."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from billing.rulebook.rule_book import read_rulebook
from tests.builders.sites.command_line import run, with_own_rules, write_site

CHANGING = """
  2026-01-01:
    value: "6500.50"
    announced: 2025-12-01
    reference: {title: "요금표 2026-1", href: "https://example.org/prices"}
  2027-01-01:
    value: null
    assumed: "새 요금표가 나올 때까지"
"""


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with rules of its own, in which the price of an H100 changes and ends."""
    site = write_site(tmp_path_factory.mktemp("rules") / "site")
    path = with_own_rules(site) / "prices" / "gpu.h100.yaml"
    path.write_text(path.read_text(encoding="utf-8").rstrip() + CHANGING, encoding="utf-8")
    return site


def price_of(site: Path, day: str) -> Any:
    said = run(site, "prices", day, "--json")
    assert (said.code, said.err) == (0, "")
    [price] = [row for row in said.document["prices"] if row["sku"] == "gpu.h100"]
    return price["krw"]


def row_of(site: Path, day: str) -> list[str]:
    """The row of the H100 in the table that a person sees, cell by cell."""
    said = run(site, "prices", day)
    assert said.code == 0
    [line] = [line for line in said.out.splitlines() if line.startswith("gpu.h100  ")][:1]
    return line.split()


@pytest.mark.parametrize(
    ("day", "value", "start", "assumed"),
    [
        ("2023-10-01", "6000", "2023-10-01", True),
        ("2025-12-31", "6000", "2023-10-01", True),
        ("2026-01-01", "6500.50", "2026-01-01", False),
        ("2026-12-31", "6500.50", "2026-01-01", False),
    ],
)
def test_a_price_is_the_one_of_its_day_with_who_says_so(
    changing: Path, day: str, value: str, start: str, assumed: bool
) -> None:
    price = price_of(changing, day)
    assert (price["value"], price["start"]) == (value, start)
    if assumed:
        assert price["assumed"].startswith("센터의 공개 정가가 없음")
        assert price["reference"] is price["href"] is price["announced"] is None
    else:
        assert (price["reference"], price["assumed"]) == ("요금표 2026-1", None)
        assert (price["href"], price["announced"]) == ("https://example.org/prices", "2025-12-01")


@pytest.mark.parametrize(
    ("day", "why", "said"),
    [
        ("2023-09-30", "no value on 2023-09-30", "값이 2023-10-01부터 있음"),
        ("2027-01-01", "ended on 2027-01-01", "값이 2026-12-31까지만 있음"),
    ],
)
def test_a_price_that_there_is_not_is_unknown_and_never_0(
    changing: Path, day: str, why: str, said: str
) -> None:
    price = price_of(changing, day)
    assert (price["value"], why in price["unknown"]) == (None, True)
    row = row_of(changing, day)
    assert row[4:7] == ["모름", "장·시간", "-"]
    assert said in run(changing, "prices", day).out


def test_a_person_reads_amount_unit_first_day_and_source(changing: Path) -> None:
    assert row_of(changing, "2025-12-31")[4:8] == ["6,000", "장·시간", "2023-10-01", "가정"]
    assert row_of(changing, "2026-01-01")[4:8] == ["6,500.5", "장·시간", "2026-01-01", "출처"]
    said = run(changing, "prices", "2026-01-01").out
    assert "요금표 2026-1 · 공고 2025-12-01" in said
    assert "https://example.org/prices" in said
    assert "2026-01-01에 시행 중인 규칙" in said
    assert str(changing / "rules") in said


def test_what_many_prices_rest_on_is_written_once(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    said = run(Path("."), "prices", "2026-01-01").out
    assert said.count("분할 GPU의 공개 정가가 없음") == 1
    assert said.count("번과 같음 · 유도:") == 23


def test_the_market_price_has_its_day_and_source_too(changing: Path) -> None:
    market = {
        row["sku"]: row["krw"] for row in run(changing, "prices", "--json").document["market"]
    }
    assert (market["gpu.h200"]["value"], market["gpu.h200"]["start"]) == ("7000", "2023-10-01")
    assert market["gpu.h200"]["assumed"]


def programme_of(site: Path, day: str, name: str) -> Any:
    said = run(site, "programmes", day, "--programme", name, "--json")
    assert (said.code, said.err) == (0, "")
    [programme] = said.document["programmes"]
    return programme


def test_a_programme_shows_each_value_with_its_first_day_and_source(changing: Path) -> None:
    programme = programme_of(changing, "2025-10-01", "AICA-2025R")
    values = {value["key"]: value for value in programme["values"]}
    assert programme["in_force"]
    assert list(values) == [
        "company_share", "reduction gwangju_or_youth", "quota gb", "funding national", "budget",
        "vat_base", "seats",
    ]  # fmt: skip
    assert (values["company_share"]["value"], values["company_share"]["start"]) == (
        "0.20", "2025-08-01",
    )  # fmt: skip
    assert values["company_share"]["assumed"].startswith("기본 부담 비율이 출처에 없음")
    assert values["seats"]["reference"].endswith("50여 개 기관")
    assert (values["budget"]["value"], values["budget"]["part"]) == ("9600000000", "국비 2025")
    said = run(changing, "programmes", "2025-10-01", "--programme", "AICA-2025R").out
    rows = [line.split() for line in said.splitlines()]
    assert ["기업", "부담", "비율", "20", "%", "2025-08-01", "가정", "1"] in rows
    assert ["사용량", "한도", "10,000", "GB", "2025-08-01", "출처", "3"] in rows
    assert ["한때의", "협약", "수", "50", "2025-08-01", "출처", "7"] in rows


@pytest.mark.parametrize(
    ("day", "in_force", "words"),
    [
        ("2025-07-31", False, "2025-08-01부터"),
        ("2025-08-01", True, "시행 중"),
        ("2025-12-31", True, "시행 중"),
        ("2026-01-01", False, "2025-12-31까지"),
    ],
)
def test_a_programme_out_of_force_says_since_or_until_when(
    changing: Path, day: str, in_force: bool, words: str
) -> None:
    programme = programme_of(changing, day, "AICA-2025R")
    assert (programme["in_force"], bool(programme["values"])) == (in_force, in_force)
    said = run(changing, "programmes", day, "--programme", "AICA-2025R").out
    [line] = [line for line in said.splitlines() if line.startswith("AICA-2025R  ")][:1]
    assert line.rstrip().endswith(words)
    assert ("근거" in said) == in_force


def test_for_whom_a_value_is_stands_beside_it(changing: Path) -> None:
    fees = programme_of(changing, "2024-06-01", "NIPA-2024")["values"][:3]
    assert [(fee["size"], fee["for"]) for fee in fees] == [
        ("0.02", [{"fact": "org_type", "values": ["university", "institute", "public"]}]),
        ("0.02", [{"fact": "youth", "values": ["yes"]}]),
        ("0.02", []),
    ]
    said = run(changing, "programmes", "2024-06-01", "--programme", "NIPA-2024").out
    assert "월 정액 0.02 PF마다: 대학, 연구소, 공공기관  " in said
    assert "월 정액 0.02 PF마다: 그 밖의 기업  " in said


def test_the_programmes_stand_in_the_order_in_which_they_are_applied(changing: Path) -> None:
    said = run(changing, "programmes", "2026-04-01", "--json").document
    assert [row["programme"] for row in said["programmes"]] == [
        programme.programme for programme in read_rulebook().programmes
    ]


@pytest.mark.parametrize("day", ["2024-01-01", "2025-10-01", "2026-04-01"])
def test_every_packaged_programme_can_be_read_by_a_person(day: str, changing: Path) -> None:
    said = run(changing, "programmes", day).out
    for programme in read_rulebook().programmes:
        assert programme.programme in said
        if programme.in_force(date.fromisoformat(day)):
            assert f"  파일  {programme.file} ({programme.checked_on}에 공고와 대조)" in said


@pytest.mark.parametrize("command", ["programmes", "prices"])
def test_a_day_is_written_in_full(command: str, changing: Path) -> None:
    for wrong in ("2026-01", "yesterday", "2026-02-30", "1. 1. 2026"):
        said = run(changing, command, wrong)
        assert (said.code, said.out) == (2, "")
        assert "Error" in said.err
    said = run(changing, command, "2026-13-01", "--json")
    assert said.code == 2
    assert "'2026-13-01' is no date: write it like 2025-10-01" in said.document["error"]


def test_an_unknown_programme_is_answered_with_those_there_are(changing: Path) -> None:
    said = run(changing, "programmes", "--programme", "AICA-2026")
    assert (said.code, said.out) == (1, "")
    assert "'AICA-2026'; they have AIDC-BASE, AICA-2025R, " in said.err


@pytest.mark.parametrize("command", ["programmes", "prices"])
def test_without_a_site_the_packaged_rules_are_meant_and_a_named_one_must_be_there(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = run(Path("."), command, "--json")
    assert said.code == 0
    assert (said.document["rules"], said.document["rules_digest"]) == (None, read_rulebook().digest)
    missing = run(tmp_path / "nowhere", command)
    assert (missing.code, "leave --site out" in missing.err) == (1, True)
    assert list(tmp_path.iterdir()) == []
