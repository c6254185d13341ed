"""The answer to "why this many won": records only; every part adds up to what was asked about."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from billing.ledger.ledger import State
from billing.records import Invoice, TaxClass, VatBase
from billing.rulebook.rule_value import RuleValue

# Why an award paid nothing of a day's charge
Reason = Literal[
    "before_window", "after_window", "unknown_programme", "not_in_force", "not_eligible",
    "not_covered", "nothing_left", "unused_capacity", "outside_project",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """Whose won are asked about: a company's month, or what is named of it."""

    month: str
    company_id: str
    tax_class: TaxClass | None = None
    project_id: str = ""
    sku: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class PriceStep:
    """The charge at one price, from its first to its last day of use."""

    value: RuleValue
    first: date
    last: date
    quantity: int
    charge_krw: int


@dataclass(frozen=True, slots=True)
class LimitHit:
    """A limit that cut what an award paid: on its first day there was `left` of `granted`."""

    stopped_by: str
    first: date
    last: date
    days: int
    unit: str
    granted: int | None
    left: int | None
    source: str


@dataclass(frozen=True, slots=True)
class Unpaid:
    """Days of which an award paid nothing although no limit cut it, and why."""

    reason: Reason
    first: date
    last: date
    days: int
    charge_krw: int


@dataclass(frozen=True, slots=True)
class Source:
    """What one funding source pays of a part; settled says how."""

    funding: str
    title: str
    settled: str
    krw: int


@dataclass(frozen=True, slots=True)
class AwardPart:
    """What one award pays of a line, by which rule values, and what stopped it. Of `sources` none
    is the company; what it brings in kind is `in_kind_krw`."""

    award_id: str
    agreement_number: str
    start: date
    until: date | None
    programme: str
    title: str
    authority: str
    order: int
    support_krw: int
    in_kind_krw: int
    sources: tuple[Source, ...]
    vat_bases: tuple[VatBase, ...]
    values: tuple[RuleValue, ...]
    stops: tuple[LimitHit, ...]
    unpaid: tuple[Unpaid, ...]


@dataclass(frozen=True, slots=True)
class DayPart:
    """A day of a line: what it cost, who paid, what stopped them."""

    day: date
    quantity: int
    price_krw: Decimal
    charge_krw: int
    paid: tuple[tuple[str, int], ...]  # award, won; what the company brings in kind is left out
    in_kind_krw: int
    company_krw: int
    stopped_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One project and SKU. charge_krw = what the parts pay + in kind + company_krw."""

    project_id: str
    project_name: str
    sku: str
    sku_title: str
    unit: str
    price_unit: str
    quantity: int
    charge_krw: int
    support_krw: int
    in_kind_krw: int
    company_krw: int
    prices: tuple[PriceStep, ...]
    parts: tuple[AwardPart, ...]
    days: tuple[DayPart, ...]


@dataclass(frozen=True, slots=True)
class OtherOrder:
    """What would have been paid with the programmes in this order."""

    programmes: tuple[str, ...]
    paid: tuple[tuple[str, int], ...]
    company_krw: int
    actual: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole answer. `invoices` are those that the question covers wholly, else empty: tax is
    floored once an invoice, so that a part of one has none of its own."""

    question: Question
    state: State
    company_name: str
    bundle: str
    rules_digest: str
    charge_krw: int
    support_krw: int
    in_kind_krw: int
    company_krw: int
    lines: tuple[Line, ...]
    orders: tuple[OtherOrder, ...]
    orders_left_out: int
    invoices: tuple[Invoice, ...]
