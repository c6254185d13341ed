"""Random small centres: programmes of every shape, awards and use, for properties of money."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache

from hypothesis import strategies as st

from billing.records import Usage
from billing.rulebook.programme import FlatFee
from billing.rulebook.programme_reader import parse_programme
from billing.rulebook.rule_book import RuleBook
from billing.rulebook.yaml_reader import RuleReader
from metering.errors import Mistake
from metering.registry.registry import Award, Registry
from tests.builders.rules_and_usage import (
    HOUR_US,
    UNUSED,
    WHY,
    award,
    book,
    caps,
    dated,
    flat_fee,
    halved,
    market,
    price,
    programme,
    registry,
    source,
    used,
)

MONTH = "2025-10"
FIRST = date(2025, 10, 1)
SKUS = ("gpu.h100", "gpu.a100", "storage.parallel")
GB_DAY = 10**9 * 86_400 // 2**20  # mib_s of a GB for a day
SHARES = st.sampled_from(["0", "0.1", "0.2", "0.333", "0.5", "0.99", "1"])
LIMITS = st.one_of(st.none(), st.integers(0, 300))
BASES = ("share_of_charge", "share_of_charge", "share_of_market", "flat_fee")
QUOTAS = ("device_hours", "pf_hours", "devices", "pf", "gb")


@dataclass(frozen=True, slots=True)
class Centre:
    """What a month is made from."""

    rules: RuleBook
    held: Registry
    usages: list[Usage]


@st.composite
def programmes(
    draw: st.DrawFn,
    name: str,
    basis: str = "",
    order: int = 0,
    stacking: bool | None = None,
    share: str = "",
) -> dict[str, str]:
    """A programme with limits of every kind; what is given is not drawn."""
    basis = basis or draw(st.sampled_from(BASES))
    paid = share or draw(SHARES)
    if basis == "flat_fee":
        ceiling = draw(st.sampled_from(["concurrent", "hours"]))
        fee = draw(st.sampled_from(["0", "31", "100", "500"]))
        paid = flat_fee(("1", fee), unit="devices", ceiling=ceiling)
    first, second = draw(st.sampled_from([("1", ""), ("0.5", "0.5"), ("0.333", "0.667")]))

    def budget() -> dict[str, int] | None:
        krw = draw(LIMITS)
        return None if krw is None else {"2025": krw}

    funding = [source("national", first, budget())]
    if second:
        funding.append(source("city", second, budget()))
    names = ("award_month", "award", "company_year")
    limits = {n: krw for n in names if (krw := draw(LIMITS)) is not None}
    excess = draw(st.sampled_from(["list", "refused"]))
    level = draw(st.one_of(st.none(), st.integers(0, 40)))
    more = halved(place="서울") + (caps(**limits) if limits else "")
    more += f"excess: {{value: {excess}, {WHY}}}\n"
    if level is not None:
        more += f"quotas: [{{unit: gb, amount: {dated(str(level))}}}]\n"
    return programme(
        name,
        paid,
        basis=basis,
        order=order or draw(st.integers(1, 3)),
        stacking=draw(st.booleans()) if stacking is None else stacking,
        vat_base=draw(st.sampled_from(["SELF_PAY", "GROSS"])),
        funding=funding,
        more=more,
    )


@st.composite
def awards(draw: st.DrawFn, rules: RuleBook, companies: str = "ABC") -> list[Award]:
    """Awards of the programmes, for a project or all of them; a flat fee's is in cards."""
    drawn = []
    for number in range(draw(st.integers(1, 6))):
        company_id = draw(st.sampled_from(companies))
        rule = draw(st.sampled_from(rules.programmes))
        quota: int | None = draw(st.one_of(st.none(), st.integers(0, 40)))
        unit = draw(st.sampled_from(QUOTAS))
        if isinstance(rule.basis, FlatFee):
            quota, unit = draw(st.integers(1, 3)), "devices"
        drawn.append(
            award(
                f"X{number}",
                rule.programme,
                company_id,
                draw(st.sampled_from(["", f"{company_id}-1", f"{company_id}-2"])),
                start=date(2025, 10, draw(st.integers(1, 4))),
                until=draw(st.one_of(st.none(), st.just(date(2025, 10, 7)))),
                cap_krw=draw(LIMITS),
                quota=None if quota is None else str(quota),
                quota_unit=None if quota is None else unit,
            )
        )
    return drawn


@st.composite
def usage(draw: st.DrawFn, projects: tuple[str, ...]) -> Usage:
    """Use of a day: hours of a card, or GB of storage."""
    day = draw(st.dates(FIRST, date(2025, 10, 8)))
    project, sku = draw(st.sampled_from(projects)), draw(st.sampled_from(SKUS))
    if sku == "storage.parallel":
        return used(day, project, draw(st.integers(0, 60 * GB_DAY)), sku, "mib_s")
    return used(day, project, draw(st.integers(0, 60 * HOUR_US)), sku)


PROJECTS = ("A-1", "A-2", "B-1", "B-2", "C-1")


@cache
def shop(h100: str) -> RuleBook:
    """Prices and market prices for all SKUs, and no programme."""
    market_krw = market(h100="3", a100="2")["market.yaml"]
    return book(
        price("gpu.h100", h100),
        price("gpu.a100", "2.5"),
        price("storage.parallel", "0.1", "gb_hour"),
        UNUSED,
        {"market.yaml": f"{market_krw}  storage.parallel: {dated('0.05')}\n"},
    )


def rule_book(h100: str, *files: dict[str, str]) -> RuleBook:
    """A book of these programmes."""
    wrong: list[Mistake] = []
    drawn = []
    for name, text in (pair for file in files for pair in file.items()):
        reader = RuleReader(name, wrong)
        drawn.append(parse_programme(reader, reader.root(text)))
    assert not wrong, wrong
    drawn.sort(key=lambda programme: (programme.order, programme.programme))
    return replace(shop(h100), programmes=tuple(drawn))


@st.composite
def centres(draw: st.DrawFn) -> Centre:
    """Three companies under three programmes of any shape and order."""
    rules = rule_book(
        draw(st.sampled_from(["7.3", "1", "0"])),
        *(draw(programmes(name)) for name in ("P1", "P2", "P3")),
    )
    usages = draw(st.lists(usage(PROJECTS), max_size=25))
    return Centre(rules, registry(draw(awards(rules))), usages)


@st.composite
def best_first(draw: st.DrawFn) -> Centre:
    """Company A under programmes that do not stack, the more generous first: a flat fee, which is
    due in any case, so that use under it costs nothing more, then growing shares of the charge."""
    shares = sorted((draw(SHARES), draw(SHARES), draw(SHARES)), key=Decimal)
    files = [
        draw(programmes(f"P{n}", "share_of_charge", n, False, share))
        for n, share in enumerate(shares, 2)
    ]
    if draw(st.booleans()):
        files.append(draw(programmes("P1", "flat_fee", 1, False)))
    rules = rule_book("7.3", *files)
    usages = draw(st.lists(usage(("A-1", "A-2")), min_size=1, max_size=10))
    return Centre(rules, registry(draw(awards(rules, "A"))), usages)


@st.composite
def stacked(draw: st.DrawFn) -> Centre:
    """Company A under programmes that all stack, in any order; a flat fee comes last, if at all."""
    shapes = ["share_of_charge", "share_of_market"]
    files = [draw(programmes(f"P{n}", draw(st.sampled_from(shapes)), n, True)) for n in (1, 2)]
    files.append(draw(programmes("P3", draw(st.sampled_from([*shapes, "flat_fee"])), 3, True)))
    rules = rule_book("7.3", *files)
    usages = draw(st.lists(usage(("A-1", "A-2")), min_size=1, max_size=10))
    return Centre(rules, registry(draw(awards(rules, "A"))), usages)


@st.composite
def alone(draw: st.DrawFn) -> Centre:
    """Company A under one programme of any shape, by any number of awards."""
    rules = rule_book("7.3", draw(programmes("P1")))
    usages = draw(st.lists(usage(("A-1", "A-2")), min_size=1, max_size=10))
    return Centre(rules, registry(draw(awards(rules, "A"))), usages)
