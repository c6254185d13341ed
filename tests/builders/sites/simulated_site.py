"""A site of two companies and two days of use, for months under other rules.

10 October and 10 November. Company 1 has an award and uses 10 hours on both, company 2 has none and
uses 5 in October. An hour costs 6,000 won; the programme pays 80 % out of a budget of 60,000 won.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from metering.site.open_site import OpenSite
from tests.builders.rules_and_usage import PF, TAX, award, price, programme, source
from tests.builders.sites.close_site import (
    HOUR_US,
    REGISTRY,
    open_ground,
    put_day,
    store_registry,
    used,
)

OCTOBER, NOVEMBER = date(2025, 10, 10), date(2025, 11, 10)


def paying(company: str, budget: int = 60_000, krw: str = "6000") -> dict[str, str]:
    """The rules: the company's share, the national budget, an hour's price."""
    funds = (source("national", "1", {"2025": budget}),)
    named = programme("AID", company, funding=funds)
    return {"tax.yaml": TAX, "pf.yaml": PF, **price("gpu.h100", krw), **named}


def open_site(root: Path, rules: Mapping[str, str], **awarded: object) -> OpenSite:
    """Two companies, one of them with an award, and their two days."""
    folder = root / "rules"
    for name, text in rules.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    opened = open_ground(root, rules=folder)
    held = award("A-1", "AID", "C-1", start=date(2025, 9, 1), **awarded)
    store_registry(opened, replace(REGISTRY, awards=(held,)))
    hours = {(OCTOBER, 1): 10, (OCTOBER, 2): 5, (NOVEMBER, 1): 10}
    for day in (OCTOBER, NOVEMBER):
        rows = [
            used(day, who, "gpu.h100", hours[day, who] * HOUR_US)
            for who in (1, 2) if (day, who) in hours
        ]  # fmt: skip
        put_day(opened, day, {"gpu": rows})
    return opened
