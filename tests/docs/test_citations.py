"""Every METERING and SETTLEMENT that is cited has its anchor in the documentation."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.paths import ROOT

LAWS = ("METERING", "SETTLEMENT")
# a number, and those that follow it: METERING 9-11, SETTLEMENT 13, 14, 16 and 17; a line may break
GAP = r"(?:\s|#|--)+"
CITATION = re.compile(
    rf"\b(METERING|SETTLEMENT){GAP}"
    rf"(\d+a?(?:(?:,{GAP}(?:and{GAP})?|{GAP}(?:and|to){GAP}|-)\d+a?\b(?![.,]\d|%))*)"
)
PART = re.compile(r"(to|-)?\s*(\d+a?)")
SUFFIXES = {".py", ".sql", ".yaml", ".toml", ".md"}
FOLDERS = (
    "metering", "sql", "billing", "reports", "jeongsan", "dags", "example", "tests", "bench",
    "docs",
)  # fmt: skip


def cited(text: str) -> Iterator[tuple[str, str]]:
    """Every rule that a text cites, of ranges each one: (METERING, 9), (METERING, 10), ..."""
    for match in CITATION.finditer(text):
        before = 0
        for joint, number in PART.findall(re.sub(r"[#\n]|--|and|,", " ", match[2])):
            if joint:
                for between in range(before + 1, int(number.rstrip("a"))):
                    yield match[1], str(between)
            yield match[1], number
            before = int(number.rstrip("a"))


def anchors(law: str) -> set[str]:
    """The numbers that have a heading, whose anchor follows from it."""
    page = ROOT / "docs" / "reference" / f"{law.lower()}.md"
    return set(re.findall(rf"^### {law} (\d+a?)$", page.read_text(encoding="utf-8"), re.MULTILINE))


def sources() -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in SUFFIXES and path != Path(__file__):
                yield path
    yield from sorted(ROOT.glob("*.md"))


def test_every_citation_has_an_anchor() -> None:
    there = {law: anchors(law) for law in LAWS}
    citations = [
        (path.relative_to(ROOT).as_posix(), law, number)
        for path in sources()
        for law, number in cited(path.read_text(encoding="utf-8"))
    ]
    assert len(citations) > 150, "the citations are not found any more"
    assert {name.split("/")[0] for name, _, _ in citations} >= {
        "metering",
        "sql",
        "billing",
        "dags",
    }
    assert [one for one in citations if one[2] not in there[one[1]]] == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("(METERING 4).", ["4"]),
        ("# said by METERING\n    # 13): a note", ["13"]),
        ("-- held (METERING\n-- 13)", ["13"]),
        ("METERING 9-11", ["9", "10", "11"]),
        ("SETTLEMENT 21 to 25)", ["21", "22", "23", "24", "25"]),
        ("SETTLEMENT 13, 14, 16 and 17, each", ["13", "14", "16", "17"]),
        ("SETTLEMENT 18, 23);", ["18", "23"]),
        ("METERING 8a, No", ["8a"]),
        ("SETTLEMENT 19: 1,005 -> 1,014 owes 101", ["19"]),
        ("SETTLEMENT 4: 20 GB for half a day", ["4"]),
        ("METERING = Path()", []),
        ("what METERING says", []),
    ],
)
def test_a_citation_is_each_of_its_numbers(text: str, numbers: list[str]) -> None:
    assert [number for _, number in cited(text)] == numbers


def test_a_number_that_no_page_has_is_seen() -> None:
    """Both sides: the last rule of each page is there, the one after it is not."""
    for law in LAWS:
        last = max(int(number.rstrip("a")) for number in anchors(law))
        for text, missing in ((f"{law} {last}", False), (f"{law} {last - 1} to {last + 1}", True)):
            assert any(number not in anchors(law) for _, number in cited(text)) is missing


@pytest.mark.parametrize("law", LAWS)
def test_the_numbers_of_a_law_have_no_gap_and_no_double(law: str) -> None:
    page = ROOT / "docs" / "reference" / f"{law.lower()}.md"
    headings = re.findall(rf"^### {law} (\d+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    numbers = sorted(int(heading) for heading in headings)  # a rule stands where it belongs
    assert numbers == list(range(1, len(headings) + 1))


def test_what_is_not_built_yet_is_not_cited_by_the_code() -> None:
    """A rule that the code holds to stands above the heading; moving it there is part of it."""
    early = []
    for law in LAWS:
        page = (ROOT / "docs" / "reference" / f"{law.lower()}.md").read_text(encoding="utf-8")
        _, heading, rest = page.partition("## Decided, not yet built")
        later = set(re.findall(rf"^### {law} (\d+)$", rest, re.M))
        assert bool(heading) == bool(later), f"{law}: nothing stands under the heading; remove it"
        early += [
            (path.relative_to(ROOT).as_posix(), law, number)
            for path in sources()
            if path.suffix in (".py", ".sql") and "tests" not in path.parts
            for cited_law, number in cited(path.read_text(encoding="utf-8"))
            if cited_law == law and number in later
        ]
    assert early == []
