"""What each reason makes of a chain: whole negatives alone, right documents that multiply."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import pytest

from billing.ledger.amendments import Amendment, Key
from billing.records import InvoiceLine
from billing.rerating.difference_causes import Comparison
from billing.rerating.standing_month import Stood
from billing.rulebook.rule_book import parse_rulebook
from metering.errors import Mistakes
from tests.builders.corrections import (
    DATED,
    amended,
    chains_of,
    compared,
    give,
    issued,
    told,
    truth,
)
from tests.builders.rules_and_usage import (
    HOUR_US,
    award,
    book,
    price,
    programme,
    registry,
    used,
)
from tests.paths import ROOT

OCT = "2025-10"
END = date(2025, 10, 31)
FIRST = f"{OCT}/A"
PLAIN, RULES = book(), book(programme("P", "0.2"))
HELD, HELPED = registry(), registry([award("W", "P", "A")])
ENDED = {"registry": "contract_ended", "usage": "usage", "price": "price", "rule": "rule"}
TWICE = {"registry": "registry", "usage": "double_issue", "price": "price", "rule": "rule"}


def ten(count: int = 10) -> list[object]:
    return [used(f"{OCT}-05", "A-1", count * HOUR_US)]


def of_reason(code: int, comparison: Comparison) -> Comparison:
    reason = PLAIN.amendments.reasons[code]
    stages = tuple(replace(stage, reason=reason) for stage in comparison.stages)
    return replace(comparison, stages=stages)


def helped_later() -> tuple[tuple[Stood, ...], dict[Key, list[Amendment]]]:
    """60,000 issued, then support of 48,000 by a difference D-1: the month as it stands, and its
    chain of two documents."""
    first = issued(truth(OCT, ten(), RULES, HELD))  # type: ignore[arg-type]
    chains = chains_of(first)
    known = truth(OCT, ten(), RULES, HELPED)  # type: ignore[arg-type]
    (document,) = amended(chains, compared(first, known))
    chains[document.key].append(replace(document, invoice=give(document.invoice, "D-1")))
    return issued(known), chains


def multiplies(line: InvoiceLine) -> bool:
    """Quantity x price is the amount of a line that has one price by the hour."""
    (krw,) = line.prices_krw
    return int(line.quantity * krw / HOUR_US) == line.charge_krw > 0


def sums(chain: Sequence[Amendment]) -> tuple[int, int]:
    invoices = [document.invoice for document in chain]
    return sum(i.company_krw for i in invoices), sum(i.vat_krw for i in invoices)


@pytest.mark.parametrize("code", range(1, 7))
def test_where_something_is_left_no_reason_makes_a_whole_negative_alone(code: int) -> None:
    """Two thirds of the use go: 1 and 5 are a pair, 2 and 3 one difference. 4 is 2 then, as the
    contract ended midway, and 6 is 1 (SETTLEMENT 32)."""
    standing = issued(truth(OCT, ten(3), PLAIN, HELD))  # type: ignore[arg-type]
    less = compared(standing, truth(OCT, ten(1), PLAIN, HELD))  # type: ignore[arg-type]
    pair = [(END, "negative", -18_000, -1_800), (END, "right", 6_000, 600)]
    one = [(DATED.on, "difference", -12_000, -1_200)]
    become, expected = {
        1: (1, pair), 2: (2, one), 3: (3, one), 4: (2, one), 5: (5, pair), 6: (1, pair),
    }[code]  # fmt: skip
    documents = told(amended(chains_of(standing), of_reason(code, less)))
    assert [document[2:4] for document in documents] == [(become, FIRST)] * len(expected)
    assert [(d[4], d[1], d[5], d[6]) for d in documents] == expected


@pytest.mark.parametrize(("code", "day"), [(1, END), (4, DATED.on), (6, END)])
def test_where_nothing_is_left_every_document_of_a_chain_is_taken_back_by_its_number(
    code: int, day: date
) -> None:
    """The newest first; 1 and 6 are dated as what they take back, 4 at its approval."""
    standing, chains = helped_later()
    none = compared(standing, truth(OCT, [], RULES, HELPED))
    documents = amended(chains, of_reason(code, none))
    on = DATED.on if code == 4 else day
    assert told(documents) == [
        ("N-1", "negative", code, "D-1", DATED.on, 48_000, 4_800),
        ("N-2", "negative", code, FIRST, on, -60_000, -6_000),
    ]
    assert sums([*chains["A", "taxable", OCT], *documents]) == (0, 0)


def test_what_is_right_after_a_whole_negative_is_an_ordinary_new_document() -> None:
    standing = issued(truth(OCT, ten(), PLAIN, HELD))  # type: ignore[arg-type]
    chains = chains_of(standing)
    nothing = truth(OCT, [], PLAIN, HELD)
    taken = amended(chains, compared(standing, nothing, kinds=TWICE))  # type: ignore[arg-type]
    assert [document[1:3] for document in told(taken)] == [("negative", 6)]
    chains["A", "taxable", OCT] += taken
    again = amended(chains, compared(issued(nothing), standing[0].truth))
    assert told(again) == [("N-1", "new", None, None, END, 60_000, 6_000)]


def test_a_contract_that_ended_midway_is_a_difference() -> None:
    """Its award ends on the 15th: what was supplied under it before stays as it is."""
    rows = [*ten(), used(f"{OCT}-20", "A-1", HOUR_US)]
    standing = issued(truth(OCT, rows, RULES, HELPED))  # type: ignore[arg-type]
    until = registry([award("W", "P", "A", until=date(2025, 10, 15))])
    now = truth(OCT, rows, RULES, until)  # type: ignore[arg-type]
    ended = compared(standing, now, kinds=ENDED)  # type: ignore[arg-type]
    assert told(amended(chains_of(standing), ended)) == [
        ("N-1", "difference", 2, FIRST, DATED.on, 4_800, 480)
    ]


def test_a_supply_that_turns_out_to_be_exempt_takes_its_tax_invoice_back_by_reason_6() -> None:
    standing = issued(truth(OCT, ten(), PLAIN, HELD))  # type: ignore[arg-type]
    exempt = book(price("gpu.h100", "6000", tax="exempt"))
    now = truth(OCT, ten(), exempt, HELD)  # type: ignore[arg-type]
    documents = amended(chains_of(standing), compared(standing, now))
    assert [
        (d.invoice.tax_class, *row[1:]) for d, row in zip(documents, told(documents), strict=True)
    ] == [
        ("exempt", "new", None, None, END, 60_000, 0),
        ("taxable", "negative", 6, FIRST, END, -60_000, -6_000),
    ]


def test_a_1_after_a_2_takes_back_the_2_as_well_and_its_right_document_multiplies() -> None:
    standing, chains = helped_later()
    late = truth(OCT, ten(11), RULES, HELPED)  # type: ignore[arg-type]
    documents = amended(chains, compared(standing, late))
    assert told(documents) == [
        ("N-1", "negative", 1, "D-1", DATED.on, 48_000, 4_800),
        ("N-2", "negative", 1, FIRST, END, -60_000, -6_000),
        ("N-3", "right", 1, FIRST, END, 13_200, 1_320),
    ]
    right = documents[-1].invoice
    assert all(multiplies(line) for line in right.lines)
    assert right.lines == compared(standing, late).closings[0].invoices[0].lines
    assert sums([*chains["A", "taxable", OCT], *documents]) == (13_200, 1_320)


def test_the_next_correction_is_built_on_the_newest_whole_document() -> None:
    standing, chains = helped_later()
    late = truth(OCT, ten(11), RULES, HELPED)  # type: ignore[arg-type]
    for document in amended(chains, compared(standing, late)):
        chains[document.key].append(document)
    later = truth(OCT, ten(12), RULES, HELPED)  # type: ignore[arg-type]
    again = amended(chains, compared(issued(late), later))
    assert told(again) == [
        ("N-1", "negative", 1, "N-3", END, -13_200, -1_320),
        ("N-2", "right", 1, "N-3", END, 14_400, 1_440),
    ]


def test_a_chain_of_an_earlier_version_ends_in_one_document_that_multiplies() -> None:
    """Before, a 1 after a 2 left the 2: a right document of 61,200 beside -48,000."""
    standing, chains = helped_later()
    key: Key = ("A", "taxable", OCT)
    late = truth(OCT, ten(11), RULES, HELPED)  # type: ignore[arg-type]
    for document in amended(chains, compared(standing, late))[1:]:
        krw = {"negative": -60_000, "right": 61_200}[document.step]
        amounts = {"company_krw": krw, "vat_krw": krw // 10, "payable_krw": krw + krw // 10}
        line = replace(document.invoice.lines[0], company_krw=krw, taxable_krw=krw)
        old = replace(document.invoice, lines=(line,), taxable_krw=krw, **amounts)  # type: ignore[arg-type]
        chains[key].append(replace(document, invoice=old))
    later = truth(OCT, ten(12), RULES, HELPED)  # type: ignore[arg-type]
    again = amended(chains, compared(issued(late), later))
    assert [document[:4] for document in told(again)] == [
        ("N-1", "negative", 1, "N-3"), ("N-2", "negative", 1, "D-1"), ("N-3", "right", 1, "N-3"),
    ]  # fmt: skip
    assert sums([*chains[key], *again]) == (14_400, 1_440)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("partly: {value: 2,", "partly: {value: 6,", "reason 6 leaves nothing either"),
        ("partly: {value: 1,", "partly: {value: 7,", "7 is none of the reasons 1 to 6"),
    ],
)
def test_what_stands_in_for_a_whole_negative_leaves_something(
    before: str, after: str, message: str
) -> None:
    text = (ROOT / "billing/rules/amendments.yaml").read_text(encoding="utf-8")
    assert before in text
    with pytest.raises(Mistakes, match=message):
        parse_rulebook(_with(text.replace(before, after)))


def test_rules_of_before_say_no_partly_and_mean_the_same() -> None:
    text = (ROOT / "billing/rules/amendments.yaml").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if "partly:" not in line]
    assert len(kept) == len(text.splitlines()) - 2
    assert parse_rulebook(_with("\n".join(kept))).amendments == PLAIN.amendments


def _with(amendments: str) -> Mapping[str, str]:
    return {**PLAIN.texts, "amendments.yaml": amendments}
