"""Owns the fractions of a won that run through a month (SETTLEMENT 10)."""

from dataclasses import dataclass

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

    def whole(self, krw: int, share: Ratio) -> int:
        """Whole won of share x krw on top of what is carried: from 0 to krw."""
        numerator, denominator = share
        carried = self.at(denominator)
        scale = self.denominator // denominator
        exact = carried + numerator * scale * krw
        return min(max(exact // self.denominator, 0), krw)

    def pay(self, krw: int, share: Ratio, paid: int) -> None:
        """Carries what share x krw was more, or less, than what has been paid."""
        numerator, denominator = share
        carried = self.at(denominator)
        scale = self.denominator // denominator
        self.numerator = carried + numerator * scale * krw - paid * self.denominator

    def covered_by(self, granted: int, share: Ratio) -> int:
        """The largest charge whose subsidy, at the full share, is `granted`: 30,000 at 80 % cover
        37,500 (SETTLEMENT 7). Needs a share below one."""
        numerator, denominator = share
        carried = self.at(denominator)
        scale = self.denominator // denominator
        return (granted * self.denominator + carried) // ((denominator - numerator) * scale)

    def copy(self) -> "Carry":
        """The same state, to try something out."""
        return Carry(self.numerator, self.denominator)
