"""What an explanation says of a rule is said in Korean."""

import re
from datetime import date

import pytest

from billing.rulebook.programme import Programme
from billing.rulebook.rule_book import RuleBook, read_rulebook
from billing.rulebook.rule_value import RuleValue, price_value, programme_values
from reports.wording.explanation_words import KEYS, origin_text, value_text

DAYS = [date(year, month, 15) for year in range(2023, 2028) for month in (3, 9)]
HANGUL = re.compile("[가-힣]")


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return read_rulebook()


def applied(programme: Programme) -> list[str]:
    """As if every clause and every reduction had been applied."""
    marks = [clause.mark for clause in programme.basis.clauses]
    return [*marks, *(reduction.name for reduction in programme.reductions)]


def values(book: RuleBook) -> list[RuleValue]:
    values_applied = [
        value
        for programme in book.programmes
        for day in DAYS
        for value in programme_values(programme, day, applied(programme))
    ]
    prices = [
        price_value(price, day)
        for price in book.prices.values()
        for day in DAYS
        if price.krw.or_none(day) is not None
    ]
    return list(dict.fromkeys([*values_applied, *prices]))


def test_every_value_that_an_amount_follows_from_has_a_name_in_korean(book):
    keys = {re.split("[ #]", value.key)[0] for value in values(book)}
    assert keys <= set(KEYS)
    assert {"company_share", "krw_per_month", "reduction", "quota", "cap", "budget"} <= keys
    assert all(HANGUL.match(value_text(value)) for value in values(book))


def test_seats_are_not_told_since_no_amount_follows_from_them(book):
    seated = [programme for programme in book.programmes if programme.seats.number is not None]
    assert seated
    assert not [value for value in values(book) if "seats" in value.key]


def test_every_reason_is_one_that_a_company_can_read(book):
    origins = {value.origin for value in values(book)}
    texts = [origin.assumed or origin.title or origin.derived for origin in origins]
    assert texts
    assert [text for text in texts if not HANGUL.search(text)] == []


def test_a_clause_is_told_by_its_number(book):
    shares = [value for value in values(book) if value.key == "company_share#2"]
    assert value_text(shares[0]).startswith("기업 부담 비율 2번째 조항 0.30 (programmes/AIV-2026")


def test_a_budget_tells_who_says_so(book):
    budgets = [value for value in values(book) if value.key == "budget"]
    assert budgets
    assert all(origin_text(budget.origin) for budget in budgets)
