"""A claim is cut to whole tens of won where its source's rule says so; what is cut off is the
centre's rounding, never the company's (SETTLEMENT 29)."""

from dataclasses import replace

import pytest

from billing.ledger.postings import check_postings, post
from billing.month.claims import asked_anew
from billing.month.pure_month import MonthResult, compute_month
from billing.records import Filed, FiledPart
from billing.rulebook.rule_book import RuleBook
from billing.subsidy.balance import Balance
from tests.builders.rules_and_usage import (
    HOUR_US,
    ISSUER,
    SEOUL,
    award,
    book,
    close,
    price,
    programme,
    registry,
    source,
    used,
)
from tests.builders.year_of_corrections import MONTHS, Known, Year, year

HELD = registry([award("WA", "P", "A")])
LIST = ("gpu.h100", "1")  # a won an hour


def rules(truncate: str | dict[str, str] | None, settled: str = "claimed") -> RuleBook:
    funding = [source("national", "1", {"2025": 1_000}, settled, truncate)]
    return book(price(*LIST), programme("P", "0", funding=funding))


def month(hours: int, of: RuleBook, name: str = "2025-10") -> MonthResult:
    return close([used(f"{name}-05", "A-1", hours * HOUR_US)], of, HELD, name)


@pytest.mark.parametrize(
    ("hours", "asked", "cut"), [(9, 0, 9), (10, 10, 0), (11, 10, 1), (19, 10, 9), (20, 20, 0)]
)
def test_a_claim_is_whole_tens_and_the_company_owes_what_it_owed(
    hours: int, asked: int, cut: int
) -> None:
    result = month(hours, rules("true"))
    assert [claim.claim_krw for claim in result.claims] == ([asked] if asked else [])
    assert result.invoices == tuple(
        replace(invoice, rules_digest=result.rules_digest)
        for invoice in month(hours, rules("false")).invoices
    )
    postings = post(result.month, result.invoices, result.subsidies, result.claims)
    check_postings(postings, hours)
    booked = {posting.account: posting.amount_krw for posting in postings}
    assert booked.get("receivable:programme:P:national", 0) == asked
    assert booked.get("rounding:claim:P:national", 0) == cut
    assert "receivable:company:A" not in booked


@pytest.mark.parametrize("truncate", [None, "false"])
def test_a_claim_is_whole_where_no_rule_truncates_it(truncate: str | None) -> None:
    assert [claim.claim_krw for claim in month(19, rules(truncate)).claims] == [19]


def test_the_rule_of_the_months_last_day_holds() -> None:
    by_day = rules({"2025-01-01": "false", "2025-10-31": "true", "2025-12-31": "false"})
    asked = [
        month(19, by_day, name).claims[0].claim_krw for name in ("2025-09", "2025-10", "2025-11")
    ]
    assert asked == [19, 10, 10]
    assert month(19, by_day, "2025-12").claims[0].claim_krw == 19


def test_each_company_and_source_is_cut_by_itself() -> None:
    funding = [source("national", "0.5", None, "claimed", "true"), source("city", "0.5")]
    of = book(price(*LIST), programme("P", "0", funding=funding))
    held = registry([award("WA", "P", "A"), award("WB", "P", "B")])
    usages = [used("2025-10-05", f"{name}-1", 38 * HOUR_US) for name in "AB"]
    claims = [(c.funding, c.company_id, c.claim_krw) for c in close(usages, of, held).claims]
    assert claims == [("city", "A", 19), ("city", "B", 19), ("national", "A", 10),
                      ("national", "B", 10)]  # fmt: skip


def test_a_budget_is_used_by_what_was_borne() -> None:
    assert month(19, rules("true")).balance.of("budget", "P", "national", "2025") == 19


@pytest.mark.parametrize(("truncate", "owed"), [("true", 0), ("false", 7)])
def test_what_a_filing_leaves_out_of_a_truncated_claim_is_not_the_companys(
    truncate: str, owed: int
) -> None:
    """19 were borne, 10 asked for and filed: rated again, 19 are borne. What is more than that and
    than the next whole ten is the company's."""
    filed = [Filed("P", 1, (FiledPart("A", "national", 10 if truncate == "true" else 12),))]

    def again(hours: int) -> MonthResult:
        usages = [used("2025-10-05", "A-1", hours * HOUR_US)]
        return compute_month(
            usages, rules(truncate), HELD, Balance(), "2025-10", ISSUER, SEOUL, "usage", filed
        )

    assert [c.claim_krw for c in again(19).claims] == [10 if truncate == "true" else 12]
    assert again(19).invoices[0].company_krw == owed
    assert again(20).invoices[0].company_krw == owed + 1


def test_claims_of_subsidies_that_stand_are_asked_for_by_the_rules_of_now() -> None:
    whole, cut, ahead = rules("false"), rules("true"), rules("false", "advanced")
    of = month(19, whole)

    def anew(now: RuleBook, filed: tuple[Filed, ...] = ()) -> list[tuple[str, int]]:
        claims = asked_anew(of.claims, of.subsidies, now, of.month, filed)
        return [(claim.settled, claim.claim_krw) for claim in claims]

    assert anew(whole) == [("claimed", 19)]
    assert anew(cut) == [("claimed", 10)]
    assert anew(ahead) == [("advanced", 19)]
    assert anew(cut, (Filed("P", 1, ()),)) == [("claimed", 19)], "filed as it was asked for"
    assert anew(book(price(*LIST))) == [("claimed", 19)], "a programme that the rules dropped"


@pytest.mark.parametrize("cascade", [False, True])
def test_a_rule_that_is_corrected_restates_claims_and_makes_no_document(cascade: bool) -> None:
    """Truncated too late, then too early: the difference is booked, and taken back."""
    truth, _, _ = year(4)

    def known(truncates: bool) -> Known:
        return replace(truth, truncates=truncates)

    own_year, never = Year(), Year()
    for _ in MONTHS:
        own_year.issue(known(False))
        never.issue(known(False))
    cut = own_year.correct(known(True), cascade)
    assert cut.amendments(cut.ground.inputs[-1].calendar.month_days(MONTHS[-1])[-1]) == ()
    assert {(c.funding, -10 < c.difference_krw < 0) for c in cut.comparison.claims} == {
        ("national", True)
    }
    rounding = own_year.accounts()["rounding:claim:P:national"]
    assert rounding == -sum(claim.difference_krw for claim in cut.comparison.claims) > 0
    assert own_year.correct(known(True), cascade).touched() == set()
    own_year.correct(known(False), cascade)
    assert (own_year.accounts(), own_year.claims()) == (never.accounts(), never.claims())
