"""Owns what the tax rules say: the rate of VAT, its rounding, and when an invoice is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal, cast

from yaml.nodes import Node

from billing.rulebook.dated import Dated
from billing.rulebook.yaml_reader import RuleReader

DueRule = Literal["last_day_of_next_month"]
VatRounding = Literal["floor_once_per_invoice"]


@dataclass(frozen=True, slots=True)
class TaxRules:
    """The dated tax rules; a month is judged by its last day, the day its documents are written."""

    vat_rate: Dated[Decimal]
    vat_rounding: Dated[VatRounding]
    due: Dated[DueRule]

    def vat_krw(self, taxable_krw: int, written_on: date) -> int:
        """VAT of one document: floored once, for the whole of it."""
        assert self.vat_rounding.on(written_on) == "floor_once_per_invoice", "one rounding is known"
        exact = Fraction(self.vat_rate.on(written_on)) * taxable_krw
        return exact.numerator // exact.denominator


def parse_tax(reader: RuleReader, root: Node | None) -> TaxRules:
    """The tax rules that rules/tax.yaml says."""
    fields = reader.keys(root, ("vat_rate", "vat_rounding", "due"))

    def rounding(node: Node | None) -> VatRounding:
        return cast(VatRounding, reader.choice(node, ("floor_once_per_invoice",)))

    def due(node: Node | None) -> DueRule:
        return cast(DueRule, reader.choice(node, ("last_day_of_next_month",)))

    return TaxRules(
        vat_rate=reader.dated(fields.get("vat_rate"), "vat_rate", reader.fraction),
        vat_rounding=reader.dated(fields.get("vat_rounding"), "vat_rounding", rounding),
        due=reader.dated(fields.get("due"), "due", due),
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
