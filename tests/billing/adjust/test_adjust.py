"""Corrections of issued months in a site: looked at, approved, issued once."""

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from billing.adjust.adjust import Adjusted, adjust, look
from billing.adjust.recalculations_file import recalculations
from billing.adjust.restatement import restate
from billing.bundle.bundle import balance_of, read_bundle
from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.ledger import ledger
from billing.ledger.adjustment_ledger import claims_standing, standing_bundle, standing_bundles
from billing.ledger.amendments import AmountDifference, ClaimRestatement
from billing.ledger.tables import posting
from billing.rerating.correction import PLAIN
from billing.verify.verify import verify
from metering.database.decisions import acknowledge
from metering.database.tables import waived_day
from metering.errors import CheckError, CloseError, JeongsanError
from metering.site.open_site import OpenSite
from reports.tax.invoice_xml import tax_xml
from tests.builders.rules_and_usage import award, price
from tests.builders.sites.adjust_site import (
    DEC,
    HELD,
    LATER,
    NOV,
    NOVEMBER,
    OCT,
    OCTOBER,
    ON,
    RULES,
    close,
    corrected,
    hours,
    put,
    write_rules,
)
from tests.builders.sites.close_site import store_registry

END = date(2025, 10, 31)


LATE = hours("A-1", 2, f"{OCT}-07")


def told(done: Adjusted | None) -> list[tuple[object, ...]]:
    assert done is not None
    return [
        (
            amendment.invoice.number, amendment.step, amendment.reason, amendment.amends,
            amendment.invoice.month, amendment.invoice.written_on,
            amendment.invoice.company_krw, amendment.invoice.vat_krw,
        )
        for amendment in done.amendments
    ]  # fmt: skip


def trial(opened: OpenSite) -> tuple[int, dict[str, int]]:
    """The sum of all postings, and the balance of every account."""
    query = sa.select(posting.c.account, sa.func.sum(posting.c.amount_krw))
    with opened.database.read() as connection:
        sums = connection.execute(query.group_by(posting.c.account)).all()
    return sum(krw for _, krw in sums), {account: krw for account, krw in sums if krw}


def checked(opened: OpenSite, *months: str) -> None:
    for month in months:
        assert verify(opened, month).differences == ()


def test_months_as_they_were_billed_need_no_correction(site: OpenSite) -> None:
    assert look(site) is None
    assert look(site, OCT, cascade=True) is None
    assert corrected(site) is None


def test_late_usage_becomes_documents_claims_and_postings_of_one_transaction(
    site: OpenSite,
) -> None:
    before = trial(site)[1]
    put(site, OCT, [*OCTOBER, LATE])
    assert [restatement.day for restatement in restate(site)] == [LATE.day]
    done = corrected(site)
    assert told(done) == [
        ("T2026-000006", "negative", 1, "T2026-000001", OCT, END, -15_000, -1_500),
        ("T2026-000007", "right", 1, "T2026-000001", OCT, END, 21_000, 2_100),
        # the cap of 40,000: 21,000 + 15,000 would be below it, so November stays
    ]
    assert done is not None
    assert (done.adjustment.first_month, done.adjustment.last_month) == (OCT, NOV)
    assert done.claims == (
        ClaimRestatement(OCT, "P", "city", "A", "claimed", 1_800),
        ClaimRestatement(OCT, "P", "national", "A", "claimed", 4_200),
    )
    total, after = trial(site)
    moved = {name: krw - before.get(name, 0) for name, krw in after.items()}
    assert (total, {name: krw for name, krw in moved.items() if krw}) == (
        0,
        {
            "payable:company:A": -16_500,  # of the document taken back
            "receivable:company:A": 23_100,
            "receivable:programme:P:city": 1_800,
            "receivable:programme:P:national": 4_200,
            "revenue": -12_000,
            "vat": -600,
        },
    )
    assert restate(site) == ()
    checked(site, OCT, NOV)


def test_what_was_corrected_is_not_corrected_again(site: OpenSite) -> None:
    put(site, OCT, [*OCTOBER, LATE])
    assert corrected(site) is not None
    assert corrected(site) is None
    assert corrected(site, OCT, cascade=True) is None
    put(site, OCT, OCTOBER)
    assert told(corrected(site)) == [
        ("T2026-000008", "negative", 1, "T2026-000007", OCT, END, -21_000, -2_100),
        ("T2026-000009", "right", 1, "T2026-000007", OCT, END, 15_000, 1_500),
    ]
    assert corrected(site) is None
    checked(site, OCT, NOV)


def test_a_later_month_that_used_the_same_cap_is_corrected_too(site: OpenSite) -> None:
    put(site, OCT, [*OCTOBER, hours("A-1", 5, f"{OCT}-07")])
    correction = look(site)
    assert correction is not None
    assert correction.comparison.differences == (
        AmountDifference(OCT, "A", "taxable", "usage", 30_000, 15_000, 15_000, 1_500),
        AmountDifference(NOV, "A", "taxable", "usage", 0, -5_000, 5_000, 500),
    )
    done = corrected(site)
    assert [row[3:] for row in told(done)] == [
        ("T2026-000001", OCT, END, -15_000, -1_500),
        ("T2026-000001", OCT, END, 30_000, 3_000),
        ("T2026-000003", NOV, date(2025, 11, 30), -15_000, -1_500),
        ("T2026-000003", NOV, date(2025, 11, 30), 20_000, 2_000),
    ]
    checked(site, OCT, NOV)


def test_only_the_months_from_the_first_change_on_are_corrected(site: OpenSite) -> None:
    put(site, NOV, [*NOVEMBER, hours("C-1", 1, f"{NOV}-20")])
    done = corrected(site)
    assert done is not None
    assert (done.adjustment.first_month, done.adjustment.last_month) == (NOV, NOV)
    with site.database.read() as connection:
        stands = standing_bundles(connection)
        issued = {
            month_state.month: month_state.bundle for month_state in ledger.month_states(connection)
        }
    assert (stands[OCT] == issued[OCT], stands[NOV] == issued[NOV]) == (True, False)


def test_a_back_dated_award_is_a_difference_dated_at_its_approval(site: OpenSite) -> None:
    store_registry(site, replace(HELD, awards=(*HELD.awards, award("WC", "P", "C"))))
    assert told(corrected(site)) == [
        ("T2026-000006", "difference", 2, "T2026-000005", NOV, LATER, -3_000, -300)
    ]
    assert corrected(site) is None
    checked(site, NOV)


def test_a_price_agreed_anew_is_said_by_a_person_and_kept(site: OpenSite) -> None:
    cheaper = RULES.texts | price("gpu.h100", {"2025-01-01": "6000", f"{NOV}-06": "5000"})
    write_rules(site.site.directory, cheaper)
    agreed = {**PLAIN, "price": "agreed_price"}
    look(site, kinds=agreed)
    with pytest.raises(CloseError, match="is not what was looked at any more"):
        adjust(site, None, "박승인", "단가 합의", LATER)
    assert told(adjust(site, None, "박승인", "단가 합의", LATER, kinds=agreed)) == [
        # B's cap pays 10,000 of 24,000 and of 20,000 alike
        ("T2026-000006", "difference", 2, "T2026-000004", NOV, LATER, -4_000, -400),
        ("T2026-000007", "difference", 2, "T2026-000005", NOV, LATER, -1_000, -100),
    ]
    assert 'because: {"price": "agreed_price"}' in recalculations(site)
    checked(site, NOV)


def test_the_next_month_opens_with_what_stands(site: OpenSite) -> None:
    december = [hours("A-1", 5, f"{DEC}-05")]
    put(site, DEC, december)
    draft(site, DEC)
    approve(site, DEC, "박승인")
    put(site, OCT, [*OCTOBER, LATE])
    corrected(site)
    with pytest.raises(CloseError, match="has changed since its approval"):
        issue(site, DEC, LATER)
    issued = close(site, DEC, LATER)
    with site.database.read() as connection:
        stands = standing_bundle(connection, NOV)
    bundle = read_bundle(site.lake, issued.bundle)
    assert bundle.index["inputs"]["previous"] == stands
    # 40,000 of A's cap: 21,000 in October, 15,000 in November, 4,000 left
    assert balance_of(bundle).of("award", "WA") == 40_000
    assert issued.invoices[0].subsidy_krw == 4_000
    checked(site, OCT, NOV, DEC)
    put(site, NOV, NOVEMBER[1:])
    corrected(site, on=date(2026, 2, 2))
    checked(site, OCT, NOV, DEC)


SHORT = (*OCTOBER, hours("C-1", 15, f"{OCT}-04"))  # a claim of 45,000, capped to 40,000, before all


@pytest.mark.breadth
def test_a_shared_budget_lowers_no_other_company_but_by_a_cascade(site: OpenSite) -> None:
    held = replace(HELD, awards=(*HELD.awards, award("WC", "P", "C", cap_krw=90_000)))
    store_registry(site, held)
    put(site, OCT, SHORT)

    def paid() -> dict[str, int]:
        with site.database.read() as connection:
            claims = [claim for m in (OCT, NOV) for claim in claims_standing(connection, m)]
        sums = dict.fromkeys("ABC", 0)
        for claim in claims:
            sums[claim.company_id] += claim.claim_krw
        return sums

    assert paid() == {"A": 30_000, "B": 40_000, "C": 0}
    corrected(site)
    assert paid() == {"A": 30_000, "B": 40_000, "C": 30_000}
    everybody = look(site, cascade=True)  # nothing is new, but what was corrected alone is shared
    assert everybody is not None
    assert {difference.cause for difference in everybody.comparison.differences} == {"shared"}
    put(site, OCT, [*SHORT, hours("C-1", 1, f"{OCT}-03")])
    alone = look(site)
    shared = look(site, cascade=True)
    assert alone is not None
    assert shared is not None
    assert {difference.company_id for difference in alone.comparison.differences} == {"C"}
    assert {difference.company_id for difference in shared.comparison.differences} == {"B", "C"}
    assert alone.digest != shared.digest
    done = adjust(site, None, "박승인", "진실대로", LATER, cascade=True)
    assert done is not None
    assert done.adjustment.cascade
    assert paid() == {"A": 30_000, "B": 30_000, "C": 40_000}
    assert trial(site)[0] == 0
    checked(site, OCT, NOV)


def test_an_approval_is_of_what_was_looked_at(site: OpenSite) -> None:
    put(site, OCT, [*OCTOBER, LATE])
    with pytest.raises(CloseError, match="nobody has looked at the correction of 2025-10"):
        adjust(site, None, "박승인", "늦은 자료", LATER)
    look(site)
    put(site, OCT, [*OCTOBER, LATE, hours("B-1", 1, f"{OCT}-08")])
    with pytest.raises(CloseError, match="is not what was looked at any more"):
        adjust(site, None, "박승인", "늦은 자료", LATER)
    look(site)
    with pytest.raises(CloseError, match="nobody has looked at"):
        adjust(site, None, "박승인", "늦은 자료", LATER, cascade=True)
    for by, reason in (("", "늦은 자료"), ("박승인", " ")):
        with pytest.raises(CloseError, match="the name of who approves it, and the reason"):
            adjust(site, None, by, reason, LATER)
    with pytest.raises(CloseError, match="numbers follow the dates"):
        adjust(site, None, "박승인", "늦은 자료", date(2026, 1, 4))
    done = adjust(site, None, " 박승인 ", "늦은 자료", ON)
    assert done is not None
    assert (done.adjustment.approved_by, done.adjustment.reason) == ("박승인", "늦은 자료")
    with pytest.raises(CloseError, match="2025-12 is open and needs no correction"):
        look(site, DEC)


def test_a_fail_of_a_late_row_stops_the_correction_until_somebody_decides(site: OpenSite) -> None:
    unpriced = replace(LATE, sku="gpu.b200")
    put(site, OCT, [*OCTOBER, LATE, unpriced])
    correction = look(site)
    assert correction is not None
    (fail,) = correction.blocking
    assert (fail.kind, fail.subject) == ("no_price", "gpu.b200")
    with pytest.raises(CheckError, match=fail.key):
        adjust(site, None, "박승인", "늦은 자료", LATER)
    with site.database.begin() as connection:
        acknowledge(connection, fail.key, "exclude", "시험기", "박승인")
    done = corrected(site)
    assert done is not None
    assert len(done.amendments) == 2
    checked(site, OCT, NOV)


def test_a_day_that_may_still_change_is_not_corrected(site: OpenSite) -> None:
    put(site, OCT, [*OCTOBER, replace(LATE, provisional=True)])
    with site.database.begin() as connection:
        connection.execute(sa.delete(waived_day).where(waived_day.c.day == LATE.day))
    look(site)
    with pytest.raises(CloseError, match="may still change"):
        adjust(site, None, "박승인", "늦은 자료", LATER)


def test_a_day_whose_evidence_alone_changed_is_noted_without_documents(site: OpenSite) -> None:
    first = OCTOBER[0]
    put(site, OCT, [replace(first, energy_uj=7), *OCTOBER[1:]])
    (day,) = restate(site)
    assert not day.billed
    done = corrected(site)
    assert done is not None
    assert (done.amendments, done.claims) == ((), ())
    assert restate(site) == ()
    assert corrected(site) is None


def test_a_number_that_was_printed_wrong_is_corrected_by_a_pair_of_the_same_amounts(
    site: OpenSite,
) -> None:
    before = trial(site)[1]
    wrong, *others = HELD.companies
    right = replace(wrong, business_number="220-81-62517")
    store_registry(site, replace(HELD, companies=(right, *others)))
    assert look(site) is None  # it may be another number since: nobody said that it was wrong
    with pytest.raises(JeongsanError, match="the registry has no company 'Z'"):
        look(site, printed=("Z",))
    looked = look(site, printed=("A",))
    assert looked is not None
    assert looked.comparison.differences == ()
    with pytest.raises(CloseError, match="is not what was looked at"):
        adjust(site, None, "박승인", "번호 오기", LATER, printed=("A", "B"))
    done = adjust(site, None, "박승인", "번호 오기", LATER, printed=("A",))
    assert told(done) == [
        ("T2026-000006", "negative", 1, "T2026-000001", OCT, END, -15_000, -1_500),
        ("T2026-000007", "right", 1, "T2026-000001", OCT, END, 15_000, 1_500),
        ("T2026-000008", "negative", 1, "T2026-000003", NOV, date(2025, 11, 30), -15_000, -1_500),
        ("T2026-000009", "right", 1, "T2026-000003", NOV, date(2025, 11, 30), 15_000, 1_500),
    ]
    assert done is not None
    numbers = [amendment.invoice.company.business_number for amendment in done.amendments]
    assert numbers == ["124-81-00998", "220-81-62517"] * 2
    total, after = trial(site)
    assert total == 0
    assert {key: after[key] - krw for key, krw in before.items() if after[key] != krw} == {
        "receivable:company:A": 33_000  # the right ones, against what was taken back
    }
    assert after["payable:company:A"] == -33_000
    checked(site, OCT, NOV)
    text = recalculations(site)
    assert '  printed: ["A"]\n  reason: "번호 오기"\n' in text
    assert look(site, printed=("A",)) is None  # once
    kinds = [tax_xml(amendment) for amendment in done.amendments[:2]]
    assert [b"<AmendmentStatusCode>01<" in kind for kind in kinds] == [True, True]
    assert [b"<ID>2208162517<" in kind for kind in kinds] == [False, True]
