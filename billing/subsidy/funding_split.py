"""Owns the split of subsidies over funding sources, running through a month (SETTLEMENT 13)."""

from dataclasses import dataclass
from math import lcm


@dataclass(slots=True)
class Split:
    """The running split of one programme's subsidies to one company in one month.

    `owed` is what each source's exact share is ahead of what it has been given, over
    `denominator`; the sources' parts always make the whole, so that `owed` sums to zero."""

    owed: tuple[int, ...]
    denominator: int = 1

    def part(self, granted_krw: int, shares: tuple[tuple[int, ...], int]) -> tuple[int, ...]:
        """Whole won for each source; carries what is left. Ties go to the first source."""
        numerators, denominator = shares
        if len(numerators) == 1:
            return (granted_krw,)
        whole = self.denominator
        if whole % denominator:
            whole = lcm(whole, denominator)
            grown = whole // self.denominator
            self.owed = tuple(o * grown for o in self.owed)
            self.denominator = whole
        scaled_krw = granted_krw * (whole // denominator)
        exact = [o + n * scaled_krw for o, n in zip(self.owed, numerators, strict=True)]
        parts = [e // whole if e > 0 else 0 for e in exact]
        missing = granted_krw - sum(parts)
        if missing:
            _settle(parts, missing, [e - p * whole for e, p in zip(exact, parts, strict=True)])
        assert sum(parts) == granted_krw, "the sources' parts make the whole"
        self.owed = tuple([e - p * whole for e, p in zip(exact, parts, strict=True)])
        return tuple(parts)

    def copy(self) -> "Split":
        """The same state, to try a split out."""
        return Split(self.owed, self.denominator)


def _settle(parts: list[int], missing: int, remainders: list[int]) -> None:
    """Gives single won to the largest remainders, or takes what is too much from the smallest."""
    order = sorted(range(len(parts)), key=lambda i: (-remainders[i], i))
    for i in order[: max(missing, 0)]:
        parts[i] += 1
    for i in reversed(order):
        too_much = min(parts[i], max(-missing, 0))
        parts[i] -= too_much
        missing += too_much
