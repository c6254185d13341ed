"""What changes between draft, approval and issue: an approval is of one digest."""

import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.ledger.invoice_numbers import numbers_given
from billing.paths import PACKAGED_RULES
from metering.database.decisions import waive
from metering.errors import CloseError
from metering.site.open_site import OpenSite
from tests.builders.close_steps import fail, state_of
from tests.builders.sites.close_site import (
    FIRST,
    HOUR_US,
    MONTH,
    ON,
    REGISTRY,
    open_ground,
    put_day,
    put_findings,
    store_registry,
    used,
)


def change_usage(opened: OpenSite) -> None:
    put_day(opened, FIRST, {"gpu": [used(FIRST, 3, "gpu.h100", HOUR_US)]})


def change_registry(opened: OpenSite) -> None:
    store_registry(opened, replace(REGISTRY, awards=REGISTRY.awards[:1]))


def change_findings(opened: OpenSite) -> None:
    put_findings(opened, "gpu", fail(FIRST, "h100"))


def change_waivers(opened: OpenSite) -> None:
    with opened.database.begin() as connection:
        waive(connection, "gpu", FIRST, "정전", "김운영")


@pytest.mark.parametrize("change", [change_usage, change_registry, change_findings, change_waivers])
def test_what_changes_after_the_approval_makes_a_draft_again(
    opened: OpenSite, change: object
) -> None:
    before = draft(opened, MONTH)
    approve(opened, MONTH, "박승인")
    change(opened)  # type: ignore[operator]
    with pytest.raises(CloseError, match="changed since its approval; it is a draft again"):
        issue(opened, MONTH, ON)
    after = state_of(opened)
    assert (after.state, after.approved_by) == ("draft", None)
    assert after.digest not in (None, before.digest)
    with opened.database.read() as connection:
        assert numbers_given(connection) == {}


def test_a_changed_rule_makes_a_draft_again(month_of_usage: Path, tmp_path: Path) -> None:
    shutil.copytree(month_of_usage, tmp_path / "site")
    rules = tmp_path / "site-rules"
    shutil.copytree(PACKAGED_RULES, rules)
    opened = open_ground(tmp_path / "site", rules=rules)
    first = draft(opened, MONTH)
    approve(opened, MONTH, "박승인")
    file = rules / "prices" / "gpu.h100.yaml"
    file.write_text(file.read_text().replace('"6000"', '"6001"'))
    with pytest.raises(CloseError, match="draft again"):
        issue(opened, MONTH, ON)
    second = draft(opened, MONTH)
    assert {c.price_krw for c in second.closing.charges if c.sku == "gpu.h100"} == {Decimal(6001)}
    assert second.digest != first.digest


def test_an_approval_is_bound_to_the_draft_that_was_looked_at(opened: OpenSite) -> None:
    looked_at = draft(opened, MONTH)
    change_usage(opened)
    with pytest.raises(CloseError, match="changed since it was drafted"):
        approve(opened, MONTH, "박승인")
    newer = draft(opened, MONTH)
    with pytest.raises(CloseError, match="changed since it was drafted"):
        approve(opened, MONTH, "박승인", looked_at.digest)
    assert approve(opened, MONTH, "박승인", newer.digest).state == "approved"
