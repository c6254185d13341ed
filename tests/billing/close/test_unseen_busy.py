"""What is priced by work is not free on a day of which nobody saw the work: it stops the month."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from billing.close.draft_month import read_in_order
from billing.draft.capacity_used import Resource
from billing.draft.draft import Draft, settle
from billing.draft.month_inputs import Inputs
from billing.month.list_price import worth_krw
from metering.database.decisions import Acknowledgement
from metering.finding import Finding
from tests.builders.rules_and_usage import SEOUL, book, price, registry
from tests.builders.sites.adjust_site import OCT, hours, make_site, put

FIFTH = date(2025, 10, 5)
BY_BUSY = book(price("gpu.h100", "6000", basis="busy"))
SEEING = Resource("gpu", "gpu", "h100", 8, 0, 1, 0, 7, 0, 0)
BLIND = Resource("gpu", "gpu", "h100", 8, 0, 1, 0, 7, None, None)
DARK = Finding("warn", "dark", "meter", "gpu", FIFTH, "h100", "장비 8대에서 …")


@pytest.fixture
def inputs(tmp_path: Path) -> Iterator[Inputs]:
    """Ten hours held on the 5th, of which no work is known."""
    site = make_site(tmp_path / "site", held=registry([]))
    put(site, OCT, [replace(hours("A-1", 10, str(FIFTH)), source="gpu", busy_ns=0)])
    read, _ = read_in_order(site, OCT)
    yield replace(read, book=BY_BUSY, resources=(SEEING,))
    site.database.close()


def stops(of: Draft) -> list[str]:
    return [finding.kind for finding in of.blocking]


@pytest.mark.parametrize("why", [{"resources": (BLIND,)}, {"findings": (DARK,)}])
def test_unseen_work_stops_a_month_that_is_priced_by_it(
    inputs: Inputs, why: dict[str, tuple[Resource | Finding, ...]]
) -> None:
    now = settle(replace(inputs, **why))  # type: ignore[arg-type]
    assert stops(now) == ["unseen_busy"]
    (finding,) = now.blocking
    assert (finding.cluster, finding.day, finding.subject) == ("gpu", FIFTH, "gpu.h100")
    assert worth_krw([finding], BY_BUSY, SEOUL) == {finding.key: 60_000}
    assert [charge.charge_krw for charge in now.closing.charges] == [0]
    for effect, left in (("bill", 1), ("exclude", 0)):
        said = Acknowledgement(finding.key, effect, "수집기 고장", "김운영", finding.detail)
        decided = settle(replace(inputs, **why, acknowledged=(said,)))  # type: ignore[arg-type]
        assert (stops(decided), len(decided.closing.charges)) == ([], left)


def test_what_was_seen_to_idle_or_is_priced_by_what_was_held_stops_nothing(inputs: Inputs) -> None:
    assert stops(settle(inputs)) == []
    held = book(price("gpu.h100", "6000"))
    assert stops(settle(replace(inputs, book=held, resources=(BLIND,)))) == []
    seen = replace(inputs.usage[0].rows[0], busy_ns=1)
    part = replace(inputs.usage[0], rows=(seen,))
    assert stops(settle(replace(inputs, usage=(part,), findings=(DARK,)))) == []
