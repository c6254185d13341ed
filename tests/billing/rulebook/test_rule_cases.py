"""The packaged rules against cases that a programme officer reads, on both sides of each date."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from itertools import product
from typing import Any, get_args

import pytest
import yaml

from billing.rulebook.dated import Dated
from billing.rulebook.programme import FlatFee, Programme
from billing.rulebook.rule_book import RuleBook
from billing.subsidy.eligibility import first_met, meets, offered
from metering.calendar import month_first_day, month_of, next_month, years_after
from metering.registry.records import OrgType, Size
from metering.registry.registry import Company
from tests.builders.rule_cases import (
    FOLDER,
    Case,
    low_use_outcome,
    outcome,
    packaged,
    price_outcome,
    read_cases,
    read_rows,
    recall_outcome,
    tax_outcome,
)
from tests.builders.rules_and_usage import award, company

PROGRAMMES = [programme.programme for programme in packaged().programmes]
CASES = [case for name in PROGRAMMES for case in read_cases(name)]


def test_every_programme_and_table_has_its_cases_and_no_others_are_there() -> None:
    tables = ["prices", "pf", "market", "swap", "tax", "utilisation", "recall"]
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(PROGRAMMES + tables)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.place)
def test_a_programme_pays_what_its_case_says(case: Case) -> None:
    assert outcome(packaged(), case) == case.expected


def test_every_price_is_what_its_case_says() -> None:
    rows = read_rows("prices")
    outcomes = [
        [*row[:4], *price_outcome(packaged(), row[0], date.fromisoformat(row[1]), int(row[2]))]
        for row in rows
    ]
    assert outcomes == rows
    assert {(row[0], row[3]) for row in rows} == {
        (sku, price.unit) for sku, price in packaged().prices.items()
    }


@pytest.mark.parametrize("name", ["pf", "market", "swap"])
def test_every_pf_and_market_price_is_what_its_case_says(name: str) -> None:
    values = {
        "pf": packaged().pf, "market": packaged().market, "swap": packaged().swap["nipa"],
    }[name]  # fmt: skip
    rows = read_rows(name)
    outcomes = [(sku, day, values[sku].or_none(date.fromisoformat(day))) for sku, day, _ in rows]
    assert [[sku, day, str(value or "-")] for sku, day, value in outcomes] == rows
    assert {row[0] for row in rows} == set(values)


def test_tax_is_what_its_case_says() -> None:
    for day, taxable, *expected in read_rows("tax"):
        krw = int(taxable.replace(",", ""))
        assert [*tax_outcome(packaged().tax, date.fromisoformat(day), krw)] == expected


def test_low_use_leads_to_what_its_case_says() -> None:
    rows = read_rows("utilisation")
    assert [[*row[:5], low_use_outcome(packaged(), row)] for row in rows] == rows
    tested = {rule.programme for rule in packaged().programmes if rule.utilisation is not None}
    assert {row[0] for row in rows} == tested


def test_a_recall_has_the_rule_that_its_case_says() -> None:
    rows = read_rows("recall")
    assert [[*row[:3], recall_outcome(packaged(), row)] for row in rows] == rows
    named = {rule.programme for rule in packaged().programmes if rule.other_use is not None}
    assert named == {row[0] for row in rows if row[2] == "other_use" and row[3] != "-"}


PUBLICATION = re.compile(r"[\w.]+.*\b20[0-9]{2}-[0-9]{2}(-[0-9]{2})?\b")  # and its day or month
GUIDE = re.compile(r"\w+ .* 안내: ")  # of a provider, kept current and without a date
ARTICLE = re.compile(r"\w+법 제[0-9]+조")


def origins(node: Any, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every place of a rule file that says where a value comes from, and what it says."""
    if isinstance(node, dict):
        if node.keys() & {"reference", "assumed", "derived"}:
            yield path, node
        for key, inner in node.items():
            yield from origins(inner, f"{path}/{key}")
    elif isinstance(node, list):
        for number, inner in enumerate(node):
            yield from origins(inner, f"{path}#{number}")


@pytest.mark.parametrize("file", packaged().texts)
def test_every_value_is_found_in_a_dated_publication_or_assumed_with_a_reason(file: str) -> None:
    """The reader lets no value be without an origin; here each says enough to be looked up."""
    outcomes = list(origins(yaml.safe_load(packaged().texts[file]), file))
    assert outcomes
    for path, said in outcomes:
        if "assumed" in said:
            assert len(said["assumed"].split()) >= 3, path  # a reason, not a word
            assert "reference" not in said, path
            continue
        title, href = said["reference"]["title"], said["reference"].get("href", "https://")
        assert PUBLICATION.match(title) or GUIDE.match(title) or ARTICLE.search(title), path
        assert re.match(r"https?://", href), path


def values_of(rule: Any) -> Iterator[Dated[Any]]:
    """Every dated value under a rule."""
    if isinstance(rule, Dated):
        yield rule
    elif isinstance(rule, (tuple, Mapping)):
        for value in rule.values() if isinstance(rule, Mapping) else rule:
            yield from values_of(value)
    elif is_dataclass(rule):
        for field in fields(rule):
            yield from values_of(getattr(rule, field.name))


def months(first: date, last: date) -> Iterator[date]:
    """The first day of every month that a span touches, and the span's own first day."""
    yield first
    month = next_month(month_of(first))
    while month_first_day(month) <= last:
        yield month_first_day(month)
        month = next_month(month)


def last_day(book: RuleBook) -> date:
    """A year after the rules were last compared with their notices."""
    return years_after(max(programme.checked_on for programme in book.programmes), 1)


def test_every_value_has_one_answer_for_every_month_from_its_first_day_to_a_year_ahead() -> None:
    book = packaged()
    values = list(values_of((book.prices, book.programmes, book.tax, book.pf, book.market)))
    assert len(values) > 100
    for value in values:
        starts = [step.start for step in value.steps]
        assert starts == sorted(set(starts)), value.name
        for day in months(starts[0], last_day(book)):
            [current] = [
                step
                for step, until in zip(value.steps, [*starts[1:], date.max], strict=True)
                if step.start <= day < until
            ]
            assert value.or_none(day) == current.value, (value.name, day)


def firms() -> Iterator[Company]:
    """A company of every type, size, youth, and of Gwangju or elsewhere, moved there or not."""
    kinds = product(get_args(OrgType), get_args(Size), (True, False), ("광주", "서울"))
    for org_type, size, youth, place in kinds:
        for moved in (None, date(2020, 1, 1)):
            yield company(
                "A", org_type=org_type, size=size, youth=youth, place=place, relocated_on=moved
            )


@pytest.mark.parametrize("name", PROGRAMMES)
def test_a_programme_in_force_says_everything_that_is_asked_of_it(name: str) -> None:
    """Who pays which share out of which budget, and one share for every company, or none."""
    programme = packaged().programme(name)
    assert programme is not None
    first = min(clause.value.steps[0].start for clause in programme.basis.clauses)
    for day in months(first, last_day(packaged())):
        if not programme.in_force(day):
            continue
        assert sum(programme.shares(day)[0]) == programme.shares(day)[1]
        assert programme.vat_base.or_none(day) is not None
        for source, share in zip(programme.funding, programme.shares(day)[0], strict=True):
            assert source.budgets is None or source.budget(day) is not None or not share, day
        for reduction in programme.reductions:
            assert reduction.factor.or_none(day) is not None
    _one_clause(programme, first)


def _one_clause(programme: Programme, day: date) -> None:
    """Whoever may be supported meets a clause of every size that is offered."""
    offers = [award("X", programme.programme, "A")]
    if isinstance(programme.basis, FlatFee):
        offers = [
            award("X", programme.programme, "A", quota=b.size, quota_unit=programme.basis.unit)
            for b in programme.basis.bundles
        ]
    for firm in firms():
        may = all(meets(condition, firm, day) for condition in programme.eligible)
        for offer in offers:
            clauses, units = offered(programme.basis, offer)
            assert units == 1
            if may and programme.eligible:
                assert first_met(clauses, firm, day) is not None, firm.facts
