"""Owns limits in won: what is left of a cap, shared among a day's claims (SETTLEMENT 8)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from billing.money import share
from billing.records import Filed
from billing.subsidy.balance import Balance, BalanceKey
from billing.subsidy.company_part import covered_krw
from billing.subsidy.funding_split import Split
from billing.subsidy.quotas import LevelKey
from billing.subsidy.segment import CarryKey, Claimed
from billing.subsidy.won_fractions import Carry

CoveredKey = tuple[str, str, str, date]  # award, project, SKU, day
FiledKey = tuple[str, str, str]  # programme, company, funding source


@dataclass(slots=True)
class RunningUse:
    """Everything that runs through a month: use of limits, and fractions of a won."""

    used: dict[BalanceKey, int]
    award_month: dict[str, int] = field(default_factory=dict)
    levels: dict[LevelKey, int] = field(default_factory=dict)  # of quotas that begin anew
    taken: dict[LevelKey, int] = field(
        default_factory=dict
    )  # of these, by claims of the day so far
    fees: dict[str, int] = field(default_factory=dict)  # what is left to pay of an award's fee
    company_share: dict[CarryKey, Carry] = field(default_factory=dict)
    in_kind: dict[CarryKey, Carry] = field(default_factory=dict)
    over_quota: dict[CarryKey, Carry] = field(default_factory=dict)  # what quotas left uncovered
    splits: dict[tuple[str, str], Split] = field(default_factory=dict)
    covered: dict[CoveredKey, int] | None = None  # quantities, where anybody asks for them
    filed: frozenset[str] = frozenset()  # programmes of which the month was settled
    filed_most: dict[FiledKey, int] = field(default_factory=dict)  # what was settled of it
    filed_taken: dict[FiledKey, int] = field(default_factory=dict)  # so much of that

    @classmethod
    def opening(cls, balance: Balance, filed: Iterable[Filed] = ()) -> "RunningUse":
        """The standing at the start of a month, and what was filed of it by then."""
        settled = tuple(filed)
        most = {
            (of.programme, part.company_id, part.funding): part.krw
            for of in settled
            for part in of.parts
        }
        programmes = frozenset(of.programme for of in settled)
        return cls(dict(balance.used), filed=programmes, filed_most=most)

    def filed_left(self, key: FiledKey, step_krw: int) -> int:
        """What a source may still bear of what was filed. Where its claims are whole multiples of
        more than a won, what it bears beyond one is not asked for, and was not filed."""
        return self.filed_most.get(key, 0) + step_krw - 1 - self.filed_taken.get(key, 0)

    def take_filed(self, key: FiledKey, krw: int, step_krw: int) -> int:
        """How much of it was filed and not taken yet, which is taken; all where nothing was."""
        if key[0] not in self.filed:
            return krw
        taken = min(krw, self.filed_left(key, step_krw))
        self.filed_taken[key] = self.filed_taken.get(key, 0) + taken
        return taken

    def share_of(self, key: CarryKey) -> Carry:
        """The company's share of one award, project and SKU so far."""
        carry = self.company_share.get(key)
        if carry is None:
            carry = self.company_share[key] = Carry()
        return carry

    def over_quota_of(self, key: CarryKey) -> Carry:
        """The charge that quotas of one award, project and SKU have left uncovered so far."""
        return self.over_quota.setdefault(key, Carry())

    def level(self, key: LevelKey) -> int:
        """What is held of a level, by other claims of the same day too."""
        return self.levels.get(key, 0) + self.taken.get(key, 0)

    def take(self, key: LevelKey, amount: int) -> None:
        """Keeps a part of a level from the claims that follow on the day."""
        self.taken[key] = self.taken.get(key, 0) + amount

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
