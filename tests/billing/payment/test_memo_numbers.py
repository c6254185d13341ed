"""Numbers that payers write, with borders on both sides, and the names that they are called by."""

from datetime import date

import pytest

from billing.payment.cash_application import OpenDocument, Unmatched, match
from billing.payment.company_names import CalledName, CompanyNames, spelled
from billing.payment.memo_numbers import has_doubtful_number, numbers_in, numbers_of
from tests.builders.payments import due, payment

FIRST, SECOND = "T2026-000001", "T2026-000002"
TWO_NAMES = (CalledName("C-1", "(주)하나"), CalledName("C-2", "둘 주식회사"))
DAY = date(2025, 12, 10)


@pytest.mark.parametrize(
    "name", ["(주)하나", "주식회사 하나", "㈜하나", "하나(주)", "하 나", "HANA", "hana", "ＨＡＮＡ"]
)
def test_a_name_is_one_however_its_form_is_written(name: str) -> None:
    assert spelled(name) in ("하나", "hana")


@pytest.mark.parametrize(
    ("payer", "companies"),
    [
        ("하나", {"A"}),
        ("하나 경리팀", {"A"}),
        ("둘테크", {"B"}),
        ("둘테크놀", {"B"}),
        ("나", set()),
        ("셋", set()),
    ],
)
def test_a_payer_resembles_the_companies_whose_name_stands_in_its(
    payer: str, companies: set[str]
) -> None:
    known = CompanyNames.of([CalledName("A", "(주)하나"), CalledName("B", "둘테크놀로지")], ())
    assert known.resembled(payer, DAY) == companies


def test_a_number_is_found_however_it_is_typed() -> None:
    text = "t2025-000001, T 2025 000002 S2025000003 T2025-000001 T2025-00004"
    assert numbers_in(text) == ["T2025-000001", "T2025-000002", "S2025-000003"]


@pytest.mark.parametrize(
    "text",
    [
        FIRST, f"대금{FIRST}번", f"({FIRST})", f"8월-{FIRST}", "T2026000001",
        "Ｔ２０２６－０００００１",
        f"{FIRST}.", f"{FIRST} 2026-08", f"{FIRST}/8월", f"no {FIRST}",
    ],
)  # fmt: skip
def test_a_number_with_borders_is_meant(text: str) -> None:
    assert numbers_in(text) == [FIRST]
    assert not has_doubtful_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "T2026-0000021", "LOT20260000063", "CT20261100000033", "T2026-000001A", "XT2026-000001",
        "1T2026-000001", "AB-T2026-000001", "T2026-000001-2", "T2026-000001~000003",
        "T2026-00001", "T2026-1", "T2026000001~T2026000003",
    ],
)  # fmt: skip
def test_a_number_within_another_is_no_number_and_looks_like_one(text: str) -> None:
    assert numbers_in(text) == []
    assert has_doubtful_number(text)


@pytest.mark.parametrize("text", ["", "8월분", "2026-000001", "KT2025-11", "T2026", "테스트 2026"])
def test_other_words_are_no_numbers(text: str) -> None:
    assert numbers_in(text) == []
    assert not has_doubtful_number(text)


def test_two_numbers_may_be_parted_by_anything_that_joins_no_number() -> None:
    for mark in ("/", ", ", " ", "및", "+", "\n"):
        assert numbers_in(f"{FIRST}{mark}{SECOND}") == [FIRST, SECOND]


def test_a_number_does_not_run_from_the_payer_into_the_memo() -> None:
    assert numbers_of(("현대 T", "2026-000001")) == []
    assert numbers_of((FIRST, f"{SECOND} {FIRST}")) == [FIRST, SECOND]


def person(krw: int, payer: str, memo: str, *dues: OpenDocument) -> Unmatched:
    """What is left to a person of a payment that nothing may be matched with."""
    money = payment("p", krw, payer, memo)
    uses, rest = match([(money, krw)], dues, TWO_NAMES, "김")
    assert uses == []
    [left] = rest
    assert (left.payment, left.left_krw) == (money, krw)
    return left


def test_a_number_inside_another_number_goes_to_a_person_though_the_sum_fits() -> None:
    """Case 29: T2026-0000021 paid T2026-000002, and LOT20260000063 T2026-000006."""
    own, other = due(FIRST, "C-1", 66_000), due(SECOND, "C-2", 500)
    assert person(66_000, "(주)하나", "청구서 T2026-0000021", own, other).companies == ("C-1",)
    assert person(500, "누군가", "LOT20260000022 부품", own, other).companies == ()


def test_a_number_of_another_company_than_the_payer_goes_to_a_person() -> None:
    own, other = due(FIRST, "C-1", 66_000), due(SECOND, "C-2", 132_000)
    for payer in ("(주)하나", "하나 경리", "주식회사 하나"):
        left = person(132_000, payer, f"{SECOND} 착오", own, other)
        assert "C-2" in left.companies
    both = person(198_000, "하나", f"{FIRST} {SECOND}", own, other)
    assert both.companies == ("C-1", "C-2")


def test_a_number_that_nothing_asks_for_goes_to_a_person_though_the_sum_fits() -> None:
    own = due(FIRST, "C-1", 66_000)
    assert person(66_000, "하나", "T2026-000099 9월", own).companies == ("C-1",)
    assert person(66_000, "하나", f"{FIRST} T2026-000099", own).companies == ("C-1",)


@pytest.mark.parametrize("payer", ["하나", "누구든지", "하나 경리", "하나 둘 주식회사"])
def test_a_number_of_the_payer_or_of_a_stranger_pays_its_document(payer: str) -> None:
    money = payment("p", 66_000, payer, FIRST)
    uses, rest = match(
        [(money, 66_000)], [due(FIRST, "C-1", 66_000)], [CalledName("C-2", "둘")], "김"
    )
    assert [(use.number, use.amount_krw, use.how) for use in uses] == [(FIRST, 66_000, "number")]
    assert rest == []


def test_a_document_that_is_taken_back_is_paid_by_no_number_and_no_sum() -> None:
    """Case 32, both ways of matching: the one of the same sum that is owed is paid."""
    back = OpenDocument("1", FIRST, "C-1", "(주)하나", *(due(FIRST, "C-1", 1).issued_on,) * 2,
                        132_000, 0, 132_000)  # fmt: skip
    owed = due(SECOND, "C-1", 132_000, 12)
    assert person(132_000, "하나", f"{FIRST} 8월", back, owed).companies == ("C-1",)
    money = payment("p", 132_000, "하나", "9월분")
    uses, rest = match([(money, 132_000)], [back, owed], (), "김")
    assert ([use.number for use in uses], rest) == ([SECOND], [])
