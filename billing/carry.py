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

    def whole(self, krw: int, exact: Ratio) -> int:
        """Whole won of an exact part of krw on top of what is carried: from 0 to krw."""
        numerator, denominator = exact
        carried = self.at(denominator)
        total = carried + numerator * (self.denominator // denominator)
        return min(max(total // self.denominator, 0), krw)

    def pay(self, exact: Ratio, paid: int) -> None:
        """Carries what an exact part was more, or less, than what has been paid."""
        numerator, denominator = exact
        carried = self.at(denominator)
        owed = numerator * (self.denominator // denominator)
        self.numerator = carried + owed - paid * self.denominator

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
