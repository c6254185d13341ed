"""Owns limits in won: what is left of a cap, shared among a day's claims (SETTLEMENT 8)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from billing.money import share
from billing.subsidy.balance import Balance, BalanceKey
from billing.subsidy.company_part import covered_krw
from billing.subsidy.funding_split import Split
from billing.subsidy.segment import CarryKey, Claimed, LevelKey
from billing.subsidy.won_fractions import Carry


@dataclass(slots=True)
class RunningUse:
    """Everything that runs through a month: use of limits, and fractions of a won."""

    used: dict[BalanceKey, int]
    award_month: dict[str, int] = field(default_factory=dict)
    levels: dict[LevelKey, int] = field(default_factory=dict)  # of quotas that begin anew
    fees: dict[str, int] = field(default_factory=dict)  # what is left to pay of an award's fee
    company_share: dict[CarryKey, Carry] = field(default_factory=dict)
    in_kind: dict[CarryKey, Carry] = field(default_factory=dict)
    splits: dict[tuple[str, str], Split] = field(default_factory=dict)

    @classmethod
    def opening(cls, balance: Balance) -> "RunningUse":
        """The standing at the start of a month."""
        return cls(dict(balance.used))

    def share_of(self, key: CarryKey) -> Carry:
        """The company's share of one award, project and SKU so far."""
        carry = self.company_share.get(key)
        if carry is None:
            carry = self.company_share[key] = Carry()
        return carry

    def use(self, key: BalanceKey, amount: int) -> None:
        """Counts something as used."""
        self.used[key] = self.used.get(key, 0) + amount

    def balance(self) -> Balance:
        """The state to carry into the next month."""
        return Balance({key: amount for key, amount in self.used.items() if amount})


def limit_krw(claims: Sequence[Claimed], left_krw: int, stopped_by: str) -> None:
    """Cuts what is granted to what is left, in proportion, by largest remainder, ties to the
    first; claims come in order of award, project and SKU."""
    wanted = [claim.granted for claim in claims]
    left_krw = max(left_krw, 0)
    if sum(wanted) <= left_krw:
        return
    for claim, granted in zip(claims, share(left_krw, wanted), strict=True):
        if granted < claim.granted:
            claim.granted = granted
            claim.stopped_by = stopped_by
            cover_less(claim)


def cover_less(claim: Claimed) -> None:
    """Leaves covered what the cut subsidy pays at its full share; the rest is open again."""
    krw = covered_krw(claim.part, claim.carry, claim.granted, claim.krw, claim.quantity)
    claim.give_back(-(-claim.quantity * krw // claim.krw), krw)
