"""A correction keeps the parties of its original unless a person says otherwise (SETTLEMENT 42)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from billing.ledger.amendments import Amendment
from billing.records import Usage
from billing.rerating.rerate_company import Truth
from metering.registry.records import Company, PrintedAs
from metering.registry.registry import Registry
from tests.builders.corrections import amended, chains_of, compared, issued, told, truth
from tests.builders.rules_and_usage import HOUR_US, book, registry, used

AUG, SEP = "2026-08", "2026-09"
END = date(2026, 8, 31)
PLAIN, HELD = book(), registry()
NEW = {"name": "베타에이아이(주)", "business_number": "211-87-00033", "representative": "최새대"}


def hours(project: str, count: int, day: str = f"{AUG}-10") -> Usage:
    return used(day, project, count * HOUR_US)


def renamed(since: date | None = None) -> Registry:
    """A is called otherwise: written over its row, or from a day on."""
    (company,) = (firm for firm in HELD.companies if firm.company_id == "A")
    now = replace(company, **NEW)  # type: ignore[arg-type]
    if since is not None:
        now = replace(now, printed=(_called(company, None), _called(now, since)))
    others = tuple(firm for firm in HELD.companies if firm is not company)
    return replace(HELD, companies=(now, *others))


def _called(company: Company, since: date | None) -> PrintedAs:
    return PrintedAs(
        since, company.business_number, company.name, company.representative, company.address,
        company.business_type, company.business_item,
    )  # fmt: skip


def names(documents: Sequence[Amendment]) -> list[tuple[str, str, str]]:
    return [
        (document.step, document.invoice.company.name, document.invoice.company.business_number)
        for document in documents
    ]


STOOD = issued(truth(AUG, [hours("A-1", 20)], PLAIN, HELD))
OLD = ("A 주식회사", "124-81-00998")
LATE = (hours("A-1", 20), hours("A-1", 10, f"{AUG}-20"))  # the job of 10 h that came late


@pytest.mark.parametrize("cascade", [False, True])
@pytest.mark.parametrize("since", [None, date(2026, 11, 1)])
def test_late_hours_of_a_renamed_company_print_its_old_name_and_number(
    since: date | None, cascade: bool
) -> None:
    """Twenty hours were issued, ten came late, and A has another name and number by now."""
    now = truth(AUG, LATE, PLAIN, renamed(since))
    comparison = compared(STOOD, now, cascade=cascade)
    documents = amended(chains_of(STOOD), comparison)
    assert told(documents) == [
        ("N-1", "negative", 1, f"{AUG}/A", END, -120_000, -12_000),
        ("N-2", "right", 1, f"{AUG}/A", END, 180_000, 18_000),
    ]
    assert names(documents) == [("negative", *OLD), ("right", *OLD)]
    (stands,) = comparison.closings[0].invoices
    assert (stands.company.name, stands.company.business_number) == OLD


def test_who_says_that_the_old_name_was_wrong_gets_the_new_one() -> None:
    now = truth(AUG, LATE, PLAIN, renamed())
    documents = amended(chains_of(STOOD), compared(STOOD, now, printed=("A",)))
    right = ("right", NEW["name"], NEW["business_number"])
    assert names(documents) == [("negative", *OLD), right]


def test_a_name_that_is_dated_later_was_not_wrong_before() -> None:
    now = truth(AUG, [hours("A-1", 20)], PLAIN, renamed(date(2026, 11, 1)))
    assert amended(chains_of(STOOD), compared(STOOD, now, printed=("A",))) == ()


def test_the_issuer_of_a_correction_is_that_of_its_original() -> None:
    moved = replace(truth(AUG, LATE, PLAIN, HELD).issuer, name="새 센터", address="새 주소")
    now = replace(truth(AUG, LATE, PLAIN, HELD), issuer=moved)
    documents = amended(chains_of(STOOD), compared(STOOD, now))
    assert {document.invoice.issuer.name for document in documents} == {"센터"}
    said = amended(chains_of(STOOD), compared(STOOD, now, printed=("A",)))
    assert said[-1].invoice.issuer == moved


@pytest.mark.parametrize(
    ("since", "called"),
    [(date(2026, 8, 31), NEW["name"]), (date(2026, 9, 1), OLD[0])],
)
def test_a_month_prints_the_name_of_its_last_day(since: date, called: str) -> None:
    (month,) = issued(truth(AUG, [hours("A-1", 1)], PLAIN, renamed(since)))
    (document,) = month.closing.invoices
    assert (document.written_on, document.company.name) == (END, called)


def test_a_new_document_of_a_month_without_one_prints_the_name_of_its_day() -> None:
    """Nothing stood of A in August: what it says is what the registry says of that month."""
    nothing: Truth = truth(AUG, [], PLAIN, HELD)
    for since, called in ((date(2026, 9, 1), OLD[0]), (date(2026, 8, 1), NEW["name"])):
        now = truth(AUG, [hours("A-1", 1)], PLAIN, renamed(since))
        (document,) = amended({}, compared(issued(nothing), now))
        assert (document.step, document.invoice.company.name) == ("new", called)
