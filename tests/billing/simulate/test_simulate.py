"""What-if by hand: months under other rules beside the months as they stand (simulated_site)."""

from dataclasses import replace
from pathlib import Path

import pytest

from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.month.totals import InvoiceSums
from billing.rulebook.rule_book import read_rulebook
from billing.simulate.months_as_they_stand import chain_month
from billing.simulate.simulate import simulate
from metering.errors import CloseError
from reports.simulation.figures import (
    BudgetRow,
    budget_rows,
    company_rows,
    month_rows,
    new_findings,
    paid_rows,
    total,
)  # fmt: skip
from tests.builders.rules_and_usage import (
    PF,
    TAX,
    UNUSED,
    book,
    flat_fee,
    price,
    programme,
    source,
)  # fmt: skip
from tests.builders.sites.close_site import (
    MONTH,
    NEXT,
    ON,
    REGISTRY,
    make_ground,
    store_registry,
)  # fmt: skip
from tests.builders.sites.simulated_site import NOVEMBER, open_site, paying

SPLIT = (source("national", "0.7", {"2025": 100_000}), source("city", "0.3"))


def due(charge: int, support: int, vat: int) -> InvoiceSums:
    return InvoiceSums(charge, support, 0, charge - support, vat)


def test_a_smaller_share_lasts_longer_and_every_figure_is_by_hand(tmp_path: Path) -> None:
    opened = open_site(tmp_path, paying("0.2"))
    simulation = simulate(opened, book(paying("0.5")), MONTH, NEXT)
    # 80 % of 60,000 leave 12,000 for November; 50 % leave enough for all of it
    assert [(row.key, row.before, row.after) for row in month_rows(simulation)] == [
        ("2025-10", due(90_000, 48_000, 4_200), due(90_000, 30_000, 6_000)),
        ("2025-11", due(60_000, 12_000, 4_800), due(60_000, 30_000, 3_000)),
    ]
    assert total(month_rows(simulation)).change == InvoiceSums(0, 0, 0, 0, 0)
    assert [(row.key, row.before, row.after) for row in company_rows(simulation)] == [
        ("C-1", due(120_000, 60_000, 6_000), due(120_000, 60_000, 6_000)),
        ("C-2", due(30_000, 0, 3_000), due(30_000, 0, 3_000)),
    ]
    rows = paid_rows(simulation, every=True)
    assert [(row.month, row.company_id, row.before_krw, row.after_krw) for row in rows] == [
        ("2025-10", "C-1", 48_000, 30_000),
        ("2025-11", "C-1", 12_000, 30_000),
    ]
    assert [(row.programme, row.change_krw) for row in paid_rows(simulation)] == [("AID", 0)]
    assert budget_rows(simulation) == [
        BudgetRow("AID", "national", "2025", 60_000, 60_000, 60_000, 60_000)
    ]
    assert new_findings(simulation) == []


def test_a_dearer_hour_reaches_those_without_support_whole(tmp_path: Path) -> None:
    opened = open_site(tmp_path, paying("0.2"))
    simulation = simulate(opened, book(paying("0.2", krw="7000")), MONTH, MONTH)
    assert [(row.key, row.change) for row in company_rows(simulation)] == [
        ("C-2", due(5_000, 0, 500)),
        ("C-1", due(10_000, 8_000, 200)),
    ]


def test_a_smaller_budget_ends_earlier_and_the_rest_is_due(tmp_path: Path) -> None:
    opened = open_site(tmp_path, paying("0.2"))
    simulation = simulate(opened, book(paying("0.2", budget=50_000)), MONTH, NEXT)
    assert [row.change.company_krw for row in month_rows(simulation)] == [0, 10_000]
    assert budget_rows(simulation) == [
        BudgetRow("AID", "national", "2025", 60_000, 60_000, 50_000, 50_000)
    ]


def test_a_later_month_opens_with_what_is_used_by_then(tmp_path: Path) -> None:
    opened = open_site(tmp_path, paying("0.2"))
    simulation = simulate(opened, book(paying("0.5")), NEXT, NEXT)
    # November alone: 12,000 are left under either rules, since October was as it was
    assert [(row.before, row.after) for row in month_rows(simulation)] == [
        (due(60_000, 12_000, 4_800), due(60_000, 12_000, 4_800))
    ]


@pytest.mark.parametrize("apart", [False, True])
def test_the_same_rules_change_nothing(tmp_path: Path, apart: bool) -> None:
    rules = {**paying("0.2"), **programme("AID", "0.2", funding=SPLIT)}
    opened = open_site(tmp_path, rules)
    simulation = simulate(opened, book(rules), MONTH, NEXT, apart=apart)
    assert [month.after for month in simulation.months] == [
        month.before for month in simulation.months
    ]
    assert [month.before.due["C-1"].support_krw for month in simulation.months] == [48_000, 48_000]


def test_a_fee_that_nobody_used_up_is_due_once(tmp_path: Path) -> None:
    fee = programme("AID", flat_fee(("1", "100000"), unit="devices"),
                    basis="flat_fee")  # fmt: skip
    rules = {"tax.yaml": TAX, "pf.yaml": PF, **price("gpu.h100", "6000"), **UNUSED, **fee}
    opened = open_site(tmp_path, rules, quota="1", quota_unit="devices")
    simulation = simulate(opened, book(rules), MONTH, NEXT)
    assert [month.after for month in simulation.months] == [
        month.before for month in simulation.months
    ]
    # 60,000 of the fee are paid by use, 40,000 buy capacity that nobody used
    assert [month.before.due["C-1"] for month in simulation.months] == [due(100_000, 0, 10_000)] * 2


def test_an_issued_month_is_compared_as_it_was_issued(tmp_path: Path) -> None:
    opened = make_ground(tmp_path)
    drafted = draft(opened, MONTH)
    approve(opened, MONTH, "김정산")
    issue(opened, MONTH, ON)
    store_registry(opened, replace(REGISTRY, awards=()))  # what is in force now is another matter
    simulation = simulate(opened, read_rulebook(), MONTH, MONTH)
    [simulated] = simulation.months
    assert simulated.state == "issued"
    assert simulated.after == simulated.before
    assert sum(due.company_krw for due in simulated.before.due.values()) == sum(
        invoice.company_krw for invoice in drafted.closing.invoices
    )
    assert sum(due.support_krw for due in simulated.before.due.values()) > 0
    assert chain_month(opened, MONTH).state == "issued"


def test_a_price_that_the_other_rules_lack_is_found(tmp_path: Path) -> None:
    opened = open_site(tmp_path, paying("0.2"))
    texts = {
        **paying("0.2"),
        **price("gpu.h100", {"2025-01-01": "6000", "2025-11-01": None}),
    }
    simulation = simulate(opened, book(texts), MONTH, NEXT)
    assert [
        (new_finding.severity, new_finding.kind, new_finding.day)
        for new_finding in new_findings(simulation)
    ] == [("fail", "no_price", NOVEMBER)]


def test_a_month_before_the_site_is_refused(tmp_path: Path) -> None:
    opened = open_site(tmp_path, paying("0.2"))
    with pytest.raises(CloseError, match="before the first month of the site, 2025-10"):
        simulate(opened, book(paying("0.5")), "2025-09", MONTH)
