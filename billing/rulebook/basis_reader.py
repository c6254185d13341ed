"""Owns how a programme file says what the company pays: one key for each shape."""

from dataclasses import replace
from typing import Literal, cast

from yaml.nodes import Node

from billing.rulebook.clause_reader import read_clauses
from billing.rulebook.programme import (
    Basis,
    CapacitySize,
    FeeUnit,
    FlatFee,
    ShareOfCharge,
    ShareOfMarket,
)
from billing.rulebook.yaml_reader import RuleReader

# The key that says what the company pays, by the word for the shape.
KEYS = {
    "share_of_charge": "company_share",
    "share_of_market": "market_share",
    "flat_fee": "flat_fee",
}


def read_basis(reader: RuleReader, root: Node | None, fields: dict[str, Node]) -> Basis:
    """The shape that `basis` names, out of its own key; keys of other shapes are mistakes."""
    word = reader.choice(fields.get("basis"), tuple(KEYS))
    wanted = KEYS.get(word, "")
    for key in KEYS.values() if wanted else ():
        if key == wanted and key not in fields:
            reader.wrong(root, f"{key} is missing")
        elif key != wanted and key in fields:
            reader.wrong(fields[key], f"{key} is for another basis; {word} has {wanted}")
    node = fields.get(wanted)
    match word:
        case "share_of_market":
            return ShareOfMarket(read_clauses(reader, node, wanted, reader.fraction))
        case "flat_fee":
            return _flat_fee(reader, node)
        case _:
            return ShareOfCharge(read_clauses(reader, node, wanted, reader.fraction))


def _flat_fee(reader: RuleReader, node: Node | None) -> FlatFee:
    fields = reader.keys(node, ("unit", "ceiling", "unused_sku", "bundles"))

    def unit(value: Node | None) -> FeeUnit:
        return cast(FeeUnit, reader.choice(value, ("pf", "devices")))

    def ceiling(value: Node | None) -> Literal["concurrent", "hours"]:
        word = reader.choice(value, ("concurrent", "hours"))
        return cast(Literal["concurrent", "hours"], word)

    bundles = [_bundle(reader, member) for member in reader.sequence(fields.get("bundles"))]
    if "bundles" in fields and not bundles:
        reader.wrong(fields["bundles"], "list at least one size and its fee")
    return FlatFee(
        unit=reader.sourced(fields.get("unit"), unit),
        ceiling=reader.sourced(fields.get("ceiling"), ceiling),
        unused_sku=reader.text(fields.get("unused_sku")),
        bundles=_numbered(bundles),
    )


def _bundle(reader: RuleReader, node: Node | None) -> CapacitySize:
    fields = reader.keys(node, ("size", "krw_per_month"), ("most",))
    size = reader.sourced(fields.get("size"), reader.amount)
    if "size" in fields and size == 0:
        reader.wrong(fields["size"], "a size is more than 0")
    most = reader.sourced(fields["most"], reader.integer) if "most" in fields else None
    fee = read_clauses(reader, fields.get("krw_per_month"), "krw_per_month", reader.amount)
    return CapacitySize(size, most, fee)


def _numbered(bundles: list[CapacitySize]) -> tuple[CapacitySize, ...]:
    """Clauses are counted through all bundles, so that a number names one of them."""
    capacity_sizes, number = [], 0
    several = sum(len(bundle.clauses) for bundle in bundles) > 1
    for bundle in bundles:
        clauses = []
        for clause in bundle.clauses:
            number += 1
            key = f"krw_per_month#{number}" if several else clause.value.key
            value = replace(clause.value, key=key)
            clauses.append(replace(clause, value=value, number=number if several else 0))
        capacity_sizes.append(replace(bundle, clauses=tuple(clauses)))
    return tuple(capacity_sizes)
