"""Owns what a price is: a SKU's won per unit, from a day on, exact."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal, cast

from yaml.nodes import Node

from billing.records import TaxClass
from billing.rulebook.dated import Dated
from billing.rulebook.yaml_reader import RuleReader

PriceUnit = Literal["device_hour", "gb_month", "gib_month", "gb_hour", "gib_hour", "gb", "krw"]
Basis = Literal["held", "busy"]

SECONDS_OF_HOUR = 3600
DEVICE_US_OF_HOUR = 3_600_000_000
GB_OF_MIB = Fraction(2**20, 10**9)
GIB_OF_MIB = Fraction(1, 1024)

# The unit that usage is counted in, for each unit that a price may name.
USAGE_UNITS: dict[PriceUnit, str] = {
    "device_hour": "device_us",
    "gb_month": "mib_s",
    "gib_month": "mib_s",
    "gb_hour": "mib_s",
    "gib_hour": "mib_s",
    "gb": "mib_s",  # traffic is no level: its readings are gb_hour, a GB sent is held for an hour
    "krw": "krw",  # a sum that is worked out, such as capacity paid for and not used
}


@dataclass(frozen=True, slots=True)
class Price:
    """One SKU: its unit, what it counts (held or busy time), its tax class and won by day."""

    sku: str
    title: str
    file: str
    unit: PriceUnit
    basis: Basis
    tax_class: Dated[TaxClass]
    krw: Dated[Decimal]

    @property
    def usage_unit(self) -> str:
        """The unit of usage that this price takes."""
        return USAGE_UNITS[self.unit]

    def on(self, day: date) -> Decimal:
        """Won per unit on a day; raises NoValueError where there is none."""
        return self.krw.on(day)

    def units_of_one(self, seconds_in_month: int) -> Fraction:
        """How much of the price's unit one unit of usage is (one device_us, or one mib_s)."""
        match self.unit:
            case "device_hour":
                return Fraction(1, DEVICE_US_OF_HOUR)
            case "gb_month":
                return GB_OF_MIB / seconds_in_month
            case "gib_month":
                return GIB_OF_MIB / seconds_in_month
            case "krw":
                return Fraction(1)
            case "gb_hour" | "gb":
                return GB_OF_MIB / SECONDS_OF_HOUR
            case "gib_hour":
                return GIB_OF_MIB / SECONDS_OF_HOUR


def parse_price(reader: RuleReader, root: Node | None) -> Price:
    """The price that a file of rules/prices says."""
    fields = reader.keys(
        root, ("sku", "title", "unit", "tax_class", "price_krw"), ("basis", "month")
    )
    sku = reader.text(fields.get("sku"))
    if "sku" in fields and not reader.file.endswith(f"/{sku}.yaml"):
        reader.wrong(fields["sku"], f"the file of {sku} is named {sku}.yaml")
    unit = cast(PriceUnit, reader.choice(fields.get("unit"), tuple(USAGE_UNITS)))
    if unit.endswith("_month"):
        if "month" not in fields:
            reader.wrong(root, f"{unit} needs month: calendar_month")
        reader.choice(fields.get("month"), ("calendar_month",))
    elif "month" in fields:
        reader.wrong(fields["month"], f"{unit} has no month")
    basis = "held"
    if "basis" in fields:
        basis = reader.choice(fields["basis"], ("held", "busy"))
        if basis == "busy" and unit != "device_hour":
            reader.wrong(fields["basis"], "only device hours can be billed by busy time")

    def tax_class(node: Node | None) -> TaxClass:
        return cast(TaxClass, reader.choice(node, ("taxable", "exempt")))

    return Price(
        sku=sku,
        title=reader.printed(fields.get("title")),
        file=reader.file,
        unit=unit,
        basis=cast(Basis, basis),
        tax_class=reader.dated(fields.get("tax_class"), "tax_class", tax_class),
        krw=reader.dated(fields.get("price_krw"), "price_krw", reader.amount),
    )
