"""Corrections as plain values: causes, documents with their reasons and dates, chains and VAT."""

from dataclasses import replace
from datetime import date

import pytest

from billing.ledger.amendments import AmountDifference
from billing.records import Usage
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
    SECOND_US,
    TAX,
    award,
    book,
    caps,
    price,
    programme,
    registry,
    used,
)

OCT, NOV = "2025-10", "2025-11"
END = date(2025, 10, 31)
SECOND = HOUR_US // 6_000  # an hour costs 6,000: what one won buys is 0.6 seconds


def hours(project: str, count: int, day: str = f"{OCT}-05") -> Usage:
    return used(day, project, count * HOUR_US)


def won(project: str, krw: int, day: str = f"{OCT}-05") -> Usage:
    """Use of exactly so many won at 6,000 an hour."""
    return used(day, project, krw * HOUR_US // 6_000)


PLAIN = book()
HELD = registry()


def test_without_a_difference_nothing_is_made() -> None:
    before = truth(OCT, [hours("A-1", 1)], PLAIN, HELD)
    standing = issued(before)
    comparison = compared(standing, before)
    assert (comparison.differences, comparison.stages, comparison.claims) == ((), (), ())
    assert comparison.closings == (standing[0].closing,)


def test_late_usage_is_a_pair_dated_as_the_original() -> None:
    standing = issued(truth(OCT, [hours("A-1", 1), hours("B-1", 1)], PLAIN, HELD))
    late = truth(OCT, [hours("A-1", 1), hours("B-1", 1), hours("A-1", 2)], PLAIN, HELD)
    comparison = compared(standing, late)
    assert comparison.differences == (
        AmountDifference(OCT, "A", "taxable", "usage", 12_000, 0, 12_000, 1_200),
    )
    assert told(amended(chains_of(standing), comparison)) == [
        ("N-1", "negative", 1, f"{OCT}/A", END, -6_000, -600),
        ("N-2", "right", 1, f"{OCT}/A", END, 18_000, 1_800),
    ]


def test_a_back_dated_award_is_one_difference_dated_at_its_approval() -> None:
    rules = book(programme("P", "0.2"))
    standing = issued(truth(OCT, [hours("A-1", 10)], rules, HELD))
    known = truth(OCT, [hours("A-1", 10)], rules, registry([award("W", "P", "A")]))
    comparison = compared(standing, known)
    assert comparison.differences == (
        AmountDifference(OCT, "A", "taxable", "registry", 0, 48_000, -48_000, -4_800),
    )
    assert told(amended(chains_of(standing), comparison)) == [
        ("N-1", "difference", 2, f"{OCT}/A", DATED.on, -48_000, -4_800)
    ]
    assert [(c.programme, c.funding, c.difference_krw) for c in comparison.claims] == [
        ("P", "national", 48_000)
    ]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (
            "price",
            [
                ("N-1", "negative", 1, f"{OCT}/A", END, -6_000, -600),
                ("N-2", "right", 1, f"{OCT}/A", END, 5_000, 500),
            ],
        ),
        ("agreed_price", [("N-1", "difference", 2, f"{OCT}/A", DATED.on, -1_000, -100)]),
    ],
)
def test_a_price_that_was_typed_wrong_is_a_pair_and_one_agreed_anew_a_difference(
    kind: str, expected: list[object]
) -> None:
    standing = issued(truth(OCT, [hours("A-1", 1)], PLAIN, HELD))
    cheaper = truth(OCT, [hours("A-1", 1)], book(price("gpu.h100", "5000")), HELD)
    kinds = {"registry": "registry", "usage": "usage", "price": kind, "rule": "rule"}
    comparison = compared(standing, cheaper, kinds=kinds)  # type: ignore[arg-type]
    assert told(amended(chains_of(standing), comparison)) == expected


def test_a_wrong_company_gets_a_negative_and_the_right_one_a_new_document() -> None:
    standing = issued(truth(OCT, [hours("A-1", 1)], PLAIN, HELD))
    moved = compared(standing, truth(OCT, [hours("B-1", 1)], PLAIN, HELD))
    assert told(amended(chains_of(standing), moved)) == [
        ("N-1", "negative", 1, f"{OCT}/A", END, -6_000, -600),
        ("N-2", "new", None, None, END, 6_000, 600),
    ]


def test_what_was_issued_twice_is_taken_back_by_one_negative() -> None:
    standing = issued(truth(OCT, [hours("A-1", 1), hours("B-1", 1)], PLAIN, HELD))
    kinds = {"registry": "registry", "usage": "double_issue", "price": "price", "rule": "rule"}
    once = truth(OCT, [hours("A-1", 1)], PLAIN, HELD)
    comparison = compared(standing, once, kinds=kinds)  # type: ignore[arg-type]
    assert told(amended(chains_of(standing), comparison)) == [
        ("N-1", "negative", 6, f"{OCT}/B", END, -6_000, -600)
    ]


def test_a_contract_that_ended_is_one_negative_dated_at_its_approval() -> None:
    standing = issued(truth(OCT, [hours("A-1", 1)], PLAIN, HELD))
    kinds = {"registry": "registry", "usage": "double_issue", "price": "price", "rule": "rule"}
    stages = compared(standing, truth(OCT, [], PLAIN, HELD), kinds=kinds)  # type: ignore[arg-type]
    reason = PLAIN.amendments.reasons[4]
    ended = replace(stages, stages=tuple(replace(stage, reason=reason) for stage in stages.stages))
    assert told(amended(chains_of(standing), ended)) == [
        ("N-1", "negative", 4, f"{OCT}/A", DATED.on, -6_000, -600)
    ]


def test_no_cause_leads_to_what_does_not_occur_here() -> None:
    """Nothing is delivered that could come back (3), and nothing is exported (5)."""
    assert {*PLAIN.amendments.causes.values()} == {1, 2, 4, 6}


def test_a_party_that_was_printed_wrong_is_a_pair_without_a_change_of_amounts() -> None:
    before = truth(OCT, [hours("A-1", 1), hours("B-1", 1)], PLAIN, HELD)
    standing = issued(before)
    firms = tuple(replace(company, name=f"{company.name} 고침") for company in HELD.companies)
    now = replace(before, registry=replace(HELD, companies=firms))
    # a name may have changed since
    assert amended(chains_of(standing), compared(standing, now)) == ()
    comparison = compared(standing, now, printed=("A",))
    assert comparison.differences == ()
    documents = amended(chains_of(standing), comparison)
    assert told(documents) == [
        ("N-1", "negative", 1, f"{OCT}/A", END, -6_000, -600),
        ("N-2", "right", 1, f"{OCT}/A", END, 6_000, 600),
    ]
    assert [document.invoice.company.name for document in documents] == [
        "A 주식회사",
        "A 주식회사 고침",
    ]
    assert {document.causes for document in documents} == {("printed",)}
    stands = {
        invoice.company_id: invoice.company.name for invoice in comparison.closings[0].invoices
    }
    assert stands == {"A": "A 주식회사 고침", "B": "B 주식회사"}
    assert amended(chains_of(standing), compared(standing, before, printed=("A",))) == ()


def test_every_document_that_stands_is_corrected_of_a_party_that_it_names_wrongly() -> None:
    rules = book(programme("P", "0.2"))
    helped = registry([award("W", "P", "A")])
    before = truth(OCT, [hours("A-1", 10)], rules, HELD)
    standing, chains = issued(before), chains_of(issued(before))
    first = amended(chains, compared(standing, replace(before, registry=helped)))
    key = first[0].key
    chains[key] += [replace(document, invoice=give(document.invoice, "D-1")) for document in first]
    firms = tuple(replace(company, name="고침") for company in HELD.companies)
    again = issued(truth(OCT, [hours("A-1", 10)], rules, helped))
    named = replace(again[0].truth, registry=replace(helped, companies=firms))
    documents = amended(chains, compared(again, named, printed=("A",)))
    assert told(documents) == [
        ("N-1", "negative", 1, "D-1", DATED.on, 48_000, 4_800),
        ("N-2", "negative", 1, f"{OCT}/A", END, -60_000, -6_000),
        ("N-3", "right", 1, f"{OCT}/A", END, 12_000, 1_200),
    ]
    chains[key] += documents
    assert amended(chains, compared(again, named, printed=("A",))) == ()
    late = replace(named, usages=(*named.usages, hours("A-1", 1, f"{OCT}-20")))
    points = [document.amends for document in amended(chains, compared(again, late))]
    assert points == ["N-3", "N-3"]


def test_a_party_and_usage_that_were_wrong_are_corrected_by_one_pair() -> None:
    standing = issued(truth(OCT, [hours("A-1", 1)], PLAIN, HELD))
    firms = tuple(replace(company, name="고침") for company in HELD.companies)
    late = truth(OCT, [hours("A-1", 3)], PLAIN, replace(HELD, companies=firms))
    documents = amended(chains_of(standing), compared(standing, late, printed=("A",)))
    steps = [(amendment.step, amendment.causes, amendment.invoice) for amendment in documents]
    assert [(step, causes, invoice.company_krw) for step, causes, invoice in steps] == [
        ("negative", ("printed", "usage"), -6_000), ("right", ("printed", "usage"), 18_000),
    ]  # fmt: skip


def test_the_vat_of_a_correction_is_that_of_the_whole_less_what_was_issued() -> None:
    rules = book(programme("P", "0.5"))
    standing = issued(truth(OCT, [won("A-1", 1_014)], rules, HELD))
    helped = registry([award("W", "P", "A", cap_krw=9)])
    comparison = compared(standing, truth(OCT, [won("A-1", 1_014)], rules, helped))
    # 1,014 -> 1,005: 100 - 101 = -1, while a tenth of 9 won is no won at all
    assert told(amended(chains_of(standing), comparison)) == [
        ("N-1", "difference", 2, f"{OCT}/A", DATED.on, -9, -1)
    ]


def test_a_rate_of_vat_that_was_wrong_is_corrected_though_no_line_differs() -> None:
    standing = issued(truth(OCT, [hours("A-1", 1)], PLAIN, HELD))
    rate = {"tax.yaml": TAX.replace('"0.10"', '"0.11"')}
    comparison = compared(standing, truth(OCT, [hours("A-1", 1)], book(rate), HELD))
    assert told(amended(chains_of(standing), comparison)) == [
        ("N-1", "negative", 1, f"{OCT}/A", END, -6_000, -600),
        ("N-2", "right", 1, f"{OCT}/A", END, 6_000, 660),
    ]


def test_two_reasons_make_one_document_each_and_the_second_points_at_the_right_one() -> None:
    rules = book(programme("P", "0.2"))
    standing = issued(truth(OCT, [hours("A-1", 10)], rules, HELD))
    known = truth(OCT, [hours("A-1", 20)], rules, registry([award("W", "P", "A")]))
    comparison = compared(standing, known)
    # SETTLEMENT 24: the registry first, then usage; the documents go by their reasons
    assert comparison.differences == (
        AmountDifference(OCT, "A", "taxable", "registry", 0, 48_000, -48_000, -4_800),
        AmountDifference(OCT, "A", "taxable", "usage", 60_000, 48_000, 12_000, 1_200),
    )
    assert told(amended(chains_of(standing), comparison)) == [
        ("N-1", "negative", 1, f"{OCT}/A", END, -60_000, -6_000),
        ("N-2", "right", 1, f"{OCT}/A", END, 120_000, 12_000),
        ("N-3", "difference", 2, "N-2", DATED.on, -96_000, -9_600),
    ]


def test_a_statement_that_comes_to_owe_vat_is_taken_back_and_a_tax_invoice_made() -> None:
    rules = book(programme("P", "0"))
    standing = issued(truth(OCT, [hours("A-1", 1)], rules, registry([award("W", "P", "A")])))
    unhelped = truth(OCT, [hours("A-1", 1)], rules, HELD)
    documents = amended(chains_of(standing), compared(standing, unhelped))
    assert [
        (document.invoice.kind, *row)
        for document, row in zip(documents, told(documents), strict=True)
    ] == [
        ("tax", "N-1", "new", None, None, END, 6_000, 600),
        ("statement", "N-2", "difference", None, f"{OCT}/A", DATED.on, 0, 0),
    ]


def test_later_months_that_used_the_same_cap_are_rated_anew() -> None:
    rules = book(programme("P", "0", more=caps(award=100_000)))
    held = registry([award("W", "P", "A")])
    october, november = [won("A-1", 60_000)], [won("A-1", 60_000, f"{NOV}-05")]
    standing = issued(truth(OCT, october, rules, held), truth(NOV, november, rules, held))
    late = [*october, won("A-1", 30_000, f"{OCT}-20")]
    comparison = compared(
        standing, truth(OCT, late, rules, held), truth(NOV, november, rules, held)
    )
    assert comparison.differences == (
        AmountDifference(OCT, "A", "taxable", "usage", 30_000, 30_000, 0, 0),
        AmountDifference(NOV, "A", "taxable", "usage", 0, -30_000, 30_000, 3_000),
    )
    assert comparison.closings[1].balance.of("award", "W") == 100_000
    assert [(c.month, c.difference_krw) for c in comparison.claims] == [
        (OCT, 30_000),
        (NOV, -30_000),
    ]


def test_a_later_month_that_used_the_same_quota_is_rated_anew() -> None:
    rules = book(programme("P", "0"))
    held = registry([award("W", "P", "A", quota="20", quota_unit="device_hours")])
    october, november = [hours("A-1", 10)], [hours("A-1", 10, f"{NOV}-05")]
    standing = issued(truth(OCT, october, rules, held), truth(NOV, november, rules, held))
    late = [*october, hours("A-1", 4, f"{OCT}-20")]
    comparison = compared(
        standing, truth(OCT, late, rules, held), truth(NOV, november, rules, held)
    )
    assert comparison.differences == (
        AmountDifference(OCT, "A", "taxable", "usage", 24_000, 24_000, 0, 0),
        AmountDifference(NOV, "A", "taxable", "usage", 0, -24_000, 24_000, 2_400),
    )


def test_a_back_dated_rule_is_one_difference_dated_at_its_approval() -> None:
    held = registry([award("W", "P", "A")])
    before, now = book(programme("P", "0.2")), book(programme("P", "0.1"))
    standing = issued(truth(OCT, [hours("A-1", 10)], before, held))
    comparison = compared(standing, truth(OCT, [hours("A-1", 10)], now, held))
    assert comparison.differences == (
        AmountDifference(OCT, "A", "taxable", "rule", 0, 6_000, -6_000, -600),
    )
    assert told(amended(chains_of(standing), comparison)) == [
        ("N-1", "difference", 2, f"{OCT}/A", DATED.on, -6_000, -600)
    ]


def test_a_second_of_use_below_a_won_changes_no_document() -> None:
    standing = issued(truth(OCT, [hours("A-1", 1)], PLAIN, HELD))
    more = truth(OCT, [hours("A-1", 1), used(f"{OCT}-06", "A-1", SECOND_US // 2)], PLAIN, HELD)
    comparison = compared(standing, more)
    assert (comparison.differences, amended(chains_of(standing), comparison)) == ((), ())
