"""Owns segments: the parts of a day's charge that programmes cover or leave (SETTLEMENT 7)."""

from dataclasses import dataclass, field

from billing.records import Charge
from billing.subsidy.award_terms import AwardInForce, Terms
from billing.subsidy.balance import BalanceKey
from billing.subsidy.company_part import CompanyPart
from billing.subsidy.quotas import LevelKey
from billing.subsidy.won_fractions import Carry

CarryKey = tuple[str, str, str]  # award, project, SKU


@dataclass(slots=True)
class Segment:
    """A part of a day's quantity and what of its charge nobody has paid yet.

    `fresh`: no programme has covered it. Of a covered part only the residue is a segment, and only
    if the programmes that cover it all allow stacking."""

    quantity: int
    krw: int
    fresh: bool = True

    def is_open(self, stacking: bool) -> bool:
        """Whether a programme may claim it: nobody has covered it, or it too allows stacking."""
        return self.fresh or stacking


@dataclass(slots=True)
class SegmentedCharge:
    """A day's charge, cut into segments while programmes take their parts."""

    charge: Charge
    tax_exempt: bool
    segments: list[Segment] = field(default_factory=list)


@dataclass(slots=True)
class Claimed:
    """What one award takes of one segment on one day, while limits cut it."""

    grant: AwardInForce
    terms: Terms
    row: SegmentedCharge
    segment: Segment  # what is left of the segment; gets back what a limit cuts off
    key: CarryKey  # what exact shares accumulate over, in a month
    carry: Carry  # the company's share of it so far
    quantity: int
    krw: int  # covered charge
    part: CompanyPart  # what the company pays of it
    granted: int = 0  # subsidy
    stopped_by: str = ""
    over_quota: bool = False
    quota_key: BalanceKey | None = None  # where its use counts for the whole award
    level_key: LevelKey | None = None  # where it counts for a day or a month
    quota_weight: int = 0

    def continues(self, before: "Claimed") -> bool:
        """Whether it is a further part of the same charge, by the same award."""
        return self.row is before.row and self.grant is before.grant

    def give_back(self, quantity: int, krw: int) -> None:
        """Leaves only so much covered; the rest is open to others again."""
        assert 0 <= quantity <= self.quantity, "a limit only makes less of a quantity"
        assert 0 <= krw <= self.krw, "a limit only makes less of a charge"
        self.segment.quantity += self.quantity - quantity
        self.segment.krw += self.krw - krw
        self.quantity, self.krw = quantity, krw
