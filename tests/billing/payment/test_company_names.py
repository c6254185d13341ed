"""A company that was renamed is found by the names that it had; who bears one of them by now is not
taken for it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from billing.payment.cash_application import match
from billing.payment.company_names import AROUND_DAYS, CalledName, CompanyNames, called
from metering.registry.records import PrintedAs
from tests.builders.payments import due, payment
from tests.builders.rules_and_usage import company

CHANGED = date(2025, 6, 1)
OLD, NEW = CalledName("A", "(주)가나", None, CHANGED), CalledName("A", "다라", CHANGED)
HEIR = CalledName("B", "가나 주식회사", CHANGED)  # calls itself so from that day on


def bearers(day: date, *names: CalledName, payer: str = "가나(주)") -> tuple[str, ...]:
    return CompanyNames.of(names, ()).bearers(payer, day)


def test_every_dated_name_of_a_company_is_one_of_its_names() -> None:
    first = PrintedAs(date(2025, 2, 1), "1", "처음", "", "", "", "")
    rows = (first, replace(first, start=CHANGED, name="나중"))
    assert called([replace(company("A"), name="나중", printed=rows), company("B")]) == (
        CalledName("A", "처음", None, CHANGED),
        CalledName("A", "나중", CHANGED),
        CalledName("B", company("B").name),
    )


@pytest.mark.parametrize("days", [-400, -1, 0, 1, AROUND_DAYS, 400])
def test_a_renamed_company_is_found_by_either_name_on_any_day(days: int) -> None:
    """Nobody else bears the names, so that it can be nobody else."""
    day = CHANGED + timedelta(days)
    assert bearers(day, OLD, NEW) == ("A",)
    assert bearers(day, OLD, NEW, payer="다라") == ("A",)


@pytest.mark.parametrize(
    ("days", "either"),
    [
        (-AROUND_DAYS - 1, ("A",)),
        (-AROUND_DAYS, ("A", "B")),
        (-1, ("A", "B")),
        (0, ("A", "B")),
        (AROUND_DAYS - 1, ("A", "B")),
        (AROUND_DAYS, ("B",)),
    ],
)
def test_a_name_that_another_company_bears_by_now_is_for_a_person_around_the_change(
    days: int, either: tuple[str, ...]
) -> None:
    assert bearers(CHANGED + timedelta(days), OLD, NEW, HEIR) == either


def test_what_a_document_prints_is_a_name_where_the_registry_does_not_have_it() -> None:
    printed = CalledName("A", "가나")
    late = CHANGED + timedelta(400)
    assert CompanyNames.of([NEW, HEIR], [printed]).bearers("가나", late) == ("A", "B")
    assert CompanyNames.of([OLD, NEW, HEIR], [printed]).bearers("가나", late) == ("B",)


def test_money_is_matched_by_the_name_of_its_day_and_else_left_to_a_person() -> None:
    """Payments of 10 December: the name changed on the 1st, or more than a while before."""
    dues = [due("T2026-000001", "C-1", 100), due("T2026-000002", "C-2", 100)]

    def paid_for(changed: date, *others: CalledName) -> list[str | None]:
        names = (CalledName("C-1", "옛이름", None, changed), CalledName("C-1", "(주)하나", changed))
        money = payment("p", 100, "옛이름")
        uses, _ = match([(money, 100)], dues, (*names, *others), "김")
        return [use.number for use in uses]

    lately, long_ago = date(2025, 12, 1), date(2025, 9, 9)
    assert paid_for(lately) == ["T2026-000001"]
    assert paid_for(long_ago) == ["T2026-000001"]
    assert paid_for(lately, CalledName("C-2", "옛 이름", lately)) == []
    assert paid_for(long_ago, CalledName("C-2", "옛 이름", long_ago)) == ["T2026-000002"]
