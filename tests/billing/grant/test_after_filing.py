"""After a settlement is filed nothing more is claimed: ledger, claims, documents and `grant` say
the same, whoever bears what is more (SETTLEMENT 31)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import pytest

from billing.grant.reconciliation import ties
from billing.grant.settlement import GrantRow, rows_of
from billing.grant.settlement_ledger import file_settlement, settlement
from billing.ledger.adjustment_ledger import claims_standing
from billing.ledger.filings import filed_of
from billing.ledger.journal import entries, trial
from billing.month.pure_month import MonthResult, compute_month
from billing.payment.receivables import documents_of
from billing.records import Filed, FiledPart, Usage
from billing.rulebook.rule_book import RuleBook
from billing.subsidy.balance import Balance
from billing.verify.verify import verify
from metering.site.open_site import OpenSite
from tests.breadth import few
from tests.builders.rules_and_usage import (
    ISSUER,
    SEOUL,
    WHY,
    award,
    book,
    programme,
    registry,
    source,
)
from tests.builders.sites.adjust_site import (
    LATER,
    NOV,
    OCT,
    again,
    close,
    corrected,
    hours,
    make_site,
    put,
    write_rules,
)
from tests.builders.sites.close_site import store_registry

CENTRE = "centre_after_filing"
HELD = registry([award("WA", "P", "A"), award("WB", "P", "B")])
ENDED = registry([replace(given, until=date(2025, 12, 1)) for given in HELD.awards])
TWO = (source("national", "0.7", {"2025": 700_000}), source("city", "0.3", {"2025": 300_000}))
CUT = (source("national", "0.7111", None, "claimed", "true"), source("city", "0.2889"))
JOB = hours("A-1", 10, f"{OCT}-20")  # the late job: 60,000 at list, 48,000 of it support


def rules(after: str, funding: Sequence[str] = (source("national", "1"),)) -> RuleBook:
    more = f"after_filing: {{value: {after}, {WHY}}}\n" if after else ""
    return book(programme("P", "0.2", funding=funding, more=more))


def site(root: Path, of: RuleBook) -> OpenSite:
    """October and November are issued; nobody has an award after them."""
    opened = make_site(root, held=ENDED)
    write_rules(root, of.texts)
    opened = again(root)
    put(opened, OCT, [hours("A-1", 10, f"{OCT}-05"), hours("B-1", 5, f"{OCT}-06")])
    close(opened, OCT)
    put(opened, NOV, [hours("A-1", 3, f"{NOV}-05")])
    close(opened, NOV)
    return opened


def late(opened: OpenSite, *rows: Usage) -> None:
    put(opened, OCT, [hours("A-1", 10, f"{OCT}-05"), hours("B-1", 5, f"{OCT}-06"), *rows])
    assert corrected(opened) is not None


def claimed(opened: OpenSite) -> dict[tuple[str, str], int]:
    """October's claims by company and source."""
    with opened.database.read() as connection:
        claims = claims_standing(connection, OCT)
    return {(claim.company_id, claim.funding): claim.claim_krw for claim in claims}


def account(opened: OpenSite, name: str) -> int:
    with opened.database.read() as connection:
        return sum(p.amount_krw for p in entries(connection) if p.account == name)


def due(opened: OpenSite) -> int:
    """What A owes of October without VAT, by all its documents."""
    with opened.database.read() as connection:
        documents = documents_of(connection, frozenset({OCT}))
    return sum(d.company_krw for d in documents if d.company_id == "A")


def agree(opened: OpenSite) -> None:
    """Documents, ledger and claims tie, and `grant` settles what is claimed of the sources."""
    with opened.database.read() as connection:
        assert all(tie.holds for tie in ties(connection, (OCT, NOV)))
        assert trial(entries(connection), OCT, "2030-12").balanced
        claims = [c for month in (OCT, NOV) for c in claims_standing(connection, month)]
    now = settlement(opened, "P", 2025)
    assert now.grant.rows == rows_of(claims, "P")
    for name in ("national", "city"):
        used = sum(row.krw for row in now.grant.rows if row.funding == name)
        assert account(opened, f"receivable:programme:P:{name}") == used
    filed = now.filed
    if filed is not None:
        most = {(row.month, row.company_id, row.funding): row.krw for row in filed.grant.rows}
        for row in now.grant.rows:
            assert row.krw <= most.get((row.month, row.company_id, row.funding), 0)


@pytest.mark.parametrize(
    ("after", "owed", "centre"),
    [("", 72_000, 0), ("self_pay", 72_000, 0), ("centre", 24_000, 48_000)],
)
def test_a_late_job_after_the_filing_is_never_a_new_claim(
    tmp_path: Path, after: str, owed: int, centre: int
) -> None:
    """10 h at 80 %: 48,000 that nobody would pay are the company's, or the centre's by the rule."""
    opened = site(tmp_path / "site", rules(after))
    filed = file_settlement(opened, "P", 2025, "김정산", LATER)
    late(opened, JOB)
    parts = {("A", "national"): 48_000, ("B", "national"): 24_000}
    assert claimed(opened) == parts | ({("A", CENTRE): centre} if centre else {})
    assert due(opened) == owed
    assert account(opened, f"expense:support:P:{CENTRE}") == centre
    assert account(opened, "receivable:programme:P:national") == 72_000 + 14_400
    now = settlement(opened, "P", 2025)
    assert (now.grant.rows, now.differences) == (filed.grant.rows, ())
    agree(opened)
    assert verify(opened, OCT).ok


def test_before_the_filing_the_same_job_is_claimed(tmp_path: Path) -> None:
    opened = site(tmp_path / "site", rules("self_pay"))
    late(opened, JOB)
    assert claimed(opened)["A", "national"] == 96_000
    assert due(opened) == 24_000
    filed = file_settlement(opened, "P", 2025, "김정산", LATER)
    assert sum(row.krw for row in filed.grant.rows) == 96_000 + 24_000 + 14_400
    agree(opened)


def test_what_becomes_less_after_the_filing_is_a_return_and_may_come_back(tmp_path: Path) -> None:
    """The claim falls with what it was filed as; it grows again to that, and no further."""
    opened = site(tmp_path / "site", rules("self_pay"))
    file_settlement(opened, "P", 2025, "김정산", LATER)
    put(opened, OCT, [hours("A-1", 4, f"{OCT}-05"), hours("B-1", 5, f"{OCT}-06")])
    assert corrected(opened) is not None
    (less,) = settlement(opened, "P", 2025).differences
    assert (less.company_id, less.filed_krw, less.now_krw) == ("A", 48_000, 19_200)
    agree(opened)
    late(opened, JOB)
    assert claimed(opened)["A", "national"] == 48_000
    assert settlement(opened, "P", 2025).differences == ()
    agree(opened)


def test_a_return_that_was_filed_does_not_come_back(tmp_path: Path) -> None:
    opened = site(tmp_path / "site", rules("self_pay"))
    file_settlement(opened, "P", 2025, "김정산", LATER)
    put(opened, OCT, [hours("A-1", 4, f"{OCT}-05"), hours("B-1", 5, f"{OCT}-06")])
    assert corrected(opened) is not None
    file_settlement(opened, "P", 2025, "김정산", LATER)
    late(opened, JOB)
    assert claimed(opened)["A", "national"] == 19_200
    assert due(opened) == 120_000 - 19_200
    agree(opened)


def test_an_award_signed_after_the_filing_pays_nothing_of_the_filed_year(tmp_path: Path) -> None:
    opened = site(tmp_path / "site", rules("self_pay"))
    file_settlement(opened, "P", 2025, "김정산", LATER)
    with_c = (*ENDED.awards, award("WC", "P", "C", until=date(2025, 12, 1)))
    store_registry(opened, registry(with_c))
    late(opened, hours("C-1", 2, f"{OCT}-09"))
    assert {company for company, _ in claimed(opened)} == {"A", "B"}
    agree(opened)


@pytest.mark.parametrize(
    ("after", "seed", "funding"),
    few(
        1,
        [
            ("self_pay", 0, TWO), ("centre", 1, CUT), ("self_pay", 1, TWO), ("self_pay", 2, TWO),
            ("self_pay", 0, CUT), ("self_pay", 1, CUT), ("centre", 0, TWO), ("centre", 1, TWO),
            ("centre", 2, TWO), ("centre", 0, CUT),
        ],
    ),
)  # fmt: skip
def test_ledger_claims_and_grant_say_the_same_whenever_hours_come_late(
    tmp_path: Path, after: str, seed: int, funding: Sequence[str]
) -> None:
    """Late, wrong and withdrawn hours before and after filings, of two sources and two companies;
    now and then by a cascade."""
    draw = Random(seed)
    opened = site(tmp_path / "site", rules(after, funding))
    rows: list[Usage] = []
    for step in range(6):
        if step in (2, 4):
            file_settlement(opened, "P", 2025, "김정산", LATER)
        if rows and draw.random() < 0.4:
            rows.pop(draw.randrange(len(rows)))
        else:
            project = draw.choice(("A-1", "A-2", "B-1", "C-1"))
            row = hours(project, 1, f"{OCT}-{draw.randint(1, 31):02d}")
            rows.append(replace(row, quantity=draw.randint(1, 20 * row.quantity)))
        put(opened, OCT, [hours("A-1", 10, f"{OCT}-05"), hours("B-1", 5, f"{OCT}-06"), *rows])
        corrected(opened, cascade=draw.random() < 0.3)
        agree(opened)


def rated(usages: Sequence[Usage], of: RuleBook, *filed: Filed) -> MonthResult:
    return compute_month(usages, of, HELD, Balance(), OCT, ISSUER, SEOUL, "usage", filed)


def paid(result: MonthResult) -> dict[tuple[str, str], int]:
    return {(claim.company_id, claim.funding): claim.claim_krw for claim in result.claims}


@pytest.mark.parametrize("seed", few(8, range(30)))
def test_what_was_filed_is_reached_to_the_won_by_every_source_and_never_passed(seed: int) -> None:
    """A month whose use only grows after it was filed claims just what was filed."""
    draw = Random(seed)
    of = rules("self_pay", (source("national", "0.7"), source("city", "0.3")))

    def some(count: int) -> list[Usage]:
        return [
            replace(hours(f"{draw.choice('AB')}-1", 1, f"{OCT}-{draw.randint(1, 31):02d}"),
                    quantity=draw.randint(1, 10**11))
            for _ in range(count)
        ]  # fmt: skip

    before, more = some(6), some(6)
    first = rated(before, of)
    parts = [FiledPart(c.company_id, c.funding, c.claim_krw) for c in first.claims]
    filed = Filed("P", 1, tuple(parts))
    assert paid(rated(before, of, filed)) == paid(first)
    grown = rated([*before, *more], of, filed)
    assert paid(grown) == paid(first)
    centre = rated(
        [*before, *more], rules("centre", (source("national", "0.7"), source("city", "0.3"))), filed
    )
    kept = {key: krw for key, krw in paid(centre).items() if key[1] != CENTRE}
    assert kept == paid(first)
    free = rated([*before, *more], of)
    assert sum(paid(centre).values()) == sum(paid(free).values())


def test_the_filing_is_read_as_it_was_filed_by_month(tmp_path: Path) -> None:
    opened = site(tmp_path / "site", rules("self_pay"))
    with opened.database.read() as connection:
        assert filed_of(connection, OCT) == ()
    rows = file_settlement(opened, "P", 2025, "김정산", LATER).grant.rows
    assert GrantRow(NOV, "A", "national", 14_400) in rows
    with opened.database.read() as connection:
        (november,), (december,) = filed_of(connection, NOV), filed_of(connection, "2025-12")
        assert filed_of(connection, "2026-01") == ()
    assert november == Filed("P", 1, (FiledPart("A", "national", 14_400),))
    assert december == Filed("P", 1, ())
