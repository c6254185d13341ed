"""Mistakes of corrections and of the settlement with the state."""

from datetime import timedelta

from metering.calendar import next_month
from tests.builders.sites.year_site import BY, CORRECTED, LATE, MONTHS, WHY, Centre, corrected_on
from tests.mistyped_year.mistake import again, mistake, refused
from tests.mistyped_year.of_money import number_open


@mistake(after="issue")
def nothing_is_corrected(centre: Centre, month: str) -> None:
    again(centre, "adjust")
    again(centre, "adjust", month)
    again(centre, "adjust", "--approve", "--digest", "0" * 64, *BY, *WHY)


@mistake(after="issue")
def a_month_is_corrected_that_is_not_issued(centre: Centre, month: str) -> None:
    refused(centre, next_month(month), "adjust", next_month(month))
    refused(centre, "2026-13", "adjust", "2026-13")
    refused(centre, "2025-12", "adjust", "2025-12")


@mistake(after="issue")
def a_correction_is_approved_by_nobody_or_for_nothing(centre: Centre, month: str) -> None:
    refused(centre, "--approve", "adjust", "--digest", "0" * 64)
    refused(centre, "who (--by)", "adjust", "--approve", "--digest", "0" * 64, *BY)
    refused(centre, "who (--by)", "adjust", "--approve", "--digest", "0" * 64, *WHY)


@mistake(after="issue")
def a_cause_or_company_that_there_is_not(centre: Centre, month: str) -> None:
    refused(centre, "one of", "adjust", "--because", "usage=typo")
    refused(centre, "Z", "adjust", "--printed", "Z")


@mistake(after="correct", months=(CORRECTED,))
def a_correction_is_approved_twice(centre: Centre, month: str) -> None:
    """There is nothing left to correct."""
    again(centre, "adjust", "--approve", "--digest", centre.digest, *BY, *WHY)
    again(centre, "adjust")


@mistake(after="issue", months=(CORRECTED,))
def a_correction_of_another_digest_or_day(centre: Centre, month: str) -> None:
    """The late hours are there; what is approved is not what was shown, or is of another day."""
    centre.set_today(corrected_on(month))
    centre.tell("2026-08", LATE)
    digest = str(centre.done("adjust", "--json").document["digest"])
    words = ("adjust", "--approve", *BY, *WHY)
    refused(centre, "not what was looked at", *words, "--digest", "0" * 64)
    refused(centre, "too short", *words, "--digest", digest[:6])
    tomorrow = str(corrected_on(month) + timedelta(1))
    refused(centre, "today is", *words, "--digest", digest, "--on", tomorrow)
    refused(centre, "", *words, "--digest", digest, "--on", "2026-09-01")


@mistake(after="pay", months=MONTHS[-1:])
def late_hours_are_corrected_by_mistake(centre: Centre, month: str) -> None:
    """Hours of another site in an issued month, corrected for good; then the other way."""
    wrong = MONTHS[MONTHS.index(month) - 1]
    for hours in (2, 0):
        centre.tell(wrong, "23", hours)
        digest = str(centre.done("adjust", "--json").document["digest"])
        centre.done("adjust", "--approve", "--digest", digest, *BY, *WHY)
    centre.done("credit", "C", "--against", number_open(centre, "C"), *BY)  # the first one was paid
    again(centre, "adjust")


@mistake(after="issue", months=MONTHS[:-1])
def a_year_is_filed_before_it_ends(centre: Centre, month: str) -> None:
    digest = str(centre.done("grant", "P", "2026", "--json").document["digest"])
    refused(centre, "is not issued yet", "grant", "P", "2026", "--file", "--digest", digest, *BY)


@mistake(after="fund")
def a_settlement_that_there_is_not(centre: Centre, month: str) -> None:
    refused(centre, "the rules have no programme PP", "grant", "PP", "2026")
    refused(centre, "2062", "grant", "P", "2062", "--file", "--digest", "0" * 64, *BY)
    refused(centre, "greater than or equal to 2000", "grant", "P", "1926")


@mistake(after="fund")
def another_settlement_is_filed(centre: Centre, month: str) -> None:
    digest = str(centre.done("grant", "Q", "2026", "--json").document["digest"])
    words = ("grant", "P", "2026", "--file")
    refused(centre, "not what was looked at", *words, "--digest", digest, *BY)
    refused(centre, "name", *words, "--digest", digest, "--by", " ")
    refused(centre, "--digest", *words, *BY)


@mistake(after="fund")
def a_settlement_is_filed_tomorrow(centre: Centre, month: str) -> None:
    digest = str(centre.done("grant", "P", "2026", "--json").document["digest"])
    words = ("grant", "P", "2026", "--file", "--digest", digest, *BY)
    refused(centre, "today is", *words, "--on", "2027-03-20")


@mistake(after="file")
def a_settlement_is_filed_twice(centre: Centre, month: str) -> None:
    """The page that was filed is not what there is to file any more."""
    words = ("grant", "Q", "2026", "--file", "--digest", centre.digest, *BY)
    before = centre.tables("audit_trail")
    centre.type(*words)
    assert centre.tables("audit_trail") == before, "was filed twice"
