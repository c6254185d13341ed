"""SETTLEMENT 39 on a site: a quota given after an issue opens with what the issued month used."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billing.adjust.adjust import look
from billing.bundle import opening
from billing.close.draft_month import draft, read_in_order
from billing.month.use_before import Opening
from billing.simulate.months_as_they_stand import chain_month
from billing.subsidy.balance import Balance
from billing.verify.verify import verify
from metering.errors import CloseError
from metering.site.open_site import OpenSite
from tests.builders.close_steps import close
from tests.builders.sites.close_site import (
    HOUR_US,
    MONTH,
    NEXT,
    REGISTRY,
    make_ground,
    put_month,
    store_registry,
)

KEY = ("quota", "A-2", "device_hours")


def grant(opened: OpenSite, hours: int) -> None:
    """Give the award of C-2, which had no quota, so many hours."""
    awards = tuple(
        replace(award, quota=Decimal(hours), quota_unit="device_hours")
        if award.award_id == "A-2"
        else award
        for award in REGISTRY.awards
    )
    store_registry(opened, replace(REGISTRY, awards=awards))


@pytest.mark.breadth
def test_a_quota_given_later_opens_with_what_was_used_and_verifies(tmp_path: Path) -> None:
    opened = make_ground(tmp_path)
    close(opened, MONTH)
    used = sum(u.quantity for u in chain_month(opened, MONTH).usages() if u.company_id == "C-2")
    put_month(opened, NEXT)
    grant(opened, used // HOUR_US + 10)
    inputs, _ = read_in_order(opened, NEXT)
    assert inputs.opening.of(*KEY) == used > 0
    drafted = draft(opened, NEXT)
    assert drafted.closing.balance.of(*KEY) == (used // HOUR_US + 10) * HOUR_US
    close(opened, NEXT, date(2025, 12, 3))
    assert look(opened) is None
    assert verify(opened, NEXT).differences == ()


def test_a_draft_stops_where_nobody_knows_what_was_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = make_ground(tmp_path)
    close(opened, MONTH)
    put_month(opened, NEXT)
    grant(opened, 300)
    unknown = Opening(Balance(), (("A-2", MONTH),))
    monkeypatch.setattr(opening, "opening_under", lambda *_: unknown)
    with pytest.raises(CloseError, match=r"2025-11 cannot be drafted: .* A-2 in 2025-10\."):
        draft(opened, NEXT)
