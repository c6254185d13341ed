"""Owns how a programme file says its parts: for whom a value is, what the company pays, and what
its awards may be."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Literal, TypeVar, cast, get_args

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from billing.rulebook.programme import (
    AwardConditions,
    AwardSize,
    Basis,
    CapacitySize,
    Clause,
    Combine,
    Condition,
    Fact,
    FeeUnit,
    FlatFee,
    Reduction,
    ShareOfCharge,
    ShareOfMarket,
)
from billing.rulebook.yaml_reader import RuleReader
from metering.registry.records import QUOTA_UNITS, SWAPPED_UNIT, OrgType, QuotaUnit, Size

# The key that says what the company pays, by the word for the shape.
SHAPE_KEYS = {
    "share_of_charge": "company_share",
    "share_of_market": "market_share",
    "flat_fee": "flat_fee",
}
FACTS = ("org_type", "size", "place", "youth", "relocated")
KNOWN: dict[str, tuple[str, ...]] = {
    "org_type": get_args(OrgType),
    "size": get_args(Size),
    "youth": ("yes", "no"),
    "relocated": ("yes", "no"),
}
T = TypeVar("T")


def read_eligible(reader: RuleReader, node: Node | None) -> tuple[Condition, ...]:
    """Every condition must be met; each with who says so."""
    fields = reader.keys(node, (), FACTS)
    return tuple(
        Condition(cast(Fact, fact), reader.sourced(value, partial(_values, reader, fact)))
        for fact, value in fields.items()
    )


def read_clauses(
    reader: RuleReader, node: Node | None, key: str, parse: Callable[[Node | None], T]
) -> tuple[Clause[T], ...]:
    """A value by day for everybody, or a list of clauses, each with `for` and the value by day."""
    if not isinstance(node, SequenceNode):
        return (Clause((), reader.dated(node, key, parse)),)
    clauses: list[Clause[T]] = []
    for number, member in enumerate(node.value, 1):
        fields = reader.keys(member, ("by_day",), ("for",))
        if clauses and not clauses[-1].who:
            reader.wrong(member, "no one is left for it; a clause without `for` comes last")
        who = _conditions(reader, fields.get("for"))
        value = reader.dated(fields.get("by_day"), f"{key}#{number}", parse)
        clauses.append(Clause(who, value, number))
    if not clauses:
        reader.wrong(node, f"{key} has no clause; list one, or give its value by day")
    return tuple(clauses)


def _conditions(reader: RuleReader, node: Node | None) -> tuple[Condition, ...]:
    """Conditions that stand beside a value, which says where they come from."""
    conditions = reader.keys(node, (), FACTS)
    if isinstance(node, MappingNode) and not conditions:
        reader.wrong(node, "name at least one condition")
    return tuple(
        Condition(cast(Fact, fact), _values(reader, fact, value))
        for fact, value in conditions.items()
    )


def _values(reader: RuleReader, fact: str, node: Node | None) -> tuple[str, ...]:
    """The values that meet a condition; those that no company can have are mistakes."""
    values = reader.texts(node)
    for value in values:
        if fact in KNOWN and value not in KNOWN[fact]:
            reader.wrong(node, f"{value} is none of {', '.join(KNOWN[fact])}")
    return values


def read_reductions(reader: RuleReader, node: Node | None) -> tuple[Reduction, ...]:
    """The reductions of a programme, in the order of its file."""
    reductions: list[Reduction] = []
    for member in reader.sequence(node):
        fields = reader.keys(member, ("id", "title", "any_of", "factor"))
        name = reader.text(fields.get("id"))
        if name in {reduction.name for reduction in reductions}:
            reader.wrong(member, f"reduction {name} is already there")
        factor = reader.dated(fields.get("factor"), f"reduction {name}", reader.fraction)
        any_of = _any_of(reader, fields.get("any_of"))
        reductions.append(Reduction(name, reader.printed(fields.get("title")), any_of, factor))
    return tuple(reductions)


def _any_of(reader: RuleReader, node: Node | None) -> tuple[tuple[Condition, ...], ...]:
    """A list of clauses, of which all conditions are met; or conditions of which one is, each a
    clause of its own."""
    if not isinstance(node, SequenceNode):
        return tuple((condition,) for condition in _conditions(reader, node))
    if not node.value:
        reader.wrong(node, "name at least one condition")
    return tuple(_conditions(reader, member) for member in node.value)


def read_combine(reader: RuleReader, node: Node | None, reductions: Node | None) -> Combine:
    """What several reductions of one company come to; it must be said where there are several."""
    if node is None:
        if isinstance(reductions, SequenceNode) and len(reductions.value) > 1:
            reader.wrong(reductions, "there are several; say combine: multiply, or combine: best")
        return "multiply"

    def choice(value: Node | None) -> Combine:
        return cast(Combine, reader.choice(value, ("multiply", "best")))

    return reader.sourced(node, choice)


def read_basis(reader: RuleReader, root: Node | None, fields: dict[str, Node]) -> Basis:
    """The shape that `basis` names, out of its own key; keys of other shapes are mistakes."""
    word = reader.choice(fields.get("basis"), tuple(SHAPE_KEYS))
    wanted = SHAPE_KEYS.get(word, "")
    for key in SHAPE_KEYS.values() if wanted else ():
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


def read_award_conditions(reader: RuleReader, node: Node | None) -> AwardConditions:
    """How many awards at once, how long, of which sizes, referred by whom; any may be open."""
    if node is None:
        return AwardConditions()
    fields = reader.keys(
        node, (), ("number", "months", "periods", "sizes", "other_units", "referrers")
    )
    if not fields:
        reader.wrong(node, "name at least one of number, months, periods, sizes, referrers")
    number, months = fields.get("number"), fields.get("months")
    sizes, referrers = reader.sequence(fields.get("sizes")), fields.get("referrers")
    if "sizes" in fields and not sizes:
        reader.wrong(fields["sizes"], "list at least one size")

    def positive(value: Node | None) -> int:
        count = reader.integer(value)
        if value is not None and count == 0:
            reader.wrong(value, "it is at least 1")
        return count

    def months_of(value: Node | None) -> tuple[int, ...]:
        return tuple(positive(member) for member in reader.sequence(value))

    def bodies(value: Node | None) -> tuple[str, ...]:
        names = reader.texts(value)
        if value is not None and not names:
            reader.wrong(value, "list at least one body that refers companies")
        return names

    return AwardConditions(
        number=reader.dated(number, "seats", reader.integer) if number else None,
        months=reader.sourced(months, positive) if months else None,
        periods=reader.sourced(fields["periods"], months_of) if "periods" in fields else (),
        other_units=(
            reader.sourced(fields["other_units"], reader.boolean)
            if "other_units" in fields
            else False
        ),
        sizes=tuple(_award_size(reader, member) for member in sizes),
        referrers=reader.sourced(referrers, bodies) if referrers else (),
    )


def read_quota_unit(reader: RuleReader, node: Node | None) -> QuotaUnit:
    """The unit of a quota; cards may be counted by a table of equals: device_hours:TABLE."""
    if isinstance(node, ScalarNode) and SWAPPED_UNIT.fullmatch(node.value):
        return str(node.value)
    return reader.choice(node, QUOTA_UNITS)


def _award_size(reader: RuleReader, node: Node | None) -> AwardSize:
    fields = reader.keys(node, ("unit", "size"), ("most",))
    size = reader.sourced(fields.get("size"), reader.amount)
    if "size" in fields and size == 0:
        reader.wrong(fields["size"], "a size is more than 0")
    return AwardSize(
        unit=read_quota_unit(reader, fields.get("unit")),
        size=size,
        most=reader.sourced(fields["most"], reader.integer) if "most" in fields else None,
    )
