"""Years of late rows, wrong prices and awards signed late, corrected one after another."""

from collections import Counter

import pytest

from metering.calendar import month_last_day
from tests.builders.year_of_corrections import MONTHS, Known, Year, year

FEW = range(4)
MANY = [pytest.param(seed, marks=pytest.mark.soak) for seed in range(4, 210)]


def proved(own_year: Year, known: Known) -> None:
    """What holds after every step: the ledger, the chains, VAT, the budgets."""
    groups: Counter[str] = Counter()
    for posting in own_year.postings:
        groups[posting.group] += posting.amount_krw
    assert not any(groups.values()), "every group of postings sums to zero"
    assert own_year.due() == own_year.truth(), "every chain of documents sums to the truth"
    results = [month.closing for month in own_year.stood]
    for invoice in (each for result in results for each in result.invoices):
        assert invoice.vat_krw == invoice.taxable_krw // 10, "VAT is floored once for the whole"
    expected: Counter[str] = Counter()
    for (company, _, _), amounts in own_year.truth().items():
        expected[f"receivable:company:{company}"] += amounts[5]
        expected["revenue"] -= amounts[0]
        expected["vat"] -= amounts[4]
    budgets: Counter[tuple[str, str]] = Counter()
    cut = own_year.borne()
    for claim in own_year.claims():
        expected[f"receivable:programme:{claim.programme}:{claim.funding}"] += claim.claim_krw
        cut[claim.company_id, claim.month, claim.programme, claim.funding] -= claim.claim_krw
    rules = {month.truth.month: month.truth.book for month in own_year.stood}
    for (_, _, name, funding), krw in own_year.borne().items():
        budgets[name, funding] += krw
    for (_, month, name, funding), krw in cut.items():
        programme = rules[month].programme(name)
        assert programme is not None
        step_krw = programme.step_krw(funding, month_last_day(month))
        assert 0 <= krw < step_krw, "a claim is cut to whole tens, where the rule says so"
        expected[f"rounding:claim:{name}:{funding}"] += krw
    assert own_year.accounts() == {name: krw for name, krw in expected.items() if krw}
    for programme in known.book().programmes:
        for source in programme.funding:
            (budget,) = source.budgets or ()
            assert budgets[programme.programme, source.name] <= budget.krw, "no budget is passed"


def went(seed: int, cascade: bool, a_month: int, events: int) -> tuple[Year, Known]:
    """A year with all its corrections, proved after every step; the truth."""
    truth, known, hidden = year(seed, a_month, events)
    own_year, own = Year(), set[str]()  # whose truth is not what their documents go by
    for issued, _ in enumerate(MONTHS, start=1):
        own_year.issue(known)
        proved(own_year, truth)
        light = [event for event in hidden if event.after == issued]
        for event in light:
            known = event.told(known, truth)
            before = own_year.subsidies()
            own |= event.companies
            touched = own_year.correct(known, cascade).touched()
            proved(own_year, truth)
            if not cascade:
                after = own_year.subsidies()
                for (company, month), krw in before.items():
                    assert company in own or after[company, month] >= krw, event
            if touched:
                own = set()
    assert known == truth
    again = own_year.correct(known, cascade)
    assert again.touched() == set(), "nothing new in, nothing new out"
    return own_year, truth


@pytest.mark.parametrize("seed", [*FEW, *MANY])
def test_a_year_of_corrections_by_cascade_is_the_year_with_all_known_from_the_start(
    seed: int,
) -> None:
    many = seed not in FEW
    own_year, truth = went(seed, cascade=True, a_month=2 if many else 1, events=9 if many else 4)
    clean = Year()
    for _ in MONTHS:
        clean.issue(truth)
    assert own_year.accounts() == clean.accounts()
    assert own_year.due() == clean.due()
    assert own_year.claims() == clean.claims()
    assert [month.closing.balance for month in own_year.stood] == [
        month.closing.balance for month in clean.stood
    ]


@pytest.mark.parametrize("seed", [*FEW, *MANY])
def test_no_correction_lowers_what_another_company_was_given(seed: int) -> None:
    many = seed not in FEW
    went(seed, cascade=False, a_month=2 if many else 1, events=9 if many else 4)
