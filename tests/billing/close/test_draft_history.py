"""What is different between two drafts of a month: whose amounts, by how much, and why."""

from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest
import sqlalchemy as sa

from billing.bundle.bundle import inputs_of, invoices_of, path_of, read_bundle
from billing.close.approve_month import approve
from billing.close.draft_history import DraftCause, Moved, between, redraft
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.close.issued_month import kept_files
from billing.draft.draft import settle
from billing.draft.month_inputs import Inputs
from billing.ledger.tables import draft_record
from billing.records import Invoice
from billing.rulebook.rule_book import parse_rulebook
from billing.subsidy.balance import Balance
from metering.errors import JeongsanError
from metering.site.open_site import OpenSite
from reports.readiness.redraft_view import last_change, redraft_rows
from tests.builders.sites.close_site import (
    FIRST,
    HOUR_US,
    MONTH,
    ON,
    REGISTRY,
    as_if_metered,
    award,
    make_ground,
    open_ground,
    put_day,
    store_registry,
    used,
)

LATER = 4_102_444_800_000  # the year 2100: everything is old


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> OpenSite:
    """A site with a month that was drafted once; only to be read."""
    root = tmp_path_factory.mktemp("drafted") / "site"
    root.mkdir()
    opened = make_ground(root)
    draft(opened, MONTH)
    return opened


@pytest.fixture(scope="module")
def twice(once: OpenSite, tmp_path_factory: pytest.TempPathFactory) -> OpenSite:
    """The same, drafted again with another award and other usage; only to be read."""
    opened = copy_of(once, tmp_path_factory.mktemp("twice"))
    awards = (*REGISTRY.awards[1:], award("A-3", "AIDC-BASE", "C-1"))
    store_registry(opened, replace(REGISTRY, awards=awards))
    as_if_metered(opened)
    more = [used(FIRST, c, "gpu.h100", 90 * HOUR_US) for c in (1, 2, 3)]
    put_day(opened, FIRST, {"gpu": more})
    draft(opened, MONTH)
    return opened


def copy_of(opened: OpenSite, folder: Path) -> OpenSite:
    return open_ground(copytree(opened.site.directory, folder / "site"))


def record_of(opened: OpenSite, which: str = "record") -> str:
    with opened.database.read() as connection:
        row = connection.execute(sa.select(draft_record)).one()
    return str(getattr(row, which))


def drafted(opened: OpenSite) -> tuple[Inputs, tuple[Invoice, ...]]:
    bundle = read_bundle(opened.lake, record_of(opened))
    return inputs_of(opened.lake, bundle), invoices_of(bundle)


def test_a_month_that_was_drafted_once_has_no_difference_to_tell(once: OpenSite) -> None:
    assert redraft(once, MONTH) is None


def test_each_cause_has_its_own_difference_and_together_they_are_the_whole(
    once: OpenSite, twice: OpenSite
) -> None:
    first, last = ({bill.company_id: bill for bill in drafted(site)[1]} for site in (once, twice))
    history = redraft(twice, MONTH)
    assert history is not None
    assert [(move.company_id, move.cause) for move in history.moved] == [
        ("C-1", "registry"), ("C-1", "usage"), ("C-2", "usage"), ("C-3", "usage"),
    ]  # fmt: skip
    assert history.moved[0].charge_krw == 0
    for company in ("C-1", "C-2", "C-3"):
        own = [move for move in history.moved if move.company_id == company]
        before, after = first[company], last[company]
        assert sum(move.charge_krw for move in own) == after.charge_krw - before.charge_krw
        assert sum(move.subsidy_krw for move in own) == after.subsidy_krw - before.subsidy_krw
        assert sum(move.company_krw for move in own) == after.company_krw - before.company_krw
        assert sum(move.vat_krw for move in own) == after.vat_krw - before.vat_krw


def test_price_and_rule_are_told_apart(once: OpenSite) -> None:
    was, old = drafted(once)
    price, rule = "prices/gpu.h100.yaml", "programmes/AIDC-BASE.yaml"
    texts = dict(was.book.texts)
    texts[price] = texts[price].replace('value: "6000"', 'value: "7000"')
    dearer = replace(was, book=parse_rulebook(texts))
    new = settle(dearer).closing.invoices
    assert {move.cause for move in between(was, dearer, old, new)} == {"price"}
    texts[rule] = texts[rule].replace('value: "0"\n', 'value: "0.1"\n')
    both = replace(was, book=parse_rulebook(texts))
    new = settle(both).closing.invoices
    history = between(was, both, old, new)
    assert [move.cause for move in history if move.company_id == "C-2"] == ["price", "rule"]
    assert [move.charge_krw for move in history if move.cause == "rule"] == [0]


def test_a_correction_of_the_month_before_and_another_program_have_names_of_their_own(
    once: OpenSite,
) -> None:
    was, old = drafted(once)
    bill, *others = old
    dearer = replace(bill, charge_krw=bill.charge_krw + 7, company_krw=bill.company_krw + 7)
    new = (dearer, *others)
    corrected = replace(was, opening=Balance({("award", "A-1"): 1}))
    row = Moved(bill.company_id, bill.company.name, bill.tax_class, "correction", 7, 0, 7, 0)
    assert between(was, corrected, old, new) == (row,)
    assert between(was, was, old, new) == (replace(row, cause="program"),)
    assert between(was, was, old, old) == ()


def test_what_is_different_is_told_until_the_month_is_issued(
    twice: OpenSite, tmp_path: Path
) -> None:
    opened = copy_of(twice, tmp_path)
    history = redraft(opened, MONTH)
    approve(opened, MONTH, "김정산")  # which drafts it again
    assert redraft(opened, MONTH) == history
    opened.lake.sweep(0, LATER, kept_files(opened))
    opened = open_ground(opened.site.directory)
    assert redraft(opened, MONTH) == history
    issue(opened, MONTH, ON)
    assert redraft(opened, MONTH) is None
    assert opened.lake.sweep(0, LATER, kept_files(opened)) != []


def test_a_damaged_record_is_named_and_stops_no_sweeping(twice: OpenSite, tmp_path: Path) -> None:
    opened = copy_of(twice, tmp_path)
    before = record_of(opened, "before")
    (Path(opened.site.lake) / path_of(before)).unlink()
    with pytest.raises(JeongsanError, match=f"{before}.json: is missing from the lake"):
        redraft(opened, MONTH)
    assert "견주지 못했습니다" in str(last_change(opened, MONTH))
    assert record_of(opened) in kept_files(opened)


def test_the_company_that_moved_most_stands_first_with_its_causes_together() -> None:
    def moved(company: str, cause: DraftCause, krw: int) -> Moved:
        return Moved(company, company, "taxable", cause, 0, -krw, krw, 0)

    history = redraft_rows(
        [moved("a", "usage", 1), moved("b", "registry", -5), moved("b", "rule", 2)]
    )
    assert [(move.company_id, move.cause, move.krw) for move in history] == [
        ("b", "registry", (0, 5, -5, 0)),
        ("b", "rule", (0, -2, 2, 0)),
        ("a", "usage", (0, -1, 1, 0)),
    ]
