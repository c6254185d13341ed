"""Settlement with the state: by source and year, tied to the books, and to what was filed last."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from billing.grant.changes_since_filing import (
    ChangedSinceFiling,
    changes_since_filing,
    settled_rows,
)
from billing.grant.reconciliation import Tie, ties
from billing.grant.settlement import (
    GrantEntry,
    GrantRow,
    entry_sides,
    sources_of,
    used_by_company,
)
from billing.grant.settlement_ledger import (
    entries_of,
    file_settlement,
    record_entry,
    settlement,
)
from billing.ledger import tables
from billing.ledger.journal import entries, trial
from billing.rulebook.rule_book import read_rulebook
from metering.errors import CheckError, CloseError, JeongsanError
from metering.site.open_site import OpenSite
from reports.government.report_pdf import government_pdf
from reports.government.settlement_report import grant_report
from reports.government.settlement_view import show_settlement, write_settlement
from reports.terminal.screen import Screen
from tests.builders.rules_and_usage import award, book, dated, programme, registry, source
from tests.builders.sites.adjust_site import (
    DEC,
    NOV,
    OCT,
    ROWS,
    again,
    close,
    closed,
    corrected,
    hours,
    make_site,
    put,
    write_rules,
)
from tests.builders.sites.close_site import store_registry
from tests.references.pdf_reader import read

FILED = date(2026, 2, 20)
FEWER = (hours("A-1", 4, f"{OCT}-05"), hours("B-1", 10, f"{OCT}-06"))
MORE = (hours("A-1", 6, f"{OCT}-05"), hours("B-1", 10, f"{OCT}-06"))
DECEMBER = (hours("A-1", 1, f"{DEC}-05"),)


def entry(kind: str, krw: int, funding: str = "national") -> GrantEntry:
    on = date(2025, 9, 1)
    return GrantEntry("P", funding, 2025, kind, krw, on, "김정산", "교부")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def issued_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with the last three months of a year issued, made once."""
    opened = closed(tmp_path_factory.mktemp("grant") / "site", {**ROWS, DEC: DECEMBER})
    opened.database.close()
    return opened.site.directory


@pytest.fixture
def opened(issued_site: Path, tmp_path: Path) -> Iterator[OpenSite]:
    """A copy of the site for one test."""
    copied = again(Path(shutil.copytree(issued_site, tmp_path / "site")))
    yield copied
    copied.database.close()


def record(opened: OpenSite, *given: GrantEntry) -> None:
    rules = read_rulebook(opened.site.rules)
    with opened.database.begin() as connection:
        for money in given:
            record_entry(connection, rules, money)


def test_what_money_of_the_state_posts() -> None:
    owed, interest = "receivable:programme:P:national", "interest:programme:P:national"
    assert entry_sides(entry("received", 5), "claimed") == (("bank", 5), (owed, -5))
    assert entry_sides(entry("returned", 5), "claimed") == ((owed, 5), ("bank", -5))
    assert entry_sides(entry("interest", 5), "claimed") == (("bank", 5), (interest, -5))
    back = entry_sides(entry("interest_returned", -5), "claimed")
    assert back == ((interest, -5), ("bank", 5))
    advance = "advance:programme:P:national"
    assert entry_sides(entry("received", 5), "advanced") == (("bank", 5), (advance, -5))


def test_a_source_owes_back_what_it_gave_too_much_with_its_interest() -> None:
    """Received 100, used 60, 30 given back, 7 of interest, 2 of it given back."""
    rules = book(
        programme("P", funding=(source("national", "0.7", {"2025": 100}), source("city", "0.3")))
    )
    [of_p] = [rule for rule in rules.programmes if rule.programme == "P"]
    rows = [GrantRow(OCT, "A", "national", 60), GrantRow(OCT, "A", "city", 25)]
    money = [
        entry("received", 120), entry("received", -20), entry("returned", 30),
        entry("interest", 7), entry("interest_returned", 2), entry("received", 20, "city"),
    ]  # fmt: skip
    national, city = sources_of(of_p, 2025, rows, [], money)
    assert (national.left_krw, national.to_return_krw, national.to_receive_krw) == (10, 15, 0)
    assert (city.left_krw, city.to_return_krw, city.to_receive_krw) == (-5, 0, 5)
    assert (national.budget_krw, national.years, city.budget_krw) == (100, "2025", None)


@pytest.mark.parametrize(
    ("came", "back"), [("received", "returned"), ("interest", "interest_returned")]
)
def test_no_more_goes_back_to_a_source_than_came_of_it(
    opened: OpenSite, came: str, back: str
) -> None:
    record(opened, entry(came, 100), entry(back, 60), entry(came, 7, "city"))
    for wrong in (entry(back, 41), entry(came, -41), entry(back, -61), entry(back, 8, "city")):
        with pytest.raises(CloseError, match="would have gone back"):
            record(opened, wrong)
    record(opened, entry(back, 40), entry(back, -100), entry(came, -100), entry(back, 7, "city"))


def test_nothing_goes_back_on_a_day_on_which_it_had_not_come(opened: OpenSite) -> None:
    came = entry("received", 100)
    record(opened, came)
    before, after = came.on - timedelta(1), came.on + timedelta(1)
    for wrong in (entry("returned", 1), entry("received", -100)):
        with pytest.raises(CloseError, match=f"by {before} of"):
            record(opened, replace(wrong, on=before))
    record(opened, replace(entry("returned", 100), on=after))
    with pytest.raises(CloseError, match=f"by {after} of"):  # what goes back later is not there
        record(opened, entry("returned", 1))


def test_what_companies_bring_in_kind_is_a_source_and_ties_too(tmp_path: Path) -> None:
    texts = book(programme("P", "0.5", more=f"company_in_kind: {dated('0.1')}\n")).texts
    opened = make_site(tmp_path / "site")
    shutil.rmtree(tmp_path / "site" / "rules")
    write_rules(tmp_path / "site", texts)
    put(opened, OCT, [hours("A-1", 5, f"{OCT}-05")])
    close(opened, OCT)
    settled = settlement(opened, "P", 2025)
    national, own = settled.grant.sources
    assert (own.title, own.settled, own.used_krw, own.left_krw) == (
        "기업 현물",
        "in_kind",
        3_000,
        0,
    )
    assert (national.used_krw, settled.grant.self_pay_krw) == (15_000, 12_000)
    [tie] = settled.ties
    assert (tie.holds, tie.claimed_krw) == (True, 18_000)


def test_a_budget_of_several_years_knows_what_earlier_ones_used() -> None:
    rules = book(programme("P", funding=(source("national", "1", {"2024-2026": 100}),)))
    [of_p] = [rule for rule in rules.programmes if rule.programme == "P"]
    earlier = [GrantRow(month, "A", "national", 8) for month in ("2023-12", "2024-01", "2024-12")]
    [national] = sources_of(of_p, 2025, [], earlier, [])
    assert (national.years, national.budget_krw, national.before_krw) == ("2024-2026", 100, 16)


def test_after_a_filing_less_goes_back_and_more_is_never_claimed() -> None:
    filed = [GrantRow(OCT, "A", "national", 10), GrantRow(OCT, "B", "national", 10)]
    now = [
        GrantRow(OCT, "A", "national", 7), GrantRow(OCT, "B", "national", 12),
        GrantRow(OCT, "C", "national", 5),
    ]  # fmt: skip
    assert settled_rows(None, now) == tuple(now)
    assert settled_rows(filed, now) == (now[0], filed[1])
    assert changes_since_filing(filed, now) == (
        ChangedSinceFiling(OCT, "A", "national", 10, 7),
        ChangedSinceFiling(OCT, "B", "national", 10, 12),
        ChangedSinceFiling(OCT, "C", "national", 0, 5),
    )
    assert changes_since_filing(filed, filed) == ()
    assert used_by_company(now) == {"A": {OCT: 7}, "B": {OCT: 12}, "C": {OCT: 5}}


def check_ties(opened: OpenSite) -> tuple[Tie, ...]:
    with opened.database.read() as connection:
        tied = ties(connection, (OCT, NOV, DEC))
        assert trial(entries(connection), OCT, "2030-12").balanced
    assert all(tie.holds for tie in tied)
    return tied


def test_invoices_ledger_and_claims_agree_by_programme_company_and_month(
    opened: OpenSite,
) -> None:
    tied = check_ties(opened)
    assert [(tie.programme, tie.company_id, tie.month) for tie in tied] == [
        ("P", "A", OCT), ("P", "A", NOV), ("P", "A", DEC), ("P", "B", OCT), ("P", "B", NOV),
    ]  # fmt: skip
    settled = settlement(opened, "P", 2025)
    assert settled.ties == tied
    assert sum(row.krw for row in settled.grant.rows) == sum(tie.claimed_krw for tie in tied)


@pytest.mark.parametrize(("rows", "cascade"), [(FEWER, False), (FEWER, True)])
def test_they_agree_after_corrections_too(
    opened: OpenSite, rows: tuple[object, ...], cascade: bool
) -> None:
    before = check_ties(opened)
    put(opened, OCT, rows)  # type: ignore[arg-type]
    assert corrected(opened, cascade=cascade) is not None
    assert check_ties(opened) != before


def test_books_that_do_not_agree_are_named_and_stop_a_filing(
    opened: OpenSite, capsys: pytest.CaptureFixture[str]
) -> None:
    with opened.database.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER claim_never_changes")
        connection.exec_driver_sql(
            "UPDATE claim SET claim_krw = claim_krw + 1"
            " WHERE company_id = 'A' AND month = '2025-10' AND funding = 'city'"
        )
    settled = settlement(opened, "P", 2025)
    assert [(tie.company_id, tie.month) for tie in settled.ties if not tie.holds] == [("A", OCT)]
    with pytest.raises(CheckError, match="differ in 1 places, the first A 2025-10"):
        file_settlement(opened, "P", 2025, "김정산", FILED)
    with pytest.raises(CheckError, match="A 2025-10: the books do not agree"):
        show_settlement(Screen(), settled, [])
    assert "1건 다름" in capsys.readouterr().out


def test_money_is_recorded_with_its_postings_and_settled_by_source(opened: OpenSite) -> None:
    money = (entry("received", 70_000), entry("interest", 123), entry("received", 9_000, "city"))
    record(opened, *money)
    settled = settlement(opened, "P", 2025).grant
    national, city = settled.sources
    used = {
        name: sum(r.krw for r in settled.rows if r.funding == name) for name in ("national", "city")
    }
    assert (national.used_krw, city.used_krw) == (used["national"], used["city"])
    assert national.to_return_krw == 70_000 - used["national"] + 123
    assert city.to_receive_krw == used["city"] - 9_000
    with opened.database.read() as connection:
        balance: dict[str, int] = {}
        for posting in entries(connection):
            balance[posting.account] = balance.get(posting.account, 0) + posting.amount_krw
        kept = entries_of(connection, "P", 2025)
    assert [replace(kept_entry, sequence=0) for kept_entry in kept] == list(money)
    assert balance["receivable:programme:P:national"] == -national.left_krw
    assert balance["receivable:programme:P:city"] == -city.left_krw
    assert balance["interest:programme:P:national"] == -123
    check_ties(opened)


def test_money_that_cannot_be_is_refused(opened: OpenSite) -> None:
    for wrong, message in (
        (entry("received", 5, "centre"), "P gets no money of centre; only of national, city"),
        (replace(entry("received", 5), programme="Q"), "the rules have no programme Q"),
        (entry("received", 0), "is recorded with an amount"),
        (replace(entry("received", 5), by=" "), "is recorded with an amount, --by NAME"),
        (replace(entry("received", 5), reason=""), "and --reason"),
    ):
        with pytest.raises(JeongsanError, match=message):
            record(opened, wrong)
    with pytest.raises(JeongsanError, match="the rules have no programme Q"):
        settlement(opened, "Q", 2025)


def test_a_year_is_filed_once_and_again_only_when_it_says_something_new(opened: OpenSite) -> None:
    first = file_settlement(opened, "P", 2025, "김정산", FILED)
    assert first.filed is not None
    assert (first.filed.sequence, first.filed.filed_by, first.differences) == (1, "김정산", ())
    again_filed = file_settlement(opened, "P", 2025, "다른 사람", date(2026, 3, 1)).filed
    assert again_filed == first.filed
    put(opened, OCT, FEWER)
    assert corrected(opened, on=date(2026, 3, 2)) is not None
    now = settlement(opened, "P", 2025)
    assert {(difference.company_id, difference.month) for difference in now.differences} == {
        ("A", OCT)
    }
    assert all(difference.now_krw < difference.filed_krw for difference in now.differences)
    less = sum(difference.filed_krw - difference.now_krw for difference in now.differences)
    used = [sum(source.used_krw for source in filing.grant.sources) for filing in (first, now)]
    assert used[0] - used[1] == less
    second = file_settlement(opened, "P", 2025, "김정산", date(2026, 3, 3))
    assert second.filed is not None
    assert (second.filed.sequence, second.differences) == (2, ())


def test_what_grows_after_a_filing_is_not_claimed(opened: OpenSite) -> None:
    first = file_settlement(opened, "P", 2025, "김정산", FILED)
    put(opened, OCT, MORE)
    assert corrected(opened, on=date(2026, 3, 2)) is not None
    now = settlement(opened, "P", 2025)
    assert (now.differences, now.grant.rows) == ((), first.grant.rows)
    assert now.grant.self_pay_krw == first.grant.self_pay_krw + 6_000


def test_a_filing_waits_for_the_months_in_which_somebody_is_supported(tmp_path: Path) -> None:
    opened = closed(tmp_path / "site")
    assert settlement(opened, "P", 2025).grant.open_months == (DEC,)
    with pytest.raises(CloseError, match="P 2025: 2025-12 is not issued yet"):
        file_settlement(opened, "P", 2025, "김정산", FILED)
    ended = [
        replace(award(name, "P", company), until=date(2025, 12, 1))
        for name, company in (("WA", "A"), ("WB", "B"))
    ]
    store_registry(opened, registry(ended))
    assert file_settlement(opened, "P", 2025, "김정산", FILED).grant.open_months == ()
    with pytest.raises(CloseError, match="--by NAME"):
        file_settlement(opened, "P", 2025, "", FILED)


def test_a_filed_document_that_was_changed_is_noticed(opened: OpenSite) -> None:
    file_settlement(opened, "P", 2025, "김정산", FILED)
    with opened.database.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER grant_filing_never_changes")
        connection.exec_driver_sql("UPDATE grant_filing SET document = document || ' '")
    with pytest.raises(JeongsanError, match=r"settlement P 2025 no\. 1"):
        settlement(opened, "P", 2025)


@pytest.mark.parametrize("table", ["grant_entry", "grant_filing"])
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_database_itself_keeps_what_was_recorded_and_filed(
    opened: OpenSite, table: str, verb: str
) -> None:
    record(opened, entry("received", 5))
    file_settlement(opened, "P", 2025, "김정산", FILED)
    kept = tables.metadata.tables[table]
    change = kept.delete() if verb == "delete" else kept.update().values(programme="Q")
    refused = pytest.raises(sa.exc.IntegrityError, match="what is issued never changes")
    with refused, opened.database.begin() as connection:
        connection.execute(change)


def test_the_report_says_what_was_settled_and_is_the_same_again(
    opened: OpenSite, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(opened, entry("received", 70_000), entry("interest", 123))
    before = settlement(opened, "P", 2025)
    report = grant_report(before, {}, "센터", full=False)
    said = read(government_pdf(report, "센터")).text
    for text in (
        "2025년도 P 사업 정산보고서",
        "제출 전",
        "실제수입(B)",
        "집행률",
        "반납할 금액",
        "모두 맞음",
    ):
        assert text in said
    filed = file_settlement(opened, "P", 2025, "김정산", FILED)
    pdf, xlsx = write_settlement(opened, filed, tmp_path / "b")
    again_pdf, again_xlsx = write_settlement(opened, settlement(opened, "P", 2025), tmp_path / "c")
    assert pdf.read_bytes() == again_pdf.read_bytes()
    assert xlsx.read_bytes() == again_xlsx.read_bytes()
    said = read(pdf.read_bytes()).text
    assert "2026. 2. 20.(금)" in said
    assert "초안" not in said
    sheets = load_workbook(xlsx)
    [proof] = [sheet for sheet in sheets.worksheets if "장부 대조" in sheet.title]
    companies = [cell.value for cell in proof["B"] if cell.value and "(" in str(cell.value)]
    assert len([company for company in companies if "주식회사" in str(company)]) == len(filed.ties)
    show_settlement(Screen(), filed, [pdf])
    assert "1번째 제출 2026-02-20 (김정산)" in capsys.readouterr().out
    put(opened, OCT, FEWER)
    assert corrected(opened, on=date(2026, 3, 2)) is not None
    changed_report = grant_report(settlement(opened, "P", 2025), {}, "센터", full=False)
    assert "Ⅵ. 지난 제출과의 차이" in [section.heading for section in changed_report.sections]
