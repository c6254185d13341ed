"""Owns how rule files say for whom a value is: conditions, clauses and reductions."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar, cast, get_args

from yaml.nodes import MappingNode, Node, SequenceNode

from billing.rulebook.programme import Clause, Combine, Condition, Fact, Reduction
from billing.rulebook.yaml_reader import RuleReader
from metering.registry.records import OrgType, Size

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
        any_of = _conditions(reader, fields.get("any_of"))
        reductions.append(Reduction(name, reader.text(fields.get("title")), any_of, factor))
    return tuple(reductions)


def read_combine(reader: RuleReader, node: Node | None, reductions: Node | None) -> Combine:
    """What several reductions of one company come to; it must be said where there are several."""
    if node is None:
        if isinstance(reductions, SequenceNode) and len(reductions.value) > 1:
            reader.wrong(reductions, "there are several; say combine: multiply, or combine: best")
        return "multiply"

    def choice(value: Node | None) -> Combine:
        return cast(Combine, reader.choice(value, ("multiply", "best")))

    return reader.sourced(node, choice)
