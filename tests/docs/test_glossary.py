"""Every title that a person reads stands in the glossary."""

import ast
import re
from functools import cache

import pytest

from reports.wording.finding_titles import FINDING_TITLES
from tests.docs.titles import PrintedTitle, printed_titles, titles_of
from tests.paths import ROOT


@cache
def printed() -> list[PrintedTitle]:
    return printed_titles(ROOT, ("reports", "jeongsan", "example"))


def glossary() -> list[tuple[str, ...]]:
    """The rows of the glossary: term, Korean, meaning, where."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = [
        tuple(part.strip() for part in line.strip("| ").split(" | ")) for line in text.splitlines()
    ]
    return [row for row in rows if len(row) == 4 and row[1] != "Korean"]


def korean() -> set[str]:
    return {word.strip() for row in glossary() for word in row[1].split(";")}


def test_every_title_stands_in_the_glossary() -> None:
    known = korean()
    assert {
        f"{title.term} ({title.place})" for title in printed() if title.term not in known
    } == set()


def test_the_titles_are_collected_from_every_kind_of_place() -> None:
    """One of each: a table, a chapter, a sheet, a document, a box, an account, a query, a loop."""
    terms = {title.term for title in printed()}
    assert {
        "월 마감", "재원별 집행", "일별 사용", "청구서 겸 거래명세서", "정산보고서", "이용 내역",
        "가수금", "하루 사용량", "공급자", "유휴 할당", "기업별", "수정 거래명세서",
    } <= terms  # fmt: skip
    assert len(terms) > 150


def test_every_finding_has_a_line_with_its_key() -> None:
    lines = {row[0].strip("`"): row[1] for row in glossary() if row[0].startswith("`")}
    assert {key: lines.get(key) for key in FINDING_TITLES} == dict(FINDING_TITLES)


def test_every_place_of_the_glossary_is_there() -> None:
    places = [place for row in glossary() for place in re.findall(r"`([^`]+)`", row[3])]
    assert [place for place in places if not (ROOT / place).exists()] == []


@pytest.mark.parametrize(
    ("body", "terms"),
    [
        ('s.table("x", f"협약 {n:,}건", (), ())', ["협약"]),
        ('title = f"{n} 범위 (단위: 원)"; s.table("x", title)', ["범위"]),
        ('s.table("x", title="새 표" if n else "옛 표")', ["새 표", "옛 표"]),
        ('[s.table("x", t) for t, rows in (("하나", 1), ("둘", 2))]', ["둘", "하나"]),
        ('s.say("제목이 아님")', []),
    ],
)
def test_a_title_is_read_out_of_the_source(body: str, terms: list[str]) -> None:
    taker = "class Screen:\n    def table(self, name, title, columns=(), rows=()):\n        pass\n"
    source = f"{taker}\ndef show(s, n):\n    {body}\n"
    printed = titles_of({"module.py": ast.parse(source)})
    assert sorted(title.term for title in printed) == terms


def test_a_constant_of_titles_is_read() -> None:
    printed = titles_of({"module.py": ast.parse('ACCOUNT_TITLES = {"a": "계정(원)"}')})
    assert [title.term for title in printed] == ["계정"]


def test_a_term_is_without_units_counts_and_numbers() -> None:
    assert PrintedTitle("Ⅱ. 자원별 이용률", "").term == "자원별 이용률"
    assert PrintedTitle("… 미수금 연령표 (단위: 원)", "").term == "미수금 연령표"
