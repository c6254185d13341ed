"""A message as it is shown in Korean: the template that it was made from is recognised in it.

The English text is what is raised and stored; this changes nothing of that. What no template
matches stays as it is, and so does each value that is no message itself."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import import_module
from typing import Final, NamedTuple

from reports.wording.labels import MONTH_STATES

MODULES: Final = (
    "close_and_adjust", "commands", "files_and_times", "lake_and_database", "ledger_and_payment",
    "proof_and_reports", "registry", "rules", "site_settings", "slurm_and_storage",
    "tables_and_clouds", "telemetry", "usage_errors",
)  # fmt: skip
# What stands between messages that were put together: a place and what is wrong, sentences, lists.
BETWEEN: Final = (": ", "; ", ". ", ", ")
SPLITS_MAX: Final = 12  # places of one kind up to which each is tried as the only one
VALUES: Final[Mapping[str, Mapping[str, str]]] = {"month_state": MONTH_STATES}  # words of records
PATTERNS: Final = {"row": r"\d+"}  # of places that would else match what is no value of theirs
PLACE: Final = re.compile(r"\{\{|\}\}|\{(\w+)\}")


class Shown(NamedTuple):
    """A text as it is shown, and how many of its letters templates account for."""

    known: int
    text: str


class Template:
    """One entry of the catalogue; its pattern is made when a text may match."""

    def __init__(self, english: str, korean: str) -> None:
        self.korean = korean
        parts = _parts(english)
        self.literals = [part for part, name in parts if not name]
        self.size = sum(len(literal) for literal in self.literals)
        self._parts = parts
        self._longest = max(self.literals, key=len, default="")
        self._pattern: re.Pattern[str] | None = None

    def values(self, text: str) -> dict[str, str] | None:
        """What stands at its places in a text; None where the text is not of this template."""
        if self._longest not in text:
            return None
        if self._pattern is None:
            self._pattern = re.compile(_pattern(self._parts))
        match = self._pattern.fullmatch(text)
        return match.groupdict() if match else None


def korean(text: str) -> str:
    """A message in Korean, line by line."""
    return "\n".join(_line(line) for line in text.split("\n"))


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template with its values; doubled braces are single ones."""
    return PLACE.sub(lambda place: values[place[1]] if place[1] else place[0][0], template)


@cache
def catalogue() -> dict[str, str]:
    """Every English template with its Korean one."""
    together: dict[str, str] = {}
    for name in MODULES:
        together |= import_module(f"reports.wording.messages.{name}").MESSAGES
    return together


@cache
def _templates() -> list[Template]:
    """Those with most letters first, so that of two that match as well the nearer is taken."""
    templates = [Template(english, shown) for english, shown in catalogue().items()]
    return sorted(templates, key=lambda template: -template.size)


def _line(line: str) -> str:
    """A line, the blanks around it as they are."""
    text = line.strip()
    return line.replace(text, _best(text).text) if text else line


@lru_cache(maxsize=4096)
def _best(text: str) -> Shown:
    """The reading of a text that most letters speak for: by one template and its values, or as
    several messages put together."""
    best = Shown(0, text)
    for template in _templates():
        values = template.values(text)
        if values is not None:
            best = max(best, _by_template(template, values), key=lambda shown: shown.known)
    for between in BETWEEN:
        if between in text:
            best = max(best, _in_parts(text, between), key=lambda shown: shown.known)
    return best


def _by_template(template: Template, values: Mapping[str, str]) -> Shown:
    known, shown = template.size, {}
    for name, value in values.items():
        if name in VALUES:
            shown[name] = VALUES[name].get(value, value)
            continue
        blank = value[: len(value) - len(value.lstrip())]
        best = _best(value.strip())
        known += best.known
        shown[name] = blank + best.text if value.strip() else value
    return Shown(known, filled(template.korean, shown))


def _in_parts(text: str, between: str) -> Shown:
    """A text as what stands on both sides of one place; of very many, as all of its parts."""
    parts = text.split(between)
    if len(parts) > SPLITS_MAX:
        each = [_best(part) for part in parts]
        return Shown(sum(e.known for e in each), between.join(e.text for e in each))
    best = Shown(0, text)
    for at in range(1, len(parts)):
        before, after = (_best(between.join(half)) for half in (parts[:at], parts[at:]))
        both = Shown(before.known + after.known, f"{before.text}{between}{after.text}")
        best = max(best, both, key=lambda shown: shown.known)
    return best


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
