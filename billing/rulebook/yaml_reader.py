"""Owns how a rule file is read: strictly, with every mistake kept at its file and line."""

import re
from collections.abc import Callable, Collection
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeVar

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from billing.rulebook.dated import Dated, Origin, Step
from metering.errors import Mistake
from metering.printed_letters import unprinted
from metering.yaml_loader import DEEP, PlainLoader, too_deep

T = TypeVar("T")

DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
INTEGER = re.compile(r"0|[1-9][0-9]*")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
NOT_TEXT = re.compile(r"[-+.0-9][-+.0-9:eE_]*|true|false|null|~|yes|no|on|off|", re.IGNORECASE)


class _Mark(Protocol):
    line: int


def _line(mark: _Mark | None) -> int:
    """The line of a mark, counted from one."""
    return mark.line + 1 if mark is not None else 1


class RuleReader:
    """Reads one file. A mistake is recorded and a stand-in of the right type is returned, so that
    reading goes on; whoever reads must raise the mistakes before anything is used."""

    def __init__(self, file: str, mistakes: list[Mistake]) -> None:
        self.file = file
        self.mistakes = mistakes

    def wrong(self, node: Node | None, message: str) -> None:
        """Records what is wrong at a node."""
        self._wrong_at(_line(node.start_mark) if node is not None else 1, message)

    def root(self, text: str) -> Node | None:
        """The document's root; None when it is not YAML, or uses what rule files must not use."""
        try:
            if line := too_deep(yaml.parse(text, Loader=PlainLoader)):
                self._wrong_at(line, DEEP)
                return None
            for event in yaml.parse(text, Loader=PlainLoader):
                if getattr(event, "anchor", None) or isinstance(event, yaml.AliasEvent):
                    self._wrong_at(_line(event.start_mark), "write it out; no anchors")
                    return None
                if getattr(event, "tag", None):
                    self._wrong_at(_line(event.start_mark), "no tags; write the plain value")
                    return None
            node = yaml.compose(text, Loader=PlainLoader)
        except yaml.MarkedYAMLError as error:
            self._wrong_at(_line(error.problem_mark), f"not YAML: {error.problem}")
            return None
        except ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            self._wrong_at(line, f"not YAML: the character U+{error.character:04X} has to go")
            return None
        if node is None:
            self._wrong_at(1, "the file is empty")
        return node

    def _wrong_at(self, line: int, message: str) -> None:
        self.mistakes.append(Mistake(f"{self.file}:{line}", message))

    def entries(self, node: Node | None) -> list[tuple[ScalarNode, Node]]:
        """The keys and values of a mapping, each key once."""
        if node is None:
            return []
        if not isinstance(node, MappingNode):
            self.wrong(node, "expected keys and values here")
            return []
        seen: dict[str, int] = {}
        pairs = []
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.wrong(key, "a key is a plain word")
            elif key.value in seen:
                self.wrong(key, f"{key.value} is already on line {seen[key.value]}; keep one")
            else:
                seen[key.value] = key.start_mark.line + 1
                pairs.append((key, value))
        return pairs

    def keys(
        self, node: Node | None, required: Collection[str], optional: Collection[str] = ()
    ) -> dict[str, Node]:
        """The values of a mapping by key; unknown and missing keys are mistakes."""
        values: dict[str, Node] = {}
        for key, value in self.entries(node):
            if key.value in required or key.value in optional:
                values[key.value] = value
            else:
                known = ", ".join([*required, *optional])
                self.wrong(key, f"unknown key {key.value}; known here: {known}")
        if isinstance(node, MappingNode):
            for name in required:
                if name not in values and all(key.value != name for key, _ in node.value):
                    self.wrong(node, f"{name} is missing")
        return values

    def sequence(self, node: Node | None) -> list[Node]:
        """The members of a list."""
        if node is None:
            return []
        if not isinstance(node, SequenceNode):
            self.wrong(node, "expected a list here")
            return []
        return list(node.value)

    def _scalar(self, node: Node | None, what: str) -> ScalarNode | None:
        if node is None:
            return None
        if not isinstance(node, ScalarNode):
            self.wrong(node, f"expected {what} here")
            return None
        return node

    def text(self, node: Node | None) -> str:
        """Text that is not empty; what YAML would take for something else must be quoted."""
        scalar = self._scalar(node, "text")
        if scalar is None:
            return ""
        if not scalar.value.strip():
            self.wrong(scalar, "expected text here, found nothing")
        elif not scalar.style and NOT_TEXT.fullmatch(scalar.value):
            self.wrong(scalar, f'write "{scalar.value}" in quotes, if it is meant as text')
        return str(scalar.value)

    def printed(self, node: Node | None) -> str:
        """Text that stands in documents."""
        text = self.text(node)
        if node is not None and (problem := unprinted(text)):
            self.wrong(node, problem)
        return text

    def texts(self, node: Node | None) -> tuple[str, ...]:
        """A list of texts, each once."""
        texts = tuple(self.text(member) for member in self.sequence(node))
        if node is not None and len(set(texts)) != len(texts):
            self.wrong(node, "the list names something twice")
        return texts

    def choice(self, node: Node | None, choices: Collection[str]) -> str:
        """One of the listed words."""
        scalar = self._scalar(node, "a word")
        if scalar is None:
            return next(iter(choices))
        if scalar.value not in choices:
            self.wrong(scalar, f"{scalar.value} is none of {', '.join(choices)}")
        return str(scalar.value)

    def decimal(self, node: Node | None) -> Decimal:
        """An exact decimal; it must be quoted, so that no reader of YAML makes it a float."""
        scalar = self._scalar(node, "a decimal")
        if scalar is None:
            return Decimal(0)
        if not scalar.value:
            self.wrong(scalar, 'expected a decimal such as "0.70", found nothing')
            return Decimal(0)
        if scalar.style not in ("'", '"'):
            self.wrong(scalar, f'write "{scalar.value}" in quotes, so that it stays exact')
            return Decimal(0)
        if not DECIMAL.fullmatch(scalar.value):
            self.wrong(scalar, f'"{scalar.value}" is not a plain decimal such as "0.70"')
            return Decimal(0)
        return Decimal(scalar.value)

    def amount(self, node: Node | None) -> Decimal:
        """An exact decimal that is not negative."""
        value = self.decimal(node)
        if value < 0:
            self.wrong(node, f"{value} is negative")
        return value

    def fraction(self, node: Node | None) -> Decimal:
        """A share from 0 to 1, as an exact decimal."""
        value = self.decimal(node)
        if not 0 <= value <= 1:
            self.wrong(node, f"{value} is not a share from 0 to 1")
        return value

    def whole_krw(self, node: Node | None) -> int:
        """An amount in whole won, quoted."""
        value = self.amount(node)
        if value != value.to_integral_value():
            self.wrong(node, f"{value} is not whole won")
        return int(value)

    def integer(self, node: Node | None) -> int:
        """A plain whole number without quotes; 010, 1_000 and 1.0 are refused."""
        scalar = self._scalar(node, "a whole number")
        if scalar is None:
            return 0
        if scalar.style or not INTEGER.fullmatch(scalar.value):
            self.wrong(scalar, f"{scalar.value} is not a whole number such as 10, without quotes")
            return 0
        return int(scalar.value)

    def boolean(self, node: Node | None) -> bool:
        """true or false; yes, no, on and off are refused."""
        return self.choice(node, ("true", "false")) == "true"

    def day(self, node: Node | None) -> date:
        """A day as 2025-03-01, without quotes."""
        scalar = self._scalar(node, "a day")
        if scalar is None:
            return date.min
        try:
            if scalar.style or not DAY.fullmatch(scalar.value):
                raise ValueError
            return date.fromisoformat(scalar.value)
        except ValueError:
            self.wrong(scalar, f"{scalar.value} is not a day such as 2025-03-01, without quotes")
            return date.min

    def origin(self, fields: dict[str, Node], node: Node | None) -> Origin:
        """Who says so: reference, assumed or derived; a value without any is a mistake."""
        if node is not None and not fields.keys() & {"reference", "assumed", "derived"}:
            self.wrong(node, "say where it comes from: reference, or assumed or derived and why")
        if {"reference", "assumed"} <= fields.keys():
            self.wrong(node, "either found (reference) or assumed, not both")
        reference = self.keys(fields.get("reference"), ("title",), ("href",))
        return Origin(
            title=self.text(reference.get("title")),
            href=self.text(reference.get("href")),
            assumed=self.text(fields.get("assumed")),
            derived=self.text(fields.get("derived")),
            announced=self.day(fields["announced"]) if "announced" in fields else None,
        )

    def sourced(self, node: Node | None, parse: Callable[[Node | None], T]) -> T:
        """A value that never changes, with who says so."""
        fields = self.keys(node, ("value",), ("reference", "assumed", "derived"))
        self.origin(fields, node)
        return parse(fields.get("value"))

    def dated(self, node: Node | None, key: str, parse: Callable[[Node | None], T]) -> Dated[T]:
        """A value by the day it starts, days ascending; null ends it."""
        steps: list[Step[T]] = []
        for at, entry in self.entries(node):
            start = self.day(at)
            if steps and start <= steps[-1].start and start != date.min:
                self.wrong(at, f"{start} is not after {steps[-1].start}; list days in order")
            fields = self.keys(entry, ("value",), ("announced", "reference", "assumed", "derived"))
            value = fields.get("value")
            empty = isinstance(value, ScalarNode) and not value.style and value.value == "null"
            steps.append(Step(start, None if empty else parse(value), self.origin(fields, entry)))
        if isinstance(node, MappingNode) and not node.value:
            self.wrong(node, "no day is listed")
        return Dated(self.file, key, tuple(steps))
