"""What-if over months that were corrected company by company: only the rules make a difference."""

from dataclasses import asdict, replace
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from billing.adjust.adjust import adjust, look
from billing.ledger.adjustment_ledger import claims_standing
from billing.simulate.simulate import Simulation, simulate
from metering.site.open_site import OpenSite
from reports.simulation.figures import month_rows, together_note
from reports.simulation.view import show_simulation
from reports.simulation.xlsx import simulation_xlsx
from reports.terminal.screen import Screen
from tests.builders.rules_and_usage import award, book, caps, programme, source
from tests.builders.sites.adjust_site import (
    HELD,
    LATER,
    NOV,
    OCT,
    OCTOBER,
    RULES,
    closed,
    corrected,
    hours,
    put,
)
from tests.builders.sites.close_site import store_registry

FUNDS = (source("national", "0.7", {"2025": 70_000}), source("city", "0.3", {"2025": 30_000}))


@pytest.fixture
def site(tmp_path: Path) -> OpenSite:
    """A and B share a budget of 100,000; C's award comes late and is corrected alone: B keeps the
    40,000 that it was given, C gets 30,000. Rated together B has 30,000 and C 40,000."""
    opened = closed(tmp_path / "site")
    store_registry(
        opened, replace(HELD, awards=(*HELD.awards, award("WC", "P", "C", cap_krw=90_000)))
    )
    put(opened, OCT, (*OCTOBER, hours("C-1", 15, f"{OCT}-04")))
    corrected(opened)
    return opened


def supports(simulation: Simulation, side: str) -> dict[str, int]:
    sums = dict.fromkeys("ABC", 0)
    for month in simulation.months:
        for (_, company), krw in getattr(month, side).paid.items():
            sums[company] += krw
    return sums


def test_the_same_rules_change_nothing_where_companies_were_corrected_alone(
    site: OpenSite, capsys: pytest.CaptureFixture[str]
) -> None:
    simulation = simulate(site, RULES, OCT, NOV)
    assert [month.after for month in simulation.months] == [
        month.before for month in simulation.months
    ]
    together = {"A": 30_000, "B": 30_000, "C": 40_000}
    assert supports(simulation, "before") == supports(simulation, "after") == together
    with site.database.read() as connection:
        claimed = sum(
            claim.claim_krw for m in (OCT, NOV) for claim in claims_standing(connection, m)
        )
    assert (
        sum(month.billed.support_krw for month in simulation.months if month.billed)
        == claimed
        == 100_000
    )
    note = together_note(simulation)
    assert note.startswith("2025-10부터 기업별로 정정하여(연쇄 없이) '지금'은 모든 기업을 함께")
    show_simulation(Screen(), simulation, Path("rules"), [])
    assert note in capsys.readouterr().out.replace("\n", "")
    sheet = openpyxl.load_workbook(BytesIO(simulation_xlsx(simulation, "시험", "센터")))["달별"]
    assert sheet["A3"].value == note
    assert [row.change.company_krw for row in month_rows(simulation)] == [0, 0]


def test_only_the_rules_make_a_difference_there(site: OpenSite) -> None:
    wider = book(programme("P", "0.5", funding=FUNDS, more=caps(award=50_000)))
    simulation = simulate(site, wider, OCT, NOV)
    assert supports(simulation, "before") == {"A": 30_000, "B": 30_000, "C": 40_000}
    assert sum(supports(simulation, "after").values()) == 100_000  # the budget is what it was


def test_after_a_cascade_documents_are_what_is_compared(site: OpenSite) -> None:
    assert look(site, cascade=True) is not None
    adjust(site, None, "박승인", "진실대로", LATER, cascade=True)
    simulation = simulate(site, RULES, OCT, NOV)
    assert [month.billed for month in simulation.months] == [None, None]
    assert together_note(simulation) == ""
    assert [asdict(row.change) for row in month_rows(simulation)] == [
        dict.fromkeys(asdict(row.change), 0) for row in month_rows(simulation)
    ]


def test_a_month_before_the_correction_is_compared_with_its_documents(tmp_path: Path) -> None:
    opened = closed(tmp_path / "site")
    put(opened, NOV, [hours("A-1", 3, f"{NOV}-05")])
    corrected(opened)
    simulation = simulate(opened, RULES, OCT, NOV)
    assert [month.billed is None for month in simulation.months] == [True, False]
    assert [month.after for month in simulation.months] == [
        month.before for month in simulation.months
    ]
