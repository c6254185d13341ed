"""A flat fee from the draft to the documents: capacity that was paid for and not used."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.explain.question import Asked, answer
from metering.site.open_site import OpenSite
from reports.documents import render_month
from reports.verify_documents import verify_month
from tests.builders.rules_and_usage import PF, TAX, UNUSED, flat_fee, price, programme
from tests.builders.sites.close_site import (
    MONTH,
    ON,
    REGISTRY,
    open_ground,
    put_month,
    store_registry,
)
from tests.builders.sites.close_site import award as signed

FEE_KRW = 20_000_000
LIST_KRW = 13_325_575  # C-1's cards and storage of October at list price
COVERED_KRW = 31 * 24 * 6_000  # to the won, though each day is cut (SETTLEMENT 30)


def site(root: Path) -> OpenSite:
    """C-1 has a card for 20 million a month, and uses some three at once, of which one is paid by
    the fee; C-2 pays a fifth."""
    texts = {
        "tax.yaml": TAX,
        "pf.yaml": PF,
        **UNUSED,
        **price("gpu.h100", "6000"),
        **price("storage.parallel", "120", "gb_month"),
        **programme(
            "FEE",
            flat_fee(("1", str(FEE_KRW)), unit="devices"),
            basis="flat_fee",
            skus="[gpu.*]",
        ),
        **programme("BASE", "0.2", order=20),
    }
    for name, text in texts.items():
        path = root / "rules" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    opened = open_ground(root, rules=root / "rules")
    fee = replace(signed("A-1", "FEE", "C-1"), quota=Decimal(1), quota_unit="devices", cap_krw=None)
    store_registry(opened, replace(REGISTRY, awards=(fee, signed("A-2", "BASE", "C-2"))))
    put_month(opened)
    return opened


def lines(opened: OpenSite) -> tuple[dict[str, int], bool]:
    """What C-1 pays by SKU as it is explained, and whether a draft is out of date."""
    explained = answer(opened, Asked(MONTH, company="C-1"))
    return {line.sku: line.company_krw for line in explained.answer.lines}, explained.stale


@pytest.mark.breadth
def test_unused_capacity_is_billed_explained_and_verified(tmp_path: Path) -> None:
    """24 of some 71 hours of a day are under the ceiling, and pay their list price of the fee."""
    opened = site(tmp_path)
    open_month = lines(opened)
    drafted = draft(opened, MONTH)
    assert drafted.blocking == ()
    [mine] = [bill for bill in drafted.closing.invoices if bill.company_id == "C-1"]
    assert mine.company_krw == LIST_KRW + FEE_KRW - COVERED_KRW
    expected = {"capacity.unused": FEE_KRW - COVERED_KRW}
    assert {sku: krw for sku, krw in open_month[0].items() if sku in expected} == expected
    assert sum(open_month[0].values()) == mine.company_krw
    assert lines(opened) == open_month
    approve(opened, MONTH, "김정산")
    issue(opened, MONTH, ON)
    assert lines(opened) == open_month
    render_month(opened, MONTH)
    assert verify_month(opened, MONTH).differences == ()
    explained = answer(opened, Asked(MONTH, company="C-1", sku="capacity.unused")).answer
    [part] = explained.lines[0].parts
    assert [(unpaid.reason, unpaid.charge_krw) for unpaid in part.unpaid] == [
        ("unused_capacity", FEE_KRW - COVERED_KRW)
    ]
