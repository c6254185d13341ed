"""Owns what the tax rules say: the rate of VAT, its rounding, and when an invoice is due."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeVar, cast

from yaml.nodes import Node

from billing.rulebook.dated import Dated
from billing.rulebook.yaml_reader import RuleReader

DueRule = Literal["last_day_of_next_month"]
VatRounding = Literal["floor_once_per_invoice"]
T = TypeVar("T")
LATENESS = ("due_business_days", "late_issue", "no_issue", "late_buyer")
DAYS_MAX = 60


@dataclass(frozen=True, slots=True)
class TaxRules:
    """The dated tax rules; a month is judged by its last day, the day its documents are written."""

    vat_rate: Dated[Decimal]
    vat_rounding: Dated[VatRounding]
    due: Dated[DueRule]
    due_business_days: Dated[int] | None = None  # least, from the issue on; None: no least
    late_issue: Dated[Decimal] | None = None  # of the supply value, by the period's final return
    no_issue: Dated[Decimal] | None = None  # the same, not issued by then
    late_buyer: Dated[Decimal] | None = None  # what it costs who buys

    def vat_krw(self, taxable_krw: int, written_on: date) -> int:
        """VAT of one document: floored once, for the whole of it."""
        assert self.vat_rounding.on(written_on) == "floor_once_per_invoice", "one rounding is known"
        exact = Fraction(self.vat_rate.on(written_on)) * taxable_krw
        return exact.numerator // exact.denominator


def parse_tax(reader: RuleReader, root: Node | None) -> TaxRules:
    """The tax rules that rules/tax.yaml says."""
    fields = reader.keys(root, ("vat_rate", "vat_rounding", "due"), LATENESS)

    def rounding(node: Node | None) -> VatRounding:
        return cast(VatRounding, reader.choice(node, ("floor_once_per_invoice",)))

    def due(node: Node | None) -> DueRule:
        return cast(DueRule, reader.choice(node, ("last_day_of_next_month",)))

    def days(node: Node | None) -> int:
        value = reader.integer(node)
        if not 0 <= value <= DAYS_MAX:
            reader.wrong(node, f"{value} is not a number of business days, 0 to {DAYS_MAX}")
        return value

    def given(key: str, parse: Callable[[Node | None], T]) -> Dated[T] | None:
        return reader.dated(fields[key], key, parse) if key in fields else None

    return TaxRules(
        vat_rate=reader.dated(fields.get("vat_rate"), "vat_rate", reader.fraction),
        vat_rounding=reader.dated(fields.get("vat_rounding"), "vat_rounding", rounding),
        due=reader.dated(fields.get("due"), "due", due),
        due_business_days=given("due_business_days", days),
        late_issue=given("late_issue", reader.fraction),
        no_issue=given("no_issue", reader.fraction),
        late_buyer=given("late_buyer", reader.fraction),
    )


def vat_of_lines(vat_krw: int, taxable_krw: Sequence[int]) -> list[int]:
    """A document's VAT shared over its lines by largest remainder, ties to the first. Lines of a
    correction may be negative; where they add up to nothing, the largest takes all."""
    whole = sum(taxable_krw)
    if whole == 0:
        parts = [0] * len(taxable_krw)
        if vat_krw:
            parts[max(range(len(parts)), key=lambda at: (abs(taxable_krw[at]), -at))] = vat_krw
        return parts
    if whole < 0:  # what takes a document back takes back each line's VAT
        return [-part for part in vat_of_lines(-vat_krw, [-krw for krw in taxable_krw])]
    exact = [divmod(vat_krw * krw, whole) for krw in taxable_krw]
    parts = [floor for floor, _ in exact]
    order = sorted(range(len(parts)), key=lambda at: (-exact[at][1], at))
    for at in order[: vat_krw - sum(parts)]:
        parts[at] += 1
    assert sum(parts) == vat_krw, "the lines' VAT is the document's"
    return parts
