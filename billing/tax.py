"""Owns what the tax rules say: the rate of VAT, its rounding, and when an invoice is due."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal, cast

from yaml.nodes import Node

from billing.dated import Dated
from billing.yaml_reader import Reader

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


def parse_tax(reader: Reader, root: Node | None) -> TaxRules:
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
