"""What months cost and who pays, reckoned in exact fractions, apart from the code."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from tests.simulator.centre import DAY_S, SKU, World

Quantities = Mapping[tuple[str, str, str], int]  # by day, project and SKU
MIB, GB = 1 << 20, 10**9


@dataclass(frozen=True)
class Sums:
    """What a company's month comes to."""

    charge_krw: int
    subsidy_krw: int
    company_krw: int
    vat_krw: int
    shares: bool = field(default=False, compare=False)  # a quota ended within a day of it

    def is_due(self, asked: "Sums | None") -> bool:
        """Whether documents ask for this; the day that a quota ends may move it by a won."""
        if asked is None or not self.shares:  # else SETTLEMENT 11
            return asked == self
        moved = asked.subsidy_krw - self.subsidy_krw
        due = self.company_krw - moved
        return abs(moved) <= 1 and asked == Sums(self.charge_krw, asked.subsidy_krw, due, due // 10)


def exact_krw(world: World, day: str, sku: str, quantity: int) -> Fraction:
    """A day's quantity at the price of its day."""
    steps = world.prices[sku]
    price = Fraction(steps[max(step for step in steps if step <= day)])
    if sku == SKU["disk"]:
        days = monthrange(int(day[:4]), int(day[5:7]))[1]
        return price * quantity * MIB / GB / (days * DAY_S)
    return price * quantity / 3_600_000_000


def reckon(world: World, months: Mapping[str, Quantities]) -> dict[tuple[str, str], Sums]:
    """Each company's months, by month and company."""
    sums = {}
    cap = world.cap_krw
    quota = None if world.quota_hours is None else world.quota_hours * 3_600_000_000
    for month, quantities in sorted(months.items()):
        charges: dict[tuple[str, str], Fraction] = {}
        uncovered, shared = Fraction(0), False  # of B's hours beyond its quota
        for (day, project, sku), quantity in sorted(quantities.items()):
            exact = exact_krw(world, day, sku, quantity)
            charges[project, sku] = charges.get((project, sku), Fraction(0)) + exact
            if project == "B-1" and sku == SKU["gpu"] and quota is not None:
                covered = min(quota, quantity)
                quota -= covered
                uncovered += exact_krw(world, day, sku, quantity - covered)
                shared |= 0 < covered < quantity
        for company in sorted({project[0] for project, _ in charges}):
            own = {key: exact for key, exact in charges.items() if key[0][0] == company}
            charge = sum(floor(exact) for exact in own.values())
            subsidy = 0
            if company == "A":
                share = Fraction(world.share)
                subsidy = sum(floor(x) - floor(share * floor(x)) for x in own.values())
                if cap is not None:
                    subsidy = min(subsidy, cap)
                    cap -= subsidy
            if company == "B":
                subsidy = floor(own.get(("B-1", SKU["gpu"]), Fraction(0))) - floor(uncovered)
            due = charge - subsidy
            if charge:
                shares = company == "B" and shared
                sums[month, company] = Sums(charge, subsidy, due, due // 10, shares)
    return sums
