"""Owns the fractions of a won that run through a month (SETTLEMENT 10)."""

from dataclasses import dataclass
from math import lcm

Ratio = tuple[int, int]  # numerator and denominator


@dataclass(slots=True)
class Carry:
    """The fraction of a won not yet paid of an exactly accumulated share; always below one won,
    unless a limit has made the company pay a won early."""

    numerator: int = 0
    denominator: int = 1

    def at(self, denominator: int) -> int:
        """The numerator over a denominator, made common with what was carried so far."""
        if denominator != self.denominator:
            if denominator % self.denominator:
                self.numerator *= denominator
                self.denominator *= denominator
            else:
                self.numerator *= denominator // self.denominator
                self.denominator = denominator
        return self.numerator

    def whole(self, most: int, exact: Ratio) -> int:
        """Whole won of an exact part on top of what is carried: from 0 to `most`."""
        numerator, denominator = exact
        owed = self.at(denominator) + numerator * (self.denominator // denominator)
        return min(max(owed // self.denominator, 0), most)

    def take(self, most: int, exact: Ratio, least: int = 0) -> int:
        """The same, or `least` where that is more, as paid: carries what the exact part was more,
        or less, than that."""
        numerator, denominator = exact
        owed = self.at(denominator) + numerator * (self.denominator // denominator)
        paid = max(min(owed // self.denominator, most), least, 0)
        self.numerator = owed - paid * self.denominator
        return paid

    def covered_by(self, granted: int, share: Ratio) -> int:
        """The largest charge whose subsidy, at the full share, is `granted`: 30,000 at 80 % cover
        37,500 (SETTLEMENT 7). Needs a share below one."""
        numerator, denominator = share
        whole = lcm(self.denominator, denominator)
        paid = whole // self.denominator * (granted * self.denominator + self.numerator)
        return paid // ((denominator - numerator) * (whole // denominator))

    def copy(self) -> "Carry":
        """The same state, to try something out."""
        return Carry(self.numerator, self.denominator)
