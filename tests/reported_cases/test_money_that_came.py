"""Rows of the bank: known again with other columns, numbers inside numbers, and what was taken
back before anybody paid it (SETTLEMENT 28, 40)."""

from pathlib import Path
from typing import Any

import pytest

from tests.builders.sites.year_site import BY, WHY, Centre
from tests.reported_cases.conftest import JANUARY

HEAD = "거래일시,입금액,보낸분,적요"
PAID = (
    "2026-03-10 10:00:00,55000,가나전산,이체",
    "2026-03-11 10:00:00,13200,마바기술,이체",
)


def bank(centre: Centre, name: str, *rows: str, head: str = HEAD) -> Path:
    path = centre.site / name
    path.write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    return path


def pay(centre: Centre, *rows: str, head: str = HEAD, name: str = "bank.csv") -> Any:
    return centre.done("pay", str(bank(centre, name, *rows, head=head)), *BY, "--json").document


def open_of(centre: Centre) -> dict[str, int]:
    """What is open by number."""
    return {
        row["number"]: row["open_krw"] for row in centre.done("ageing", "--json").document["open"]
    }


def matched(document: Any) -> dict[str, int]:
    return {row["number"]: row["amount_krw"] for row in document["uses"]}


def test_a_list_without_balances_and_the_same_with_them_bring_each_row_once(
    centre: Centre,
) -> None:
    first = pay(centre, *PAID)
    assert matched(first) == {"T2026-000001": 55_000, "T2026-000004": 13_200}
    balanced = [f"{row},{1_000_000 + at}" for at, row in enumerate(PAID)]
    again = pay(centre, *balanced, head=f"{HEAD},잔액", name="bank2.csv")
    assert (again["payments"], again["known"], matched(again)) == (0, 2, {})
    other = f"{PAID[1].replace('11 10:00', '12 10:00')},1013201"  # the day after: other money
    more = pay(centre, *balanced, other, head=f"{HEAD},잔액", name="bank3.csv")
    assert (more["payments"], more["known"]) == (1, 2)


@pytest.mark.parametrize(
    ("krw", "payer", "memo", "paid"),
    [
        (55_000, "가나전산", "T2026-000001 1월분", {"T2026-000001": 55_000}),
        (55_000, "가나전산", "T2026-0000011 1월분", {}),  # a longer number, whatever the sum
        (6_600, "누군가", "LOT20260000021 부품", {}),
        (6_600, "누군가", "T2026-000002 대납", {"T2026-000002": 6_600}),  # a stranger may pay
        (6_600, "가나전산", "T2026-000002 착오", {}),  # but not another company in silence
        (6_600, "마바기술", "T2026-000099 1월", {}),
    ],
)
def test_a_number_counts_alone_and_of_its_own_company(
    centre: Centre, krw: int, payer: str, memo: str, paid: dict[str, int]
) -> None:
    document = pay(centre, f"2026-03-10 10:00:00,{krw},{payer},{memo}")
    assert (matched(document), len(document["unmatched"])) == (paid, 0 if paid else 1)


def taken_back(centre: Centre) -> None:
    """January's 6,600 of C are taken back by a pair, since two more hours came to light."""
    centre.tell(JANUARY, "9")
    digest = centre.done("adjust", "--json").document["digest"]
    centre.done("adjust", "--approve", "--digest", digest, *BY, *WHY)


@pytest.mark.breadth
def test_what_nobody_paid_is_not_refunded_once_it_is_taken_back(centre: Centre) -> None:
    taken_back(centre)
    said = centre.type("credit", "C", "--refund", *BY, *WHY)
    assert (said.code, "C is owed 0" in said.err) == (1, True), said.err
    assert open_of(centre) == {
        "T2026-000001": 55_000, "T2026-000003": 55_000, "T2026-000004": 13_200,
        "T2026-000006": 19_800,
    }  # fmt: skip


@pytest.mark.breadth
def test_what_was_paid_of_it_is_refunded_once(centre: Centre) -> None:
    pay(centre, "2026-03-10 10:00:00,6600,마바기술,1월분")
    taken_back(centre)
    refund = ("credit", "C", "--refund", *BY, *WHY)
    assert centre.type(*refund, "--amount", "6601").code == 1
    centre.done(*refund)
    assert centre.type(*refund).code == 1


@pytest.mark.breadth
def test_a_payment_of_its_sum_is_not_for_what_was_taken_back(centre: Centre) -> None:
    taken_back(centre)
    document = pay(centre, "2026-03-20 09:00:00,6600,마바기술,2월분 일부")
    assert (matched(document), len(document["unmatched"])) == ({}, 1)
    late = pay(centre, "2026-03-20 10:00:00,13200,마바기술,2월분", name="bank2.csv")
    assert matched(late) == {"T2026-000004": 13_200}
    assert "T2026-000002" not in open_of(centre)
