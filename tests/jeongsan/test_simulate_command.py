"""`jeongsan simulate` as it is run: the tables, the document, the example in its help, refusals."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from billing.paths import PACKAGED_RULES
from billing.rulebook.rule_book import read_rulebook
from tests.builders.explained_month import drafted_site, issue
from tests.builders.sites.command_line import MONTH, run
from tests.builders.sites.example_month import tree_bytes

PRICE = "prices/gpu.h100.yaml"


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose month is issued; nothing here changes it."""
    return issue(drafted_site(tmp_path_factory.mktemp("simulate") / "site"))


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the rules in force, to be changed."""
    return Path(shutil.copytree(PACKAGED_RULES, tmp_path / "rules"))


def edit(rules: Path, name: str, old: str, new: str) -> None:
    text = (rules / name).read_text(encoding="utf-8")
    assert old in text
    (rules / name).write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.breadth
def test_a_dearer_hour_is_shown_by_month_programme_and_company(
    issued: Path, rules: Path, tmp_path: Path
) -> None:
    edit(rules, PRICE, 'value: "6000"', 'value: "7000"')
    before = tree_bytes(issued, lambda path: path.suffix != ".csv")
    to = ("--to", str(tmp_path / "out"))
    said = run(issued, "simulate", MONTH, "--rules", str(rules), *to, "--json")
    assert said.code == 0, said.err
    document = said.document
    # 20 h of C-1, whose award pays at most 100,000; 1.5 h of C-2 in this cluster
    sides = {
        company["company_id"]: [
            (
                company[side]["charge_krw"],
                company[side]["support_krw"],
                company[side]["company_krw"],
            )
            for side in ("before", "after", "change")
        ]
        for company in document["companies"]
    }
    assert sides == {
        "C-1": [(120_000, 100_000, 20_000), (140_000, 100_000, 40_000), (20_000, 0, 20_000)],
        "C-2": [(9_000, 0, 9_000), (10_500, 0, 10_500), (1_500, 0, 1_500)],
    }
    assert [(row["month"], row["state"]) for row in document["months"]] == [(MONTH, "issued")]
    assert document["programmes"] == [
        {"programme": "AICA-2025R", "before_krw": 100_000, "after_krw": 100_000, "change_krw": 0}
    ]
    assert document["findings"] == []
    seen = run(issued, "simulate", MONTH, "--rules", str(rules), *to)
    rows = [line.split() for line in seen.out.splitlines() if line.startswith(("C-", MONTH))]
    assert rows[1:] == [
        [MONTH, "발행", "+21,500", "100,000", "100,000", "0", "29,000", "50,500", "+21,500"],
        ["C-1", "[red]빨강[/red]", ":dog:", "+20,000", "100,000", "100,000", "0", "20,000",
         "40,000", "+20,000"],
        ["C-2", "(주)둘째", "+1,500", "0", "0", "0", "9,000", "10,500", "+1,500"],
    ]  # fmt: skip
    assert "기업별: 2곳 가운데 2곳이 달라집니다" in seen.out
    assert sorted(document["written"]) == sorted(str(path) for path in (tmp_path / "out").iterdir())
    assert tree_bytes(issued, lambda path: path.suffix != ".csv") == before


def test_the_example_in_the_help_is_a_rule_that_holds_from_its_day(rules: Path) -> None:
    said = run(Path("."), "simulate", "--help").out
    lines = [line.strip(" │") for line in said.splitlines()]
    at = lines.index("2025-11-01:")
    block = "\n".join(["  2025-11-01:", *(f"    {line}" for line in lines[at + 1 : at + 3]), ""])
    name = "programmes/AIDC-BASE.yaml"
    assert name in re.sub(r"\s+", " ", said)
    edit(rules, name, "seats:\n", f"{block}seats:\n")
    [shares] = [rule for rule in read_rulebook(rules).programmes if rule.programme == "AIDC-BASE"]
    [clause] = shares.basis.clauses
    days = (date(2025, 10, 31), date(2025, 11, 1))
    assert [str(clause.value.on(day)) for day in days] == ["0", "0.20"]


@pytest.mark.parametrize(
    ("months", "edited", "code", "answer"),
    [
        ("2025-13", None, 2, "'2025-13'"),
        ("2025-11..2025-10", None, 2, "'2025-11..2025-10' ends before it begins"),
        ("2025-09..2025-10", None, 1, "2025-09 is before the first month of the site, 2025-10"),
        (MONTH, ('value: "6000"', "value: 6000.5"), 1, f'{PRICE}:10: write "6000.5" in quotes'),
        (MONTH, ('value: "6000"', "value: null"), 1, "findings would stop these months (1)"),
    ],
)
def test_what_cannot_be_simulated_is_refused_with_its_place(
    issued: Path, rules: Path, tmp_path: Path, months: str, edited: tuple[str, str] | None,
    code: int, answer: str,
) -> None:  # fmt: skip
    if edited:
        edit(rules, PRICE, *edited)
    said = run(issued, "simulate", months, "--rules", str(rules), "--to", str(tmp_path / "out"))
    assert (said.code, answer in " ".join(said.err.split())) == (code, True), said.err


def test_rules_that_are_not_there_are_refused_with_a_way_to_make_them(issued: Path) -> None:
    said = run(issued, "simulate", MONTH, "--rules", "nowhere")
    assert said.code == 1
    assert said.err == (
        "Error nowhere: no such directory; copy the rules in force and change the copy:"
        f" cp -r {PACKAGED_RULES} nowhere\n"
    )
