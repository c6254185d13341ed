"""Owns what a support programme is: a closed set of shapes, all numbers dated."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Generic, Literal, TypeVar

from billing.records import Settled, VatBase
from billing.rulebook.dated import Dated, Origin
from metering.registry.records import QuotaUnit

JudgedOn = Literal["announcement", "agreement", "day"]
QuotaPer = Literal["award", "project"]
FeeUnit = Literal["devices", "pf"]
Fact = Literal["org_type", "size", "place", "youth", "relocated"]
Combine = Literal["multiply", "best"]
OtherUseKind = Literal["commercial", "other_use"]
Excess = Literal["list", "refused"]  # use above a quota: at list price, or it must not be there
T = TypeVar("T")

AfterFiling = Literal["self_pay", "centre"]  # who bears what a filed settlement leaves out
CENTRE = "centre_after_filing"  # the funding name of what the centre bears then
COMPANY_IN_KIND = "company_in_kind"  # the funding name of what the company itself brings in kind
TRUNCATED_TO_KRW = 10  # where a source truncates, its claim of a company's month is whole tens


@dataclass(frozen=True, slots=True)
class Condition:
    """One fact about a company and the values that meet it; youth and relocated are yes or no."""

    fact: Fact
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reduction:
    """A factor on the company's share for those who meet all conditions of any of its clauses
    (SETTLEMENT 36)."""

    name: str
    title: str
    any_of: tuple[tuple[Condition, ...], ...]
    factor: Dated[Decimal]


@dataclass(frozen=True, slots=True)
class Clause(Generic[T]):
    """A value for those who meet every condition; of several clauses the first that is met counts,
    and who meets none is not eligible."""

    who: tuple[Condition, ...]
    value: Dated[T]
    number: int = 0  # its place among several, from 1; 0 where it is the only one

    @property
    def mark(self) -> str:
        """What names it in a rule: #2, or nothing where it is the only one."""
        return f"#{self.number}" if self.number else ""


@dataclass(frozen=True, slots=True)
class ShareOfCharge:
    """The company pays a share of the charge."""

    clauses: tuple[Clause[Decimal], ...]


@dataclass(frozen=True, slots=True)
class ShareOfMarket:
    """The company pays a share of the market price of what it uses, at most the charge."""

    clauses: tuple[Clause[Decimal], ...]


@dataclass(frozen=True, slots=True)
class CapacitySize:
    """A size that capacity is given in, such as 0.02 PF, and its won a month. `most`: so many of it
    can be one award; None: any whole number."""

    size: Decimal
    most: int | None
    clauses: tuple[Clause[Decimal], ...]

    def number(self, amount: Decimal) -> int:
        """How many of it an amount is; 0 if it is no whole number of them, or too many."""
        number = Fraction(amount) / Fraction(self.size) if self.size else Fraction(0)
        fits = number.denominator == 1 and (self.most is None or number <= self.most)
        return number.numerator if fits else 0


@dataclass(frozen=True, slots=True)
class FlatFee:
    """The company pays a fee for the capacity of its award, whatever it uses of it.

    The capacity is the award's quota in `unit`: a `concurrent` ceiling, or `hours`: as much in a
    month as the ceiling gives, at any time. What the fee is above the use is charged as
    `unused_sku`."""

    unit: FeeUnit
    ceiling: Literal["concurrent", "hours"]
    unused_sku: str
    bundles: tuple[CapacitySize, ...]  # the first counts of which the award is a whole number

    @property
    def clauses(self) -> tuple[Clause[Decimal], ...]:
        """The clauses of every bundle; their value is won a month."""
        return tuple(clause for bundle in self.bundles for clause in bundle.clauses)


Basis = ShareOfCharge | ShareOfMarket | FlatFee


@dataclass(frozen=True, slots=True)
class QuotaRule:
    """What every award of the programme may use, unless the award says its own. per: whether each
    award has it, or the awards of one project have it together."""

    unit: QuotaUnit
    amount: Dated[Decimal]
    per: QuotaPer = "award"


@dataclass(frozen=True, slots=True)
class Caps:
    """Limits in won, from narrow to wide; None where the programme has none."""

    award_month: Dated[int] | None = None
    award: Dated[int] | None = None
    company_year: Dated[int] | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """Won that a budget got from the one of an earlier year, where they were left."""

    from_year: int
    krw: int


@dataclass(frozen=True, slots=True)
class Budget:
    """Won of one funding source for one budget year, or for several years together. What was
    carried over is spent in its new year and is gone from the old one, whatever is corrected."""

    first_year: int
    last_year: int
    own_krw: int
    carried: tuple[Carried, ...] = ()
    carried_on_krw: int = 0  # to later years
    origin: Origin = field(default_factory=Origin, compare=False)

    @property
    def krw(self) -> int:
        """What may be spent for use of these years."""
        return self.own_krw + sum(amount.krw for amount in self.carried) - self.carried_on_krw

    @property
    def years(self) -> str:
        """2025, or 2025-2027."""
        if self.first_year == self.last_year:
            return str(self.first_year)
        return f"{self.first_year}-{self.last_year}"


@dataclass(frozen=True, slots=True)
class FundingSource:
    """Who pays a share of the subsidy, and how it is settled. budgets None: no limit is known.
    truncate_10won: whether the claim of a company's month is cut to whole tens of won; the rule of
    the month's last day holds."""

    name: str
    title: str
    settled: Settled
    share: Dated[Decimal]
    budgets: tuple[Budget, ...] | None
    truncate_10won: Dated[bool] | None = None

    def step_krw(self, day: date) -> int:
        """What its claims are whole multiples of, in won: 1 where no rule truncates."""
        rule = self.truncate_10won
        return TRUNCATED_TO_KRW if rule is not None and rule.or_none(day) else 1

    def budget(self, day: date) -> Budget | None:
        """The budget of the year of a day of use; None where none is listed."""
        for budget in self.budgets or ():
            if budget.first_year <= day.year <= budget.last_year:
                return budget
        return None


@dataclass(frozen=True, slots=True)
class UtilisationTest:
    """Use below a share of what an award grants leads to a warning, and low use for a time of grace
    after it to a proposal. Neither changes an amount: a person ends or replaces the award."""

    measure: Literal["held", "busy"]
    below: Dated[Decimal]
    warn_days: int  # so many days of low use
    grace_days: int  # and so many more after a warning
    propose: Literal["recall", "smaller"]


@dataclass(frozen=True, slots=True)
class OtherUse:
    """Uses beside the purpose of an award that lead to its recall. No meter tells a purpose: who
    finds such a use ends the award in the registry and says why (billing/subsidy/recalls.py)."""

    recalled_for: Dated[tuple[OtherUseKind, ...]]


@dataclass(frozen=True, slots=True)
class AwardSize:
    """Every whole number of `size` that an award may grant, up to `most` of it (None: any)."""

    unit: QuotaUnit
    size: Decimal
    most: int | None

    def fits(self, unit: QuotaUnit | None, amount: Decimal | None) -> bool:
        """Whether it has what an award grants."""
        if unit != self.unit or not amount:
            return False
        number = Fraction(amount) / Fraction(self.size)
        return number.denominator == 1 and (self.most is None or number <= self.most)


@dataclass(frozen=True, slots=True)
class AwardConditions:
    """What the notice says of awards: how many at once, for how many months, of which sizes, and
    who refers companies. It moves no won: an agreement that is otherwise was signed, and is told
    of."""

    number: Dated[int] | None = None
    months: int | None = None
    periods: tuple[int, ...] = ()  # or, if it ends, for one of so many months
    sizes: tuple[AwardSize, ...] = ()
    other_units: bool = False  # an award in a unit that no size has is of any size
    referrers: tuple[str, ...] = ()  # nobody has to be referred; who is, by one of them


@dataclass(frozen=True, slots=True)
class Programme:
    """A support programme, as its rule file says."""

    programme: str
    title: str
    authority: str
    order: int
    file: str
    checked_on: date
    skus: tuple[str, ...]
    stacking: bool
    judged_on: JudgedOn
    eligible: tuple[Condition, ...]
    basis: Basis
    reductions: tuple[Reduction, ...]  # on the company's share, in the order of the file
    combine: Combine  # all of them multiplied, or only the one that is best for the company
    company_in_kind: Dated[Decimal] | None
    quotas: tuple[QuotaRule, ...]
    caps: Caps
    funding: tuple[FundingSource, ...]
    vat_base: Dated[VatBase]
    excess: Excess = "list"
    after_filing: AfterFiling = "self_pay"
    utilisation: UtilisationTest | None = None
    seats: AwardConditions = AwardConditions()
    other_use: OtherUse | None = None

    def in_force(self, day: date) -> bool:
        """Whether anybody is supported on a day."""
        return any(clause.value.or_none(day) is not None for clause in self.basis.clauses)

    def covers(self, sku: str) -> bool:
        """Whether a SKU is supported: listed, or under a listed family such as npu.*."""
        return any(
            sku == listed or (listed.endswith(".*") and sku.startswith(listed[:-1]))
            for listed in self.skus
        )

    def settled(self, funding: str) -> Settled:
        """How a funding source of this programme is settled."""
        for source in self.funding:
            if source.name == funding:
                return source.settled
        assert funding in (COMPANY_IN_KIND, CENTRE), "a subsidy row names a source of its programme"
        return "in_kind"

    def has_source(self, funding: str) -> bool:
        """Whether a funding source is one of its own."""
        return any(source.name == funding for source in self.funding)

    def step_krw(self, funding: str, day: date) -> int:
        """What claims on one of its sources are whole multiples of, in won."""
        return next((s.step_krw(day) for s in self.funding if s.name == funding), 1)

    def shares(self, day: date) -> tuple[tuple[int, ...], int]:
        """The funding shares in force, in the order of the file, as numerators of one whole."""
        shares = [Fraction(source.share.on(day)) for source in self.funding]
        assert sum(shares) == 1, "the reader checked that shares make one"
        whole = lcm(*(share.denominator for share in shares))
        return tuple(int(share * whole) for share in shares), whole
