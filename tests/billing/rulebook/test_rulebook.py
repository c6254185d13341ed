"""The rule book: read strictly, all mistakes at once, each with its file and line."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from billing.paths import PACKAGED_RULES
from billing.rulebook.dated import Dated, NoValueError, Origin, Step
from billing.rulebook.rule_book import parse_rulebook, read_rulebook
from metering.errors import JeongsanError, Mistakes
from tests.builders.rules_and_usage import PF, TAX, WHY, price, programme
from tests.paths import BROKEN_RULES

BROKEN = sorted(BROKEN_RULES.glob("*.yaml"))
PLAIN = Origin(assumed="for the test")


def head(path: Path, word: str) -> list[str]:
    """What the comments of a broken file say: the file that it stands for, and its mistakes."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line[len(word) + 4 :] for line in lines if line.startswith(f"# {word}: ")]


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_file_is_refused_with_its_line(path: Path) -> None:
    [file] = head(path, "file")
    texts = {"tax.yaml": TAX, "pf.yaml": PF, file: path.read_text(encoding="utf-8")}
    with pytest.raises(Mistakes) as caught:
        parse_rulebook(texts)
    expected = sorted(f"{file}:{mistake}" for mistake in head(path, "mistake"))
    assert sorted(str(mistake) for mistake in caught.value.mistakes) == expected


def test_every_mistake_of_every_file_is_said_at_once() -> None:
    texts = {
        "tax.yaml": TAX,
        **{name: text.replace('"1"', "1") for name, text in price("gpu.h100", "1").items()},
        **{name: text.replace("order: 10", "") for name, text in programme("P1").items()},
    }
    with pytest.raises(Mistakes) as caught:
        parse_rulebook(texts)
    assert [str(mistake) for mistake in caught.value.mistakes] == [
        "pf.yaml:1: the file is missing",
        'prices/gpu.h100.yaml:6: write "1" in quotes, so that it stays exact',
        "programmes/P1.yaml:1: order is missing",
    ]


def test_the_packaged_programmes_are_the_ten_of_the_centre_in_their_order() -> None:
    assert [programme.programme for programme in read_rulebook().programmes] == [
        "AIDC-BASE", "AICA-2025R", "NPU-DEMO", "GPU10K", "NIPA-2023", "NIPA-2024", "NIPA-2025S",
        "AIV-2026", "CLV", "NONE",
    ]  # fmt: skip


@pytest.mark.parametrize("day", [date(2023, 9, 30), date(2023, 10, 1)])
def test_prices_hold_from_the_opening_of_the_centre(day: date) -> None:
    h100 = read_rulebook().prices["gpu.h100"]
    if day < date(2023, 10, 1):
        with pytest.raises(NoValueError, match=r"prices/gpu.h100.yaml price_krw: no value on 2023"):
            h100.on(day)
    else:
        assert h100.on(day) == 6000


@pytest.mark.parametrize(
    ("day", "share"),
    [
        (date(2025, 7, 31), None),
        (date(2025, 8, 1), Decimal("0.20")),
        (date(2025, 12, 31), Decimal("0.20")),
        (date(2026, 1, 1), None),
    ],
)
def test_the_regional_programme_holds_from_august_to_december(
    day: date, share: Decimal | None
) -> None:
    rule = read_rulebook().programme("AICA-2025R")
    assert rule is not None
    assert rule.basis.clauses[0].value.or_none(day) == share


def test_the_npu_programme_has_a_budget_for_each_span_of_years() -> None:
    rule = read_rulebook().programme("NPU-DEMO")
    assert rule is not None
    budgets = {f.name: [(b.years, b.krw) for b in f.budgets or ()] for f in rule.funding}
    assert budgets == {
        "national": [("2023-2024", 14_000_000_000), ("2025-2027", 40_000_000_000)],
        "city": [("2023-2024", 6_000_000_000)],
    }
    assert rule.funding[0].budget(date(2022, 12, 31)) is None
    assert rule.funding[0].budget(date(2028, 1, 1)) is None


def test_a_value_runs_until_the_next_and_null_ends_it() -> None:
    steps = (
        Step(date(2025, 1, 1), Fraction(1), PLAIN),
        Step(date(2025, 2, 1), Fraction(2), PLAIN),
        Step(date(2025, 3, 1), None, PLAIN),
    )
    value = Dated("file.yaml", "key", steps)
    days = [date(2025, 1, 1), date(2025, 1, 31), date(2025, 2, 1), date(2025, 2, 28)]
    assert [value.on(day) for day in days] == [1, 1, 2, 2]
    with pytest.raises(NoValueError, match=r"^file.yaml key: no value on 2024-12-31; add one"):
        value.on(date(2024, 12, 31))
    with pytest.raises(NoValueError, match=r"^file.yaml key: ended on 2025-03-01"):
        value.on(date(2025, 3, 1))
    assert (value.or_none(date(2024, 12, 31)), value.or_none(date(2025, 3, 1))) == (None, None)


def test_the_digest_is_of_the_meaning_not_of_the_layout() -> None:
    texts = {"tax.yaml": TAX, "pf.yaml": PF, **price("gpu.h100", "6000")}
    laid_out = {name: f"# a comment\n{text}\n" for name, text in texts.items()}
    changed = {**texts, **price("gpu.h100", "6001")}
    reasoned = {name: text.replace(WHY, "assumed: another reason") for name, text in texts.items()}
    digest = parse_rulebook(texts).digest
    assert parse_rulebook(laid_out).digest == digest
    assert parse_rulebook(changed).digest != digest
    assert parse_rulebook(reasoned).digest != digest


def test_a_rule_book_can_be_made_again_from_its_texts() -> None:
    rules = read_rulebook()
    assert parse_rulebook(rules.texts) == rules


def test_a_directory_of_rules_takes_the_place_of_the_packaged_ones(tmp_path: Path) -> None:
    texts = {"tax.yaml": TAX, "pf.yaml": PF, **price("gpu.h100", "1")}
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert read_rulebook(tmp_path) == parse_rulebook(texts)
    (tmp_path / "prices" / "bad.yaml").write_bytes(b"sku: \xff")
    with pytest.raises(Mistakes, match=r"prices/bad.yaml:1: not UTF-8"):
        read_rulebook(tmp_path)
    with pytest.raises(JeongsanError, match="no such directory"):
        read_rulebook(tmp_path / "none")


def test_the_packaged_rules_are_where_the_rule_book_looks() -> None:
    names = sorted(
        path.relative_to(PACKAGED_RULES).as_posix() for path in PACKAGED_RULES.rglob("*.yaml")
    )
    assert list(read_rulebook().texts) == names
