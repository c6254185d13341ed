"""The letters that documents can show are those of their typeface; others are told by place."""

import sys
import unicodedata
from pathlib import Path

import pytest

from metering.printed_letters import DROPPED, is_printed, spelled, unprinted
from metering.registry.records import RECALL
from metering.settings.site_toml import read_site
from reports.layout.fonts import BOLD, REGULAR, UNKNOWN, clean, face
from tests.metering.registry.test_registry import (
    ASIDE,
    AWARD,
    COMPANY,
    PROJECT,
    SEOUL,
    mistakes_in,
    read_registry,
    sheets,
    write_csv,
)
from tests.metering.settings.test_site_toml import HEAD, SLURM, mistakes_of, write

WRONG = "'圳' U+5733 cannot be printed in a document; write it in Hangul, or in plainer letters"
RECALLED = dict(zip(RECALL, ("2025-10-20", "low_use", "김정산", "기록"), strict=True))


@pytest.mark.breadth
@pytest.mark.parametrize("name", [REGULAR, BOLD])
def test_the_list_is_the_typeface_letter_by_letter(name: str) -> None:
    drawn = face(name).advances
    for code in range(sys.maxunicode + 1):
        letter = chr(code)
        if unicodedata.category(letter) not in (*DROPPED, "Cs", "Cn") and not letter.isspace():
            assert is_printed(letter) is (code in drawn), f"U+{code:04X}"


@pytest.mark.parametrize(
    "text",
    ["(주)똠방각하 뷁쀍", "深山", "A&B <연구소> \"정산\"", "＝HYPERLINK（１）", "Müller · Cº",
     unicodedata.normalize("NFD", "한글"), "하나\u202e둘\u3000셋", ""],
)  # fmt: skip
def test_what_a_document_shows_is_not_told(text: str) -> None:
    assert unprinted(text) is None
    assert UNKNOWN not in clean(text)
    assert spelled(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("text", "letters", "written"),
    [
        ("(주)深圳云计算", "'圳' U+5733, '计' U+8BA1", "(주)深[U+5733]云[U+8BA1]算"),
        ("🚀에이아이🚀", "'🚀' U+1F680", "[U+1F680]에이아이[U+1F680]"),
        ("Škoda", "'Š' U+0160", "[U+0160]koda"),
        ("a\ue000", "U+E000", "a[U+E000]"),
    ],
)
def test_every_letter_that_is_missing_is_named_once(text: str, letters: str, written: str) -> None:
    said = unprinted(text)
    assert said is not None
    assert said.startswith(f"{letters} cannot be printed in a document")
    assert UNKNOWN in clean(text)
    assert spelled(text) == written
    assert unprinted(written) is None


@pytest.mark.parametrize(
    ("sheet", "row", "column"),
    [
        *[("companies", COMPANY, column) for column in (
            "name", "representative", "address", "business_type", "business_item", "place",
        )],
        ("projects", PROJECT, "name"),
        *[("awards", AWARD | RECALLED | {"until": "2025-11-01"}, column) for column in (
            "agreement_number", "referrer", "recalled_by", "recall_note",
        )],
        *[("set_aside", ASIDE, column) for column in ("reason", "by")],
    ],
)  # fmt: skip
def test_each_column_that_stands_in_documents_is_told_with_its_row(
    tmp_path: Path, sheet: str, row: dict[str, str], column: str
) -> None:
    rows = [row | {column: f"{row.get(column, '')}圳"}]
    assert mistakes_in(tmp_path, **{sheet: rows}) == [f"registry/{sheet}.csv:2 {column}: {WRONG}"]


def test_an_account_has_the_name_that_its_source_gave_it(tmp_path: Path) -> None:
    site = write_csv(tmp_path, sheets(set_aside=[ASIDE | {"account": "云计算"}]))
    assert read_registry(site, SEOUL).set_asides[0].account == "云计算"


@pytest.mark.parametrize(
    "key",
    ["name", "representative", "address", "business_type", "business_item", "department",
     "contact", "bank_account"],
)  # fmt: skip
def test_who_issues_is_told_in_site_toml(tmp_path: Path, key: str) -> None:
    head, _, issuer = HEAD.partition("[issuer]")
    lines = [line for line in issuer.splitlines() if not line.startswith(f"{key} =")]
    text = f'{head}[issuer]\n{key} = "圳"' + "\n".join(lines) + SLURM
    number = head.count("\n") + 2
    assert mistakes_of(tmp_path, text) == [f"site.toml:{number}: issuer.{key}: {WRONG}"]


def test_titles_and_the_site_s_name_are_told_in_site_toml(tmp_path: Path) -> None:
    store = SLURM.replace("cluster.hpc", "store.nas").replace('"slurm"', '"table"')
    text = HEAD.replace("시험 센터", "圳") + (SLURM + store).replace("HPC", "圳")
    said = mistakes_of(tmp_path, text)
    assert {line.partition(": ")[2] for line in said if WRONG in line} == {
        f"site.name: {WRONG}", f"cluster.hpc.title: {WRONG}", f"store.nas.title: {WRONG}",
    }  # fmt: skip


def test_a_site_of_printed_letters_has_nothing_to_be_told(tmp_path: Path) -> None:
    assert read_site(write(tmp_path, HEAD + SLURM)).name == "시험 센터"
