"""Owns what the company itself pays of a covered charge, exactly, by the shape of a programme."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from billing.rulebook.programme import Programme
from billing.subsidy.won_fractions import Carry, Ratio


@dataclass(frozen=True, slots=True)
class SharePart:
    """A share of the charge."""

    share: Ratio


@dataclass(frozen=True, slots=True)
class MarketPart:
    """A share of the market price, but never more than the charge. krw_per_unit: won of one unit
    of usage (device_us, mib_s), known once the SKU is."""

    share: Ratio
    krw_per_unit: Ratio = (0, 1)


@dataclass(frozen=True, slots=True)
class FeePart:
    """What is still to pay of the month's fee; all beyond it is supported."""

    left_krw: int = 0


CompanyPart = SharePart | MarketPart | FeePart


def owed(part: CompanyPart, krw: int, quantity: int) -> Ratio:
    """The company's exact part of a covered charge and its quantity."""
    if isinstance(part, SharePart):  # nearly every row of a month; a match takes thrice as long
        return part.share[0] * krw, part.share[1]
    match part:
        case MarketPart(_, (numerator, denominator)):
            exact = numerator * quantity
            return (exact, denominator) if exact < krw * denominator else (krw, 1)
        case FeePart(left_krw):
            return min(left_krw, krw), 1


def covered_krw(part: CompanyPart, carry: Carry, granted: int, krw: int, quantity: int) -> int:
    """How much of a charge stays covered when a limit cuts the subsidy to `granted`: the most that
    it pays at the full share. Where it pays nothing, nothing is covered, so that the next programme
    sees the whole; but a fee that is due in any case still pays for its part of the use."""
    match part:
        case FeePart(left_krw):
            return min(granted + left_krw, krw)
        case _ if granted == 0:
            return 0
        case SharePart(share):
            return min(carry.covered_by(granted, share), krw)
        case MarketPart():
            exact = Fraction(*owed(part, krw, quantity)) / krw
            return min(carry.covered_by(granted, (exact.numerator, exact.denominator)), krw)


def reduced(
    programme: Programme, applied: tuple[str, ...], day: date
) -> tuple[Fraction, list[str]]:
    """What is left of the company's share after its reductions, and their names: all of them
    multiplied, or the best alone (the first of equal ones)."""
    factors = {
        reduction.name: Fraction(reduction.factor.on(day))
        for reduction in programme.reductions
        if reduction.name in applied
    }
    match programme.combine:
        case "multiply":
            names = list(factors)
        case "best":
            names = sorted(factors, key=lambda name: factors[name])[:1]
    left = Fraction(1)
    for name in names:
        left *= factors[name]
    return left, names
