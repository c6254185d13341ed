"""A message as it is shown in another language than the record's: errors, which are English, in
Korean; findings, which are Korean, in English.

The text of the record is what is raised and stored; this changes nothing of that. Which template it
was made from is recognised in it. What no template matches stays as it is, and so does each value
that is no message itself."""

import re
from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from pkgutil import iter_modules
from typing import Final, NamedTuple

from reports.wording.labels import MONTH_STATES

# What stands between messages that were put together (a place and what is wrong, sentences, lists):
# where to split, and what to put there again.
BETWEEN: Final = ((": ", ": "), ("; ", "; "), (r"\. ", ". "), (r"(?<=\.) ", " "), (", ", ", "))
CACHED_MAX: Final = 10_000  # texts
SPLITS_MAX: Final = 12  # places of one kind up to which each is tried as the only one
VALUES: Final[Mapping[str, Mapping[str, str]]] = {"month_state": MONTH_STATES}  # words of records
# Of places that would else match what is no value of theirs.
PATTERNS: Final = dict.fromkeys(("row", "hours", "hundredths", "seconds"), r"[\d,]+")
PLACE: Final = re.compile(r"\{\{|\}\}|\{(\w+)\}")


class Shown(NamedTuple):
    """A text as it is shown, and how many of its letters templates account for."""

    known: int
    text: str


class Template:
    """One entry of the catalogue; its pattern is made when a text may match."""

    def __init__(self, recorded: str, shown: str) -> None:
        self.shown = shown
        self._parts = _parts(recorded)
        literals = [part for part, name in self._parts if not name]
        self.size = sum(len(literal) for literal in literals)
        self._longest = max(literals, key=len)
        self._pattern: re.Pattern[str] | None = None

    def values(self, text: str) -> dict[str, str] | None:
        """What stands at its places in a text; None where the text is not of this template."""
        if self._longest not in text:
            return None
        if self._pattern is None:
            self._pattern = re.compile(_pattern(self._parts))
        match = self._pattern.fullmatch(text)
        return match.groupdict() if match else None


class Catalogue:
    """Templates of messages with how they are shown, out of all modules of a folder."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._cached: dict[str, Shown] = {}

    def shown(self, text: str) -> str:
        """A message as it is shown, line by line, the blanks around a line as they are."""
        return "\n".join(self._line(line) for line in text.split("\n"))

    @cached_property
    def entries(self) -> dict[str, str]:
        """Every template with how it is shown."""
        together: dict[str, str] = {}
        folder = import_module(self._folder)
        for module in iter_modules(folder.__path__):
            together |= import_module(f"{self._folder}.{module.name}").MESSAGES
        return together

    @cached_property
    def _templates(self) -> list[Template]:
        """Those with most letters first, so that of two that match as well the nearer is taken."""
        templates = [Template(recorded, shown) for recorded, shown in self.entries.items()]
        return sorted(templates, key=lambda template: -template.size)

    def _line(self, line: str) -> str:
        text = line.strip()
        return line.replace(text, self._best(text).text) if text else line

    def _best(self, text: str) -> Shown:
        """The reading of a text that most letters speak for: by one template and its values, or as
        several messages put together."""
        if text in self._cached:
            return self._cached[text]
        best = Shown(0, text)
        for template in self._templates:
            values = template.values(text)
            if values is not None:
                best = _better(best, self._by_template(template, values))
        for split, joined in BETWEEN:
            parts = re.split(split, text)
            if len(parts) > 1:
                best = _better(best, self._in_parts(parts, joined))
        if len(self._cached) >= CACHED_MAX:
            self._cached.clear()
        self._cached[text] = best
        return best

    def _by_template(self, template: Template, values: Mapping[str, str]) -> Shown:
        known, shown = template.size, {}
        for name, value in values.items():
            text = value.strip()
            if name in VALUES or not text:
                shown[name] = VALUES.get(name, {}).get(value, value)
                continue
            best = self._best(text)
            known += best.known
            shown[name] = value.replace(text, best.text)
        return Shown(known, filled(template.shown, shown))

    def _in_parts(self, parts: list[str], joined: str) -> Shown:
        """A text as what stands on both sides of one place; of very many, as all of its parts."""
        if len(parts) > SPLITS_MAX:
            each = [self._best(part) for part in parts]
            return Shown(sum(e.known for e in each), joined.join(e.text for e in each))
        best = Shown(0, joined.join(parts))
        for at in range(1, len(parts)):
            before, after = (self._best(joined.join(half)) for half in (parts[:at], parts[at:]))
            both = Shown(before.known + after.known, f"{before.text}{joined}{after.text}")
            best = _better(best, both)
        return best


KOREAN: Final = Catalogue("reports.wording.messages")
ENGLISH: Final = Catalogue("reports.wording.english")


def korean(text: str) -> str:
    """A message of the record in Korean; what is Korean already stays."""
    return KOREAN.shown(text)


def english(text: str) -> str:
    """A message of the record in English; what is English already stays."""
    return ENGLISH.shown(text)


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template with its values; doubled braces are single ones."""
    return PLACE.sub(lambda place: values[place[1]] if place[1] else place[0][0], template)


def _better(best: Shown, other: Shown) -> Shown:
    return other if other.known > best.known else best


def _parts(template: str) -> list[tuple[str, str]]:
    """A template as literals (text, "") and places ("", name), in their order."""
    parts: list[tuple[str, str]] = []
    literal, end = "", 0
    for place in PLACE.finditer(template):
        literal += template[end : place.start()]
        end = place.end()
        if place[1]:
            parts += [(literal, ""), ("", place[1])]
            literal = ""
        else:
            literal += place[0][0]
    return [*parts, (literal + template[end:], "")]


def _pattern(parts: list[tuple[str, str]]) -> str:
    """A value stands at a place, and the same one where the name stands again."""
    seen: set[str] = set()
    pattern = ""
    for literal, name in parts:
        pattern += (
            re.escape(literal)
            if not name
            else f"(?P={name})"
            if name in seen
            else (f"(?P<{name}>{PATTERNS.get(name, '.*?')})")
        )
        seen.add(name)
    return pattern
